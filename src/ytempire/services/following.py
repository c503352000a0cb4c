"""Following the plan: what waits gets its account and its hour from the plan of the day, and is started then.

The plan is made anew when something was submitted or came due, and when accounts or buckets changed. What had no
place is planned again with the rest as soon as there may be more room, whoever made it and in whatever process.
Started work is never moved; a place in the plan is a wish that `decide` grants when the account is free at its hour.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ytempire.domain.accounts import Account, Condition
from ytempire.domain.decision import NOT_PLANNED, Wait
from ytempire.domain.lessons import only_short
from ytempire.domain.lifecycle import State, Step, take
from ytempire.domain.publication import Publication, Reason
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, PublicationId
from ytempire.ports import Filter, Settlement
from ytempire.services.context import Context
from ytempire.services.planned import Document
from ytempire.services.planning import Planning
from ytempire.services.settle import settlement

PLANNED = "planned"
_MANY = 100_000
_LOOK_AGAIN = timedelta(hours=1)
_ABLE = (Condition.ACTIVE, Condition.STANDBY)


@dataclass(frozen=True, slots=True)
class _World:
    """What plans are made from, as far as a change of it calls for another. `room` is what they can place on."""

    day: QuotaDay
    accounts: tuple[object, ...]
    room: frozenset[object]
    waiting: frozenset[PublicationId]


@dataclass(slots=True)
class Following:
    """Holds the queue to the plan; asked on every beat of the worker, it plans only when there is a reason to."""

    context: Context
    planning: Planning
    _seen: "_World | None" = None

    async def round(self) -> bool:
        """Plans and hands out places if anything changed since the last time; whether it did."""
        world = await self._world()
        if world == self._seen:
            return False
        if self._seen is None or world.day != self._seen.day or world.room - self._seen.room:
            await self.context.store.wake(NOT_PLANNED, self.context.clock.now())
            world = await self._world()
        document = await self.planning.queued()
        if document is not None:
            await self._hand_out(document)
        # What changed while it was planned and handed out is no part of the plan: it is planned anew for that.
        left = frozenset(each.id for each in await self._waiting(self.context.clock.now()))
        self._seen = replace(world, waiting=world.waiting & left)
        return True

    async def _world(self) -> "_World":
        """What a plan depends on and can change under it, small enough to be read on every beat."""
        store, now = self.context.store, self.context.clock.now()
        accounts = await store.accounts(now)
        standing = tuple((each.id, each.condition, each.parked_until) for each in accounts)
        lines = await store.ledger(QuotaDay.of(now))
        room = {_room(each, now) for each in accounts if each.condition in _ABLE}
        room |= {(line.project, line.bucket, line.limit) for line in lines if not line.closed}
        waiting = frozenset(each.id for each in await self._waiting(now))
        return _World(QuotaDay.of(now), standing, frozenset(room), waiting)

    async def _waiting(self, now: datetime) -> list[Publication]:
        """What would be started now if nobody planned: the newly queued, and the deferred whose time has come."""
        states = frozenset({State.QUEUED, State.DEFERRED})
        found = await self.context.store.publications(Filter(states, limit=_MANY))
        return [each for each in found if each.due is not None and each.due <= now]

    async def _hand_out(self, document: Document) -> None:
        places = {each["video"]: each for each in document["assignments"]}
        missed = {each["video"]: each["why"] for each in document["unplaced"]}
        now = self.context.clock.now()
        states = frozenset({State.QUEUED, State.PLANNED, State.DEFERRED})
        for each in await self.context.store.publications(Filter(states, limit=_MANY)):
            if each.state is State.DEFERRED and (each.due is None or each.due > now):
                continue  # it waits for something of its own, and is planned when that is over
            if each.id in places:
                await self._place(each, places[each.id], now)
            elif each.id in missed:
                reason = Reason(NOT_PLANNED, missed[each.id], ("see `ytempire plan`",))
                await self.context.store.settle(settlement(each, Wait(_next_look(now), reason), now))

    async def _place(self, publication: Publication, place: Document, now: datetime) -> None:
        start = datetime.fromisoformat(place["start_at"])
        account = AccountId(place["account"])
        if publication.state is State.PLANNED and (publication.account, publication.due) == (account, start):
            return
        state = publication.state
        if state is not State.QUEUED:
            state = take(state, Step.RETURN)
        said = f"planned for {account} at {start:%Y-%m-%d %H:%M} UTC ({place['window']})"
        planned = replace(
            publication,
            state=take(state, Step.PLAN),
            account=account,
            due=start,
            updated_at=now,
            reason=Reason(PLANNED, said),
        )
        await self.context.store.settle(Settlement(planned))


def _room(account: Account, now: datetime) -> object:
    """What an account offers the plans of a day, whatever of it is used."""
    own = tuple(sorted(account.allocation.items()))
    return account.id, account.project, account.cap(now), account.groups, own, only_short(account.lessons)


def _next_look(now: datetime) -> datetime:
    """When what has no place today is planned again: in an hour, or when the quota day ends if that is sooner."""
    return min(QuotaDay.of(now).resets, now + _LOOK_AGAIN)
