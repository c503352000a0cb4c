"""What alerts are about, as far as the configuration knows it: an alert whose subject was taken out of it is over,
because nothing will ever happen to that subject that could end it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ytempire.domain.alert_parts import Change, said
from ytempire.domain.alerts import Alert, Raise, Resolve
from ytempire.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The names of the configuration, by what they are of."""

    accounts: frozenset[str] = frozenset()
    projects: frozenset[str] = frozenset()
    providers: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    chains: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()
    webhooks: frozenset[str] = frozenset()


_ABOUT: Mapping[str, tuple[str, str]] = {
    "account": ("accounts", "the account"),
    "quota": ("projects", "the project"),
    "token": ("projects", "the project"),
    "breaker": ("providers", "the provider"),
    "service": ("services", "the service"),
    "chain": ("chains", "the chain"),
    "drill": ("chains", "the chain"),
    "alerts": ("targets", "the target"),
    "webhook": ("webhooks", "the webhook"),
}
"""The first word of a key: where its subject is looked up, and what it is called."""

_ISOLATED = ":isolated"


def why_gone(key: str, known: Known) -> str | None:
    """Why the alert with this key is over: its subject is not configured. None when it is, or is not of that kind."""
    word, _, rest = key.partition(":")
    if word not in _ABOUT:
        return None
    where, what = _ABOUT[word]
    names: frozenset[str] = getattr(known, where)
    if any(rest == name or rest.startswith(f"{name}:") for name in names):
        return None
    why = f"{what} {rest.partition(':')[0]} is no longer configured"
    return f"{why}; it stays isolated, should it come back" if key.endswith(_ISOLATED) else why


def comes_back(alert: Alert) -> bool:
    """Is it told of again when its subject is configured again? What ends by the clock is not."""
    return alert.until is None and not alert.passing


def gone(event: Event) -> tuple[Change, ...]:
    """The subject of an alert was taken out of the configuration."""
    return (Resolve(said(event, "alert"), why=said(event, "why")),) if said(event, "alert") else ()


def back(event: Event) -> tuple[Change, ...]:
    """It is in the configuration again, and nothing has changed with it meanwhile."""
    title, text, remedy = (said(event, name) for name in ("title", "text", "remedy"))
    key = said(event, "alert")
    return (Raise(key, event.level, title or key, text, remedy),) if key else ()
