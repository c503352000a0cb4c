"""Death at a chosen moment: ports that count what is asked of them, and end the process before or after it."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, cast

from tests.services.house import Ports
from ytempire.domain.values import PublicationId
from ytempire.ports import Clock, Google, Media, Store, Vault


class Death(Exception):
    """The process ended here. Nothing that was only in its memory is left."""


class Fate:
    """Counts port calls; at the fatal one the process dies, before it was made or just after it was answered.

    `moments` counts two for each call, so that every number below its final value is one place to die.
    """

    def __init__(self, fatal: int | None = None) -> None:
        self.moments = 0
        self.met = False
        self.last_words = ""
        self._fatal = fatal

    def pass_by(self, name: str) -> None:
        """One more moment."""
        here, self.moments = self.moments, self.moments + 1
        if here == self._fatal:
            self.met = True
            self.last_words = f"moment {here}, at {name}"
            raise Death(self.last_words)

    async def linger(self) -> None:
        """Called with every asynchronous call; death leaves no time for anything."""


class Coma(Fate):
    """At the fatal moment the process stands still while the world goes on, and then wakes up."""

    def __init__(self, fatal: int, world: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._sleep_at = fatal
        self._world = world

    def pass_by(self, name: str) -> None:
        """One more moment, never fatal."""
        self.moments += 1
        self.last_words = name if not self.met else self.last_words

    async def linger(self) -> None:
        """Lets the world go on when the moment has come."""
        if not self.met and self.moments > self._sleep_at:
            self.met = True
            await self._world()


class Mortal:
    """A port whose calls pass by a fate twice: before they are made and after they were answered."""

    def __init__(self, port: object, fate: Fate) -> None:
        self._port = port
        self._fate = fate

    def __getattr__(self, name: str) -> Callable[..., Any]:
        called = getattr(self._port, name)
        fate = self._fate

        async def later(*args: Any, **named: Any) -> Any:
            fate.pass_by(f"before {name}")
            await fate.linger()
            answer = await called(*args, **named)
            fate.pass_by(f"after {name}")
            await fate.linger()
            return answer

        def at_once(*args: Any, **named: Any) -> Any:
            fate.pass_by(f"before {name}")
            answer = called(*args, **named)
            fate.pass_by(f"after {name}")
            return answer

        return later if inspect.iscoroutinefunction(called) else at_once


def mortal(ports: Ports, fate: Fate, *, everything: bool = True) -> Ports:
    """The ports under a fate: all of them, or only those whose calls leave a trace."""

    def progress(which: PublicationId, offset: int, total: int) -> None:
        fate.pass_by(f"at byte {offset}")

    store, google = Mortal(ports.store, fate), Mortal(ports.google, fate)
    others: list[object] = [ports.vault, ports.media, ports.clock]
    if everything:
        others = [Mortal(port, fate) for port in others]
    vault, media, clock = others
    return Ports(
        cast(Store, store),
        cast(Google, google),
        cast(Vault, vault),
        cast(Media, media),
        cast(Clock, clock),
        progress,
    )
