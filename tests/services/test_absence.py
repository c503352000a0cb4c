"""What is taken out of the configuration takes its alerts along, and brings them back with it."""

from dataclasses import replace

import pytest

from tests.builders import KEY, NOW, set_up
from tests.services.desk import Desk
from ytempire.domain.alert_subjects import Known
from ytempire.domain.breaker import Phase, Report, Result, Ticket
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.ports import HookSecret
from ytempire.services.absence import Absence
from ytempire.services.breakers import Breakers

ALL = Known(
    accounts=frozenset({"account_01"}),
    projects=frozenset({"main"}),
    providers=frozenset({"tin"}),
    services=frozenset({"mint"}),
)
NONE = Known()


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def look(desk: Desk, known: Known) -> None:
    """A round of the chore, and what alerting makes of it."""
    breakers = Breakers(desk.store, desk.clock)
    await Absence(desk.store, desk.clock, breakers, known).round()
    await desk.round()


async def keys(desk: Desk) -> list[str]:
    return sorted(each.key for each in await desk.open())


async def ill(desk: Desk) -> None:
    await desk.happens(
        Kind.SERVICE_CHANGED, Level.WARNING, service="mint", health="unhealthy", why="it is slow"
    )
    await desk.happens(Kind.ACCOUNT_CHANGED, to="needs_reauth", why="revoked")
    await desk.crosses(Level.CRITICAL, 90)
    await desk.happens(Kind.HELD, code="source_missing")
    await desk.round()


async def test_alerts_of_what_is_configured_no_more_end_and_say_why(desk: Desk) -> None:
    await ill(desk)
    before = await keys(desk)
    await look(desk, ALL)
    assert before == await keys(desk)
    told = desk.notifier.tries

    await look(desk, NONE)

    assert ["publication:pub_1:held"] == await keys(desk)
    ended = {each.key: each.ended_why for each in await desk.store.alerts(ended=True) if each.resolved_at}
    assert {
        "service:mint": "the service mint is no longer configured",
        "account:account_01:needs_reauth": "the account account_01 is no longer configured",
        "quota:main:units": "the project main is no longer configured",
    } == ended
    assert told < desk.notifier.tries
    assert "resolved: mint is not well" in desk.told("chat")


async def test_a_second_look_tells_nothing_more(desk: Desk) -> None:
    await ill(desk)
    await look(desk, NONE)
    before = len(await desk.store.events())

    await look(desk, NONE)

    assert before == len(await desk.store.events())


async def test_what_comes_back_is_told_again_but_not_what_ends_by_the_clock(desk: Desk) -> None:
    await ill(desk)
    await look(desk, NONE)

    for _ in range(2):
        await look(desk, ALL)

    assert ["account:account_01:needs_reauth", "publication:pub_1:held", "service:mint"] == await keys(desk)
    (alert,) = [each for each in await desk.open() if each.key == "service:mint"]
    assert ("mint is not well", "it is slow", Level.WARNING, 1) == (
        alert.title, alert.text, alert.level, alert.times,
    )  # fmt: skip
    await desk.happens(Kind.SERVICE_CHANGED, Level.INFO, service="mint", health="healthy")
    await desk.round()
    assert "service:mint" not in await keys(desk)


async def test_a_provider_that_was_isolated_is_isolated_when_it_comes_back(desk: Desk) -> None:
    breakers = Breakers(desk.store, desk.clock)
    await breakers.isolate("tin", by="ana", why="the bill is wrong")
    await desk.round()
    assert ["breaker:tin:isolated"] == await keys(desk)

    await look(desk, replace(ALL, providers=frozenset()))
    assert [] == await keys(desk)
    (ended,) = await desk.store.alerts(ended=True)
    assert "it stays isolated, should it come back" in (ended.ended_why or "")
    await look(desk, ALL)

    assert ["breaker:tin:isolated"] == await keys(desk)
    stored = await desk.store.breaker("tin")
    assert stored is not None
    assert (Phase.ISOLATED, "ana") == (stored.phase, stored.by)


async def test_what_a_person_took_back_meanwhile_is_not_told_again(desk: Desk) -> None:
    breakers = Breakers(desk.store, desk.clock)
    await breakers.isolate("tin", by="ana", why="the bill is wrong")
    await desk.round()
    await look(desk, NONE)
    await breakers.reset("tin", by="ana")

    await look(desk, ALL)

    assert [] == await keys(desk)


async def test_an_open_breaker_closes_with_its_provider_and_is_not_told_again(desk: Desk) -> None:
    breakers = Breakers(desk.store, desk.clock)
    for _ in range(5):
        ticket = await breakers.admit("tin")
        assert isinstance(ticket, Ticket)
        await breakers.report("tin", ticket, Report(Result.FAILURE, "down"))
    await desk.round()
    assert ["breaker:tin"] == await keys(desk)

    await look(desk, NONE)
    await look(desk, ALL)

    assert [] == await keys(desk)


@pytest.mark.parametrize(("taken_out", "told"), [(True, []), (False, ["webhook:shop:disabled"])])
async def test_a_webhook_that_is_back_is_told_of_if_it_is_disabled_still(
    desk: Desk, taken_out: bool, told: list[str]
) -> None:
    store, with_shop = desk.store, replace(ALL, webhooks=frozenset({"shop"}))
    await set_up(store)
    await store.add_webhook("shop", HookSecret(f"yt1.{KEY}.a", KEY, NOW), NOW, ())
    gone = Event(Kind.WEBHOOK_DISABLED, NOW, Level.HIGH, data={"webhook": "shop", "why": "it answered 410"})
    assert await store.disable_webhook("shop", "it answered 410", NOW, (gone,))
    await desk.round()
    await look(desk, ALL)
    assert [] == await keys(desk)

    if taken_out:
        assert await store.remove_webhook("shop", ())
    await look(desk, with_shop)

    assert told == await keys(desk)
