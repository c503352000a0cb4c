"""Virtual time: an event loop that never waits. When nothing can run, its time jumps to the next timer."""

import asyncio
import math
import selectors
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ytempire.adapters.memory.clock import FakeClock
from ytempire.domain.values import Secret
from ytempire.simulation.chance import Dice

_TICKS = 1_000_000
"""In a second: datetimes count in microseconds."""


_RESOLUTION = 1e-7
"""Seconds: less than a tick, and more than the rounding of any time within thirty years."""


class NothingLeft(RuntimeError):
    """Everybody waits for something that nobody will ever do."""


class _Jump(selectors.BaseSelector):
    """Asked to wait so long for sockets, it lets the time pass instead: there are none."""

    def __init__(self) -> None:
        self.ticks = 0
        self._keys: dict[Any, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        number = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        self._keys[fileobj] = selectors.SelectorKey(fileobj, number, events, data)
        return self._keys[fileobj]

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys.pop(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._keys

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise NothingLeft("the simulation has come to a stop: everybody waits for somebody else")
        self.ticks += math.ceil(max(0.0, timeout) * _TICKS)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on virtual time, which starts at 0 seconds."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)
        # asyncio calls a timer due when it is less than this away. Its own value is lost in rounding after 194 days,
        # and then a timer that is due now never rings.
        self._clock_resolution = _RESOLUTION

    def time(self) -> float:
        """Virtual seconds since the start."""
        return self._jump.ticks / _TICKS

    def ticks(self) -> int:
        """Virtual microseconds since the start."""
        return self._jump.ticks


class VirtualClock:
    """`ports.Clock` by a virtual loop, with dice and ids of its seed."""

    def __init__(self, loop: VirtualLoop, start: datetime, seed: int) -> None:
        self._loop = loop
        self._start = start
        self._told = (0, start)
        self._dice = Dice(seed, "services")
        self._names = FakeClock(start)

    def now(self) -> datetime:
        """The virtual moment, in UTC."""
        ticks = self._loop.ticks()
        if ticks != self._told[0]:
            self._told = (ticks, self._start + timedelta(microseconds=ticks))
        return self._told[1]

    def monotonic(self) -> float:
        """Virtual seconds since the start."""
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        """Sleeps in virtual time."""
        await asyncio.sleep(seconds)

    async def until(self, moment: datetime) -> None:
        """Sleeps until a moment; not at all when it is past."""
        await asyncio.sleep(max(0.0, (moment - self.now()).total_seconds()))

    def dice(self) -> float:
        """The next number of the row."""
        return self._dice.roll()

    def new_id(self, prefix: str) -> str:
        """`prefix_` and a number that counts up."""
        return self._names.new_id(prefix)

    def new_secret(self, size: int) -> Secret:
        """No secret at all; see `FakeClock`."""
        return self._names.new_secret(size)
