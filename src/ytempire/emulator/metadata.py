"""What YouTube accepts as metadata of a video. Plain functions from a sent resource to a stored one.

Limits: developers.google.com/youtube/v3/docs/videos (title 100 characters, description 5000 bytes, tags 500
characters counted with commas and quotes). Characters are counted as UTF-16 units, the stricter reading of an
undocumented detail.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from ytempire.emulator.errors import ApiError, bad_metadata, missing_parameter
from ytempire.emulator.world import Json

# videoCategories.list for the US region, those marked assignable.
CATEGORIES = frozenset(
    {"1", "2", "10", "15", "17", "19", "20", "22", "23", "24", "25", "26", "27", "28", "29"}
)
PRIVACIES = ("private", "public", "unlisted")
LICENSES = ("youtube", "creativeCommon")
WRITABLE = frozenset(
    {"id", "snippet", "status", "localizations", "recordingDetails", "paidProductPlacementDetails"}
)
READABLE = WRITABLE | {
    "contentDetails",
    "fileDetails",
    "liveStreamingDetails",
    "player",
    "processingDetails",
    "statistics",
    "suggestions",
    "topicDetails",
}
_BOOLEANS = ("embeddable", "publicStatsViewable", "selfDeclaredMadeForKids", "containsSyntheticMedia")


def parts_of(value: str | None, known: Iterable[str]) -> frozenset[str]:
    """The names in a `part` parameter.

    Raises:
        ApiError: It is missing or names an unknown part.
    """
    names = frozenset(name.strip() for name in (value or "").split(",") if name.strip())
    if not names:
        raise missing_parameter("part")
    unknown = sorted(names - frozenset(known))
    if unknown:
        raise ApiError(
            400,
            "unknownPart",
            f"'{unknown[0]}'",
            domain="youtube.part",
            location="part",
            location_type="parameter",
        )
    return names


def clean(sent: Json, parts: frozenset[str], now: datetime) -> Json:
    """The metadata that an insert stores: checked, with defaults. An omitted privacyStatus becomes public.

    Raises:
        ApiError: A field that YouTube refuses, with its reason.
    """
    _no_surprise_parts(sent, parts)
    stored: Json = {"snippet": clean_snippet(_object(sent, "snippet"), need_category=False)}
    stored["status"] = clean_status(_object(sent, "status"), now, published=False)
    stored |= clean_rest(sent, stored["snippet"])
    return stored


def clean_rest(sent: Json, snippet: Json) -> Json:
    """The other writable parts: localizations, recordingDetails, paidProductPlacementDetails."""
    rest: Json = {}
    if sent.get("localizations"):
        if not snippet.get("defaultLanguage"):
            raise bad_metadata(
                "defaultLanguageNotSet",
                "Localizations need snippet.defaultLanguage.",
                location="body.localizations",
            )
        for words in _object(sent, "localizations").values():
            check_title(words.get("title"))
            check_description(words.get("description", ""))
        rest["localizations"] = sent["localizations"]
    for name in ("recordingDetails", "paidProductPlacementDetails"):
        if name in sent:
            rest[name] = _object(sent, name)
    recorded = rest.get("recordingDetails", {}).get("recordingDate")
    if recorded is not None and parse_time(recorded) is None:
        raise bad_metadata(
            "invalidRecordingDetails", "The recording date is invalid.", location="body.recordingDetails"
        )
    return rest


def clean_snippet(snippet: Json, *, need_category: bool) -> Json:
    """A checked snippet: title, description, tags, category, languages."""
    check_title(snippet.get("title"))
    check_description(snippet.get("description", ""))
    check_tags(snippet.get("tags", []))
    category = snippet.get("categoryId")
    if (category is None and need_category) or (category is not None and str(category) not in CATEGORIES):
        raise bad_metadata(
            "invalidCategoryId",
            "The <code>snippet.categoryId</code> property specifies an invalid category ID.",
            location="body.snippet.categoryId",
        )
    stored: Json = {
        "title": snippet["title"],
        "description": snippet.get("description", ""),
        "categoryId": str(category or "22"),
    }
    if snippet.get("tags"):
        stored["tags"] = list(snippet["tags"])
    for name in ("defaultLanguage", "defaultAudioLanguage"):
        if snippet.get(name):
            stored[name] = snippet[name]
    return stored


def clean_status(status: Json, now: datetime, *, published: bool) -> Json:
    """A checked status. `published`: whether it was ever public, for then it cannot be scheduled any more."""
    privacy = status.get("privacyStatus", "public")
    if privacy not in PRIVACIES:
        raise bad_metadata(
            "invalidVideoMetadata", "Invalid privacyStatus.", location="body.status.privacyStatus"
        )
    stored: Json = {"privacyStatus": privacy, "license": status.get("license", "youtube")}
    if stored["license"] not in LICENSES:
        raise bad_metadata("invalidVideoMetadata", "Invalid license.", location="body.status.license")
    for name in _BOOLEANS:
        value = status.get(name, True if name in ("embeddable", "publicStatsViewable") else None)
        if value is not None:
            if not isinstance(value, bool):
                raise bad_metadata(
                    "invalidVideoMetadata", f"{name} is a boolean.", location=f"body.status.{name}"
                )
            stored[name] = value
    return stored | _schedule(status.get("publishAt"), privacy, now, published=published)


def _schedule(publish_at: object, privacy: str, now: datetime, *, published: bool) -> Json:
    """publishAt needs private and a never published video; a past time publishes at once."""
    if publish_at is None:
        return {}
    when = parse_time(publish_at)
    if when is None or privacy != "private" or published:
        raise bad_metadata(
            "invalidPublishAt", "The request metadata specifies an invalid scheduled publishing time.",
            location="body.status.publishAt",
        )  # fmt: skip
    if when <= now:
        return {"privacyStatus": "public"}
    return {"publishAt": when.strftime("%Y-%m-%dT%H:%M:%SZ")}


def check_title(title: object) -> None:
    """1 to 100 characters without angle brackets, else invalidTitle."""
    if not isinstance(title, str) or not title.strip() or _units(title) > 100 or _brackets(title):
        raise bad_metadata(
            "invalidTitle", "The request metadata specifies an invalid or empty video title.",
            location="body.snippet.title",
        )  # fmt: skip


def check_description(text: object) -> None:
    """At most 5000 bytes of UTF-8 without angle brackets, else invalidDescription."""
    if not isinstance(text, str) or len(text.encode("utf-8", "surrogatepass")) > 5000 or _brackets(text):
        raise bad_metadata(
            "invalidDescription", "The request metadata specifies an invalid video description.",
            location="body.snippet.description",
        )  # fmt: skip


def check_tags(tags: object) -> None:
    """At most 500 characters: commas between tags count, and two quotes around each tag with a space."""
    good = isinstance(tags, list) and all(
        isinstance(tag, str) and tag.strip() and not _brackets(tag) and "," not in tag for tag in tags
    )
    if not good or tags_length(list(tags) if isinstance(tags, list) else []) > 500:
        raise bad_metadata(
            "invalidTags",
            "The request metadata specifies invalid video keywords.",
            location="body.snippet.tags",
        )


def tags_length(tags: list[str]) -> int:
    """The length of a tag list as YouTube counts it."""
    return sum(_units(tag) + (2 if " " in tag else 0) for tag in tags) + max(len(tags) - 1, 0)


def parse_time(value: object) -> datetime | None:
    """An RFC 3339 time as aware UTC; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        return None
    return None if when.tzinfo is None else when.astimezone(UTC)


def _no_surprise_parts(sent: Json, parts: frozenset[str]) -> None:
    surprise = sorted((set(sent) & WRITABLE) - parts - {"id"})
    if surprise:
        raise ApiError(
            400,
            "unexpectedPart",
            f"'{surprise[0]}'",
            domain="youtube.part",
            location="part",
            location_type="parameter",
        )


def _object(sent: Json, name: str) -> Json:
    value = sent.get(name, {})
    if not isinstance(value, dict):
        raise bad_metadata("invalidVideoMetadata", f"{name} is an object.", location=f"body.{name}")
    return value


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _brackets(text: str) -> bool:
    return "<" in text or ">" in text
