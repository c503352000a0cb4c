"""A day on which everything goes wrong: a channel is lost, a reserve steps in, Google closes the bucket."""

from collections import Counter
from datetime import timedelta

from benchmarks.campaign.stage import Scene, Stage
from benchmarks.campaign.verdict import violations
from tests.journeys.conftest import SetStage
from ytempire.bootstrap.house import Acting
from ytempire.domain.alerts import Alert
from ytempire.domain.publication import Publication
from ytempire.domain.quota_day import QuotaDay
from ytempire.ports import Filter

START = "videos.insert.start"
PER_DAY = "Quota exceeded for quota metric 'Video Uploads' and limit 'Video Uploads per day' of service."


def publications(stage: Stage) -> list[Publication]:
    async def look(house: Acting) -> list[Publication]:
        return list(await house.reading.store.publications(Filter()))

    return stage.act(look)


def alerts(stage: Stage) -> list[Alert]:
    """Every alert there was, oldest first."""

    async def look(house: Acting) -> list[Alert]:
        return list(await house.reading.store.alerts(ended=True))

    return stage.act(look)[::-1]


def first(raised: list[Alert], ending: str) -> Alert:
    return next(each for each in raised if each.key.endswith(ending))


def test_the_day_ends_with_every_publication_published_or_waiting_for_a_true_reason(
    set_stage: SetStage,
) -> None:
    stage = set_stage(Scene(accounts=2, reserves=1, daily_uploads=3))
    today = QuotaDay.of(stage.now + timedelta(days=1))
    stage.shift((today.starts + timedelta(hours=12) - stage.now).total_seconds())
    stage.submit(stage.rows(8, 200_000))
    stage.emulator.add_fault(START, "status", status=403, reason="authenticatedUserAccountSuspended")
    stage.emulator.add_fault(START, "status", status=429, reason="rateLimitExceeded", message=PER_DAY, skip=4)

    assert 0 == stage.work()

    states = Counter(str(each.state) for each in publications(stage))
    waiting = [each for each in publications(stage) if each.state == "deferred"]
    assert {"published", "deferred"} == set(states)
    assert {"out_of_quota"} == {each.reason.code for each in waiting if each.reason}
    assert {today.resets} == {each.due for each in waiting}
    served = Counter(str(event.facts["account"]) for event in stage.journal("video_completed"))
    assert states["published"] == sum(served.values())
    assert max(served.values()) <= 3
    raised = alerts(stage)
    assert len(raised) == len({each.key for each in raised})
    told = [first(raised, ending) for ending in (":suspended", "reserve_1:promoted", "main:uploads:closed")]
    assert [None, None, None] == [each.resolved_at for each in told]

    offset = float((stage.folder / "clock").read_text())
    stage.shift(offset + (today.resets + timedelta(minutes=5) - stage.now).total_seconds())
    assert 0 == stage.work()

    assert {"published"} == {str(each.state) for each in publications(stage)}
    assert 8 == len(stage.journal("video_completed"))
    raised = alerts(stage)
    assert first(raised, "main:uploads:closed").resolved_at is not None
    assert first(raised, "reserve_1:promoted").resolved_at is not None
    assert first(raised, ":suspended").resolved_at is None
    assert [] == violations(stage)
