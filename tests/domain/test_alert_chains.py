"""Which events of chains, breakers, services and drills begin and end which alerts."""

from itertools import product

import pytest

from tests.builders import an_event
from ytempire.domain.alert_parts import Change
from ytempire.domain.alert_rules import changes
from ytempire.domain.alerts import Raise, Resolve
from ytempire.domain.breaker import Phase
from ytempire.domain.events import Kind
from ytempire.domain.faults import Level
from ytempire.domain.vitals import Health

CHAINS = (Kind.CHAIN_SERVED, Kind.CHAIN_FELL_BACK, Kind.CHAIN_FAILED)


def meant(kind: Kind, **data: object) -> tuple[Change, ...]:
    return changes(an_event(kind, data=data))


def raised(kind: Kind, **data: object) -> Raise:
    (found,) = [each for each in meant(kind, **data) if isinstance(each, Raise)]
    return found


def test_a_chain_in_which_nobody_serves_is_critical_and_names_each() -> None:
    found = raised(Kind.CHAIN_FAILED, chain="voice_synthesis", why="polly failed: HTTP 500")

    assert ("chain:voice_synthesis", Level.CRITICAL) == (found.key, found.level)
    assert "no provider of voice_synthesis could serve" == found.title
    assert "polly failed: HTTP 500" == found.text
    assert "see `ytempire services`; `ytempire drill voice_synthesis` tries each provider" == found.remedy
    assert found.until is None


@pytest.mark.parametrize("kind", [Kind.CHAIN_SERVED, Kind.CHAIN_FELL_BACK])
def test_a_chain_that_serves_again_by_whomever_ends_it_and_tells_nothing_else(kind: Kind) -> None:
    found = meant(kind, chain="voice_synthesis", provider="polly", why="elevenlabs failed: HTTP 500")

    assert (Resolve("chain:voice_synthesis"),) == found


def test_one_chain_says_nothing_of_another() -> None:
    keys = {each.key for kind in CHAINS for each in meant(kind, chain="script_generation")}

    assert {"chain:script_generation"} == keys


def test_an_open_breaker_is_a_warning_with_its_reason_and_its_moment() -> None:
    until = "2026-11-20T12:01:00+00:00"
    found = raised(Kind.BREAKER_CHANGED, provider="polly", phase="open", why="HTTP 500", until=until)

    assert ("breaker:polly", Level.WARNING, "HTTP 500 (until 2026-11-20 12:01 UTC)") == (
        found.key,
        found.level,
        found.text,
    )
    assert "HTTP 500" == raised(Kind.BREAKER_CHANGED, provider="polly", phase="open", why="HTTP 500").text


@pytest.mark.parametrize("phase", [Phase.CLOSED, Phase.DISABLED])
def test_a_breaker_that_lets_calls_pass_ends_both_of_its_alerts(phase: Phase) -> None:
    expected = (Resolve("breaker:polly"), Resolve("breaker:polly:isolated"))

    assert expected == meant(Kind.BREAKER_CHANGED, provider="polly", phase=str(phase))


def test_a_half_open_breaker_is_not_well_yet() -> None:
    assert () == meant(Kind.BREAKER_CHANGED, provider="polly", phase="half_open", was="open")


def test_an_isolated_breaker_is_told_quietly_in_place_of_an_open_one() -> None:
    before, found = meant(Kind.BREAKER_CHANGED, provider="polly", phase="isolated", why="too dear")

    assert Resolve("breaker:polly", quiet=True) == before
    assert isinstance(found, Raise)
    assert ("breaker:polly:isolated", Level.INFO, "too dear") == (found.key, found.level, found.text)
    assert "`ytempire services reset polly` when it may be asked again" == found.remedy


def test_a_service_that_is_not_well_is_a_warning_until_it_is() -> None:
    found = raised(Kind.SERVICE_CHANGED, service="stripe", health="unhealthy", why="no answer")

    assert ("service:stripe", Level.WARNING, "no answer") == (found.key, found.level, found.text)
    assert "stripe is not well" == found.title
    assert (Resolve(found.key),) == meant(Kind.SERVICE_CHANGED, service="stripe", health="healthy")


def test_a_service_of_which_nothing_is_known_changes_nothing() -> None:
    assert () == meant(Kind.SERVICE_CHANGED, service="stripe", health=str(Health.UNKNOWN))


def test_youtube_found_well_again_ends_the_waiting_for_it_too() -> None:
    found = meant(Kind.SERVICE_CHANGED, service="youtube", health="healthy")
    ill = meant(Kind.SERVICE_CHANGED, service="youtube", health="unhealthy", why="no answer")

    assert (Resolve("service:youtube"), Resolve("youtube:unavailable")) == found
    assert ["service:youtube"] == [each.key for each in ill]


def test_a_failed_drill_is_a_warning_until_one_is_passed() -> None:
    found = raised(Kind.DRILL_DONE, chain="voice_synthesis", passed=False, why="polly: no key")

    assert ("drill:voice_synthesis", Level.WARNING, "polly: no key") == (found.key, found.level, found.text)
    assert (Resolve(found.key),) == meant(Kind.DRILL_DONE, chain="voice_synthesis", passed=True)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (Kind.BREAKER_CHANGED, {}),
        (Kind.BREAKER_CHANGED, {"provider": "polly", "phase": "ajar"}),
        (Kind.SERVICE_CHANGED, {}),
        (Kind.DRILL_DONE, {"chain": "voice_synthesis"}),
        (Kind.DRILL_DONE, {"chain": "voice_synthesis", "passed": "no"}),
    ],
)
def test_an_event_that_does_not_say_what_became_of_it_changes_nothing(
    kind: Kind, data: dict[str, object]
) -> None:
    assert () == meant(kind, **data)


LOUD: tuple[tuple[Kind, dict[str, object]], ...] = (
    (Kind.CHAIN_FAILED, {}),
    (Kind.BREAKER_CHANGED, {"phase": "open"}),
    (Kind.SERVICE_CHANGED, {"health": "unhealthy"}),
    (Kind.DRILL_DONE, {"passed": False}),
)


@pytest.mark.parametrize(("case", "level"), list(product(LOUD, Level)))
def test_an_alert_is_at_least_as_loud_as_its_event(
    case: tuple[Kind, dict[str, object]], level: Level
) -> None:
    (found,) = changes(an_event(case[0], level=level, data=case[1]))

    assert isinstance(found, Raise)
    assert list(Level).index(level) <= list(Level).index(found.level)
