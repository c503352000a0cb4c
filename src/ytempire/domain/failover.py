"""Whether a started publication may move on to an account of another project because of quota.

Developer Policies III.D.1.c want one project for one API client; several that take over from each other when
one is out of quota are what Google calls a way round it. So it is off unless the configuration allows it
(`quota.cross_project_failover`). What is settled here:

* A publication that was never started may be given to any account it allows: that is selection.
* One that was started in a project does not leave it while the reason is that project's quota.
* An account that is gone, paused or parked is another reason: then other projects may take it, if the project
  it was started in still has quota for it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from ytempire.domain.accounts import Account, Candidate, Obstacle, World
from ytempire.domain.publication import Publication
from ytempire.domain.quota import Cost, possible_ever
from ytempire.domain.values import ProjectId


def kept(
    publication: Publication, costs: Mapping[ProjectId, Cost], world: World, weighed: tuple[Candidate, ...]
) -> tuple[Candidate, ...]:
    """The candidates, those of other projects barred where moving on to them would be because of quota."""
    home = publication.project
    if world.cross_project_failover or home is None or publication.attempts == 0 or home not in costs:
        return weighed
    short = _short(home, costs[home], world)
    if short is None:
        return weighed
    why = f"it was started in {home}, which {short[0]}; moving on to another project because of quota is off"
    accounts = {account.id: account for account in world.accounts}
    return tuple(_barred(each, accounts[each.account], home, why, short[1]) for each in weighed)


def _barred(
    candidate: Candidate, account: Account, home: ProjectId, why: str, until: datetime | None
) -> Candidate:
    if account.project == home or candidate.obstacle is Obstacle.NOT_ALLOWED:
        return candidate
    return replace(candidate, score=None, obstacle=Obstacle.OTHER_PROJECT, why=why, until=until)


def _short(project: ProjectId, cost: Cost, world: World) -> tuple[str, datetime | None] | None:
    """What a project lacks for a job today, and until when; None when it has quota."""
    for bucket, units in cost.units.items():
        line = world.ledger.get((project, bucket))
        if line is None or not possible_ever(line.limit, units):
            return f"never has {units} {bucket} in a day", None
        if not line.fits(units):
            return f"has no {units} {bucket} left until the reset", world.resets_at
    return None
