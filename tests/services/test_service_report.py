"""What is told of services, breakers, chains, calls and drills: every name, nothing invented, money as USD."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import NOW
from tests.services.studio import CLERK, FORM, FREE, HIGH, LOW, OUT, POET, Studio
from ytempire.adapters.memory.vendor import Late
from ytempire.domain.breaker import Phase
from ytempire.domain.chain import SCRIPT, VOICE, Blame, Budget, Made, ProviderFault, Quality
from ytempire.domain.scripts import ScriptOrder
from ytempire.domain.speech import SpeechOrder
from ytempire.domain.vitals import Observation
from ytempire.services.service_report import served_document

HELLO = SpeechOrder("Hello there, this is a short text.")
DOWN = ProviderFault(Blame.OUTAGE, "http_503", "try later")


@pytest.fixture
def studio() -> Studio:
    return Studio()


async def told(studio: Studio) -> Any:
    """The report as a program reads it."""
    return json.loads(json.dumps(await studio.reports().services()))


def named(found: Any, key: str) -> dict[str, Any]:
    return {each[key]: each for each in found}


async def test_before_anything_happened_every_name_is_there_and_nothing_is_invented(studio: Studio) -> None:
    document = await told(studio)

    assert "2026-11-20T18:00:00Z" == document["as_of"]
    assert ["academy", "office", "opera", "radio"] == [each["service"] for each in document["services"]]
    assert {"unknown"} == {each["health"] for each in document["services"]}
    assert {None} == {
        each[key]
        for each in document["services"]
        for key in ("seen_at", "latency_ms", "last_error", "source")
    }
    assert sorted([HIGH, LOW, FREE, POET, CLERK, FORM, "youtube"]) == [
        each["provider"] for each in document["breakers"]
    ]
    assert {("closed", None)} == {(each["phase"], each["since"]) for each in document["breakers"]}
    voice = named(document["chains"], "chain")[VOICE]
    assert (0, 0, 0, 0.0, "0.00", None) == tuple(
        voice[key]
        for key in ("calls", "fallbacks", "failures", "fallback_rate", "spent_today_usd", "last_drill")
    )


async def test_links_tell_their_quality_price_service_and_whether_they_are_set_up(studio: Studio) -> None:
    studio.change(VOICE, HIGH, unready="it has no key: set HIGH_KEY")
    studio.limit(VOICE, Budget(per_call=1_000_000, per_day=25_000_001, floor=Quality.BASIC))

    voice = named((await told(studio))["chains"], "chain")[VOICE]
    links = named(voice["links"], "provider")

    assert ("1.00", "25.000001") == (voice["max_cost_usd"], voice["daily_budget_usd"])
    assert {
        "provider": HIGH,
        "service": "opera",
        "quality": "premium",
        "cost_usd": "0.50",
        "paid": True,
        "ready": False,
        "why": "it has no key: set HIGH_KEY",
        "health": "unknown",
        "breaker": "closed",
    } == links[HIGH]
    assert (None, None, False, "0.01") == tuple(
        links[FREE][key] for key in ("service", "health", "paid", "cost_usd")
    )


async def test_calls_fallbacks_failures_and_money_are_counted(studio: Studio) -> None:
    speaking = studio.speaking()
    await speaking.speak(HELLO, OUT)
    studio.speakers[HIGH].row.add(ProviderFault(Blame.UNFIT, "too_long"))
    await speaking.speak(HELLO, OUT)
    await speaking.speak(HELLO, OUT, only=FREE, forced=True)

    voice = named((await told(studio))["chains"], "chain")[VOICE]

    assert (2, 1, 0, 0.5, 7) == tuple(
        voice[key] for key in ("calls", "fallbacks", "failures", "fallback_rate", "days")
    )
    assert f"{len(HELLO.text) * 1.2 / 1000:.4f}" == voice["spent_today_usd"]


async def test_what_is_older_than_a_week_is_not_counted_and_yesterday_s_money_is_not_today_s(
    studio: Studio,
) -> None:
    await studio.speaking().speak(HELLO, OUT)
    studio.clock.advance(timedelta(days=6, hours=23))
    voice = named((await told(studio))["chains"], "chain")[VOICE]
    assert (1, "0.00") == (voice["calls"], voice["spent_today_usd"])

    studio.clock.advance(timedelta(hours=2))

    assert 0 == named((await told(studio))["chains"], "chain")[VOICE]["calls"]


async def test_a_service_tells_its_health_latency_last_error_and_next_probe(studio: Studio) -> None:
    studio.probes["opera"].row.add(Late(timedelta(milliseconds=80), Made(None)))
    vitality = studio.vitality
    await vitality.round()
    for _ in range(3):
        studio.probes["opera"].row.add(DOWN)
        studio.clock.advance(timedelta(seconds=30))
        await vitality.round()

    opera = named((await told(studio))["services"], "service")["opera"]

    assert ("unhealthy", "probe", "http_503: try later") == (
        opera["health"],
        opera["source"],
        opera["last_error"],
    )
    assert opera["last_error_at"] == opera["seen_at"] == opera["since"]
    assert 0 == opera["latency_ms"]
    assert opera["next_probe"] > opera["seen_at"]
    links = named(named((await told(studio))["chains"], "chain")[VOICE]["links"], "provider")
    assert "unhealthy" == links[HIGH]["health"]


async def test_an_open_breaker_tells_why_and_until_when_and_that_its_time_is_over(studio: Studio) -> None:
    studio.writers[POET].row.always = ProviderFault(Blame.EXHAUSTED, "insufficient_quota")
    await studio.writing().write(ScriptOrder("tea"))

    poet = named((await told(studio))["breakers"], "provider")[POET]
    assert ("open", "2026-11-20T19:00:00Z", "insufficient_quota") == (
        poet["phase"],
        poet["until"],
        poet["why"],
    )

    studio.clock.advance(timedelta(hours=1))
    document = await told(studio)
    assert "half_open" == named(document["breakers"], "provider")[POET]["phase"]
    links = named(named(document["chains"], "chain")[SCRIPT]["links"], "provider")
    assert "half_open" == links[POET]["breaker"]
    breaker = await studio.store.breaker(POET)
    assert breaker is not None
    assert Phase.OPEN is breaker.phase


async def test_a_breaker_of_nobody_s_chain_is_told_too(studio: Studio) -> None:
    await studio.calls().breakers.isolate("youtube", by="ana", why="a holiday")

    youtube = named((await told(studio))["breakers"], "provider")["youtube"]

    assert ("isolated", "ana", "a holiday") == (youtube["phase"], youtube["by"], youtube["why"])


async def test_calls_come_newest_first_with_their_trails(studio: Studio) -> None:
    for number in range(3):
        studio.speakers[HIGH].row.add(ProviderFault(Blame.UNFIT, f"no_{number}"))
        await studio.speaking().speak(HELLO, OUT)
        studio.clock.advance(timedelta(minutes=1))
    await studio.writing().write(ScriptOrder("tea"))

    found: Any = await studio.reports().calls(VOICE, limit=2)

    assert ["no_2", "no_1"] == [each["trail"][0]["why"] for each in found["calls"]]
    assert {
        "provider": HIGH,
        "quality": "premium",
        "step": "failed",
        "expected": False,
        "why": "no_2",
        "blame": "unfit",
        "charged": "no",
        "cost_usd": "0.00",
        "seconds": 0.0,
    } == found["calls"][0]["trail"][0]
    everything: Any = await studio.reports().calls()
    assert [SCRIPT, VOICE, VOICE, VOICE] == [each["chain"] for each in everything["calls"]]


async def test_a_served_call_tells_who_for_how_much_and_what_came_before(studio: Studio) -> None:
    studio.speakers[HIGH].row.add(DOWN)

    document: Any = served_document(await studio.speaking().speak(HELLO, OUT))

    assert (LOW, "standard", True, "0.0068") == tuple(
        document[key] for key in ("provider", "quality", "degraded", "cost_usd")
    )
    assert [HIGH, LOW] == [each["provider"] for each in document["trail"]]


async def test_the_newest_drill_of_each_chain_is_told(studio: Studio) -> None:
    await studio.drills().run(VOICE)
    studio.probes["opera"].row.add(DOWN)
    studio.clock.advance(timedelta(hours=1))
    await studio.drills().run(VOICE)

    found: Any = await studio.reports().drills()

    (drill,) = found["drills"]
    assert (VOICE, "2026-11-20T19:00:00Z", "ana", False) == (
        drill["chain"],
        drill["at"],
        drill["by"],
        drill["passed"],
    )
    assert {"link": HIGH, "verdict": "failed", "told": "http_503: try later"} == drill["links"][0]
    assert drill == named((await told(studio))["chains"], "chain")[VOICE]["last_drill"]


async def test_what_a_person_ordered_of_a_provider_is_told_with_its_service(studio: Studio) -> None:
    breakers = studio.calls().breakers
    await breakers.isolate(HIGH, by="ana", why="a wrong voice")
    await breakers.disable(CLERK, by="ben", why="a test")
    await studio.vitality.saw(Observation("youtube", NOW, well=True))
    await breakers.isolate("youtube", by="ana", why="an audit")

    notes = {each["service"]: each["notes"] for each in (await told(studio))["services"]}

    assert {
        "academy": [],
        "office": [f"{CLERK} is disabled by ben: a test"],
        "opera": [f"{HIGH} is isolated by ana: a wrong voice"],
        "radio": [],
        "youtube": ["youtube is isolated by ana: an audit"],
    } == notes
