"""The file of an upload: proven before anything is spent, before each piece, and before its last bytes."""

from tests.services.house import SIZE, House, code_of
from ytempire.adapters.memory.google import SEND
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import SessionState
from ytempire.domain.quota import Bucket, Method
from ytempire.domain.upload import GRANULE
from ytempire.domain.wire import NoReply

START = str(Method.VIDEOS_INSERT)
SILENCE = NoReply("reset")


async def test_a_file_that_is_gone_is_held_before_anything_is_spent(house: House) -> None:
    accepted = await house.submit()
    house.media.remove(accepted.request.video.path)

    held = await house.finish(accepted.id)

    assert (State.HELD, "source_missing") == (held.state, code_of(held))
    (account,) = await house.store.accounts(house.clock.now())
    assert (0, 0) == (account.uploads_today, account.in_flight)
    assert [] == house.google.journal
    assert (0, 0) == await house.spent(Bucket.UPLOADS)
    assert ("active", 0) == (await house.account())[::2]


async def test_a_file_that_changed_is_held_before_anything_is_spent(house: House) -> None:
    accepted = await house.submit()
    house.media.put(accepted.request.video.path, b"other", size=SIZE)

    held = await house.finish(accepted.id)

    assert (State.HELD, "source_changed") == (held.state, code_of(held))
    assert [] == house.google.journal


async def test_a_file_that_was_only_copied_back_is_the_same_file(house: House) -> None:
    accepted = await house.submit()
    house.media.put(accepted.request.video.path, b"A title", size=SIZE)

    assert State.PUBLISHED is (await house.finish(accepted.id)).state


async def test_a_file_that_changes_under_way_makes_no_video(house: House) -> None:
    accepted = await house.submit()
    path = accepted.request.video.path

    def spoil(which: object, offset: int, total: int) -> None:
        if offset == GRANULE:
            house.media.put(path, b"other", size=SIZE)

    house.progress = spoil
    held = await house.finish(accepted.id)

    assert (State.HELD, "source_changed") == (held.state, code_of(held))
    assert {} == house.youtube.videos


async def test_the_submitted_file_put_back_finishes_with_a_new_session(house: House) -> None:
    accepted = await house.submit()
    path = accepted.request.video.path
    house.google.trouble(SEND, SILENCE, stored=GRANULE)
    await house.advance(accepted.id)
    house.media.put(path, b"other", size=SIZE)
    held = await house.finish(accepted.id)
    assert (State.HELD, SessionState.GONE) == (held.state, held.session and held.session.state)

    house.media.put(path, b"A title", size=SIZE)
    await house.staff().operating.retry(accepted.id)

    assert State.PUBLISHED is (await house.finish(accepted.id)).state
    assert 2 == house.google.count(START)
    assert 1 == len(house.youtube.videos)


async def test_a_changed_file_behind_last_bytes_that_may_have_arrived_leaves_the_outcome_open(
    house: House,
) -> None:
    accepted = await house.submit()
    path = accepted.request.video.path
    house.google.trouble(SEND, SILENCE, stored=SIZE - 1)
    await house.advance(accepted.id)
    house.media.put(path, b"other", size=SIZE)

    held = await house.finish(accepted.id)

    assert (State.HELD, "source_changed") == (held.state, code_of(held))
    assert SessionState.FINISHING is (held.session and held.session.state)
    assert held.reason is not None
    assert "its last bytes may have arrived" in held.reason.message
    assert {"adopt VIDEO_ID", "reupload"} <= set(held.reason.remedies)

    house.media.put(path, b"A title", size=SIZE)
    await house.staff().operating.retry(accepted.id)

    assert State.PUBLISHED is (await house.finish(accepted.id)).state
    assert (1, 1) == (house.google.count(START), len(house.youtube.videos))
