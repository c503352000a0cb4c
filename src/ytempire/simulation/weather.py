"""What befalls channels, projects and all of Google for hours or days; single requests are google.py's."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from ytempire.adapters.memory.youtube import MemoryYouTube
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, ProjectId
from ytempire.simulation.chance import fixed_roll
from ytempire.simulation.faults import Rates
from ytempire.simulation.loop import VirtualClock

_LIMIT = timedelta(hours=24)
_OUTAGE = (timedelta(minutes=20), timedelta(hours=4))


def channel_of(account: AccountId) -> str:
    """The id of the pretended channel of an account."""
    return f"UC{account}"


@dataclass(slots=True)
class Weather:
    """Who is struck by what, now. `faults` counts what happened by kind."""

    clock: VirtualClock
    youtube: MemoryYouTube
    projects: Mapping[AccountId, ProjectId]
    rates: Rates
    seed: int
    faults: Counter[str] = field(default_factory=Counter)
    suspended: dict[AccountId, datetime] = field(default_factory=dict)
    _limited: dict[AccountId, datetime] = field(default_factory=dict)
    _closed: dict[ProjectId, QuotaDay] = field(default_factory=dict)
    _down_until: datetime | None = None

    async def turn(self, day: QuotaDay) -> None:
        """Lets a quota day have its weather."""
        for moment, _, strike in sorted(self._sheet(day), key=lambda each: each[:2]):
            await self.clock.until(moment)
            strike()

    def is_down(self) -> bool:
        """Does nothing at Google answer?"""
        return self._down_until is not None and self.clock.now() < self._down_until

    def is_limited(self, account: AccountId) -> bool:
        """Does the channel take no more uploads for now?"""
        until = self._limited.get(account)
        return until is not None and self.clock.now() < until

    def is_closed(self, project: ProjectId) -> bool:
        """Does Google say that the quota of inserts is used up?"""
        return self._closed.get(project) == QuotaDay.of(self.clock.now())

    def lift(self, account: AccountId) -> None:
        """YouTube gives a channel back."""
        self.suspended.pop(account, None)

    def _sheet(self, day: QuotaDay) -> list[tuple[datetime, str, Callable[[], None]]]:
        """What happens on a day, each at its moment; the name keeps the order of two at one moment."""
        by_account = {
            "dead_grants": self._kill,
            "upload_limits": self._limit,
            "suspensions": self._suspend,
        }
        wanted: list[tuple[str, str, Callable[[], None]]] = [
            (kind, account, partial(strike, account))
            for account in sorted(self.projects)
            for kind, strike in by_account.items()
        ]
        wanted += [
            ("closed_buckets", project, partial(self._close, project, day))
            for project in sorted(set(self.projects.values()))
        ]
        wanted.append(("outages", "google", partial(self._go_down, day)))
        return [
            (self._moment(day, kind, name), f"{kind} {name}", strike)
            for kind, name, strike in wanted
            if fixed_roll(self.seed, kind, name, str(day)) < getattr(self.rates, kind)
        ]

    def _moment(self, day: QuotaDay, kind: str, name: str) -> datetime:
        share = fixed_roll(self.seed, kind, name, str(day), "moment")
        return day.starts + share * (day.resets - day.starts)

    def _kill(self, account: AccountId) -> None:
        self.faults["dead_grants"] += 1
        self.youtube.channels[channel_of(account)].dead = True

    def _limit(self, account: AccountId) -> None:
        self.faults["upload_limits"] += 1
        self._limited[account] = self.clock.now() + _LIMIT

    def _suspend(self, account: AccountId) -> None:
        self.faults["suspensions"] += 1
        self.suspended.setdefault(account, self.clock.now())

    def _close(self, project: ProjectId, day: QuotaDay) -> None:
        self.faults["closed_buckets"] += 1
        self._closed[project] = day

    def _go_down(self, day: QuotaDay) -> None:
        self.faults["outages"] += 1
        least, most = _OUTAGE
        self._down_until = self.clock.now() + least + fixed_roll(self.seed, "span", str(day)) * (most - least)
