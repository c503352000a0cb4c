"""Publications: queued, listed, told with their whole story, and what a person may do with one."""

from pathlib import PurePosixPath
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Path, Query, Request
from starlette.responses import Response

from ytempire.bootstrap.serving import Serving
from ytempire.domain.amendment import Amendment
from ytempire.domain.callers import Caller, Role
from ytempire.domain.drafts import Draft as ParsedDraft
from ytempire.domain.drafts import read
from ytempire.domain.lifecycle import State
from ytempire.domain.metadata import counted_tags
from ytempire.domain.publication import Publication
from ytempire.domain.values import AccountId, PublicationId, Refusal, Refused, VideoId
from ytempire.entrypoints.http import shapes
from ytempire.entrypoints.http.answers import document, may, unchanged
from ytempire.entrypoints.http.doors import Here, Who, guarded, needs
from ytempire.entrypoints.http.problems import refusal_document
from ytempire.ports import Filter
from ytempire.services.callers_view import shown_document

router = guarded("/api/v1/publications", tags=["publications"])
Id = Annotated[PublicationId, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="The id of a publication.")]
_MOST = 500
_NO_FILE = "-"


@router.get(
    "",
    operation_id="listPublications",
    openapi_extra=needs(Role.VIEWER),
    responses=may(shapes.PublicationList),
)
async def list_publications(
    request: Request,
    serving: Here,
    caller: Who,
    state: Annotated[list[State] | None, Query(description="Only these states.")] = None,
    account: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
    before: Annotated[str | None, Query(max_length=64, description="Only those older than this one.")] = None,
) -> Response:
    """Publications, newest first. The next page is named in `Link`."""
    cursor = PublicationId(before) if before is not None else None
    wanted = Filter(
        frozenset(state or ()), AccountId(account) if account is not None else None, cursor, limit
    )
    await _answerable(serving, caller, wanted)
    found, last = await serving.view(caller).page(wanted)
    headers = {}
    if last is not None:
        query = [(name, value) for name, value in request.query_params.multi_items() if name != "before"]
        headers["Link"] = f'<{request.url.path}?{urlencode([*query, ("before", last)])}>; rel="next"'
    return document({"publications": found, "next": last}, headers=headers)


@router.post(
    "", status_code=201, operation_id="createPublication", openapi_extra=needs(Role.SUBMITTER),
    responses=may(shapes.Publication, 409, 413, 415, status=201),
)  # fmt: skip
async def create_publication(request: Request, serving: Here, caller: Who, draft: shapes.Draft) -> Response:
    """Queues a video. Durable when it is answered; everything wrong is told at once, and then nothing is queued."""
    wanted, problems = await _read(serving, caller, draft.model_dump(exclude_unset=True, exclude_none=True))
    submission = serving.submission(caller)
    if problems:
        raise Refused(*await submission.wrong(wanted, problems, files="file" in draft.model_fields_set))
    stored = await submission.submit(wanted)
    where = {"Location": f"{request.url.path}/{stored.id}"}
    return document(shown_document(stored), 201, where)


@router.post(
    "/check", operation_id="checkPublication", openapi_extra=needs(Role.SUBMITTER),
    responses=may(shapes.Check, 413, 415),
)  # fmt: skip
async def check_publication(serving: Here, caller: Who, draft: shapes.Draft) -> Response:
    """What would be refused. Queues nothing and spends nothing; without a file the rest is judged."""
    given = draft.model_dump(exclude_unset=True, exclude_none=True)
    wanted, known = await _read(serving, caller, {"file": _NO_FILE, "title": "", **given})
    problems = await serving.submission(caller).wrong(wanted, known, files="file" in given)
    counts = {
        "title_characters": len(given.get("title") or ""),
        "description_bytes": len(wanted.metadata.description.encode(errors="replace")),
        "tag_characters": counted_tags(wanted.metadata.tags),
    }
    return document(
        {"accepted": not problems, "problems": list(map(refusal_document, problems)), "counts": counts}
    )


@router.post(
    "/retry-held", operation_id="retryHeld", openapi_extra=needs(Role.OPERATOR, whole=True),
    responses=may(shapes.Retried, 409, 413, 415),
)  # fmt: skip
async def retry_held(serving: Here, caller: Who, code: shapes.Code) -> Response:
    """Puts everything that is held for one reason back to work."""
    done, refused = await serving.personal(caller.name, caller.accounts).operating.retry_held(code.reason)
    return document({"publications": list(map(shown_document, done)), "refused": list(map(str, refused))})


@router.get(
    "/{publication}", operation_id="getPublication", openapi_extra=needs(Role.VIEWER),
    responses=may(shapes.PublicationDetail, 404),
)  # fmt: skip
async def get_publication(
    serving: Here,
    caller: Who,
    publication: Id,
    before: Annotated[
        int | None, Query(ge=1, le=2**53, description="Of its story only events with a lower number.")
    ] = None,
) -> Response:
    """One publication with the newest 1,000 events of its story, and why it is on this account.

    How many are older is `earlier`; they come with `before` = the number of the first of `history`.
    """
    shown = await serving.view(caller).one(publication, before)
    return document(shown.document, headers={"ETag": shown.tag})


@router.post(
    "/{publication}/cancel", operation_id="cancelPublication", openapi_extra=needs(Role.OPERATOR),
    responses=may(shapes.Publication, 404, 409, 412),
)  # fmt: skip
async def cancel(request: Request, serving: Here, caller: Who, publication: Id) -> Response:
    """Gives it up. One that is uploading stops before its last bytes, or not at all."""
    seen = await _meant(request, serving, caller, publication)
    operating = serving.personal(caller.name, caller.accounts).operating
    return document(shown_document(await operating.cancel(publication, seen=seen)))


@router.post(
    "/{publication}/retry", operation_id="retryPublication", openapi_extra=needs(Role.OPERATOR),
    responses=may(shapes.Publication, 404, 409, 412, 413, 415),
)  # fmt: skip
async def retry(
    request: Request, serving: Here, caller: Who, publication: Id, wish: shapes.Retry | None = None
) -> Response:
    """Puts a held or deferred one back to work; one that has ended is queued anew, under another id."""
    seen = await _meant(request, serving, caller, publication)
    person = serving.personal(caller.name, caller.accounts)
    again = person.mending.retry_extras if wish is not None and wish.extras else person.operating.retry
    return document(shown_document(await again(publication, seen=seen)))


@router.post(
    "/{publication}/edit", operation_id="editPublication", openapi_extra=needs(Role.OPERATOR),
    responses=may(shapes.Publication, 404, 409, 412, 413, 415),
)  # fmt: skip
async def edit(request: Request, serving: Here, caller: Who, publication: Id, wish: shapes.Edit) -> Response:
    """Changes what a published video says of itself at YouTube; its visibility stays."""
    seen = await _meant(request, serving, caller, publication)
    tags = None if wish.tags is None else tuple(wish.tags)
    amendment = Amendment(wish.title, wish.description, tags, wish.category, wish.language)
    amending = serving.personal(caller.name, caller.accounts).amending
    return document(shown_document(await amending.amend(publication, amendment, seen=seen)))


@router.post(
    "/{publication}/resolve", operation_id="resolvePublication", openapi_extra=needs(Role.OPERATOR),
    responses=may(shapes.Publication, 404, 409, 412, 413, 415),
)  # fmt: skip
async def resolve(
    request: Request, serving: Here, caller: Who, publication: Id, decision: shapes.Resolution
) -> Response:
    """Resolves a hold: adopt a video, upload again, move it to another account, or give up."""
    seen = await _meant(request, serving, caller, publication)
    return document(shown_document(await _resolved(serving, caller, publication, decision, seen)))


@router.get(
    "/{publication}/explanation", operation_id="explainPublication", openapi_extra=needs(Role.VIEWER),
    responses=may(shapes.Explanation, 404),
)  # fmt: skip
async def explain(serving: Here, caller: Who, publication: Id) -> Response:
    """The last choice of an account: every one weighed, best first, and why the others were left out."""
    return document(await serving.view(caller).explanation(publication))


async def _answerable(serving: Serving, caller: Caller, wanted: Filter) -> None:
    """Raises `Refused` when nothing could ever be found: an account or a place in the list that there is not."""
    store, problems = serving.acting.context.store, []
    account = wanted.account
    if account is not None and not (
        caller.sees(account) and (account in serving.acting.context.projects or await store.counts(account))
    ):
        message = f"there is no account {account!r:.80}"
        problems.append(Refusal("account", "account_not_configured", message, "list them to see which are"))
    if wanted.before is not None and await store.publication(wanted.before) is None:
        remedy = "give `next` of the page before, or leave it out to begin with the newest"
        problems.append(Refusal("before", "cursor_unknown", f"there is no {wanted.before!r:.80}", remedy))
    if problems:
        raise Refused(*problems)


async def _resolved(
    serving: Serving, caller: Caller, which: PublicationId, decision: shapes.Resolution, seen: int | None
) -> Publication:
    operating = serving.personal(caller.name, caller.accounts).operating
    needed = {"adopt": decision.video_id, "reassign": decision.account}
    extra = [name for name in ("video_id", "account") if getattr(decision, name) is not None]
    if needed.get(decision.action, "") is None or len(extra) != (decision.action in needed):
        message = "video_id goes with adopt, account with reassign, and neither with anything else"
        raise Refused(Refusal("action", "decision_unclear", message, "say exactly what is to be done"))
    if decision.action == "adopt":
        return await operating.adopt(which, VideoId(decision.video_id or ""), seen=seen)
    if decision.action == "reupload":
        return await operating.reupload(which, serving.acting.reconciling, seen=seen)
    if decision.action == "give_up":
        return await operating.cancel(which, seen=seen)
    account = AccountId(decision.account or "")
    if not caller.sees(account) or account not in serving.acting.context.projects:
        message = f"there is no account {account!r:.80}"
        raise Refused(Refusal("account", "account_not_configured", message, "list them to see which are"))
    return await operating.reassign(which, account, seen=seen)


async def _meant(request: Request, serving: Serving, caller: Caller, which: PublicationId) -> int | None:
    """It is there, theirs, and in the state that they saw: the version of that, if they said which they saw."""
    if "if-match" not in request.headers:
        await serving.view(caller).publication(which)
        return None
    shown = await serving.view(caller).one(which)
    unchanged(request, shown.tag)
    return shown.version


async def _read(
    serving: Serving, caller: Caller, given: dict[str, Any]
) -> tuple[ParsedDraft, tuple[Refusal, ...]]:
    """The draft, and what of it cannot be meant; one without a title is called like its file.

    Whoever is for some accounts only must say which.
    """
    file = given.get("file", "")
    name = await serving.media(caller).name_of(file) if not given.get("title") else None
    if name is not None:
        given = {**given, "title": PurePosixPath(name).stem}
    draft, problems = read(given)
    if caller.accounts is not None and draft.target.account is None:
        remedy = f"name one of {', '.join(sorted(caller.accounts))}"
        missing = Refusal("account", "account_needed", "this token is for some accounts only", remedy)
        return draft, (*problems, missing)
    return draft, problems
