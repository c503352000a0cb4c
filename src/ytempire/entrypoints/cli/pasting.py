"""Lines that a person pastes while the program waits for something else at the same time."""

import asyncio
import os
import sys
from types import TracebackType
from typing import Self

from ytempire.domain.consent import read_address
from ytempire.domain.values import Refused
from ytempire.entrypoints.cli import console
from ytempire.ports import Visit

_PIECE = 65_536
_MOST = 1_048_576
"""Bytes that are listened to: hundreds of addresses. What brings more is no person, and may never end."""


class PastingDesk:
    """`ports.Desk` on standard input: each line is the address that a browser ended at.

    When there is no standard input, or it ends, nobody comes; whoever waits here waits elsewhere too.
    """

    def __init__(self) -> None:
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        self._rest = b""
        self._taken = 0
        self._watched: int | None = None

    async def __aenter__(self) -> Self:
        try:
            descriptor = sys.stdin.fileno()
        except (OSError, ValueError, AttributeError):
            return self  # closed, or taken away by whoever started us
        try:
            asyncio.get_running_loop().add_reader(descriptor, self._read, descriptor)
            self._watched = descriptor
        except PermissionError:
            while self._read(descriptor):  # a file: it is there at once, and cannot be waited for
                continue
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._forget()

    async def visit(self) -> Visit:
        """The next line that is an address. What is none is told, and waited on."""
        while True:
            line = await self._lines.get()
            try:
                return Visit(read_address(line), _show)
            except Refused as refused:
                console.note(f"ytempire: {refused}")

    def _read(self, descriptor: int) -> bool:
        """Takes what is there; whether more may come."""
        piece = os.read(descriptor, min(_PIECE, _MOST - self._taken))
        self._taken += len(piece)
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if not piece:
            self._forget()
            lines.append(self._rest)
        for line in lines:
            if line.strip():
                self._lines.put_nowait(line.decode(errors="replace"))
        return bool(piece)

    def _forget(self) -> None:
        if self._watched is not None:
            asyncio.get_running_loop().remove_reader(self._watched)
            self._watched = None


async def _show(good: bool, title: str, text: str) -> None:  # noqa: FBT001  by its port
    """The end of the command says it all; only what it goes on after is told here."""
    if not good:
        console.note(f"ytempire: {title.lower()}: {text}")
    await asyncio.sleep(0)
