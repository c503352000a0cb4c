"""The checklist: what a point is, when it is due, and the points about accounts, tokens and quota."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.builders import FIRST, NOW, SECOND, TODAY, a_line
from ytempire.domain.checklist import (
    TITLES,
    Name,
    Point,
    Rules,
    Verdict,
    day_of,
    failed,
    first,
    is_due,
    some,
    worst,
)
from ytempire.domain.checklist_accounts import (
    TokenFact,
    Vital,
    accounts,
    health,
    quota,
    quota_patterns,
    token_check,
    tokens,
)
from ytempire.domain.quota import Bucket
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.reserves import Readiness

OK, FAILED, UNKNOWN = Verdict.OK, Verdict.FAILED, Verdict.UNKNOWN
RULES = Rules(at=6 * 60, zone=ZoneInfo("America/Los_Angeles"), window=timedelta(days=7), reserves=3)
WELL = Vital(FIRST, 1.0, "active")
READY = Readiness((FIRST,), 1, ())
HOUR = timedelta(hours=1)


def a_token(**changes: Any) -> TokenFact:
    """Renewed within the hour, for another hour."""
    return replace(TokenFact(FIRST, "", NOW + HOUR, NOW - HOUR), **changes)


def judged(point: Point) -> tuple[Verdict, str]:
    """A point that is not good says why, and one that fails says what to do."""
    assert point.verdict is OK or point.why
    assert point.verdict is not FAILED or point.remedy
    return point.verdict, point.value


def test_there_are_five_metrics_and_six_points_of_the_day_and_each_has_a_title() -> None:
    points = [Point(name, "", "", OK) for name in Name]

    assert [True] * 5 + [False] * 6 == [each.is_metric for each in points]
    assert [TITLES[name] for name in Name] == [each.title for each in points]


def test_the_failing_points_are_found() -> None:
    good, bad = Point(Name.HEALTH, "", "", UNKNOWN), Point(Name.QUOTA, "", "", FAILED)

    assert (bad,) == failed([good, bad])


@pytest.mark.parametrize(
    ("found", "expected"),
    [((), OK), ((OK, OK), OK), ((OK, UNKNOWN), UNKNOWN), ((UNKNOWN, FAILED, OK), FAILED)],
)
def test_the_worst_verdict_counts(found: tuple[Verdict, ...], expected: Verdict) -> None:
    assert expected is worst(found)


def test_of_many_sentences_three_are_told() -> None:
    assert "a; b; c" == some(["a", "b", "c"])
    assert "a; b; c; and 2 more" == some(["a", "b", "c", "d", "e"])


@pytest.mark.parametrize(
    ("last", "moment", "expected"),
    [
        (date(2026, 11, 19), "2026-11-20T13:59:00Z", False),
        (date(2026, 11, 19), "2026-11-20T23:00:00Z", True),
        (date(2026, 11, 20), "2026-11-20T23:00:00Z", False),
        (date(2026, 11, 20), "2026-11-21T07:59:00Z", False),
        (date(2026, 10, 1), "2026-11-20T14:00:00Z", True),
        (date(2026, 10, 31), "2026-11-01T14:00:00Z", True),
        (date(2026, 10, 31), "2026-11-01T13:30:00Z", False),
    ],
)
def test_it_is_due_once_a_day_from_its_hour_on_late_rather_than_never(
    last: date, moment: str, expected: bool
) -> None:
    assert expected is is_due(last, datetime.fromisoformat(moment), RULES)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [("2026-11-20T13:59:00Z", date(2026, 11, 19)), ("2026-11-20T14:00:00Z", date(2026, 11, 20))],
)
def test_a_new_home_is_looked_at_from_the_next_hour_on(moment: str, expected: date) -> None:
    now = datetime.fromisoformat(moment)

    assert expected == first(now, RULES)
    assert not is_due(first(now, RULES), now, RULES)


def test_it_belongs_to_the_local_date() -> None:
    assert date(2026, 11, 20) == day_of(datetime.fromisoformat("2026-11-21T07:59:00Z"), RULES)


# -------------------------------------------------------------------------------------------------- accounts


def test_the_lowest_health_is_told() -> None:
    point = health([WELL, Vital(SECOND, 0.71, "active")])

    assert (OK, f"0.71 ({SECOND})") == judged(point)
    assert 0.71 == point.measure


@pytest.mark.parametrize(("worth", "expected"), [(0.7, FAILED), (0.7001, OK), (0.0, FAILED)])
def test_a_health_of_exactly_the_alarm_is_too_low(worth: float, expected: Verdict) -> None:
    assert expected is health([Vital(FIRST, worth, "active")]).verdict


def test_the_ill_account_is_named_with_its_condition() -> None:
    point = health([WELL, Vital(SECOND, 0.2, "needs_reauth", "the grant died")])

    assert f"{SECOND} has health 0.20, it is needs_reauth: the grant died" == point.why
    assert str(SECOND) in point.remedy


@pytest.mark.parametrize(
    "point",
    [health([]), accounts([], READY), tokens([]), token_check([], NOW), quota([]), quota([a_line(limit=0)])],
    ids=str,
)
def test_without_accounts_nothing_is_taken_for_good(point: Point) -> None:
    assert (UNKNOWN, "none") == judged(point)


def test_all_accounts_are_well_and_the_reserves_ready() -> None:
    assert (OK, "1 of 1 well, 1 reserve ready") == judged(accounts([WELL], READY))


def test_a_reserve_too_few_fails_and_says_what_is_wrong_with_the_others() -> None:
    point = accounts([WELL], Readiness((FIRST,), 2, ((SECOND, "it is paused"),)))

    assert (FAILED, "1 of 1 well, 1 reserve ready") == judged(point)
    assert f"1 of 2 reserves are ready; {SECOND} is not: it is paused" == point.why


def test_where_no_reserves_are_configured_nobody_can_say_whether_they_are_ready() -> None:
    assert (UNKNOWN, "1 of 1 well, 0 reserves ready") == judged(accounts([WELL], Readiness((), 3, ())))


def test_an_ill_account_fails_the_look_at_all_of_them() -> None:
    point = accounts([WELL, Vital(SECOND, 0.0, "suspended")], READY)

    assert (FAILED, "1 of 2 well, 1 reserve ready") == judged(point)


# ---------------------------------------------------------------------------------------------------- tokens


def test_tokens_are_valid_when_every_grant_can_be_used() -> None:
    good = a_token(lives_until=None)

    assert (OK, "1 of 1 (100%)") == judged(tokens([good]))
    point = tokens([good, a_token(account=SECOND, unusable="revoked")])
    assert (FAILED, "1 of 2 (50%)") == judged(point)
    assert f"{SECOND}: revoked" == point.why


def test_a_token_that_lives_is_proven() -> None:
    assert (OK, "1 of 1 proven") == judged(token_check([a_token()], NOW))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lives_until": NOW}, "was last renewed on 2026-11-20 17:00 UTC"),
        ({"lives_until": None}, "was last renewed on 2026-11-20 17:00 UTC"),
        ({"lives_until": None, "renewed_at": None}, "was never renewed"),
    ],
)
def test_a_token_that_ran_out_proves_nothing_and_condemns_nothing(changes: dict[str, Any], said: str) -> None:
    point = token_check([a_token(**changes), a_token(account=SECOND)], NOW)

    assert (UNKNOWN, "1 of 2 proven") == judged(point)
    assert said in point.why


def test_a_dead_grant_fails_the_look_at_the_tokens() -> None:
    point = token_check([a_token(unusable="revoked", ends_at=NOW), a_token(lives_until=None)], NOW)

    assert (FAILED, "0 of 2 proven") == judged(point)
    assert f"{FIRST}: revoked" == point.why


@pytest.mark.parametrize(("days", "expected"), [(3, FAILED), (4, OK)])
def test_an_end_within_three_days_fails_it(days: int, expected: Verdict) -> None:
    point = token_check([a_token(ends_at=NOW + timedelta(days=days), why_it_ends="testing")], NOW)

    assert expected is point.verdict
    assert (expected is FAILED) == ("testing" in point.why)


# ----------------------------------------------------------------------------------------------------- quota


@pytest.mark.parametrize(
    ("used", "overhead", "expected"), [(7_999, 0, OK), (7_999, 1, FAILED), (9_000, 0, FAILED)]
)
def test_quota_is_below_eighty_percent(used: int, overhead: int, expected: Verdict) -> None:
    point = quota([a_line(used=used, overhead=overhead), a_line(Bucket.UPLOADS, 100)])

    assert expected is point.verdict
    assert "(units of main)" in point.value


def test_a_bucket_without_a_limit_is_left_out() -> None:
    assert (OK, "0.0 % (units of main)") == judged(quota([a_line(), a_line(Bucket.SEARCHES, 0)]))


def days_back(days: int, **changes: Any) -> Any:
    return a_line(day=QuotaDay(TODAY.date - timedelta(days=days)), **changes)


def test_days_without_use_have_no_pattern() -> None:
    assert (UNKNOWN, "nothing used") == judged(quota_patterns([a_line(), days_back(1)]))


def test_the_fullest_of_the_days_is_told() -> None:
    point = quota_patterns([a_line(used=100), days_back(1), days_back(5, used=8_500)])

    assert (OK, "at most 85.0 % (units of main on 2026-11-15)") == judged(point)


@pytest.mark.parametrize(("days", "expected"), [(0, FAILED), (1, FAILED), (2, OK)])
def test_a_bucket_that_google_closed_lately_fails_it(days: int, expected: Verdict) -> None:
    lines = [a_line(used=1), days_back(1), days_back(2)]
    lines[days] = days_back(days, closed="quotaExceeded")

    assert expected is quota_patterns(lines).verdict


def test_a_bucket_that_is_full_on_two_days_fails_it() -> None:
    point = quota_patterns([days_back(2, used=8_000), days_back(4, used=8_000), days_back(5, used=7_999)])

    assert FAILED is judged(point)[0]
    assert "the units of main were full on 2 days" == point.why
