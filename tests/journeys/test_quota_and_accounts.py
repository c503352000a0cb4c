"""What is refused for quota, channel, metadata or processing, and what becomes of it."""

from datetime import timedelta
from itertools import pairwise

from benchmarks.campaign.stage import Scene, Stage
from benchmarks.campaign.verdict import violations
from tests.journeys.conftest import SetStage
from ytempire.bootstrap.house import Acting
from ytempire.domain.accounts import Account
from ytempire.domain.quota_day import QuotaDay


def accounts(stage: Stage) -> list[Account]:
    async def look(house: Acting) -> list[Account]:
        return list(await house.reading.store.accounts(house.context.clock.now()))

    return stage.act(look)


def code_of(stage: Stage) -> str | None:
    reason = stage.only().reason
    return reason.code if reason else None


def test_out_of_quota_everywhere_waits_for_the_very_reset_and_starts_by_itself(set_stage: SetStage) -> None:
    stage = set_stage(Scene(limits={"uploads": 5}))
    reset = QuotaDay.of(stage.now).resets
    stage.shift((reset - stage.now).total_seconds() - 3600)
    stage.submit(stage.rows(5, 200_000))
    assert 0 == stage.work()
    assert 4 == len(stage.journal("video_completed"))
    (waiting,) = [each for each in stage.publications().values() if each.state == "deferred"]

    assert reset == waiting.due
    assert waiting.reason is not None
    assert "out_of_quota" == waiting.reason.code

    stage.shift(float((stage.folder / "clock").read_text()) + (reset - stage.now).total_seconds() - 3)
    assert 0 == stage.work()

    assert [] == violations(stage)
    assert 5 == len(stage.journal("video_completed"))
    assert stage.journal("video_completed")[-1].at >= reset


def test_a_burst_of_429_waits_as_long_as_it_was_asked_to(house: Stage) -> None:
    house.submit(house.rows(1))
    house.emulator.add_fault(
        "videos.insert.start", "status", status=429, reason="rateLimitExceeded", retry_after="1", count=2
    )

    assert 0 == house.work()

    starts = [event.at for event in house.requests("videos.insert.start")]
    assert 3 == len(starts)
    assert all(later - one >= timedelta(seconds=1) for one, later in pairwise(starts))
    assert [] == violations(house, orphans=0)


def test_a_429_of_the_day_closes_the_bucket_until_the_reset(house: Stage) -> None:
    house.emulator.spend("main", 100, bucket="uploads")
    house.submit(house.rows(1))

    assert 0 == house.work()

    publication = house.only()
    assert "deferred" == publication.state
    assert QuotaDay.of(house.now).resets == publication.due
    (uploads,) = [line for line in house.ledger() if line.bucket == "uploads"]
    assert uploads.closed is not None
    assert "per day" in uploads.closed
    assert 1 == len(house.requests("videos.insert.start"))


def test_a_channel_at_its_own_limit_is_parked_and_another_takes_the_video(house: Stage) -> None:
    house.submit(house.rows(1))
    house.emulator.add_fault("videos.insert.start", "status", status=400, reason="uploadLimitExceeded")

    assert 0 == house.work()

    first, second = (event.facts["account"] for event in house.requests("videos.insert.start"))
    parked = {str(each.id): each.parked_until for each in accounts(house)}
    assert {first, second} == set(house.accounts)
    assert parked[second] is None
    assert timedelta(hours=23) < parked[first] - house.now <= timedelta(hours=24)  # type: ignore[operator]
    assert "published" == house.only().state
    assert [] == violations(house)


def test_a_dead_grant_sends_the_video_to_another_channel_and_asks_for_a_person(house: Stage) -> None:
    house.submit(house.rows(2))
    house.emulator.revoke("channel_1")

    assert 0 == house.work()

    conditions = {str(each.id): str(each.condition) for each in accounts(house)}
    assert {"channel_1": "needs_reauth", "channel_2": "active"} == conditions
    assert [] == violations(house)


def test_a_video_that_fails_in_processing_has_failed_with_the_reason(house: Stage) -> None:
    house.submit(house.rows(1))
    house.emulator.add_fault("videos.insert.processing", "processing_failed", reason="codec")

    assert 0 == house.work()

    reason = house.only().reason
    assert "failed" == house.only().state
    assert reason is not None
    assert "codec" in reason.message
    assert 1 == len(house.requests("videos.insert.start"))


def test_a_video_that_youtube_rejects_as_a_duplicate_is_one(house: Stage) -> None:
    house.submit(house.rows(1))
    house.emulator.add_fault("videos.insert.processing", "processing_rejected", reason="duplicate")

    assert 0 == house.work()

    assert ("duplicate", "duplicateUpload") == (house.only().state, code_of(house))


def test_a_title_that_youtube_refuses_is_refused_here(house: Stage) -> None:
    house.submit(house.rows(1))
    house.emulator.add_fault("videos.insert.start", "status", status=400, reason="invalidTitle")

    assert 0 == house.work()

    assert ("refused", "invalidMetadata") == (house.only().state, code_of(house))
    assert 1 == len(house.requests("videos.insert.start"))


def test_a_video_on_the_wrong_channel_is_held_and_cried_out(house: Stage) -> None:
    (publication,) = house.submit(house.rows(1))
    house.emulator.add_fault("videos.insert.put", "wrong_channel", final=True)

    assert 0 == house.work()

    assert ("held", "wrong_channel") == (house.only().state, code_of(house))
    assert ("publication.held", "critical") in house.levels(publication.id)


def test_no_more_than_the_daily_cap_goes_to_a_channel(set_stage: SetStage) -> None:
    stage = set_stage(Scene(daily_uploads=1))
    stage.submit(stage.rows(3, 200_000))

    assert 0 == stage.work()

    states = sorted(str(each.state) for each in stage.publications().values())
    assert ["deferred", "published", "published"] == states
    assert {"channel_1", "channel_2"} == {
        event.facts["account"] for event in stage.journal("video_completed")
    }
