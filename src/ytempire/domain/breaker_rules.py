"""What a breaker is told beforehand: when to open, for how long, and how many probes it lets pass."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

LONGEST = timedelta(days=3650)
"""Beyond ten years a length of time is a mistake, and dates come to their end."""


@dataclass(frozen=True, slots=True)
class Rules:
    """When to open, and for how long.

    It opens after `threshold` failures in a row, or when of at least `minimum_calls` in the `window`
    `failure_rate` percent failed. It stays open for `recovery`, `growth` times longer with each opening that no
    recovery came between, plus up to `jitter` percent, at most `cap`. A probe that has not answered within
    `probe_limit`, or the longer time that its call may take, is lost, and its place free again. A `failure_rate`
    above 100 is never reached.

    Raises `ValueError` for rules that no breaker could follow: no failures, no calls, no probes, no time.
    """

    threshold: int = 5
    window: timedelta = timedelta(seconds=60)
    minimum_calls: int = 20
    failure_rate: int = 50
    recovery: timedelta = timedelta(seconds=60)
    growth: float = 2.0
    jitter: int = 10
    cap: timedelta = timedelta(minutes=15)
    probes: int = 3
    probe_limit: timedelta = timedelta(minutes=2)

    def __post_init__(self) -> None:
        if min(self.threshold, self.minimum_calls, self.failure_rate, self.probes, self.growth) < 1:
            raise ValueError("threshold, minimum_calls, failure_rate, probes and growth are at least 1")
        if min(self.window, self.probe_limit) <= timedelta(0) or max(self.cap, self.probe_limit) > LONGEST:
            raise ValueError("the window and the time for a probe are above 0, no time above ten years")
        if min(self.recovery, self.cap) < timedelta(0) or self.jitter < 0:
            raise ValueError("neither recovery, its cap nor its jitter is below 0")


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """The rules of every breaker: `usual`, unless a provider has its own."""

    usual: Rules = field(default_factory=Rules)
    own: Mapping[str, Rules] = field(default_factory=dict)

    def of(self, name: str) -> Rules:
        """The rules of this provider's breaker."""
        return self.own.get(name, self.usual)
