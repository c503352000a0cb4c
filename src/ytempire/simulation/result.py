"""What came of a simulation, as values and as a plain document."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ytempire.simulation.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Line:
    """One bucket of one project at the end of a quota day, in units. `closed` is Google's reason, if it gave one."""

    project: str
    bucket: str
    sent: int
    limit: int
    closed: str | None

    @property
    def percent(self) -> float:
        """What was sent as a share of the limit, in percent."""
        return round(100 * self.sent / self.limit, 2) if self.limit else 0.0


@dataclass(frozen=True, slots=True)
class Day:
    """One quota day. Counts but `deferred` and `able` are of things that happened on it.

    `deferred` waits at its end, by reason; what waits for a moment that was asked for is not in it. `able` are
    the accounts that could take a video at its end. `planned` is the plan made for the date, `planned_percent`
    the most that the plan takes of any bucket, with what was used of it before.
    """

    day: str
    submitted: int
    published: int
    held: int
    failed: int
    duplicates: int
    refused: int
    retries: int
    deferred: Mapping[str, int]
    able: int
    planned: int
    plan_fits: bool | None
    planned_percent: float
    lines: tuple[Line, ...]

    def most(self, bucket: str) -> float:
        """The fullest such bucket of all projects, in percent."""
        return max((line.percent for line in self.lines if line.bucket == bucket), default=0.0)


@dataclass(frozen=True, slots=True)
class Result:
    """The days, how everything ended, and every rule that was broken: there should be none."""

    scenario: Scenario
    days: tuple[Day, ...]
    states: Mapping[str, int]
    reasons: Mapping[str, int]
    requests: Mapping[str, int]
    faults: Mapping[str, int]
    broken: tuple[str, ...]

    @property
    def submitted(self) -> int:
        """All videos that were delivered."""
        return sum(self.states.values())

    def document(self) -> dict[str, Any]:
        """All of it as plain JSON values."""
        scenario = self.scenario
        return {
            "scenario": {
                "layout": scenario.layout.name,
                "start": scenario.start.isoformat(),
                "days": scenario.days,
                "videos": scenario.videos,
                "seed": scenario.seed,
                "zone": str(scenario.layout.plan.zone),
                "faults": scenario.rates.document(),
            },
            "totals": {
                "submitted": self.submitted,
                "states": dict(self.states),
                "reasons": dict(self.reasons),
                "requests": dict(self.requests),
                "faults": dict(self.faults),
                "most_planned_percent": max((day.planned_percent for day in self.days), default=0.0),
                "most_sent_percent": {name: self.most(name) for name in self.buckets()},
            },
            "days": [_day(day) for day in self.days],
            "broken": list(self.broken),
        }

    def buckets(self) -> list[str]:
        """The names of all buckets."""
        return sorted({line.bucket for day in self.days for line in day.lines})

    def most(self, bucket: str) -> float:
        """The fullest such bucket of all days, in percent."""
        return max((day.most(bucket) for day in self.days), default=0.0)


def _day(day: Day) -> dict[str, Any]:
    found = asdict(day)
    found["deferred"] = dict(day.deferred)
    found["lines"] = [asdict(line) | {"percent": line.percent} for line in day.lines]
    return found
