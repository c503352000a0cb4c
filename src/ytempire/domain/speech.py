"""Speech as values: what is to be said, what came out, and whether that can be what was asked for."""

import re
from dataclasses import dataclass
from datetime import timedelta

from ytempire.domain.values import Refusal

SECONDS_PER_CHARACTER = 0.065
"""English read aloud: about 150 words a minute of about six characters, blanks included."""

_SLACK = 0.6
"""Voices and languages differ: audio shorter than this share of what its text suggests has lost some of it."""

_LONGEST = 3.0
MOST_CHARACTERS = 200_000
"""Some four hours of speech: what is longer is a mistake, and an expensive one."""

_TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][\w:-]*)(?P<rest>[^<>]*)>")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_AUDIBLE = 0.003
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
    return " ".join(_TAG.sub(" ", order.text).split()) if order.ssml else order.text


def wrong_order(order: SpeechOrder) -> tuple[Refusal, ...]:
    """Every reason why nothing can be said from this, before anybody is asked."""
    found = []
    if not re.search(r"\w", plain(order)):
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
        told = "it is no SSML: one <speak> around it, every tag closed, no document type"
        found.append(Refusal("text", "bad_ssml", told, "mend it, or leave --ssml out for plain text"))
    return tuple(found)


def _is_ssml(text: str) -> bool:
    """Whether the tags are balanced under one `speak`, without anything that an XML reader would expand."""
    if not text.startswith("<speak") or "<!" in text or "<" in _TAG.sub("", text):
        return False
    open_tags: list[str] = []
    for tag in _TAG.finditer(text):
        if tag["end"]:
            if not open_tags or open_tags.pop() != tag["name"]:
                return False
        elif not tag["rest"].endswith("/"):
            open_tags.append(tag["name"])
        if not open_tags and tag.end() != len(text):
            return False
    return not open_tags


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
    """How long a plain text takes when it is read aloud, roughly."""
    return len(" ".join(text.split())) * SECONDS_PER_CHARACTER


def wrong_sound(text: str, sound: Sound) -> str:
    """Why audio cannot be this text read aloud; empty when it can. The text is plain."""
    expected = expected_seconds(text)
    if not sound.decoded:
        return "the audio breaks off: it cannot be decoded to its end"
    if sound.seconds <= 0 or sound.rms < _AUDIBLE or sound.silent > _QUIET:
        return f"the audio is silent (level {sound.rms:.4f} of full scale)"
    if sound.clipped > _CLIPPED:
        return f"the audio is clipped in {sound.clipped:.0%} of its samples"
    # A short text is read with pauses around it that weigh more than the text.
    if sound.seconds < expected * (1 - _SLACK):
        return f"the audio takes {sound.seconds:.1f} s; the text suggests about {expected:.1f} s"
    if sound.seconds > expected * _LONGEST + 2:
        return f"the audio takes {sound.seconds:.1f} s; the text suggests about {expected:.1f} s"
    return ""
