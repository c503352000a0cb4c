"""Every remedy that is named makes the plan feasible, and one less of it does not."""

from dataclasses import replace

import pytest

from tests.days import (
    BARE,
    CAPTIONED,
    PRODUCTION,
    TODAY,
    USUAL,
    a_budget,
    a_day,
    an_account,
    at,
    one_project,
    own_projects,
    videos,
)
from tests.plan_worlds import world
from ytempire.domain.planning import Day
from ytempire.domain.planning_remedies import WORTH_TRYING, Cure, Remedy, Step, apply, remedies
from ytempire.domain.planning_solve import plan
from ytempire.domain.planning_table import account_table, pool_table, shares_a_project
from ytempire.domain.quota import BUCKETS_2026, UNITS_2025, UNITS_2025_12, Bucket, Method, Purpose
from ytempire.domain.reserves import Policy


def _without(day: Day, names: list[str]) -> Day:
    return replace(
        day,
        capacities=tuple(
            replace(each, obstacle="paused") if each.account in names else each for each in day.capacities
        ),
    )


PARKED = an_account("prod_02", free_from=TODAY.resets)
BESIDE_A_PARKED_ONE = a_day(
    [an_account("prod_01", uploads_left=1, learned=True), PARKED],
    [a_budget()],
    BUCKETS_2026,
    demands=videos(3),
)
TIGHT = a_day([an_account("prod_01", uploads_left=50)], [a_budget()], BUCKETS_2026, demands=videos(40, BARE))
NARROW = a_day(
    [an_account(name, allocation={Purpose.METADATA: 250}) for name in PRODUCTION],
    [a_budget()],
    BUCKETS_2026,
    demands=videos(50),
)
SHORT = {
    "captions at the prices of 2025": own_projects(demands=videos(50, CAPTIONED)),
    "captions in one project": one_project(demands=videos(50, CAPTIONED)),
    "one project at 1600": one_project(UNITS_2025, demands=videos(50)),
    "a hundred videos": one_project(demands=videos(100)),
    "a hundred bare videos": one_project(demands=videos(100, BARE)),
    "reserves left out": own_projects(demands=videos(50), reserves=Policy.OFF),
    "a production account lost": _without(own_projects(demands=videos(50)), PRODUCTION[:1]),
    "everybody lost": _without(one_project(demands=videos(50)), PRODUCTION),
    "too close together": TIGHT,
    "a narrow allocation": NARROW,
    "beside a parked channel": BESIDE_A_PARKED_ONE,
}


@pytest.mark.parametrize("name", SHORT)
def test_each_remedy_makes_the_plan_feasible(name: str) -> None:
    day = SHORT[name]
    short = plan(day)
    found = remedies(day, short)

    assert not short.feasible
    assert found
    for remedy in found:
        assert plan(apply(day, remedy, short)).feasible, remedy.sentence


@pytest.mark.parametrize("name", SHORT)
def test_one_less_of_a_single_remedy_is_not_enough(name: str) -> None:
    day = SHORT[name]
    short = plan(day)
    for remedy in remedies(day, short):
        step = remedy.steps[0]
        if len(remedy.steps) == 1 and step.amount > 1 and step.cure is not Cure.FEWER_VIDEOS:
            less = Remedy((replace(step, amount=step.amount - 1),), "")
            assert not plan(apply(day, less, short)).feasible, remedy.sentence


def test_a_crowded_day_of_many_kinds_is_advised_before_anybody_has_waited_long() -> None:
    """It took more than a minute when every amount that is far too small was tried to the end."""
    prices = (USUAL, CAPTIONED, BARE)
    crowd = tuple(
        replace(each, methods=prices[number % 3], priority=1 + number % 7, not_before=at(number % 21))
        for number, each in enumerate(videos(200))
    )
    day = own_projects(demands=crowd)
    short = plan(day)

    found = remedies(day, short)

    assert {Cure.MORE_ACCOUNTS, Cure.FEWER_VIDEOS} == {step.cure for each in found for step in each.steps}
    assert all(plan(apply(day, each, short)).feasible for each in found)


def _named(name: str) -> dict[Cure, Step]:
    day = SHORT[name]
    return {step.cure: step for each in remedies(day, plan(day)) for step in each.steps}


def test_a_new_account_is_parked_no_more_than_held_to_what_youtube_takes_of_others() -> None:
    found = _named("beside a parked channel")

    assert {Cure.MORE_ACCOUNTS, Cure.FEWER_VIDEOS} == set(found)
    assert 1 == found[Cure.MORE_ACCOUNTS].amount


def test_captions_name_accounts_fewer_captions_and_quota_with_their_numbers() -> None:
    found = _named("captions at the prices of 2025")

    assert Step(Cure.FEWER_EXTRAS, 22, Method.CAPTIONS_INSERT) == found[Cure.FEWER_EXTRAS]
    assert Step(Cure.QUOTA, 750, Bucket.UNITS) == found[Cure.QUOTA]
    assert Step(Cure.MORE_ACCOUNTS, 4) == found[Cure.MORE_ACCOUNTS]
    assert Step(Cure.FEWER_VIDEOS, 11) == found[Cure.FEWER_VIDEOS]


def test_reserves_that_are_off_are_the_first_remedy() -> None:
    day = SHORT["reserves left out"]

    assert Cure.RESERVES is remedies(day, plan(day))[0].steps[0].cure


def test_a_lost_account_can_be_brought_back_or_replaced() -> None:
    found = _named("a production account lost")

    assert 1 == found[Cure.ACCOUNTS_BACK].amount
    assert 1 == found[Cure.MORE_ACCOUNTS].amount


def test_a_larger_demand_needs_several_steps_at_once() -> None:
    day = SHORT["a hundred videos"]
    first = remedies(day, plan(day))[0]

    assert [Cure.QUOTA, Cure.QUOTA, Cure.DAILY_UPLOADS] == [step.cure for step in first.steps]


def test_spacing_and_allocation_are_remedies_where_they_bind() -> None:
    assert Cure.SPACING in _named("too close together")
    assert Cure.ALLOCATION in _named("a narrow allocation")


def test_a_feasible_plan_needs_no_remedy() -> None:
    day = one_project(demands=videos(50))

    assert () == remedies(day, plan(day))


def test_where_nothing_is_placed_and_nothing_helps_nothing_is_named() -> None:
    day = a_day([], [], BUCKETS_2026, demands=videos(1))

    assert () == remedies(day, plan(day))


def test_a_very_large_day_is_told_only_how_many_to_leave_out() -> None:
    day = one_project(demands=videos(WORTH_TRYING + 1))

    assert [Cure.FEWER_VIDEOS] == [each.steps[0].cure for each in remedies(day, plan(day))]


def test_what_is_named_for_random_worlds_helps_there_too() -> None:
    for seed in range(25):
        day = world(seed)
        short = plan(day)
        for remedy in remedies(day, short):
            assert plan(apply(day, remedy, short)).feasible, (seed, remedy.sentence)


def _totals(day: Day) -> dict[str, list[int]]:
    return {row.letter: [cell.total for cell in row.cells] for row in account_table(day)}


def test_the_table_of_1600_units_is_that_of_the_review() -> None:
    assert {
        "A": [51, 51, 51, 51, 51],
        "B": [51, 51, 51, 51, 39],
        "C": [63, 51, 51, 51, 39],
        "D": [51, 51, 51, 51, 39],
        "E": [51, 51, 51, 51, 39],
        "F": [63, 63, 63, 63, 51],
        "G": [63, 63, 63, 63, 51],
        "H": [39, 39, 39, 27, 27],
    } == _totals(own_projects())


@pytest.mark.parametrize("profile", [UNITS_2025_12, BUCKETS_2026])
def test_with_cheap_inserts_every_reading_gives_60_and_6(profile: object) -> None:
    day = own_projects(UNITS_2025_12 if profile is UNITS_2025_12 else BUCKETS_2026)

    for row in account_table(day):
        assert [(60, 6)] * 5 == [(cell.production, cell.reserve) for cell in row.cells]


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (UNITS_2025, [[5, 4, 4, 4, 3], [5, 5, 5, 5, 4], [6, 6, 5, 5, 4], [5, 4, 4, 4, 3]]),
        (
            UNITS_2025_12,
            [[80, 53, 40, 32, 12], [90, 60, 45, 36, 13], [100, 66, 50, 40, 15], [66, 53, 40, 32, 12]],
        ),
        (
            BUCKETS_2026,
            [[80, 80, 80, 53, 14], [90, 90, 90, 60, 16], [100, 100, 100, 66, 18], [66, 66, 66, 53, 14]],
        ),
    ],
    ids=lambda each: getattr(each, "name", ""),
)
def test_the_table_of_one_project_is_that_of_the_review(profile: object, expected: list[list[int]]) -> None:
    known = next(each for each in (UNITS_2025, UNITS_2025_12, BUCKETS_2026) if each is profile)
    rows = pool_table(one_project(known))

    assert expected == [[cell.total for cell in row.cells] for row in rows]


def test_only_accounts_that_share_a_project_share_its_quota() -> None:
    assert shares_a_project(one_project())
    assert not shares_a_project(own_projects())


def test_the_usual_video_is_the_third_column() -> None:
    assert 4 == len(USUAL)
