"""What the store promises about the quota ledger: nothing beyond the hard stop, on days of any length."""

import asyncio
from datetime import date, datetime, timedelta

import pytest

from tests.builders import (
    FIRST,
    MAIN,
    NOW,
    TODAY,
    a_line,
    a_project,
    activate,
    an_event,
    line_of,
    rules,
    set_up,
    submitted,
    uploading,
)
from ytempire.domain.events import Kind
from ytempire.domain.publication import Publication
from ytempire.domain.quota import PROFILES, Bucket, Cost, LedgerLine, Price, Profile
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import ProjectId
from ytempire.ports import Closing, Settlement, Store

WRITE = Price(Bucket.UNITS, 50)
READ = Price(Bucket.UNITS, 1, overhead=True)
SPRING = QuotaDay(date(2026, 3, 8))
AUTUMN = QuotaDay(date(2026, 11, 1))


async def started(store: Store, units: int, which: str = "pub_1", day: QuotaDay = TODAY) -> Publication:
    publication = uploading(await submitted(store, which), day=day)
    granted = await store.reserve(publication, Cost({Bucket.UNITS: units}), ())
    assert granted is not None
    return granted


async def units(store: Store, day: QuotaDay = TODAY) -> tuple[int, int, int]:
    """Used, overhead and reserved units of a day."""
    line = await line_of(store, Bucket.UNITS, day)
    return line.used, line.overhead, line.reserved


async def test_the_ledger_shows_every_bucket_of_every_project_also_untouched(store: Store) -> None:
    await store.configure(
        [a_project(ProjectId("zeta"), PROFILES["units-2025"]), a_project(uploads=250)], [], NOW
    )

    expected = (
        a_line(Bucket.SEARCHES, 100),
        a_line(Bucket.UNITS, 10_000),
        a_line(Bucket.UPLOADS, 250),
        LedgerLine(ProjectId("zeta"), Bucket.UNITS, TODAY, 10_000),
    )
    assert expected == await store.ledger(TODAY)


async def test_a_changed_limit_holds_for_the_current_day_and_not_before(store: Store) -> None:
    await set_up(store)
    yesterday = QuotaDay.of(NOW - timedelta(days=1))
    for day in (TODAY, yesterday):
        assert await store.charge(MAIN, WRITE, day, at=NOW)

    await set_up(store, project=a_project(units=20_000))

    assert a_line(limit=20_000, used=50) == await line_of(store, Bucket.UNITS)
    assert a_line(day=yesterday, used=50) == await line_of(store, Bucket.UNITS, yesterday)


async def test_a_project_that_is_no_longer_configured_is_left_out_but_not_forgotten(store: Store) -> None:
    await set_up(store)
    assert await store.charge(MAIN, WRITE, TODAY, at=NOW)

    await store.configure([], [], NOW)
    assert () == await store.ledger(TODAY)
    assert not await store.charge(MAIN, WRITE, TODAY, at=NOW)

    await store.configure([a_project()], [], NOW)
    assert (50, 0, 0) == await units(store)


async def test_a_read_is_overhead_and_work_is_used(store: Store) -> None:
    await set_up(store)

    assert await store.charge(MAIN, READ, TODAY, at=NOW)
    assert await store.charge(MAIN, WRITE, TODAY, at=NOW)

    assert (50, 1, 0) == await units(store)


async def test_work_is_taken_from_its_reservation(store: Store) -> None:
    await set_up(store)
    publication = await started(store, 120)

    assert await store.charge(MAIN, WRITE, TODAY, publication.id, at=NOW)

    assert (50, 0, 70) == await units(store)


async def test_work_beyond_its_reservation_is_charged_on_top(store: Store) -> None:
    await set_up(store)
    publication = await started(store, 60)

    assert await store.charge(MAIN, WRITE, TODAY, publication.id, at=NOW)
    assert await store.charge(MAIN, WRITE, TODAY, publication.id, at=NOW)
    assert (100, 0, 0) == await units(store)

    await store.settle(Settlement(publication, release=True))
    assert (100, 0, 0) == await units(store)


async def test_reads_of_a_publication_leave_its_reservation_alone(store: Store) -> None:
    await set_up(store)
    publication = await started(store, 50)

    assert await store.charge(MAIN, READ, TODAY, publication.id, at=NOW)

    assert (0, 1, 50) == await units(store)
    await store.settle(Settlement(publication, release=True))
    assert (0, 1, 0) == await units(store)


@pytest.mark.parametrize("other", ["day", "project", "bucket"])
async def test_a_reservation_pays_only_for_its_own_project_day_and_bucket(store: Store, other: str) -> None:
    elsewhere = ProjectId("other")
    await store.configure([a_project(), a_project(elsewhere)], [rules()], NOW)
    await activate(store, FIRST)
    publication = await started(store, 50)
    project = elsewhere if other == "project" else MAIN
    day = QuotaDay.of(NOW + timedelta(days=1)) if other == "day" else TODAY
    price = Price(Bucket.UPLOADS, 1) if other == "bucket" else WRITE

    assert await store.charge(project, price, day, publication.id, at=NOW)

    assert (0, 0, 50) == await units(store)
    line = await line_of(store, price.bucket, day, project)
    assert (price.units, 0) == (line.used, line.reserved)
    await store.settle(Settlement(publication, release=True))
    assert (0, 0, 0) == await units(store)


async def test_after_a_release_work_is_charged_like_any_other(store: Store) -> None:
    await set_up(store)
    publication = await started(store, 50)
    await store.settle(Settlement(publication, release=True))

    assert await store.charge(MAIN, WRITE, TODAY, publication.id, at=NOW)

    assert (50, 0, 0) == await units(store)


@pytest.mark.parametrize("overhead", [True, False])
async def test_nothing_is_charged_beyond_the_hard_stop(store: Store, overhead: bool) -> None:
    await set_up(store)
    assert await store.charge(MAIN, Price(Bucket.UNITS, 8_999), TODAY, at=NOW)

    assert not await store.charge(MAIN, Price(Bucket.UNITS, 2, overhead), TODAY, at=NOW)
    assert (8_999, 0, 0) == await units(store)
    assert await store.charge(MAIN, Price(Bucket.UNITS, 1, overhead), TODAY, at=NOW)
    assert not await store.charge(MAIN, Price(Bucket.UNITS, 1, overhead), TODAY, at=NOW)
    assert 9_000 == (await line_of(store, Bucket.UNITS)).total


async def test_what_is_reserved_is_kept_free_for_its_owner(store: Store) -> None:
    await set_up(store)
    publication = await started(store, 8_000)
    assert await store.charge(MAIN, Price(Bucket.UNITS, 1_000, overhead=True), TODAY, at=NOW)

    assert not await store.charge(MAIN, READ, TODAY, at=NOW)
    assert not await store.charge(MAIN, READ, TODAY, publication.id, at=NOW)
    assert not await store.charge(MAIN, Price(Bucket.UNITS, 8_001), TODAY, publication.id, at=NOW)
    assert (0, 1_000, 8_000) == await units(store)
    assert await store.charge(MAIN, Price(Bucket.UNITS, 8_000), TODAY, publication.id, at=NOW)
    assert (8_000, 1_000, 0) == await units(store)


async def test_unknown_projects_and_buckets_without_a_limit_are_never_free(store: Store) -> None:
    await set_up(store, project=a_project(profile=PROFILES["units-2025"]))

    assert not await store.charge(ProjectId("nowhere"), READ, TODAY, at=NOW)
    assert not await store.charge(MAIN, Price(Bucket.UPLOADS, 1), TODAY, at=NOW)


async def test_a_closed_bucket_refuses_everything_even_what_is_reserved(store: Store) -> None:
    await set_up(store)
    publication = await started(store, 50)
    event = an_event(Kind.BUCKET_CLOSED, project=MAIN)

    await store.close_bucket(Closing(MAIN, Bucket.UNITS, TODAY, "quotaExceeded"), [event])

    assert not await store.charge(MAIN, READ, TODAY, at=NOW)
    assert not await store.charge(MAIN, WRITE, TODAY, publication.id, at=NOW)
    assert a_line(reserved=50, closed="quotaExceeded") == await line_of(store, Bucket.UNITS)
    assert [event] == [each for _, each in await store.events()]


async def test_the_first_reason_of_a_closing_stays(store: Store) -> None:
    await set_up(store)

    for why in ("first", "second"):
        await store.close_bucket(Closing(MAIN, Bucket.UNITS, TODAY, why), ())

    assert "first" == (await line_of(store, Bucket.UNITS)).closed


async def test_a_closing_holds_for_its_bucket_and_day_alone(store: Store) -> None:
    await set_up(store)

    await store.close_bucket(Closing(MAIN, Bucket.UNITS, TODAY, "why"), ())

    assert await store.charge(MAIN, Price(Bucket.SEARCHES, 1, overhead=True), TODAY, at=NOW)
    assert await store.charge(MAIN, WRITE, QuotaDay.of(NOW + timedelta(days=1)), at=NOW)


async def test_a_settlement_closes_buckets(store: Store) -> None:
    await set_up(store)
    publication = await submitted(store)

    closing = Closing(MAIN, Bucket.UPLOADS, TODAY, "per day")
    await store.settle(Settlement(publication, closings=(closing,)))

    assert a_line(Bucket.UPLOADS, 100, closed="per day") == await line_of(store, Bucket.UPLOADS)


async def test_a_reservation_in_a_closed_bucket_can_still_be_released(store: Store) -> None:
    await set_up(store)
    publication = await started(store, 50)
    closing = Closing(MAIN, Bucket.UNITS, TODAY, "why")

    await store.settle(Settlement(publication, release=True, closings=(closing,)))

    assert a_line(closed="why") == await line_of(store, Bucket.UNITS)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
@pytest.mark.parametrize("overhead", [True, False])
async def test_64_charges_at_the_last_units_stop_exactly_at_the_hard_stop(
    store: Store, profile: Profile, overhead: bool
) -> None:
    await set_up(store, project=a_project(profile=profile))
    for bucket in profile.limits:
        line = await line_of(store, bucket)
        assert await store.charge(MAIN, Price(bucket, line.hard_stop - 7), TODAY, at=NOW)

        price = Price(bucket, 1, overhead)
        answers = await asyncio.gather(*(store.charge(MAIN, price, TODAY, at=NOW) for _ in range(64)))

        assert 7 == sum(answers)
        assert line.hard_stop == (await line_of(store, bucket)).total


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25)], ids=["spring", "autumn"])
async def test_a_day_of_23_or_25_hours_is_one_day_of_quota(store: Store, day: QuotaDay, hours: int) -> None:
    await set_up(store, rules(daily_uploads=hours + 1), project=a_project(uploads=50), now=day.starts)
    one = Cost({Bucket.UPLOADS: 1})

    async def upload_at(moment: datetime, which: str) -> bool:
        waiting = await submitted(store, which)
        publication = uploading(waiting, day=QuotaDay.of(moment), updated_at=moment)
        return await store.reserve(publication, one, ()) is not None

    hourly = [day.starts + timedelta(hours=hour) for hour in range(hours)]
    assert all([await upload_at(moment, f"pub_{n:02}") for n, moment in enumerate(hourly)])
    assert await upload_at(day.resets - timedelta(microseconds=1), "pub_last")
    assert not await upload_at(day.resets - timedelta(microseconds=1), "pub_over")
    assert await upload_at(day.resets, "pub_next")

    assert hours + 1 == (await line_of(store, Bucket.UPLOADS, day)).reserved
    assert 1 == (await line_of(store, Bucket.UPLOADS, QuotaDay.of(day.resets))).reserved
    assert [hours + 1, 1] == [
        (await store.accounts(moment))[0].uploads_today
        for moment in (day.resets - timedelta(microseconds=1), day.resets)
    ]


async def test_a_refund_takes_work_back_into_its_reservation(store: Store) -> None:
    await set_up(store)
    publication = await started(store, 100)
    before = await store.ledger(TODAY)

    assert await store.charge(MAIN, WRITE, TODAY, publication.id, at=NOW)
    assert before != await store.ledger(TODAY)
    await store.refund(MAIN, WRITE, TODAY, publication.id)

    assert before == await store.ledger(TODAY)
    assert await store.charge(MAIN, WRITE, TODAY, publication.id, at=NOW)


async def test_a_refund_takes_reads_and_the_work_of_nobody_back(store: Store) -> None:
    await set_up(store)
    for price in (WRITE, READ):
        assert await store.charge(MAIN, price, TODAY, at=NOW)
        await store.refund(MAIN, price, TODAY)

    assert (0, 0, 0) == await units(store)
