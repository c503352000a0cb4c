"""Which events of provider chains begin or end which alert: chains, breakers, services and drills.

A chain that fell back served: that is what it is for, and no alert. A breaker that a person isolated is told
quietly, under a key of its own, in place of the alert that it opened.
"""

from ytempire.domain.alert_parts import Change, at_least, moment_of, said
from ytempire.domain.alerts import Raise, Resolve
from ytempire.domain.breaker import Phase
from ytempire.domain.events import Event
from ytempire.domain.faults import Level
from ytempire.domain.vitals import Health

_OVER = frozenset({Phase.CLOSED, Phase.DISABLED})
"""Phases in which calls pass."""


def failed(event: Event) -> tuple[Change, ...]:
    """Nobody could serve."""
    chain = said(event, "chain", "unknown")
    title = f"no provider of {chain} could serve"
    remedy = f"see `ytempire services`; `ytempire drill {chain}` tries each provider"
    return (Raise(_chain(event), at_least(Level.CRITICAL, event), title, said(event, "why"), remedy),)


def served(event: Event) -> tuple[Change, ...]:
    """Somebody did, the first of the chain or one after it."""
    return (Resolve(_chain(event)),)


def breaker_changed(event: Event) -> tuple[Change, ...]:
    """A breaker is in another phase; half open, it is still being found out."""
    provider, phase = said(event, "provider", "unknown"), said(event, "phase")
    key = f"breaker:{provider}"
    if phase in _OVER:
        return Resolve(key), Resolve(f"{key}:isolated")
    if phase == Phase.ISOLATED:
        title = f"{provider} is isolated: it is not asked"
        remedy = f"`ytempire services reset {provider}` when it may be asked again"
        told = Raise(f"{key}:isolated", Level.INFO, title, said(event, "why"), remedy)
        return Resolve(key, quiet=True), told
    if phase == Phase.OPEN:
        title = f"{provider} is not asked for now: its breaker is open"
        remedy = "nothing, if it recovers by itself; else see `ytempire services`"
        return (Raise(key, at_least(Level.WARNING, event), title, _until(event), remedy),)
    return ()


def service_changed(event: Event) -> tuple[Change, ...]:
    """A service is well, or is not; that nothing is known of it changes nothing."""
    service, health = said(event, "service", "unknown"), said(event, "health")
    key = f"service:{service}"
    if health == Health.HEALTHY:
        return (Resolve(key),)
    if health == Health.UNHEALTHY:
        remedy = "see `ytempire services`"
        title = f"{service} is not well"
        return (Raise(key, at_least(Level.WARNING, event), title, said(event, "why"), remedy),)
    return ()


def drilled(event: Event) -> tuple[Change, ...]:
    """A drill was passed, or not; one that does not say so changes nothing."""
    chain, passed = said(event, "chain", "unknown"), event.data.get("passed")
    key = f"drill:{chain}"
    if passed is True:
        return (Resolve(key),)
    if passed is False:
        title = f"the drill of {chain} failed"
        remedy = f"mend what is named and run `ytempire drill {chain}`"
        return (Raise(key, at_least(Level.WARNING, event), title, said(event, "why"), remedy),)
    return ()


def _chain(event: Event) -> str:
    return f"chain:{said(event, 'chain', 'unknown')}"


def _until(event: Event) -> str:
    """Why a breaker opened, and until when if that is known."""
    why, until = said(event, "why"), moment_of(event.data.get("until"))
    return f"{why} (until {until:%Y-%m-%d %H:%M} UTC)" if until else why
