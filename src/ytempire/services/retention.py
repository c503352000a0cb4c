"""Forgetting what happened so long ago that nobody asks for it, so that an installation does not grow for ever.

Publications stay: that no video is published twice rests on them. The trail of credential use stays, because each of
its entries proves the one before it.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ytempire.domain.quota_day import QuotaDay
from ytempire.ports import Clock, Store
from ytempire.services.checklist import RESULT
from ytempire.services.history import last_before

BATCH = 500
"""Rows that are deleted at once: nobody who writes waits longer for it than a moment."""

_PAUSE = 0.05
"""Seconds between two batches, for those who write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How long what is kept."""

    calls: timedelta
    drills: timedelta
    spend: timedelta
    events: timedelta
    alerts: timedelta
    dead_letters: timedelta
    plans: timedelta
    quota: timedelta


@dataclass(frozen=True, slots=True)
class Retention:
    """Forgets. Any number of workers may. `webhooks` are those of the configuration, who shall get every event;
    the newest drill of each chain stays whatever its age.
    """

    store: Store
    clock: Clock
    keep: Keep
    webhooks: Collection[str] = ()

    async def round(self) -> None:
        """Forgets all that is older than it is kept."""
        now, keep, store = self.clock.now(), self.keep, self.store
        await self._forget(lambda: store.forget_calls(now - keep.calls, BATCH))
        await self._forget(lambda: store.forget_drills(now - keep.drills, BATCH))
        await self._forget(lambda: store.forget_spending(_day(now - keep.spend), BATCH))
        await self._forget(lambda: store.forget_letters(now - keep.dead_letters, BATCH))
        await self._forget(lambda: store.forget_alerts(now - keep.alerts, BATCH))
        await self._forget(lambda: store.forget_mutes(now - keep.alerts, BATCH))
        await self._forget(lambda: store.forget_outcomes(now - keep.events, BATCH))
        await self._forget(lambda: store.forget_quota(QuotaDay.of(now - keep.quota), BATCH))
        day = _day(now - keep.plans)
        await self._forget(lambda: store.forget_plans(day, BATCH))
        await self._forget(lambda: store.forget_facts(RESULT, day.isoformat(), BATCH))
        await self._forget_events(now)

    async def _forget(self, some: Callable[[], Awaitable[int]]) -> None:
        while await some() == BATCH:
            await self.clock.sleep(_PAUSE)

    async def _forget_events(self, now: datetime) -> None:
        """Events that nobody has still to read: neither alerting nor a webhook."""
        before = now - self.keep.events
        news = await self.store.alert_news(now)
        hooks = [each for each in await self.store.webhooks(now) if each.name in self.webhooks]
        read = (news.seen, *(each.seen for each in hooks if each.disabled_at is None))
        upto = min(await last_before(self.store, before, news.newest), *read)
        last = 0
        while last := await self.store.forget_events(last, upto, before, BATCH):
            await self.clock.sleep(_PAUSE)


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
