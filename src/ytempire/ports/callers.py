"""Who speaks to the HTTP API, at rest, as intents: tokens, browsers that signed in, answers to be given again, and
files that were received.

Every implementation passes one behaviour suite (tests/contracts). Moments are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # every command loads the ports, one serves callers
    from ytempire.domain.callers import ApiToken
    from ytempire.domain.events import Event


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser that signed in with a token. `hashed` is the SHA-256 of what it carries in its cookie."""

    hashed: str = field(repr=False)
    token: str
    created_at: datetime
    expires_at: datetime


class Callers(Protocol):
    """Tokens and browsers."""

    async def add_api_token(self, token: ApiToken, events: Sequence[Event]) -> bool:
        """Stores a token. False, and nothing written, while one of the same name is not revoked."""
        ...

    async def api_tokens(self) -> tuple[ApiToken, ...]:
        """Every token ever made, oldest first."""
        ...

    async def api_token(self, hashed: str) -> ApiToken | None:
        """The token with this hash, whatever its state; None when there is none."""
        ...

    async def note_token_use(self, token: str, now: datetime) -> None:
        """Writes down when a token was last used; an earlier moment than is known changes nothing."""
        ...

    async def revoke_api_token(self, token: str, now: datetime, events: Sequence[Event]) -> bool:
        """Revokes a token by its id, and signs out its browsers. False when it was revoked before, or never was.

        Events are written only when the answer is True.
        """
        ...

    async def add_browser(self, browser: Browser) -> None:
        """Remembers a browser. Those that ended before it began are forgotten on this occasion."""
        ...

    async def token_of_browser(self, hashed: str, now: datetime) -> ApiToken | None:
        """The token that a browser signed in with, whatever its state; None when it is not signed in any more."""
        ...

    async def drop_browser(self, hashed: str) -> None:
        """Signs a browser out."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is to be answered once: who asked, under which key, and the hash of all that was asked."""

    caller: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """It is ours to answer now."""


@dataclass(frozen=True, slots=True)
class InFlight:
    """Somebody is answering it at this moment."""


@dataclass(frozen=True, slots=True)
class AskedOtherwise:
    """The key was used for another request."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """It was answered before, like this."""

    status: int
    headers: Mapping[str, str]
    body: str


Claim = Claimed | InFlight | AskedOtherwise | KeptAnswer


class Answers(Protocol):
    """Answers to requests with a key, to be given again."""

    async def claim_answer(self, asked: Asked, holder: str, now: datetime, until: datetime) -> Claim:
        """Takes the right to answer a request, until then; what had ended at `now` does not count.

        Those that ended more than a day before are forgotten on this occasion.
        """
        ...

    async def prolong_answer(self, asked: Asked, holder: str, until: datetime) -> None:
        """Keeps the right for longer; does nothing when it is not the holder's any more."""
        ...

    async def keep_answer(self, asked: Asked, holder: str, answer: KeptAnswer, until: datetime) -> bool:
        """Keeps the answer, until then. False when the right is not the holder's any more."""
        ...

    async def drop_answer(self, asked: Asked, holder: str) -> None:
        """Gives the right back, as if nobody had asked; does nothing when it is not the holder's any more."""
        ...


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that came over the API. `name` is what the sender calls it, `caller` who sent it."""

    id: str
    name: str
    caller: str
    size: int
    sha256: str
    received_at: datetime
    touched_at: datetime


class Received(Protocol):
    """Files that came over the API."""

    async def add_received(self, file: ReceivedFile) -> None:
        """Stores what is known of a file that has arrived."""
        ...

    async def received(self, which: str, now: datetime) -> ReceivedFile | None:
        """A file that is about to be used, so that it is not unused since before `now`; None when it is gone."""
        ...

    async def unused_received(self, before: datetime, limit: int) -> tuple[ReceivedFile, ...]:
        """Files not touched since then whose id is in the request of no publication that is still to be worked on
        or may be, longest untouched first. Publications that are published need theirs no more.
        """
        ...

    async def forget_received(self, which: str, before: datetime) -> bool:
        """Forgets a file; False when it was touched since then, or is forgotten already."""
        ...
