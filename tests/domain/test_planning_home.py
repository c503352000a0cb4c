"""Planning what was started before: it does not leave its project for want of that project's quota."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.days import TODAY, a_budget, a_day, an_account, at, videos
from ytempire.domain.planning import Budget, Capacity, Day, Demand, Limit, Window
from ytempire.domain.planning_solve import plan
from ytempire.domain.quota import BUCKETS_2026, Bucket, ceiling
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, ProjectId

HERE, THERE = ProjectId("here"), ProjectId("there")
TOMORROW = QuotaDay.of(TODAY.resets)
NIGHT = Window("night", TODAY.resets - timedelta(hours=2), TODAY.resets + timedelta(hours=2), 1)
"""Two hours before the reset and two after it."""


def budget(project: ProjectId, day: QuotaDay = TODAY, uploads: int = 80, *, closed: bool = False) -> Budget:
    left = {bucket: ceiling(limit) for bucket, limit in BUCKETS_2026.limits.items()}
    shut = frozenset({Bucket.UPLOADS} if closed else ())
    return Budget(project, day, left | {Bucket.UPLOADS: 0 if closed else uploads}, BUCKETS_2026.limits, shut)


def started(number: int = 1) -> tuple[Demand, ...]:
    return tuple(replace(each, home=HERE) for each in videos(number))


def a_world(*, uploads: int = 80, closed: bool = False, **changes: object) -> Day:
    """An account in each of two projects; the first one's project has so many uploads left."""
    accounts = [an_account("one", HERE), an_account("two", THERE)]
    pools = [budget(HERE, uploads=uploads, closed=closed), budget(THERE)]
    return a_day(accounts, pools, BUCKETS_2026, demands=started(), **changes)


def over_the_reset(day: Day) -> Day:
    """The same day with a window that goes on after the reset, when everything is given anew."""
    again = [replace(each, day=TOMORROW, uploads_left=5) for each in day.capacities]
    pools = [budget(HERE, TOMORROW), budget(THERE, TOMORROW)]
    return replace(
        day, windows=(NIGHT,), capacities=(*day.capacities, *again), budgets=(*day.budgets, *pools)
    )


@pytest.mark.parametrize("closed", [True, False])
def test_what_was_started_where_nothing_is_left_is_placed_after_the_reset_and_not_elsewhere(
    closed: bool,
) -> None:
    found = plan(over_the_reset(a_world(uploads=0, closed=closed)))

    (place,) = found.placements
    assert AccountId("one") == place.account
    assert place.at >= TODAY.resets


def test_where_no_window_comes_after_the_reset_it_has_no_place_and_the_plan_says_why() -> None:
    found = plan(a_world(closed=True))

    (missed,) = found.missed
    assert (Limit.UPLOADS, HERE) == (missed.why.limit, missed.why.where)
    assert (
        "it was started in here, which it does not leave for want of quota: "
        "Google has closed the uploads of here until the reset"
    ) == missed.why.sentence


def test_what_was_not_started_goes_where_there_is_quota() -> None:
    found = plan(replace(a_world(uploads=0), demands=videos(1)))

    assert ["two"] == [each.account for each in found.placements]


def test_what_was_started_where_one_place_is_left_has_it_before_what_may_go_elsewhere() -> None:
    fresh = tuple(replace(each, id=f"fresh_{each.id}", priority=1) for each in videos(3))

    found = plan(replace(a_world(uploads=1), demands=(*fresh, *started())))

    places = {each.video: each.account for each in found.placements}
    assert found.feasible
    assert "one" == places["video_00000"]


@pytest.mark.parametrize(
    "gone", [{"obstacle": "suspended"}, {"uploads_left": 0}, {"free_from": TODAY.resets}], ids=str
)
def test_an_account_that_cannot_take_it_is_another_reason_and_another_project_may(
    gone: dict[str, object],
) -> None:
    day = a_world()
    lost: Capacity = replace(day.capacities[0], **gone)  # type: ignore[arg-type]  # fields by name

    found = plan(replace(day, capacities=(lost, day.capacities[1])))

    assert ["two"] == [each.account for each in found.placements]


def test_where_quota_and_account_are_both_gone_it_waits_and_the_plan_says_why() -> None:
    day = a_world(uploads=0)
    lost = replace(day.capacities[0], obstacle="suspended")

    (missed,) = plan(replace(day, capacities=(lost, day.capacities[1]))).missed

    assert Limit.NO_ACCOUNT is missed.why.limit
    assert missed.why.sentence.endswith("for want of quota: no account there can take it")


def test_in_a_single_project_nothing_is_said_of_where_it_was_started() -> None:
    day = a_day([an_account("one", HERE, uploads_left=0)], [a_budget(project=HERE)], BUCKETS_2026)

    (missed,) = plan(replace(day, demands=started())).missed

    assert "the daily uploads are used up on one" == missed.why.sentence


def test_a_project_that_is_not_planned_any_more_keeps_nothing() -> None:
    day = a_world()

    found = plan(replace(day, capacities=day.capacities[1:], budgets=day.budgets[1:]))

    assert ["two"] == [each.account for each in found.placements]
    assert at(6) <= found.placements[0].at
