"""Passes of work: from rest to rest, safe to run twice, and an end to work that dies again and again."""

import pytest

from tests.services.death import Coma, Death, Fate, mortal
from tests.services.house import House, a_house
from ytempire.adapters.memory.google import SEND
from ytempire.domain.decision import MAX_PASSES
from ytempire.domain.events import Kind
from ytempire.domain.lifecycle import State
from ytempire.domain.quota import Bucket
from ytempire.domain.values import PublicationId, Refused
from ytempire.domain.wire import NoReply

MANY = 500
BEGUN = 3
"""The first moment of a pass after it was counted."""


async def test_nothing_happens_to_a_publication_that_is_unknown_or_not_due(house: House) -> None:
    accepted = await house.submit()
    await house.finish(accepted.id)
    before = await house.now(accepted.id)
    entries = len(house.google.journal)

    staff = house.staff()
    await staff.publishing.advance(PublicationId("pub_nobody"))
    await staff.publishing.advance(accepted.id)

    assert before == await house.now(accepted.id)
    assert entries == len(house.google.journal)


async def test_a_pass_that_comes_to_an_end_starts_the_count_anew(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(SEND, NoReply("reset"))

    waiting = await house.advance(accepted.id)

    assert 0 == waiting.passes


async def test_the_extras_follow_in_the_same_pass(house: House) -> None:
    house.media.put("/cover.png")
    accepted = await house.submit(thumbnail="/cover.png")

    done = await house.advance(accepted.id)

    assert (State.PROCESSING, None, ()) == (done.state, done.due, done.pending_extras())
    assert "/cover.png" == next(iter(house.youtube.videos.values())).thumbnail


async def die(house: House, which: PublicationId, fatal: int) -> None:
    """One pass of a process that dies at a moment."""
    fate = Fate(fatal)
    staff = house.staff(mortal(house.ports(), fate))
    with pytest.raises(Death):
        await staff.publishing.advance(which)


@pytest.mark.parametrize("fatal", [BEGUN, 30, 45, 60])
async def test_work_that_dies_again_and_again_is_held_as_poison(fatal: int) -> None:
    house = await a_house()
    accepted = await house.submit()
    for _ in range(MAX_PASSES):
        await die(house, accepted.id, fatal)
        fatal = BEGUN

    held = await house.finish(accepted.id)

    assert held.reason is not None
    assert (State.HELD, "poison") == (held.state, held.reason.code)
    assert f"died {MAX_PASSES} times" in held.reason.message
    assert 1 == len(await house.events(Kind.HELD))
    assert ("active", 0) == (await house.account())[::2]
    assert 0 == (await house.spent(Bucket.UPLOADS))[1]


async def test_poison_that_a_person_retries_finishes_and_makes_one_video(house: House) -> None:
    accepted = await house.submit()
    await die(house, accepted.id, 60)
    for _ in range(MAX_PASSES - 1):
        await die(house, accepted.id, BEGUN)
    assert State.HELD is (await house.finish(accepted.id)).state

    await house.staff().operating.retry(accepted.id)

    assert State.PUBLISHED is (await house.finish(accepted.id)).state
    assert 1 == len(house.youtube.videos)


async def test_one_death_less_than_poison_still_finishes(house: House) -> None:
    accepted = await house.submit()
    for _ in range(MAX_PASSES - 1):
        await die(house, accepted.id, BEGUN)

    assert State.PUBLISHED is (await house.finish(accepted.id)).state


async def test_a_cancel_at_any_moment_ends_it_without_a_video_or_is_refused() -> None:
    """Cancelled means that no video exists; too late is said, and then the video is published."""
    answers = set()
    for moment in range(MANY):
        house = await a_house()
        accepted = await house.submit()
        said: list[bool] = []

        async def cancel(
            house: House = house, which: PublicationId = accepted.id, said: list[bool] = said
        ) -> None:
            try:
                await house.staff().operating.cancel(which)
                said.append(True)
            except Refused:
                said.append(False)

        coma = Coma(moment, cancel)
        staff = house.staff(mortal(house.ports(), coma, everything=False))
        await staff.publishing.advance(accepted.id)
        if not coma.met:
            break
        ended = await house.finish(accepted.id)

        videos = len(house.youtube.videos)
        expected = (State.CANCELLED, 0) if said == [True] else (State.PUBLISHED, 1)
        assert expected == (ended.state, videos), coma.last_words
        assert ("active", 0) == (await house.account())[::2], coma.last_words
        assert 0 == (await house.spent(Bucket.UPLOADS))[1], coma.last_words
        answers.add(said[0])
    assert {True, False} == answers


async def test_a_cancel_between_death_and_the_next_start_makes_no_video_or_is_refused() -> None:
    for fatal in range(MANY):
        house = await a_house()
        accepted = await house.submit()
        fate = Fate(fatal)
        try:
            await house.staff(mortal(house.ports(), fate, everything=False)).publishing.advance(accepted.id)
        except Death:
            refused = False
            try:
                await house.staff().operating.cancel(accepted.id)
            except Refused:
                refused = True
            ended = await house.finish(accepted.id)
            expected = (State.PUBLISHED, 1) if refused else (State.CANCELLED, 0)
            assert expected == (ended.state, len(house.youtube.videos)), fate.last_words
            assert 0 == (await house.spent(Bucket.UPLOADS))[1]
        if not fate.met:
            break
    else:
        raise AssertionError("it never lived through")
