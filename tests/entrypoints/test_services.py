"""`ytempire services`: what it shows, its documents, breakers by hand, and the newest calls."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.entrypoints.chained import SCRIPTS, TEXT, VOICES, Chained, trail
from tests.fixtures.chains import Chain

SERVICE = {
    "service", "health", "since", "seen_at", "source", "latency_ms", "last_error", "last_error_at", "next_probe",
    "notes",
}  # fmt: skip
BREAKER = {"provider", "phase", "since", "until", "failures", "why", "by"}
CHAIN = {
    "chain", "links", "calls", "fallbacks", "failures", "fallback_rate", "days", "spent_today_usd", "max_cost_usd",
    "daily_budget_usd", "last_drill",
}  # fmt: skip
LINK = {"provider", "service", "quality", "cost_usd", "paid", "ready", "why", "health", "breaker"}
CALL = {"id", "chain", "at", "outcome", "provider", "quality", "degraded", "drill", "cost_usd", "trail"}


def test_the_document_is_what_the_reference_says_and_asks_nobody(chained: Chained) -> None:
    chained.speak()
    asked = chained.asked()

    found = chained.services()

    assert {"as_of", "services", "breakers", "chains"} == set(found)
    assert [SERVICE] * len(found["services"]) == [set(each) for each in found["services"]]
    assert [BREAKER] * 9 == [set(each) for each in found["breakers"]]
    assert [CHAIN] * 2 == [set(each) for each in found["chains"]]
    assert [*VOICES, *SCRIPTS] == [link["provider"] for chain in found["chains"] for link in chain["links"]]
    assert [LINK] * 8 == [set(link) for chain in found["chains"] for link in chain["links"]]
    voice, script = found["chains"]
    assert (1, 0, 0, 0.0, "0.0088") == tuple(
        voice[name] for name in ("calls", "fallbacks", "failures", "fallback_rate", "spent_today_usd")
    )
    assert (0, "0.00", None) == (script["calls"], script["spent_today_usd"], script["last_drill"])
    seen = {each["service"]: each for each in found["services"]}
    assert ("healthy", "call") == (seen["elevenlabs"]["health"], seen["elevenlabs"]["source"])
    assert 0 < seen["elevenlabs"]["latency_ms"] < 60_000
    assert ("unknown", None) == (seen["claude"]["health"], seen["claude"]["latency_ms"])
    assert asked == chained.asked()


def test_a_fallback_is_counted_and_told(chained: Chained) -> None:
    chained.emulator.add_fault("elevenlabs.speech", "status", status=503)
    for _ in range(2):
        chained.speak()

    (voice, _) = chained.services()["chains"]
    shown = chained.run("services")
    listed = chained.run("services", "calls")

    assert (2, 1, 0.5) == (voice["calls"], voice["fallbacks"], voice["fallback_rate"])
    assert "voice_synthesis: 2 calls in 7 days, 50.0% fell back" in shown.out
    assert "service_unavailable" in shown.out
    assert "elevenlabs failed: service_unavailable" in listed.out


def test_calls_are_listed_newest_first_and_by_chain(chained: Chained) -> None:
    chained.speak()
    chained.script("--provider", "template")
    chained.speak("--provider", "local_tts")

    every = chained.run("services", "calls", "--json").json()["calls"]
    voices = chained.run("services", "calls", "--chain", "voice_synthesis", "--json").json()["calls"]
    newest = chained.run("services", "calls", "--limit", 1, "--json").json()["calls"]

    assert [CALL] * 3 == [set(each) for each in every]
    assert ["local_tts", "template", "elevenlabs"] == [each["provider"] for each in every]
    assert [every[0], every[2]] == voices
    assert [every[0]] == newest
    assert ("served", False, False) == tuple(every[0][name] for name in ("outcome", "degraded", "drill"))


def test_an_isolated_provider_is_not_asked_until_it_is_reset(chained: Chained) -> None:
    ended = chained.run("services", "isolate", "elevenlabs", "--why", "wrong voice since noon")

    assert (0, "elevenlabs: isolated; `ytempire services reset elevenlabs` lets calls pass again\n") == (
        ended.code, ended.out
    )  # fmt: skip
    found = chained.speak().json()
    assert [("elevenlabs", "skipped"), ("google_tts", "served")] == trail(found)
    assert "its breaker is isolated by tester: wrong voice since noon" == found["trail"][0]["why"]
    assert found["degraded"]
    assert [] == chained.asked("elevenlabs.speech")
    (breaker,) = [each for each in chained.services()["breakers"] if each["provider"] == "elevenlabs"]
    assert ("isolated", None, "tester", "wrong voice since noon") == tuple(
        breaker[name] for name in ("phase", "until", "by", "why")
    )

    again = chained.run("services", "isolate", "elevenlabs", "--why", "another reason")
    assert "elevenlabs: isolated already, by tester: wrong voice since noon; " in again.out

    assert 0 == chained.run("services", "reset", "elevenlabs").code
    assert "elevenlabs" == chained.speak().json()["provider"]


def test_what_is_worth_knowing_of_a_service_has_a_column_of_its_own(chained: Chained) -> None:
    chained.run("drill", "voice_synthesis")

    head, *rows = chained.run("services").out.splitlines()

    (row,) = [each for each in rows if each.startswith("elevenlabs ") and "characters are left" in each]
    assert ["last error", "note"] == [each.strip() for each in head.split("  ") if each.strip()][-2:]
    assert row.index("10,000,000") >= head.index("note") - len("10,000,000 of 10,000,000")


def test_a_disabled_breaker_lets_every_call_pass(chain: Chain) -> None:
    chained = chain("\n[breakers]\nfailures = 1\n[health]\nconfirmations = 100\n")
    chained.emulator.add_fault("elevenlabs.speech", "status", status=503, count=None)
    assert 0 == chained.run("services", "disable", "elevenlabs").code

    for _ in range(3):
        assert "google_tts" == chained.speak().json()["provider"]
    assert 3 == len(chained.asked("elevenlabs.speech"))

    assert 0 == chained.run("services", "reset", "elevenlabs").code
    for _ in range(2):
        chained.speak()
    assert 4 == len(chained.asked("elevenlabs.speech"))


def test_a_service_that_is_ill_keeps_its_providers_from_being_asked(chain: Chain) -> None:
    more = "\n[breakers]\nfailures = 100\nminimum_calls = 100\n[health]\nconfirmations = 2\nstale_seconds = 300\n"
    chained = chain(more)
    chained.emulator.add_fault("elevenlabs.speech", "status", status=503, count=None)
    for _ in range(2):
        chained.speak()

    found = chained.speak().json()

    assert ("skipped", False) == (found["trail"][0]["step"], found["trail"][0]["expected"])
    assert found["trail"][0]["why"].startswith("elevenlabs is unhealthy: service_unavailable")
    assert 2 == len(chained.asked("elevenlabs.speech"))
    seen = {each["service"]: each for each in chained.services()["services"]}["elevenlabs"]
    assert "unhealthy" == seen["health"]
    assert datetime.now(UTC) - datetime.fromisoformat(seen["last_error_at"]) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("services", "isolate", "nobody"), "there is no provider nobody; known are"),
        (("services", "reset", "voice_synthesis"), "there is no provider voice_synthesis"),
        (("services", "isolate"), "missing argument"),
        (("services", "calls", "--limit", "0"), "--limit"),
        (("services", "open", "elevenlabs"), "no such command"),
    ],
)
def test_bad_input_is_one_clear_line(words: tuple[str, ...], told: str, chained: Chained) -> None:
    ended = chained.run(*words)

    (line,) = ended.lines()
    assert (2, "") == (ended.code, ended.out)
    assert line.lower().startswith("ytempire: ")
    assert told in line


def test_a_chain_that_nobody_configured_has_no_calls_and_is_told(chained: Chained) -> None:
    ended = chained.run("services", "calls", "--chain", "rendering")

    (line,) = ended.lines()
    assert (2, "") == (ended.code, ended.out)
    assert "there is no chain rendering; known are voice_synthesis, script_generation" in line


def test_it_shows_a_bare_machine_what_is_not_set_up(bare: Chained) -> None:
    ended = bare.run("services")

    assert 0 == ended.code
    assert 6 == ended.out.count("not set up")
    assert "it has no key: set ELEVENLABS_API_KEY" in ended.out
    assert TEXT not in ended.out
    assert f"there is no home at {bare.home} yet" in ended.err
    assert not bare.home.exists()
