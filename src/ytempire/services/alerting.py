"""Alerting: events become alerts, alerts become messages. Nobody else raises an alert; services write events.

Any number of processes may do this on one store: each event is read by one of them in effect, each message
is sent by whoever claims it. A process that dies between sending and writing that down may send it twice.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ytempire.domain.alert_rules import changes, trouble
from ytempire.domain.alerts import Mute, Raise, Target, message, muting, next_try, recipients
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.ports import Alarm, Clock, Errand, News, Notifier, Store

BATCH = 500
_MANY = 10_000
"""More than wait for a target that has long been silent, so that they hide nothing that is due to others."""

LEASE = timedelta(seconds=60)
"""Longer than any notifier takes to answer; a delivery whose process died is free again after it."""


@dataclass(frozen=True, slots=True)
class Alerting:
    """Follows events and tells targets. `targets` are those that the notifier knows."""

    store: Store
    clock: Clock
    notifier: Notifier
    targets: tuple[Target, ...] = ()

    async def round(self) -> None:
        """Everything there is to do now."""
        news = await self.follow()
        if news.due:
            await self.deliver()

    async def follow(self) -> News:
        """Reads what is new and ends what has lapsed, and sends nothing; how things stand then."""
        while True:
            now = self.clock.now()
            news = await self.store.alert_news(now)
            if news.lapsed:
                await self.store.lapse_alerts(now)
            if news.newest > news.seen:
                if not await self._read(news.seen, now):
                    return news  # somebody else is reading; what they leave is for the next round
            elif not news.lapsed:
                return news

    async def deliver(self) -> int:
        """Makes every delivery that is due, all targets at once; how many were tried."""
        due = await self.due()
        return sum(await asyncio.gather(*(self.deliver_in_turn(each) for each in due.values())))

    async def due(self) -> Mapping[str, Sequence[int]]:
        """The deliveries that are due, by target."""
        by_target: defaultdict[str, list[int]] = defaultdict(list)
        for which, target in await self.store.due_deliveries(self.clock.now(), _MANY):
            by_target[target].append(which)
        return by_target

    async def _read(self, seen: int, now: datetime) -> bool:
        found = await self.store.events(after=seen, limit=BATCH)
        if not found:
            return False
        mutes = await self.store.mutes(now)
        steps = [
            self._alarm(change, event.at, mutes, now) if isinstance(change, Raise) else change
            for _, event in found
            for change in changes(event)
        ]
        return await self.store.follow_events(seen, found[-1][0], steps, now)

    def _alarm(self, what: Raise, at: datetime, mutes: tuple[Mute, ...], now: datetime) -> Alarm:
        muted = muting(what.key, mutes)
        return Alarm(what, at, () if muted else recipients(what, self.targets, now), muted)

    async def deliver_in_turn(self, numbers: Sequence[int]) -> int:
        """Makes these deliveries, one after the other; how many were tried."""
        tried = 0
        for which in numbers:
            now = self.clock.now()
            errand = await self.store.claim_delivery(which, now, now + LEASE)
            if errand is not None:
                await self._run(errand)
                tried += 1
        return tried

    async def _run(self, errand: Errand) -> None:
        target = errand.delivery.target
        if target not in {each.name for each in self.targets}:
            await self.store.not_delivered(errand, "the target is no longer configured", None, ())
            return
        why = await self.notifier.send(target, message(errand.alert, errand.delivery))
        now = self.clock.now()
        if why is None:
            back = await self.store.alert_is_open(trouble(target))
            told = (Event(Kind.DELIVERY_RESTORED, now, data={"target": target}),) if back else ()
            await self.store.delivered(errand, now, told)
            return
        again = next_try(errand.delivery.tries, now, self.clock.dice())
        await self.store.not_delivered(errand, why, again, () if again else (_lost(errand, why, now),))


def _lost(errand: Errand, why: str, now: datetime) -> Event:
    data = {
        "target": errand.delivery.target,
        "alert": errand.alert.key,
        "tries": errand.delivery.tries,
        "why": why,
    }
    return Event(Kind.DELIVERY_FAILED, now, Level.HIGH, data=data)
