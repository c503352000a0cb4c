"""Ids, secrets and small values that every other module of the domain may use. It imports nothing of ours."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NewType

PublicationId = NewType("PublicationId", str)
AccountId = NewType("AccountId", str)
ProjectId = NewType("ProjectId", str)
ChannelId = NewType("ChannelId", str)
VideoId = NewType("VideoId", str)
PlaylistId = NewType("PlaylistId", str)
SessionId = NewType("SessionId", str)


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that must never be shown: `repr` and `str` are masked; `reveal` gives the text."""

    _text: str

    def reveal(self) -> str:
        """The secret itself, for the one place that sends or seals it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(•••)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why something a person gave us is not accepted.

    `field` is the name the person used, `code` is stable and machine readable, `message` says what is
    wrong and `remedy` what to do about it. All refusals of one input are reported together.
    """

    field: str
    code: str
    message: str
    remedy: str

    def sentence(self) -> str:
        """One line for a person: what happened and what to do."""
        return f"{self.field}: {self.message}; {self.remedy}"


class Mendable(Exception):
    """Something a person can put right. Its message says what happened, why, and what to do, in one line
    a problem; nothing was changed or lost.
    """


class Altered(Mendable):
    """A sealed text that was changed, cut, or moved to another owner or field. It is not used."""


class WorkerBusy(Mendable):
    """Another worker works already where only one may. `elsewhere`: not on this home."""

    elsewhere = False


class Unanswered(Mendable):
    """Somebody outside did not answer, or not usefully; the same may work later."""


class StoreGone(Unanswered):
    """The database does not answer, or hung up: what was written before stays. The message may name its address."""


class NoRoom(Mendable):
    """A disk takes no more. Its message may be told to anybody: it names no path."""


class Refused(Mendable):
    """Input that cannot be accepted; carries every refusal, and nothing was changed."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__("\n".join(refusal.sentence() for refusal in refusals))
        self.refusals = refusals


def sealed_by(text: str) -> str:
    """The id of the key that a sealed text names (`<format>.<key>.<body>`), or "" when it names none."""
    parts = text.split(".")
    return parts[1] if len(parts) == 3 else ""


def utc(moment: datetime) -> datetime:
    """The same moment in UTC. Raises `ValueError` for a naive datetime, whose meaning would be a guess, and
    for one that in UTC lies outside the years 1 to 9999.
    """
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a time zone is a guess: {moment.isoformat()}")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"outside the calendar in UTC: {moment.isoformat()}") from None
