"""What people and programs are told about quota: today, days gone by, days that are only supposed."""

from datetime import timedelta
from typing import Any

from tests.builders import FIRST, MAIN, NOW, SECOND, TODAY
from tests.services.house import House, two_accounts
from ytempire.domain.quota import BUCKETS_2026, UNITS_2025, Bucket, Method, Price
from ytempire.domain.quota_day import QuotaDay
from ytempire.ports import Closing
from ytempire.services.quota_report import QuotaReports, of_profile

USUAL = (Method.VIDEOS_INSERT, Method.THUMBNAILS_SET)


def reports(house: House) -> QuotaReports:
    return QuotaReports(
        house.store,
        house.clock,
        {MAIN: BUCKETS_2026},
        {MAIN: BUCKETS_2026.limits},
        USUAL,
        "thumbnail",
    )


async def charge(house: House, bucket: Bucket, units: int, *, minutes_ago: int = 0) -> None:
    at = NOW - timedelta(minutes=minutes_ago)
    assert await house.store.charge(MAIN, Price(bucket, units), QuotaDay.of(at), at=at, account=FIRST)


def bucket_of(document: dict[str, Any], bucket: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in document["buckets"] if each["bucket"] == bucket)
    return found


async def test_today_tells_the_pace_and_where_it_leads(house: House) -> None:
    await charge(house, Bucket.UNITS, 1_000, minutes_ago=60)
    await charge(house, Bucket.UNITS, 6_500)

    units = bucket_of(await reports(house).today(), "units")

    assert (7_500, 75.0, "yellow", None) == (units["used"], units["percent"], units["colour"], units["drift"])
    assert (7_500.0, "2026-11-20T18:12:00Z") == (units["per_hour"], units["empty_at"])
    assert 75.0 + 14 * 75.0 == units["percent_at_reset"]


async def test_an_untouched_bucket_is_green_and_lasts(house: House) -> None:
    searches = bucket_of(await reports(house).today(), "searches")

    assert ("green", 0.0, None, 0.0) == tuple(
        searches[name] for name in ("colour", "per_hour", "empty_at", "percent_at_reset")
    )


async def test_today_tells_how_many_uploads_are_still_possible(house: House) -> None:
    caps = sum(each.daily_uploads for each in house.accounts)
    document: dict[str, Any] = await reports(house).today()
    assert {
        "project": MAIN,
        "uploads": min(80, caps),
        "by_quota": 80,
        "by_accounts": caps,
        "more_on_reserves": 0,
    } == (document["projects"][0])

    await charge(house, Bucket.UNITS, 7_900)
    document = await reports(house).today()

    assert (2, "thumbnail") == (document["uploads_possible"], document["usual_extras"])


async def test_each_account_tells_its_share_of_the_day() -> None:
    house = await two_accounts()
    await house.finish((await house.submit()).id)
    await charge(house, Bucket.UNITS, 250)

    document: dict[str, Any] = await reports(house).today()
    shares = {each["account"]: each for each in document["accounts"]}

    assert {FIRST, SECOND} == set(shares)
    assert (250, 2.5) == (shares[FIRST]["units"], shares[FIRST]["percent_of_project"])
    assert 1 == sum(each["uploads_today"] for each in shares.values())


async def test_history_is_newest_first_and_tells_closings_with_their_drift(house: House) -> None:
    await charge(house, Bucket.UNITS, 7, minutes_ago=24 * 60)
    await charge(house, Bucket.UNITS, 8, minutes_ago=2 * 24 * 60)
    await charge(house, Bucket.UPLOADS, 40)
    await house.store.close_bucket(Closing(MAIN, Bucket.UPLOADS, TODAY, "per day"), ())

    found: list[dict[str, Any]] = list(await reports(house).history(2))

    assert [(str(TODAY), "uploads", 40), ("2026-11-19", "units", 7)] == [
        (each["day"], each["bucket"], each["used"]) for each in found
    ]
    assert ("per day", 60, "red") == (found[0]["closed"], found[0]["drift"], found[0]["colour"])


async def test_a_supposed_day_tells_what_it_costs_and_what_would_carry_it(house: House) -> None:
    document: dict[str, Any] = reports(house).what_if(200, USUAL, {Bucket.UPLOADS: 300})

    assert (False, 160, ["videos.insert", "thumbnails.set"]) == (
        document["fits"], document["room"], document["requests"]
    )  # fmt: skip
    (project,) = document["projects"]
    assert (MAIN, "buckets-2026", "units", 160) == tuple(
        project[name] for name in ("project", "profile", "binding", "room")
    )
    units = bucket_of(project, "units")
    assert (50, 10_000, 12_500, False) == (
        units["each"], units["total"], units["limit_needed"], units["fits"]
    )  # fmt: skip


def test_a_supposed_project_has_the_limits_of_its_price_list() -> None:
    document: dict[str, Any] = of_profile(5, (Method.VIDEOS_INSERT,), UNITS_2025, {})

    assert (True, 5, None) == (document["fits"], document["room"], document["projects"][0]["project"])
    assert not of_profile(5, (Method.VIDEOS_INSERT,), UNITS_2025, {Bucket.UNITS: 3_000})["fits"]
