"""Thumbnail, captions and playlists: each tried until it is done or has failed; none undoes the video."""

from datetime import timedelta

import pytest

from tests.builders import FIRST, TODAY, a_project
from tests.services.house import House, a_house
from ytempire.adapters.memory.api import error
from ytempire.adapters.memory.google import TOKEN
from ytempire.domain.drafts import CaptionDraft
from ytempire.domain.events import Kind
from ytempire.domain.faults import Level
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Extra, ExtraKind, ExtraState, Publication
from ytempire.domain.quota import Bucket, Method
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.wire import Answer, NoReply, Reply

THUMBNAIL, CAPTION = str(Method.THUMBNAILS_SET), str(Method.CAPTIONS_INSERT)
ENTRY, ENTRIES = str(Method.PLAYLIST_ITEMS_INSERT), str(Method.PLAYLIST_ITEMS_LIST)
LOST = NoReply("reset")
NAMES = [THUMBNAIL, CAPTION, ENTRY]
KINDS = {THUMBNAIL: ExtraKind.THUMBNAIL, CAPTION: ExtraKind.CAPTION, ENTRY: ExtraKind.PLAYLIST}


async def submitted(house: House) -> Publication:
    """A publication with one extra of each kind."""
    for path in ("/cover.png", "/en.srt"):
        house.media.put(path)
    return await house.submit(
        thumbnail="/cover.png", captions=(CaptionDraft("/en.srt", "en"),), playlists=("shows",)
    )


def extra_of(publication: Publication, name: str) -> Extra:
    return next(extra for extra in publication.extras if extra.kind is KINDS[name])


def states(publication: Publication) -> list[ExtraState]:
    return [extra.state for extra in publication.extras]


async def test_each_extra_is_done_once_and_told(house: House) -> None:
    accepted = await submitted(house)

    published = await house.finish(accepted.id)

    (video,) = house.youtube.videos.values()
    (playlist,) = house.youtube.playlists.values()
    assert ("/cover.png", [("en", "")], [video.id]) == (video.thumbnail, video.captions, playlist.videos)
    assert [ExtraState.DONE] * 3 == states(published)
    assert ["thumbnail", "caption", "playlist"] == [
        event.data["extra"] for event in await house.events(Kind.EXTRA_DONE)
    ]
    assert [1, 1, 1] == [house.google.count(name) for name in NAMES]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "answer", [LOST, Reply(503), error(429, "rateLimitExceeded"), Reply(200, {}, b"<html>a proxy")], ids=str
)
async def test_an_extra_that_found_no_one_at_home_is_tried_again(
    house: House, name: str, answer: Answer
) -> None:
    accepted = await submitted(house)
    house.google.trouble(name, answer)

    waiting = await house.advance(accepted.id)
    published = await house.finish(accepted.id)

    tried = extra_of(waiting, name)
    assert (State.PROCESSING, 1) == (waiting.state, tried.tries)
    assert (tried.due, None) == (waiting.due, waiting.look_at)
    assert 1 == len(await house.events(Kind.EXTRA_RETRYING))
    assert (State.PUBLISHED, [ExtraState.DONE] * 3) == (published.state, states(published))
    assert 2 == house.google.count(name)


async def test_the_others_are_done_while_one_waits(house: House) -> None:
    accepted = await submitted(house)
    house.google.trouble(THUMBNAIL, LOST)

    waiting = await house.advance(accepted.id)

    assert [ExtraState.SENT, ExtraState.DONE, ExtraState.DONE] == states(waiting)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("answer", [LOST, Reply(503)], ids=str)
async def test_an_extra_whose_reply_was_lost_is_not_done_twice(
    house: House, name: str, answer: Answer
) -> None:
    accepted = await submitted(house)
    house.google.trouble(name, answer, done=True)

    waiting = await house.advance(accepted.id)
    published = await house.finish(accepted.id)

    (video,) = house.youtube.videos.values()
    (playlist,) = house.youtube.playlists.values()
    assert ExtraState.SENT is extra_of(waiting, name).state
    assert ([("en", "")], [video.id]) == (video.captions, playlist.videos)
    assert [ExtraState.DONE] * 3 == states(published)


async def test_a_playlist_entry_in_doubt_is_looked_up_before_it_is_sent_again(house: House) -> None:
    accepted = await submitted(house)
    house.google.trouble(ENTRY, LOST, done=True)

    await house.finish(accepted.id)

    assert (1, 1) == (house.google.count(ENTRIES), house.google.count(ENTRY))


async def test_a_playlist_entry_that_did_not_arrive_is_sent_again_after_the_look(house: House) -> None:
    accepted = await submitted(house)
    house.google.trouble(ENTRY, LOST)

    await house.finish(accepted.id)

    assert (1, 2) == (house.google.count(ENTRIES), house.google.count(ENTRY))


async def test_a_look_that_fails_sends_nothing(house: House) -> None:
    accepted = await submitted(house)
    house.google.trouble(ENTRY, LOST, done=True)
    house.google.trouble(ENTRIES, Reply(503))

    published = await house.finish(accepted.id)

    assert (2, 1) == (house.google.count(ENTRIES), house.google.count(ENTRY))
    assert [ExtraState.DONE] * 3 == states(published)


async def test_a_burst_leaves_nothing_in_doubt(house: House) -> None:
    accepted = await submitted(house)
    house.google.trouble(ENTRY, error(429, "rateLimitExceeded"))

    waiting = await house.advance(accepted.id)

    assert ExtraState.PENDING is extra_of(waiting, ENTRY).state


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        (THUMBNAIL, error(400, "invalidImage")),
        (CAPTION, error(400, "nameTooLong")),
        (ENTRY, error(403, "playlistContainsMaximumNumberOfVideos")),
        (ENTRY, error(418, "teapot")),
    ],
    ids=str,
)
async def test_an_extra_that_is_refused_fails_alone(house: House, name: str, answer: Reply) -> None:
    accepted = await submitted(house)
    house.google.trouble(name, answer)

    published = await house.finish(accepted.id)

    assert (State.PUBLISHED, None) == (published.state, published.reason)
    assert ExtraState.FAILED is extra_of(published, name).state
    assert extra_of(published, name).reason
    assert 2 == states(published).count(ExtraState.DONE)
    (told,) = await house.events(Kind.EXTRA_FAILED)
    assert (Level.WARNING, str(KINDS[name])) == (told.level, told.data["extra"])
    assert 1 == house.google.count(name)


@pytest.mark.parametrize(("name", "reason"), [(CAPTION, "captionExists"), (ENTRY, "videoAlreadyInPlaylist")])
async def test_what_is_already_there_is_done(house: House, name: str, reason: str) -> None:
    accepted = await submitted(house)
    house.google.trouble(name, error(409, reason))

    assert ExtraState.DONE is extra_of(await house.finish(accepted.id), name).state


@pytest.mark.parametrize("name", NAMES)
async def test_an_outage_without_end_fails_the_extra_after_a_bounded_number_of_tries(
    house: House, name: str
) -> None:
    accepted = await submitted(house)
    house.google.trouble(name, Reply(503), times=1000)

    published = await house.finish(accepted.id)

    assert (State.PUBLISHED, ExtraState.FAILED) == (published.state, extra_of(published, name).state)
    assert 11 == house.google.count(name)


async def test_the_server_s_wish_to_wait_is_heard(house: House) -> None:
    accepted = await submitted(house)
    house.google.trouble(THUMBNAIL, Reply(503, {"retry-after": "90"}))

    waiting = await house.advance(accepted.id)

    assert house.clock.now() + timedelta(seconds=90) == waiting.due


async def test_a_refused_token_is_refreshed_under_way(house: House) -> None:
    accepted = await submitted(house)
    house.google.trouble(CAPTION, error(401, "authError"))

    done = await house.advance(accepted.id)

    assert [ExtraState.DONE] * 3 == states(done)
    assert 1 == house.google.count(TOKEN)
    assert "active" == (await house.account())[0]


async def test_quota_exceeded_closes_the_bucket_and_the_extra_waits_for_the_reset() -> None:
    house = await a_house(looks=0)
    accepted = await submitted(house)
    house.google.trouble(CAPTION, error(403, "quotaExceeded"))

    waiting = await house.advance(accepted.id)

    assert [ExtraState.DONE, ExtraState.PENDING, ExtraState.PENDING] == states(waiting)
    assert (State.PROCESSING, TODAY.resets) == (waiting.state, waiting.due)
    (told,) = await house.events(Kind.BUCKET_CLOSED)
    assert (Level.CRITICAL, "units") == (told.level, told.data["bucket"])
    assert [ExtraState.DONE] * 3 == states(await house.finish(accepted.id))


async def test_our_own_hard_stop_closes_nothing_and_the_extra_waits_for_the_reset() -> None:
    house = await a_house(looks=0)
    house.media.put("/cover.png")
    accepted = await house.submit(thumbnail="/cover.png")
    house.google.trouble(THUMBNAIL, LOST)
    await house.advance(accepted.id)
    house.clock.set(TODAY.resets)
    await house.store.configure([a_project(units=50)], house.accounts, house.clock.now())

    waiting = await house.advance(accepted.id)

    assert QuotaDay.of(TODAY.resets).resets == waiting.due
    assert [] == await house.events(Kind.BUCKET_CLOSED)
    await house.store.configure([a_project()], house.accounts, house.clock.now())
    assert [ExtraState.DONE] == states(await house.finish(accepted.id))


async def test_a_dead_grant_fails_the_extras_and_the_account_needs_a_person(house: House) -> None:
    accepted = await submitted(house)
    house.google.trouble(THUMBNAIL, error(403, "insufficientPermissions"))

    done = await house.advance(accepted.id)

    assert ExtraState.FAILED is extra_of(done, THUMBNAIL).state
    assert State.PROCESSING is done.state
    assert "needs_reauth" == (await house.account())[0]
    (change,) = await house.events(Kind.ACCOUNT_CHANGED)
    assert (FIRST, Level.HIGH) == (change.account, change.level)


async def test_a_change_of_the_account_carries_the_moment_it_happened(house: House) -> None:
    house.media.put("/cover.png")
    accepted = await house.submit(thumbnail="/cover.png")
    house.google.trouble(THUMBNAIL, LOST)
    house.google.trouble(THUMBNAIL, error(403, "channelSuspended"))
    waiting = await house.advance(accepted.id)
    house.clock.set((waiting.due or house.clock.now()) + timedelta(minutes=7))

    await house.advance(accepted.id)

    (account,) = await house.store.accounts(house.clock.now())
    assert ("suspended", house.clock.now()) == (str(account.condition), account.changed_at)


async def test_extras_that_are_not_yet_due_are_left_alone(house: House) -> None:
    accepted = await submitted(house)
    house.google.trouble(THUMBNAIL, Reply(503, {"retry-after": "600"}))
    house.google.trouble(CAPTION, Reply(503, {"retry-after": "60"}))
    waiting = await house.advance(accepted.id)
    house.clock.set(waiting.due or house.clock.now())

    still = await house.advance(accepted.id)

    assert [ExtraState.SENT, ExtraState.DONE, ExtraState.DONE] == states(still)
    assert 1 == house.google.count(THUMBNAIL)
    assert extra_of(still, THUMBNAIL).due == still.due


@pytest.mark.parametrize("path", ["/cover.png", "/en.srt"])
async def test_a_file_that_changed_since_it_was_submitted_is_not_sent(house: House, path: str) -> None:
    accepted = await submitted(house)
    house.media.put(path, b"something else")
    name = THUMBNAIL if path == "/cover.png" else CAPTION

    published = await house.finish(accepted.id)

    assert (State.PUBLISHED, 0) == (published.state, house.google.count(name))
    assert ExtraState.FAILED is extra_of(published, name).state
    (told,) = await house.events(Kind.EXTRA_FAILED)
    assert (Level.WARNING, "sourceChanged") == (told.level, told.data["code"])


@pytest.mark.parametrize("path", ["/cover.png", "/en.srt"])
async def test_a_file_that_was_only_copied_back_is_sent(house: House, path: str) -> None:
    accepted = await submitted(house)
    house.media.put(path)

    assert [ExtraState.DONE] * 3 == states(await house.finish(accepted.id))


@pytest.mark.parametrize(("megabytes", "days"), [(1, 1), (100, 2)])
async def test_a_big_file_sent_before_midnight_is_charged_on_the_day_it_may_arrive_on_too(
    house: House, megabytes: int, days: int
) -> None:
    house.clock.set(TODAY.resets - timedelta(minutes=20))
    house.media.put("/en.srt", size=megabytes << 20)
    accepted = await house.submit(captions=(CaptionDraft("/en.srt", "en"),))

    await house.advance(accepted.id)

    assert 1 == house.google.count(CAPTION)
    spent = [await house.spent(Bucket.UNITS, moment) for moment in (TODAY.starts, TODAY.resets)]
    assert [(400, 0), (400 if days == 2 else 0, 0)] == spent
