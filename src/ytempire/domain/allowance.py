"""How often somebody may do something: so many a second, and a burst of some more.

Seconds are of a clock that only grows.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second in the long run, and so many at once."""

    each_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a burst, as of a moment."""

    left: float
    at: float


def fresh(rate: Rate, now: float) -> Allowance:
    """The whole burst."""
    return Allowance(rate.burst, now)


def take(before: Allowance, rate: Rate, now: float) -> tuple[Allowance, float]:
    """What is left after one more, and 0; or what is left without it, and in how many seconds there is one again."""
    left = min(float(rate.burst), before.left + (now - before.at) * rate.each_second)
    if left >= 1:
        return Allowance(left - 1, now), 0.0
    return Allowance(left, now), (1 - left) / rate.each_second
