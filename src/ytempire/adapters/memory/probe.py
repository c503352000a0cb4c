"""A look at a service in memory: `ports.Probe` that answers by a row."""

from ytempire.adapters.memory.clock import FakeClock
from ytempire.adapters.memory.vendor import Row
from ytempire.domain.chain import Made, ProviderFault
from ytempire.domain.vitals import Observation


class MemoryProbe:
    """Finds its service well unless its row says otherwise. The time that it takes is the clock's."""

    def __init__(self, service: str, clock: FakeClock) -> None:
        self.row: Row[None] = Row(clock)
        self._service = service
        self._clock = clock

    @property
    def service(self) -> str:
        return self._service

    @property
    def looks(self) -> int:
        """How often it looked."""
        return len(self.row.journal)

    async def look(self, seconds: float) -> Observation:
        started = self._clock.monotonic()
        found = await self.row.next(seconds, Made(None))
        took = self._clock.monotonic() - started
        error = found.sentence() if isinstance(found, ProviderFault) else ""
        return Observation(self._service, self._clock.now(), not error, latency=took, error=error)
