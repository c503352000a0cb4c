"""Alerting: events become alerts, alerts become messages. Nobody else raises an alert; services write events.

Any number of processes may do this on one store: each event is read by one of them in effect, each message
is sent by whoever claims it. A process that dies between sending and writing that down may send it twice.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ytempire.domain.alert_rules import changes, trouble
from ytempire.domain.alerts import Mute, Raise, Target, message, muting, next_try, recipients, several
from ytempire.domain.allowance import Allowance, Rate, fresh, take
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.ports import Alarm, Clock, Errand, News, Notifier, Store

BATCH = 500
_MANY = 10_000
"""More than wait for a target that has long been silent, so that they hide nothing that is due to others."""

PACE = Rate(1 / 30, 20)
"""Twenty messages at once to a target, and two a minute: the last of them is about everything that waits then."""

LEASE = timedelta(seconds=60)
"""Longer than any notifier takes to answer; a delivery whose process died is free again after it."""


@dataclass(frozen=True, slots=True)
class Alerting:
    """Follows events and tells targets. `targets` are those that the notifier knows."""

    store: Store
    clock: Clock
    notifier: Notifier
    targets: tuple[Target, ...] = ()
    _left: dict[str, Allowance] = field(default_factory=dict, repr=False)

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
        """Makes every delivery that is due, all targets at once, as many as they may have; how many that were."""
        due = await self.due()
        return sum(await asyncio.gather(*(self.deliver_to(target, due[target]) for target in due)))

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

    async def deliver_to(self, target: str, numbers: Sequence[int]) -> int:
        """Makes these deliveries to a target, one after the other, as long as it may have more messages now; how many
        were looked at. In a storm the last message is about all that are left; what is due after it waits a little.
        """
        if target not in {each.name for each in self.targets}:
            for which in numbers:
                await self._drop(which)
            return len(numbers)
        done = 0
        while done < len(numbers) and self._may_send(target):
            together = len(numbers) - done if self._left[target].left < 1 else 1
            part = numbers[done : done + min(together, BATCH)]
            await self._tell(target, part)
            done += len(part)
        return done

    def _may_send(self, target: str) -> bool:
        now = self.clock.monotonic()
        self._left[target], wait = take(self._left.get(target, fresh(PACE, now)), PACE, now)
        return not wait

    async def _drop(self, which: int) -> None:
        now = self.clock.now()
        errand = await self.store.claim_delivery(which, now, now + LEASE)
        if errand is not None:
            await self.store.not_delivered(errand, "the target is no longer configured", None, ())

    async def _tell(self, target: str, numbers: Sequence[int]) -> None:
        """One message about these deliveries, as far as they are still ours to make."""
        now = self.clock.now()
        claimed = [await self.store.claim_delivery(which, now, now + LEASE) for which in numbers]
        errands = [each for each in claimed if each is not None]
        if not errands:
            return
        about = [(each.alert, each.delivery) for each in errands]
        why = await self.notifier.send(target, several(about) if len(about) > 1 else message(*about[0]))
        for errand in errands:
            await self._note(errand, why)

    async def _note(self, errand: Errand, why: str | None) -> None:
        """Writes down how the telling went."""
        target, now = errand.delivery.target, self.clock.now()
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
