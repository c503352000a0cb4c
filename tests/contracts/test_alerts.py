"""What a store promises of alerts: one open for each key, each event read once, each target told once."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from tests.builders import NOW, an_event
from ytempire.domain.alerts import Alert, Delivery, DeliveryState, Mute, Raise, Resolve
from ytempire.domain.events import Kind
from ytempire.domain.faults import Level
from ytempire.ports import Alarm, Errand, News, Store

LATER = NOW + timedelta(minutes=5)
LATER_BY = timedelta(minutes=1)
LEASE = NOW + LATER_BY
WARNING = Raise("quota:main:units", Level.WARNING, "80 %", "of units", "look", until=NOW + timedelta(hours=9))
CRITICAL = replace(WARNING, level=Level.CRITICAL, title="90 %")
HELD = Raise("publication:pub_1:held", Level.HIGH, "held", "why", "do")
NOTICE = Raise("publication:pub_1:refused", Level.WARNING, "refused", "why", "", LATER, passing=True)


def alarm(what: Raise = HELD, *targets: str, at: datetime = NOW, muted: str | None = None) -> Alarm:
    return Alarm(what, at, targets, muted)


async def step(store: Store, *steps: Alarm | Resolve, now: datetime = NOW) -> None:
    """Steps as the one reader would take them, for one more event that was read."""
    seen = (await store.alert_news(now)).seen
    assert await store.follow_events(seen, seen + 1, steps, now)


async def the_alert(store: Store) -> Alert:
    (found,) = await store.alerts(ended=True)
    return found


async def told(store: Store) -> list[tuple[str, str, bool, str]]:
    """Every delivery: target, level, whether it is of the end, state; oldest alert first."""
    every = [each for alert in reversed(await store.alerts(ended=True)) for each in alert.deliveries]
    return [(each.target, str(each.level), each.over, str(each.state)) for each in every]


async def claimed(store: Store, now: datetime = NOW) -> list[Errand]:
    due = await store.due_deliveries(now, 100)
    errands = [await store.claim_delivery(which, now, now + timedelta(minutes=1)) for which, _ in due]
    return [each for each in errands if each is not None]


async def deliver_all(store: Store, now: datetime = NOW) -> list[Errand]:
    errands = await claimed(store, now)
    for each in errands:
        await store.delivered(each, now, ())
    return errands


# ------------------------------------------------------------------------------------------------- reading


async def test_a_new_store_has_no_news(store: Store) -> None:
    assert News(0, 0, lapsed=False, due=False) == await store.alert_news(NOW)
    assert () == await store.alerts()


async def test_news_tell_how_far_the_reader_is_behind(store: Store) -> None:
    await store.record([an_event(), an_event()])
    numbers = [number for number, _ in await store.events()]

    assert await store.follow_events(0, numbers[0], (), NOW)

    assert News(numbers[0], numbers[1], lapsed=False, due=False) == await store.alert_news(NOW)


async def test_a_reader_who_comes_second_changes_nothing(store: Store) -> None:
    assert await store.follow_events(0, 5, [alarm()], NOW)

    assert not await store.follow_events(0, 7, [alarm(WARNING)], NOW)

    assert [HELD.key] == [each.key for each in await store.alerts()]
    assert 5 == (await store.alert_news(NOW)).seen


async def test_of_many_readers_of_the_same_events_one_has_an_effect(store: Store) -> None:
    answers = await asyncio.gather(*(store.follow_events(0, 9, [alarm(HELD, "ops")], NOW) for _ in range(32)))

    assert [True] == [each for each in answers if each]
    assert 1 == (await the_alert(store)).times
    assert [("ops", "high", False, "pending")] == await told(store)


# ------------------------------------------------------------------------------------------------- raising


async def test_an_alert_is_kept_as_it_was_raised(store: Store) -> None:
    await step(store, alarm(WARNING, "ops", at=NOW - timedelta(seconds=1)), now=NOW)

    expected = Alert(
        number=1,
        key="quota:main:units",
        level=Level.WARNING,
        title="80 %",
        text="of units",
        remedy="look",
        raised_at=NOW - timedelta(seconds=1),
        until=WARNING.until,
        passing=False,
        times=1,
        muted=None,
        resolved_at=None,
        deliveries=(Delivery(1, 1, "ops", Level.WARNING, False, DeliveryState.PENDING, 0, NOW, None, None),),
    )
    assert expected == await the_alert(store)


async def test_a_condition_that_is_seen_again_is_counted_and_not_told_again(store: Store) -> None:
    await step(store, alarm(CRITICAL, "ops"), alarm(WARNING, "ops"), alarm(CRITICAL, "ops"))
    await step(store, alarm(CRITICAL, "ops"))

    found = await the_alert(store)
    assert (4, Level.CRITICAL, "90 %") == (found.times, found.level, found.title)
    assert [("ops", "critical", False, "pending")] == await told(store)


async def test_a_condition_that_gets_worse_is_told_to_those_who_want_that_level(store: Store) -> None:
    await step(store, alarm(WARNING, "chat"))
    await deliver_all(store)

    await step(store, alarm(CRITICAL, "chat", "pager", at=LATER), now=LATER)

    found = await the_alert(store)
    assert (Level.CRITICAL, NOW, 2) == (found.level, found.raised_at, found.times)
    assert [
        ("chat", "warning", False, "sent"),
        ("chat", "critical", False, "pending"),
        ("pager", "critical", False, "pending"),
    ] == await told(store)


async def test_news_that_nobody_has_heard_yet_gives_way_to_worse_news(store: Store) -> None:
    await step(store, alarm(WARNING, "chat"))

    await step(store, alarm(CRITICAL, "chat"))

    assert [("chat", "warning", False, "superseded"), ("chat", "critical", False, "pending")] == await told(
        store
    )
    assert 1 == len(await store.due_deliveries(LATER, 10))


async def test_a_muted_alert_is_written_down(store: Store) -> None:
    await step(store, alarm(HELD, muted="publication:*"))

    assert "publication:*" == (await the_alert(store)).muted
    assert [] == await told(store)


async def test_another_key_is_another_alert(store: Store) -> None:
    await step(store, alarm(HELD), alarm(WARNING))

    assert [WARNING.key, HELD.key] == [each.key for each in await store.alerts()]
    assert [WARNING.key] == [each.key for each in await store.alerts(limit=1)]
    assert await store.alert_is_open(HELD.key)
    assert not await store.alert_is_open("publication:pub_2:held")


# ------------------------------------------------------------------------------------------------ resolving


async def test_who_was_told_of_the_beginning_is_told_of_the_end(store: Store) -> None:
    await step(store, alarm(HELD, "chat", "pager"))
    first, second = await claimed(store)
    await store.delivered(first, NOW, ())
    await store.not_delivered(second, "no route", LATER, ())

    await step(store, Resolve(HELD.key), now=LATER)

    assert LATER == (await the_alert(store)).resolved_at
    assert () == await store.alerts()
    assert [
        (first.delivery.target, "high", False, "sent"),
        (second.delivery.target, "high", False, "superseded"),
        (first.delivery.target, "high", True, "pending"),
    ] == await told(store)


async def test_a_prefix_resolves_what_begins_with_it_and_nothing_else(store: Store) -> None:
    await step(store, alarm(HELD), alarm(NOTICE), alarm(replace(HELD, key="publication:pub_11:held")))

    await step(store, Resolve("publication:pub_1:", prefix=True))

    assert ["publication:pub_11:held"] == [each.key for each in await store.alerts()]


async def test_resolving_what_is_not_there_is_nothing(store: Store) -> None:
    await step(store, Resolve(HELD.key), Resolve("publication:", prefix=True))

    assert () == await store.alerts(ended=True)


async def test_a_condition_that_comes_back_is_a_new_alert_and_supersedes_old_news(store: Store) -> None:
    await step(store, alarm(HELD, "ops"))
    await deliver_all(store)
    await step(store, Resolve(HELD.key))

    await step(store, alarm(HELD, "ops"))

    assert [None, NOW] == [each.resolved_at for each in await store.alerts(ended=True)]
    assert [
        ("ops", "high", False, "sent"),
        ("ops", "high", True, "superseded"),
        ("ops", "high", False, "pending"),
    ] == await told(store)


async def test_what_is_delivered_while_the_alert_ends_is_followed_by_the_end(store: Store) -> None:
    await step(store, alarm(HELD, "ops"))
    (errand,) = await claimed(store)
    await step(store, Resolve(HELD.key))

    await store.delivered(errand, NOW, ())

    assert [("ops", "high", False, "sent"), ("ops", "high", True, "pending")] == await told(store)
    (end,) = await deliver_all(store)
    assert end.delivery.over
    assert NOW == end.alert.resolved_at
    assert () == await store.due_deliveries(LATER, 10)


async def test_of_a_delivery_and_an_end_at_once_neither_misses_the_other(store: Store) -> None:
    for number in range(20):
        what = replace(HELD, key=f"publication:pub_{number}:held")
        await step(store, alarm(what, "ops"))
        (errand,) = await claimed(store)

        await asyncio.gather(store.delivered(errand, NOW, ()), step(store, Resolve(what.key)))

        (end,) = await deliver_all(store)
        assert (what.key, True) == (end.alert.key, end.delivery.over)


# --------------------------------------------------------------------------------------------- by the clock


async def test_an_alert_ends_when_its_time_has_come_and_not_before(store: Store) -> None:
    until = WARNING.until
    assert until is not None
    await step(store, alarm(WARNING, "ops"))
    await deliver_all(store)
    before, after = until - timedelta(microseconds=1), until + timedelta(hours=1)

    assert not (await store.alert_news(before)).lapsed
    assert 0 == await store.lapse_alerts(before)
    assert (await store.alert_news(until)).lapsed
    assert 1 == await store.lapse_alerts(after)

    assert until == (await the_alert(store)).resolved_at
    assert [("ops", "warning", False, "sent"), ("ops", "warning", True, "pending")] == await told(store)
    assert not (await store.alert_news(after)).lapsed


async def test_the_end_of_a_notice_is_told_to_nobody(store: Store) -> None:
    await step(store, alarm(NOTICE, "ops"))
    await deliver_all(store)

    assert 1 == await store.lapse_alerts(LATER)

    assert [("ops", "warning", False, "sent")] == await told(store)


async def test_the_next_day_s_crossing_is_not_taken_for_yesterday_s(store: Store) -> None:
    await step(store, alarm(CRITICAL, "ops"))
    await deliver_all(store)
    assert CRITICAL.until is not None
    tomorrow = replace(WARNING, until=CRITICAL.until + timedelta(days=1))

    await step(store, alarm(tomorrow, "ops", at=CRITICAL.until), now=CRITICAL.until)

    assert [Level.WARNING, Level.CRITICAL] == [each.level for each in await store.alerts(ended=True)]
    assert [CRITICAL.until] == [each.resolved_at for each in (await store.alerts(ended=True))[1:]]
    assert ("ops", "warning", False, "pending") == (await told(store))[-1]


# ----------------------------------------------------------------------------------------------- deliveries


async def test_a_delivery_is_claimed_by_one_of_many(store: Store) -> None:
    await step(store, alarm(HELD, "ops"))
    ((which, target),) = await store.due_deliveries(NOW, 10)

    answers = await asyncio.gather(*(store.claim_delivery(which, NOW, LEASE) for _ in range(32)))

    (errand,) = [each for each in answers if each is not None]
    assert ("ops", HELD.key, 1, LEASE) == (
        target,
        errand.alert.key,
        errand.delivery.tries,
        errand.delivery.due,
    )


async def test_a_claim_that_was_never_settled_is_free_again_after_its_time(store: Store) -> None:
    await step(store, alarm(HELD, "ops"))
    ((which, _),) = await store.due_deliveries(NOW, 10)
    assert await store.claim_delivery(which, NOW, LEASE)

    assert await store.claim_delivery(which, LEASE - timedelta(microseconds=1), LEASE + LATER_BY) is None
    again = await store.claim_delivery(which, LEASE, LEASE + LATER_BY)

    assert again is not None
    assert 2 == again.delivery.tries


async def test_a_delivery_that_is_not_there_cannot_be_claimed(store: Store) -> None:
    assert await store.claim_delivery(7, NOW, LEASE) is None


async def test_a_failure_is_kept_and_tried_again_when_it_is_time(store: Store) -> None:
    await step(store, alarm(HELD, "ops"))
    (errand,) = await claimed(store)

    await store.not_delivered(errand, "HTTP 500", LATER, [an_event(Kind.DELIVERY_FAILED)])

    (delivery,) = (await the_alert(store)).deliveries
    assert (DeliveryState.FAILED, 1, LATER, "HTTP 500") == (
        delivery.state,
        delivery.tries,
        delivery.due,
        delivery.error,
    )
    assert () == await store.due_deliveries(LATER - timedelta(microseconds=1), 10)
    assert 1 == len(await store.due_deliveries(LATER, 10))
    assert [Kind.DELIVERY_FAILED] == [event.kind for _, event in await store.events()]


async def test_a_delivery_that_is_given_up_is_never_due_again(store: Store) -> None:
    await step(store, alarm(HELD, "ops"))
    (errand,) = await claimed(store)

    await store.not_delivered(errand, "gone", None, ())

    assert [("ops", "high", False, "given_up")] == await told(store)
    assert not (await store.alert_news(NOW + timedelta(days=9))).due


async def test_a_late_failure_takes_nothing_back(store: Store) -> None:
    await step(store, alarm(HELD, "ops"))
    (slow,) = await claimed(store)
    (quick,) = await claimed(store, LEASE)
    await store.delivered(quick, LEASE, [an_event(Kind.DELIVERY_RESTORED)])

    await store.not_delivered(slow, "time-out", LATER, [an_event(Kind.DELIVERY_FAILED)])

    (delivery,) = (await the_alert(store)).deliveries
    assert (DeliveryState.SENT, LEASE, None, None) == (
        delivery.state,
        delivery.sent_at,
        delivery.due,
        delivery.error,
    )
    assert [Kind.DELIVERY_RESTORED] == [event.kind for _, event in await store.events()]


async def test_due_deliveries_come_in_order_and_no_more_than_asked_for(store: Store) -> None:
    await step(store, alarm(HELD, "a", "b", "c"))

    assert ["a", "b"] == [target for _, target in await store.due_deliveries(NOW, 2)]
    assert (await store.alert_news(NOW)).due


# ---------------------------------------------------------------------------------------------------- mutes


def a_mute(pattern: str = "quota:*", until: datetime = LATER) -> Mute:
    return Mute(pattern, until, NOW, "somebody", "a test day")


async def test_a_mute_runs_until_its_time(store: Store) -> None:
    await store.mute(a_mute())

    assert (a_mute(),) == await store.mutes(LATER - timedelta(microseconds=1))
    assert () == await store.mutes(LATER)


async def test_mutes_with_exactly_this_pattern_are_ended(store: Store) -> None:
    for pattern in ("quota:*", "quota:main", "quota:*"):
        await store.mute(a_mute(pattern))

    assert 2 == await store.end_mutes("quota:*", NOW)

    assert ["quota:main"] == [each.pattern for each in await store.mutes(NOW)]
    assert 0 == await store.end_mutes("quota:*", NOW)


async def test_a_thousand_crossings_open_one_alert(store: Store) -> None:
    await step(store, *[alarm(WARNING, "ops")] * 1_000)

    assert 1_000 == (await the_alert(store)).times
    assert 1 == len(await told(store))
