"""The last look before an upload is done over: only an answer that says that nothing is there counts."""

import pytest

from tests.builders import FIRST
from tests.services.house import SIZE, House
from tests.services.test_reconcile import LOST, in_doubt
from ytempire.adapters.memory.api import error
from ytempire.adapters.memory.google import ASK, SEND
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication
from ytempire.domain.quota import Method
from ytempire.domain.values import Refused
from ytempire.domain.wire import Reply


@pytest.mark.parametrize(
    "name", [str(each) for each in (Method.CHANNELS_LIST, Method.PLAYLIST_ITEMS_LIST, Method.VIDEOS_LIST)]
)
@pytest.mark.parametrize("body", [b"{}", b'{"items": null}', b'{"items": [3]}'])
async def test_a_last_look_whose_answer_is_no_list_forbids_it(house: House, name: str, body: bytes) -> None:
    doubtful = await in_doubt(house, made=True)
    videos = dict(house.youtube.videos)
    house.youtube.videos.clear()
    waiting = await house.finish(doubtful.id)
    house.youtube.videos.update(videos)
    house.google.trouble(name, Reply(200, {}, body))
    staff = house.staff()

    with pytest.raises(Refused, match="cannot be looked for"):
        await staff.operating.reupload(waiting.id, staff.reconciling)
    assert waiting == await house.now(waiting.id)


EMPTY = Reply(200, {}, b'{"kind": "youtube#playlistItemListResponse", "items": []}')


async def held_without_a_look(house: House, *, made: bool) -> Publication:
    """The last bytes of it were sent and its reply was lost; then its token was refused, again and again."""
    accepted = await house.submit()
    house.google.trouble(SEND, LOST, done=made, stored=None if made else SIZE - 1)
    house.google.trouble(ASK, error(401, "authError"), times=2)
    held = await house.finish(accepted.id)
    assert (State.HELD, 0) == (held.state, held.session and held.session.asked)
    await house.connect(FIRST)
    return held


async def test_a_session_that_has_become_a_video_is_not_uploaded_again_because_no_list_shows_it_yet(
    house: House,
) -> None:
    held = await held_without_a_look(house, made=True)
    house.google.trouble(str(Method.PLAYLIST_ITEMS_LIST), EMPTY, times=9)
    staff = house.staff()

    (video,) = house.youtube.videos
    with pytest.raises(Refused, match=f"has become {video}"):
        await staff.operating.reupload(held.id, staff.reconciling)
    assert held == await house.now(held.id)
    await staff.operating.retry(held.id)
    assert (State.PUBLISHED, video) == (
        (await house.finish(held.id)).state,
        (await house.now(held.id)).video_id,
    )
    assert 1 == len(house.youtube.videos)


async def test_a_session_that_is_gone_is_not_uploaded_again_before_it_was_looked_for_long_enough(
    house: House,
) -> None:
    held = await held_without_a_look(house, made=True)
    house.google.trouble(ASK, error(404, "notFound"), times=9)
    house.google.trouble(str(Method.PLAYLIST_ITEMS_LIST), EMPTY)
    staff = house.staff()

    with pytest.raises(Refused, match="not listed yet; retry it first"):
        await staff.operating.reupload(held.id, staff.reconciling)
    await staff.operating.retry(held.id)
    assert State.PUBLISHED is (await house.finish(held.id)).state
    assert 1 == len(house.youtube.videos)


async def test_a_session_that_lacks_bytes_is_uploaded_again_at_once(house: House) -> None:
    held = await held_without_a_look(house, made=False)
    staff = house.staff()

    await staff.operating.reupload(held.id, staff.reconciling)

    assert State.PUBLISHED is (await house.finish(held.id)).state
    assert 1 == len(house.youtube.videos)
