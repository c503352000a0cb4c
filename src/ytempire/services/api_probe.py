"""A look at YouTube that costs a unit of quota: one authorised call, seldom, when our own calls are silent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ytempire.domain.accounts import Account, Condition
from ytempire.domain.calls import my_channel
from ytempire.domain.faults import HARD_STOP, Fault, Scope
from ytempire.domain.quota import Method
from ytempire.domain.vitals import Health, Manners, Observation, called_lately
from ytempire.services.context import Context
from ytempire.services.gate import YOUTUBE
from ytempire.services.gateway import Gateway

YOUTUBE_API = "youtube_api"
_LONGEST_DAY = timedelta(hours=25)


def spaced(manners: Manners, per_day: int) -> Manners:
    """The manners of a probe that may be made so often on a quota day, also on the longest one."""
    every = _LONGEST_DAY / per_day
    return Manners(every, manners.timeout, 0, manners.confirmations, stale=every * 3, eager=False)


@dataclass(frozen=True, slots=True)
class ApiProbe:
    """Asks for the channel of the account that has been idle longest. Charged in the ledger like every call."""

    context: Context
    gateway: Gateway
    manners: Manners

    @property
    def service(self) -> str:
        """The service it looks at."""
        return YOUTUBE_API

    async def look(self, seconds: float) -> Observation:
        """One call, unless calls of our own told lately. It has the time-out of every call: its charge is settled."""
        del seconds
        clock, store = self.context.clock, self.context.store
        now = clock.now()
        told = await store.vital(YOUTUBE)
        if told and called_lately(told, now, self.manners.every):
            well = told.candidate is not Health.UNHEALTHY
            return Observation(YOUTUBE_API, now, well, error="" if well else told.error)
        active = [each for each in await store.accounts(now) if each.condition is Condition.ACTIVE]
        if not active:
            return Observation(YOUTUBE_API, now, well=False, error="no account is connected")
        idle = min(active, key=lambda each: _last(each, now))
        started = clock.monotonic()
        answer = await self.gateway.call(idle.id, Method.CHANNELS_LIST, my_channel())
        took = clock.monotonic() - started
        if answer is HARD_STOP:
            return Observation(YOUTUBE_API, now, well=True, notes=("not asked: quota is at its hard stop",))
        if isinstance(answer, Fault) and answer.scope is Scope.SERVICE:
            return Observation(YOUTUBE_API, clock.now(), well=False, latency=took, error=answer.code)
        return Observation(YOUTUBE_API, clock.now(), well=True, latency=took)


def _last(account: Account, now: datetime) -> tuple[float, str]:
    last = account.last_upload_at
    return (last - now).total_seconds() if last else float("-inf"), account.id
