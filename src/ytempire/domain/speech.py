"""Speech as values: what is to be said, what came out, and whether that can be what was asked for."""

from dataclasses import dataclass
from datetime import timedelta

SECONDS_PER_CHARACTER = 0.065
"""English read aloud: about 150 words a minute of about six characters, blanks included."""

_SLACK = 0.6
"""Voices and languages differ: audio shorter than this share of what its text suggests has lost some of it."""

_LONGEST = 3.0
_AUDIBLE = 0.003
_QUIET = 0.9
_CLIPPED = 0.02


@dataclass(frozen=True, slots=True)
class SpeechOrder:
    """What is to be said. `text` is plain, or SSML with one `<speak>` around it; `language` is a BCP 47 tag."""

    text: str
    language: str = "en-US"
    ssml: bool = False


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
    size: int

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
