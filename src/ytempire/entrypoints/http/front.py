"""The front of the house: under which names it is reached, and which requests of browsers are not even looked at.

A page elsewhere may send requests to this machine, and a name elsewhere may be pointed at it (DNS rebinding). So the
`Host` must be one of ours, an `Origin` must be one of ours, and what a browser says comes from another site is turned
away, except for a person who follows a link to a page, or who comes back from Google.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from ytempire.domain.consent import CALLBACK_PATH
from ytempire.entrypoints.http.problems import Problem

MOST_HEADERS = 16_384
"""Bytes that the head of a request may have: its first line and its headers."""
_PORTS = {"http": 80, "https": 443}
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_OURS = frozenset({"same-origin", "none"})
_LENGTHS = frozenset({"content-length", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Front:
    """How the house is reached. `local`: whoever asks from this machine needs no token; `tls`: browsers use https."""

    hosts: frozenset[str]
    origins: frozenset[str]
    tls: bool
    local: bool

    @property
    def cookie(self) -> str:
        """The name of the cookie of a browser that signed in."""
        return "__Host-ytempire" if self.tls else "ytempire"


def front(
    port: int, names: Iterable[str] = (), *, loopback: bool = True, tls: bool = False, local: bool = True
) -> Front:
    """The front of a house on a port; `names` are further ones, with a port of their own or with ours."""
    scheme = "https" if tls else "http"
    plain = [*(_LOOPBACK if loopback else ()), *(name.lower() for name in names)]
    hosts = {name if has_port(name) else f"{name}:{port}" for name in plain}
    # A browser leaves out the port that the scheme has anyway; a proxy may serve on it whatever our own is.
    hosts |= {name for name in plain if not has_port(name) and (tls or port == _PORTS[scheme])}
    return Front(frozenset(hosts), frozenset(f"{scheme}://{host}" for host in hosts), tls, local)


def has_port(name: str) -> bool:
    """Does a name of ours say its port?"""
    return name.rpartition(":")[2].isdecimal() and not name.endswith("]")


class Gate:
    """Turns away what does not mean us, or comes from somebody else's page."""

    def __init__(self, app: ASGIApp, front: Front) -> None:
        self._app = app
        self._front = front

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            self._look(scope)
        await self._app(scope, receive, send)

    def _look(self, scope: Scope) -> None:
        if _head_bytes(scope) > MOST_HEADERS:  # the parser sees only heads that do not come at once
            raise heads_too_long()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        counted = [name for name, _ in scope["headers"] if name in (b"host", b"origin", b"authorization")]
        if len(counted) != len(set(counted)):
            raise Problem(400, "header_twice", "a header is there twice that may be there once")
        if _LENGTHS <= headers.keys():
            # A proxy may have taken the other one: what follows is perhaps no request of this caller (RFC 9112 6.1).
            detail = "it tells its length as Content-Length and as Transfer-Encoding; leave one out"
            raise Problem(400, "two_lengths", detail, {"Connection": "close"})
        if headers.get("host", "").lower() not in self._front.hosts:
            raise Problem(421, "wrong_host", "this name is not one of ours; see [api] hosts")
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in self._front.origins:
            raise Problem(403, "wrong_origin", "this comes from another site")
        site = headers.get("sec-fetch-site")
        if site is not None and site not in _OURS and not _is_visit(scope, headers):
            raise Problem(403, "cross_site", "this comes from another site")


def heads_too_long() -> Problem:
    """What a request with a longer head is told."""
    detail = f"the first line and the headers of a request have at most {MOST_HEADERS:,} bytes"
    return Problem(431, "headers_too_long", detail)


def _head_bytes(scope: Scope) -> int:
    headers = sum(len(name) + len(value) + len(": \r\n") for name, value in scope["headers"])
    return headers + len(scope.get("raw_path") or b"") + len(scope["query_string"])


def _is_visit(scope: Scope, headers: Mapping[str, str]) -> bool:
    """Does a person follow a link to a page of ours, or come back from Google?"""
    if scope["type"] != "http" or scope["method"] != "GET" or headers.get("sec-fetch-mode") != "navigate":
        return False
    to_itself = headers.get("sec-fetch-dest", "document") == "document"
    path = str(scope["path"])
    return to_itself and (path == CALLBACK_PATH or not path.startswith("/api/"))
