"""What a worker thread does with one connection: ask how far a session is, or send it bytes of a file."""

import asyncio
import concurrent.futures
import http.client
from collections.abc import Callable, Mapping

from ytempire.adapters.google.connection import Connection
from ytempire.adapters.google.mishaps import Closed, Timeouts, Truncated, no_reply
from ytempire.adapters.google.pace import Pace
from ytempire.adapters.google.source_file import SourceFile, Unreadable
from ytempire.domain.wire import Answer, Ask, NoReply, Piece, Stopped
from ytempire.ports import Clock, Courier, Gate

LAST_BLOCK = 262_144
"""The gate is asked when at most so many bytes of the file are left: the video cannot exist without them."""

_LOOK_UP = 0.25
"""Seconds between looks at whether a waiting thread is still wanted."""


class Halted(Exception):
    """We stop, and the last bytes have not been sent; the text says why."""


def ask_session(connection: Connection, ask: Ask, headers: Mapping[str, str]) -> Answer:
    """How far has the session come?"""
    question = {**headers, "Content-Length": "0", "Content-Range": f"bytes */{ask.total}"}
    return _converse(connection, question, lambda: None)


def _converse(connection: Connection, headers: Mapping[str, str], send_body: Callable[[], None]) -> Answer:
    """One request and its reply; a mishap becomes an answer. `Halted` and `Unreadable` pass through."""
    try:
        connection.open()
    except (OSError, Closed) as error:
        return no_reply(error, sent=False)
    try:
        connection.ask("PUT", headers)
        send_body()
        return connection.reply()
    except (OSError, http.client.HTTPException, Closed, Truncated) as error:
        return no_reply(error, sent=True)


class Sending:
    """One piece of a file on its way to its session."""

    def __init__(
        self,
        piece: Piece,
        connection: Connection,
        courier: Courier,
        *,
        pace: Pace,
        timeouts: Timeouts,
        clock: Clock,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._piece = piece
        self._connection = connection
        self._courier = courier
        self._pace = pace
        self._stall = timeouts.stall
        self._clock = clock
        self._loop = loop
        self._committed = False

    def run(self, headers: Mapping[str, str]) -> Answer | Stopped:
        """Sends the piece and reads the reply. Called in a worker thread."""
        piece = self._piece
        head = {
            **headers,
            "Content-Type": piece.mime,
            "Content-Length": str(piece.end - piece.start),
            # Also for a whole file: the protocol takes it, and so a server can refuse what does not fit.
            "Content-Range": f"bytes {piece.start}-{piece.end - 1}/{piece.total}",
        }
        try:
            with SourceFile(piece.path) as file:
                if file.size < piece.total:
                    return Stopped("the file became shorter")
                if piece.source not in (None, file.identity):
                    return Stopped("another file lies in its place")
                file.go_to(piece.start)
                answer = _converse(self._connection, head, lambda: self._body(file))
        except (Halted, Unreadable) as halt:
            self._connection.abort()
            return Stopped(str(halt))
        given_up = self._connection.broken.is_set() and not self._committed
        return Stopped("the transfer was given up") if given_up and isinstance(answer, NoReply) else answer

    def _body(self, file: SourceFile) -> None:
        """Sends block after block until all are gone or the server replies early."""
        piece, view = self._piece, memoryview(bytearray(self._pace.block))
        turning_point = max(piece.start, piece.end - LAST_BLOCK) if piece.last else None
        position = piece.start
        while position < piece.end:
            if position == turning_point:
                self._final_bytes(file, piece.end - position)
                return
            limit = piece.end if turning_point is None else turning_point
            block = view[: min(len(view), limit - position)]
            file.fill(block)
            if not self._hand_over(block):
                return
            position += len(block)
            self._courier.progress(position)

    def _final_bytes(self, file: SourceFile, size: int) -> None:
        """The last bytes: all of them are read before the gate is asked, so that what the gate looks at is
        what was read.
        """
        rest = memoryview(bytearray(size))
        file.fill(rest)
        self._pass_gate()
        step = self._pace.block
        for start in range(0, size, step):
            block = rest[start : start + step]
            if not self._hand_over(block):
                return
            self._courier.progress(self._piece.end - size + start + len(block))

    def _pass_gate(self) -> None:
        """Asks the gate on its own event loop, and waits. Once open, there is no turning back."""
        self._check()
        asked = asyncio.run_coroutine_threadsafe(_open(self._courier.gate), self._loop)
        while not asked.done():
            if self._connection.broken.is_set():
                asked.cancel()
                raise Closed
            concurrent.futures.wait([asked], timeout=_LOOK_UP)
        if asked.cancelled():
            raise Closed
        if not asked.result():
            raise Halted("the gate is closed")
        self._committed = True

    def _hand_over(self, block: memoryview) -> bool:
        """Sends one block; False when the server replied instead of taking it."""
        self._wait(self._pace.claim(len(block), self._clock.monotonic()))
        if self._connection.replied():
            return False
        moved_at = self._clock.monotonic()
        while block:
            self._check()
            try:
                count = self._connection.send(block)
            except ConnectionError:
                if self._connection.broken.is_set() or not self._connection.last_words():
                    raise
                return False
            if count:
                block, moved_at = block[count:], self._clock.monotonic()
            elif self._connection.replied():
                return False
            elif self._clock.monotonic() - moved_at >= self._stall:
                raise TimeoutError
        return True

    def _wait(self, seconds: float) -> None:
        while seconds > 0:
            self._check()
            self._connection.broken.wait(min(seconds, _LOOK_UP))
            seconds -= _LOOK_UP

    def _check(self) -> None:
        if self._connection.broken.is_set():
            raise Closed
        if not self._committed and self._courier.halted():
            raise Halted("it was asked to stop")


async def _open(gate: Gate) -> bool:
    return await gate()
