"""Who may take a video, and who should: obstacles first, then fitness."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import (
    FIRST,
    MAIN,
    NOW,
    SECOND,
    TODAY,
    a_file,
    a_line,
    a_publication,
    a_request,
    a_session,
    an_account,
)
from ytempire.domain.accounts import (
    Account,
    Candidate,
    Condition,
    Obstacle,
    Score,
    Weights,
    World,
    allowed,
    fitness,
    rank,
    weigh,
)
from ytempire.domain.lessons import Lesson, Topic
from ytempire.domain.publication import Publication, SessionState, Target
from ytempire.domain.quota import Bucket, Cost
from ytempire.domain.values import AccountId

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RESET = TODAY.resets
COST = Cost({Bucket.UPLOADS: 1, Bucket.UNITS: 50})


def a_world(*accounts: Account, weights: Weights | None = None, **changed: Mapping[str, Any]) -> World:
    """These accounts on a fresh day; `uploads={...}` and `units={...}` change a line of the ledger."""
    limits = {Bucket.UPLOADS: 100, Bucket.UNITS: 10_000}
    ledger = {
        (MAIN, bucket): a_line(bucket, **({"limit": limit} | dict(changed.get(str(bucket), {}))))
        for bucket, limit in limits.items()
    }
    return World(accounts or (an_account(),), ledger, RESET, weights or Weights())


def weighed(publication: Publication | None = None, world: World | None = None, **account: Any) -> Candidate:
    return weigh(publication or a_publication(), an_account(**account), COST, world or a_world(), NOW)


@pytest.mark.parametrize(
    ("target", "groups", "may"),
    [
        (Target(), (), True),
        (Target(account=FIRST), (), True),
        (Target(account=SECOND), (), False),
        (Target(group="news"), ("news", "sport"), True),
        (Target(group="news"), ("sport",), False),
        (Target(group="news"), (), False),
        (Target(account=FIRST, group="news"), (), True),
    ],
)
def test_the_target_of_a_publication_decides_where_it_may_go(
    target: Target, groups: tuple[str, ...], may: bool
) -> None:
    publication = a_publication(request=a_request(target=target))

    assert may == allowed(publication, an_account(groups=frozenset(groups)))


@pytest.mark.parametrize("state", SessionState)
def test_a_live_session_binds_it_to_its_account(state: SessionState) -> None:
    publication = a_publication(session=a_session(state))
    bound = state in (SessionState.OPEN, SessionState.FINISHING)

    assert allowed(publication, an_account(FIRST))
    assert bound != allowed(publication, an_account(SECOND))


def test_a_session_does_not_open_an_account_that_the_target_forbids() -> None:
    request = a_request(target=Target(account=SECOND))

    assert not allowed(a_publication(request=request, session=a_session()), an_account(FIRST))


def test_an_account_without_an_obstacle_has_a_score() -> None:
    candidate = weighed()

    assert (FIRST, None, None) == (candidate.account, candidate.obstacle, candidate.until)
    assert candidate.score is not None


ELSEWHERE = a_publication(request=a_request(target=Target(account=SECOND)))


@pytest.mark.parametrize(
    ("publication", "account", "world", "obstacle", "until"),
    [
        (ELSEWHERE, {}, {}, Obstacle.NOT_ALLOWED, None),
        (None, {"condition": Condition.STANDBY}, {}, Obstacle.CONDITION, NOW + HOUR),
        (None, {"condition": Condition.PAUSED}, {}, Obstacle.CONDITION, NOW + HOUR),
        (None, {"condition": Condition.CAPPED}, {}, Obstacle.CONDITION, NOW + HOUR),
        (None, {"condition": Condition.NEEDS_REAUTH}, {}, Obstacle.CONDITION, NOW + HOUR),
        (None, {"condition": Condition.DISCONNECTED}, {}, Obstacle.CONDITION, NOW + HOUR),
        (None, {"condition": Condition.SUSPENDED}, {}, Obstacle.CONDITION, None),
        (None, {"parked_until": NOW + HOUR}, {}, Obstacle.PARKED, NOW + HOUR),
        (None, {"parked_until": NOW}, {}, None, None),
        (None, {}, {"units": {"limit": 61}}, Obstacle.NEVER_FITS, None),
        (None, {}, {"units": {"limit": 0}}, Obstacle.NEVER_FITS, None),
        (None, {}, {"units": {"limit": 63}}, None, None),
        (None, {}, {"uploads": {"closed": "quotaExceeded"}}, Obstacle.BUCKET_CLOSED, RESET),
        (None, {}, {"units": {"used": 7_950}}, None, None),
        (None, {}, {"units": {"used": 7_951}}, Obstacle.QUOTA, RESET),
        (None, {}, {"uploads": {"reserved": 80}}, Obstacle.QUOTA, RESET),
        (None, {"uploads_today": 5}, {}, Obstacle.DAILY_CAP, RESET),
        (None, {"uploads_today": 4}, {}, None, None),
        (None, {"in_flight": 1}, {}, Obstacle.BUSY, NOW),
        (None, {"in_flight": 1, "concurrency": 2}, {}, None, None),
    ],
)
def test_the_first_obstacle_is_told_with_when_it_may_be_gone(
    publication: Publication | None, account: Any, world: Any, obstacle: Obstacle | None, until: Any
) -> None:
    candidate = weighed(publication, a_world(**world), **account)

    assert (obstacle, until) == (candidate.obstacle, candidate.until)
    assert (obstacle is None) == (candidate.score is not None)
    assert (obstacle is None) == (candidate.why == "")


def test_of_several_obstacles_the_hardest_is_told() -> None:
    account: dict[str, Any] = {"in_flight": 9, "uploads_today": 9}
    full = a_world(units={"used": 8_000})
    harder: list[tuple[Obstacle, dict[str, Any]]] = [
        (Obstacle.QUOTA, {}),
        (Obstacle.PARKED, {"parked_until": NOW + HOUR}),
        (Obstacle.CONDITION, {"condition": Condition.PAUSED}),
    ]

    assert Obstacle.DAILY_CAP is weighed(None, a_world(), **account).obstacle
    for obstacle, change in harder:
        account |= change
        assert obstacle is weighed(None, full, **account).obstacle
    assert Obstacle.NOT_ALLOWED is weighed(ELSEWHERE, full, **account).obstacle


@pytest.mark.parametrize(
    ("account", "world", "sentence"),
    [
        ({"condition": Condition.PAUSED, "why": "holiday"}, {}, "the account is paused (holiday)"),
        ({"condition": Condition.STANDBY}, {}, "the account is standby"),
        ({}, {"units": {"used": 7_990}}, "50 units are needed and 10 are left below the ceiling of 8000"),
        ({}, {"units": {"limit": 10}}, "50 units are needed and no day allows more than 8"),
        ({}, {"units": {"closed": "dry"}}, "YouTube closed the units of main for today: dry"),
        ({"uploads_today": 5}, {}, "5 of 5 uploads of the day are used"),
        ({"in_flight": 1}, {}, "1 of 1 uploads are running"),
    ],
)
def test_an_obstacle_is_told_in_a_sentence(account: Any, world: Any, sentence: str) -> None:
    assert sentence == weighed(None, a_world(**world), **account).why


@pytest.mark.parametrize(
    ("account", "world", "parts"),
    [
        ({}, {}, (1.0, 0.9, 1.0, 1.0)),
        ({}, {"units": {"used": 6_000}}, (0.25, 0.9, 1.0, 1.0)),
        ({}, {"uploads": {"reserved": 40}, "units": {"used": 2_000}}, (0.5, 0.9, 1.0, 1.0)),
        ({}, {"uploads": {"limit": 0}}, (0.0, 0.9, 1.0, 1.0)),
        ({"successes": 10, "trials": 10}, {}, (1.0, 0.95, 1.0, 1.0)),
        ({"successes": 0, "trials": 8}, {}, (1.0, 0.5, 1.0, 1.0)),
        ({"last_upload_at": NOW}, {}, (1.0, 0.9, 0.0, 1.0)),
        ({"last_upload_at": NOW - 6 * HOUR}, {}, (1.0, 0.9, 0.25, 1.0)),
        ({"last_upload_at": NOW - 9 * DAY}, {}, (1.0, 0.9, 1.0, 1.0)),
        ({"last_upload_at": NOW + HOUR}, {}, (1.0, 0.9, 0.0, 1.0)),
        ({"added_at": NOW}, {}, (1.0, 0.9, 1.0, 0.0)),
        ({"added_at": NOW - 15 * DAY}, {}, (1.0, 0.9, 1.0, 0.5)),
        ({"added_at": NOW - 300 * DAY}, {}, (1.0, 0.9, 1.0, 1.0)),
    ],
)
def test_fitness_has_the_four_parts_of_the_brief(
    account: Any, world: Any, parts: tuple[float, float, float, float]
) -> None:
    score = fitness(an_account(**account), COST, a_world(**world), NOW)
    quota, success, rest, age = parts

    assert pytest.approx(parts) == (score.quota, score.success, score.rest, score.age)
    assert pytest.approx(0.4 * quota + 0.3 * success + 0.2 * rest + 0.1 * age) == score.total


def test_the_weights_can_be_chosen() -> None:
    world = a_world(weights=Weights(quota=0.0, success=2.0, rest=0.0, age=0.0))

    assert pytest.approx(1.8) == fitness(an_account(), COST, world, NOW).total


def test_a_job_that_costs_nothing_finds_all_quota_free() -> None:
    world = a_world(units={"closed": "dry"}, uploads={"closed": "dry"})

    assert 1.0 == fitness(an_account(), Cost(), world, NOW).quota


MOMENTS = st.timedeltas(timedelta(days=-99), timedelta(days=99)).map(lambda ago: NOW - ago)
LINES = st.fixed_dictionaries(
    {
        "limit": st.integers(0, 20_000),
        "used": st.integers(0, 20_000),
        "overhead": st.integers(0, 20_000),
        "reserved": st.integers(0, 20_000),
        "closed": st.none() | st.just("dry"),
    }
)


@given(
    st.fixed_dictionaries(
        {
            "added_at": MOMENTS,
            "last_upload_at": st.none() | MOMENTS,
            "successes": st.integers(0, 99),
            "trials": st.integers(0, 99),
        }
    ),
    LINES,
    LINES,
)
def test_every_part_of_a_score_is_from_0_to_1(account: Any, uploads: Any, units: Any) -> None:
    score = fitness(an_account(**account), COST, a_world(uploads=uploads, units=units), NOW)

    assert all(0.0 <= part <= 1.0 for part in (score.quota, score.success, score.rest, score.age))
    assert 0.0 <= score.total <= 1.0 + 1e-9


def a_candidate(which: str, total: float | None) -> Candidate:
    score = None if total is None else Score(0.0, 0.0, 0.0, 0.0, total)
    return Candidate(AccountId(which), score, None if score else Obstacle.BUSY)


def ranked(*candidates: Candidate, **last: Any) -> list[str]:
    accounts = {each.account: an_account(each.account) for each in candidates}
    for which, moment in last.items():
        accounts[AccountId(which)] = an_account(which, last_upload_at=moment)
    return [each.account for each in rank(list(candidates), accounts)]


def test_the_fittest_comes_first_and_who_has_an_obstacle_not_at_all() -> None:
    assert ["b", "c", "a"] == ranked(
        a_candidate("a", 0.1), a_candidate("x", None), a_candidate("b", 0.9), a_candidate("c", 0.5)
    )
    assert [] == ranked(a_candidate("x", None))


def test_of_equals_the_least_recently_used_comes_first_then_the_first_by_name() -> None:
    equals = [a_candidate(which, 0.5) for which in "dcba"]

    assert ["a", "c", "b", "d"] == ranked(*equals, b=NOW - 2 * HOUR, d=NOW - HOUR)


def test_a_difference_that_arithmetic_made_is_none() -> None:
    assert ["a", "b"] == ranked(a_candidate("b", 0.1 + 0.2), a_candidate("a", 0.3))


def test_the_account_of_a_live_session_may_go_on_with_it() -> None:
    assert None is weighed(a_publication(session=a_session(SessionState.FINISHING))).obstacle


LEARNED = (Lesson(Topic.DAILY_CAP, "3", NOW),)


@pytest.mark.parametrize(
    ("account", "until", "why"),
    [
        (
            {"uploads_today": 3},
            RESET,
            "3 of 3 uploads of the day are used, for YouTube has refused more (configured: 5)",
        ),
        (
            {"arrived_lately": 3},
            NOW + HOUR,
            "3 uploads in 24 hours are all that YouTube took of this channel",
        ),
        ({"arrived_lately": 2, "in_flight": 1, "concurrency": 9}, NOW + HOUR, None),
        ({"uploads_today": 2, "arrived_lately": 2}, None, ""),
    ],
)
def test_a_learned_cap_counts_the_day_and_the_last_24_hours(
    account: Any, until: Any, why: str | None
) -> None:
    candidate = weighed(lessons=LEARNED, **account)

    assert (until is not None, until) == (candidate.obstacle is Obstacle.DAILY_CAP, candidate.until)
    assert why in (None, candidate.why)


def test_without_a_learned_cap_the_last_24_hours_do_not_count() -> None:
    assert weighed(arrived_lately=9).obstacle is None


def test_a_channel_that_takes_no_long_videos_gets_none() -> None:
    unverified = (Lesson(Topic.LONG_UPLOADS, "disallowed", NOW),)
    long, short = (a_publication(request=a_request(duration_ms=each)) for each in (900_001, 900_000))

    assert (Obstacle.TOO_LONG, NOW + HOUR) == (
        weighed(long, lessons=unverified).obstacle,
        weighed(long, lessons=unverified).until,
    )
    assert weighed(short, lessons=unverified).obstacle is None


@pytest.mark.parametrize(
    ("lessons", "lacks"),
    [
        ((), ""),
        ((Lesson(Topic.THUMBNAILS, "refused", NOW - DAY),), "custom thumbnails"),
        (
            (Lesson(Topic.THUMBNAIL_RATE, "exceeded", NOW - DAY / 2),),
            f"more thumbnails before {NOW + DAY / 2:%Y-%m-%d %H:%M} UTC, for it had too many in a day",
        ),
        ((Lesson(Topic.THUMBNAIL_RATE, "exceeded", NOW - DAY),), ""),
    ],
)
def test_a_channel_without_custom_thumbnails_is_told_from_one_that_had_too_many_today(
    lessons: tuple[Lesson, ...], lacks: str
) -> None:
    account = an_account(lessons=lessons)
    with_thumbnail = a_publication(request=a_request(thumbnail=a_file("/cover.png")))

    told = [
        weigh(each, account, COST, a_world(account), NOW).lacks for each in (with_thumbnail, a_publication())
    ]

    assert [lacks, ""] == told


def test_every_further_obstacle_is_told_once_by_name() -> None:
    full = a_world(units={"used": 8_000}, uploads={"used": 80})

    candidate = weighed(None, full, condition=Condition.PAUSED, uploads_today=5, in_flight=1)

    assert (Obstacle.CONDITION, (Obstacle.QUOTA, Obstacle.DAILY_CAP, Obstacle.BUSY)) == (
        candidate.obstacle,
        candidate.also,
    )


@pytest.mark.parametrize(
    "lesson",
    [
        Lesson(Topic.THUMBNAILS, "refused", NOW - DAY),
        Lesson(Topic.THUMBNAIL_RATE, "exceeded", NOW - DAY / 2),
    ],
    ids=lambda lesson: str(lesson.topic),
)
def test_who_may_not_have_a_thumbnail_comes_after_all_who_may(lesson: Lesson) -> None:
    lame, able = (
        an_account("lame", lessons=(lesson,)),
        an_account("able", uploads_today=4, last_upload_at=NOW),
    )
    accounts = {lame.id: lame, able.id: able}
    world = a_world(lame, able)

    def ranked(publication: Publication) -> list[str]:
        weighed_all = [weigh(publication, each, COST, world, NOW) for each in (lame, able)]
        return [each.account for each in rank(weighed_all, accounts)]

    assert ["lame", "able"] == ranked(a_publication())
    assert ["able", "lame"] == ranked(a_publication(request=a_request(thumbnail=a_file("/cover.png"))))
