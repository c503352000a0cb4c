"""The health of services: what their own calls tell, and probes where those are silent."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ytempire.domain import vitals
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.vitals import Health, Manners, Observation, Vital
from ytempire.domain.wire import storable
from ytempire.ports import Chainbook, Clock, Probe

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Vitality:
    """Keeps the health of services. `own` are the manners of services that differ from the usual ones."""

    book: Chainbook
    clock: Clock
    probes: Sequence[Probe] = ()
    manners: Manners = field(default_factory=Manners)
    own: Mapping[str, Manners] = field(default_factory=dict)
    _told: dict[str, Observation] = field(default_factory=dict, repr=False)

    def manners_of(self, service: str) -> Manners:
        """How this service is looked at."""
        return self.own.get(service, self.manners)

    async def saw(self, seen: Observation) -> None:
        """Notes what a call of ours told. More of the same within half the pace of probes is not written down."""
        last = self._told.get(seen.service)
        pause = self.manners_of(seen.service).every / 2
        if last is not None and last.well == seen.well and seen.well and abs(seen.at - last.at) < pause:
            return
        self._told[seen.service] = seen
        await self._note(seen)

    async def health(self, service: str) -> tuple[Health, str]:
        """How a service is now, and its last error."""
        vital = await self.book.vital(service)
        if vital is None:
            return Health.UNKNOWN, ""
        return vitals.current(vital, self.clock.now(), self.manners_of(service)), vital.error

    async def round(self) -> int:
        """Probes every service whose time has come, all at once; how many that were."""
        known = {each.service: each for each in await self.book.vitals()}
        now = self.clock.now()
        due = [probe for probe in self.probes if await self._claim(probe, known.get(probe.service), now)]
        looks = await asyncio.gather(*(self._look(probe) for probe in due), return_exceptions=True)
        # A probe that is broken costs the others nothing, and is told when they are done.
        for trouble in [each for each in looks if isinstance(each, BaseException)]:
            raise trouble
        return len(due)

    async def look(self, service: str) -> Observation | None:
        """Probes one service now, whatever its time; None when nothing probes it."""
        for probe in self.probes:
            if probe.service == service:
                return await self._look(probe)
        return None

    async def _claim(self, probe: Probe, known: Vital | None, now: datetime) -> bool:
        """Whether this worker probes now: the next moment is written down before the look, so only one does."""
        manners = self.manners_of(probe.service)
        vital = known or Vital(probe.service)
        if not vitals.probe_is_due(vital, now, manners):
            return False
        following = vitals.next_probe(now, manners, self.clock.dice())
        first = vital.next_probe is None and not manners.eager
        return await self.book.swap_vital(replace(vital, next_probe=following), ()) and not first

    async def _look(self, probe: Probe) -> Observation:
        seen = await self._seen(probe, self.manners_of(probe.service).timeout.total_seconds())
        await self._note(seen)
        return seen

    async def _seen(self, probe: Probe, seconds: float) -> Observation:
        """What a probe says. It keeps its time itself; one that does not is not waited for."""
        try:
            async with asyncio.timeout(2 * seconds):
                return await probe.look(seconds)
        except TimeoutError:
            error = f"no answer within {2 * seconds:g} s"
        except OSError as lost:
            error = str(lost)
        return Observation(probe.service, self.clock.now(), well=False, error=error)

    async def _note(self, seen: Observation) -> None:
        seen = replace(seen, error=storable(seen.error, _LONGEST))
        while True:
            before = await self.book.vital(seen.service) or Vital(seen.service)
            after = vitals.observe(before, seen, self.manners_of(seen.service))
            if after is before or await self.book.swap_vital(after, _events(before, after, seen.at)):
                return


def _events(before: Vital, after: Vital, at: datetime) -> tuple[Event, ...]:
    """One event for a change that was believed; that a service is well for the first time is no news."""
    if before.health is after.health or (before.health is Health.UNKNOWN and after.health is Health.HEALTHY):
        return ()
    data = {
        "service": after.service,
        "health": after.health.value,
        "was": before.health.value,
        "why": after.error if after.health is Health.UNHEALTHY else "",
    }
    level = Level.WARNING if after.health is Health.UNHEALTHY else Level.INFO
    return (Event(Kind.SERVICE_CHANGED, at, level, data=data),)
