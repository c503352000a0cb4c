"""What a wrong clock put off: due at a moment so far away that nobody can have meant it, it is attended again now.

A clock that leaps ahead for a moment and comes back leaves such dues behind, in states in which no person can say
when to go on. No wait of ours is longer than from one reset of the quota to the next, or a day, beside the one that
is configured.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ytempire.domain.lifecycle import WORKABLE, State
from ytempire.domain.publication import Publication
from ytempire.ports import Filter, Settlement
from ytempire.services.context import Context

_LONGEST = timedelta(days=3)
_MANY = 10_000


@dataclass(frozen=True, slots=True)
class PutOff:
    """Looks for it, now and then."""

    context: Context

    async def round(self) -> None:
        """Makes due now what was put off beyond every wait, but for what a person asked to wait."""
        now = self.context.clock.now()
        latest = now + _LONGEST + self.context.manners.patience.requeue
        for each in await self.context.store.publications(Filter(WORKABLE, limit=_MANY)):
            again = _again(each, now, latest)
            if again != each:
                await self.context.store.settle(Settlement(again))


def _again(publication: Publication, now: datetime, latest: datetime) -> Publication:
    asked = publication.state is State.DEFERRED and publication.request.not_before == publication.due
    after = publication
    if publication.due is not None and publication.due > latest and not asked:
        after = replace(after, due=now, updated_at=now)
    if publication.look_at is not None and publication.look_at > latest:
        after = replace(after, look_at=now, updated_at=now)
    return after
