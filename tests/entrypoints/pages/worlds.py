"""Houses for pages: a day full of work and of trouble, as services would have written it down."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from tests.entrypoints.conftest import PROJECT
from tests.entrypoints.consenting import connected_with_files, unconnected
from tests.entrypoints.program import Installation
from ytempire.bootstrap.alerts import alerting
from ytempire.bootstrap.house import Acting
from ytempire.domain.accounts import Condition
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.files import FileIdentity, StoredFile
from ytempire.domain.lifecycle import State, Step
from ytempire.domain.publication import (
    Extra,
    ExtraKind,
    ExtraState,
    Metadata,
    Privacy,
    Publication,
    Reason,
    Request,
    Session,
    SessionState,
    Target,
)
from ytempire.domain.quota import BUCKETS_2026, Bucket, Method, Price
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, ProjectId, PublicationId, SessionId, VideoId
from ytempire.emulator import Emulator
from ytempire.ports import AccountChange, Outcome, Settlement
from ytempire.services.place import place
from ytempire.services.settle import ended, told

CHANNELS = {
    "kitchen": "Kitchen Science", "garden": "The Patient Gardener", "history": "History in Ten Minutes",
    "maths": "Sums & Proofs", "trains": "Slow Trains", "woodwork": "Rough Cut Woodwork",
    "night_sky": "Night Sky Weekly", "bread": "Bread Every Day", "chess": "One Move Chess",
    "maps": "Maps Explained", "birds": "Birds of the Coast", "repair": "Repair, Don't Replace",
}  # fmt: skip
RESERVES = {"spare_1": "Shorts A", "spare_2": "Shorts B", "spare_3": "Shorts C"}
TITLES = (
    "Why bread rises twice", "The bridge nobody needed", "Seven tomatoes in one pot", "A proof in four lines",
    "Night train to the coast", "Dovetails without a jig", "What Saturn's rings are made of",
    "The sourdough that forgave me", "A quiet rook ending", "How the border moved", "Terns, and how to tell them",
    "A kettle worth mending",
)  # fmt: skip
MINUTE = timedelta(minutes=1)
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Day:
    """A house in which a day is written down."""

    house: Acting

    @property
    def now(self) -> datetime:
        return self.house.context.clock.now()

    async def submitted(self, number: int, title: str | None = None, **changes: Any) -> Publication:
        """A publication in the queue; numbers are ages in minutes."""
        name = title if title is not None else TITLES[number % len(TITLES)]
        size = (24 + number * 7) * MEGABYTE
        file = StoredFile(f"/videos/{number:03d}.mp4", f"{number:064x}", FileIdentity(1, number, size, 3, 4))
        privacy = (Privacy.PUBLIC, Privacy.UNLISTED, Privacy.PRIVATE)[number % 3]
        metadata = Metadata(name, "What happened, and why.", ("science", "every day"), privacy=privacy)
        picture = StoredFile(f"/videos/{number:03d}.jpg", f"{number:064x}", FileIdentity(1, number, 9, 3, 4))
        request = Request(file, "video/mp4", metadata, picture, playlists=("daily",), priority=1 + number % 5)
        at = self.now - number * MINUTE
        fresh = Publication(
            PublicationId(f"pub_{number:03d}"), request, State.QUEUED, at, at, due=at, extras=EXTRAS
        )
        publication = replace(fresh, **changes)
        event = Event(Kind.SUBMITTED, at, publication=publication.id)
        await self.house.context.store.submit(publication, f"{number}", (event,))
        return publication

    async def uploading(self, number: int, part: float, **changes: Any) -> Publication:
        """One that is on its way, so far."""
        placed = await place(self.house.context, await self.submitted(number, **changes))
        assert placed is not None, f"no account for {number}"
        assert placed.account is not None
        assert placed.project is not None
        size = placed.request.video.size
        session = Session(
            SessionId(f"session_{number}"), placed.account, placed.project, SessionState.OPEN, size,
            self.now, offset=int(size * part),
        )  # fmt: skip
        await self._charged(placed, Method.VIDEOS_INSERT)
        event = told(placed, Kind.SESSION_OPENED, self.now)
        return await self._settled(Settlement(replace(placed, session=session), (event,)))

    async def processing(self, number: int, title: str | None = None) -> Publication:
        """One whose bytes have arrived."""
        up = await self.uploading(number, 1.0, title=title)
        assert up.account is not None
        await self._charged(up, Method.THUMBNAILS_SET)
        await self._charged(up, Method.PLAYLIST_ITEMS_INSERT)
        arrived = replace(
            up, state=State.PROCESSING, video_id=VideoId(f"video{number:06d}"), due=None, reason=None,
            look_at=self.now + MINUTE, extras=tuple(replace(each, state=ExtraState.DONE) for each in up.extras),
        )  # fmt: skip
        outcome = Outcome(up.account, True, self.now)
        return await self._settled(
            Settlement(arrived, (told(arrived, Kind.UPLOADED, self.now),), release=True, outcome=outcome)
        )

    async def published(self, number: int, title: str | None = None) -> Publication:
        """One that is done."""
        found = await self.processing(number, title)
        done = replace(found, state=State.PUBLISHED, look_at=None)
        return await self._settled(Settlement(done, (told(done, Kind.PUBLISHED, self.now),)))

    async def held(self, number: int, reason: Reason, *, unknown: bool = False) -> Publication:
        """One that waits for a person."""
        found = await self.uploading(number, 1.0 if unknown else 0.4)
        assert found.session is not None
        if unknown:
            found = replace(found, session=replace(found.session, state=SessionState.FINISHING))
        data = {"code": reason.code, "why": reason.message}
        return await self._settled(
            ended(found, Step.HOLD, told(found, Kind.HELD, self.now, data, Level.HIGH), reason)
        )

    async def ended(self, number: int, step: Step, kind: Kind, reason: Reason) -> Publication:
        """One that came to an end otherwise."""
        found = await self.submitted(number)
        data = {"code": reason.code, "why": reason.message}
        return await self._settled(
            ended(found, step, told(found, kind, self.now, data, Level.WARNING), reason)
        )

    async def condition(self, account: str, condition: Condition, why: str, **data: object) -> None:
        """An account in another state."""
        change = AccountChange(AccountId(account), why, "worker", condition)
        told_of = {"from": "active", "to": str(condition), "why": why, "by": "worker", **data}
        event = Event(Kind.ACCOUNT_CHANGED, self.now, Level.HIGH, account=AccountId(account), data=told_of)
        await self.house.context.store.change_account(change, self.now, (event,))

    async def past(self, days: int) -> None:
        """What was used on the days before."""
        store = self.house.context.store
        for ago in range(1, days + 1):
            at = self.now - timedelta(days=ago)
            day = QuotaDay.of(at)
            uploads, units = 38 + ago * 7 % 23, 4200 + ago * 911 % 3300
            for bucket, used in ((Bucket.UPLOADS, uploads), (Bucket.UNITS, units)):
                await store.charge(ProjectId(PROJECT), Price(bucket, used), day, at=at)
            await store.charge(
                ProjectId(PROJECT), Price(Bucket.UNITS, 90 + ago * 13, overhead=True), day, at=at
            )

    async def follow(self) -> None:
        """Alerts of what has happened."""
        context = self.house.context
        await alerting(self.house.reading.settings, context.store, context.clock).follow()

    async def _charged(self, publication: Publication, method: Method) -> None:
        assert publication.project is not None
        assert publication.day is not None
        await self.house.context.store.charge(
            publication.project, BUCKETS_2026.price(method), publication.day, publication.id,
            at=self.now, account=publication.account,
        )  # fmt: skip

    async def _settled(self, settlement: Settlement) -> Publication:
        stored = await self.house.context.store.settle(settlement)
        assert stored is not None
        return stored


EXTRAS = (Extra(ExtraKind.THUMBNAIL, 0), Extra(ExtraKind.PLAYLIST, 0))


def a_company(
    place_: Installation, google: Emulator, *, connected: bool = True, prefix: str = ""
) -> Installation:
    """Fifteen channels with names, connected to this Google; `prefix` makes their ids longer."""
    unconnected(place_, google, ())
    text = place_.config.read_text()
    for kind, channels, cap in (("production", CHANNELS, 5), ("reserve", RESERVES, 2)):
        for name, title in channels.items():
            google.add_account(prefix + name, PROJECT, title=title)
            text += f'[[accounts]]\nid = "{prefix}{name}"\nkind = "{kind}"\n'
            text += f'daily_uploads = {cap}\ngroups = ["shows"]\n\n'
    place_.config.write_text(text + '\n[playlists.daily]\ntitle = "Today"\n')
    names = [prefix + name for name in (*CHANNELS, *RESERVES)]
    return connected_with_files(place_, google, names) if connected else place_


UNKNOWN = Reason("outcome_unknown", "the last bytes were sent and no answer came; no video of it was found",
                 ("look at the channel", "adopt the video, or upload again"))  # fmt: skip
MISSING = Reason("source_missing", "/videos/033.mp4 is gone or no longer a file",
                 ("put the submitted file back and retry", "cancel"))  # fmt: skip


async def a_busy_day(house: Acting, prefix: str = "") -> Day:
    """Work in every state, quota well used, and five kinds of trouble."""
    day = Day(house)
    await day.past(20)
    for number in range(60, 94):
        await day.published(number)
    await day.processing(45)
    await day.processing(44)
    await day.held(33, MISSING)
    await day.held(32, UNKNOWN, unknown=True)
    taken = Reason("duplicate", "the same content is published as pub_060")
    await day.ended(31, Step.SKIP, Kind.DUPLICATE, taken)
    await day.ended(30, Step.CANCEL, Kind.CANCELLED, Reason("cancelled", "cancelled by an operator"))
    refused = Reason("invalid_title", "YouTube refuses the title", ("submit it with another title",))
    await day.ended(29, Step.REFUSE, Kind.REFUSED, refused)
    revoked = "invalid_grant: Token has been expired or revoked."
    await day.condition(f"{prefix}chess", Condition.NEEDS_REAUTH, revoked)
    await day.condition(f"{prefix}maps", Condition.PAUSED, "holidays until Monday")
    for number, part in ((12, 0.82), (11, 0.47), (10, 0.13)):
        await day.uploading(number, part)
    for number in range(1, 7):
        await day.submitted(number)
    waits = Reason("not_before", "it is not to be published before tomorrow")
    await day.submitted(20, state=State.DEFERRED, due=day.now + timedelta(hours=9), reason=waits)
    await day.submitted(21, state=State.DEFERRED, due=day.now + timedelta(hours=9), reason=waits)
    await day.follow()
    return day


async def hostile(house: Acting, strings: list[str]) -> Day:
    """Every field that somebody outside can fill holds a hostile text."""
    day = Day(house)
    for number, text in enumerate(strings):
        reason = Reason(text[:60] or "x", text, (text, text))
        request = Request(
            StoredFile(f"/videos/{text or 'x'}.mp4", f"{number:064x}", FileIdentity(1, number, 5, 3, 4)),
            text,
            Metadata(text, text, (text, text), category=text, language=text),
            playlists=(text,),
            target=Target(group=text),
        )
        extras = (Extra(ExtraKind.THUMBNAIL, 0, ExtraState.FAILED, 1, reason=text),)
        held = Publication(
            PublicationId(f"pub_{number:04d}"), request, State.HELD, day.now, day.now,
            reason=reason, extras=extras, video_id=VideoId(text[:40]),
        )  # fmt: skip
        data = {"why": text, "title": text, "list": [text], text[:40]: text}
        event = Event(Kind.HELD, day.now, Level.HIGH, held.id, data=data)
        fault = Event(
            Kind.FAULT_UNKNOWN, day.now, Level.WARNING, held.id, data={"code": text, "reason": text}
        )
        await house.context.store.submit(held, json.dumps([number]), (event, fault))
    await day.follow()
    return day
