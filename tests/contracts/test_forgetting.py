"""What is old is forgotten a few rows at a time, and nothing that is still needed, whatever its age."""

from dataclasses import replace
from datetime import date, timedelta

from tests.builders import FIRST, KEY, MAIN, NOW, TODAY, a_publication, an_event, set_up, submitted
from ytempire.domain.alerts import Mute, Raise, Resolve
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.lifecycle import State
from ytempire.domain.quota import Bucket, Price, Purpose
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import PublicationId
from ytempire.ports import (
    Alarm,
    HookSecret,
    NewLetter,
    Outcome,
    Settlement,
    Store,
    StoredPlan,
    Try,
)

DAY = timedelta(days=1)
OLD, LINE = NOW - 9 * DAY, NOW - 5 * DAY
ALL = 10**9


def old(kind: Kind = Kind.CONSENT_STARTED, **changes: object) -> Event:
    return an_event(kind, **{"at": OLD, **changes})


async def numbers(store: Store) -> list[int]:
    return [number for number, _ in await store.events()]


# ------------------------------------------------------------------------------------------------- events


async def test_the_oldest_events_go_first_and_only_as_many_as_asked(store: Store) -> None:
    await store.record([*[old()] * 5, an_event(at=LINE)])
    every = await numbers(store)

    assert 0 == await store.events_forgotten()
    assert every[1] == await store.forget_events(0, ALL, LINE, 2)
    assert every[2:] == await numbers(store)
    assert every[3] == await store.forget_events(every[1], ALL, LINE, 2)
    assert every[4] == await store.forget_events(every[3], ALL, LINE, 2)
    assert 0 == await store.forget_events(every[4], ALL, LINE, 2)

    assert [every[5]] == await numbers(store)
    assert every[4] == await store.events_forgotten()


async def test_what_somebody_has_still_to_read_stays(store: Store) -> None:
    await store.record([old()] * 4)
    every = await numbers(store)

    assert every[1] == await store.forget_events(0, every[1], LINE, 100)

    assert every[2:] == await numbers(store)


async def test_the_newest_event_stays_and_numbers_go_on(store: Store) -> None:
    await store.record([old()] * 3)
    newest = (await store.alert_news(NOW)).newest

    await store.forget_events(0, ALL, NOW, 100)
    await store.record([an_event()])

    assert newest == (await numbers(store))[0]
    assert newest < (await numbers(store))[1]


async def test_the_story_of_a_publication_stays_whole_until_it_has_long_ended(store: Store) -> None:
    await set_up(store)
    for which, state, changed in (
        ("pub_waiting", State.QUEUED, OLD),
        ("pub_held", State.HELD, OLD),
        ("pub_lately", State.PUBLISHED, LINE),
        ("pub_ended", State.PUBLISHED, OLD),
        ("pub_cancelled", State.CANCELLED, OLD),
    ):
        await submitted(store, which, state=state, created_at=OLD, updated_at=changed)
        await store.record([old(Kind.SUBMITTED, publication=PublicationId(which))] * 2)
    await store.record([old(Kind.SUBMITTED, publication=PublicationId("pub_unknown")), an_event()])

    await store.forget_events(0, ALL, LINE, 100)

    left = {event.publication for _, event in await store.events()}
    assert {"pub_waiting", "pub_held", "pub_lately", None} == left
    assert 2 == len(await store.events(publication=PublicationId("pub_held")))


async def test_the_events_of_messages_that_have_not_arrived_stay(store: Store) -> None:
    await set_up(store)
    assert await store.add_webhook("shop", HookSecret(f"yt1.{KEY}.a", KEY, NOW), NOW, ())
    await store.record([old()] * 4)
    every = await numbers(store)
    new = [NewLetter(number, "consent.started", f"msg_{number}") for number in every[:3]]
    assert await store.follow_for_webhook("shop", 0, every[-1], new, NOW)
    arrived = await store.claim_letter("shop", NOW, NOW + DAY)
    assert arrived is not None
    await store.letter_arrived(arrived, 200, NOW, ())
    dead = await store.claim_letter("shop", NOW, NOW + DAY)
    assert dead is not None
    await store.letter_failed(dead, Try(500), None, NOW, ())

    await store.forget_events(0, ALL, LINE, 100)

    assert every[1:] == await numbers(store)


async def test_readers_find_what_is_left_where_some_is_forgotten(store: Store) -> None:
    await store.record([old(account=FIRST), old(Kind.FAULT_SEEN), an_event(account=FIRST), an_event()])
    every = await numbers(store)

    await store.forget_events(0, ALL, LINE, 100)

    assert every[2:] == await numbers(store)
    assert [every[2]] == [number for number, _ in await store.events(limit=1)]
    assert () == await store.faults(OLD - DAY, NOW + DAY)
    assert [every[2]] == [number for number, _ in await store.account_history(FIRST, 10)]
    assert every[-1] == (await store.alert_news(NOW)).newest


# ------------------------------------------------------------------------------------------------- alerts


async def raised(store: Store, *keys: str, target: str | None = None) -> None:
    """Alerts that began long ago."""
    steps = [
        Alarm(Raise(key, Level.HIGH, key, "why", "do"), OLD, (target,) if target else (), None)
        for key in keys
    ]
    seen = (await store.alert_news(OLD)).seen
    assert await store.follow_events(seen, seen + 1, steps, OLD)


async def over(store: Store, *keys: str) -> None:
    seen = (await store.alert_news(OLD)).seen
    assert await store.follow_events(seen, seen + 1, [Resolve(key) for key in keys], OLD)


async def test_alerts_that_ended_long_ago_go_with_who_was_told_and_open_ones_stay(store: Store) -> None:
    await raised(store, "a:1", "a:2", "open:1", target="ops")
    await over(store, "a:1", "a:2")
    await raised(store, "newest:1")

    assert 1 == await store.forget_alerts(LINE, 1)
    assert 1 == await store.forget_alerts(LINE, 2)
    assert 0 == await store.forget_alerts(LINE, 2)

    assert ["newest:1", "open:1"] == [each.key for each in await store.alerts(ended=True)]
    assert ["ops"] == [each.target for each in (await store.alerts())[1].deliveries]


async def test_an_alert_whose_end_is_still_to_be_told_and_the_newest_stay(store: Store) -> None:
    await raised(store, "a:1", target="ops")
    ((which, _),) = await store.due_deliveries(OLD, 10)
    errand = await store.claim_delivery(which, OLD, OLD + DAY)
    assert errand is not None
    await store.delivered(errand, OLD, ())
    await over(store, "a:1")
    await raised(store, "b:1")
    await over(store, "b:1")

    assert 0 == await store.forget_alerts(LINE, 10)

    assert ["b:1", "a:1"] == [each.key for each in await store.alerts(ended=True)]
    await raised(store, "c:1")
    assert 3 == (await store.alerts())[0].number


async def test_mutes_that_are_over_are_forgotten_and_running_ones_are_not(store: Store) -> None:
    for pattern, until in (("old:*", OLD), ("long:*", NOW + DAY)):
        await store.mute(Mute(pattern, until, OLD, "ana", "why"))

    assert 1 == await store.forget_mutes(LINE, 10)
    assert 0 == await store.forget_mutes(LINE, 10)

    assert ["long:*"] == [each.pattern for each in await store.mutes(NOW)]


# ------------------------------------------------------------------------------------------------- the rest


async def test_dead_messages_are_forgotten_and_waiting_ones_are_not(store: Store) -> None:
    await set_up(store)
    assert await store.add_webhook("shop", HookSecret(f"yt1.{KEY}.a", KEY, OLD), OLD, ())
    new = [NewLetter(number, "consent.started", f"msg_{number}") for number in (1, 2, 3)]
    assert await store.follow_for_webhook("shop", 0, 3, new, OLD)
    for ended in (OLD, LINE):
        letter = await store.claim_letter("shop", OLD, OLD + DAY)
        assert letter is not None
        await store.letter_failed(letter, Try(500), None, ended, ())

    assert 1 == await store.forget_letters(LINE, 10)
    assert 0 == await store.forget_letters(LINE, 10)

    assert [(3, "pending"), (2, "dead")] == [(each.event, str(each.state)) for each in await store.letters()]


async def test_how_uploads_went_is_forgotten_but_for_the_newest(store: Store) -> None:
    await set_up(store)
    for number, at in enumerate((OLD - DAY, OLD, NOW - DAY)):
        publication = await submitted(store, f"pub_{number}")
        done = replace(publication, updated_at=at)
        assert await store.settle(Settlement(done, outcome=Outcome(FIRST, True, at)))

    assert 1 == await store.forget_outcomes(LINE, 1)
    assert 1 == await store.forget_outcomes(LINE, 10)
    assert 0 == await store.forget_outcomes(NOW, 10)

    account = await store.account(FIRST, NOW)
    assert account is not None
    assert 1 == account.successes


async def test_quota_days_are_forgotten_and_later_ones_are_not(store: Store) -> None:
    await set_up(store)
    days = [QuotaDay(TODAY.date - age * DAY) for age in (3, 2, 1, 0)]
    price = Price(Bucket.UNITS, 50, purpose=Purpose.METADATA)
    for day in days:
        assert await store.charge(MAIN, price, day, at=NOW, account=FIRST)

    assert 1 == await store.forget_quota(days[2], 1)
    assert 1 == await store.forget_quota(days[2], 10)
    assert 0 == await store.forget_quota(days[2], 10)

    assert days[2:] == [line.day for line in await store.ledger_since(days[0])]
    assert [{}, {}, {FIRST: 50}, {FIRST: 50}] == [await store.spent(day) for day in days]


async def test_plans_and_results_of_dates_are_forgotten_by_their_date(store: Store) -> None:
    dates = [date(2026, 11, number) for number in (1, 2, 3)]
    for each in dates:
        await store.save_plan(StoredPlan(f"plan_{each}", each, NOW, {}), ())
        await store.put_fact(f"result.{each}", "{}")
    await store.put_fact("other", "kept")
    await store.put_fact("result", "kept")

    assert 1 == await store.forget_plans(dates[2], 1)
    assert 1 == await store.forget_plans(dates[2], 9)
    assert 2 == await store.forget_facts("result.", str(dates[2]), 9)
    assert 0 == await store.forget_facts("result.", str(dates[2]), 9)

    assert [False, False, True] == [await store.latest_plan(each) is not None for each in dates]
    assert [None, None, "{}"] == [await store.fact(f"result.{each}") for each in dates]
    assert ["kept", "kept"] == [await store.fact("other"), await store.fact("result")]


async def test_a_publication_and_its_idempotency_key_are_never_forgotten(store: Store) -> None:
    await set_up(store)
    ended = a_publication("pub_1", state=State.PUBLISHED, updated_at=OLD, created_at=OLD)
    request = replace(ended.request, idempotency_key="once")
    await store.submit(replace(ended, request=request), "same", (old(publication=ended.id), an_event()))

    await store.forget_events(0, ALL, LINE, 100)

    assert await store.publication(ended.id) is not None
    assert (ended.id, "same") == await store.key_holder("once")
