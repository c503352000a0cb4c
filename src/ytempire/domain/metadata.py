"""YouTube's limits on what a video is told to be. Everything wrong is reported at once; nothing is ever cut.

Limits: `videos` resource reference (title, description, tags, publishAt); Developer Policies III.C.3 forbid
altering what a user wrote, so input is judged here and otherwise left alone.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from ytempire.domain.publication import PRIORITIES, Metadata, Privacy
from ytempire.domain.values import Refusal

TITLE_CHARACTERS = 100
DESCRIPTION_BYTES = 5000
TAG_CHARACTERS = 500
CAPTION_NAME_CHARACTERS = 150
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def refusals(metadata: Metadata, *, now: datetime) -> tuple[Refusal, ...]:
    """Everything YouTube would not take; `now` is aware UTC and judges `publish_at`."""
    return (
        *_title(metadata.title),
        *_description(metadata.description),
        *_tags(metadata.tags),
        *_classification(metadata),
        *_schedule(metadata, now),
    )


def _title(title: str) -> Iterator[Refusal]:
    if not title.strip():
        yield Refusal("title", "title_empty", "the title is empty", "give the video a title")
    if len(title) > TITLE_CHARACTERS:
        message = f"the title has {len(title)} characters and YouTube takes {TITLE_CHARACTERS}"
        yield Refusal("title", "title_too_long", message, "shorten it; it is never cut for you")
    yield from _characters("title", title)
    if "\n" in title or "\r" in title:
        yield Refusal("title", "title_lines", "the title has more than one line", "write it on one line")


def _description(description: str) -> Iterator[Refusal]:
    size = len(description.encode(errors="replace"))
    if size > DESCRIPTION_BYTES:
        message = f"the description has {size} bytes in UTF-8 and YouTube takes {DESCRIPTION_BYTES}"
        yield Refusal("description", "description_too_long", message, "shorten it; it is never cut for you")
    yield from _characters("description", description)


def counted_tags(tags: tuple[str, ...]) -> int:
    """The length of a tag list as YouTube counts it: commas between, two quote marks around tags with spaces."""
    return sum(len(tag) + (2 if " " in tag else 0) for tag in tags) + max(0, len(tags) - 1)


def _tags(tags: tuple[str, ...]) -> Iterator[Refusal]:
    counted = counted_tags(tags)
    if counted > TAG_CHARACTERS:
        message = (
            f"the tags count {counted} characters, with commas and quotes, and YouTube takes {TAG_CHARACTERS}"
        )
        yield Refusal("tags", "tags_too_long", message, "leave some tags out")
    for tag in tags:
        if not tag.strip():
            yield Refusal("tags", "tag_empty", "one of the tags is empty", "leave it out")
        if "," in tag:
            yield Refusal("tags", "tag_comma", f"the tag {tag!r} holds a comma", "split it in two tags")
        yield from _characters("tags", tag)


def _characters(field: str, text: str) -> Iterator[Refusal]:
    if "<" in text or ">" in text:
        yield Refusal(
            field, "angle_brackets", "it holds < or >, which YouTube refuses", "write it without them"
        )
    yield from writable(field, text)


def writable(field: str, text: str) -> Iterator[Refusal]:
    """Why a text cannot be stored or sent as it is: control characters, or half of a surrogate pair."""
    if any((ord(character) < 32 and character not in "\n\r\t") or character == "\x7f" for character in text):
        yield Refusal(field, "control_characters", "it holds control characters", "remove them")
    if any(0xD800 <= ord(character) <= 0xDFFF for character in text):
        yield Refusal(field, "broken_unicode", "it holds half of a character", "write it as valid UTF-8")


def _classification(metadata: Metadata) -> Iterator[Refusal]:
    if not (metadata.category.isascii() and metadata.category.isdecimal()):
        message = f"{metadata.category!r} is not a category id"
        yield Refusal(
            "category", "category_unknown", message, "use the number, for example 22 for People & Blogs"
        )
    yield from language("language", metadata.language)


def language(field: str, tag: str | None) -> Iterator[Refusal]:
    """Refuses what is not shaped like a BCP-47 language tag; None is fine."""
    if tag is not None and not _LANGUAGE.fullmatch(tag):
        yield Refusal(field, "language_unknown", f"{tag!r} is not a language tag", "use one like en or pt-BR")


def _schedule(metadata: Metadata, now: datetime) -> Iterator[Refusal]:
    if metadata.publish_at is None:
        return
    if metadata.privacy is not Privacy.PRIVATE:
        message = f"publish_at needs privacy private until then, and {metadata.privacy} was asked"
        remedy = "leave privacy out, or leave publish_at out"
        yield Refusal("publish_at", "publish_at_contradiction", message, remedy)
    if metadata.publish_at <= now:
        message = f"{metadata.publish_at.isoformat()} has passed, and YouTube would publish it at once"
        yield Refusal("publish_at", "publish_at_past", message, "give a moment in the future")


def priority(value: int) -> Iterator[Refusal]:
    """Refuses a priority outside 1 (most urgent) to 10."""
    if value not in PRIORITIES:
        yield Refusal(
            "priority", "priority_range", f"{value} is not from 1 to 10", "1 is most urgent, 5 the default"
        )
