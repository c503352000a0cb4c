"""The one HTTP client of all providers: no redirects, proxies or cookies; every reply bounded, every wait limited.

It says of each call without an answer whether anybody can have been paid for it. Importing httpx2 costs 0.14 s,
so only the first call does.
"""

import asyncio
import http.cookiejar
import ipaddress
import json
import logging
import ssl
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ytempire.adapters.providers.mishaps import no_room, why
from ytempire.domain.chain import Blame, Charged, ProviderFault
from ytempire.ports import Clock

if TYPE_CHECKING:
    import httpx2

LONGEST_REPLY: Final = 8_388_608
LONGEST_SOUND: Final = 268_435_456
"""More than the longest text of any vendor can need: 40,000 characters are about 125 MB."""

_LONGEST_ERROR: Final = 65_536
_CONNECT_SECONDS: Final = 10.0

Sink = Callable[[bytes], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. Its headers may be secret: never shown. `keyed` says that they hold a key or a signature."""

    url: str = field(repr=False)
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = field(default=None, repr=False)
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """A reply of any status. Header names are in lower case; the body is empty where it went elsewhere."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def document(self) -> Mapping[str, Any] | None:
        """The body as a JSON object; None when it is something else (a proxy's page, half a body)."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None


class _TooMuch(Exception):
    """The reply is longer than it may be."""


@dataclass(slots=True)
class _Progress:
    """How far a request came."""

    sent: bool = False
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    error_body: bytearray = field(default_factory=bytearray)

    async def trace(self, event: str, _: Mapping[str, Any]) -> None:
        """Hears from the library what it does; names are like `http11.send_request_headers.started`."""
        self.sent = self.sent or "send_request" in event


class Web:
    """One client per event loop, made when a loop first calls.

    `tls` None: the authorities that the machine trusts. `clock` is there for those who sign, wait and measure.
    """

    def __init__(self, clock: Clock, *, tls: ssl.SSLContext | None = None, agent: str = "ytempire") -> None:
        self.clock = clock
        self._tls = tls
        self._agent = agent
        self._clients: dict[asyncio.AbstractEventLoop, httpx2.AsyncClient] = {}
        self._lock = threading.Lock()

    async def ask(
        self, request: Request, seconds: float, *, longest: int = LONGEST_REPLY
    ) -> Heard | ProviderFault:
        """Sends a request and reads the reply, all within so many seconds."""
        body = bytearray()

        async def keep(part: bytes) -> None:
            body.extend(part)

        heard = await self.save(request, seconds, keep, longest=longest)
        if isinstance(heard, Heard) and heard.status == 200:
            return Heard(heard.status, heard.headers, bytes(body))
        return heard

    async def save(
        self, request: Request, seconds: float, sink: Sink, *, longest: int = LONGEST_SOUND
    ) -> Heard | ProviderFault:
        """As `ask`, but the body of a reply with status 200 goes to `sink`, piece by piece.

        What `sink` raises comes through, but for `OSError`, which is a fault: there is no room for the answer.
        """
        unsafe = _unsafe(request)
        if unsafe:
            return ProviderFault(Blame.CREDENTIAL, "not_sendable", unsafe)
        import httpx2  # noqa: PLC0415 - see the head of this file

        progress = _Progress()
        try:
            async with asyncio.timeout(seconds):
                await self._exchange(request, seconds, progress, sink, longest)
        except _TooMuch:
            return ProviderFault(
                Blame.OUTPUT, "too_long", f"the reply has more than {longest:,} bytes", Charged.YES
            )
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
            if progress.status in {None, 200}:
                return _lost(progress, error)
        except OSError as error:
            return no_room(error, Charged.YES)
        return Heard(progress.status or 0, progress.headers, bytes(progress.error_body))

    async def _exchange(
        self, request: Request, seconds: float, progress: _Progress, sink: Sink, longest: int
    ) -> None:
        async with self._client().stream(
            request.method,
            request.url,
            params=dict(request.query) or None,
            headers=dict(request.headers),
            content=request.body,
            timeout=_timeout(seconds),
            extensions={"trace": progress.trace},
        ) as response:
            progress.headers = {name.lower(): value for name, value in response.headers.items()}
            progress.status = response.status_code
            length = 0
            async for part in response.aiter_raw():
                length += len(part)
                if response.status_code != 200:
                    progress.error_body += part[: _LONGEST_ERROR - len(progress.error_body)]
                    if length >= _LONGEST_ERROR:
                        return
                elif length > longest:
                    raise _TooMuch
                else:
                    await sink(part)

    def _client(self) -> "httpx2.AsyncClient":
        loop = asyncio.get_running_loop()
        with self._lock:
            for dead in [other for other in self._clients if other.is_closed()]:
                del self._clients[dead]
            if loop not in self._clients:
                self._clients[loop] = self._new_client()
            return self._clients[loop]

    def _new_client(self) -> "httpx2.AsyncClient":
        import httpx2  # noqa: PLC0415 - see the head of this file

        # Told to be talkative, these would write headers into the log.
        for library in ("httpx2", "httpcore2"):
            logging.getLogger(library).setLevel(logging.WARNING)
        self._tls = self._tls or ssl.create_default_context()
        return httpx2.AsyncClient(
            verify=self._tls,
            trust_env=False,
            follow_redirects=False,
            # A connection that was kept may be closed by the other side just as it is used again, and then nobody
            # knows whether the call was paid for. A new one costs a tenth of a second.
            limits=httpx2.Limits(max_keepalive_connections=0),
            # Nothing is packed: a packed megabyte can hold a thousand.
            headers={"User-Agent": self._agent, "Accept-Encoding": "identity"},
            cookies=http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=[])),
        )

    async def aclose(self) -> None:
        """Closes the clients of every loop that still runs."""
        with self._lock:
            clients, self._clients = self._clients, {}
        here = asyncio.get_running_loop()
        for loop, client in clients.items():
            if loop is here:
                await client.aclose()
            elif loop.is_running():
                await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(client.aclose(), loop))


def _timeout(seconds: float) -> "httpx2.Timeout":
    import httpx2  # noqa: PLC0415 - see the head of this file

    return httpx2.Timeout(seconds, connect=min(_CONNECT_SECONDS, seconds))


def _unsafe(request: Request) -> str:
    """Why a request is not sent at all; empty when it may be.

    Checked here because the library would show a header's value in its complaint.
    """
    if not all(" " <= letter <= "~" for value in request.headers.values() for letter in value):
        return "its key has a letter that no header can carry; look for a line break or a blank in it"
    try:
        address = urlsplit(request.url)
        host, _ = address.hostname, address.port
    except ValueError:
        host, address = None, urlsplit("")
    if not host or address.scheme not in {"http", "https"}:
        return "its address is not a web address"
    if request.keyed and address.scheme != "https" and not _is_loopback(host):
        return "its address is not https, and a key is never sent in clear"
    return ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _lost(progress: _Progress, error: Exception) -> ProviderFault:
    """A call without an answer, by how far it came."""
    told = why(error)
    if progress.status is not None:
        return ProviderFault(Blame.OUTPUT, "cut_short", told, Charged.YES)
    if not progress.sent:
        return ProviderFault(Blame.OUTAGE, "unreachable", told, Charged.NO)
    code = "timeout" if isinstance(error, TimeoutError) or "Timeout" in type(error).__name__ else "no_reply"
    return ProviderFault(Blame.OUTAGE, code, told, Charged.MAYBE)
