"""What the store promises about crossings, drift, pace and shares: told once, with the charge that did it."""

import asyncio
from datetime import timedelta

import pytest

from tests.builders import (
    FIRST,
    MAIN,
    NOW,
    SECOND,
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
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.pace import Pace, hour_of
from ytempire.domain.quota import Bucket, Cost, Price
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import ProjectId
from ytempire.ports import Closing, Settlement, Store

WORK, READ = Price(Bucket.UNITS, 1), Price(Bucket.UNITS, 1, overhead=True)
HOUR = hour_of(NOW)
TOMORROW = QuotaDay.of(NOW + timedelta(days=1))


async def crossings(store: Store) -> list[Event]:
    return [event for _, event in await store.events() if event.kind is Kind.QUOTA_THRESHOLD]


async def percents(store: Store) -> list[object]:
    return [event.data["percent"] for event in await crossings(store)]


async def spend(store: Store, units: int, *, overhead: bool = False, day: QuotaDay = TODAY) -> None:
    assert await store.charge(MAIN, Price(Bucket.UNITS, units, overhead), day, at=NOW)


@pytest.mark.parametrize("overhead", [True, False])
async def test_each_line_is_told_when_it_is_reached_and_once(store: Store, overhead: bool) -> None:
    await set_up(store, project=a_project(units=100))
    price = READ if overhead else WORK

    for units in range(1, 91):
        assert await store.charge(MAIN, price, TODAY, at=NOW + timedelta(seconds=units))
    assert not await store.charge(MAIN, price, TODAY, at=NOW)

    told = await crossings(store)
    assert [70, 80, 90] == [event.data["percent"] for event in told]
    assert [70, 80, 90] == [event.data["used"] for event in told]
    assert [Level.INFO, Level.WARNING, Level.CRITICAL] == [event.level for event in told]
    assert [NOW + timedelta(seconds=units) for units in (70, 80, 90)] == [event.at for event in told]
    assert {MAIN} == {event.project for event in told}
    assert {("units", str(TODAY), 100)} == {
        (event.data["bucket"], event.data["day"], event.data["limit"]) for event in told
    }


async def test_work_and_reads_are_counted_together_and_promises_are_not(store: Store) -> None:
    await set_up(store, project=a_project(units=100))
    publication = uploading(await submitted(store))
    assert await store.reserve(publication, Cost({Bucket.UNITS: 20}), ())

    await spend(store, 40)
    await spend(store, 29, overhead=True)
    assert [] == await crossings(store)

    assert await store.charge(MAIN, WORK, TODAY, publication.id, at=NOW)
    assert [70] == await percents(store)


async def test_one_charge_over_several_lines_is_told_once_at_the_highest(store: Store) -> None:
    await set_up(store, project=a_project(units=100))

    await spend(store, 85)

    (event,) = await crossings(store)
    assert (80, [70, 80]) == (event.data["percent"], event.data["crossed"])


async def test_a_refund_and_a_charge_do_not_tell_a_line_twice(store: Store) -> None:
    await set_up(store, project=a_project(units=100))
    await spend(store, 80)
    for _ in range(3):
        await store.refund(MAIN, WORK, TODAY)
        await spend(store, 1)

    assert [80] == await percents(store)


async def test_a_refused_charge_tells_nothing(store: Store) -> None:
    await set_up(store, project=a_project(units=100))
    await spend(store, 69)

    assert not await store.charge(MAIN, Price(Bucket.UNITS, 22), TODAY, at=NOW, account=FIRST)

    assert [] == await crossings(store)
    assert {} == await store.spent(TODAY)
    assert 69 == (await line_of(store, Bucket.UNITS)).used


async def test_projects_buckets_and_days_are_told_each_for_itself(store: Store) -> None:
    other = ProjectId("other")
    await store.configure([a_project(units=100), a_project(other, units=100)], [], NOW)
    for project, day in ((MAIN, TODAY), (MAIN, TOMORROW), (other, TODAY)):
        assert await store.charge(project, Price(Bucket.UNITS, 75), day, at=NOW)
    assert await store.charge(MAIN, Price(Bucket.UPLOADS, 75), TODAY, at=NOW)

    assert [
        (MAIN, "units", str(TODAY)),
        (MAIN, "units", str(TOMORROW)),
        (other, "units", str(TODAY)),
        (MAIN, "uploads", str(TODAY)),
    ] == [(each.project, each.data["bucket"], each.data["day"]) for each in await crossings(store)]


async def test_a_changed_limit_is_judged_anew_and_the_same_one_is_not(store: Store) -> None:
    await set_up(store, project=a_project(units=100))
    await spend(store, 80)

    await set_up(store, project=a_project(units=100))
    await spend(store, 1)
    assert [80] == await percents(store)

    await set_up(store, project=a_project(units=200))
    await spend(store, 58)
    assert [80] == await percents(store)
    await spend(store, 1)
    assert [80, 70] == await percents(store)


async def test_a_line_of_few_units_tells_what_can_be_reached(store: Store) -> None:
    await set_up(store, project=a_project(units=9))
    for _ in range(8):
        assert await store.charge(MAIN, WORK, TODAY, at=NOW)
    assert not await store.charge(MAIN, WORK, TODAY, at=NOW)

    assert [70, 80, 90] == await percents(store)


async def test_64_charges_at_once_over_two_lines_tell_each_once(store: Store) -> None:
    await set_up(store, project=a_project(units=100))
    await spend(store, 75)

    answers = await asyncio.gather(*(store.charge(MAIN, READ, TODAY, at=NOW) for _ in range(64)))

    assert 15 == sum(answers)
    assert [70, 80, 90] == await percents(store)


# ---------------------------------------------------------------------------------------------------- drift


def closing(why: str) -> Closing:
    return Closing(MAIN, Bucket.UNITS, TODAY, why, an_event(Kind.BUCKET_CLOSED, data={"why": why}))


async def test_a_closing_tells_the_drift_once_and_the_line_shows_it(store: Store) -> None:
    await set_up(store, project=a_project(units=100))
    await spend(store, 30)
    await spend(store, 2, overhead=True)
    publication = await submitted(store)

    first = await store.settle(Settlement(publication, closings=(closing("first"),)))
    assert first is not None
    await store.settle(Settlement(first, closings=(closing("second"),)))
    await store.close_bucket(closing("third"), ())

    (event,) = [each for _, each in await store.events() if each.kind is Kind.BUCKET_CLOSED]
    assert {"why": "first", "used": 32, "limit": 100, "drift": 68} == event.data
    assert 68 == (await line_of(store, Bucket.UNITS)).drift


async def test_a_closing_of_a_bucket_that_nobody_has_tells_nothing(store: Store) -> None:
    await store.configure([], [], NOW)

    await store.close_bucket(closing("why"), ())

    assert () == await store.events()


# ------------------------------------------------------------------------------------------- pace and shares


async def test_the_pace_is_kept_by_bucket_and_hour_and_taken_back_by_a_refund(store: Store) -> None:
    await set_up(store)
    assert {} == await store.paces(TODAY)

    await spend(store, 50)
    await spend(store, 1, overhead=True)
    assert {(MAIN, Bucket.UNITS): Pace(HOUR, 51, 0)} == await store.paces(TODAY)

    for later, units in ((1, 7), (1, 2)):
        at = NOW + timedelta(hours=later)
        assert await store.charge(MAIN, Price(Bucket.UNITS, units), TODAY, at=at)
    assert Pace(HOUR + 1, 9, 51) == (await store.paces(TODAY))[MAIN, Bucket.UNITS]

    await store.refund(MAIN, Price(Bucket.UNITS, 4), TODAY)
    assert Pace(HOUR + 1, 5, 51) == (await store.paces(TODAY))[MAIN, Bucket.UNITS]
    await store.refund(MAIN, Price(Bucket.UNITS, 6), TODAY)
    assert Pace(HOUR + 1, 0, 51) == (await store.paces(TODAY))[MAIN, Bucket.UNITS]

    assert await store.charge(MAIN, WORK, TODAY, at=NOW + timedelta(hours=9))
    assert Pace(HOUR + 9, 1, 0) == (await store.paces(TODAY))[MAIN, Bucket.UNITS]
    assert {} == await store.paces(TOMORROW)


async def test_units_of_work_count_for_their_account(store: Store) -> None:
    await set_up(store, rules(FIRST), rules(SECOND))
    publication = uploading(await submitted(store))
    assert await store.reserve(publication, Cost({Bucket.UPLOADS: 1, Bucket.UNITS: 100}), ())

    for price in (Price(Bucket.UPLOADS, 1), Price(Bucket.UNITS, 50), Price(Bucket.UNITS, 50), READ):
        assert await store.charge(MAIN, price, TODAY, publication.id, at=NOW, account=FIRST)
    assert await store.charge(MAIN, Price(Bucket.UNITS, 50), TODAY, at=NOW)
    assert await store.charge(MAIN, Price(Bucket.UNITS, 50), TOMORROW, at=NOW, account=SECOND)
    assert ({FIRST: 100}, {SECOND: 50}) == (await store.spent(TODAY), await store.spent(TOMORROW))

    await store.refund(MAIN, Price(Bucket.UNITS, 50), TODAY, account=FIRST)
    await store.refund(MAIN, Price(Bucket.UNITS, 50), TOMORROW, account=SECOND)
    assert ({FIRST: 50}, {}) == (await store.spent(TODAY), await store.spent(TOMORROW))
    assert [1, 0] == [each.uploads_today for each in await store.accounts(NOW)]


async def test_the_ledger_of_days_gone_by_is_told_in_order_and_without_what_is_not_configured(
    store: Store,
) -> None:
    other = ProjectId("other")
    await store.configure([a_project(), a_project(other)], [rules()], NOW)
    await activate(store, FIRST)
    yesterday, before = (QuotaDay.of(NOW - timedelta(days=days)) for days in (1, 2))
    for day in (TODAY, yesterday, before):
        await spend(store, 7, day=day)
    assert await store.charge(other, WORK, TODAY, at=NOW)
    assert await store.charge(MAIN, Price(Bucket.UPLOADS, 3), yesterday, at=NOW)

    expected = (
        a_line(day=yesterday, used=7),
        a_line(Bucket.UPLOADS, 100, day=yesterday, used=3),
        a_line(used=7),
    )
    both = await store.ledger_since(yesterday)
    assert (*expected, a_line(project=other, used=1)) == both

    await store.configure([a_project()], [rules()], NOW)
    assert expected == await store.ledger_since(yesterday)
