"""Waking what waits: when an account becomes able, publications that could go to it look again now."""

from dataclasses import replace
from datetime import datetime

from ytempire.domain.accounts import Condition, Obstacle, allowed
from ytempire.domain.decision import NOT_PLANNED, OUT_OF_QUOTA
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication
from ytempire.domain.values import AccountId, PublicationId
from ytempire.ports import Filter, Settlement
from ytempire.services.context import Context
from ytempire.services.standing import account_named

_MANY = 100_000
"""More publications than a queue ever holds; the rest would be woken by its own due time."""

_FOR_AN_ACCOUNT = (Obstacle.CONDITION, Obstacle.TOO_LONG)
_FOR_A_TIME = (OUT_OF_QUOTA, Obstacle.PARKED, NOT_PLANNED)


async def wake(context: Context, account: AccountId, *, besides: PublicationId | None = None) -> None:
    """Whatever waits for an account to be brought back looks again now; of what waits for a reset, the end of a
    cap or a place in the plan, only as much as this account has room for today, of which `besides` has its part
    already. Where the plan is followed, a worker that sees the account is back wakes all that have no place.
    """
    now = context.clock.now()
    able = await account_named(context, account)
    everything = await context.store.publications(Filter(frozenset({State.DEFERRED}), limit=_MANY))
    waiting = [each for each in everything if each.id != besides]
    for publication in waiting:
        if _code(publication) in _FOR_AN_ACCOUNT:
            await _look_again(context, publication, now)
    if able is None or able.condition is not Condition.ACTIVE:
        return
    room = max(0, able.cap(now) - able.uploads_today - (besides is not None))
    takers = [each for each in waiting if _code(each) in _FOR_A_TIME and allowed(each, able)]
    for publication in sorted(takers, key=_urgency)[:room]:
        await _look_again(context, publication, now)


async def _look_again(context: Context, publication: Publication, now: datetime) -> None:
    await context.store.settle(Settlement(replace(publication, due=now, updated_at=now)))


def _code(publication: Publication) -> str | None:
    return publication.reason.code if publication.reason is not None else None


def _urgency(publication: Publication) -> tuple[int, datetime, str]:
    return (publication.request.priority, publication.created_at, publication.id)
