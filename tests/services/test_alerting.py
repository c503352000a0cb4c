"""From events to messages: one for each crossing, tried again, told when over, and no alarm about the alarm."""

from datetime import timedelta

import pytest

from tests.builders import NOW, TODAY
from tests.services.desk import LOUD, Desk
from ytempire.domain.alerts import RETRY_SPANS, Mute, Target
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.services.alert_report import AlertReports
from ytempire.services.alerting import BATCH, LEASE


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_an_event_becomes_a_message_to_every_target_of_its_level(desk: Desk) -> None:
    await desk.happens(Kind.HELD, code="source_missing", why="the file is gone")

    await desk.round()

    expected = ["high: pub_1 needs a person: source_missing"]
    assert (expected, expected) == (desk.told("ops"), desk.told("chat"))


async def test_a_quieter_alert_goes_to_those_who_asked_for_it(desk: Desk) -> None:
    await desk.crosses(Level.WARNING, 80)

    await desk.round()

    assert ([], 1) == (desk.told("ops"), len(desk.told("chat")))


async def test_one_message_for_a_crossing_one_when_it_gets_worse_one_at_the_reset(desk: Desk) -> None:
    for percent, level in (
        (80, Level.WARNING),
        (81, Level.WARNING),
        (90, Level.CRITICAL),
        (91, Level.CRITICAL),
    ):
        await desk.crosses(level, percent)
        await desk.round()
    desk.clock.set(TODAY.resets)

    await desk.round()
    await desk.round()

    assert [
        "warning: 80 % of the units of main are used",
        "critical: 90 % of the units of main are used",
        "resolved: 90 % of the units of main are used",
    ] == desk.told("chat")
    assert ["critical: 90 %", "resolved: 90 %"] == [each[:14] for each in desk.told("ops")]
    assert [] == await desk.open()


async def test_what_crossed_on_a_day_that_is_over_wakes_nobody(desk: Desk) -> None:
    await desk.crosses(Level.CRITICAL, 90)
    desk.clock.set(TODAY.resets)

    await desk.round()

    assert {} == desk.notifier.told
    assert [TODAY.resets] == [each.resolved_at for each in await desk.store.alerts(ended=True)]


async def test_a_release_is_told_to_who_was_told_of_the_hold(desk: Desk) -> None:
    await desk.happens(Kind.HELD)
    await desk.round()
    await desk.happens(Kind.RELEASED)

    await desk.round()

    assert ["high: pub_1 needs a person: held", "resolved: pub_1 needs a person: held"] == desk.told("ops")


async def test_a_refusal_is_told_once_and_leaves_the_list_after_a_week(desk: Desk) -> None:
    await desk.happens(Kind.REFUSED, Level.WARNING)
    await desk.round()
    assert 1 == len(await desk.open())

    await desk.round(timedelta(days=7))

    assert ["warning: pub_1 is refused: refused"] == desk.told("chat")
    assert [] == await desk.open()


async def test_more_events_than_fit_one_reading_are_all_read(desk: Desk) -> None:
    await desk.store.record([Event(Kind.STARTED, NOW)] * (2 * BATCH + 1))
    await desk.happens(Kind.HELD)

    await desk.round()

    assert 1 == len(desk.told("ops"))
    news = await desk.store.alert_news(NOW)
    assert news.newest == news.seen


# ------------------------------------------------------------------------------------------------- failures


async def test_a_target_that_is_down_is_tried_five_times_in_an_hour_and_then_given_up(desk: Desk) -> None:
    desk.targets = (Target("ops", LOUD),)
    desk.notifier.failures["ops"] = "HTTP 500"
    await desk.happens(Kind.HELD)
    await desk.round()

    for span in RETRY_SPANS:
        await desk.round(span - timedelta(seconds=1))
        tries = desk.notifier.tries
        await desk.round(timedelta(seconds=1))
        assert tries + 1 == desk.notifier.tries

    (given_up,) = [each for each in await desk.open() if each.key.endswith(":held")]
    (delivery,) = given_up.deliveries
    assert ("given_up", 5, "HTTP 500", None) == (delivery.state, delivery.tries, delivery.error, delivery.due)
    await desk.round(timedelta(days=1))
    assert 5 == desk.notifier.tries


async def test_a_target_that_comes_back_is_told_late(desk: Desk) -> None:
    desk.notifier.failures["ops"] = "no route"
    await desk.happens(Kind.HELD)
    await desk.round()
    assert ([], 1) == (desk.told("ops"), len(desk.told("chat")))

    desk.notifier.failures.clear()
    await desk.round(RETRY_SPANS[0])

    assert (1, 1) == (len(desk.told("ops")), len(desk.told("chat")))


async def test_the_other_targets_hear_of_a_target_that_cannot_be_reached_and_that_it_can_again(
    desk: Desk,
) -> None:
    desk.notifier.failures["ops"] = "HTTP 500"
    await desk.happens(Kind.HELD)
    for span in (timedelta(), *RETRY_SPANS):
        await desk.round(span)
    await desk.round()

    assert [Kind.HELD, Kind.DELIVERY_FAILED] == [event.kind for _, event in await desk.store.events()]
    assert "high: alerts cannot be delivered to ops" == desk.told("chat")[-1]
    assert [] == desk.told("ops")

    desk.notifier.failures.clear()
    await desk.happens(Kind.BUCKET_CLOSED, bucket="units", day=str(TODAY))
    await desk.round()
    await desk.round()

    assert ["critical: Google gives main no more units today"] == desk.told("ops")
    assert "resolved: alerts cannot be delivered to ops" == desk.told("chat")[-1]


async def test_when_no_target_can_be_reached_there_is_an_end_to_it(desk: Desk) -> None:
    desk.notifier.failures |= {"ops": "down", "chat": "down"}
    await desk.happens(Kind.HELD)

    for _ in range(200):
        await desk.round(timedelta(minutes=40))

    failed = [event for _, event in await desk.store.events() if event.kind is Kind.DELIVERY_FAILED]
    assert 4 == len(failed)
    assert 20 == desk.notifier.tries
    assert {"alerts:ops:delivery", "alerts:chat:delivery", "publication:pub_1:held"} == {
        each.key for each in await desk.open()
    }


async def test_a_target_that_is_no_longer_configured_is_given_up_without_an_alarm(desk: Desk) -> None:
    await desk.happens(Kind.HELD)
    await desk.alerting().follow()
    desk.targets = desk.targets[1:]

    await desk.round()

    (alert,) = await desk.open()
    assert {"ops": "given_up", "chat": "sent"} == {each.target: str(each.state) for each in alert.deliveries}
    assert [Kind.HELD] == [event.kind for _, event in await desk.store.events()]


async def test_what_a_dead_process_had_claimed_is_delivered_by_another(desk: Desk) -> None:
    desk.targets = (Target("ops", LOUD),)
    await desk.happens(Kind.HELD)
    await desk.alerting().follow()
    assert await desk.store.claim_delivery(1, desk.clock.now(), desk.clock.now() + LEASE)

    await desk.round()
    assert [] == desk.told("ops")
    await desk.round(LEASE)

    assert 1 == len(desk.told("ops"))


# ---------------------------------------------------------------------------------------------------- mutes


async def test_a_muted_alert_is_written_down_and_told_to_nobody(desk: Desk) -> None:
    await desk.store.mute(Mute("publication:*", NOW + timedelta(hours=1), NOW, "somebody", "a test day"))
    await desk.happens(Kind.HELD)
    await desk.happens(Kind.BUCKET_CLOSED, bucket="units", day=str(TODAY))

    await desk.round()
    await desk.round(timedelta(hours=2))

    assert ["critical: Google gives main no more units today"] == desk.told("ops")
    assert {"publication:pub_1:held": "publication:*", "quota:main:units:closed": None} == {
        each.key: each.muted for each in await desk.open()
    }


async def test_after_a_mute_the_next_alert_is_told(desk: Desk) -> None:
    await desk.store.mute(Mute("*", NOW + timedelta(hours=1), NOW, "somebody", "a test day"))

    desk.clock.advance(timedelta(hours=1))
    await desk.happens(Kind.HELD)
    await desk.round()

    assert 1 == len(desk.told("ops"))


# -------------------------------------------------------------------------------------------------- reports


async def test_a_report_tells_an_alert_with_its_deliveries(desk: Desk) -> None:
    desk.notifier.failures["ops"] = "HTTP 500"
    await desk.happens(Kind.HELD, code="poison", why="again and again")
    await desk.round()

    (told,) = await AlertReports(desk.store, desk.clock).alerts()

    assert {
        "number": 1,
        "key": "publication:pub_1:held",
        "level": "high",
        "title": "pub_1 needs a person: poison",
        "text": "again and again",
        "remedy": "see `ytempire jobs show pub_1`",
        "raised_at": "2026-11-20T18:00:00Z",
        "until": None,
        "resolved_at": None,
        "ended_why": None,
        "times": 1,
        "muted": None,
        "deliveries": [
            {
                "target": "ops",
                "level": "high",
                "tells": "beginning",
                "state": "failed",
                "tries": 1,
                "due": "2026-11-20T18:01:00Z",
                "sent_at": None,
                "error": "HTTP 500",
            },
            {
                "target": "chat",
                "level": "high",
                "tells": "beginning",
                "state": "sent",
                "tries": 1,
                "due": None,
                "sent_at": "2026-11-20T18:00:00Z",
                "error": None,
            },
        ],
    } == told


async def test_a_report_tells_the_running_mutes(desk: Desk) -> None:
    await desk.store.mute(Mute("*", NOW + timedelta(hours=1), NOW, "somebody", "a test day"))

    (told,) = await AlertReports(desk.store, desk.clock).mutes()

    assert ("*", "2026-11-20T19:00:00Z", "somebody", "a test day") == (
        told["pattern"],
        told["until"],
        told["made_by"],
        told["why"],
    )
