"""An extra that has to wait long: the video is published without it, and it follows when its time has come."""

from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from tests.services.death import Death, Fate, mortal
from tests.services.house import House, a_house
from tests.services.test_extras import CAPTION, ENTRY, LOST, THUMBNAIL, extra_of, states, submitted
from ytempire.adapters.memory.api import error
from ytempire.domain.decision import MAX_PASSES
from ytempire.domain.events import Kind
from ytempire.domain.lessons import DAY
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import ExtraState, Publication
from ytempire.domain.wire import Reply


async def with_a_thumbnail(house: House, title: str = "A title") -> Publication:
    house.media.put("/cover.png")
    return await house.submit(title, thumbnail="/cover.png")


async def worked_until(house: House, moment: datetime) -> None:
    """All that comes due before a moment, and then it is that moment."""
    staff = house.staff()
    while (due := await house.store.next_due()) is not None and due < moment:
        house.clock.set(max(due, house.clock.now()))
        await staff.watch.look()
        for which in await house.store.due(house.clock.now(), 100):
            await staff.publishing.advance(which)
    house.clock.set(moment)


TOO_MANY = error(429, "uploadRateLimitExceeded", "The user has uploaded too many thumbnails recently.")


async def test_a_thumbnail_too_many_follows_a_day_later_and_the_video_is_published_meanwhile(
    house: House,
) -> None:
    accepted = await with_a_thumbnail(house)
    house.google.trouble(THUMBNAIL, TOO_MANY)
    refused_at = house.clock.now()

    await worked_until(house, refused_at + timedelta(hours=23))

    waiting = await house.now(accepted.id)
    (extra,) = waiting.extras
    assert (State.PUBLISHED, ExtraState.PENDING, 1) == (waiting.state, extra.state, extra.tries)
    assert (refused_at + DAY, refused_at + DAY, None) == (waiting.due, extra.due, waiting.look_at)
    (told,) = await house.events(Kind.EXTRA_RETRYING)
    assert (refused_at + DAY).isoformat() == told.data["until"]
    assert [] == await house.events(Kind.EXTRA_FAILED)
    done = await house.finish(accepted.id)
    assert (State.PUBLISHED, None, [ExtraState.DONE]) == (done.state, done.due, states(done))
    assert 2 == house.google.count(THUMBNAIL)
    assert refused_at + DAY == house.clock.now()


async def test_no_other_thumbnail_is_sent_to_that_channel_in_the_meantime(house: House) -> None:
    first = await with_a_thumbnail(house)
    house.google.trouble(THUMBNAIL, TOO_MANY)
    refused_at = house.clock.now()
    await worked_until(house, refused_at + timedelta(hours=5))
    second = await with_a_thumbnail(house, "next")

    await worked_until(house, refused_at + timedelta(hours=23))

    waiting = await house.now(second.id)
    (extra,) = waiting.extras
    assert (State.PUBLISHED, refused_at + DAY, 0) == (waiting.state, extra.due, extra.tries)
    assert f"before {refused_at + DAY:%Y-%m-%d %H:%M} UTC" in (extra.reason or "")
    assert 1 == house.google.count(THUMBNAIL)
    await house.work()
    for each in (first, second):
        assert [ExtraState.DONE] == states(await house.now(each.id))


async def test_a_channel_that_never_takes_it_fails_the_thumbnail_in_the_end(house: House) -> None:
    accepted = await with_a_thumbnail(house)
    house.google.trouble(THUMBNAIL, TOO_MANY, times=100)

    done = await house.finish(accepted.id)

    assert (State.PUBLISHED, [ExtraState.FAILED], None) == (done.state, states(done), done.due)
    assert 6 == house.google.count(THUMBNAIL)
    assert 1 == len(await house.events(Kind.EXTRA_FAILED))


async def test_thumbnails_do_not_wait_for_each_other_without_end(house: House) -> None:
    house.google.trouble(THUMBNAIL, TOO_MANY, times=1_000)
    accepted = []
    for day in range(20):
        accepted.append(await with_a_thumbnail(house, f"day {day}"))
        await worked_until(house, house.clock.now() + DAY)

    for each in accepted[:7]:
        assert [ExtraState.FAILED] == states(await house.now(each.id)), each.request.metadata.title


async def test_a_person_may_try_what_waits_at_once(house: House) -> None:
    accepted = await with_a_thumbnail(house)
    house.google.trouble(THUMBNAIL, TOO_MANY, times=2)
    await worked_until(house, house.clock.now() + timedelta(hours=1))

    still = await house.staff().mending.retry_extras(accepted.id)

    later = house.clock.now() + DAY
    (extra,) = still.extras
    assert (State.PUBLISHED, ExtraState.PENDING, 2) == (still.state, extra.state, extra.tries)
    assert (later, later) == (still.due, extra.due)
    mended = await house.staff().mending.retry_extras(accepted.id)
    assert (State.PUBLISHED, [ExtraState.DONE], None) == (mended.state, states(mended), mended.due)
    assert await house.store.next_due() is None


async def test_an_extra_of_a_published_video_that_kills_its_worker_again_and_again_fails(
    house: House,
) -> None:
    accepted = await with_a_thumbnail(house)
    house.google.trouble(THUMBNAIL, TOO_MANY)
    await worked_until(house, house.clock.now() + DAY)
    for _ in range(MAX_PASSES):
        assert await house.store.begin(accepted.id, house.clock.now()) is not None

    done = await house.finish(accepted.id)

    assert (State.PUBLISHED, [ExtraState.FAILED], None) == (done.state, states(done), done.due)
    (told,) = await house.events(Kind.EXTRA_FAILED)
    assert ("poison", "thumbnail") == (told.data["code"], told.data["extra"])
    assert 1 == house.google.count(THUMBNAIL)


async def test_what_a_person_begins_to_try_and_dies_of_follows_all_the_same() -> None:
    fatal, died = 0, True
    while died:
        house, fate = await a_house(), Fate(fatal)
        accepted = await with_a_thumbnail(house)
        house.google.trouble(THUMBNAIL, TOO_MANY)
        await worked_until(house, house.clock.now() + timedelta(hours=1))
        with suppress(Death):
            await house.staff(mortal(house.ports(), fate, everything=False)).mending.retry_extras(accepted.id)

        done = await house.finish(accepted.id)

        assert ([ExtraState.DONE], None) == (states(done), done.due), fate.last_words
        fatal, died = fatal + 1, fate.met
    assert fatal > 10


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        (THUMBNAIL, TOO_MANY),
        (THUMBNAIL, error(403, "quotaExceeded")),
        (CAPTION, error(403, "quotaExceeded")),
        (ENTRY, error(403, "quotaExceeded")),
    ],
    ids=str,
)
async def test_an_extra_that_a_person_tries_again_and_that_is_not_taken_waits_with_all_its_tries(
    house: House, name: str, answer: Reply
) -> None:
    accepted = await submitted(house)
    house.google.trouble(name, error(400, "invalidImage"))
    failed = await house.finish(accepted.id)
    house.google.trouble(name, answer)

    waiting = await house.staff().mending.retry_extras(accepted.id)

    assert (ExtraState.FAILED, 1) == (extra_of(failed, name).state, extra_of(failed, name).tries)
    assert (ExtraState.PENDING, 2) == (extra_of(waiting, name).state, extra_of(waiting, name).tries)
    assert extra_of(waiting, name).due is not None
    assert [ExtraState.DONE] * 3 == states(await house.finish(accepted.id))
    assert 1 == len(next(iter(house.youtube.playlists.values())).videos)


async def test_what_a_person_asks_for_again_is_tried_as_often_as_at_first(house: House) -> None:
    accepted = await submitted(house)
    house.google.trouble(THUMBNAIL, TOO_MANY, times=100)
    await house.finish(accepted.id)

    waiting = await house.staff().mending.retry_extras(accepted.id)
    again = await house.finish(accepted.id)

    assert (ExtraState.PENDING, 7) == (extra_of(waiting, THUMBNAIL).state, extra_of(waiting, THUMBNAIL).tries)
    assert (ExtraState.FAILED, 12) == (extra_of(again, THUMBNAIL).state, extra_of(again, THUMBNAIL).tries)


async def test_a_thumbnail_in_doubt_is_no_longer_in_doubt_when_it_is_refused(house: House) -> None:
    accepted = await submitted(house)
    house.google.trouble(THUMBNAIL, LOST)
    house.google.trouble(THUMBNAIL, TOO_MANY)
    await worked_until(house, house.clock.now() + timedelta(hours=1))

    extra = extra_of(await house.now(accepted.id), THUMBNAIL)

    assert (ExtraState.PENDING, 2) == (extra.state, extra.tries)
