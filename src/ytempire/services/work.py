"""The worker's loop: whatever is due is given to the engine, by priority; nothing due, it sleeps.

It is the outbox of the store: a publication that no pass is working on is found here, whoever queued it
and whatever died in between.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from ytempire.domain.values import PublicationId
from ytempire.ports import Engine
from ytempire.services.alert_duty import AlertDuty
from ytempire.services.context import Context
from ytempire.services.following import Following
from ytempire.services.trouble import Trouble
from ytempire.services.watch import Watch

_OVERSAMPLE = 2


def always() -> bool:
    """Work may be begun."""
    return True


@dataclass(frozen=True, slots=True)
class Work:
    """Feeds the engine. `capacity` is how many passes may run at once; `beat` the longest sleep, in seconds.

    With `following` nothing is started before its hour in the plan of the day. Nothing is begun, or looked at, while
    `may` answers false.
    """

    context: Context
    engine: Engine
    watch: Watch
    capacity: int
    beat: float = 0.5
    alerts: AlertDuty | None = None
    following: Following | None = None
    may: Callable[[], bool] = always
    working: Trouble = field(default_factory=lambda: Trouble("a round of work failed; it is tried again"))
    looking: Trouble = field(default_factory=lambda: Trouble("a look at videos failed; it is tried again"))
    alerting: Trouble = field(
        default_factory=lambda: Trouble("a round of alerting failed; it is tried again")
    )

    async def run(self, stop: Callable[[], Awaitable[bool]]) -> None:
        """Works until `stop` answers true; it is asked after every round."""
        while True:
            busy = await self._guarded()
            await self._alert(last=False)
            if await stop():
                await self._alert(last=True)
                return
            if not busy:
                await self.context.clock.sleep(self.beat)

    async def _guarded(self) -> bool:
        """A round whose trouble (a locked store, a full disk) is told and does not end the worker. When one half of
        it fails, and will fail again, the other is done all the same.
        """
        looked = await self._tried(self._look, self.looking)
        started = await self._tried(self._start, self.working)
        return looked or started

    async def _tried(self, half: Callable[[], Awaitable[bool]], trouble: Trouble) -> bool:
        try:
            found = await half()
        except Exception as error:  # noqa: BLE001  the worker's outermost loop: one bad round must not end it
            trouble.met(error, self.context.clock.monotonic())
            return False
        trouble.over()
        return found

    async def _alert(self, *, last: bool) -> None:
        """A round of alerting, whose trouble is told and never keeps a publication waiting."""
        if self.alerts is None:
            return
        try:
            await (self.alerts.end() if last else self.alerts.round())
        except Exception as error:  # noqa: BLE001  as above
            self.alerting.met(error, self.context.clock.monotonic())
        else:
            self.alerting.over()

    async def round(self) -> bool:
        """One look at what is due; true when there was something to start or to look at."""
        looked = await self._look()
        return await self._start() or looked

    async def _look(self) -> bool:
        """Looks at the videos whose time has come; whether there were any."""
        return self.may() and await self.watch.look() > 0

    async def _start(self) -> bool:
        """Gives the engine what is due and fits; whether there was anything."""
        if not self.may():
            return False
        if self.following is not None:
            await self.following.round()
        free = self.capacity - self.engine.active()
        if free <= 0:
            return False
        now = self.context.clock.now()
        due: tuple[PublicationId, ...] = await self.context.store.due(now, self.capacity * _OVERSAMPLE)
        started = 0
        for which in due:
            if started < free and await self.engine.dispatch(which):
                started += 1
        return started > 0
