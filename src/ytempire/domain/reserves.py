"""Reserves: which of them step in, for whom, and when they go back.

A reserve is promoted when something waits that no account in service can take before the reset, for want of
uploads, of quota, or of accounts that are well. It serves for the rest of the Pacific day. As few as needed are
promoted, the healthiest first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from ytempire.domain.accounts import Account, Condition, Kind, Obstacle, World, weigh
from ytempire.domain.health import ALARM, health
from ytempire.domain.publication import Publication
from ytempire.domain.quota import Cost, added
from ytempire.domain.values import AccountId, ProjectId

READY = 3
"""The brief wants so many reserves ready at any time."""


class Policy(StrEnum):
    """What reserves are for, in plans and at work. `standby`: they step in when production cannot cover the day.
    `daily`: they work like production. `off`: they never do.
    """

    STANDBY = "standby"
    DAILY = "daily"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Demand:
    """A publication that waits, and what its whole job costs in each project."""

    publication: Publication
    costs: Mapping[ProjectId, Cost]


@dataclass(frozen=True, slots=True)
class Promotion:
    """A reserve steps in for a publication; None for whom: it belongs to the day, as the policy says."""

    account: AccountId
    publication: Publication | None
    why: str


def to_promote(demands: Sequence[Demand], world: World, policy: Policy, now: datetime) -> list[Promotion]:
    """The reserves that step in now. Demands that leave least choice are looked at first; what each takes of its
    account's day and of its project's quota is not there for the next.
    """
    standing_by = [each for each in world.accounts if is_ready(each)]
    if policy is Policy.DAILY:
        return [Promotion(each.id, None, "reserves are planned capacity") for each in standing_by]
    if policy is Policy.OFF or not standing_by:
        return []
    board = _Board(
        world, now, tuple(sorted(standing_by, key=lambda each: (-health(each, now).total, each.id)))
    )
    promoted: list[Promotion] = []
    for demand in sorted(demands, key=_choice):
        if not board.standing_by:
            break
        board, promotion = board.placed(demand)
        promoted += [promotion] if promotion is not None else []
    return promoted


def to_return(accounts: Sequence[Account], policy: Policy) -> list[Account]:
    """The reserves whose promotion is over, or that nothing keeps in service any more."""
    ended = [
        each
        for each in accounts
        if each.kind is Kind.RESERVE
        and each.condition is Condition.STANDBY
        and each.promoted_until is not None
    ]
    kept = [
        each
        for each in accounts
        if each.kind is Kind.RESERVE
        and each.condition in (Condition.ACTIVE, Condition.CAPPED)
        and each.promoted_until is None
    ]
    return ended + (kept if policy is not Policy.DAILY else [])


def is_ready(account: Account) -> bool:
    """Could this reserve step in now?"""
    return (
        account.kind is Kind.RESERVE and account.condition is Condition.STANDBY and account.grant_dead is None
    )


@dataclass(frozen=True, slots=True)
class Readiness:
    """The reserves that could step in or have done so, how many there should be, and what is wrong with others."""

    ready: tuple[AccountId, ...]
    wanted: int
    not_ready: tuple[tuple[AccountId, str], ...]

    @property
    def enough(self) -> bool:
        """Are as many ready as are wanted?"""
        return len(self.ready) >= self.wanted


def readiness(accounts: Sequence[Account], now: datetime, wanted: int = READY) -> Readiness:
    """Looks at every reserve: one that is in service or could be, and is well, is ready."""
    ready, others = [], []
    for each in accounts:
        if each.kind is Kind.RESERVE:
            why = _not_ready(each, now)
            if why is None:
                ready.append(each.id)
            else:
                others.append((each.id, why))
    return Readiness(tuple(ready), wanted, tuple(others))


def _not_ready(account: Account, now: datetime) -> str | None:
    if account.condition not in (Condition.STANDBY, Condition.ACTIVE):
        return f"it is {account.condition}"
    if account.grant_dead is not None:
        return f"its grant cannot be used: {account.grant_dead}"
    worth = health(account, now).total
    return None if worth > ALARM else f"its health is {worth:.2f}"


def _choice(demand: Demand) -> tuple[int, int, datetime, str]:
    """One account, a group, the pool; then by priority and age."""
    publication = demand.publication
    target = publication.request.target
    width = 0 if target.account is not None else 1 if target.group is not None else 2
    return (width, publication.request.priority, publication.created_at, publication.id)


@dataclass(frozen=True, slots=True)
class _Board:
    """The world as it will be when everything looked at so far has its place."""

    world: World
    now: datetime
    standing_by: tuple[Account, ...]

    def placed(self, demand: Demand) -> tuple["_Board", Promotion | None]:
        """The board with one more demand on it, and the reserve that had to step in for it."""
        why: list[str] = []
        for account in self.world.accounts:
            obstacle = self._obstacle(demand, account)
            if obstacle is None:
                return self._with(account, demand), None
            why += (
                [f"{account.id}: {obstacle}"]
                if obstacle and account.condition is not Condition.STANDBY
                else []
            )
        for reserve in self.standing_by:
            stepped_in = replace(reserve, condition=Condition.ACTIVE, promoted_until=self.world.resets_at)
            if self._obstacle(demand, stepped_in) is None:
                told = f"no other account can take {demand.publication.id} today" + (
                    f" ({'; '.join(why[:5])})" if why else ""
                )
                return self._with(stepped_in, demand), Promotion(reserve.id, demand.publication, told)
        return self, None

    def _obstacle(self, demand: Demand, account: Account) -> str | None:
        """Why an account cannot take it before the reset; "" when it must not; None when it can."""
        idle = replace(account, in_flight=0)
        cost = demand.costs[account.project]
        found = weigh(demand.publication, idle, cost, self.world, self.now)
        if found.obstacle is None:
            return None
        return "" if found.obstacle is Obstacle.NOT_ALLOWED else found.why

    def _with(self, account: Account, demand: Demand) -> "_Board":
        cost = demand.costs[account.project]
        taken = replace(
            account, uploads_today=account.uploads_today + 1, taken=added(account.taken, cost.parts)
        )
        accounts = tuple(taken if each.id == account.id else each for each in self.world.accounts)
        ledger = dict(self.world.ledger)
        for bucket, units in cost.units.items():
            line = self.world.ledger[account.project, bucket]
            ledger[account.project, bucket] = replace(line, reserved=line.reserved + units)
        world = replace(self.world, accounts=accounts, ledger=ledger)
        left = tuple(each for each in self.standing_by if each.id != account.id)
        return replace(self, world=world, standing_by=left)
