"""Whether a started publication may move on to another project's account because of quota."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.builders import MAIN, NOW, TODAY, a_line, a_publication, an_account
from ytempire.domain.accounts import Account, Candidate, Condition, Obstacle, World, weigh
from ytempire.domain.decision import Hold, Upload, Wait, decide
from ytempire.domain.failover import kept
from ytempire.domain.publication import Publication, Target
from ytempire.domain.quota import Bucket, Cost
from ytempire.domain.values import AccountId, ProjectId

OTHER = ProjectId("other")
COST = Cost({Bucket.UPLOADS: 1, Bucket.UNITS: 50})
COSTS: Mapping[ProjectId, Cost] = {MAIN: COST, OTHER: COST}
OURS, THEIRS = an_account("ours"), an_account("theirs", project=OTHER)
STARTED = a_publication(attempts=1, project=MAIN, account=AccountId("ours"))


def a_world(*accounts: Account, allowed: bool = False, **uploads: Any) -> World:
    """A world whose main project has this line of uploads, and another one with all its quota."""
    lines = [
        replace(a_line(bucket, limit), project=project)
        for project in (MAIN, OTHER)
        for bucket, limit in ((Bucket.UPLOADS, 100), (Bucket.UNITS, 10_000))
    ]
    lines[0] = replace(lines[0], **uploads)
    ledger = {(line.project, line.bucket): line for line in lines}
    return World(accounts or (OURS, THEIRS), ledger, TODAY.resets, cross_project_failover=allowed)


def candidates(world: World, publication: Publication = STARTED) -> dict[AccountId, Candidate]:
    weighed = tuple(weigh(publication, each, COSTS[each.project], world, NOW) for each in world.accounts)
    return {each.account: each for each in kept(publication, COSTS, world, weighed)}


CLOSED: dict[str, Any] = {"closed": "quotaExceeded"}
FULL: dict[str, Any] = {"used": 80}


@pytest.mark.parametrize("short", [CLOSED, FULL])
def test_what_was_started_waits_for_its_own_project_s_quota(short: dict[str, Any]) -> None:
    world = a_world(**short)
    decision = decide(STARTED, dict(COSTS), world, NOW)

    assert isinstance(decision, Wait)
    assert ("out_of_quota", TODAY.resets) == (decision.reason.code, decision.until)
    barred = {each.account: each for each in decision.candidates}[THEIRS.id]
    assert (Obstacle.OTHER_PROJECT, None, TODAY.resets) == (barred.obstacle, barred.score, barred.until)
    assert "started in main" in barred.why
    assert "moving on to another project because of quota is off" in barred.why


@pytest.mark.parametrize("short", [CLOSED, FULL])
def test_it_moves_on_where_failover_is_allowed(short: dict[str, Any]) -> None:
    decision = decide(STARTED, dict(COSTS), a_world(allowed=True, **short), NOW)

    assert isinstance(decision, Upload)
    assert ("theirs", OTHER) == (decision.account, decision.project)


def test_what_was_never_started_takes_any_account_it_allows() -> None:
    decision = decide(a_publication(), dict(COSTS), a_world(**CLOSED), NOW)

    assert isinstance(decision, Upload)
    assert "theirs" == decision.account


def test_an_account_that_is_gone_is_no_matter_of_quota() -> None:
    world = a_world(replace(OURS, condition=Condition.SUSPENDED), THEIRS)
    decision = decide(STARTED, dict(COSTS), world, NOW)

    assert isinstance(decision, Upload)
    assert "theirs" == decision.account


def test_another_account_of_the_same_project_is_never_barred() -> None:
    second = an_account("second")
    found = candidates(a_world(replace(OURS, condition=Condition.SUSPENDED), second, THEIRS))

    assert (None, None) == (found[second.id].obstacle, found[THEIRS.id].obstacle)
    assert Obstacle.BUCKET_CLOSED is candidates(a_world(OURS, second, **CLOSED))[second.id].obstacle


def test_a_busy_account_of_another_project_is_not_waited_for() -> None:
    world = a_world(OURS, replace(THEIRS, in_flight=1), **CLOSED)
    decision = decide(STARTED, dict(COSTS), world, NOW)

    assert isinstance(decision, Wait)
    assert TODAY.resets == decision.until


def test_what_names_another_account_says_so_first() -> None:
    named = replace(STARTED, request=replace(STARTED.request, target=Target(AccountId("ours"))))

    assert Obstacle.NOT_ALLOWED is candidates(a_world(**CLOSED), named)[THEIRS.id].obstacle


def test_a_project_that_never_has_enough_calls_for_a_person() -> None:
    world = a_world(limit=1)
    found = candidates(world)[THEIRS.id]

    assert (Obstacle.OTHER_PROJECT, None) == (found.obstacle, found.until)
    assert "never has 1 uploads in a day" in found.why
    assert isinstance(decide(STARTED, dict(COSTS), world, NOW), Hold)


@pytest.mark.parametrize("project", [None, ProjectId("gone")])
def test_without_a_project_that_is_configured_nothing_is_barred(project: ProjectId | None) -> None:
    found = candidates(a_world(**CLOSED), replace(STARTED, project=project))

    assert found[THEIRS.id].obstacle is None


def test_a_project_without_a_line_for_the_job_never_has_enough() -> None:
    world = a_world()
    ledger = {key: line for key, line in world.ledger.items() if key != (MAIN, Bucket.UPLOADS)}
    weighed = (Candidate(THEIRS.id, None, Obstacle.BUSY, "busy", NOW),)

    (found,) = kept(STARTED, COSTS, replace(world, ledger=ledger), weighed)

    assert Obstacle.OTHER_PROJECT is found.obstacle
