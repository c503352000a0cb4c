"""`HttpGoogle`: Google's servers behind the port. It gives the work to the event loop or to a thread."""

import asyncio
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from ytempire.adapters.google.addresses import trusted_root, why_no_form, why_no_session
from ytempire.adapters.google.connection import Connection
from ytempire.adapters.google.mishaps import Timeouts, bearer
from ytempire.adapters.google.pace import Pace
from ytempire.adapters.google.sending import Sending, ask_session
from ytempire.adapters.google.turns import Turns
from ytempire.domain.values import Secret
from ytempire.domain.wire import Answer, Ask, Call, Form, NoReply, Piece, Stopped
from ytempire.ports import Clock, Courier

if TYPE_CHECKING:
    from ytempire.adapters.google.small_calls import SmallCalls

T = TypeVar("T")

_GRACE = 5.0
"""Seconds to wait for a thread that was told to stop; only a name lookup can hold it that long."""

_BAD_TOKEN = NoReply("the access token is not one: it has blanks or odd characters", sent=False, ours=True)
_SHUT = NoReply("the connection to Google is closed", sent=False, ours=True)


class HttpGoogle:
    """Implements `ports.Google` over HTTP/1.1.

    `max_bandwidth` is in bytes per second, shared by all uploads. `extra_ca` is a PEM file of certificates
    trusted beside the machine's own; a certificate that is not trusted always ends the call. Proxies in the
    environment are not used: bytes and tokens go straight to the server. Redirects are never followed.

    Raises `ValueError` for a root that would carry tokens in clear over a public network, `OSError` for an
    `extra_ca` that cannot be read.
    """

    def __init__(
        self,
        api_root: str,
        clock: Clock,
        *,
        timeouts: Timeouts | None = None,
        max_bandwidth: int | None = None,
        user_agent: str = "ytempire (gzip)",
        extra_ca: str | None = None,
        max_uploads: int = 64,
    ) -> None:
        self._root = trusted_root(api_root)
        self._clock = clock
        self._timeouts = timeouts or Timeouts()
        self._pace = Pace(max_bandwidth)
        self._turns = Turns()
        self._agent = user_agent
        self._threads = ThreadPoolExecutor(max_uploads, thread_name_prefix="google")
        self._busy: dict[Connection, Future[Any]] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._tls: ssl.SSLContext = ssl.create_default_context()
        if extra_ca:
            self._tls.load_verify_locations(cafile=extra_ca)

    async def call(self, call: Call, token: Secret) -> Answer:
        """One small API call. Never raises for what the network or the server does."""
        authorization = bearer(token)
        if authorization is None:
            return _BAD_TOKEN
        if self._closed:
            return _SHUT
        headers = {"Authorization": authorization}
        boundary = self._clock.new_id("part")
        answer = await self._small.call(
            self._root + call.path, call, headers=headers, boundary=boundary, reader=self._threads
        )
        return self._blaming(answer)

    async def post(self, form: Form) -> Answer:
        """One form to an OAuth endpoint."""
        refusal = why_no_form(form.url, self._root)
        if refusal:
            return NoReply(refusal, sent=False, ours=True)
        return _SHUT if self._closed else self._blaming(await self._small.post(form, {}))

    async def ask(self, ask: Ask, token: Secret) -> Answer:
        """How far has a session come?"""
        headers = self._session_headers(ask.uri, token)
        if isinstance(headers, NoReply):
            return headers
        connection = self._connection(ask.uri)
        return self._blaming(await self._in_thread(connection, lambda: ask_session(connection, ask, headers)))

    async def send(self, piece: Piece, token: Secret, courier: Courier) -> Answer | Stopped:
        """Sends bytes of a file to a session, from a worker thread.

        The gate is asked on the calling event loop. When the server replies before it has everything, that
        reply is the answer. Cancelling ends the transfer at once; whether its last bytes left is unknown.
        """
        headers = self._session_headers(piece.uri, token)
        if isinstance(headers, NoReply):
            return headers
        connection = self._connection(piece.uri)
        sending = Sending(
            piece,
            connection,
            courier,
            pace=self._pace,
            timeouts=self._timeouts,
            clock=self._clock,
            loop=asyncio.get_running_loop(),
        )
        answer = await self._in_thread(connection, lambda: sending.run(headers))
        return answer if isinstance(answer, Stopped) else self._blaming(answer)

    def _blaming(self, answer: Answer) -> Answer:
        """The answer; a silence since we hung up is ours, and says nothing of the server."""
        return replace(answer, ours=True) if self._closed and isinstance(answer, NoReply) else answer

    def _session_headers(self, uri: str, token: Secret) -> dict[str, str] | NoReply:
        refusal = why_no_session(uri, self._root)
        if refusal:
            return NoReply(refusal, sent=False, ours=True)
        authorization = bearer(token)
        if authorization is None:
            return _BAD_TOKEN
        return _SHUT if self._closed else {"Authorization": authorization, "User-Agent": self._agent}

    def _connection(self, uri: str) -> Connection:
        return Connection(uri, self._tls, self._timeouts, self._clock, turns=self._turns)

    async def _in_thread(self, connection: Connection, work: Callable[[], T]) -> T:
        """Runs work that uses a connection; cancelling breaks the connection off and waits for the thread."""
        with self._lock:
            task = self._threads.submit(_closing, connection, work)
            self._busy[connection] = task
        running = asyncio.wrap_future(task)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            connection.break_off()
            await asyncio.wait({running}, timeout=_GRACE)
            raise
        finally:
            with self._lock:
                del self._busy[connection]

    @cached_property
    def _small(self) -> "SmallCalls":
        from ytempire.adapters.google.small_calls import SmallCalls  # noqa: PLC0415 - httpx2 costs 0.14 s to import

        return SmallCalls(self._tls, self._timeouts, self._agent)

    async def aclose(self) -> None:
        """Breaks off what is under way, waits for its threads, and closes what small calls kept open."""
        self._closed = True
        with self._lock:
            busy = dict(self._busy)
        for connection in busy:
            connection.break_off()
        self._threads.shutdown(wait=False)
        late = (await asyncio.to_thread(wait, busy.values(), _GRACE)).not_done
        if not late:
            await asyncio.to_thread(self._threads.shutdown)
        if "_small" in self.__dict__:
            await self._small.aclose()


def _closing(connection: Connection, work: Callable[[], T]) -> T:
    try:
        return work()
    finally:
        connection.close()
