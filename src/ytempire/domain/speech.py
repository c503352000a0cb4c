"""Speech as values: what is to be said, what came out, and whether that can be what was asked for."""

import html
import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from ytempire.domain.values import Refusal

SECONDS_PER_CHARACTER = 0.065
"""English read aloud: about 150 words a minute of about six characters, blanks included."""

_SLOW = (
    (re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"), 0.22),
    (re.compile(r"[\uac00-\ud7a3]"), 0.18),
    (re.compile(r"[\u3040-\u30ff]"), 0.13),
    (re.compile(r"\d"), 0.2),
)
"""Characters that are a syllable or a word each, and how many seconds they take."""

_LEAST, _LEAST_OF_DIGITS = 0.6, 0.2
"""Voices and languages differ, but audio shorter than this share of what its text suggests has lost some of it: half
a file is caught, and the fastest usual voices (250 words a minute) are not. A figure may be a word for many digits.
"""

_LONGEST = 3.0
MOST_CHARACTERS = 200_000
"""Some four hours of speech: what is longer is a mistake, and an expensive one."""

_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>[A-Za-z_][\w:.-]*)"
    r"(?P<rest>(?:\s+[\w:.-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*)\s*(?P<empty>/?)>"
)
_BREAK = re.compile(
    r"<break\s[^<>]*?\btime\s*=\s*[\"']\+?(?P<number>\d{1,6}(?:\.\d{1,6})?)(?P<unit>m?s)[\"']"
)
_LOOSE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)|\]\]>")
"""What XML knows no meaning for: an ampersand of its own, a name that nobody declared."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Also halves of characters, which no encoding takes: a terminal makes them of what it cannot read."""

_WORD = re.compile(r"[^\W_]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
AUDIBLE = 0.003
"""The root mean square of full scale below which nobody hears anything."""

_QUIET = 0.9
_CLIPPED = 0.02


@dataclass(frozen=True, slots=True)
class SpeechOrder:
    """What is to be said. `text` is plain, or SSML with one `<speak>` around it; `language` is a BCP 47 tag."""

    text: str
    language: str = "en-US"
    ssml: bool = False


def plain(order: SpeechOrder) -> str:
    """The words alone, without marks."""
    return " ".join(html.unescape(_TAG.sub(" ", order.text)).split()) if order.ssml else order.text


def pauses(order: SpeechOrder) -> float:
    """How many seconds of silence its marks ask for."""
    if not order.ssml:
        return 0.0
    return sum(
        float(each["number"]) / (1000 if each["unit"] == "ms" else 1) for each in _BREAK.finditer(order.text)
    )


def wrong_order(order: SpeechOrder) -> tuple[Refusal, ...]:
    """Every reason why nothing can be said from this, before anybody is asked."""
    found = []
    if not _WORD.search(plain(order)):
        found.append(Refusal("text", "empty", "there is nothing to say in it", "write at least one word"))
    if len(order.text) > MOST_CHARACTERS:
        told = f"it has {len(order.text):,} characters; {MOST_CHARACTERS:,} are the most"
        found.append(Refusal("text", "too_long", told, "say it in several pieces"))
    if _CONTROLS.search(order.text):
        found.append(Refusal("text", "control_characters", "it holds control characters", "remove them"))
    if not _LANGUAGE.fullmatch(order.language):
        told = f"{order.language!r} is no language tag"
        found.append(Refusal("language", "bad_language", told, "write one like en-US"))
    if order.ssml and not _is_ssml(order.text.strip()):
        told = "it is no SSML: one <speak> around it, every tag closed, & as &amp;, no document type"
        found.append(Refusal("text", "bad_ssml", told, "mend it, or leave --ssml out for plain text"))
    return tuple(found)


def _is_ssml(text: str) -> bool:
    """Whether the tags are balanced under one `speak`, without anything that an XML reader would expand."""
    if "<" in _TAG.sub("", text) or _LOOSE.search(text):
        return False
    open_tags: list[str] = []
    tags = list(_TAG.finditer(text))
    for place, tag in enumerate(tags):
        if not open_tags and (place or tag.start() or tag["name"] != "speak"):
            return False
        if tag["end"]:
            if tag["rest"] or tag["empty"] or not open_tags or open_tags.pop() != tag["name"]:
                return False
        elif not tag["empty"]:
            open_tags.append(tag["name"])
    return bool(tags) and not open_tags and tags[-1].end() == len(text)


@dataclass(frozen=True, slots=True)
class Sound:
    """What was measured of a piece of audio. `rms` and `peak` are shares of full scale, `clipped` and `silent` of
    all samples and all tenths of a second. `decoded` is False when it could not be read to its end.
    """

    seconds: float
    rate: int
    rms: float
    peak: float
    clipped: float
    silent: float
    decoded: bool = True


@dataclass(frozen=True, slots=True)
class Spoken:
    """A finished file of speech."""

    path: str
    sound: Sound

    @property
    def duration(self) -> timedelta:
        """How long it takes."""
        return timedelta(seconds=self.sound.seconds)


def expected_seconds(text: str) -> float:
    """How long a plain text takes when it is read aloud, roughly. What is no word is a short pause."""
    words = " ".join(re.sub(r"[\W_]+", " ", text).split())
    slow = [(len(kind.findall(words)), seconds) for kind, seconds in _SLOW]
    usual = len(words) - sum(count for count, _ in slow)
    return usual * SECONDS_PER_CHARACTER + sum(count * seconds for count, seconds in slow)


def _shortest_seconds(text: str) -> float:
    """The shortest it may take."""
    digits = "".join(each for each in text if each.isdigit())
    figures = expected_seconds(digits)
    return (expected_seconds(text) - figures) * _LEAST + figures * _LEAST_OF_DIGITS


def _longest_seconds(text: str) -> float:
    """The longest it may take: a short text has pauses around it, and some voices read the names of symbols."""
    symbols = sum(unicodedata.category(each).startswith("S") for each in text)
    return expected_seconds(text) * _LONGEST + 2 + symbols


def wrong_sound(text: str, sound: Sound, *, pauses: float = 0.0) -> str:
    """Why audio cannot be this text read aloud; empty when it can. The text is plain; `pauses` are the seconds of
    silence that were asked for.
    """
    if not sound.decoded:
        return "the audio breaks off: it cannot be decoded to its end"
    # The tenths of a second that may be silent are counted without the pauses that are.
    loud = sound.seconds * (1 - sound.silent)
    if sound.rms < AUDIBLE or loud <= max(sound.seconds - pauses, 0) * (1 - _QUIET):
        return f"the audio is silent (level {sound.rms:.4f} of full scale)"
    if sound.clipped > _CLIPPED:
        return f"the audio is clipped in {sound.clipped:.0%} of its samples"
    if not _shortest_seconds(text) <= sound.seconds <= _longest_seconds(text) + pauses:
        expected = expected_seconds(text) + pauses
        return f"the audio takes {sound.seconds:.1f} s; the text suggests about {expected:.1f} s"
    return ""
