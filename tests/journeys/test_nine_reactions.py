"""Nine refusals and nine different reactions: seen in the emulator's journal, and in our own events."""

from datetime import timedelta
from itertools import pairwise

from benchmarks.campaign import films
from benchmarks.campaign.stage import Stage
from benchmarks.campaign.verdict import violations
from ytempire.bootstrap.house import Acting
from ytempire.domain.accounts import Account
from ytempire.domain.events import Event
from ytempire.domain.quota_day import QuotaDay

START = "videos.insert.start"
PER_DAY = "Quota exceeded for quota metric 'Video Uploads' and limit 'Video Uploads per day' of service."


def told(stage: Stage, kind: str) -> list[Event]:
    """The events of one kind."""

    async def look(house: Acting) -> list[Event]:
        return [event for _, event in await house.reading.store.events() if event.kind == kind]

    return stage.act(look)


def faults(stage: Stage) -> list[tuple[object, object, object]]:
    """Every fault that was written down: its code, the step, the status."""
    seen = [*told(stage, "fault.seen"), *told(stage, "fault.unknown")]
    return [(event.data["code"], event.data["step"], event.data["status"]) for event in seen]


def accounts(stage: Stage) -> dict[str, Account]:
    async def look(house: Acting) -> dict[str, Account]:
        return {each.id: each for each in await house.reading.store.accounts(house.context.clock.now())}

    return stage.act(look)


def refusing(stage: Stage, status: int, reason: str, **how: object) -> None:
    """The next upload that begins is refused so."""
    stage.emulator.add_fault(START, "status", status=status, reason=reason, **how)


def starters(stage: Stage) -> list[object]:
    """The accounts in whose names uploads were begun, in order."""
    return [event.facts["account"] for event in stage.requests(START)]


def test_a_burst_is_waited_out_as_long_as_was_asked_on_the_same_account(house: Stage) -> None:
    house.submit(house.rows(1))
    refusing(house, 429, "rateLimitExceeded", retry_after="1", message="Too many per minute.")

    assert 0 == house.work()

    first, second = house.requests(START)
    assert second.at - first.at >= timedelta(seconds=1)
    assert first.facts["account"] == second.facts["account"]
    assert [("rateLimitExceeded", START, 429)] == faults(house)
    assert 1 == len(told(house, "publication.retrying"))
    assert [] == told(house, "quota.bucket_closed")
    assert [] == violations(house, orphans=0)


def test_a_limit_per_day_closes_uploads_until_the_reset_and_nothing_more_is_sent(house: Stage) -> None:
    house.submit(house.rows(2))
    refusing(house, 429, "rateLimitExceeded", message=PER_DAY, count=None)

    assert 0 == house.work()

    reset = QuotaDay.of(house.now).resets
    assert [(reset, "deferred")] * 2 == [(each.due, each.state) for each in house.publications().values()]
    (closed,) = {(event.data["bucket"], event.level) for event in told(house, "quota.bucket_closed")}
    assert ("uploads", "critical") == closed
    # Whichever of the two came second may have met the closed bucket here already.
    assert {("quotaExceeded", START, 429)} == set(faults(house)) - {("hardStop", "", None)}
    assert len(house.requests(START)) <= 2
    assert [] == house.journal("video_completed")


def test_exceeded_units_close_their_bucket_and_the_video_waits_for_its_thumbnail(house: Stage) -> None:
    (row,) = house.rows(1)
    house.submit([row | {"thumbnail": str(films.thumbnail(1))}])
    house.emulator.add_fault(
        "thumbnails.set", "status", status=403, reason="quotaExceeded", domain="youtube.quota", count=None
    )

    assert 0 == house.work()

    reset = QuotaDay.of(house.now).resets
    assert ("processing", reset) == (house.only().state, house.only().due)
    (event,) = told(house, "quota.bucket_closed")
    assert "units" == event.data["bucket"]
    # Looking at its processing costs units as well, and waits too.
    assert [("quotaExceeded", "thumbnails.set", 403), ("hardStop", "", None)] == faults(house)
    assert (1, 1) == (len(house.requests("thumbnails.set")), len(house.journal("video_completed")))


def test_a_thumbnail_too_many_waits_for_a_day_while_the_video_is_published(house: Stage) -> None:
    (row,) = house.rows(1)
    house.submit([row | {"thumbnail": str(films.thumbnail(1))}])
    house.emulator.add_fault("thumbnails.set", "status", status=429, reason="uploadRateLimitExceeded")

    assert 0 == house.work()

    waiting = house.only()
    assert ("published", ["pending"]) == (waiting.state, [extra.state for extra in waiting.extras])
    assert waiting.due is not None
    assert timedelta(hours=23) < waiting.due - house.now <= timedelta(hours=24)
    assert [("uploadRateLimitExceeded", "thumbnails.set", 429)] == faults(house)
    (learned,) = told(house, "account.learned")
    assert ("thumbnail_rate", "exceeded") == (learned.data["topic"], learned.data["value"])
    (left,) = violations(house)
    assert left.startswith("left undone")


def test_exceeded_quota_at_the_start_is_no_reason_to_try_another_account_of_the_project(house: Stage) -> None:
    house.submit(house.rows(1))
    refusing(house, 403, "quotaExceeded", domain="youtube.quota", count=None)

    assert 0 == house.work()

    assert ("deferred", QuotaDay.of(house.now).resets) == (house.only().state, house.only().due)
    assert [("quotaExceeded", START, 403)] == faults(house)
    assert 1 == len(house.requests(START))


def test_a_channel_at_its_limit_is_parked_for_a_day_and_another_takes_the_video(house: Stage) -> None:
    house.submit(house.rows(1))
    refusing(house, 400, "uploadLimitExceeded", domain="youtube.video")

    assert 0 == house.work()

    full, other = starters(house)
    parked = accounts(house)[str(full)].parked_until
    assert full != other
    assert parked is not None
    assert timedelta(hours=23) < parked - house.now <= timedelta(hours=24)
    assert "capped" == accounts(house)[str(full)].condition
    assert [("uploadLimitExceeded", START, 400)] == faults(house)
    assert [] == told(house, "quota.bucket_closed")
    assert [] == violations(house)


def test_a_suspended_channel_is_out_of_service_and_another_takes_the_video(house: Stage) -> None:
    house.submit(house.rows(1))
    refusing(house, 403, "authenticatedUserAccountSuspended")

    assert 0 == house.work()

    gone, other = starters(house)
    assert ("suspended", "active") == (
        accounts(house)[str(gone)].condition,
        accounts(house)[str(other)].condition,
    )
    assert ["critical"] == [event.level for event in told(house, "account.changed") if event.account == gone
                            and event.data.get("condition") == "suspended"]  # fmt: skip
    assert [("accountUnusable", START, 403)] == faults(house)
    assert [] == violations(house)


def test_a_refused_token_is_renewed_once_and_the_upload_begins_again_on_its_account(house: Stage) -> None:
    house.submit(house.rows(1))
    refusing(house, 401, "authError")
    renewed = len(house.journal("token_refreshed"))

    assert 0 == house.work()

    first, second = starters(house)
    assert first == second
    assert renewed + 1 == len(house.journal("token_refreshed"))
    assert "active" == accounts(house)[str(first)].condition
    assert [("authError", START, 401)] == faults(house)
    assert [] == violations(house, orphans=0)


def test_a_forbidden_thumbnail_is_asked_for_once_and_leaves_the_video_published(house: Stage) -> None:
    (row,) = house.rows(1)
    (publication,) = house.submit([row | {"thumbnail": str(films.thumbnail(1))}])
    house.emulator.add_fault("thumbnails.set", "status", status=403, reason="forbidden", count=None)

    assert 0 == house.work()

    assert "published" == house.only().state
    assert 1 == len(house.requests("thumbnails.set"))
    assert ("extra.failed", "warning") in house.levels(publication.id)
    assert [("forbidden", "thumbnails.set", 403)] == faults(house)
    assert {"active"} == {str(each.condition) for each in accounts(house).values()}

    house.emulator.clear_faults()
    mended = house.act(lambda acting: acting.mending.retry_extras(publication.id))

    assert ("published", "done") == (mended.state, mended.extras[0].state)
    assert 1 == len(house.journal("thumbnail_set"))
    assert [] == violations(house)


def test_a_video_that_fails_in_processing_has_failed_and_is_not_uploaded_again(house: Stage) -> None:
    house.submit(house.rows(1))
    house.emulator.add_fault("videos.insert.processing", "processing_failed", reason="codec")

    assert 0 == house.work()

    (event,) = told(house, "publication.processing_failed")
    assert ("failed", "high", "processingFailed") == (house.only().state, event.level, event.data["code"])
    assert "codec" in str(event.data["why"])
    assert (1, 1) == (len(house.requests(START)), len(house.journal("video_completed")))


def test_a_rejected_duplicate_is_one_and_is_not_uploaded_again(house: Stage) -> None:
    house.submit(house.rows(1))
    house.emulator.add_fault("videos.insert.processing", "processing_rejected", reason="duplicate")

    assert 0 == house.work()

    (event,) = told(house, "publication.duplicate")
    assert ("duplicate", "warning", "duplicateUpload") == (
        house.only().state,
        event.level,
        event.data["code"],
    )
    assert 1 == len(house.requests(START))


def test_all_of_them_are_in_the_patterns_and_what_is_vague_is_for_review(house: Stage) -> None:
    house.submit(house.rows(3))
    for status, reason in ((503, "backendError"), (418, "teapot"), (429, "rateLimitExceeded")):
        refusing(house, status, reason, message="Bearer abc.def is not welcome")

    assert 0 == house.work()

    from ytempire.services.error_report import ErrorReports

    async def look(acting: Acting) -> tuple[dict[str, object], list[dict[str, object]]]:
        reports = ErrorReports(acting.reading.store, acting.context.clock)
        return await reports.errors(1), await reports.review()

    found, unknown = house.act(look)
    assert 3 == found["count"]
    assert ["418:teapot:global:videos.insert.start"] == [each["key"] for each in unknown]
    assert "abc.def" not in str(found) + str(unknown)
    ats = [event.at for event in house.requests(START)]
    assert all(earlier <= later for earlier, later in pairwise(ats))
