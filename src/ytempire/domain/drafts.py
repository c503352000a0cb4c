"""Drafts: what a person wrote, field by field, before any file was opened. Manifests and flags both end here.

`parse` turns one mapping of field names to texts or plain values into a `Draft`, and reports everything it
does not understand at once; `catalogue` refusals need the configuration: accounts, groups, playlists.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from ytempire.domain.metadata import CAPTION_NAME_CHARACTERS, language, priority, refusals, writable
from ytempire.domain.publication import License, Metadata, Privacy, Target
from ytempire.domain.slips import meant
from ytempire.domain.values import AccountId, Refusal, Refused, utc

FIELDS = (
    "file", "title", "description", "tags", "category", "language", "privacy", "publish_at", "made_for_kids",
    "synthetic_media", "license", "notify_subscribers", "thumbnail", "captions", "playlists", "priority",
    "not_before", "deadline", "account", "group", "idempotency_key", "again",
)  # fmt: skip
"""Every field a manifest row, a flag or an API body may have."""

PLAYLIST_ID = re.compile(r"(PL|OL|FL)[A-Za-z0-9_-]{10,60}")
MAX_KEY = 255


@dataclass(frozen=True, slots=True)
class CaptionDraft:
    """A caption file with its language and name, as written."""

    path: str
    language: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """One video as a person described it; paths are as written."""

    file: str
    metadata: Metadata
    thumbnail: str | None = None
    captions: tuple[CaptionDraft, ...] = ()
    playlists: tuple[str, ...] = ()
    target: Target = field(default_factory=Target)
    priority: int = 5
    not_before: datetime | None = None
    deadline: datetime | None = None
    idempotency_key: str | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The names a draft may refer to."""

    accounts: frozenset[str]
    groups: frozenset[str]
    playlists: frozenset[str]


def parse(row: Mapping[str, object]) -> Draft:
    """One draft from one row. Raises `Refused` with every field that makes no sense."""
    draft, problems = read(row)
    if problems:
        raise Refused(*problems)
    return draft


def read(row: Mapping[str, object]) -> tuple[Draft, tuple[Refusal, ...]]:
    """One draft from one row, and every field that makes no sense; such a field is as if it was left out."""
    reader = _Reader({key: value for key, value in row.items() if value not in (None, "")})
    unknown = [reader.unknown(name) for name in row if name not in FIELDS]
    file = reader.text("file")
    draft = Draft(
        file=file or "",
        metadata=_metadata(reader, file or ""),
        thumbnail=reader.text("thumbnail"),
        captions=reader.captions(),
        playlists=reader.texts("playlists"),
        target=Target(
            AccountId(account) if (account := reader.text("account")) else None, reader.text("group")
        ),
        priority=reader.number("priority", 5),
        not_before=reader.moment("not_before"),
        deadline=reader.moment("deadline"),
        idempotency_key=reader.text("idempotency_key"),
        again=reader.flag("again") or False,
    )
    if file is None:
        unknown.append(Refusal("file", "file_missing", "no video file is named", "give the path of a video"))
    return draft, (*unknown, *reader.problems)


def _metadata(reader: "_Reader", file: str) -> Metadata:
    stem = re.sub(r"\.[^.]*$", "", re.split(r"[/\\]", file)[-1])
    title = reader.text("title")
    notify = reader.flag("notify_subscribers")
    return Metadata(
        title=stem if title is None else title,
        description=reader.text("description") or "",
        tags=reader.texts("tags"),
        category=reader.text("category") or "22",
        language=reader.text("language"),
        privacy=reader.choice("privacy", Privacy, Privacy.PRIVATE),
        publish_at=reader.moment("publish_at"),
        made_for_kids=reader.flag("made_for_kids"),
        synthetic_media=reader.flag("synthetic_media"),
        license=reader.choice("license", License, License.YOUTUBE),
        notify_subscribers=True if notify is None else notify,
    )


def judge(draft: Draft, catalogue: Catalogue, now: datetime) -> tuple[Refusal, ...]:
    """Everything wrong with a draft that can be known without opening its files."""
    return (
        *refusals(draft.metadata, now=now),
        *priority(draft.priority),
        *_timing(draft, now),
        *_names(draft, catalogue),
        *_captions(draft),
        *_key(draft.idempotency_key),
    )


def _timing(draft: Draft, now: datetime) -> Iterator[Refusal]:
    if draft.deadline is not None and draft.deadline <= now:
        yield Refusal("deadline", "deadline_past", "the deadline has passed", "give a later one, or none")
    if draft.deadline and draft.not_before and draft.deadline <= draft.not_before:
        message = "the deadline is not after not_before"
        yield Refusal("deadline", "deadline_contradiction", message, "leave time between them")


def _names(draft: Draft, catalogue: Catalogue) -> Iterator[Refusal]:
    account, group = draft.target.account, draft.target.group
    if account is not None and group is not None:
        yield Refusal(
            "account", "target_contradiction", "both an account and a group are named", "name one of them"
        )
    yield from _known("account", account, catalogue.accounts, "accounts list")
    yield from _known("group", group, catalogue.groups, "accounts list")
    for playlist in draft.playlists:
        if PLAYLIST_ID.fullmatch(playlist):
            if account is None:
                message = f"{playlist} is the id of a playlist on one channel, and no account is named"
                remedy = "name the account, or use a playlist name from the configuration"
                yield Refusal("playlists", "playlist_needs_account", message, remedy)
        else:
            yield from _known("playlists", playlist, catalogue.playlists, "section [playlists.NAME]")


def _known(field_name: str, name: str | None, known: frozenset[str], where: str) -> Iterator[Refusal]:
    if name is not None and name not in known:
        remedy = meant(name, sorted(known), f"see the {where} of the configuration")
        yield Refusal(field_name, f"{field_name}_unknown", f"{name!r} is not configured", remedy)


def _captions(draft: Draft) -> Iterator[Refusal]:
    seen = set()
    for caption in draft.captions:
        yield from language("captions", caption.language)
        yield from writable("captions", caption.name)
        if len(caption.name) > CAPTION_NAME_CHARACTERS:
            message = f"the caption name has {len(caption.name)} characters and YouTube takes 150"
            yield Refusal("captions", "caption_name_too_long", message, "shorten it")
        if (caption.language, caption.name) in seen:
            message = f"two caption tracks are {caption.language} {caption.name!r}"
            yield Refusal("captions", "caption_twice", message, "give each its own language or name")
        seen.add((caption.language, caption.name))


def _key(key: str | None) -> Iterator[Refusal]:
    yield from writable("idempotency_key", key or "")
    if key is not None and len(key) > MAX_KEY:
        message = f"the idempotency key has {len(key)} characters"
        yield Refusal("idempotency_key", "key_too_long", message, f"use at most {MAX_KEY}")


def _is_word(item: object) -> bool:
    """A text or a number. YAML reads a bare yes or off as true or false: what was written is lost by then."""
    return isinstance(item, str | int) and not isinstance(item, bool)


_Word = TypeVar("_Word", Privacy, License)
_TRUE, _FALSE = ("true", "yes", "1", "on"), ("false", "no", "0", "off")


class _Reader:
    """Reads fields of one row and collects what it does not understand."""

    def __init__(self, row: Mapping[str, object]) -> None:
        self.row = row
        self.problems: list[Refusal] = []

    def unknown(self, name: str) -> Refusal:
        remedy = meant(str(name), FIELDS, f"the fields are {', '.join(FIELDS)}")
        return Refusal(str(name), "field_unknown", "there is no such field", remedy)

    def text(self, name: str) -> str | None:
        value = self.row.get(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        self._refuse(name, f"{value!r} is not a text", "write it as text")
        return None

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.row.get(name)
        if value is None:
            return ()
        items = value.split(",") if isinstance(value, str) else value
        if isinstance(items, list | tuple) and all(map(_is_word, items)):
            return tuple(str(item).strip() for item in items if str(item).strip())
        self._refuse(name, f"{value!r} is not a list of texts", "separate them with commas")
        return ()

    def number(self, name: str, default: int) -> int:
        value = self.row.get(name, default)
        try:
            return int(str(value))
        except ValueError:
            self._refuse(name, f"{value!r} is not a whole number", "write it with digits")
            return default

    def flag(self, name: str) -> bool | None:
        value = self.row.get(name)
        if value is None or isinstance(value, bool):
            return value
        word = str(value).strip().lower()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        self._refuse(name, f"{value!r} is neither yes nor no", "write true or false")
        return None

    def choice(self, name: str, kind: type[_Word], default: _Word) -> _Word:
        value = self.row.get(name)
        try:
            return default if value is None else kind(str(value))
        except ValueError:
            options = ", ".join(str(option) for option in kind)
            self._refuse(name, f"{value!r} is not possible", f"use one of {options}")
            return default

    def moment(self, name: str) -> datetime | None:
        value = self.row.get(name)
        if value is None:
            return None
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        except ValueError:
            self._refuse(name, f"{value!r} is not a moment", "write it like 2026-12-24T18:00:00-08:00")
            return None
        if moment.tzinfo is None:
            self._refuse(name, f"{value} has no time zone", "end it with Z or an offset like -08:00")
            return None
        try:
            return utc(moment)
        except ValueError as outside:
            self._refuse(name, str(outside), "give a moment of our times")
            return None

    def captions(self) -> tuple[CaptionDraft, ...]:
        value = self.row.get("captions")
        items = [] if value is None else value.split(",") if isinstance(value, str) else value
        if not isinstance(items, list | tuple):
            self._refuse("captions", f"{value!r} is not a list", "write language:path")
            return ()
        found = [self._caption(item) for item in items]
        return tuple(caption for caption in found if caption is not None)

    def _caption(self, item: object) -> CaptionDraft | None:
        if isinstance(item, Mapping):
            path, tag, name = (item.get(key, "") for key in ("file", "language", "name"))
            if all(isinstance(part, str) for part in (path, tag, name)) and path and tag:
                return CaptionDraft(str(path), str(tag), str(name))
        elif isinstance(item, str) and re.match(r"[^:]+:.+", item.strip()):
            tag, path = item.strip().split(":", 1)
            return CaptionDraft(path, tag)
        self._refuse("captions", f"{item!r} names no language and file", "write language:path, like en:a.srt")
        return None

    def _refuse(self, name: str, message: str, remedy: str) -> None:
        self.problems.append(Refusal(name, f"{name}_unreadable", message, remedy))
