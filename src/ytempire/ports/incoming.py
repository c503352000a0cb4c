"""Files that callers of the API give us: sent to us, or lying in folders that were opened for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # as in callers.py
    from ytempire.domain.files import FileIdentity


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that came whole: its size in bytes and the SHA-256 (hex) of all of them."""

    size: int
    sha256: str


Noted = Callable[[Arrived], Awaitable[None]]
"""Writes down that a file is about to be there, so that one whose sender hears nothing more is known and removed."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file that may be used: its real path, and who it was when it was looked at."""

    path: str
    identity: FileIdentity


class Incoming(Protocol):
    """The folder for files that are sent to us."""

    async def take(self, which: str, blocks: AsyncIterator[bytes], limit: int, noted: Noted) -> Arrived:
        """Writes a file as it comes; durable when it returns, and nothing is left of one that did not come whole.

        It is `noted` when it has come whole, before it can be found. Memory does not grow with the file. Raises
        `Refused` when it is empty or longer than `limit`, `NoRoom` before the disk is full, and what `noted` does.
        """
        ...

    def place(self, which: str) -> Place | None:
        """Where a file is; None when it is not there."""
        ...

    async def remove(self, which: str) -> None:
        """Removes a file, if it is there."""
        ...


class Folders(Protocol):
    """The folders whose files may be named by path."""

    def place(self, path: str) -> Place | None:
        """Where a named file is; None when it is not a regular file below one of them.

        No symbolic link is followed below a folder, wherever it leads.
        """
        ...
