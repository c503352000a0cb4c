"""An upload of unknown outcome: looked for on its channel, several times, then adopted or held."""

from datetime import timedelta

import pytest

from tests.builders import FIRST, NOW
from tests.services.house import SIZE, House, two_accounts
from ytempire.adapters.memory.api import error
from ytempire.adapters.memory.google import ASK, SEND
from ytempire.domain.events import Kind
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication
from ytempire.domain.quota import Bucket, Method
from ytempire.domain.values import Refused
from ytempire.domain.wire import NoReply, Reply

LOST, GONE = NoReply("reset"), error(404, "notFound")
START, CHANNELS = str(Method.VIDEOS_INSERT), str(Method.CHANNELS_LIST)
ENTRIES, DETAILS = str(Method.PLAYLIST_ITEMS_LIST), str(Method.VIDEOS_LIST)
ROUNDS = (0, 1, 5, 15, 60)
PAGES = 20


async def in_doubt(house: House, *, made: bool, title: str = "A title") -> Publication:
    """A publication whose last bytes were sent, whose reply was lost, and whose session is gone."""
    accepted = await house.submit(title)
    house.google.trouble(SEND, LOST, done=True)
    house.google.trouble(ASK, GONE, times=100)
    await house.advance(accepted.id)
    if not made:
        house.youtube.videos.clear()
    house.clock.advance(timedelta(seconds=2))
    return await house.advance(accepted.id)


def stray(house: House, title: str, *, size: int = SIZE) -> str:
    """A video that somebody else put on the channel now."""
    upload = house.youtube.uploads[
        house.youtube.open_session(house.channel(), {"snippet": {"title": title}}, size)
    ]
    return house.youtube.complete(upload).id


async def test_a_session_that_ended_in_doubt_is_looked_into_at_once(house: House) -> None:
    doubtful = await in_doubt(house, made=True)

    assert doubtful.reason is not None
    assert (State.UPLOADING, "unknown_outcome", house.clock.now()) == (
        doubtful.state,
        doubtful.reason.code,
        doubtful.due,
    )
    assert 1 == len(await house.events(Kind.OUTCOME_UNKNOWN))


async def test_the_one_video_that_fits_is_adopted(house: House) -> None:
    doubtful = await in_doubt(house, made=True)
    stray(house, "Another title")
    stray(house, "A title", size=7)

    published = await house.finish(doubtful.id)

    first = next(iter(house.youtube.videos))
    assert (State.PUBLISHED, first) == (published.state, published.video_id)
    assert [first] == [event.data["video_id"] for event in await house.events(Kind.ADOPTED)]
    assert 1 == house.google.count(START)


async def test_a_video_that_is_listed_late_is_found_in_a_later_round(house: House) -> None:
    doubtful = await in_doubt(house, made=True)
    ((which, video),) = house.youtube.videos.items()
    house.youtube.videos.clear()
    await house.advance(doubtful.id)
    house.clock.advance(timedelta(minutes=1))
    await house.advance(doubtful.id)

    house.youtube.videos[which] = video
    published = await house.finish(doubtful.id)

    assert (State.PUBLISHED, which) == (published.state, published.video_id)


async def test_it_is_looked_for_at_the_times_set_and_then_held(house: House) -> None:
    doubtful = await in_doubt(house, made=False)
    began = house.clock.now()
    looks: list[timedelta] = []
    current = doubtful
    while current.state is State.UPLOADING:
        house.clock.set(current.due or house.clock.now())
        looks.append(house.clock.now() - began)
        current = await house.advance(doubtful.id)

    assert [timedelta(minutes=minutes) for minutes in ROUNDS] == looks
    assert current.reason is not None
    assert (State.HELD, "unknown_outcome") == (current.state, current.reason.code)
    assert ("adopt VIDEO_ID", "reupload", "cancel") == current.reason.remedies
    assert "no such video" in current.reason.message
    assert 1 == house.google.count(START)
    assert ("active", 0) == (await house.account())[::2]
    assert 0 == (await house.spent(Bucket.UPLOADS))[1]


async def test_two_that_fit_need_a_person(house: House) -> None:
    doubtful = await in_doubt(house, made=True)
    twin = stray(house, "A title")

    held = await house.finish(doubtful.id)

    assert held.reason is not None
    assert (State.HELD, "unknown_outcome") == (held.state, held.reason.code)
    assert twin in held.reason.message


async def test_a_video_that_belongs_to_another_publication_is_never_adopted(house: House) -> None:
    first = await house.finish((await house.submit()).id)
    second = await house.submit(again=True)
    house.google.trouble(SEND, LOST, done=True)
    house.google.trouble(ASK, GONE)
    await house.advance(second.id)
    house.youtube.videos.popitem()
    assert [first.video_id] == list(house.youtube.videos)

    held = await house.finish(second.id)

    assert (State.HELD, None) == (held.state, held.video_id)


async def test_a_video_of_before_the_session_is_not_it(house: House) -> None:
    stray(house, "A title")
    house.clock.advance(timedelta(hours=1))
    accepted = await house.submit()
    house.google.trouble(SEND, LOST, done=True)
    house.google.trouble(ASK, GONE)
    await house.advance(accepted.id)
    before = next(iter(house.youtube.videos))

    published = await house.finish(accepted.id)

    assert before != published.video_id
    assert State.PUBLISHED is published.state


@pytest.mark.parametrize("name", [CHANNELS, ENTRIES, DETAILS])
async def test_a_look_that_fails_is_made_again_in_the_next_round(house: House, name: str) -> None:
    doubtful = await in_doubt(house, made=True)
    house.google.trouble(name, Reply(503))

    current = await house.advance(doubtful.id)

    assert (State.UPLOADING, house.clock.now() + timedelta(minutes=1)) == (current.state, current.due)
    assert State.PUBLISHED is (await house.finish(doubtful.id)).state


@pytest.mark.parametrize("name", [CHANNELS, ENTRIES, DETAILS])
async def test_when_no_look_succeeds_a_person_is_told_why(house: House, name: str) -> None:
    doubtful = await in_doubt(house, made=True)
    house.google.trouble(name, error(503, "backendError", "try later"), times=100)

    held = await house.finish(doubtful.id)

    assert held.reason is not None
    assert (State.HELD, "unknown_outcome") == (held.state, held.reason.code)
    assert "could not be looked at: try later" in held.reason.message
    assert house.clock.now() - NOW < timedelta(hours=2)


async def test_a_channel_without_an_uploads_list_has_no_such_video(house: House) -> None:
    doubtful = await in_doubt(house, made=False)
    house.google.trouble(CHANNELS, Reply(200, {}, b'{"items": [{"id": "UCone"}]}'), times=100)

    assert State.HELD is (await house.finish(doubtful.id)).state


async def test_a_doubt_stays_with_its_account() -> None:
    house = await two_accounts()
    doubtful = await in_doubt(house, made=False)

    held = await house.finish(doubtful.id)

    assert (FIRST, 1) == (held.account, house.google.count(START))
    assert {held.session and held.session.account} == {doubtful.account}


async def test_looks_are_paid_as_reads(house: House) -> None:
    doubtful = await in_doubt(house, made=False)
    stray(house, "Another title")

    await house.finish(doubtful.id)

    assert (15, 0) == await house.spent(Bucket.UNITS)


async def test_blanks_that_youtube_trimmed_from_a_title_do_not_hide_its_video(house: House) -> None:
    doubtful = await in_doubt(house, made=True, title="A  title ")
    for video in house.youtube.videos.values():
        video.snippet = video.snippet | {"title": "A title"}

    published = await house.finish(doubtful.id)

    assert (State.PUBLISHED, next(iter(house.youtube.videos))) == (published.state, published.video_id)


async def test_a_busy_channel_is_looked_through_page_by_page(house: House) -> None:
    doubtful = await in_doubt(house, made=True)
    first = next(iter(house.youtube.videos))
    for number in range(120):
        stray(house, f"Another title {number}")

    published = await house.finish(doubtful.id)

    assert (State.PUBLISHED, first) == (published.state, published.video_id)
    assert 3 == house.google.count(ENTRIES)


async def test_what_is_older_than_the_session_is_not_looked_at(house: House) -> None:
    for number in range(120):
        stray(house, f"Old {number}")
    house.clock.advance(timedelta(hours=1))
    doubtful = await in_doubt(house, made=False)

    await house.advance(doubtful.id)

    assert (1, 0) == (house.google.count(ENTRIES), house.google.count(DETAILS))


async def test_a_list_without_an_end_proves_nothing(house: House) -> None:
    doubtful = await in_doubt(house, made=False)
    for number in range(PAGES * 50 + 1):
        stray(house, f"Another title {number}")
    stray(house, "A title")

    held = await house.finish(doubtful.id)

    assert (State.HELD, None) == (held.state, held.video_id)
    house.youtube.videos.popitem()
    held = await house.finish(doubtful.id)
    staff = house.staff()
    with pytest.raises(Refused, match="more uploads since then than are looked through"):
        await staff.operating.reupload(held.id, staff.reconciling)


async def test_the_hold_names_the_videos_that_it_may_have_become(house: House) -> None:
    doubtful = await in_doubt(house, made=True)
    twin = stray(house, "A title")

    await house.finish(doubtful.id)

    (told,) = await house.events(Kind.HELD)
    assert [twin, next(iter(house.youtube.videos))] == told.data["videos"]
