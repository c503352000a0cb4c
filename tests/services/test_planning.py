"""Planning with a store: what is read of it, what is kept, and what is only supposed."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.builders import (
    FIRST,
    MAIN,
    NOW,
    SECOND,
    TODAY,
    a_project,
    a_publication,
    a_request,
    a_session,
    activate,
    rules,
    set_up,
    submitted,
    uploading,
)
from ytempire.adapters.memory.clock import FakeClock
from ytempire.adapters.memory.store import MemoryStore
from ytempire.domain.accounts import Condition, Kind
from ytempire.domain.events import Kind as EventKind
from ytempire.domain.faults import Level
from ytempire.domain.lessons import Lesson, Topic
from ytempire.domain.lifecycle import State
from ytempire.domain.planning import Shape
from ytempire.domain.publication import Metadata, Target
from ytempire.domain.quota import BUCKETS_2026, Allotment, Bucket, Cost, Method, Price, Purpose
from ytempire.domain.reserves import Policy
from ytempire.domain.values import ProjectId
from ytempire.ports import AccountChange, Closing, Settlement
from ytempire.services.planning import Planning, PlanRules, Supposed

BARE = (Method.VIDEOS_INSERT,)
DATE = date(2026, 11, 20)


@pytest.fixture
def clock() -> FakeClock:
    """Ten in the morning in Pacific time."""
    return FakeClock(NOW)


@pytest.fixture
async def store() -> MemoryStore:
    """Two production accounts of five uploads a day, and a reserve."""
    made = MemoryStore()
    reserve = rules(SECOND, kind=Kind.RESERVE, daily_uploads=2)
    await made.configure([a_project()], [rules(FIRST, daily_uploads=5), reserve], NOW)
    await activate(made, FIRST, SECOND)
    return made


def planning(store: MemoryStore, clock: FakeClock, **changes: Any) -> Planning:
    return Planning(store, store, clock, {MAIN: BUCKETS_2026}, replace(PlanRules(), **changes))


def accounts_of(document: dict[str, Any]) -> dict[str, str]:
    return {each["video"]: each["account"] for each in document["assignments"]}


async def test_an_empty_queue_has_no_plan(store: MemoryStore, clock: FakeClock) -> None:
    assert None is await planning(store, clock).queued()


async def test_a_date_whose_only_window_summer_time_swallows_has_a_plan_without_places(
    store: MemoryStore, clock: FakeClock
) -> None:
    await submitted(store, "pub_now")
    here = planning(store, clock, zone=ZoneInfo("America/New_York"), shapes=(Shape("night", 120, 180, 1),))

    found = await here.queued(date(2027, 3, 14))

    assert found is not None
    assert (1, 0, False) == (found["videos"], found["planned"], found["feasible"])


async def test_a_day_for_which_nothing_is_queued_has_no_plan_and_none_is_kept(
    store: MemoryStore, clock: FakeClock
) -> None:
    await submitted(store, "pub_later", request=a_request(not_before=NOW + timedelta(days=30)))
    here = planning(store, clock)

    assert None is await here.queued(DATE)
    assert None is await store.latest_plan(DATE)
    assert await here.queued(DATE + timedelta(days=30)) is not None


@pytest.mark.parametrize(
    ("waits", "day"),
    [
        (timedelta(days=1), DATE + timedelta(days=1)),
        (timedelta(days=30), DATE + timedelta(days=30)),
        (timedelta(days=1, hours=12), DATE + timedelta(days=2)),
    ],
)
async def test_when_nothing_waits_for_the_day_the_first_is_planned_for_which_something_does(
    waits: timedelta, day: date, store: MemoryStore, clock: FakeClock
) -> None:
    await submitted(store, "pub_soon", request=a_request(not_before=NOW + waits))
    await submitted(store, "pub_later", request=a_request(not_before=NOW + timedelta(days=60)))
    here = planning(store, clock, shapes=(Shape("day", 6 * 60, 20 * 60, 50),))

    ahead = await here.queued(ahead=True)

    assert ahead is not None
    assert (day.isoformat(), 1, 1) == (ahead["day"], ahead["videos"], ahead["later"])
    assert ["pub_soon"] == [each["video"] for each in ahead["assignments"]]
    assert None is await here.queued(DATE, ahead=True)
    assert 2 == await here.waiting()


async def test_what_is_queued_is_planned_kept_and_told_of(store: MemoryStore, clock: FakeClock) -> None:
    for number in range(3):
        await submitted(store, f"pub_{number}", request=a_request(metadata=Metadata(f"Number {number}")))

    told = await planning(store, clock).queued()

    assert told is not None
    assert (True, 3, DATE.isoformat()) == (told["feasible"], told["planned"], told["day"])
    assert {"Number 0", "Number 1", "Number 2"} == {each["title"] for each in told["assignments"]}
    kept = await store.latest_plan(DATE)
    assert kept is not None
    assert told == kept.document
    ((_, event),) = await store.events()
    assert (EventKind.PLAN_MADE, Level.INFO, 3) == (event.kind, event.level, event.data["videos"])


async def test_a_plan_that_does_not_fit_is_a_warning(store: MemoryStore, clock: FakeClock) -> None:
    for number in range(8):
        await submitted(store, f"pub_{number}")

    told = await planning(store, clock).queued()

    assert told is not None
    assert (False, 7, "daily_uploads") == (told["feasible"], told["fits"], told["binding_limit"])
    assert [SECOND] == told["promoted"]
    assert [Level.WARNING] == [event.level for _, event in await store.events()]


async def test_planned_anew_nothing_moves_that_need_not(store: MemoryStore, clock: FakeClock) -> None:
    for number in range(4):
        await submitted(store, f"pub_{number}")
    here = planning(store, clock)
    clock.advance(timedelta(minutes=1))
    before = await here.queued()
    clock.advance(timedelta(minutes=5))
    await submitted(store, "pub_new")

    after = await here.queued()

    assert before is not None
    assert after is not None
    places = {each["video"]: each for each in after["assignments"]}
    assert [places[each["video"]] for each in before["assignments"]] == before["assignments"]


async def test_started_work_is_told_and_its_place_is_not_given_again(
    store: MemoryStore, clock: FakeClock
) -> None:
    started = await submitted(store, "pub_started")
    await submitted(store, "pub_waiting")
    await store.reserve(uploading(started), Cost({Bucket.UPLOADS: 1}), ())

    told = await planning(store, clock).queued()

    assert told is not None
    assert ["pub_started"] == [each["video"] for each in told["started"]]
    assert ["pub_waiting"] == [each["video"] for each in told["assignments"]]
    assert 1 + 4 + 2 == told["fits"] + 1
    assert told["assignments"][0]["start_at"] >= "2026-11-20T18:30:00Z"


async def test_a_publication_keeps_to_its_account_its_times_and_its_session(
    store: MemoryStore, clock: FakeClock
) -> None:
    late = NOW + timedelta(hours=6)
    fixed = a_request(target=Target(account=SECOND), not_before=late)
    await submitted(store, "pub_fixed", request=fixed)
    await submitted(store, "pub_soon", request=a_request(deadline=NOW + timedelta(hours=1)))
    session = a_session()
    await submitted(store, "pub_live", session=session, account=FIRST, due=late, state=State.DEFERRED)

    told = await planning(store, clock).queued()

    assert told is not None
    assert SECOND == accounts_of(told)["pub_fixed"]
    starts = {each["video"]: each["start_at"] for each in told["assignments"]}
    assert starts["pub_fixed"] >= "2026-11-21T00:00:00Z"
    assert starts["pub_soon"] < "2026-11-20T19:00:00Z"
    assert starts["pub_live"] >= "2026-11-21T00:00:00Z"


async def test_what_is_due_after_the_last_window_is_for_a_later_day(
    store: MemoryStore, clock: FakeClock
) -> None:
    await submitted(store, "pub_later", request=a_request(not_before=NOW + timedelta(days=3)))
    await submitted(store, "pub_now")

    told = await planning(store, clock).queued()

    assert told is not None
    assert (1, 1, True) == (told["videos"], told["later"], told["feasible"])


async def test_when_the_windows_are_over_tomorrow_is_planned(store: MemoryStore, clock: FakeClock) -> None:
    clock.set(TODAY.resets - timedelta(minutes=30))
    await submitted(store)

    told = await planning(store, clock).queued()

    assert told is not None
    assert "2026-11-21" == told["day"]


async def test_an_account_that_needs_a_person_is_named_with_its_obstacle(
    store: MemoryStore, clock: FakeClock
) -> None:
    await store.change_account(AccountChange(FIRST, "holiday", "test", Condition.PAUSED), NOW, ())
    for number in range(3):
        await submitted(store, f"pub_{number}")

    told = await planning(store, clock).queued()

    assert told is not None
    assert ["paused: holiday", None] == [each["obstacle"] for each in told["accounts"]]
    assert f"bring back {FIRST}" in [each["text"] for each in told["remedies"]]


async def test_only_suppositions_count_accounts_that_were_never_connected(clock: FakeClock) -> None:
    fresh = MemoryStore()
    await fresh.configure([a_project()], [rules(FIRST, daily_uploads=5)], NOW)
    await submitted(fresh)
    here = planning(fresh, clock)

    supposed = await here.supposed(Supposed(5, BARE))
    queued = await here.queued()

    assert (True, "2026-11-21") == (supposed["feasible"], supposed["day"])
    assert queued is not None
    assert (False, "no_account") == (queued["feasible"], queued["binding_limit"])
    assert None is await fresh.latest_plan(date(2026, 11, 21))


async def test_without_a_number_the_shares_say_how_many(store: MemoryStore, clock: FakeClock) -> None:
    shapes = (Shape("work", 540, 1020, 6),)

    told = await planning(store, clock, shapes=shapes).supposed(None)

    assert (6, 6) == (told["videos"], told["planned"])


async def test_what_is_used_today_is_gone_today_and_not_tomorrow(
    store: MemoryStore, clock: FakeClock
) -> None:
    for _ in range(79):
        assert await store.charge(MAIN, Price(Bucket.UPLOADS, 1), TODAY, at=NOW)

    here = planning(store, clock)
    today = await here.supposed(Supposed(3, BARE), DATE)
    tomorrow = await here.supposed(Supposed(3, BARE))

    assert (1, "uploads") == (today["fits"], today["binding_limit"])
    assert tomorrow["feasible"]


async def test_what_google_has_closed_is_called_so_and_no_extension_is_asked_for(
    store: MemoryStore, clock: FakeClock
) -> None:
    await store.close_bucket(Closing(MAIN, Bucket.UPLOADS, TODAY, "per day"), ())

    told = await planning(store, clock).supposed(Supposed(3, BARE), DATE)

    assert (False, "uploads") == (told["feasible"], told["binding_limit"])
    assert "Google has closed the uploads of main until the reset" == told["binding"]["why"]
    assert [] == told["remedies"]


async def test_what_youtube_takes_no_more_of_a_channel_is_not_planned_and_raising_its_limit_is_no_remedy(
    store: MemoryStore, clock: FakeClock
) -> None:
    await store.learn(FIRST, (Lesson(Topic.DAILY_CAP, "2", NOW),), ())
    here = planning(store, clock, reserves=Policy.OFF)

    told = await here.supposed(Supposed(3, BARE))
    later = await here.supposed(Supposed(3, BARE), DATE + timedelta(days=8))

    assert (False, 2, "daily_uploads") == (told["feasible"], told["fits"], told["binding_limit"])
    cures = {step["remedy"] for each in told["remedies"] for step in each["steps"]}
    assert {"reserves", "more_accounts", "fewer_videos"} == cures
    assert later["feasible"]


async def test_a_long_video_is_planned_where_youtube_takes_long_ones(
    store: MemoryStore, clock: FakeClock
) -> None:
    await store.learn(FIRST, (Lesson(Topic.LONG_UPLOADS, "disallowed", NOW),), ())
    await submitted(store, "pub_long", request=a_request(duration_ms=15 * 60_000 + 1))
    await submitted(store, "pub_short", request=a_request(duration_ms=15 * 60_000))

    told = await planning(store, clock, reserves=Policy.DAILY).queued()

    assert told is not None
    assert SECOND == accounts_of(told)["pub_long"]
    assert "pub_short" in accounts_of(told)


async def test_an_allocation_is_what_is_left_of_it(store: MemoryStore, clock: FakeClock) -> None:
    given = {FIRST: {Purpose.UPLOADS: 3}, SECOND: {Purpose.UPLOADS: 0}}
    await set_up(store, *(rules(name, allocation=part) for name, part in given.items()))
    started = await submitted(store, "pub_started", id=a_publication("pub_started").id)
    cost = BUCKETS_2026.cost(BARE)
    await store.reserve(uploading(started), cost, (), allotment=Allotment(cost.parts, given[FIRST]))

    told = await planning(store, clock).supposed(Supposed(4, BARE), DATE)

    assert (2, "allocation") == (told["fits"], told["binding_limit"])


async def test_what_was_started_in_a_project_without_quota_is_not_promised_a_place_in_another(
    clock: FakeClock,
) -> None:
    made, other = MemoryStore(), ProjectId("other")
    await made.configure([a_project(), a_project(other)], [rules(FIRST), rules(SECOND, project=other)], NOW)
    await activate(made, FIRST, SECOND)
    await submitted(made, "pub_started", attempts=1, account=FIRST, project=MAIN)
    await submitted(made, "pub_fresh")
    await made.close_bucket(Closing(MAIN, Bucket.UPLOADS, TODAY, "per day"), ())
    prices = {MAIN: BUCKETS_2026, other: BUCKETS_2026}
    here = Planning(made, made, clock, prices, PlanRules())

    told = await here.queued()
    tomorrow = await here.queued(DATE + timedelta(days=1))
    freely = await replace(here, rules=PlanRules(cross_project_failover=True)).queued()

    assert told is not None
    assert {"pub_fresh": SECOND} == accounts_of(told)
    assert ["pub_started"] == [each["video"] for each in told["unplaced"]]
    assert "until the reset" in told["unplaced"][0]["why"]
    assert tomorrow is not None
    assert FIRST == accounts_of(tomorrow)["pub_started"]
    assert freely is not None
    assert SECOND == accounts_of(freely)["pub_started"]


async def test_what_was_started_and_waits_says_until_when(store: MemoryStore, clock: FakeClock) -> None:
    for name in ("pub_going", "pub_waiting"):
        started = await submitted(store, name)
        going = await store.reserve(uploading(started), Cost({Bucket.UPLOADS: 1}), ())
        assert going is not None
        due = TODAY.resets if name == "pub_waiting" else clock.now()
        await store.settle(Settlement(replace(going, due=due)))
    await submitted(store, "pub_queued")

    told = await planning(store, clock).queued()

    assert told is not None
    later = {each["video"]: each["goes_on_at"] for each in told["started"]}
    assert {"pub_going": None, "pub_waiting": "2026-11-21T08:00:00Z"} == later
