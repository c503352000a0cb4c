"""The checklist over a store: facts become points, the result is kept, told and made once a day."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.builders import FIRST, MAIN, NOW, SECOND, TODAY, a_publication, account_of, an_event, rules
from tests.services.desk import LOUD
from tests.services.house import House, a_house
from ytempire.adapters.memory.notifier import MemoryNotifier
from ytempire.domain.accounts import Condition, Kind
from ytempire.domain.alert_rules import trouble
from ytempire.domain.alerts import Target
from ytempire.domain.checklist import Rules
from ytempire.domain.events import Event
from ytempire.domain.events import Kind as EventKind
from ytempire.domain.faults import Level
from ytempire.domain.lifecycle import State
from ytempire.domain.planning import Shape
from ytempire.domain.quota import Bucket, Price
from ytempire.domain.reserves import Policy
from ytempire.domain.values import AccountId
from ytempire.ports import AccountChange, Closing
from ytempire.services.alerting import Alerting
from ytempire.services.checklist import Checklist
from ytempire.services.history import happened
from ytempire.services.planning import Planning, PlanRules

RESERVE = AccountId("account_03")
DAY = timedelta(days=1)
OPS = Target("ops", LOUD)
MADE = date(2026, 11, 20)


@pytest.fixture
async def house() -> House:
    """Two production accounts and a reserve; one video has arrived."""
    made = await a_house(rules(FIRST), rules(SECOND), rules(RESERVE, kind=Kind.RESERVE))
    await stands(made, RESERVE, Condition.STANDBY)
    sent = await made.submit()
    await made.finish(sent.id)
    for each in (FIRST, SECOND, RESERVE):
        await made.connect(each)
        await stands(made, each, Condition.STANDBY if each == RESERVE else Condition.ACTIVE)
    return made


async def stands(house: House, account: AccountId, condition: Condition) -> None:
    await house.store.change_account(
        AccountChange(account, "a test", "test", condition), house.clock.now(), ()
    )


def checklist(house: House, **changes: object) -> Checklist:
    zone = ZoneInfo("America/Los_Angeles")
    profiles = {MAIN: house.profile}
    plan = PlanRules(zone, (Shape("day", 0, 24 * 60, 50),), timedelta(minutes=1))
    made = Checklist(
        store=house.store,
        clock=house.clock,
        planning=Planning(house.store, house.store, house.clock, profiles, plan),
        profiles=profiles,
        rules=Rules(6 * 60, zone, 7 * DAY, 1),
        policy=Policy.STANDBY,
        targets=(OPS,),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # what a test names


async def found(house: House, **changes: object) -> tuple[list[object], list[object]]:
    """The points that fail and those that are not known."""
    document = await checklist(house, **changes).made()
    failed, unknown = document["failed"], document["unknown"]
    assert isinstance(failed, list)
    assert isinstance(unknown, list)
    assert (not failed) is document["passed"]
    return failed, unknown


async def test_a_healthy_house_passes_every_point(house: House) -> None:
    assert ([], []) == await found(house)


async def test_a_house_that_has_done_nothing_yet_cannot_be_judged_by_its_work() -> None:
    fresh = await a_house(rules(FIRST))

    assert (
        [],
        ["upload_success", "fallback_rate", "accounts", "quota_patterns", "fallback_chain"],
    ) == await found(fresh)


async def reserve_is_paused(house: House) -> None:
    await stands(house, RESERVE, Condition.PAUSED)


async def grant_is_dead(house: House) -> None:
    await stands(house, FIRST, Condition.NEEDS_REAUTH)


async def bucket_is_full(house: House) -> None:
    assert await house.store.charge(MAIN, Price(Bucket.UNITS, 8_000), TODAY, at=NOW)


async def bucket_is_closed(house: House) -> None:
    await house.store.close_bucket(Closing(MAIN, Bucket.UPLOADS, TODAY, "quotaExceeded"), ())


async def production_is_paused(house: House) -> None:
    for each in (FIRST, SECOND):
        await stands(house, each, Condition.PAUSED)


async def answer_is_unknown(house: House) -> None:
    data = {"status": 418, "reason": "teapot", "step": "insert", "code": "unknown"}
    await house.store.record([an_event(EventKind.FAULT_UNKNOWN, data=data)])


async def queue_does_not_fit(house: House) -> None:
    for number in range(90):
        waiting = a_publication(f"pub_{number}", state=State.QUEUED)
        await house.store.submit(waiting, waiting.id, ())


async def upload_is_held(house: House) -> None:
    await house.store.record([an_event(EventKind.HELD, publication=a_publication().id)])


async def upload_fell_back(house: House) -> None:
    arrived = an_event(EventKind.UPLOADED, publication=a_publication().id, account=RESERVE)
    await house.store.record([arrived])


async def target_is_dead(house: House) -> None:
    told = Event(EventKind.DELIVERY_FAILED, NOW, Level.HIGH, data={"target": "ops"})
    await house.store.record([told])
    await alerting(house).round()
    assert await house.store.alert_is_open(trouble("ops"))


def alerting(house: House) -> Alerting:
    return Alerting(house.store, house.clock, MemoryNotifier(), (OPS,))


SICK: list[tuple[Callable[[House], Awaitable[None]], set[str]]] = [
    (reserve_is_paused, {"accounts", "fallback_chain"}),
    (grant_is_dead, {"health", "tokens", "accounts", "token_check"}),
    (bucket_is_full, {"quota"}),
    (bucket_is_closed, {"quota_patterns"}),
    (production_is_paused, {"fallback_chain"}),
    (target_is_dead, {"fallback_chain"}),
    (answer_is_unknown, {"error_patterns"}),
    (queue_does_not_fit, {"rotation"}),
    (upload_is_held, {"upload_success"}),
    (upload_fell_back, {"fallback_rate"}),
]


@pytest.mark.parametrize(("prepare", "expected"), SICK, ids=[each.__name__ for each, _ in SICK])
async def test_a_sick_house_is_told_by_its_sick_point(
    house: House, prepare: Callable[[House], Awaitable[None]], expected: set[str]
) -> None:
    await prepare(house)

    failed, _ = await found(house)

    assert expected == set(failed)


async def test_a_token_that_ran_out_is_not_known_and_one_that_was_erased_is_not_valid(house: House) -> None:
    house.clock.advance(timedelta(hours=2))
    assert ([], ["token_check"]) == await found(house)

    account = await account_of(house.store, FIRST, house.clock.now())
    await house.staff().disconnecting.disconnect(account, "a test")

    failed, _ = await found(house)
    assert {"health", "tokens", "accounts", "token_check"} == set(failed)


async def test_a_grant_whose_end_has_come_is_not_valid(house: House) -> None:
    stored = await house.store.grant(FIRST)
    assert stored is not None
    ended = replace(stored, ends_at=house.clock.now(), revision=stored.revision + 1)
    assert await house.store.save_grant(ended, stored.revision, ())

    failed, _ = await found(house)

    assert {"tokens", "token_check"} <= set(failed)


async def test_a_grant_that_was_put_in_quarantine_is_not_valid(house: House) -> None:
    stored = await house.store.grant(FIRST)
    assert stored is not None
    bad = replace(stored, unusable="it was altered", revision=stored.revision + 1)
    assert await house.store.save_grant(bad, stored.revision, ())

    document = await checklist(house).made()

    points = document["points"]
    assert isinstance(points, list)
    assert f"{FIRST}: it was altered" == points[2]["why"]


async def test_reserves_that_work_every_day_are_no_fallback(house: House) -> None:
    await upload_fell_back(house)

    failed, _ = await found(house, policy=Policy.DAILY)

    assert [] == failed


async def test_a_queue_that_is_not_due_in_the_day_needs_no_place(house: House) -> None:
    request = replace(a_publication().request, not_before=NOW + 9 * DAY)
    waiting = a_publication(request=request)
    await house.store.submit(waiting, waiting.id, ())

    assert ([], []) == await found(house)


async def test_the_result_is_kept_for_its_day_and_the_last_one_counts(house: House) -> None:
    assert await checklist(house).kept(MADE) is None
    await checklist(house).made()
    await bucket_is_full(house)

    made = await checklist(house).made()

    assert made == await checklist(house).kept(MADE)
    assert ["quota"] == made["failed"]
    (passed,) = await house.events(EventKind.CHECKLIST_PASSED)
    (failed,) = await house.events(EventKind.CHECKLIST_FAILED)
    assert (Level.INFO, Level.HIGH) == (passed.level, failed.level)
    assert "2026-11-20" == failed.data["day"]
    assert "'before': None" in str(failed.data["failed"])
    assert "quota usage: 80" in str(failed.data["why"])


# ------------------------------------------------------------------------------------------------ on schedule


async def test_it_is_made_once_a_day_and_not_on_the_first_look(house: House) -> None:
    made = []
    for _ in range(4 * 24):
        made.append(await checklist(house).round())
        house.clock.advance(timedelta(hours=1))

    assert (4, False) == (sum(made), made[0])
    results = await house.events(EventKind.CHECKLIST_PASSED) + await house.events(EventKind.CHECKLIST_FAILED)
    assert {14} == {each.at.hour for each in results}


async def test_of_many_workers_one_makes_it(house: House) -> None:
    await checklist(house).round()
    house.clock.advance(DAY)

    made = await asyncio.gather(*(checklist(house).round() for _ in range(5)))

    assert 1 == sum(made)


async def test_who_was_second_to_the_lease_finds_it_made(house: House) -> None:
    await checklist(house).round()
    house.clock.advance(DAY)
    assert await house.store.take_lease(
        "checklist.scheduled", "other", house.clock.now(), house.clock.now() + DAY
    )
    assert not await checklist(house).round()

    await house.store.drop_lease("checklist.scheduled", "other")

    assert [True, False] == [await checklist(house).round(), await checklist(house).round()]


# ----------------------------------------------------------------------------------------------------- alerts


async def test_a_failing_point_is_told_once_a_day_until_it_passes(house: House) -> None:
    notifier = MemoryNotifier()
    alerts = Alerting(house.store, house.clock, notifier, (OPS,))
    await reserve_is_paused(house)
    for _ in range(2):
        for _ in range(2):
            await checklist(house).made()
            await alerts.round()
        house.clock.advance(DAY)
    await stands(house, RESERVE, Condition.STANDBY)

    await checklist(house).made()
    await alerts.round()

    told = [each.title for each in notifier.told["ops"] if "accounts" in each.title]
    assert [
        "high: the checklist of 2026-11-20 fails: check all accounts and reserves",
        "high: the checklist of 2026-11-21 fails: check all accounts and reserves",
        "resolved: the checklist of 2026-11-21 fails: check all accounts and reserves",
    ] == told
    assert [] == [
        each.key for each in await house.store.alerts() if each.key.startswith("checklist:accounts")
    ]


async def test_a_point_that_was_not_known_in_between_is_still_one_alert(house: House) -> None:
    alerts = alerting(house)
    points = []
    for condition in (Condition.NEEDS_REAUTH, Condition.ACTIVE, Condition.NEEDS_REAUTH):
        await stands(house, FIRST, condition)
        await checklist(house).made()
        *_, event = await house.store.events()
        verdicts = event[1].data["verdicts"]
        assert isinstance(verdicts, dict)
        points.append(verdicts["token_check"])
        await alerts.round()
        house.clock.advance(DAY)

    assert ["failed", "unknown", "failed"] == points
    assert ["checklist:token_check:2026-11-22"] == [
        each.key for each in await house.store.alerts() if each.key.startswith("checklist:token_check")
    ]


# ---------------------------------------------------------------------------------------------------- history


@pytest.mark.parametrize("count", [0, 1, 2, 7, 2_500])
async def test_what_happened_since_a_moment_is_read_without_what_was_before(count: int) -> None:
    house = await a_house(rules(FIRST))
    minute = timedelta(minutes=1)
    await house.store.record([an_event(at=NOW + number * minute) for number in range(count)])
    since = NOW + (count // 2) * minute

    read = [each async for each in happened(house.store, since, NOW + DAY) if each.kind is EventKind.STARTED]

    assert [NOW + number * minute for number in range(count // 2, count)] == [each.at for each in read]


async def test_what_waits_for_another_day_is_planned_as_plan_does_it(house: House) -> None:
    await house.submit("tomorrow", not_before=NOW + DAY)

    document = await checklist(house).made()

    points: Any = document["points"]
    (rotation,) = (each["value"] for each in points if each["point"] == "rotation")
    assert f"1 of 1 has a place on {TODAY.date + DAY}" == rotation
