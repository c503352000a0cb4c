"""The plan of a day: what fits, where it goes, what keeps its place, what stands in the way."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.days import (
    BARE,
    CAPTIONED,
    DATE,
    MAIN,
    PRODUCTION,
    RESERVES,
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
from tests.plan_worlds import TOMORROW, broken, crowded, verdict, world
from ytempire.domain.planning import Budget, Day, Demand, Limit, Shape
from ytempire.domain.planning_board import Board
from ytempire.domain.planning_calendar import minutes_of, windows_of
from ytempire.domain.planning_layout import layout_of
from ytempire.domain.planning_search import search
from ytempire.domain.planning_solve import count, ordinary, plan
from ytempire.domain.publication import Target
from ytempire.domain.quota import BUCKETS_2026, UNITS_2025, UNITS_2025_12, Bucket, Method, Purpose
from ytempire.domain.quota_day import PACIFIC
from ytempire.domain.reserves import Policy
from ytempire.domain.values import AccountId, ProjectId

FEW = 500
"""Of the 10,000 worlds that `python -m benchmarks plan --worlds 10000` tries."""


@pytest.mark.timeout(300)
def test_in_small_worlds_no_plan_is_better_than_ours_and_ours_breaks_no_rule() -> None:
    wrong = {seed: found for seed in range(FEW) if (found := verdict(world(seed), plan(world(seed))))}

    assert {} == wrong


def test_the_same_day_has_the_same_plan() -> None:
    for seed in range(50):
        assert plan(world(seed)) == plan(world(seed))


def test_the_briefs_layout_carries_51_with_its_own_limits_one_to_spare() -> None:
    for methods in (BARE, USUAL):
        found = plan(own_projects(demands=videos(50, methods)))

        assert found.feasible
        assert (51, 1) == (found.fits, found.spare)
        assert 2 == len(found.promoted)


def test_with_captions_39_fit_at_the_prices_of_2025() -> None:
    found = plan(own_projects(demands=videos(50, CAPTIONED)))

    assert not found.feasible
    assert (39, 39, True) == (found.fits, found.at_most, found.proven)
    assert found.binding is not None
    assert Limit.UNITS is found.binding.limit


def test_dear_videos_are_spread_so_that_as_many_fit_as_can_be() -> None:
    """Eleven accounts with two captioned videos and two plain ones, one with three captioned, a reserve with one."""
    spread = (*videos(22, USUAL), *(replace(each, id=f"dear {each.id}") for each in videos(28, CAPTIONED)))

    found = plan(own_projects(demands=spread))

    assert (True, 50) == (found.feasible, len(found.placements))
    assert [] == broken(own_projects(demands=spread), found)


@pytest.mark.parametrize("profile", [UNITS_2025_12, BUCKETS_2026])
def test_with_cheap_inserts_the_caps_bind_at_60_and_6(profile: object) -> None:
    day = own_projects(UNITS_2025_12 if profile is UNITS_2025_12 else BUCKETS_2026, demands=videos(70))

    assert 66 == count(day)
    assert 60 == count(replace(day, reserves=Policy.OFF))
    found = plan(day).binding
    assert found is not None
    assert Limit.DAILY_UPLOADS is found.limit


def test_one_project_carries_50_at_three_quarters_of_its_pool_and_three_more() -> None:
    day = one_project(demands=videos(50))
    found = plan(day)

    assert (True, 53, 3) == (found.feasible, found.fits, found.spare)
    assert () == found.promoted
    assert 7_500 == 50 * BUCKETS_2026.cost(USUAL).of(Bucket.UNITS)


def test_fifty_videos_fill_the_windows_as_the_brief_says() -> None:
    day = one_project(demands=videos(50))
    found = plan(day)

    assert {"morning": 20, "afternoon": 20, "evening": 10} == Counter(
        each.window for each in found.placements
    )
    assert [] == broken(day, found)
    assert {4, 5} == set(Counter(each.account for each in found.placements).values())


def test_daily_reserves_are_planned_like_production_and_are_not_promoted() -> None:
    found = plan(one_project(demands=videos(50), reserves=Policy.DAILY))

    assert () == found.promoted
    assert {*RESERVES} <= {each.account for each in found.placements}


def test_reserves_that_are_off_take_nothing_and_say_so() -> None:
    only = Demand("video", BARE, Target(account=AccountId("reserve_13")))
    found = plan(one_project(demands=(only,), reserves=Policy.OFF))

    assert Limit.NO_ACCOUNT is found.missed[0].why.limit
    assert "reserves are left out" in found.missed[0].why.sentence


def test_the_urgent_are_placed_and_the_others_are_missed() -> None:
    demands = tuple(replace(each, priority=9) for each in videos(60, USUAL))
    demands += tuple(replace(each, id=f"urgent {each.id}", priority=1) for each in videos(20, USUAL))
    found = plan(one_project(demands=demands))

    assert 53 == len(found.placements)
    assert 27 == sum(each.video.startswith("video") for each in found.missed)


def test_of_two_prices_the_cheaper_are_placed_where_that_is_more() -> None:
    dear = tuple(replace(each, id=f"dear {each.id}") for each in videos(20, CAPTIONED))
    found = plan(one_project(demands=dear + videos(50, USUAL)))

    assert (50, True) == (sum(each.video.startswith("video") for each in found.placements), found.proven)
    assert 50 == len(found.placements)


def test_a_fixed_video_moves_one_of_the_pool_aside() -> None:
    both = [an_account("prod_01", uploads_left=1), an_account("prod_02", uploads_left=1)]
    demands = (
        replace(videos(1)[0], id="free", priority=1),
        Demand("fixed", USUAL, Target(account=AccountId("prod_01")), priority=9),
        Demand("also", USUAL, Target(account=AccountId("prod_01")), priority=10),
    )
    found = plan(a_day(both, [a_budget()], BUCKETS_2026, demands=demands))

    assert {"free": "prod_02", "fixed": "prod_01"} == {each.video: each.account for each in found.placements}
    assert ["also"] == [each.video for each in found.missed]


def test_started_work_keeps_its_moment_free_around_it() -> None:
    busy = an_account("prod_01", started=(at(12),), uploads_left=50)
    day = a_day([busy], [a_budget()], BUCKETS_2026, demands=videos(50, BARE))
    found = plan(day)

    assert at(12) not in {each.at for each in found.placements}
    assert {at(11, 30), at(12, 30)} <= {each.at for each in found.placements}
    assert Limit.SPACING is found.missed[0].why.limit


def test_when_an_account_drops_out_the_others_keep_their_places() -> None:
    before = plan(one_project(demands=videos(40)))
    places = {each.video: (each.account, each.at) for each in before.placements}
    kept = tuple(replace(each, earlier=places[each.id]) for each in videos(40))
    day = one_project(demands=kept)
    lost = replace(
        day,
        capacities=tuple(
            replace(each, obstacle="paused") if each.account == "prod_03" else each for each in day.capacities
        ),
    )
    after = {each.video: (each.account, each.at) for each in plan(lost).placements}

    assert plan(day).placements == before.placements
    assert 40 == len(after)
    assert {v: p for v, p in places.items() if p[0] != "prod_03"} == {
        v: p for v, p in after.items() if places[v][0] != "prod_03"
    }


def test_an_earlier_place_that_is_gone_binds_nobody() -> None:
    wishes = [
        (AccountId("prod_01"), at(3)),
        (AccountId("nobody"), at(6)),
        (AccountId("prod_01"), at(6, 10)),
        (AccountId("prod_02"), at(6)),
    ]
    demands = tuple(
        replace(each, earlier=wish, target=Target(account=AccountId("prod_01")))
        for each, wish in zip(videos(4), wishes, strict=True)
    )

    assert 4 == len(plan(one_project(demands=demands)).placements)


def test_noon_has_come_and_the_morning_is_over() -> None:
    found = plan(one_project(demands=videos(30), now=at(12, 10)))

    assert {"afternoon": 20, "evening": 10} == Counter(each.window for each in found.placements)
    assert at(12, 30) == min(each.at for each in found.placements)


def test_a_window_without_a_share_is_filled_last() -> None:
    shapes = (Shape("work", 360, 420, 1), Shape("rest", 420, 480, 0))
    day = one_project(demands=videos(20), windows=windows_of(DATE, shapes, PACIFIC))

    assert {"work": 20} == Counter(each.window for each in plan(day).placements)


def test_a_parked_account_takes_nothing_before_it_is_free() -> None:
    parked = an_account("prod_01", free_from=at(20))

    found = plan(a_day([parked], [a_budget()], BUCKETS_2026, demands=videos(6, BARE)))

    assert at(20) == min(each.at for each in found.placements)


@pytest.mark.parametrize(
    ("demand", "limit", "words"),
    [
        (Demand("v", BARE, Target(group="news")), Limit.NO_ACCOUNT, "has the name or the group"),
        (Demand("v", BARE, not_before=at(23)), Limit.TIME, "no planned start lies between"),
        (Demand("v", BARE, not_before=at(7), deadline=at(7)), Limit.TIME, "no planned start lies between"),
        (Demand("v", BARE, deadline=at(8)), Limit.TIME, "nothing is left of its windows"),
    ],
)
def test_what_can_never_be_placed_says_why(demand: Demand, limit: Limit, words: str) -> None:
    parked = an_account("prod_01", free_from=at(20))
    missed = plan(a_day([parked], [a_budget()], BUCKETS_2026, demands=(demand,))).missed[0]

    assert limit is missed.why.limit
    assert words in missed.why.sentence


def test_a_long_video_is_planned_for_a_verified_channel_only() -> None:
    unverified, verified = an_account("prod_01", only_short=True), an_account("prod_02")
    long = Demand("long", BARE, long=True)

    found = plan(a_day([unverified, verified], [a_budget()], BUCKETS_2026, demands=(long,)))
    missed = plan(a_day([unverified], [a_budget()], BUCKETS_2026, demands=(long,))).missed[0]

    assert ["prod_02"] == [each.account for each in found.placements]
    assert Limit.NO_ACCOUNT is missed.why.limit
    told = "YouTube takes no videos longer than 15 minutes on prod_01; verify, then connect again"
    assert told == missed.why.sentence


def test_accounts_that_a_person_must_bring_back_are_named() -> None:
    out = [an_account(name, obstacle="paused: holiday") for name in PRODUCTION]
    why = plan(a_day(out, [a_budget()], BUCKETS_2026, demands=videos(1))).missed[0].why

    assert "prod_01 (paused: holiday)" in why.sentence
    assert "and 9 more" in why.sentence


def test_a_narrow_allocation_is_what_binds() -> None:
    shared = [an_account("prod_01", allocation={Purpose.METADATA: 150})]
    found = plan(a_day(shared, [a_budget()], BUCKETS_2026, demands=videos(2)))

    assert found.binding is not None
    assert (Limit.ALLOCATION, "metadata") == (found.binding.limit, found.binding.where)


def test_two_quota_days_in_one_day_of_windows_have_a_cap_each() -> None:
    late = windows_of(DATE, (Shape("night", 1380, 1440, 1),), PACIFIC) + windows_of(
        TOMORROW.date, (Shape("small hours", 0, 60, 1),), PACIFIC
    )
    account = an_account("prod_01", uploads_left=1)
    pools = [a_budget(), replace(a_budget(), day=TOMORROW)]
    day = a_day([account, replace(account, day=TOMORROW)], pools, BUCKETS_2026, windows=late)

    found = plan(replace(day, demands=videos(3)))

    assert {"night", "small hours"} == {each.window for each in found.placements}
    assert 2 == len(found.placements)


def test_an_empty_day_carries_bare_inserts() -> None:
    found = plan(one_project())

    assert (True, 66) == (found.feasible, found.fits)
    assert BARE == ordinary(()).methods


def test_the_ordinary_video_is_what_most_are() -> None:
    fixed = Demand("v", CAPTIONED, Target(account=AccountId("prod_01")))

    assert CAPTIONED == ordinary((fixed,)).methods
    assert USUAL == ordinary((fixed, *videos(1))).methods


def test_more_room_than_is_counted_has_no_limit_told() -> None:
    wide = [an_account("prod_01", uploads_left=5_000)]
    day = a_day(
        wide, [Budget(MAIN, TODAY, {Bucket.UPLOADS: 5_000})], BUCKETS_2026, spacing=timedelta(minutes=1)
    )

    found = plan(replace(day, demands=videos(1, BARE)))

    assert (1_000, None) == (found.spare, found.binding)


def _mixed(number: int) -> Day:
    """Three projects, prices that differ, too much of everything."""
    projects = [ProjectId(f"own_{each}") for each in range(3)]
    capacities = [an_account(f"prod_{each}", project) for each, project in enumerate(projects)]
    budgets = [a_budget(UNITS_2025, project) for project in projects]
    demands = videos(number, USUAL) + tuple(replace(e, id=f"c{e.id}") for e in videos(number, CAPTIONED))
    return a_day(capacities, budgets, UNITS_2025, demands=demands)


def test_a_large_day_of_mixed_prices_has_a_bound_and_breaks_no_rule() -> None:
    day = _mixed(30)
    found = plan(day)

    assert [] == broken(day, found)
    assert 12 == len(found.placements)
    assert found.at_most >= 12
    layout = layout_of(day, day.demands)
    assert search(layout, [1] * len(day.demands), 0) is None


def test_crowded_days_break_no_rule_and_come_close_to_what_no_plan_exceeds() -> None:
    gaps = []
    for seed in range(40):
        day = crowded(seed)
        found = plan(day)
        assert [] == broken(day, found)
        gaps.append(found.at_most - len(found.placements))

    assert 0 <= min(gaps)
    assert max(gaps) <= 2


def test_a_search_that_is_cut_off_says_that_it_is_not_complete() -> None:
    day = _mixed(8)
    layout = layout_of(day, day.demands)

    found = search(layout, [1000 + index for index in range(16)], 0)

    assert found is not None
    assert not found.complete


def test_a_chain_that_would_count_a_limit_twice_is_taken_back() -> None:
    for seed in range(500, 1000):
        day = world(seed)
        layout = layout_of(day, day.demands)
        board = Board(layout, reserves=True)
        placed = sum(board.place(kind) for kind in reversed(layout.kind_of))

        assert placed == sum(number for kinds in board.cells.values() for number in kinds.values())
        assert 0 <= min(board.cap, default=0)
        assert all(0 <= min(left) for left in board.budget)


@pytest.mark.parametrize(("text", "minutes"), [("00:00", 0), ("06:30", 390), ("24:00", 1440)])
def test_a_time_of_day_is_minutes(text: str, minutes: int) -> None:
    assert minutes == minutes_of(text)


@pytest.mark.parametrize("text", ["6", "06:0", "06:60", "24:01", "aa:bb", "-1:00", ""])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no time of day"):
        minutes_of(text)


def test_windows_follow_summer_time() -> None:
    """On 2026-03-08 the hour from two to three does not exist in Los Angeles."""
    from datetime import date

    shapes = (Shape("gone", 120, 180, 1), Shape("all", 0, 1440, 1))
    found = windows_of(date(2026, 3, 8), shapes, PACIFIC)

    assert ["all"] == [each.name for each in found]
    assert timedelta(hours=23) == found[0].ends - found[0].starts


def test_an_update_costs_its_units() -> None:
    assert 150 == BUCKETS_2026.cost(USUAL).of(Bucket.UNITS)
    assert Method.VIDEOS_UPDATE in USUAL
