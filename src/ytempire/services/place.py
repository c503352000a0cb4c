"""Finding a waiting publication its account: read the world, decide, reserve; decide again when a race is lost."""

from dataclasses import replace
from datetime import datetime

from ytempire.domain.decision import Decision, Upload, Wait, decide, out_of_time
from ytempire.domain.events import Kind
from ytempire.domain.lifecycle import Step, take
from ytempire.domain.publication import Publication, Reason
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.reserves import Demand
from ytempire.services.context import Context
from ytempire.services.reserves import step_in
from ytempire.services.settle import settlement, shown, told
from ytempire.services.world import costs, world

_ROUNDS = 20
_LOST_RACES = Reason("busy", "others were faster at every account; it tries again")


async def place(context: Context, publication: Publication) -> Publication | None:
    """The publication with its account reserved; None when it must wait or has come to an end."""
    now = context.clock.now()
    untimely = out_of_time(publication, now)
    if untimely is not None:
        await context.store.settle(settlement(publication, untimely, now))
        return None
    prices = costs(context, publication)
    for _ in range(_ROUNDS):
        now = context.clock.now()
        seen = await world(context, now)
        decision = decide(publication, prices, seen, now)
        demand = [Demand(publication, prices)] if _may_need_a_reserve(decision) else []
        if demand and await step_in(context, demand, seen, now, placing=publication.id):
            continue
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


def _may_need_a_reserve(decision: Decision) -> bool:
    """Accounts were weighed and none can take it, and not just for being busy."""
    return isinstance(decision, Wait) and decision.reason.code != "busy" and bool(decision.candidates)


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
        reason=None,
    )
    cost = {str(bucket): units for bucket, units in upload.cost.units.items()}
    event = told(chosen, Kind.STARTED, now, {"cost": cost, "candidates": shown(upload.candidates)})
    return await context.store.reserve(
        chosen, upload.cost, (event,), cap=upload.cap, allotment=upload.allotment
    )
