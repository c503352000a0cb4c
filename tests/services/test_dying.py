"""A publication survives the death of its process at every moment, also when Google answers badly besides."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.services.death import Coma, Death, Fate, mortal
from tests.services.house import SIZE, House, Staff, a_house
from ytempire.adapters.memory.api import error
from ytempire.adapters.memory.google import ASK, SEND, TOKEN
from ytempire.domain.drafts import CaptionDraft
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import ExtraState, Publication
from ytempire.domain.quota import BUCKETS_2026, Bucket, Method
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.upload import GRANULE
from ytempire.domain.values import PublicationId
from ytempire.domain.wire import Answer, NoReply, Reply

MANY = 2_000
DEAD_BEFORE = timedelta(minutes=2)
"""Long enough after a token was made that its age shows, short enough that it still lives."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What Google does besides: one bad answer to the first request of a name."""

    name: str
    answer: Answer
    done: bool = False
    stored: int | None = None
    session_gone: bool = False
    unknown: bool = False

    def __str__(self) -> str:
        status = self.answer.status if isinstance(self.answer, Reply) else "silence"
        at = "" if self.stored is None else f", {self.stored} bytes stored"
        gone = ", and the session is gone" if self.session_gone else ""
        return f"{self.name} {status}{' but served' if self.done else ''}{at}{gone}"

    def happens_to(self, house: House) -> None:
        house.google.trouble(self.name, self.answer, done=self.done, stored=self.stored)
        if self.session_gone:
            house.google.trouble(ASK, error(404, "notFound"), times=3)


SILENCE, UNAVAILABLE, UNAUTHORISED = NoReply("reset"), Reply(503), error(401, "authError")
CALLS = (
    Method.VIDEOS_INSERT,
    Method.THUMBNAILS_SET,
    Method.CAPTIONS_INSERT,
    Method.PLAYLISTS_LIST,
    Method.PLAYLISTS_INSERT,
    Method.PLAYLIST_ITEMS_INSERT,
    Method.VIDEOS_LIST,
)
FAULTS = (
    *(Fault(str(call), answer) for call in CALLS for answer in (SILENCE, UNAVAILABLE, UNAUTHORISED)),
    *(Fault(str(call), answer, done=True) for call in CALLS for answer in (SILENCE, UNAVAILABLE)),
    *(Fault(SEND, answer) for answer in (SILENCE, UNAVAILABLE, UNAUTHORISED, error(404, "notFound"))),
    *(Fault(SEND, answer, done=True) for answer in (SILENCE, UNAVAILABLE)),
    *(Fault(SEND, answer, stored=2 * GRANULE) for answer in (SILENCE, UNAVAILABLE, UNAUTHORISED)),
    Fault(SEND, SILENCE, done=True, session_gone=True, unknown=True),
    Fault(SEND, UNAVAILABLE, done=True, session_gone=True, unknown=True),
    Fault(SEND, SILENCE, stored=GRANULE, session_gone=True, unknown=True),
    Fault(ASK, SILENCE),
    Fault(ASK, UNAVAILABLE),
    Fault(ASK, UNAUTHORISED),
    Fault(ASK, error(404, "notFound"), unknown=True),
    Fault(TOKEN, SILENCE),
    Fault(TOKEN, UNAVAILABLE),
)


async def a_full_house() -> tuple[House, PublicationId]:
    """A publication with everything there is to do, and a token that is about to need a refresh."""
    house = await a_house()
    for path in ("/videos/cover.png", "/videos/words.srt"):
        house.media.put(path)
    accepted = await house.submit(
        thumbnail="/videos/cover.png",
        captions=(CaptionDraft("/videos/words.srt", "en"),),
        playlists=("shows",),
    )
    house.clock.advance(timedelta(minutes=58))
    return house, accepted.id


async def worked(house: House, staff: Staff) -> None:
    """Works until nothing is left to do, as the worker would."""
    for _ in range(100):
        await staff.watch.look()
        for which in await house.store.due(house.clock.now(), 100):
            await staff.publishing.advance(which)
        due = await house.store.next_due()
        if due is None:
            return
        house.clock.set(max(due, house.clock.now()))
    raise AssertionError("it never comes to rest")


async def lived(
    fatal: int | None, fault: Fault | None, *, everything: bool
) -> tuple[House, Fate, Publication]:
    """One life that ends at the fatal moment, and a second one that brings the work to its end."""
    house, which = await a_full_house()
    if fault is not None:
        fault.happens_to(house)
    fate = Fate(fatal)
    try:
        await worked(house, house.staff(mortal(house.ports(), fate, everything=everything)))
    except Death:
        house.clock.advance(DEAD_BEFORE)
        await worked(house, house.staff())
    return house, fate, await house.now(which)


# ---------------------------------------------------------------------------------------- the oracle


def what_google_may_have_charged(house: House) -> Counter[Bucket]:
    """Every request that came in, by the price list."""
    charged: Counter[Bucket] = Counter()
    prices = {str(method): price for method, price in BUCKETS_2026.prices.items()}
    for entry in house.google.journal:
        if entry.name in prices:
            charged[prices[entry.name].bucket] += prices[entry.name].units
    return charged


async def check_the_books(house: House) -> None:
    charged = what_google_may_have_charged(house)
    for line in await house.store.ledger(QuotaDay.of(house.clock.now())):
        assert charged[line.bucket] <= line.used + line.overhead <= line.hard_stop
        assert 0 == line.reserved
    assert ("active", 0) == (await house.account())[::2]


def check_the_video(house: House, publication: Publication) -> None:
    """One video with all that was asked for, once."""
    (video,) = house.youtube.videos.values()
    assert (publication.video_id, SIZE, "A title") == (video.id, video.size, video.snippet["title"])
    assert ("/videos/cover.png", [("en", "")]) == (video.thumbnail, video.captions)
    assert [ExtraState.DONE] * 3 == [extra.state for extra in publication.extras]


def check_the_playlists(house: House, publication: Publication, *, most: int = 1) -> None:
    """The video is in the playlist, once; nobody else made a second one."""
    playlists = house.youtube.playlists.values()
    assert {("All shows", publication.video_id)} == {(each.title, *each.videos) for each in playlists}
    assert len(playlists) <= most


async def check(house: House, publication: Publication, fault: Fault | None) -> None:
    await check_the_books(house)
    if publication.state is State.HELD and fault is not None and fault.unknown:
        assert publication.reason is not None
        assert "unknown_outcome" == publication.reason.code
        assert {} == house.youtube.videos
        return
    assert (State.PUBLISHED, None) == (publication.state, publication.reason)
    check_the_video(house, publication)
    check_the_playlists(house, publication)


# ------------------------------------------------------------------------------------------ the tests


async def test_a_publication_lives_through_undisturbed() -> None:
    house, fate, publication = await lived(None, None, everything=True)

    await check(house, publication, None)
    assert fate.moments > 150
    assert Counter(
        {
            TOKEN: 1,
            SEND: 1,
            "videos.insert": 1,
            "thumbnails.set": 1,
            "captions.insert": 1,
            "playlists.list": 1,
            "playlists.insert": 1,
            "playlistItems.insert": 1,
            "videos.list": 2,
        }
    ) == Counter(entry.name for entry in house.google.journal)


async def test_death_at_any_moment_loses_nothing_and_repeats_nothing() -> None:
    for fatal in range(MANY):
        house, fate, publication = await lived(fatal, None, everything=True)
        try:
            await check(house, publication, None)
        except AssertionError as error:
            error.add_note(f"after death at {fate.last_words}")
            raise
        if not fate.met:
            break
    else:
        raise AssertionError("it never lived through")


@pytest.mark.unmeasured
@pytest.mark.parametrize("fault", FAULTS, ids=str)
async def test_death_at_any_moment_and_a_bad_answer_lose_nothing_and_repeat_nothing(fault: Fault) -> None:
    for fatal in range(MANY):
        house, fate, publication = await lived(fatal, fault, everything=False)
        try:
            await check(house, publication, fault)
        except AssertionError as error:
            error.add_note(f"after death at {fate.last_words}")
            raise
        if not fate.met:
            break
    else:
        raise AssertionError("it never lived through")


async def test_a_worker_taken_for_dead_that_wakes_up_at_any_moment_repeats_nothing() -> None:
    for fatal in range(MANY):
        house, which = await a_full_house()

        async def meanwhile(house: House = house) -> None:
            await worked(house, house.staff())

        coma = Coma(fatal, meanwhile)
        await worked(house, house.staff(mortal(house.ports(), coma, everything=False)))
        try:
            publication = await house.now(which)
            await check_the_books(house)
            assert State.PUBLISHED is publication.state
            check_the_video(house, publication)
            check_the_playlists(house, publication, most=2)
        except AssertionError as error:
            error.add_note(f"after a coma {coma.last_words}")
            raise
        if not coma.met:
            break
    else:
        raise AssertionError("it never lived through")
