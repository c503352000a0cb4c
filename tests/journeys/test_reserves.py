"""A channel is lost at noon: a reserve steps in for the rest of the Pacific day, and stands by again on the next."""

from datetime import timedelta

from benchmarks.campaign.stage import Scene, Stage
from benchmarks.campaign.verdict import violations
from tests.journeys.conftest import SetStage
from ytempire.bootstrap.house import Acting
from ytempire.domain.accounts import Account
from ytempire.domain.events import Event, Kind
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId


def accounts(stage: Stage) -> dict[str, Account]:
    async def look(house: Acting) -> dict[str, Account]:
        return {each.id: each for each in await house.reading.store.accounts(house.context.clock.now())}

    return stage.act(look)


def history(stage: Stage, account: str) -> list[Event]:
    async def look(house: Acting) -> list[Event]:
        return [event for _, event in await house.reading.store.account_history(AccountId(account), 100)]

    return stage.act(look)


def served(stage: Stage) -> list[str]:
    """Whose channel each completed video is on, in order."""
    return [str(event.facts["account"]) for event in stage.journal("video_completed")]


def test_a_channel_lost_at_noon_is_replaced_until_the_reset(set_stage: SetStage) -> None:
    stage = set_stage(Scene(accounts=1, reserves=2))
    today = QuotaDay.of(stage.now + timedelta(days=1))
    stage.shift((today.starts + timedelta(hours=12) - stage.now).total_seconds())
    stage.submit(stage.rows(3, 200_000))
    stage.emulator.add_fault(
        "videos.insert.start", "status", status=403, reason="authenticatedUserAccountSuspended"
    )

    assert 0 == stage.work()

    assert ["reserve_1", "reserve_1", "reserve_2"] == sorted(served(stage))
    assert ["suspended", "active", "active"] == [str(each.condition) for each in accounts(stage).values()]
    for name in ("reserve_1", "reserve_2"):
        told = [event for event in history(stage, name) if event.kind is Kind.ACCOUNT_PROMOTED]
        assert [("warning", today.resets.isoformat())] == [(str(e.level), e.data["until"]) for e in told]
    assert [] == violations(stage)

    offset = float((stage.folder / "clock").read_text())
    stage.shift(offset + (today.resets + timedelta(minutes=5) - stage.now).total_seconds())

    async def resume(house: Acting) -> Account:
        found = await house.reading.store.accounts(house.context.clock.now())
        return await house.ordering.resume(found[0], "the strike was lifted")

    stage.act(resume)
    stage.submit(stage.rows(4, 200_000)[3:])
    assert 0 == stage.work()

    assert "channel_1" == served(stage)[-1]
    assert ["active", "standby", "standby"] == [str(each.condition) for each in accounts(stage).values()]
    for name in ("reserve_1", "reserve_2"):
        kinds = [event.kind for event in history(stage, name)]
        assert [Kind.ACCOUNT_PROMOTED, Kind.ACCOUNT_RETURNED] == kinds[-2:]
    assert [] == violations(stage)
