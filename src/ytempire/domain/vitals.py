"""How a service is, from what was seen of it: its own calls first, and probes where there were none.

A change is believed when it was seen often enough in a row, and told once. What was not seen for long is unknown.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Health(StrEnum):
    """How a service is."""

    UNKNOWN = "unknown"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"


class Source(StrEnum):
    """Where an observation comes from."""

    CALL = "call"
    PROBE = "probe"


@dataclass(frozen=True, slots=True)
class Manners:
    """How often to probe (give or take `jitter` percent), how long to wait, how many equal observations make a
    change, and after how long without any nothing is known any more. `eager`: the first probe is made at once, and
    not only after the first pause, which a probe that costs something can wait for.
    """

    every: timedelta = timedelta(seconds=30)
    timeout: timedelta = timedelta(seconds=5)
    jitter: int = 10
    confirmations: int = 3
    stale: timedelta = timedelta(seconds=120)
    eager: bool = True


@dataclass(frozen=True, slots=True)
class Observation:
    """One look at a service. `latency` is in seconds; `error` is empty when it was well; `notes` are warnings of its
    own, like a model that will be shut down; `lacking` the configured models that it does not offer.
    """

    service: str
    at: datetime
    well: bool
    source: Source = Source.PROBE
    latency: float | None = None
    error: str = ""
    notes: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vital:
    """The health of a service at rest. `candidate` was seen `seen` times in a row and is not believed yet.

    `latencies` are the newest response times in milliseconds, oldest first, at most `KEPT`. `source` told last;
    `called_at` is when a call of ours last did, whatever looked since.
    """

    service: str
    health: Health = Health.UNKNOWN
    since: datetime | None = None
    candidate: Health = Health.UNKNOWN
    seen: int = 0
    seen_at: datetime | None = None
    source: Source | None = None
    latencies: tuple[int, ...] = ()
    error: str = ""
    error_at: datetime | None = None
    notes: tuple[str, ...] = ()
    next_probe: datetime | None = None
    version: int = 0
    called_at: datetime | None = None


KEPT = 20


def observe(vital: Vital, seen: Observation, manners: Manners) -> Vital:
    """The health after an observation. One older than what is known changes nothing, unless it is so much older
    that the clock must have been set back.
    """
    if vital.seen_at is not None and timedelta(0) < vital.seen_at - seen.at <= manners.stale:
        return vital
    found = Health.HEALTHY if seen.well else Health.UNHEALTHY
    times = vital.seen + 1 if found is vital.candidate else 1
    changed = replace(
        vital,
        candidate=found,
        seen=times,
        seen_at=seen.at,
        source=seen.source,
        latencies=_latencies(vital, seen),
        error=vital.error if seen.well else seen.error,
        error_at=vital.error_at if seen.well else seen.at,
        notes=seen.notes if seen.source is Source.PROBE else vital.notes,
        called_at=seen.at if seen.source is Source.CALL else vital.called_at,
    )
    # A service that is met for the first time, or again after a silence, is believed at once when it is well.
    known = current(vital, seen.at, manners)
    if found is not vital.health and (
        times >= manners.confirmations or (known is Health.UNKNOWN and seen.well)
    ):
        return replace(changed, health=found, since=seen.at)
    return changed


def current(vital: Vital, now: datetime, manners: Manners) -> Health:
    """How a service is now: unknown when it was not seen for too long, or only by a clock that was set back."""
    if vital.seen_at is None or abs(now - vital.seen_at) > manners.stale:
        return Health.UNKNOWN
    return vital.health


def probe_is_due(vital: Vital, now: datetime, manners: Manners) -> bool:
    """Is a probe needed? Not when the service's own calls told enough lately."""
    # One that is further away than any can be was set before the clock was set back.
    farthest = now + manners.every * (1 + manners.jitter / 100)
    if vital.next_probe is not None and now < vital.next_probe <= farthest:
        return False
    if vital.source is not Source.CALL or vital.seen_at is None or vital.candidate is not vital.health:
        return True
    return abs(now - vital.seen_at) >= manners.every


def called_lately(vital: Vital, now: datetime, within: timedelta) -> bool:
    """Did a call of ours tell of the service in that time? Free looks since then change nothing about it."""
    return vital.called_at is not None and abs(now - vital.called_at) < within


def next_probe(now: datetime, manners: Manners, dice: float) -> datetime:
    """When to probe next: probes of many services and workers must not fall together."""
    return now + manners.every * (1 + (2 * dice - 1) * manners.jitter / 100)


def latency(vital: Vital) -> int | None:
    """The middle of the newest response times, in milliseconds; None without any."""
    ordered = sorted(vital.latencies)
    return ordered[len(ordered) // 2] if ordered else None


def _latencies(vital: Vital, seen: Observation) -> tuple[int, ...]:
    if seen.latency is None:
        return vital.latencies
    return (*vital.latencies, round(seen.latency * 1000))[-KEPT:]
