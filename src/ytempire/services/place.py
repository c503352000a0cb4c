"""Finding a waiting publication its account: read the world, decide, reserve; decide again when a race is lost."""

from dataclasses import replace
from datetime import datetime

from ytempire.domain.accounts import World
from ytempire.domain.decision import Upload, Wait, decide
from ytempire.domain.events import Kind
from ytempire.domain.lifecycle import State, Step, take
from ytempire.domain.publication import Publication, Reason
from ytempire.domain.quota import Cost, reset_after
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import ProjectId
from ytempire.services.context import Context
from ytempire.services.settle import settlement, shown, told

_ROUNDS = 20
_LOST_RACES = Reason("busy", "others were faster at every account; it tries again")


async def world(context: Context, now: datetime) -> World:
    """Accounts and ledger at one moment."""
    accounts = await context.store.accounts(now)
    lines = await context.store.ledger(QuotaDay.of(now))
    ledger = {(line.project, line.bucket): line for line in lines}
    waiting = (await context.store.counts()).get(State.QUEUED, 0)
    manners = context.manners
    return World(accounts, ledger, reset_after(now), manners.weights, waiting, manners.cross_project_failover)


def costs(context: Context, publication: Publication) -> dict[ProjectId, Cost]:
    """What the whole job costs in each project."""
    methods = publication.request.methods()
    return {
        project: profile.cost((*methods, *profile.more_inserts))
        for project, profile in context.profiles.items()
    }


async def place(context: Context, publication: Publication) -> Publication | None:
    """The publication with its account reserved; None when it must wait or has come to an end."""
    prices = costs(context, publication)
    for _ in range(_ROUNDS):
        now = context.clock.now()
        decision = decide(publication, prices, await world(context, now), now)
        if not isinstance(decision, Upload):
            await context.store.settle(settlement(publication, decision, now))
            return None
        reserved = await _reserve(context, publication, decision, now)
        if reserved is not None:
            return reserved
        current = await context.store.publication(publication.id)
        if current is None or current.version != publication.version:
            return None
    now = context.clock.now()
    wait = Wait(now + context.manners.patience.base, _LOST_RACES)
    await context.store.settle(settlement(publication, wait, now))
    return None


async def _reserve(
    context: Context, publication: Publication, upload: Upload, now: datetime
) -> Publication | None:
    chosen = replace(
        publication,
        state=take(publication.state, Step.START),
        account=upload.account,
        project=upload.project,
        day=QuotaDay.of(now),
        attempts=publication.attempts + 1,
        updated_at=now,
        due=now,
        reason=None,
    )
    cost = {str(bucket): units for bucket, units in upload.cost.units.items()}
    event = told(chosen, Kind.STARTED, now, {"cost": cost, "candidates": shown(upload.candidates)})
    return await context.store.reserve(chosen, upload.cost, (event,))
