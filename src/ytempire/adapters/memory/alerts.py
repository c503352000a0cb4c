"""Alerts in memory: `ports.Alerts` over the shared tables. Numbers count up from 1."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from ytempire.adapters.memory.tables import OnTables
from ytempire.domain.alerts import Alert, Delivery, DeliveryState, Mute, Raise, Resolve, loudness
from ytempire.domain.events import Event
from ytempire.domain.faults import Level
from ytempire.ports import Alarm, Errand, News

_WAITING = (DeliveryState.PENDING, DeliveryState.FAILED)


class MemoryAlerts(OnTables):
    """Alerts, deliveries and mutes in tables of their own."""

    async def alert_news(self, now: datetime) -> News:
        lapsed = any(self._ended_by(now))
        due = bool(await self.due_deliveries(now, 1))
        return News(self._tables.followed, len(self._tables.events), lapsed, due)

    async def follow_events(
        self, seen: int, newest: int, steps: Sequence[Alarm | Resolve], now: datetime
    ) -> bool:
        if self._tables.followed != seen:
            return False
        self._tables.followed = newest
        for step in steps:
            if isinstance(step, Alarm):
                self._raise(step, now)
            else:
                over = [each for each in self._open() if _covers(step, each.key)]
                ended = [
                    replace(each, passing=each.passing or step.quiet, ended_why=step.why) for each in over
                ]
                self._close(ended, now)
        return True

    async def lapse_alerts(self, now: datetime) -> int:
        ended = list(self._ended_by(now))
        self._close(ended, now, by_clock=True)
        return len(ended)

    async def due_deliveries(self, now: datetime, limit: int) -> tuple[tuple[int, str], ...]:
        due = [each for each in self._tables.deliveries.values() if each.due is not None and each.due <= now]
        due.sort(key=lambda each: each.over or each.level is not Level.CRITICAL)
        return tuple((each.number, each.target) for each in due)[:limit]

    async def claim_delivery(self, which: int, now: datetime, until: datetime) -> Errand | None:
        found = self._tables.deliveries.get(which)
        if found is None or found.due is None or found.due > now:
            return None
        claimed = replace(found, due=until, tries=found.tries + 1)
        self._tables.deliveries[which] = claimed
        return Errand(self._tables.alerts[claimed.alert], claimed)

    async def delivered(self, errand: Errand, now: datetime, events: Sequence[Event]) -> None:
        it = self._tables.deliveries[errand.delivery.number]
        done = replace(it, state=DeliveryState.SENT, due=None, sent_at=now, error=None)
        self._tables.deliveries[it.number] = done
        alert = self._tables.alerts[it.alert]
        if alert.resolved_at is not None and not alert.passing and not it.over:
            self._tell_the_end(alert, now)
        self._tables.record(events)

    async def not_delivered(
        self, errand: Errand, error: str, again: datetime | None, events: Sequence[Event]
    ) -> None:
        it = self._tables.deliveries[errand.delivery.number]
        if it.state not in _WAITING:
            return
        state = DeliveryState.GIVEN_UP if again is None else DeliveryState.FAILED
        self._tables.deliveries[it.number] = replace(it, state=state, due=again, error=error)
        self._tables.record(events)

    async def alert_is_open(self, key: str) -> bool:
        return any(each.key == key for each in self._open())

    async def alerts(self, *, ended: bool = False, limit: int = 1000) -> tuple[Alert, ...]:
        found = [each for each in self._tables.alerts.values() if ended or each.resolved_at is None]
        return tuple(
            replace(each, deliveries=tuple(self._deliveries_of(each.number)))
            for each in reversed(found[-limit:])
        )

    async def mute(self, mute: Mute, events: Sequence[Event] = ()) -> None:
        self._tables.mutes.append(mute)
        self._tables.record(events)

    async def end_mutes(self, pattern: str, now: datetime, events: Sequence[Event] = ()) -> int:
        ended = [each for each in await self.mutes(now) if each.pattern == pattern]
        self._tables.mutes = [each for each in self._tables.mutes if each not in ended]
        self._tables.record(events if ended else ())
        return len(ended)

    async def mutes(self, now: datetime) -> tuple[Mute, ...]:
        return tuple(each for each in self._tables.mutes if each.until > now)

    def _open(self) -> Iterable[Alert]:
        return (each for each in self._tables.alerts.values() if each.resolved_at is None)

    def _ended_by(self, moment: datetime) -> Iterable[Alert]:
        return (each for each in self._open() if each.until is not None and each.until <= moment)

    def _raise(self, alarm: Alarm, now: datetime) -> None:
        what = alarm.what
        if what.until is not None:
            stale = [each for each in self._ended_by(alarm.at) if each.key == what.key]
            self._close(stale, now, by_clock=True)
        before = next((each for each in self._open() if each.key == what.key), None)
        if before is not None and loudness(before.level) >= loudness(what.level):
            self._tables.alerts[before.number] = replace(before, times=before.times + 1)
            return
        number = before.number if before else max(self._tables.alerts, default=0) + 1
        raised_at, times = (before.raised_at, before.times + 1) if before else (alarm.at, 1)
        self._tables.alerts[number] = _alert(what, number, raised_at, times, alarm.muted)
        for each in self._tables.alerts.values():
            if each.key == what.key:
                self._supersede(each.number)
        for target in alarm.targets:
            self._add(number, target, what, now)

    def _add(
        self, alert: int, target: str, what: Raise | Alert, now: datetime, *, over: bool = False
    ) -> None:
        number = max(self._tables.deliveries, default=0) + 1
        self._tables.deliveries[number] = Delivery(
            number, alert, target, what.level, over, DeliveryState.PENDING, 0, now, None, None
        )

    def _close(self, ended: Iterable[Alert], now: datetime, *, by_clock: bool = False) -> None:
        for each in ended:
            closed = replace(each, resolved_at=each.until if by_clock else now)
            self._tables.alerts[each.number] = closed
            self._supersede(each.number)
            if not each.passing:
                self._tell_the_end(closed, now)

    def _tell_the_end(self, alert: Alert, now: datetime) -> None:
        told = list(self._deliveries_of(alert.number))
        ended = {each.target for each in told if each.over and each.level is alert.level}
        sent = dict.fromkeys(
            each.target for each in told if each.state is DeliveryState.SENT and not each.over
        )
        for target in sent:
            if target not in ended:
                self._add(alert.number, target, alert, now, over=True)

    def _supersede(self, alert: int) -> None:
        for each in list(self._deliveries_of(alert)):
            if each.due is not None:
                gone = replace(each, state=DeliveryState.SUPERSEDED, due=None)
                self._tables.deliveries[each.number] = gone

    def _deliveries_of(self, alert: int) -> Iterable[Delivery]:
        return (each for each in self._tables.deliveries.values() if each.alert == alert)


def _covers(step: Resolve, key: str) -> bool:
    return key.startswith(step.key) if step.prefix else key == step.key


def _alert(what: Raise, number: int, raised_at: datetime, times: int, muted: str | None) -> Alert:
    return Alert(
        number=number,
        key=what.key,
        level=what.level,
        title=what.title,
        text=what.text,
        remedy=what.remedy,
        raised_at=raised_at,
        until=what.until,
        passing=what.passing,
        times=times,
        muted=muted,
        resolved_at=None,
    )
