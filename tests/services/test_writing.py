"""Scripts through their chain: what was written is read before it counts."""

from typing import Any

import pytest

from tests.services.studio import CLERK, FORM, POET, Studio
from ytempire.adapters.memory.vendor import Hang
from ytempire.adapters.memory.writer import a_script
from ytempire.domain.chain import (
    SCRIPT,
    Blame,
    Budget,
    CallerFault,
    ChainFailed,
    Charged,
    Made,
    ProviderFault,
    Quality,
    Served,
    Step,
)
from ytempire.domain.events import Kind
from ytempire.domain.scripts import Script, ScriptOrder
from ytempire.domain.values import Refused

TEA = ScriptOrder("how tea is made")
GOOD = a_script(TEA).text
GERMAN = a_script(ScriptOrder("wie Tee gemacht wird", language="de")).text


@pytest.fixture
def studio() -> Studio:
    return Studio()


async def write(studio: Studio, order: ScriptOrder = TEA, **how: Any) -> Served[Script]:
    return await studio.writing().write(order, **how)


def steps(trail: Any) -> dict[str, Step]:
    return {each.provider: each.step for each in trail}


async def test_the_first_writes_and_is_paid_what_it_really_took(studio: Studio) -> None:
    studio.writers[POET].row.add(Made(Script(GOOD), 123_456))

    served = await write(studio)

    assert (GOOD, POET, Quality.PREMIUM) == (served.value.text, served.provider, served.quality)
    assert 123_456 == served.cost == await studio.spent() == await studio.trails()


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (Script(""), "empty"),
        (Script(" \n "), "empty"),
        (Script(GOOD, whole=False), "cut off"),
        (Script(GOOD + " {{ topic }}"), "hole"),
        (Script(GOOD + " [insert name]"), "hole"),
        (Script("Tea is good."), "3 words"),
        (Script(f"{GOOD} " * 3), "450 words"),
        (Script(GERMAN), "another language (de)"),
        (Script(GOOD.replace("\n\n", " ")), "one block"),
    ],
)
async def test_a_script_that_cannot_be_it_is_rejected_and_paid_for(
    script: Script, why: str, studio: Studio
) -> None:
    studio.writers[POET].row.add(Made(script, 9))

    served = await write(studio)

    rejected = served.trail[0]
    assert (Step.REJECTED, Blame.OUTPUT, Charged.YES, 9) == (
        rejected.step,
        rejected.blame,
        rejected.charged,
        rejected.cost,
    )
    assert why in rejected.why
    assert (CLERK, True) == (served.provider, served.degraded)
    assert 400_009 == served.cost == await studio.spent() == await studio.trails()


async def test_a_writer_that_hangs_is_not_followed_by_another_that_is_paid(studio: Studio) -> None:
    studio.hurry(SCRIPT, POET)
    studio.writers[POET].row.always = Hang()

    served = await write(studio)

    assert {POET: Step.FAILED, CLERK: Step.SKIPPED, FORM: Step.SERVED} == steps(served.trail)
    assert 800_000 == await studio.spent() == await studio.trails()


async def test_the_price_of_this_order_decides_what_a_ceiling_reaches_for(studio: Studio) -> None:
    studio.writers[POET] = type(studio.writers[POET])(studio.clock, cost=5)

    assert POET == (await write(studio, budget=Budget(per_call=5))).provider
    assert FORM == (await write(studio, budget=Budget(per_call=4))).provider


async def test_an_order_that_nobody_could_fill_is_refused_before_anybody_is_asked(studio: Studio) -> None:
    with pytest.raises(Refused) as refused:
        await write(studio, ScriptOrder("?!", minutes=0, language="no language"))

    assert ["topic", "minutes", "language"] == [each.field for each in refused.value.refusals]
    assert [] == studio.writers[POET].row.journal


async def test_words_that_a_vendor_will_not_write_about_stop_the_call(studio: Studio) -> None:
    studio.writers[POET].row.add(ProviderFault(Blame.CALLER, "content_policy"))

    with pytest.raises(CallerFault, match="content_policy"):
        await write(studio)

    assert [] == studio.writers[CLERK].row.journal


async def test_a_provider_of_the_chain_that_does_not_write_is_left_out(studio: Studio) -> None:
    del studio.writers[POET]

    served = await write(studio)

    assert {POET: Step.FAILED, CLERK: Step.SERVED} == steps(served.trail)
    assert 400_000 == await studio.spent()


async def test_two_of_one_service_that_are_both_out_leave_the_form(studio: Studio) -> None:
    for name in (POET, CLERK):
        studio.change(SCRIPT, name, service="academy")
        studio.writers[name].row.always = ProviderFault(Blame.OUTAGE, "http_503")

    for _ in range(3):
        assert FORM == (await write(studio)).provider

    # Three faults of one service: it is believed to be ill, and nobody asks again.
    assert [2, 1] == [len(studio.writers[name].row.journal) for name in (POET, CLERK)]


async def test_everybody_out_is_one_error_and_one_event(studio: Studio) -> None:
    for writer in studio.writers.values():
        writer.row.always = ProviderFault(Blame.BUSY, "overloaded_error")

    with pytest.raises(ChainFailed) as failed:
        await write(studio)

    assert [] == [name for name in (POET, CLERK, FORM) if name not in str(failed.value)]
    assert [Kind.CHAIN_FAILED] == [event.kind for _, event in await studio.store.events()]
    assert 0 == await studio.spent()


async def test_a_drill_of_writing_is_counted_apart(studio: Studio) -> None:
    served = await write(studio, only=CLERK, forced=True)

    assert CLERK == served.provider
    assert {} == await studio.store.usage(studio.clock.now())
    assert 400_000 == await studio.spent()
