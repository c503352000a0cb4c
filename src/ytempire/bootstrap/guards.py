"""Breakers and health of an installation: the rules as configured, and the gate to YouTube."""

from datetime import timedelta

from ytempire.domain.breaker_rules import BreakerRules, Rules
from ytempire.domain.vitals import Manners
from ytempire.ports import Clock, Store
from ytempire.services.api_probe import YOUTUBE_API, spaced
from ytempire.services.breakers import Breakers
from ytempire.services.gate import Gate
from ytempire.services.vitality import Vitality
from ytempire.settings import Settings


def manners(settings: Settings) -> Manners:
    """How services are looked after."""
    section = settings.health
    return Manners(
        timedelta(seconds=section.probe_seconds),
        timedelta(seconds=section.timeout_seconds),
        confirmations=section.confirmations,
        stale=timedelta(seconds=section.stale_seconds),
    )


def breakers(settings: Settings, store: Store, clock: Clock) -> Breakers:
    """The breakers of a house."""
    section = settings.breakers
    rules = Rules(
        threshold=section.failures,
        window=timedelta(seconds=section.window_seconds),
        minimum_calls=section.minimum_calls,
        failure_rate=section.failure_percent,
        recovery=timedelta(seconds=section.recovery_seconds),
        growth=section.growth,
        jitter=section.jitter_percent,
        cap=timedelta(seconds=section.longest_seconds),
        probes=section.probes,
        probe_limit=timedelta(seconds=section.probe_seconds),
    )
    return Breakers(store, clock, BreakerRules(rules))


def vitality(settings: Settings, store: Store, clock: Clock) -> Vitality:
    """The health of services, seen by calls alone."""
    usual, per_day = manners(settings), settings.health.youtube_calls_per_day
    own = {YOUTUBE_API: spaced(usual, per_day)} if per_day else {}
    return Vitality(store, clock, (), usual, own)


def gate(settings: Settings, store: Store, clock: Clock) -> Gate:
    """The gate to YouTube."""
    return Gate(breakers(settings, store, clock), vitality(settings, store, clock), clock)
