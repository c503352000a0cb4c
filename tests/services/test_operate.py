"""What a person may do with a publication, in every state; what is not possible changes nothing."""

from datetime import timedelta

import pytest

from tests.builders import FIRST, a_project
from tests.services.house import House, Ports, Staff, a_house
from tests.services.test_reconcile import in_doubt, stray
from ytempire.adapters.memory.api import error
from ytempire.adapters.memory.google import ASK, SEND
from ytempire.domain.events import Kind
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication, SessionState
from ytempire.domain.quota import Bucket, Method
from ytempire.domain.values import PublicationId, Refused, Unanswered, VideoId
from ytempire.domain.wire import NoReply, Reply
from ytempire.ports import Settlement

START = str(Method.VIDEOS_INSERT)
NOBODY = PublicationId("pub_nobody")


async def ended(house: House, state: State) -> Publication:
    """A publication that has come to this final state."""
    if state is State.CANCELLED:
        accepted = await house.submit()
        return await house.staff().operating.cancel(accepted.id)
    if state is State.REFUSED:
        house.google.trouble(START, error(400, "invalidTitle"))
    if state is State.FAILED:
        house.youtube.verdicts["A title"] = {"uploadStatus": "failed"}
    if state is State.DUPLICATE:
        house.google.trouble(START, error(400, "duplicateUpload"))
    accepted = await house.submit()
    done = await house.finish(accepted.id)
    assert state is done.state
    house.youtube.verdicts.clear()
    return done


async def resting(house: House) -> Publication:
    """A publication that is uploading, between two passes."""
    accepted = await house.submit()
    house.google.trouble(SEND, NoReply("reset"), stored=5)
    return await house.advance(accepted.id)


async def held(house: House) -> Publication:
    accepted = await house.submit()
    house.google.trouble(START, error(403, "accessNotConfigured"))
    return await house.advance(accepted.id)


# ----------------------------------------------------------------------------------------------- cancel


async def test_a_queued_one_is_cancelled_at_once(house: House) -> None:
    accepted = await house.submit()

    cancelled = await house.staff().operating.cancel(accepted.id)

    assert (State.CANCELLED, None) == (cancelled.state, cancelled.due)
    assert 1 == len(await house.events(Kind.CANCELLED))
    await house.work()
    assert [] == house.google.journal


async def test_a_deferred_one_is_cancelled_at_once(house: House) -> None:
    accepted = await house.submit(not_before=house.clock.now() + timedelta(hours=1))
    await house.advance(accepted.id)

    assert State.CANCELLED is (await house.staff().operating.cancel(accepted.id)).state


async def test_a_held_one_is_cancelled_at_once(house: House) -> None:
    waiting = await held(house)

    assert State.CANCELLED is (await house.staff().operating.cancel(waiting.id)).state


async def test_one_that_is_uploading_is_stopped_by_the_next_pass_and_gives_back_its_place(
    house: House,
) -> None:
    uploading = await resting(house)

    flagged = await house.staff().operating.cancel(uploading.id)
    cancelled = await house.finish(uploading.id)

    assert (State.UPLOADING, True) == (flagged.state, flagged.cancel_requested)
    assert State.CANCELLED is cancelled.state
    assert {} == house.youtube.videos
    assert ("active", 0) == (await house.account())[::2]
    assert (1, 1) == (
        len(await house.events(Kind.CANCEL_REQUESTED)),
        len(await house.events(Kind.CANCELLED)),
    )


async def test_one_that_has_sent_its_last_bytes_cannot_be_cancelled(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(SEND, NoReply("reset"), done=True)
    await house.advance(accepted.id)

    with pytest.raises(Refused, match="has sent its last bytes"):
        await house.staff().operating.cancel(accepted.id)

    assert State.PUBLISHED is (await house.finish(accepted.id)).state


async def test_one_in_processing_or_at_its_end_cannot_be_cancelled(house: House) -> None:
    accepted = await house.submit()
    await house.advance(accepted.id)
    with pytest.raises(Refused, match="cannot be cancelled any more"):
        await house.staff().operating.cancel(accepted.id)

    before = await house.finish(accepted.id)
    with pytest.raises(Refused, match="cannot be cancelled any more"):
        await house.staff().operating.cancel(accepted.id)
    assert before == await house.now(accepted.id)


async def test_giving_up_a_held_one_that_has_a_video_says_that_the_video_is_there() -> None:
    house = await a_house(looks=100_000)
    accepted = await house.submit()
    stuck = await house.finish(accepted.id)
    assert State.HELD is stuck.state

    given_up = await house.staff().operating.cancel(stuck.id)

    assert given_up.reason is not None
    assert (State.FAILED, stuck.video_id) == (given_up.state, given_up.video_id)
    assert str(stuck.video_id) in given_up.reason.message


# ------------------------------------------------------------------------------------------------ retry


async def test_a_held_one_is_put_back_to_work(house: House) -> None:
    waiting = await held(house)

    released = await house.staff().operating.retry(waiting.id)

    assert (State.QUEUED, house.clock.now(), None, 0, 0) == (
        released.state,
        released.due,
        released.reason,
        released.attempts,
        released.failures,
    )
    assert 1 == len(await house.events(Kind.RELEASED))
    assert State.PUBLISHED is (await house.finish(waiting.id)).state


async def test_a_deferred_one_is_tried_now() -> None:
    house = await a_house(projects=[a_project(uploads=2)])
    first, second = await house.submit("one"), await house.submit("two")
    await house.advance(first.id)
    await house.advance(second.id)
    await house.store.configure([a_project()], house.accounts, house.clock.now())

    await house.staff().operating.retry(second.id)

    assert State.PROCESSING is (await house.advance(second.id)).state


@pytest.mark.parametrize("state", [State.CANCELLED, State.REFUSED, State.FAILED, State.DUPLICATE])
async def test_an_ended_one_stays_and_a_new_one_takes_its_place(house: House, state: State) -> None:
    before = await ended(house, state)

    fresh = await house.staff().operating.retry(before.id)

    assert fresh.id != before.id
    assert before == await house.now(before.id)
    assert State.PUBLISHED is (await house.finish(fresh.id)).state
    last = (await house.events(Kind.SUBMITTED))[-1]
    assert before.id == last.data["instead_of"]


async def test_a_retry_of_a_doubtful_one_asks_its_session_first_and_makes_no_second_video(
    house: House,
) -> None:
    accepted = await house.submit()
    house.google.trouble(SEND, NoReply("reset"), done=True)
    house.google.trouble(ASK, error(403, "accessNotConfigured"))
    await house.advance(accepted.id)
    house.clock.advance(timedelta(seconds=2))
    waiting = await house.advance(accepted.id)
    assert (State.HELD, SessionState.FINISHING) == (waiting.state, waiting.session and waiting.session.state)

    await house.staff().operating.retry(accepted.id)

    assert State.PUBLISHED is (await house.finish(accepted.id)).state
    assert (1, 1) == (house.google.count(START), len(house.youtube.videos))


async def test_one_that_has_a_video_is_not_uploaded_again(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(
        SEND, Reply(200, {}, b'{"id": "stray", "snippet": {"channelId": "UCother"}}'), done=True
    )
    await house.advance(accepted.id)

    with pytest.raises(Refused, match="has become the video stray"):
        await house.staff().operating.retry(accepted.id)


async def test_one_that_is_at_work_or_published_waits_for_nobody(house: House) -> None:
    operating = house.staff().operating
    accepted = await house.submit()
    with pytest.raises(Refused, match="is queued and is not waiting for anybody"):
        await operating.retry(accepted.id)
    await house.advance(accepted.id)
    with pytest.raises(Refused, match="is processing"):
        await operating.retry(accepted.id)
    await house.finish(accepted.id)
    with pytest.raises(Refused, match="is published"):
        await operating.retry(accepted.id)


async def test_a_cancel_that_was_asked_for_is_forgotten_when_a_person_retries(house: House) -> None:
    uploading = await resting(house)
    await house.staff().operating.cancel(uploading.id)
    house.clock.advance(timedelta(minutes=1))
    assert State.CANCELLED is (await house.advance(uploading.id)).state

    fresh = await house.staff().operating.retry(uploading.id)

    assert State.PUBLISHED is (await house.finish(fresh.id)).state


# ------------------------------------------------------------------------------------------------ adopt


async def test_a_doubtful_one_is_declared_to_be_a_video_and_watched_like_any_other(house: House) -> None:
    house.media.put("/cover.png")
    doubtful = await in_doubt(house, made=False)
    waiting = await house.finish(doubtful.id)
    video = VideoId(stray(house, "Another title"))

    adopted = await house.staff().operating.adopt(waiting.id, video)

    assert (State.PROCESSING, video, None) == (adopted.state, adopted.video_id, adopted.reason)
    assert 1 == len(await house.events(Kind.ADOPTED))
    assert State.PUBLISHED is (await house.finish(waiting.id)).state


async def test_a_video_of_another_publication_cannot_be_adopted(house: House) -> None:
    first = await house.submit("one")
    taken = (await house.finish(first.id)).video_id
    waiting = await house.finish((await in_doubt(house, made=False, title="two")).id)

    assert taken is not None
    with pytest.raises(Refused, match="another publication has it"):
        await house.staff().operating.adopt(waiting.id, taken)
    assert waiting == await house.now(waiting.id)


async def test_only_a_held_one_that_was_on_an_account_can_adopt(house: House) -> None:
    operating = house.staff().operating
    accepted = await house.submit()
    with pytest.raises(Refused, match="is not held"):
        await operating.adopt(accepted.id, VideoId("any"))

    late = await house.submit("late", deadline=house.clock.now() + timedelta(seconds=1))
    house.clock.advance(timedelta(seconds=1))
    await house.advance(late.id)
    with pytest.raises(Refused, match="has never been on an account"):
        await operating.adopt(late.id, VideoId("any"))


async def test_a_cancelled_one_that_may_have_become_a_video_is_not_retried(house: House) -> None:
    waiting = await house.finish((await in_doubt(house, made=False)).id)
    operating = house.staff().operating
    cancelled = await operating.cancel(waiting.id)

    with pytest.raises(Refused, match="may have become a video"):
        await operating.retry(waiting.id)
    assert cancelled == await house.now(waiting.id)


# --------------------------------------------------------------------------------------------- reupload


async def test_a_doubtful_one_without_any_video_is_uploaded_once_more(house: House) -> None:
    waiting = await house.finish((await in_doubt(house, made=False)).id)
    staff = house.staff()

    released = await staff.operating.reupload(waiting.id, staff.reconciling)

    assert (State.QUEUED, SessionState.GONE) == (released.state, released.session and released.session.state)
    assert State.PUBLISHED is (await house.finish(waiting.id)).state
    assert (2, 1) == (house.google.count(START), len(house.youtube.videos))
    assert 0 == (await house.spent(Bucket.UPLOADS))[1]


async def test_a_last_look_that_finds_something_forbids_it(house: House) -> None:
    waiting = await house.finish((await in_doubt(house, made=False)).id)
    found = stray(house, "A title")
    staff = house.staff()

    with pytest.raises(Refused, match=f"may be on the channel already as {found}"):
        await staff.operating.reupload(waiting.id, staff.reconciling)
    assert waiting == await house.now(waiting.id)


async def test_a_last_look_that_fails_forbids_it(house: House) -> None:
    waiting = await house.finish((await in_doubt(house, made=False)).id)
    house.google.trouble(str(Method.CHANNELS_LIST), Reply(503))
    staff = house.staff()

    with pytest.raises(Refused, match="cannot be looked for"):
        await staff.operating.reupload(waiting.id, staff.reconciling)
    assert waiting == await house.now(waiting.id)


async def test_what_has_no_unknown_outcome_is_not_uploaded_once_more(house: House) -> None:
    accepted = await house.submit()
    staff = house.staff()

    with pytest.raises(Refused, match="has no unknown outcome"):
        await staff.operating.reupload(accepted.id, staff.reconciling)


# ----------------------------------------------------------------------------------------------- others


async def test_an_unknown_publication_is_said_to_be_unknown(house: House) -> None:
    staff = house.staff()
    for action in (
        staff.operating.cancel(NOBODY),
        staff.operating.retry(NOBODY),
        staff.operating.adopt(NOBODY, VideoId("any")),
        staff.operating.reupload(NOBODY, staff.reconciling),
    ):
        with pytest.raises(Refused, match="there is no pub_nobody"):
            await action
    assert FIRST in {each.id for each in await house.store.accounts(house.clock.now())}


class Rival:
    """A store in which somebody else changes the publication just before each of our first settlements."""

    def __init__(self, house: House, times: int) -> None:
        self.house = house
        self.left = times

    def __getattr__(self, name: str) -> object:
        return getattr(self.house.store, name)

    async def settle(self, settlement: Settlement) -> Publication | None:
        if self.left > 0:
            self.left -= 1
            current = await self.house.now(settlement.publication.id)
            await self.house.store.settle(Settlement(current))
        return await self.house.store.settle(settlement)


def beside_a_rival(house: House, times: int) -> Staff:
    ports = house.ports()
    store: object = Rival(house, times)
    return house.staff(Ports(store, ports.google, ports.vault, ports.media, ports.clock))  # type: ignore[arg-type]  # a rival


async def test_an_action_that_lost_a_race_looks_again_and_is_done(house: House) -> None:
    waiting = await held(house)
    await beside_a_rival(house, 3).operating.retry(waiting.id)
    assert State.QUEUED is (await house.now(waiting.id)).state

    await beside_a_rival(house, 3).operating.cancel(waiting.id)
    assert State.CANCELLED is (await house.now(waiting.id)).state


async def test_an_action_that_loses_every_race_says_so_and_changes_nothing(house: House) -> None:
    waiting = await held(house)
    for action in ("retry", "cancel"):
        with pytest.raises(Refused, match="is changing too fast"):
            await getattr(beside_a_rival(house, 1_000).operating, action)(waiting.id)
    assert State.HELD is (await house.now(waiting.id)).state


async def test_a_video_that_youtube_does_not_show_is_not_adopted(house: House) -> None:
    waiting = await held(house)

    with pytest.raises(Refused, match="YouTube shows no such video"):
        await house.staff().operating.adopt(waiting.id, VideoId("nonsense"))
    house.google.trouble("videos.list", NoReply("no route"))
    with pytest.raises(Unanswered, match="cannot be looked up now"):
        await house.staff().operating.adopt(waiting.id, VideoId("any"))

    assert State.HELD is (await house.now(waiting.id)).state


async def test_a_reupload_that_lost_a_race_says_so(house: House) -> None:
    waiting = await house.finish((await in_doubt(house, made=False)).id)
    staff = beside_a_rival(house, 1)

    with pytest.raises(Refused, match="was changed by somebody else"):
        await staff.operating.reupload(waiting.id, staff.reconciling)
