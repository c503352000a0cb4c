"""Health: the condition an account is in, from 0 to 1. The brief's alarm of 0.7 is judged on it.

It is no measure of capacity: an account that has used up its day in good order is healthy. Fitness (accounts.py)
ranks accounts for the next upload; health says whether somebody must look after one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ytempire.domain.accounts import Account, Condition
from ytempire.domain.lessons import Topic, about

ALARM = 0.7
"""An account is well above this."""

_OF_CONDITION = {
    Condition.ACTIVE: 1.0,
    Condition.STANDBY: 1.0,
    Condition.PAUSED: 1.0,
    Condition.CAPPED: 0.8,
    Condition.NEEDS_REAUTH: 0.2,
    Condition.SUSPENDED: 0.0,
    Condition.DISCONNECTED: 0.0,
}
"""What a person ordered is no illness, and a cap ends by itself."""

_PRIOR = 10
"""Outcomes that are taken to have gone well before there were any, so that the first failure is not half of all."""

_A_FAILURE_IN_A_ROW = 0.1
_DEAD_GRANT = 0.2
_ENDS_SOON = ((timedelta(days=3), 0.6), (timedelta(days=14), 0.8))
"""A grant whose end Google has announced, by how far away that is."""

_STRUCK = 0.6
_STRIKE_FORGIVEN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Health:
    """The parts of an account's health, each from 0 to 1, and their product."""

    condition: float
    errors: float
    streak: float
    token: float
    strikes: float

    @property
    def total(self) -> float:
        """One sick part makes the whole sick."""
        return self.condition * self.errors * self.streak * self.token * self.strikes

    @property
    def well(self) -> bool:
        """Is nobody needed?"""
        return self.total > ALARM


def health(account: Account, now: datetime) -> Health:
    """The health of an account: its condition, the failures that were its own, its grant, its last strike."""
    return Health(
        condition=_OF_CONDITION[account.condition],
        errors=(account.successes + _PRIOR) / (account.trials + _PRIOR),
        streak=max(0.0, 1 - _A_FAILURE_IN_A_ROW * account.failures_in_a_row),
        token=_token(account, now),
        strikes=_strikes(account, now),
    )


def _token(account: Account, now: datetime) -> float:
    if account.grant_dead is not None:
        return _DEAD_GRANT
    if account.grant_ends_at is None:
        return 1.0
    if account.grant_ends_at <= now:
        return _DEAD_GRANT
    left = account.grant_ends_at - now
    return next((worth for within, worth in _ENDS_SOON if left <= within), 1.0)


def _strikes(account: Account, now: datetime) -> float:
    """Low after a strike, and whole again after a month without another."""
    strike = about(Topic.STRIKE, account.lessons)
    if strike is None:
        return 1.0
    healed = min(1.0, (now - strike.at) / _STRIKE_FORGIVEN)
    return _STRUCK + (1 - _STRUCK) * healed
