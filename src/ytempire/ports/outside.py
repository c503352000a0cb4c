"""The world outside: clock and chance, the vault, Google, files, and the engine that runs passes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ytempire.domain.files import FileIdentity, StoredFile, VideoFacts
from ytempire.domain.values import (
    PublicationId,
    Secret,
)
from ytempire.domain.wire import Answer, Ask, Call, Form, Piece, Stopped


class Clock(Protocol):
    """The time, and chance."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        ...

    def dice(self) -> float:
        """From 0 (inclusive) to 1 (exclusive)."""
        ...

    def new_id(self, prefix: str) -> str:
        """A fresh id that starts with `prefix_` and sorts by the time it was made."""
        ...

    def new_secret(self, size: int) -> Secret:
        """So many random bytes, fit for secrets, as base64url text without padding."""
        ...


class Vault(Protocol):
    """Seals and opens texts, each bound to its owner and field; one key seals, several may open."""

    def seal(self, owner: str, field: str, plain: bytes) -> str:
        """Encrypts for storage with the key that writes now. Raises `Mendable` when no key can be had."""
        ...

    def open(self, owner: str, field: str, sealed: str) -> bytes:
        """Decrypts. Raises `Altered` when the text is not this owner's and field's, or was changed, and another
        `Mendable` when its key is not at hand.
        """
        ...

    def key_of(self, sealed: str) -> str:
        """The id of the key that sealed a text, also one not at hand. Raises `Mendable` for no sealed text."""
        ...

    @property
    def writing_key(self) -> str:
        """The id of the key that would seal now. Raises `Mendable` when no key can be had."""
        ...

    def is_current(self, sealed: str) -> bool:
        """Whether a sealed text names the key that writes now; if not, it is due to be sealed again.

        Raises `Mendable` when no key can be had.
        """
        ...


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who came back from Google: the query of the address they came to, and how to answer them.

    `show` takes whether it went well, a title, and a sentence. It is called once for each visit, and does not
    raise when they have gone away since.
    """

    query: str = field(repr=False)
    show: Callable[[bool, str, str], Awaitable[None]]


class Desk(Protocol):
    """Where people come back to."""

    async def visit(self) -> Visit:
        """Waits for the next visit."""
        ...


Gate = Callable[[], Awaitable[bool]]
"""Asked once, just before the last block of a file is sent; False stops the transfer there."""


@dataclass(frozen=True, slots=True)
class Courier:
    """What accompanies a piece on its way: the gate, a question whether to stop, and a listener.

    `halted` and `progress` are called from the sending thread, often, and must return at once; `progress`
    is given the offset in the file up to which bytes were handed to the network.
    """

    gate: Gate
    halted: Callable[[], bool] = field(default=lambda: False)
    progress: Callable[[int], None] = field(default=lambda _offset: None)


class Google(Protocol):
    """Google's servers, or any compatible ones."""

    async def call(self, call: Call, token: Secret) -> Answer:
        """One small API call. Never raises for what the network or the server does."""
        ...

    async def post(self, form: Form) -> Answer:
        """One form to an OAuth endpoint."""
        ...

    async def ask(self, ask: Ask, token: Secret) -> Answer:
        """How far has a session come?"""
        ...

    async def send(self, piece: Piece, token: Secret, courier: Courier) -> Answer | Stopped:
        """Sends bytes of a file to a session, from a worker thread."""
        ...


@dataclass(frozen=True, slots=True)
class Inspected:
    """A video that was opened, decoded and hashed."""

    file: StoredFile
    facts: VideoFacts


class Media(Protocol):
    """Files on disk. Every method raises `Refused` with all refusals when a file cannot be used."""

    async def video(self, path: str, field: str = "file") -> Inspected:
        """Checks and hashes a video."""
        ...

    async def thumbnail(self, path: str, field: str = "thumbnail") -> StoredFile:
        """Checks and hashes a thumbnail."""
        ...

    async def caption(self, path: str, field: str = "captions") -> StoredFile:
        """Checks and hashes a caption file."""
        ...

    async def identity(self, path: str) -> FileIdentity | None:
        """Who the file is now; None when it is gone or no longer a regular file."""
        ...

    async def sha256(self, path: str) -> str | None:
        """The hash of its bytes now; None when it cannot be read."""
        ...


Pass = Callable[[PublicationId], Awaitable[None]]
"""One pass of work on a publication; it settles what it did before it returns."""


class Engine(Protocol):
    """Runs passes of work durably: what was started and not ended is run again after a crash."""

    async def start(self, work: Pass) -> None:
        """Starts working, first on what a crash interrupted."""
        ...

    async def dispatch(self, which: PublicationId) -> bool:
        """Runs a pass unless one is running or waiting for this publication; False in that case."""
        ...

    def active(self) -> int:
        """How many passes are running or waiting."""
        ...

    async def stop(self) -> None:
        """Takes no more work and returns when running passes have ended."""
        ...
