"""How the house is served: which addresses are safe, and what others ask for before anybody may reach us there."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ytempire.domain.values import Mendable
from ytempire.entrypoints.http.front import Front, front, has_port
from ytempire.settings import Settings

if TYPE_CHECKING:
    from ytempire.bootstrap.serving import Serving


@dataclass(frozen=True, slots=True)
class Way:
    """How requests come: over TLS with these files, through proxies whose word on who asks counts, how long the head
    of one may take, and on how many connections at a time (0: as many as the machine leaves room for); where there is
    no proxy one address has at most half of them.
    """

    certificate: Path | None = None
    key: Path | None = None
    proxies: tuple[str, ...] = ()
    head_seconds: float = 10.0
    most: int = 0


class Unsafe(Mendable):
    """Nobody should be served like this."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where and how it was asked to serve."""

    host: str = "127.0.0.1"
    certificate: Path | None = None
    key: Path | None = None
    behind_proxy: bool = False

    @property
    def loopback(self) -> bool:
        """Does only this machine reach it?"""
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False

    def address(self, port: int, names: Sequence[str] = ()) -> str:
        """Where a person finds it: under the first of its names when others reach it, else where it listens."""
        scheme = "https" if self.certificate else "http"
        if names and not self.loopback and not self.behind_proxy:
            return f"{scheme}://{names[0] if has_port(names[0]) else f'{names[0]}:{port}'}/"
        name = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{name}:{port}/"

    @property
    def open(self) -> bool:
        """May others than this machine send requests?"""
        return self.behind_proxy or not self.loopback


def vetted(standing: Standing, settings: Settings) -> Way:
    """The way in. Raises `Unsafe` for one that nobody should take."""
    if (standing.certificate is None) != (standing.key is None):
        raise Unsafe("--tls-cert and --tls-key belong together; give both or neither")
    if not standing.loopback and standing.certificate is None and not standing.behind_proxy:
        remedy = "give --tls-cert and --tls-key, or --behind-proxy when a proxy in front of it speaks TLS"
        raise Unsafe(f"{standing.host} can be reached by others, and tokens would travel in clear; {remedy}")
    if standing.open and not settings.api.hosts:
        remedy = 'write it in the configuration: [api] hosts = ["videos.example.org"]'
        raise Unsafe(f"under which name others reach it is not known; {remedy}")
    proxies = settings.api.proxies if standing.behind_proxy else ()
    return Way(standing.certificate, standing.key, proxies)


async def guarded_by_tokens(standing: Standing, serving: "Serving") -> None:
    """Raises `Unsafe` when others can reach it and nobody has a token."""
    if standing.open and not await serving.tokens.any_valid():
        remedy = "make one with `ytempire token create NAME --role ROLE`"
        raise Unsafe(f"others can reach it, and there is no token that they could show; {remedy}")


def front_for(standing: Standing, serving: "Serving", port: int) -> Front:
    """The front of the house. Behind a proxy everybody seems to be on this machine, so nobody is."""
    tls = standing.behind_proxy or standing.certificate is not None
    return front(port, serving.settings.api.hosts, tls=tls, local=not standing.open)
