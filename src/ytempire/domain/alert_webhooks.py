"""Which events of webhooks begin or end which alert: receivers that take nothing, and those that want no more."""

from ytempire.domain.alert_parts import Change, at_least, said
from ytempire.domain.alerts import Raise, Resolve
from ytempire.domain.events import Event
from ytempire.domain.faults import Level


def trouble(webhook: str) -> str:
    """The key of the alert that a receiver takes nothing."""
    return f"webhook:{webhook}:delivery"


def failing(event: Event) -> tuple[Change, ...]:
    """It has not taken a message for a while; it is tried on."""
    name = said(event, "webhook", "unknown")
    title = f"the webhook {name} takes no messages"
    remedy = f"look at the receiver; `ytempire webhook test {name}` tries it; messages wait in their order"
    return (Raise(trouble(name), at_least(Level.WARNING, event), title, said(event, "why"), remedy),)


def dead(event: Event) -> tuple[Change, ...]:
    """A message was given up."""
    name = said(event, "webhook", "unknown")
    title = f"the webhook {name} has missed messages"
    remedy = f"`ytempire webhook dead {name}` lists them; `ytempire webhook replay {name}` sends them again"
    return (Raise(trouble(name), at_least(Level.HIGH, event), title, said(event, "why"), remedy),)


def restored(event: Event) -> tuple[Change, ...]:
    """It takes messages again."""
    return (Resolve(trouble(said(event, "webhook", "unknown"))),)


def disabled(event: Event) -> tuple[Change, ...]:
    """It said that it is gone for good."""
    name = said(event, "webhook", "unknown")
    title = f"the webhook {name} is disabled"
    remedy = f"`ytempire webhook enable {name}` when it is wanted again, or `ytempire webhook remove {name}`"
    told = Raise(_disabled(name), at_least(Level.HIGH, event), title, said(event, "why"), remedy)
    return Resolve(trouble(name), quiet=True), told


def enabled(event: Event) -> tuple[Change, ...]:
    """A person wants it served again."""
    return (Resolve(_disabled(said(event, "webhook", "unknown"))),)


def removed(event: Event) -> tuple[Change, ...]:
    """A person wants it no more."""
    return (Resolve(f"webhook:{said(event, 'webhook', 'unknown')}:", prefix=True),)


def _disabled(webhook: str) -> str:
    return f"webhook:{webhook}:disabled"
