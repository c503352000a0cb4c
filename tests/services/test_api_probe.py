"""The look at YouTube that costs a unit: made when no call of ours has told enough, and only then."""

from datetime import timedelta

from tests.services.house import House
from tests.services.test_gate import DOWN, a_gate, advance, break_it
from ytempire.domain.quota import Method
from ytempire.domain.vitals import Manners, Observation
from ytempire.services.api_probe import ApiProbe, spaced
from ytempire.services.gate import YOUTUBE

EVERY = spaced(Manners(), 24).every


def spent(house: House) -> int:
    return house.google.count(str(Method.CHANNELS_LIST))


async def looked(house: House, *, free: bool) -> Observation:
    """A look of the costly probe, after a free one where that is so."""
    if free:
        await a_gate(house).vitality.saw(Observation(YOUTUBE, house.clock.now(), well=True))
    staff = house.staff()
    return await ApiProbe(staff.context, staff.gateway, spaced(Manners(), 24)).look(5)


async def test_what_an_upload_told_lately_is_enough_whatever_free_looks_came_after_it(house: House) -> None:
    await advance(house, await house.submit(), a_gate(house))
    before = spent(house)

    for _ in range(5):
        house.clock.advance(timedelta(minutes=10))
        seen = await looked(house, free=True)
        assert (True, "") == (seen.well, seen.error)

    assert before == spent(house)


async def test_a_call_that_failed_lately_is_told_as_it_was(house: House) -> None:
    await break_it(house, a_gate(house))
    before = spent(house)

    seen = await looked(house, free=False)

    assert (False, f"status {DOWN.status}", before) == (seen.well, seen.error, spent(house))


async def test_when_only_free_looks_told_for_long_a_unit_is_spent(house: House) -> None:
    await advance(house, await house.submit(), a_gate(house))
    before = spent(house)
    house.clock.advance(EVERY)

    seen = await looked(house, free=True)

    assert (True, before + 1) == (seen.well, spent(house))
