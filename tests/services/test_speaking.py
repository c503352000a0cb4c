"""Speech through its chain: long texts in pieces, every piece listened to, a whole file or none, exact money."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tests.services.studio import FREE, HIGH, LOW, OUT, Studio
from tests.services.troupe import Axe, Watched
from ytempire.adapters.memory.sounds import MemorySounds, a_voice
from ytempire.adapters.memory.vendor import Hang
from ytempire.domain.breaker import Phase
from ytempire.domain.chain import (
    VOICE,
    Blame,
    Budget,
    CallerFault,
    ChainFailed,
    Charged,
    Made,
    ProviderFault,
    Served,
    Step,
)
from ytempire.domain.speech import Sound, SpeechOrder, Spoken
from ytempire.domain.values import Mendable, Refused

HELLO = SpeechOrder("Hello there, this is a short text.")
SENTENCES = [f"This is sentence number {word}." for word in ("one", "two", "three", "four", "five")]
FIVE = SpeechOrder(" ".join(SENTENCES))
"""In five pieces of one sentence each, where 35 characters are the longest."""

OLD = a_voice("an older file that somebody made")
SILENT = Sound(2.2, 22_050, 0.0, 0.0, 0.0, 1.0)
CLIPPED = replace(a_voice(HELLO.text), clipped=0.2)
HALF = replace(a_voice(HELLO.text), decoded=False)
SHORT = replace(a_voice(HELLO.text), seconds=0.3)


@pytest.fixture
def studio() -> Studio:
    return Studio()


@pytest.fixture
def cutting() -> Studio:
    """Vendors that take one sentence at a time."""
    return Studio(longest=35)


async def speak(studio: Studio, order: SpeechOrder = HELLO, **how: Any) -> Served[Spoken]:
    return await studio.speaking().speak(order, OUT, **how)


def steps(trail: Any) -> dict[str, Step]:
    return {each.provider: each.step for each in trail}


def tidy(studio: Studio, *, old: bool = False) -> None:
    """No scratch is left, and at the target is what was there before."""
    assert set() == studio.sounds.scratches
    assert ({OUT: OLD} if old else {}) == studio.sounds.files


# -------------------------------------------------------------------------------------------------- as it should


async def test_a_text_is_said_by_the_first_and_the_file_is_there(studio: Studio) -> None:
    served = await speak(studio)

    assert (HIGH, OUT, a_voice(HELLO.text)) == (served.provider, served.value.path, served.value.sound)
    assert {OUT: a_voice(HELLO.text)} == studio.sounds.files
    assert set() == studio.sounds.scratches
    assert len(HELLO.text) * 1_000 == served.cost == await studio.spent() == await studio.trails()
    assert a_voice(HELLO.text).seconds == served.value.duration.total_seconds()


async def test_a_long_text_is_said_in_pieces_and_joined(cutting: Studio) -> None:
    served = await speak(cutting, FIVE)

    assert 5 == len(cutting.speakers[HIGH].said)
    assert FIVE.text == " ".join(cutting.speakers[HIGH].said)
    spoken = sum(a_voice(each).seconds for each in cutting.speakers[HIGH].said)
    assert round(spoken + 4 * 0.25, 6) == round(served.value.sound.seconds, 6)
    assert [OUT] == list(cutting.sounds.files)
    assert sum(map(len, cutting.speakers[HIGH].said)) * 1_000 == served.cost == await cutting.spent()


async def test_an_mp3_is_measured_as_it_was_written(studio: Studio) -> None:
    served = await studio.speaking().speak(HELLO, "videos/a.mp3")

    assert ("videos/a.mp3", True) == (served.value.path, served.value.sound.decoded)
    assert ["videos/a.mp3"] == list(studio.sounds.files)


async def test_an_existing_file_is_replaced_when_all_went_well(studio: Studio) -> None:
    studio.sounds.put(OUT, OLD)

    await speak(studio)

    assert a_voice(HELLO.text) == studio.sounds.files[OUT]


# ---------------------------------------------------------------------------------------------- bad audio


@pytest.mark.parametrize(
    ("sound", "why"),
    [(SILENT, "silent"), (CLIPPED, "clipped"), (HALF, "breaks off"), (SHORT, "takes 0.3 s")],
)
async def test_audio_that_cannot_be_the_text_is_rejected_and_paid_for(
    sound: Sound, why: str, studio: Studio
) -> None:
    studio.speakers[HIGH].row.add(Made(sound, 7))

    served = await speak(studio)

    rejected = served.trail[0]
    assert (Step.REJECTED, Blame.OUTPUT, Charged.YES, 7) == (
        rejected.step,
        rejected.blame,
        rejected.charged,
        rejected.cost,
    )
    assert why in rejected.why
    assert (LOW, True) == (served.provider, served.degraded)
    assert 7 + len(HELLO.text) * 200 == served.cost == await studio.spent() == await studio.trails()
    assert [OUT] == list(studio.sounds.files)


async def test_silent_audio_of_everybody_leaves_nothing_behind(studio: Studio) -> None:
    studio.sounds.put(OUT, OLD)
    for speaker in studio.speakers.values():
        speaker.row.always = Made(SILENT)

    with pytest.raises(ChainFailed) as failed:
        await speak(studio)

    assert {HIGH: Step.REJECTED, LOW: Step.REJECTED, FREE: Step.REJECTED} == steps(failed.value.trail)
    assert len(HELLO.text) * 1_200 == await studio.spent() == await studio.trails()
    tidy(studio, old=True)


async def test_one_silent_piece_among_good_ones_is_heard_and_nothing_more_is_bought(cutting: Studio) -> None:
    row = cutting.speakers[HIGH].row
    row.add(Made(a_voice("This is sentence number one."), 1), Made(replace(SILENT, seconds=1.8), 10))

    served = await speak(cutting, FIVE)

    assert 2 == len(row.journal)
    assert "bad_audio: piece 2 of 5: the audio is silent" in served.trail[0].why
    assert 11 == served.trail[0].cost
    assert LOW == served.provider


async def test_a_piece_without_a_word_may_be_silent() -> None:
    studio = Studio(longest=12)
    order = SpeechOrder("One, two.\n\n... ... ...\n\nThree.")
    studio.speakers[HIGH].row.add(Made(a_voice("One, two.")), Made(replace(SILENT, seconds=0.3)))

    served = await speak(studio, order)

    assert ["One, two.", "... ... ...", "Three."] == studio.speakers[HIGH].said
    assert HIGH == served.provider


# --------------------------------------------------------------------------------------- faults in the middle


@pytest.mark.parametrize(
    ("charged", "cost", "third"),
    [
        (Charged.NO, None, 0),
        (Charged.YES, None, 30_000),
        (Charged.MAYBE, None, 30_000),
        (Charged.YES, 5, 5),
        (Charged.MAYBE, 5, 5),
    ],
)
async def test_a_fault_in_the_third_of_five_pieces_keeps_what_two_cost(
    charged: Charged, cost: int | None, third: int, cutting: Studio
) -> None:
    fault = ProviderFault(Blame.OUTAGE, "http_500", charged=charged, cost=cost)
    first, second = (Made(a_voice(f"This is sentence number {n}."), 11) for n in ("one", "two"))
    cutting.speakers[HIGH].row.add(first, second, fault)

    served = await speak(cutting, FIVE)

    failed = served.trail[0]
    assert (22 + third, Charged.MAYBE if charged is Charged.MAYBE else Charged.YES) == (
        failed.cost,
        failed.charged,
    )
    assert (FREE if charged is Charged.MAYBE else LOW) == served.provider
    assert served.cost == await cutting.spent() == await cutting.trails()
    assert 3 == len(cutting.speakers[HIGH].said)
    assert [OUT] == list(cutting.sounds.files)


async def test_a_first_piece_in_doubt_puts_no_more_in_doubt_than_itself(cutting: Studio) -> None:
    cutting.speakers[HIGH].row.add(ProviderFault(Blame.OUTAGE, "dropped", charged=Charged.MAYBE))

    served = await speak(cutting, FIVE)

    assert (28_000, FREE) == (served.cost, served.provider)
    assert 28_000 == await cutting.spent() == await cutting.trails()


async def test_a_free_voice_that_fails_in_the_middle_costs_nothing(cutting: Studio) -> None:
    cutting.speakers[FREE] = cutting.speakers[LOW]
    cutting.speakers[FREE].row.add(
        Made(a_voice("This is sentence number one."), 11), ProviderFault(Blame.OUTAGE, "crashed")
    )

    with pytest.raises(ChainFailed):
        await speak(cutting, FIVE, only=FREE)

    assert 0 == await cutting.spent() == await cutting.trails()
    tidy(cutting)


async def test_a_vendor_that_hangs_in_the_middle_is_given_up_and_all_of_it_is_in_doubt(
    cutting: Studio,
) -> None:
    cutting.hurry(VOICE, HIGH)
    cutting.sounds.put(OUT, OLD)
    cutting.speakers[HIGH].row.add(Made(a_voice("This is sentence number one.")), Hang())
    cutting.speakers[FREE].row.add(ProviderFault(Blame.OUTAGE, "crashed"))

    with pytest.raises(ChainFailed) as failed:
        await speak(cutting, FIVE)

    assert {HIGH: Step.FAILED, LOW: Step.SKIPPED, FREE: Step.FAILED} == steps(failed.value.trail)
    assert sum(map(len, SENTENCES)) * 1_000 == await cutting.spent() == await cutting.trails()
    tidy(cutting, old=True)


async def test_the_caller_s_own_fault_leaves_nothing_behind(cutting: Studio) -> None:
    cutting.sounds.put(OUT, OLD)
    cutting.speakers[HIGH].row.add(
        Made(a_voice("This is sentence number one."), 11), ProviderFault(Blame.CALLER, "bad_words")
    )

    with pytest.raises(CallerFault):
        await speak(cutting, FIVE)

    assert 11 == await cutting.spent() == await cutting.trails()
    tidy(cutting, old=True)


# ------------------------------------------------------------------------------------------- money beforehand


async def test_a_text_in_pieces_is_held_at_what_all_of_them_cost() -> None:
    studio = Studio(longest=35)
    studio.speakers[HIGH] = type(studio.speakers[HIGH])(studio.clock, studio.sounds, cost=500_000, longest=35)

    served = await speak(studio, FIVE, budget=Budget(per_call=2_499_999))
    assert {HIGH: Step.SKIPPED, LOW: Step.SERVED} == steps(served.trail)

    served = await speak(studio, FIVE, budget=Budget(per_call=2_500_000))
    assert (HIGH, 2_500_000) == (served.provider, served.cost)


async def test_the_money_of_a_day_counts_by_the_length_of_texts(studio: Studio) -> None:
    studio.limit(VOICE, Budget(per_day=len(HELLO.text) * 1_000 + 500))

    providers = [(await speak(studio)).provider for _ in range(3)]

    assert [HIGH, FREE, FREE] == providers


# ------------------------------------------------------------------------------------------------------ SSML


async def test_ssml_that_is_too_long_for_one_is_unfit_and_another_says_it() -> None:
    studio = Studio(longest=60)
    order = SpeechOrder(f"<speak>{FIVE.text}</speak>", ssml=True)

    served = await speak(studio, order)

    assert {HIGH: Step.FAILED, LOW: Step.FAILED, FREE: Step.SERVED} == steps(served.trail)
    assert "too_long: SSML is not cut, and it takes at most 60 in one piece" == served.trail[0].why
    assert [Blame.UNFIT, Blame.UNFIT, None] == [each.blame for each in served.trail]
    assert ([], [], [order.text]) == tuple(studio.speakers[name].said for name in (HIGH, LOW, FREE))
    assert 0 == served.cost == await studio.spent()
    assert None is await studio.store.breaker(HIGH)


async def test_a_limit_in_bytes_counts_bytes(studio: Studio) -> None:
    order = SpeechOrder(f"<speak>{'ü' * 40}</speak>", ssml=True)
    for in_bytes, expected in ((False, HIGH), (True, LOW)):
        studio.speakers[HIGH] = type(studio.speakers[HIGH])(
            studio.clock, studio.sounds, longest=60, in_bytes=in_bytes
        )
        assert expected == (await speak(studio, order)).provider


# ------------------------------------------------------------------------------------------------ the file


@pytest.mark.parametrize("path", ["videos/a.ogg", "nowhere/a.wav", "videos/locked.wav"])
async def test_a_target_that_cannot_be_written_is_told_before_anything_is_bought(
    path: str, studio: Studio
) -> None:
    studio.sounds.close("videos/locked.wav")

    with pytest.raises(Mendable):
        await studio.speaking().speak(HELLO, path)

    assert [] == studio.speakers[HIGH].said
    tidy(studio)


class Full(MemorySounds):
    """A disk that is full by the time the file is to be placed."""

    async def join(self, parts: Any, into: str) -> None:
        if into == OUT:
            raise Mendable(f"{into} cannot be written: no space left on device")
        await super().join(parts, into)


async def test_a_disk_that_fills_up_meanwhile_is_nobody_s_fault_and_the_money_is_exact(
    studio: Studio,
) -> None:
    full = Full("videos")
    studio.sounds.files, full.files = full.files, full.files
    studio.sounds = full
    studio.speakers = {
        name: type(each)(studio.clock, full, per_character=1_000) for name, each in studio.speakers.items()
    }
    full.put(OUT, OLD)

    for _ in range(6):
        with pytest.raises(Mendable, match="no space left"):
            await speak(studio)

    assert 6 * len(HELLO.text) * 1_000 == await studio.spent() == await studio.trails()
    breaker = await studio.store.breaker(HIGH)
    assert breaker is None or breaker.phase is Phase.CLOSED
    tidy(studio, old=True)


async def test_a_text_that_nobody_could_say_is_refused_with_every_reason(studio: Studio) -> None:
    with pytest.raises(Refused) as refused:
        await speak(studio, SpeechOrder("...\x00", language="no language"))

    assert {"text", "language"} == {each.field for each in refused.value.refusals}
    assert 3 == len(refused.value.refusals)
    assert () == await studio.store.chain_calls()


async def test_a_provider_of_the_chain_that_has_no_voice_is_left_out(studio: Studio) -> None:
    del studio.speakers[HIGH]

    served = await speak(studio)

    assert {HIGH: Step.FAILED, LOW: Step.SERVED} == steps(served.trail)
    assert Blame.UNFIT is served.trail[0].blame
    assert len(HELLO.text) * 200 == await studio.spent()


# ------------------------------------------------------------------------------------------------ broken off


async def broken_off(at: list[int]) -> tuple[Studio, Axe]:
    """Speaking in five pieces, during which the axe falls."""
    studio = Studio(longest=35)
    studio.sounds.put(OUT, OLD)
    axe = Axe(at)
    speaking = studio.speaking()
    watched = replace(speaking, sounds=Watched(studio.sounds, axe.happens))
    axe.task = asyncio.create_task(watched.speak(FIVE, OUT))
    await asyncio.wait([axe.task])
    assert [asyncio.current_task()] == list(asyncio.all_tasks())
    return studio, axe


async def test_cancelled_at_any_moment_it_leaves_no_scratch_and_no_half_of_a_file() -> None:
    studio, whole = await broken_off([])
    new = studio.sounds.files[OUT]
    assert whole.moment > 15
    for at in range(1, whole.moment + 1):
        studio, axe = await broken_off([at])

        assert axe.task is not None
        assert axe.task.cancelled(), axe.fell
        assert set() == studio.sounds.scratches, axe.fell
        assert [OUT] == list(studio.sounds.files), axe.fell
        assert studio.sounds.files[OUT] in (OLD, new)
        assert studio.sounds.files[OUT] == OLD or at > whole.moment - 5, axe.fell
