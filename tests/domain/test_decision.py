"""Where a waiting publication goes now: always one of a closed set of answers."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import (
    FIRST,
    MAIN,
    NOW,
    SECOND,
    TODAY,
    a_line,
    a_publication,
    a_request,
    a_session,
    an_account,
)
from ytempire.domain.accounts import Account, Condition, Kind, Obstacle, World, weigh
from ytempire.domain.decision import (
    MAX_PASSES,
    Decision,
    Hold,
    Upload,
    Wait,
    decide,
    poison,
    shortage,
)
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Metadata, Publication, Reason, Session, SessionState, Target
from ytempire.domain.quota import Bucket, Cost
from ytempire.domain.values import AccountId, ProjectId

HOUR, SECOND_OF_TIME = timedelta(hours=1), timedelta(seconds=1)
RESET = TODAY.resets
OTHER = ProjectId("other")
COST = Cost({Bucket.UPLOADS: 1, Bucket.UNITS: 50})
COSTS = {MAIN: COST, OTHER: Cost({Bucket.UNITS: 100})}
RETRY_OR_CANCEL = ("retry", "cancel")


def a_world(*accounts: Account, closed: str | None = None) -> World:
    lines = [
        replace(a_line(bucket, limit), project=project)
        for project in (MAIN, OTHER)
        for bucket, limit in ((Bucket.UPLOADS, 100), (Bucket.UNITS, 10_000))
    ]
    ledger = {
        (line.project, line.bucket): replace(line, closed=closed if line.project == MAIN else None)
        for line in lines
    }
    return World(accounts, ledger, RESET)


def decided(
    *accounts: Account, publication: Publication | None = None, closed: str | None = None
) -> Decision:
    return decide(publication or a_publication(), COSTS, a_world(*accounts, closed=closed), NOW)


def code(decision: Decision) -> str:
    assert not isinstance(decision, Upload)
    return decision.reason.code


def test_it_is_uploaded_on_the_fittest_account_and_every_other_is_told() -> None:
    tired = an_account("tired", last_upload_at=NOW)
    decision = decided(tired, an_account("fit"), an_account("idle", condition=Condition.PAUSED))

    assert isinstance(decision, Upload)
    assert ("fit", MAIN, COST) == (decision.account, decision.project, decision.cost)
    assert ["tired", "fit", "idle"] == [each.account for each in decision.candidates]


def test_the_planned_account_is_taken_at_its_hour_though_another_is_fitter() -> None:
    accounts = an_account("fit"), an_account("planned", last_upload_at=NOW)
    planned = a_publication(state=State.PLANNED, account=AccountId("planned"))

    for publication, expected in ((None, "fit"), (planned, "planned")):
        decision = decided(*accounts, publication=publication)
        assert isinstance(decision, Upload)
        assert expected == decision.account


def test_a_planned_account_that_is_not_free_is_replaced_by_the_fittest() -> None:
    planned = a_publication(state=State.PLANNED, account=AccountId("planned"))
    paused = an_account("planned", condition=Condition.PAUSED)

    for accounts in ((an_account("fit"), paused), (an_account("fit"),)):
        decision = decided(*accounts, publication=planned)
        assert isinstance(decision, Upload)
        assert "fit" == decision.account


def test_the_cost_is_that_of_the_accounts_own_project() -> None:
    decision = decided(an_account(project=OTHER))

    assert isinstance(decision, Upload)
    assert (OTHER, COSTS[OTHER]) == (decision.project, decision.cost)


def test_production_comes_before_a_fitter_reserve() -> None:
    reserve = an_account("reserve", kind=Kind.RESERVE)
    tired = an_account("production", last_upload_at=NOW)

    expected = {"production": (tired, reserve), "reserve": (reserve, replace(tired, in_flight=1))}
    for account, accounts in expected.items():
        decision = decided(*accounts)
        assert isinstance(decision, Upload)
        assert account == decision.account


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"request": a_request(deadline=NOW)}, "deadline_passed"),
        ({"request": a_request(metadata=Metadata("A title", publish_at=NOW))}, "publish_at_passed"),
    ],
)
def test_what_came_too_late_is_held(changes: dict[str, Any], reason: str) -> None:
    decision = decided(an_account(), publication=a_publication(**changes))

    assert isinstance(decision, Hold)
    assert reason == decision.reason.code
    assert "retry" not in decision.reason.remedies


def test_work_that_died_four_times_is_poison_whatever_its_state() -> None:
    hold = poison(a_publication(passes=5))

    assert hold is not None
    assert ("poison", ("retry", "cancel")) == (hold.reason.code, hold.reason.remedies)
    assert "died 4 times" in hold.reason.message
    assert poison(a_publication(passes=4)) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"passes": 4},
        {"request": a_request(deadline=NOW + SECOND_OF_TIME)},
        {"request": a_request(not_before=NOW)},
        {"request": a_request(metadata=Metadata("A title", publish_at=NOW + SECOND_OF_TIME))},
    ],
)
def test_what_is_just_in_time_is_uploaded(changes: dict[str, Any]) -> None:
    assert isinstance(decided(an_account(), publication=a_publication(**changes)), Upload)


def test_nothing_is_uploaded_before_the_moment_that_was_asked_for() -> None:
    publication = a_publication(request=a_request(not_before=NOW + HOUR))

    expected = Wait(NOW + HOUR, Reason("not_before", "it was asked to wait until then"))
    assert expected == decided(an_account(), publication=publication)


def test_a_deadline_that_passed_ends_even_a_wait() -> None:
    publication = a_publication(request=a_request(not_before=NOW + HOUR, deadline=NOW))

    assert "deadline_passed" == code(decided(an_account(), publication=publication))


@pytest.mark.parametrize(
    ("changes", "until", "reason"),
    [
        ({"in_flight": 1}, NOW + SECOND_OF_TIME, "busy"),
        ({"uploads_today": 5}, RESET, "out_of_quota"),
        ({"parked_until": NOW + HOUR}, NOW + HOUR, "parked"),
    ],
)
def test_an_account_that_will_be_free_is_waited_for(changes: dict[str, Any], until: Any, reason: str) -> None:
    decision = decided(an_account(**changes))

    assert isinstance(decision, Wait)
    assert (until, reason, False) == (decision.until, decision.reason.code, decision.keep)
    assert [FIRST] == [each.account for each in decision.candidates]


def test_a_closed_bucket_is_waited_for_until_it_opens() -> None:
    decision = decided(an_account(), closed="quotaExceeded")

    assert isinstance(decision, Wait)
    assert (RESET, "out_of_quota") == (decision.until, decision.reason.code)
    assert "quotaExceeded" in decision.reason.message


def test_a_spent_ledger_is_waited_for_until_it_is_full_again() -> None:
    world = a_world(an_account())
    spent = a_line(Bucket.UPLOADS, 100, used=80)
    full = replace(world, ledger=dict(world.ledger) | {(MAIN, Bucket.UPLOADS): spent})
    decision = decide(a_publication(), COSTS, full, NOW)

    assert isinstance(decision, Wait)
    assert (RESET, "out_of_quota") == (decision.until, decision.reason.code)


def test_the_first_to_be_free_is_waited_for() -> None:
    parked = an_account("parked", parked_until=NOW + HOUR)
    capped = an_account("capped", uploads_today=5)
    busy = an_account("busy", in_flight=1)

    assert "parked" == code(decided(capped, parked))
    assert "busy" == code(decided(capped, parked, busy))


@pytest.mark.parametrize(
    "accounts",
    [
        (),
        (an_account(condition=Condition.SUSPENDED), an_account(SECOND, condition=Condition.SUSPENDED)),
    ],
)
def test_a_person_is_called_when_nobody_ever_will_take_it(accounts: tuple[Account, ...]) -> None:
    decision = decided(*accounts)

    assert isinstance(decision, Hold)
    assert ("no_account", RETRY_OR_CANCEL) == (decision.reason.code, decision.reason.remedies)
    assert all(f"{each.id}: the account is suspended" in decision.reason.message for each in accounts)


def test_a_wait_ends_when_it_would_be_too_late_but_for_what_may_be_a_video_already() -> None:
    soon = NOW + timedelta(milliseconds=500)
    waiting = a_publication(request=a_request(deadline=soon))
    doubtful = replace(waiting, session=a_session(SessionState.FINISHING))
    busy = an_account(in_flight=1)

    waits = [decided(busy, publication=each) for each in (waiting, doubtful)]

    assert [soon, NOW + timedelta(seconds=1)] == [each.until for each in waits if isinstance(each, Wait)]


def test_a_job_that_no_day_has_room_for_is_held() -> None:
    world = replace(a_world(an_account()), waiting=9)
    small = dict(world.ledger) | {(MAIN, Bucket.UNITS): a_line(limit=10)}

    assert isinstance(decide(a_publication(), COSTS, replace(world, ledger=small), NOW), Hold)


def test_an_account_that_a_person_may_bring_back_is_looked_at_again_in_an_hour() -> None:
    decision = decided(an_account(condition=Condition.NEEDS_REAUTH, why="revoked"))

    assert isinstance(decision, Wait)
    assert (NOW + HOUR, "condition") == (decision.until, decision.reason.code)
    assert "account_01: the account is needs_reauth (revoked)" == decision.reason.message


def test_what_comes_by_itself_is_waited_for_before_what_somebody_has_to_bring_back() -> None:
    standby = an_account("standby", condition=Condition.STANDBY)
    decision = decided(standby, an_account(uploads_today=5))

    assert isinstance(decision, Wait)
    assert (RESET, "out_of_quota") == (decision.until, decision.reason.code)


@pytest.mark.parametrize(
    ("priority", "waiting", "seconds"),
    [(5, 0, 1), (5, 20, 1), (5, 100, 5), (1, 100, 1), (1, 1_000, 10), (10, 1_000, 100)],
)
def test_behind_busy_accounts_a_long_queue_looks_less_often_and_the_urgent_more(
    priority: int, waiting: int, seconds: int
) -> None:
    world = replace(a_world(an_account(in_flight=1)), waiting=waiting)
    decision = decide(a_publication(request=a_request(priority=priority)), COSTS, world, NOW)

    assert isinstance(decision, Wait)
    assert (NOW + timedelta(seconds=seconds), "busy") == (decision.until, decision.reason.code)


@pytest.mark.parametrize(
    ("target", "session", "why", "remedies"),
    [
        (
            Target(account=SECOND),
            None,
            ": it is for account_02, which is not in the configuration",
            (
                "put account_02 back into the configuration, then retry",
                "cancel",
                "submit it anew for another account than account_02",
            ),
        ),
        (
            Target(),
            a_session(account=SECOND),
            ": its upload was begun on account_02, which is not in the configuration",
            ("put account_02 back into the configuration, then retry", "cancel"),
        ),
        (
            Target(group="news"),
            None,
            ": none of the configuration is in the group news",
            ("give an account the group news, then retry", "cancel"),
        ),
        (Target(group="news"), a_session(), "", RETRY_OR_CANCEL),
    ],
)
def test_an_account_that_may_not_take_it_is_not_waited_for_and_the_one_that_is_gone_is_named(
    target: Target, session: Session | None, why: str, remedies: tuple[str, ...]
) -> None:
    publication = a_publication(request=a_request(target=target), session=session)

    decision = decided(an_account(in_flight=1), publication=publication)

    assert Hold(Reason("no_account", f"no account is allowed to take it{why}", remedies)) == decision


ACCOUNTS = st.builds(
    an_account,
    st.sampled_from(("a", "b", "c", "d")),
    project=st.sampled_from((MAIN, OTHER)),
    kind=st.sampled_from(Kind),
    condition=st.sampled_from((Condition.ACTIVE, Condition.ACTIVE, *Condition)),
    daily_uploads=st.integers(0, 3),
    uploads_today=st.integers(0, 3),
    in_flight=st.integers(0, 2),
    concurrency=st.integers(0, 2),
    groups=st.frozensets(st.sampled_from(("news", "sport"))),
    parked_until=st.none() | st.sampled_from((NOW - HOUR, NOW, NOW + HOUR)),
    last_upload_at=st.none() | st.sampled_from((NOW - HOUR, NOW)),
)
MOMENTS = st.none() | st.sampled_from((NOW - HOUR, NOW, NOW + HOUR))
TARGETS = st.builds(
    Target, st.none() | st.sampled_from(("a", "b", "z")).map(AccountId), st.none() | st.just("news")
)
SESSIONS = st.none() | st.builds(
    lambda state, account: a_session(state, account=account),
    st.sampled_from(SessionState),
    st.sampled_from(("a", "b", "c")).map(AccountId),
)
REQUESTS = st.builds(
    lambda target, not_before, deadline, publish_at: a_request(
        target=target,
        not_before=not_before,
        deadline=deadline,
        metadata=Metadata("A title", publish_at=publish_at),
    ),
    TARGETS,
    MOMENTS,
    MOMENTS,
    MOMENTS,
)
PUBLICATIONS = st.builds(
    a_publication,
    request=REQUESTS,
    session=SESSIONS,
    passes=st.integers(0, MAX_PASSES + 1),
)


@given(
    PUBLICATIONS,
    st.lists(ACCOUNTS, max_size=4, unique_by=lambda account: account.id),
    st.none() | st.just("quotaExceeded"),
)
def test_every_world_has_a_decision_and_no_upload_meets_an_obstacle(
    publication: Publication, accounts: list[Account], closed: str | None
) -> None:
    world = a_world(*accounts, closed=closed)
    decision = decide(publication, COSTS, world, NOW)

    assert isinstance(decision, get_args(Decision))
    if isinstance(decision, Upload):
        chosen = next(account for account in accounts if account.id == decision.account)
        assert None is weigh(publication, chosen, COSTS[chosen.project], world, NOW).obstacle
        assert (chosen.project, COSTS[chosen.project]) == (decision.project, decision.cost)
    if isinstance(decision, Wait):
        assert decision.until > NOW
    if isinstance(decision, Hold):
        fit = [weigh(publication, each, COSTS[each.project], world, NOW).score for each in accounts]
        assert not any(fit) or decision.reason.code in ("deadline_passed", "publish_at_passed")


def test_a_publication_whose_outcome_is_open_is_weighed_by_its_own_account_alone() -> None:
    publication = a_publication(session=a_session(SessionState.FINISHING))
    world = a_world(an_account(FIRST), an_account(SECOND))

    assert None is weigh(publication, an_account(FIRST), COST, world, NOW).obstacle
    assert Obstacle.NOT_ALLOWED is weigh(publication, an_account(SECOND), COST, world, NOW).obstacle


@pytest.mark.parametrize(
    ("obstacles", "told"),
    [
        (["daily_cap", "daily_cap", "quota", "condition"], "daily_cap"),
        (["allocation", "condition", "condition"], "allocation"),
        (["quota", "quota", "daily_cap"], "out_of_quota"),
        (["bucket_closed"], "out_of_quota"),
        (["condition", "busy"], "out_of_quota"),
        ([], "out_of_quota"),
    ],
)
def test_what_holds_most_of_the_accounts_is_named(obstacles: list[str], told: str) -> None:
    assert told == shortage(obstacles)
