"""How the condition of an account changes: a table of (condition, what happened) to the next condition.

What a person decided (a pause) and what YouTube decided (a suspension) outlasts what happens to the grant:
only `resume` ends them, and it looks at the grant again.
"""

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


class NotPossible(ValueError):
    """The account is not in a condition in which this can happen."""


def home(kind: Kind) -> Condition:
    """Where an account belongs while nothing is wrong with it."""
    return ACTIVE if kind is Kind.PRODUCTION else STANDBY


def after(condition: Condition, act: Act, kind: Kind, *, grant: bool) -> Condition:
    """The condition after an act; `grant`: does the account hold one that can be used?

    Raises `NotPossible` for what cannot happen in this condition.
    """
    back = home(kind) if grant else NEEDS_REAUTH
    match act:
        case Act.CONNECTED:
            return home(kind) if condition in (DISCONNECTED, NEEDS_REAUTH) else condition
        case Act.GRANT_DIED:
            return condition if condition in (PAUSED, SUSPENDED, DISCONNECTED) else NEEDS_REAUTH
        case Act.DISCONNECTED:
            return DISCONNECTED
        case Act.SUSPENDED:
            return SUSPENDED
        case Act.PAUSED if condition not in (DISCONNECTED, SUSPENDED):
            return PAUSED
        case Act.RESUMED if condition in (PAUSED, SUSPENDED, CAPPED):
            return back
    raise NotPossible(f"an account that is {condition} cannot be {act}")
