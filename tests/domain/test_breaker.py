"""What the table of cases cannot say of the breaker: clocks that differ, rules at their limits, what it tells."""

from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.breaker_model import lives
from tests.builders import NOW
from ytempire.domain.breaker import (
    Breaker,
    Permit,
    Phase,
    Refusal,
    Report,
    Result,
    Tally,
    Ticket,
    admit,
    disable,
    isolate,
    open_for,
    rate,
    report,
    reset,
    time_left,
)
from ytempire.domain.breaker_rules import BreakerRules, Rules

RULES = Rules(jitter=0)
OK, BAD, SKIP = Report(Result.SUCCESS), Report(Result.FAILURE, "503"), Report(Result.IGNORED)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


def a_breaker(**changes: Any) -> Breaker:
    return replace(Breaker("polly", since=NOW), **changes)


def an_open_one(**changes: Any) -> Breaker:
    return a_breaker(phase=Phase.OPEN, generation=2, until=NOW + MINUTE, openings=1, why="503", **changes)


def half_open(*permits: Permit, **changes: Any) -> Breaker:
    return a_breaker(phase=Phase.HALF_OPEN, generation=3, openings=1, permits=permits, **changes)


def told(
    breaker: Breaker, result: Report, *, number: int = 0, now: datetime = NOW, rules: Rules = RULES
) -> Breaker:
    return report(breaker, rules, Ticket(breaker.generation, number), result, now=now, dice=0.0)


def asked(breaker: Breaker, times: int, now: datetime, rules: Rules = RULES) -> tuple[Breaker, int]:
    """The breaker after so many asked, and how many of them passed."""
    passed = 0
    for _ in range(times):
        breaker, answer = admit(breaker, rules, now)
        passed += isinstance(answer, Ticket)
    return breaker, passed


def test_both_breakers_live_thousands_of_lives_alike() -> None:
    wrong, met = lives(first=0, number=3_000)

    assert [] == [(life.seed, life.problem) for life in wrong]
    assert set(Phase) == met


def test_a_refusal_says_why_and_when_to_ask_again() -> None:
    assert Refusal("open after: 503", MINUTE) == admit(an_open_one(), RULES, NOW)[1]
    by_hand = isolate(a_breaker(), NOW, by="ann", why="a test")
    assert Refusal("isolated by ann: a test") == admit(by_hand, RULES, NOW)[1]
    at_work = half_open(*(Permit(n, NOW + n * SECOND) for n in (2, 1, 3)))
    full = Refusal("half open, and its probes are under way", SECOND)
    assert (at_work, full) == admit(at_work, RULES, NOW)


def test_a_closed_breaker_is_given_back_as_it_was() -> None:
    for breaker in (a_breaker(), disable(a_breaker(), NOW, by="ann", why="so")):
        assert breaker is admit(breaker, RULES, NOW)[0]


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("result", [OK, BAD, SKIP, Report(Result.FAILURE, "x", NOW + DAY)])
def test_a_result_of_another_generation_gives_back_the_very_same_breaker(
    phase: Phase, result: Report
) -> None:
    breaker = a_breaker(phase=phase, generation=7, permits=(Permit(1, NOW + MINUTE),), until=NOW + MINUTE)

    for generation in (6, 8):
        ticket = Ticket(generation, number=1)
        assert breaker is report(breaker, RULES, ticket, result, now=NOW, dice=0.5)


@pytest.mark.parametrize("phase", [Phase.OPEN, Phase.ISOLATED, Phase.DISABLED])
def test_a_result_where_nothing_is_counted_gives_back_the_very_same_breaker(phase: Phase) -> None:
    breaker = a_breaker(phase=phase)

    assert breaker is told(breaker, BAD)
    assert breaker is told(breaker, SKIP)


def test_a_count_keeps_everything_else_of_the_breaker() -> None:
    names = [each.name for each in fields(Breaker)]
    kept: dict[str, Any] = {name: f"a {name}" for name in names} | {
        "phase": Phase.CLOSED,
        "failures": 2,
        "tallies": (),
        "why": "an older error",
    }
    breaker = Breaker(**kept)

    well, ill = told(breaker, OK), told(breaker, BAD)

    for name in set(names) - {"failures", "tallies", "why"}:
        assert kept[name] == getattr(well, name) == getattr(ill, name)
    assert (0, 1, "an older error") == (well.failures, len(well.tallies), well.why)
    assert (3, 1, "503") == (ill.failures, len(ill.tallies), ill.why)


def test_many_that_went_well_are_counted_together() -> None:
    breaker = told(a_breaker(failures=4), replace(OK, calls=50))

    assert (0, (50, 0)) == (breaker.failures, rate(breaker, RULES, NOW))
    assert (51, 1) == rate(told(breaker, BAD), RULES, NOW)


def test_a_person_is_named_until_the_breaker_changes_by_itself() -> None:
    closed = reset(an_open_one(), NOW, by="ann")
    rules = Rules(threshold=1, jitter=0)

    opened = told(closed, BAD, rules=rules)

    assert ("ann", "") == (closed.by, closed.why)
    assert ("", "503") == (opened.by, opened.why)
    disabled = disable(opened, NOW, by="bob", why="so")
    assert ("bob", "so") == (disabled.by, disabled.why)


def test_each_change_of_phase_is_a_new_generation() -> None:
    breaker = a_breaker()
    for step, order in enumerate((isolate, disable, isolate, disable), 2):
        breaker = order(breaker, NOW, by="ann", why="so")
        assert step == breaker.generation


def test_an_isolation_keeps_its_first_reason() -> None:
    isolated = isolate(a_breaker(), NOW, by="ann", why="a strike")

    assert isolated is isolate(isolated, NOW + DAY, by="bob", why="no idea")


# Clocks.


def test_an_open_breaker_whose_clock_is_set_back_opens_no_longer_than_it_would_have() -> None:
    yesterday = NOW - DAY

    steady, answer = admit(an_open_one(), RULES, yesterday)

    assert Refusal("open after: 503", MINUTE) == answer
    assert (yesterday, yesterday + MINUTE) == (steady.since, steady.until)
    assert isinstance(admit(steady, RULES, yesterday + MINUTE)[1], Ticket)


def test_a_worker_whose_clock_is_a_little_behind_does_not_make_it_longer() -> None:
    behind, answer = admit(an_open_one(), RULES, NOW - SECOND)

    assert isinstance(answer, Refusal)
    assert MINUTE == answer.retry_after
    assert behind is admit(behind, RULES, NOW)[0]
    assert 59 * SECOND == time_left(behind, NOW)


def test_a_breaker_that_is_not_open_has_no_time_left() -> None:
    assert timedelta(0) == time_left(a_breaker(), NOW)
    assert timedelta(0) == time_left(an_open_one(), NOW + DAY)


def test_an_open_breaker_without_a_moment_lets_probes_pass() -> None:
    assert Ticket(3, 1) == admit(replace(an_open_one(), until=None), RULES, NOW)[1]


def test_two_workers_whose_clocks_differ_give_three_probes_together() -> None:
    breaker, first = asked(an_open_one(), 2, NOW + MINUTE + SECOND)
    breaker, second = asked(breaker, 5, NOW + MINUTE)
    breaker, third = asked(breaker, 5, NOW + MINUTE + SECOND)

    assert (2, 1, 0) == (first, second, third)


def test_a_clock_that_is_set_back_keeps_the_places_of_probes_for_no_longer_than_their_limit() -> None:
    breaker, _ = asked(an_open_one(), 3, NOW + MINUTE)
    yesterday = NOW - DAY

    breaker, at_once = asked(breaker, 5, yesterday)
    breaker, later = asked(breaker, 5, yesterday + RULES.probe_limit)

    assert (0, 3) == (at_once, later)


def test_who_is_a_part_of_the_window_behind_counts_in_the_same_part() -> None:
    ahead = told(a_breaker(), BAD, now=NOW)
    behind = told(ahead, BAD, now=NOW - SECOND)

    assert (2, 2) == rate(behind, RULES, NOW) == rate(behind, RULES, NOW - SECOND)
    assert 1 == len(behind.tallies)


def test_counts_from_before_the_clock_was_set_back_are_forgotten() -> None:
    ahead = told(a_breaker(), BAD, now=NOW)
    back = told(ahead, BAD, now=NOW - DAY)

    assert (0, 0) == rate(ahead, RULES, NOW - DAY)
    assert (1, 1) == rate(back, RULES, NOW - DAY)
    assert 2 == back.failures


@given(
    st.lists(
        st.tuples(st.integers(-90_000, 90_000), st.sampled_from(["ask", "ok", "bad", "skip"])), max_size=60
    ),
    st.integers(1, 4),
)
def test_whatever_the_clock_does_probes_are_few_and_no_wait_is_longer_than_its_limit(
    steps: list[tuple[int, str]], probes: int
) -> None:
    rules = Rules(threshold=1, probes=probes, cap=MINUTE * 5)
    results = {"ok": OK, "bad": BAD, "skip": SKIP}
    breaker, now, tickets = a_breaker(), NOW, [Ticket(1)]
    for seconds, what in steps:
        now += timedelta(seconds=seconds)
        if what == "ask":
            breaker, answer = admit(breaker, rules, now)
            if isinstance(answer, Ticket):
                tickets.append(answer)
            else:
                assert answer.retry_after is not None
                assert timedelta(0) < answer.retry_after <= max(rules.cap, rules.probe_limit)
        else:
            breaker = report(breaker, rules, tickets[-1], results[what], now=now, dice=1.0)
        assert len(breaker.permits) + breaker.succeeded <= probes
        assert len(breaker.tallies) <= 11


# Rules that change under a breaker at rest, and rules at their limits.


def test_a_half_open_breaker_closes_when_fewer_probes_are_asked_for_than_went_well() -> None:
    breaker = half_open(succeeded=2, issued=2)

    closed, answer = admit(breaker, Rules(probes=2), NOW)

    assert (Phase.CLOSED, 0) == (closed.phase, closed.openings)
    assert Ticket(closed.generation) == answer


def test_where_fewer_probes_are_asked_for_those_at_work_are_waited_for() -> None:
    breaker = half_open(Permit(1, NOW + SECOND), Permit(2, NOW + MINUTE))

    kept, answer = admit(breaker, Rules(probes=1), NOW)
    gone, again = admit(kept, Rules(probes=1), NOW + SECOND)

    assert Refusal("half open, and its probes are under way", SECOND) == answer
    assert isinstance(again, Refusal)
    assert (Permit(2, NOW + MINUTE),) == gone.permits


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold": 0},
        {"minimum_calls": 0},
        {"failure_rate": 0},
        {"probes": 0},
        {"growth": 0.99},
        {"window": timedelta(0)},
        {"probe_limit": timedelta(0)},
        {"probe_limit": timedelta(days=4000)},
        {"cap": timedelta(days=4000)},
        {"cap": -SECOND},
        {"recovery": -SECOND},
        {"jitter": -1},
    ],
    ids=str,
)
def test_rules_that_no_breaker_could_follow_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"at least 1|above 0|below 0"):
        Rules(**wrong)


@pytest.mark.parametrize(
    ("rules", "openings", "dice", "expected"),
    [
        (Rules(), 1, 0.0, MINUTE),
        (Rules(), 1, 1.0, timedelta(seconds=66)),
        (Rules(), 2, 0.5, timedelta(seconds=126)),
        (Rules(), 5, 0.0, timedelta(minutes=15)),
        (Rules(), 10**9, 1.0, timedelta(minutes=15)),
        (Rules(growth=1e300), 2, 0.0, timedelta(minutes=15)),
        (Rules(growth=1e300, recovery=timedelta(days=999_999_999)), 10**9, 1.0, timedelta(minutes=15)),
        (Rules(jitter=10**300), 1, 1.0, timedelta(minutes=15)),
        (Rules(growth=1.0), 10**9, 0.0, MINUTE),
        (Rules(cap=timedelta(0)), 1, 1.0, timedelta(0)),
        (Rules(recovery=timedelta(0)), 9, 1.0, timedelta(0)),
        (Rules(recovery=timedelta(microseconds=1)), 1, 1.0, timedelta(microseconds=1)),
    ],
)
def test_an_opening_lasts_longer_each_time_and_never_longer_than_its_cap(
    rules: Rules, openings: int, dice: float, expected: timedelta
) -> None:
    assert expected == open_for(rules, openings, dice)


@given(st.integers(1, 300), st.integers(0, 300), st.integers(1, 100))
def test_a_rate_is_compared_exactly_and_not_in_rounded_percents(failed: int, well: int, percent: int) -> None:
    rules = Rules(threshold=10**9, minimum_calls=1, failure_rate=percent, jitter=0)
    slot = int(NOW.timestamp() * 10 / 60)
    before = a_breaker(failures=1, tallies=(Tally(slot, failed + well - 1, failed - 1),))

    after = told(before, BAD, rules=rules)

    opens = failed * 100 >= percent * (failed + well)
    assert opens == (after.phase is Phase.OPEN)


def test_a_window_of_any_length_has_ten_parts() -> None:
    rules = Rules(window=SECOND, threshold=100)
    breaker = a_breaker()
    for n in range(40):
        breaker = told(breaker, BAD, now=NOW + n * SECOND / 10, rules=rules)

    assert 10 == len(breaker.tallies) == rate(breaker, rules, NOW + 3.9 * SECOND)[0]


def test_each_provider_has_the_usual_rules_unless_it_has_its_own() -> None:
    own = Rules(threshold=1)
    rules = BreakerRules(RULES, {"polly": own})

    assert (own, RULES) == (rules.of("polly"), rules.of("openai"))


@pytest.mark.parametrize(
    ("seconds", "place", "limit"),
    [
        (0, RULES.probe_limit, None),
        (10, RULES.probe_limit, None),
        (90, RULES.probe_limit, None),
        (91, timedelta(seconds=121), timedelta(seconds=121)),
        (3600, timedelta(seconds=3630), timedelta(seconds=3630)),
        (1e300, timedelta(days=3650), timedelta(days=3650)),
    ],
)
def test_a_probe_keeps_its_place_for_as_long_as_its_call_may_take(
    seconds: float, place: timedelta, limit: timedelta | None
) -> None:
    after, _ = admit(half_open(), RULES, NOW, seconds)

    assert (Permit(1, NOW + place, limit),) == after.permits


def test_no_fourth_probe_goes_out_while_three_long_ones_are_at_work() -> None:
    breaker = half_open()
    for _ in range(3):
        breaker, _ = admit(breaker, RULES, NOW, 3600)

    still, refused = admit(breaker, RULES, NOW + 3629 * SECOND)
    assert (breaker, Refusal("half open, and its probes are under way", SECOND)) == (still, refused)
    assert isinstance(admit(breaker, RULES, NOW + 3630 * SECOND)[1], Ticket)


def test_a_long_probe_keeps_no_more_than_its_time_when_the_clock_was_set_back() -> None:
    breaker = half_open()
    for seconds in (0, 0, 3600):
        breaker, _ = admit(breaker, RULES, NOW, seconds)
    earlier = NOW - DAY

    bounded, _ = admit(breaker, RULES, earlier)

    places = [each.expires - earlier for each in bounded.permits]
    assert [RULES.probe_limit, RULES.probe_limit, timedelta(seconds=3630)] == places
