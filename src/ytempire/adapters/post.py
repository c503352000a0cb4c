"""The post: one signed message to a receiver over HTTP, never to a place that must not be reached (`domain.reach`).

The name is looked up once, every address it has is judged, and the connection goes to that very address, while
certificates and the `Host` header keep the name. No redirects, proxies or cookies; the reply is bounded, and so is
the time. Importing httpx2 costs 0.14 s, so it is imported when it is first needed.
"""

import asyncio
import http.cookiejar
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urlsplit

from ytempire.domain.reach import is_inside, refused_address, refused_url
from ytempire.ports import Parcel, Try

if TYPE_CHECKING:
    import httpx2

SECONDS: Final = 15.0
LONGEST_REPLY: Final = 16_384
_PORTS: Mapping[str, int] = {"https": 443, "http": 80}


LookUp = Callable[[str, int], Awaitable[list[str]]]
"""From a name and a port to addresses. Raises `OSError` when there are none."""


async def looked_up(host: str, port: int) -> list[str]:
    """The addresses that the machine knows for a name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class _Refused(Exception):
    """The message may not go there."""


class HttpPost:
    """`ports.Post`. `tls` None: the authorities that the machine trusts."""

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
        agent: str = "ytempire",
        look_up: LookUp = looked_up,
    ) -> None:
        self._tls = tls
        self._look_up = look_up
        self._seconds = seconds
        self._agent = agent

    async def send(self, parcel: Parcel) -> Try:
        """As the port says."""
        import httpx2  # noqa: PLC0415 - see the head of this file

        answered: list[Try] = []
        try:
            async with asyncio.timeout(self._seconds):
                await self._deliver(parcel, answered)
        except TimeoutError:
            error = f"it did not answer within {self._seconds:g} s"
        except _Refused as refused:
            error = str(refused)
        except socket.gaierror:
            error = "its name has no address"
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as broken:
            error = f"it cannot be reached: {type(broken).__name__}"
        else:
            return answered[0]
        return answered[0] if answered else Try(error=error)

    async def _deliver(self, parcel: Parcel, answered: list[Try]) -> None:
        """Sends it to the first address that takes a connection; notes the answer as soon as it is there."""
        import httpx2  # noqa: PLC0415 - see the head of this file

        parts = urlsplit(parcel.url)
        addresses = await self._addresses(parcel.url, parts, private=parcel.private)
        async with self._client() as client:
            for place, address in enumerate(addresses, 1):
                try:
                    await _exchange(client, parcel, parts, address, answered)
                except (httpx2.ConnectError, httpx2.ConnectTimeout):
                    if place == len(addresses):
                        raise
                else:
                    return

    async def _addresses(self, url: str, parts: SplitResult, *, private: bool) -> list[str]:
        """The addresses of a receiver, each of which may be spoken to. Raises `_Refused` when one may not."""
        if why := refused_url(url, private=private):
            raise _Refused(f"its address is not used: {why}")
        found = await self._look_up(parts.hostname or "", parts.port or _PORTS[parts.scheme])
        for each in found:
            if why := refused_address(each, private=private):
                raise _Refused(f"its address is not used: {why}")
            if parts.scheme == "http" and not is_inside(each):
                raise _Refused(f"its address is not used: {each} is on the internet, http is not safe there")
        if not found:
            raise _Refused("its name has no address")
        return found

    def _client(self) -> "httpx2.AsyncClient":
        import httpx2  # noqa: PLC0415 - see the head of this file

        # Told to be talkative, these would write headers and addresses into the log.
        for library in ("httpx2", "httpcore2"):
            logging.getLogger(library).setLevel(logging.WARNING)
        self._tls = self._tls or ssl.create_default_context()
        return httpx2.AsyncClient(
            verify=self._tls,
            trust_env=False,
            follow_redirects=False,
            timeout=self._seconds,
            limits=httpx2.Limits(max_keepalive_connections=0),
            headers={"User-Agent": self._agent, "Accept-Encoding": "identity"},
            cookies=http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=[])),
        )


async def _exchange(
    client: "httpx2.AsyncClient", parcel: Parcel, parts: SplitResult, address: str, answered: list[Try]
) -> None:
    host = parts.hostname or ""
    pinned = f"[{address}]" if ":" in address else address
    port = f":{parts.port}" if parts.port else ""
    target = parts._replace(netloc=pinned + port).geturl()
    named = {"host": parts.netloc, **parcel.headers}
    async with client.stream(
        "POST", target, headers=named, content=parcel.content, extensions={"sni_hostname": host}
    ) as response:
        answered.append(Try(response.status_code, retry_after=response.headers.get("retry-after")))
        read = 0
        async for part in response.aiter_raw():
            read += len(part)
            if read > LONGEST_REPLY:
                return  # what it goes on to say matters to nobody
