"""The videos that would fit beside those of the day: on whose accounts, and what would bind after them."""

from dataclasses import replace

from tests.days import one_project, own_projects, videos
from ytempire.domain.planning_solve import plan
from ytempire.domain.quota import UNITS_2025_12
from ytempire.domain.reserves import Policy


def test_what_would_bind_after_the_spare_ones_is_told_as_such() -> None:
    found = plan(one_project(demands=videos(40)))

    assert found.binding is not None
    assert (13, "beyond that, the units of main would not reach for one more below the ceiling of 80 %") == (
        found.spare,
        found.binding.sentence,
    )


def test_spare_ones_come_to_reserves_last_and_are_told_apart() -> None:
    day = own_projects(UNITS_2025_12, demands=videos(1))

    assert (65, 6) == (plan(day).spare, plan(day).spare_on_reserves)
    assert 0 == plan(replace(day, reserves=Policy.OFF)).spare_on_reserves


def test_caps_that_would_be_reached_are_no_caps_that_are_used_up() -> None:
    found = plan(own_projects(UNITS_2025_12, demands=videos(66)))
    before = plan(own_projects(UNITS_2025_12, demands=videos(65)))

    assert found.binding is not None
    assert before.binding is not None
    assert found.binding.sentence.startswith("the daily uploads are used up on ")
    assert before.binding.sentence.startswith("beyond that, the daily uploads would be used up on ")
