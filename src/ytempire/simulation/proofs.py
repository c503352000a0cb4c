"""What must hold whatever happens, asked after each day: the rules of the house against the other side's books."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ytempire.domain.accounts import Account
from ytempire.domain.lifecycle import FINAL, WORKABLE, State
from ytempire.domain.publication import Publication, Request
from ytempire.domain.quota import CEILING_PERCENT, LedgerLine
from ytempire.domain.quota_day import QuotaDay
from ytempire.ports import Filter
from ytempire.simulation.books import Planned
from ytempire.simulation.house import House
from ytempire.simulation.meter import Landed, Meter

_ALL = 1_000_000_000
_TICK = timedelta(microseconds=1)
_LATE = timedelta(hours=1)
_LAWFUL_AT_THE_END = frozenset({State.HELD, State.DEFERRED})


@dataclass(slots=True)
class Proofs:
    """Collects sentences about broken rules; each names the rule."""

    house: House
    broken: list[str] = field(default_factory=list)
    _landed: int = 0
    _titles: set[str] = field(default_factory=set)
    _uploads: Counter[tuple[str, QuotaDay]] = field(default_factory=Counter)

    def plan(self, planned: Planned, day: object) -> None:
        """No plan takes more than 80 % of any bucket."""
        if planned.percent > CEILING_PERCENT:
            self.broken.append(f"{day}: ceiling: the plan takes {planned.percent} % of a bucket")

    async def close(self, day: QuotaDay) -> None:
        """Everything that can be asked at the end of a day."""
        world = self.house.world
        accounts = await world.store.accounts(day.resets - _TICK)
        found = [
            *quota(await world.store.ledger(day), world.meter),
            *capacity(accounts, world.meter),
            *self._arrivals(accounts),
            *await self._at_rest(),
        ]
        self.broken += [f"{day}: {each}" for each in found]

    async def end(self, days: Iterable[QuotaDay]) -> None:
        """All ledgers once more, and that nothing is left half done."""
        world = self.house.world
        for day in days:
            self.broken += [f"{day}: {each}" for each in quota(await world.store.ledger(day), world.meter)]
        counts = await world.store.counts()
        left = {
            str(state): n
            for state, n in counts.items()
            if state not in FINAL and state not in _LAWFUL_AT_THE_END
        }
        if left:
            self.broken.append(f"end: unfinished: {left}")
        await self._published_once()

    async def _published_once(self) -> None:
        """What we say is published is there, and nothing else that we say is not."""
        store, landed = self.house.world.store, self._titles
        published = await store.publications(Filter(frozenset({State.PUBLISHED}), limit=_ALL))
        missing = [each.id for each in published if each.request.metadata.title not in landed]
        self.broken += [f"end: lost: {which} is published and YouTube has no such video" for which in missing]

    def _arrivals(self, accounts: Sequence[Account]) -> list[str]:
        """Every new video: at most one of a publication, within the cap of its channel, as visible as asked."""
        meter = self.house.world.meter
        new, self._landed = meter.landed[self._landed :], len(meter.landed)
        caps = {each.id: each.daily_uploads for each in accounts}
        found = []
        for video in new:
            if video.title in self._titles:
                found.append(f"twice: {video.title!r} became a second video, on {video.account}")
            self._titles.add(video.title)
            self._uploads[video.account, video.day] += 1
            if self._uploads[video.account, video.day] > caps[video.account]:
                found.append(f"cap: {video.account} took more than {caps[video.account]} on {video.day}")
            found += as_asked(video, self.house.world.ordered[video.title])
        return found

    async def _at_rest(self) -> list[str]:
        """Whatever is not at its end has a moment at which it goes on, and that moment is not long past."""
        now = self.house.world.clock.now()
        waiting = await self.house.world.store.publications(Filter(WORKABLE, limit=_ALL))
        return [
            f"at rest: {each.id} ({each.state}) {why}" for each in waiting if (why := forgotten(each, now))
        ]


def quota(lines: Sequence[LedgerLine], meter: Meter) -> list[str]:
    """Google's charge <= our ledger <= the hard stop, whichever way Google charges an insert."""
    found = []
    for line in lines:
        sent = line.used + line.overhead
        charged = meter.charged(line.project, line.bucket, line.day)
        where = f"the {line.bucket} of {line.project}"
        if charged > sent:
            found.append(f"ledger: Google charged {charged} of {where}, our ledger says {sent}")
        if line.total > line.hard_stop:
            found.append(f"hard stop: {line.total} of {where} are sent or promised, above {line.hard_stop}")
    return found


def capacity(accounts: Sequence[Account], meter: Meter) -> list[str]:
    """The day's uploads and the uploads at one time, of every account."""
    found = [
        f"cap: {each.id} counts {each.uploads_today} uploads of {each.daily_uploads}"
        for each in accounts
        if each.uploads_today > each.daily_uploads
    ]
    return found + [
        f"concurrency: {each.id} sent {meter.most_at_once[each.id]} videos at once, of {each.concurrency}"
        for each in accounts
        if meter.most_at_once[each.id] > each.concurrency
    ]


def as_asked(video: Landed, request: Request) -> list[str]:
    """Where the video may be, and who may see it."""
    found = []
    if request.target.account not in (None, video.account):
        found.append(f"target: {video.title!r} is on {video.account}, asked for was {request.target.account}")
    if video.privacy != request.metadata.privacy:
        found.append(f"visibility: {video.title!r} is {video.privacy}, not {request.metadata.privacy}")
    return found


def forgotten(publication: Publication, now: datetime) -> str | None:
    """Why nobody would ever work on it again; None when somebody will."""
    moments = [each for each in (publication.due, publication.look_at) if each is not None]
    if not moments:
        return "has nothing that brings it on"
    late = now - min(moments)
    return f"has been due for {late}" if late > _LATE else None
