"""New publication: a form that is judged while it is filled in, and queued once however often it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request, Response

from ytempire.bootstrap.serving import Serving
from ytempire.domain.accounts import Account
from ytempire.domain.callers import Caller, Role
from ytempire.domain.drafts import Draft, read
from ytempire.domain.metadata import DESCRIPTION_BYTES, TAG_CHARACTERS, TITLE_CHARACTERS, counted_tags
from ytempire.domain.publication import PRIORITIES, License, Privacy
from ytempire.domain.quota_day import PACIFIC
from ytempire.domain.values import Refusal, Refused
from ytempire.entrypoints.http.doors import Here, Who, needs
from ytempire.entrypoints.http.pages.page import done, form, page, pages

router = pages()
_SUBMITTER = needs(Role.SUBMITTER)
_NO_FILE = "-"
_MOMENTS = ("publish_at", "not_before", "deadline")
_EMPTY: Mapping[str, str] = {
    "file": "", "file_name": "", "title": "", "description": "", "tags": "", "category": "22", "language": "",
    "privacy": "private", "publish_at": "", "made_for_kids": "", "synthetic_media": "", "license": "youtube",
    "notify_subscribers": "true", "thumbnail": "", "captions": "", "playlists": "", "priority": "5",
    "not_before": "", "deadline": "", "target": "", "idempotency_key": "", "again": "",
}  # fmt: skip
_FILE_MISSING = Refusal("file", "file_missing", "no video file is chosen", "choose one")
_CATEGORIES = {
    "1": "Film & Animation", "2": "Autos & Vehicles", "10": "Music", "15": "Pets & Animals", "17": "Sports",
    "19": "Travel & Events", "20": "Gaming", "22": "People & Blogs", "23": "Comedy", "24": "Entertainment",
    "25": "News & Politics", "26": "Howto & Style", "27": "Education", "28": "Science & Technology",
    "29": "Nonprofits & Activism",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Count:
    """How much of a limit is used."""

    name: str
    used: int
    limit: int
    unit: str


@router.get("/publications/new", openapi_extra=_SUBMITTER)
async def new(request: Request, serving: Here, caller: Who) -> Response:
    """The empty form."""
    key = serving.acting.context.clock.new_id("form")
    return await _form(request, serving, caller, {**_EMPTY, "idempotency_key": key}, None)


@router.post("/publications/new", openapi_extra=_SUBMITTER)
async def submit(request: Request, serving: Here, caller: Who) -> Response:
    """Queues it, or shows the form again with everything that is wrong."""
    given = {**_EMPTY, **await form(request)}
    draft, problems = await _read(serving, caller, given)
    submission = serving.submission(caller)
    known = problems if given["file"] else (_FILE_MISSING, *problems)
    try:
        if known:
            raise Refused(*await submission.wrong(draft, known, files=bool(given["file"])))
        stored = await submission.submit(draft)
    except Refused as refused:
        return await _form(request, serving, caller, given, refused.refusals, status=422)
    return done({}, f"/publications/{stored.id}", "submitted")


@router.post("/publications/new/check", openapi_extra=_SUBMITTER)
async def check(request: Request, serving: Here, caller: Who) -> Response:
    """The part of the form that tells how it stands, as it would be judged now; no file is looked at."""
    given = {**_EMPTY, **await form(request)}
    draft, known = await _read(serving, caller, given)
    judged = await serving.submission(caller).wrong(draft, known, files=False)
    return await page(request, "new_check.html", "new", **await _standing(serving, given, judged))


async def _read(
    serving: Serving, caller: Caller, given: Mapping[str, str]
) -> tuple[Draft, tuple[Refusal, ...]]:
    """The draft, and what of it cannot be meant. Whoever is for some accounts only must say which."""
    row = await _row(serving, caller, given)
    draft, problems = read({**row, "file": row["file"] or _NO_FILE})
    if caller.accounts is not None and draft.target.account is None:
        remedy = f"choose one of {', '.join(sorted(caller.accounts))}"
        return draft, (*problems, Refusal("account", "account_needed", "no channel is chosen", remedy))
    return draft, problems


async def _form(
    request: Request,
    serving: Serving,
    caller: Caller,
    given: Mapping[str, str],
    refusals: tuple[Refusal, ...] | None,
    *,
    status: int = 200,
) -> Response:
    wrong = {each.field: each for each in reversed(refusals or ())}
    accounts = await _accounts(serving, caller)
    return await page(
        request,
        "new.html",
        "new",
        status=status,
        given=given,
        wrong=wrong,
        accounts=accounts,
        groups=sorted({group for each in accounts for group in each.groups})
        if caller.accounts is None
        else [],
        pool=caller.accounts is None,
        playlists=sorted(serving.settings.playlists),
        privacies=list(Privacy),
        licenses=list(License),
        priorities=PRIORITIES,
        categories=_CATEGORIES,
        zone=str(PACIFIC),
        limits={
            "title": TITLE_CHARACTERS,
            "description": DESCRIPTION_BYTES,
            "tags": TAG_CHARACTERS,
            "file": serving.settings.api.max_file_bytes,
        },
        **await _standing(serving, given, refusals or ()),
    )


async def _accounts(serving: Serving, caller: Caller) -> list[Account]:
    context = serving.acting.context
    return [each for each in await context.store.accounts(context.clock.now()) if caller.sees(each.id)]


async def _standing(
    serving: Serving, given: Mapping[str, str], refusals: tuple[Refusal, ...]
) -> dict[str, Any]:
    """How the form stands: counts, everything wrong, and in one sentence each who will see it and where."""
    tags = tuple(each.strip() for each in given["tags"].split(",") if each.strip())
    return {
        "counts": (
            Count("Title", len(given["title"]), TITLE_CHARACTERS, "characters"),
            Count("Description", len(given["description"].encode()), DESCRIPTION_BYTES, "bytes"),
            Count("Tags", counted_tags(tags), TAG_CHARACTERS, "characters"),
        ),
        "refusals": refusals,
        "who": _who(given),
        "where": await _where(serving, given["target"]),
    }


def _who(given: Mapping[str, str]) -> str:
    """Who will see the video."""
    if given["publish_at"]:
        return f"Private until {given['publish_at'].replace('T', ' ')} Pacific time, then public."
    return {
        "public": "Public: everybody sees it as soon as it is processed.",
        "unlisted": "Unlisted: whoever has the link sees it.",
    }.get(given["privacy"], "Private: only the owner of the channel sees it.")


async def _where(serving: Serving, target: str) -> str:
    """On which channel it will be."""
    kind, _, name = target.partition(":")
    if kind == "group" and name:
        return f"On one channel of the group {name}, whichever is fittest then."
    if kind == "account" and name:
        context = serving.acting.context
        accounts = await context.store.accounts(context.clock.now())
        found = next((each for each in accounts if each.id == name), None)
        title = found.channel_title if found else None
        return f"On {title} ({name})." if title else f"On {name}."
    return "On the fittest channel of the pool at that time."


async def _row(serving: Serving, caller: Caller, given: Mapping[str, str]) -> dict[str, object]:
    """The form as a row of a manifest. Moments are written in Pacific time."""
    names = [name for name in _EMPTY if name not in ("target", "file_name", *_MOMENTS)]
    row: dict[str, object] = {name: given[name] for name in names}
    kind, _, name = given["target"].partition(":")
    row |= {kind: name} if kind in ("account", "group") else {}
    row |= {each: _moment(given[each]) for each in _MOMENTS if given[each]}
    row["captions"] = [each.strip() for each in given["captions"].splitlines() if each.strip()]
    if not given["title"] and given["file"]:
        sent = await serving.media(caller).name_of(given["file"])
        row["title"] = PurePosixPath(sent or given["file"]).stem
    return row


def _moment(text: str) -> datetime | str:
    """A moment in Pacific time; what cannot be read stays what it is, and is refused as that."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo(str(PACIFIC)))
