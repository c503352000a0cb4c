"""What a decision is made from: the accounts and the ledger at one moment, and the price of a whole job."""

from datetime import datetime

from ytempire.domain.accounts import World
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication
from ytempire.domain.quota import Cost, reset_after
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import ProjectId
from ytempire.services.context import Context


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
    editions = {profile.edition: profile for profile in context.profiles.values()}
    known = {
        edition: profile.cost((*methods, *profile.more_inserts)) for edition, profile in editions.items()
    }
    return {project: known[profile.edition] for project, profile in context.profiles.items()}
