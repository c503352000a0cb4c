"""Health judges the condition of an account, and nothing of its capacity."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, an_account
from ytempire.domain.accounts import Condition
from ytempire.domain.health import ALARM, health
from ytempire.domain.lessons import Lesson, Topic

DAY = timedelta(days=1)


def worth(**account: Any) -> float:
    return round(health(an_account(**account), NOW).total, 4)


def strike(age: timedelta) -> tuple[Lesson, ...]:
    return (Lesson(Topic.STRIKE, "accountUnusable", NOW - age),)


def test_an_account_that_nothing_is_the_matter_with_is_whole() -> None:
    assert 1.0 == worth()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition.ACTIVE, 1.0),
        (Condition.STANDBY, 1.0),
        (Condition.PAUSED, 1.0),
        (Condition.CAPPED, 0.8),
        (Condition.NEEDS_REAUTH, 0.2),
        (Condition.SUSPENDED, 0.0),
        (Condition.DISCONNECTED, 0.0),
    ],
)
def test_each_condition_has_its_worth(condition: Condition, expected: float) -> None:
    assert expected == worth(condition=condition)


def test_a_full_day_of_good_uploads_leaves_an_account_healthy_as_the_brief_s_one_number_did_not() -> None:
    used_up = an_account(uploads_today=5, successes=5, trials=5, last_upload_at=NOW)

    assert health(used_up, NOW).well


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"trials": 1}, 10 / 11),
        ({"trials": 50, "successes": 45}, 55 / 60),
        ({"trials": 1, "failures_in_a_row": 1}, 10 / 11 * 0.9),
        ({"trials": 50, "successes": 47, "failures_in_a_row": 3}, 57 / 60 * 0.7),
        ({"failures_in_a_row": 12}, 0.0),
        ({"grant_dead": "revoked"}, 0.2),
        ({"grant_ends_at": NOW}, 0.2),
        ({"grant_ends_at": NOW + 3 * DAY}, 0.6),
        ({"grant_ends_at": NOW + 14 * DAY}, 0.8),
        ({"grant_ends_at": NOW + 15 * DAY}, 1.0),
        ({"lessons": strike(0 * DAY)}, 0.6),
        ({"lessons": strike(15 * DAY)}, 0.8),
        ({"lessons": strike(90 * DAY)}, 1.0),
        ({"lessons": strike(15 * DAY), "grant_ends_at": NOW + 14 * DAY}, 0.64),
    ],
)
def test_failures_the_grant_and_strikes_make_it_less(facts: dict[str, Any], expected: float) -> None:
    assert round(expected, 4) == worth(**facts)


@pytest.mark.parametrize(("in_a_row", "well"), [(2, True), (3, False)])
def test_the_third_failure_in_a_row_of_a_good_account_is_an_alarm(in_a_row: int, well: bool) -> None:
    account = an_account(trials=50, successes=50 - in_a_row, failures_in_a_row=in_a_row)

    assert well == health(account, NOW).well
    assert well == (health(account, NOW).total > ALARM)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.sampled_from(Condition))
def test_health_is_always_between_nothing_and_whole(
    successes: int, failures: int, in_a_row: int, condition: Condition
) -> None:
    account = an_account(
        condition=condition, successes=successes, trials=successes + failures, failures_in_a_row=in_a_row
    )

    assert 0 <= health(account, NOW).total <= 1
