"""Tokens that many need at once, a token endpoint that is away, and grants that die in the middle of the day."""

import json
from datetime import timedelta

from benchmarks.campaign.stage import Scene, Stage
from benchmarks.campaign.verdict import violations
from tests.journeys.conftest import SetStage
from ytempire.bootstrap.house import Acting
from ytempire.domain.accounts import Account
from ytempire.domain.events import Event
from ytempire.domain.oauth import Slot
from ytempire.domain.tokenfiles import parse_token_file
from ytempire.ports import SealedGrant

FIRST = "channel_1"


def grants(stage: Stage) -> dict[tuple[str, str], SealedGrant]:
    async def look(house: Acting) -> tuple[SealedGrant, ...]:
        return await house.reading.store.grants()

    return {(str(each.account), str(each.slot)): each for each in stage.act(look)}


def account(stage: Stage, name: str = FIRST) -> Account:
    async def look(house: Acting) -> tuple[Account, ...]:
        return await house.reading.store.accounts(house.context.clock.now())

    (found,) = [each for each in stage.act(look) if each.id == name]
    return found


def told(stage: Stage, *kinds: str) -> list[Event]:
    async def look(house: Acting) -> list[Event]:
        return [event for _, event in await house.reading.store.events() if event.kind in kinds]

    return stage.act(look)


def connect(stage: Stage, name: str = FIRST, slot: Slot = Slot.PRIMARY) -> str:
    """A new consent of an account; its refresh token."""
    token = stage.emulator.grant(name)

    async def bring(house: Acting) -> None:
        accounts = await house.reading.store.accounts(house.context.clock.now())
        chosen = next(each for each in accounts if each.id == name)
        await house.connecting.import_grant(chosen, parse_token_file(json.dumps(token)), slot)

    stage.act(bring)
    return str(token["refresh_token"])


def test_four_processes_that_need_one_expired_token_ask_for_it_once(set_stage: SetStage) -> None:
    stage = set_stage(Scene(accounts=1))
    stage.shift(2 * 3600)
    before = len(stage.requests("token.refresh"))
    stage.emulator.add_fault("token.refresh", "hang", seconds=0.5)

    children = [stage.start(task="fresh") for _ in range(4)]

    assert [0, 0, 0, 0] == [child.wait() for child in children], stage.log()
    assert 1 == len(stage.requests("token.refresh")) - before


def test_a_process_that_died_while_it_renewed_keeps_the_others_waiting_for_no_more_than_its_lease(
    set_stage: SetStage,
) -> None:
    stage = set_stage(Scene(accounts=1))
    stage.shift(2 * 3600)
    before = len(stage.requests("token.refresh"))
    stage.emulator.add_fault("token.refresh", "hang", seconds=5)
    fired = len(stage.journal("fault_fired"))
    dying = stage.start(task="fresh")
    stage.until(lambda: len(stage.journal("fault_fired")) > fired)
    dying.signal(9)
    assert -9 == dying.wait()
    waiting = stage.start(task="fresh")
    stage.shift(2 * 3600 + 121)

    assert 0 == waiting.wait(), stage.log()
    answered = [event for event in stage.requests("token.refresh")[before:] if event.facts["status"] == 200]
    assert answered


def test_a_token_endpoint_that_is_away_stops_no_upload_whose_token_is_still_valid(
    set_stage: SetStage,
) -> None:
    stage = set_stage(Scene())
    stage.shift(45 * 60)  # a quarter of an hour is left: everybody is due
    stage.emulator.add_fault("token", "status", status=503, reason="temporarily_unavailable", count=None)
    stage.submit(stage.rows(4, 300_000))

    assert 0 == stage.work(), stage.log()

    assert [] == violations(stage)
    assert {"active"} == {str(account(stage, name).condition) for name in stage.accounts}
    (event,) = told(stage, "token.unreachable")
    assert ("warning", "main") == (event.level, event.project)
    assert [] == told(stage, "token.failed", "account.changed")


def test_a_token_that_ran_out_while_the_endpoint_was_away_is_renewed_when_it_is_back(
    set_stage: SetStage,
) -> None:
    stage = set_stage(Scene())
    stage.shift(2 * 3600)
    stage.emulator.add_fault("token", "status", status=503, count=6)
    stage.submit(stage.rows(2, 300_000))

    assert 0 == stage.work(), stage.log()

    assert [] == violations(stage)
    assert 1 == len(told(stage, "token.unreachable")) == len(told(stage, "token.answered"))
    assert {"active"} == {str(account(stage, name).condition) for name in stage.accounts}


def test_a_grant_that_dies_in_mid_day_is_replaced_by_its_backup(set_stage: SetStage) -> None:
    stage = set_stage(Scene(accounts=1))
    first = connect(stage)
    connect(stage, slot=Slot.BACKUP)
    stage.submit(stage.rows(2, 300_000))
    stage.emulator.end_grants(FIRST, "expired", refresh_token=first)
    stage.emulator.expire_access_tokens(FIRST)

    assert 0 == stage.work(), stage.log()

    assert [] == violations(stage)
    assert "active" == account(stage).condition
    assert 1 == len(told(stage, "grant.backup_promoted"))
    assert [] == told(stage, "token.failed")
    assert {(FIRST, "primary")} == set(grants(stage))


def test_a_dead_grant_is_told_once_and_what_waits_for_it_starts_after_a_new_consent(
    set_stage: SetStage,
) -> None:
    stage = set_stage(Scene())
    bound, *free = stage.rows(3, 300_000)
    waiting, *_ = stage.submit([{**bound, "account": FIRST}, *free])
    stage.emulator.revoke(FIRST)

    assert 0 == stage.work(), stage.log()

    states = stage.publications()
    assert ["deferred", "published", "published"] == sorted(str(each.state) for each in states.values())
    reason = states[waiting.id].reason
    assert reason is not None
    assert "condition" == reason.code
    assert "needs_reauth" == account(stage).condition
    assert "active" == account(stage, "channel_2").condition
    assert 1 == len(told(stage, "token.failed"))
    assert 0 == stage.work(), "a second worker asks no more"
    assert 1 == len(told(stage, "token.failed"))

    connect(stage)

    assert "active" == account(stage).condition
    assert 0 == stage.work(), stage.log()
    assert [] == violations(stage)


def test_a_worker_that_runs_takes_up_what_waited_when_somebody_connects_beside_it(
    set_stage: SetStage,
) -> None:
    stage = set_stage(Scene(bandwidth=400_000))
    bound, free = stage.rows(2, 1_500_000)
    waiting, _ = stage.submit([{**bound, "account": FIRST}, {**free, "account": "channel_2"}])
    stage.emulator.revoke(FIRST)
    worker = stage.start()
    stage.until(lambda: stage.publications()[waiting.id].state == "deferred")

    connect(stage)

    assert 0 == worker.wait(), stage.log()
    assert [] == violations(stage)


def test_a_worker_renews_the_tokens_of_all_accounts_half_an_hour_ahead_of_their_end(
    set_stage: SetStage,
) -> None:
    stage = set_stage(Scene(bandwidth=1_000_000))
    renewed = len(stage.journal("token_refreshed"))
    stage.shift(31 * 60)
    stage.submit(stage.rows(1))

    assert 0 == stage.work(), stage.log()

    assert [] == violations(stage)
    assert 2 == len(stage.journal("token_refreshed")) - renewed
    assert all(
        each.expires_at and each.expires_at - stage.now > timedelta(minutes=55)
        for each in grants(stage).values()
    )
