"""How the condition of an account changes: a table of (condition, what happened) to the next condition.

What a person decided (a pause) and what YouTube decided (a suspension) outlasts what happens to the grant:
only `resume` ends them, and it looks at the grant again.

Two conditions end by themselves, and nobody has to write that down: an active account is `capped` while the moment
until which YouTube parked it lies ahead, and a reserve that was promoted is `standby` again from the reset on.
"""

from datetime import datetime
from enum import StrEnum

from ytempire.domain.accounts import Condition, Kind

ACTIVE, STANDBY, PAUSED, CAPPED = Condition.ACTIVE, Condition.STANDBY, Condition.PAUSED, Condition.CAPPED
NEEDS_REAUTH, SUSPENDED = Condition.NEEDS_REAUTH, Condition.SUSPENDED
DISCONNECTED = Condition.DISCONNECTED


class Act(StrEnum):
    """What can happen to an account."""

    CONNECTED = "connected"
    GRANT_DIED = "grant_died"
    DISCONNECTED = "disconnected"
    PAUSED = "paused"
    RESUMED = "resumed"
    SUSPENDED = "suspended"
    CAPPED = "capped"
    PROMOTED = "promoted"
    RETURNED = "returned"


class NotPossible(ValueError):
    """The account is not in a condition in which this can happen."""


def home(kind: Kind) -> Condition:
    """Where an account belongs while nothing is wrong with it."""
    return ACTIVE if kind is Kind.PRODUCTION else STANDBY


def after(condition: Condition, act: Act, kind: Kind, *, grant: bool) -> Condition:
    """The condition after an act; `grant`: does the account hold one that can be used?

    Raises `NotPossible` for what cannot happen in this condition.
    """
    match act:
        case Act.CONNECTED:
            return home(kind) if condition in (DISCONNECTED, NEEDS_REAUTH) else condition
        case Act.GRANT_DIED:
            return condition if condition in (PAUSED, SUSPENDED, DISCONNECTED) else NEEDS_REAUTH
        case Act.DISCONNECTED:
            return DISCONNECTED
        case Act.SUSPENDED:
            return SUSPENDED
        case Act.CAPPED:
            return CAPPED if condition is ACTIVE else condition
        case Act.PAUSED if condition not in (DISCONNECTED, SUSPENDED):
            return PAUSED
        case Act.RESUMED if condition in (PAUSED, SUSPENDED):
            return home(kind) if grant else NEEDS_REAUTH
        case Act.RESUMED if condition is CAPPED:
            return ACTIVE if grant else NEEDS_REAUTH
        case Act.PROMOTED if condition is STANDBY:
            return ACTIVE
        case Act.RETURNED if condition in (ACTIVE, CAPPED, STANDBY):
            return STANDBY if kind is Kind.RESERVE else condition
    raise NotPossible(f"an account that is {condition} cannot be {act}")


def moved_by(act: Act, kind: Kind = Kind.PRODUCTION) -> frozenset[Condition]:
    """The conditions that an act changes into another one, for an account that holds a grant."""
    return frozenset(condition for condition in Condition if _moves(condition, act, kind))


def _moves(condition: Condition, act: Act, kind: Kind) -> bool:
    try:
        return after(condition, act, kind, grant=True) is not condition
    except NotPossible:
        return False


def seen(
    stored: Condition, *, parked_until: datetime | None, promoted_until: datetime | None, now: datetime
) -> Condition:
    """The condition that a stored one is at a moment: it may be capped, or a promotion may be over."""
    if stored is not ACTIVE:
        return stored
    if promoted_until is not None and promoted_until <= now:
        return STANDBY
    return CAPPED if parked_until is not None and parked_until > now else ACTIVE
