"""The page of services with the document that `ytempire services --json` tells, and its two buttons."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, fields
from typing import Any

import pytest

from tests.entrypoints.http.asking import PORT
from tests.entrypoints.http.conftest import ROOMY, House
from tests.entrypoints.pages.conftest import OpenPages
from tests.entrypoints.pages.test_forms import send
from tests.entrypoints.program import Installation
from ytempire.bootstrap.serving import Serving
from ytempire.domain.values import Refusal, Refused
from ytempire.entrypoints.http.app import build
from ytempire.entrypoints.http.front import front

AT = "2026-11-22T14:00:00Z"
BREAKERS: list[dict[str, Any]] = [
    {"provider": "elevenlabs", "phase": "open", "since": AT, "until": AT, "failures": 5, "why": "503", "by": None},
    {"provider": "espeak", "phase": "closed", "since": None, "until": None, "failures": 0, "why": None, "by": None},
]  # fmt: skip
LINKS = [
    {"provider": "elevenlabs", "service": "ElevenLabs", "quality": "premium", "cost_usd": "0.50", "paid": True,
     "ready": True, "why": None, "health": "unhealthy", "breaker": "open"},
    {"provider": "polly", "service": "Polly", "quality": "basic", "cost_usd": "0.15", "paid": True,
     "ready": False, "why": "no key is configured", "health": None, "breaker": "closed"},
    {"provider": "espeak", "service": None, "quality": "emergency", "cost_usd": "0.01", "paid": False,
     "ready": True, "why": None, "health": None, "breaker": "closed"},
]  # fmt: skip
DRILL = {"chain": "voice_synthesis", "at": AT, "by": "worker", "passed": True, "links": []}
CHAIN = {
    "chain": "voice_synthesis", "links": LINKS, "calls": 120, "fallbacks": 6, "failures": 1, "fallback_rate": 0.05,
    "days": 7, "spent_today_usd": "3.10", "max_cost_usd": "1.00", "daily_budget_usd": "20.00", "last_drill": DRILL,
}  # fmt: skip
SERVICE = {
    "service": "ElevenLabs", "health": "unhealthy", "since": AT, "seen_at": AT, "source": "probe", "latency_ms": 412,
    "last_error": "HTTP 503 <b>", "last_error_at": AT, "next_probe": AT, "notes": ["no quota is spent"],
}  # fmt: skip
DOCUMENT: dict[str, Any] = {"as_of": AT, "services": [SERVICE], "breakers": BREAKERS, "chains": [CHAIN]}


@dataclass
class Chains:
    """Chains as pages use them, all in one."""

    done: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def reports(self) -> "Chains":
        return self

    @property
    def chains(self) -> "Chains":
        return self

    @property
    def breakers(self) -> "Chains":
        return self

    async def services(self) -> dict[str, Any]:
        return DOCUMENT

    def known_provider(self, name: str) -> None:
        if name not in {each["provider"] for each in BREAKERS}:
            raise Refused(Refusal("provider", "provider_unknown", f"there is no {name}", "see the list"))

    async def isolate(self, name: str, *, by: str, why: str) -> None:
        self.done.append(("isolate", name, by))

    async def reset(self, name: str, *, by: str) -> None:
        self.done.append(("reset", name, by))


@dataclass(frozen=True, slots=True)
class WithChains(Serving):
    """A house that has chains."""

    chained: Any = None


@pytest.fixture
def chains() -> Chains:
    return Chains()


@pytest.fixture
async def house(company: Installation, opened: OpenPages, chains: Chains) -> AsyncIterator[House]:
    async with opened(company) as made:
        parts = {each.name: getattr(made.serving, each.name) for each in fields(made.serving)}
        served = WithChains(**{**parts, "chained": chains})
        yield House(served, made.front, build(served, front(PORT), ROOMY))


async def test_chains_breakers_and_services_are_told(house: House) -> None:
    text = (await house.ask("GET", "/services")).body.decode()

    for told in ("Voice synthesis", "no key is configured", "breaker open", "120 calls in 7 days", "3.10 USD today",
                 "HTTP 503 &lt;b&gt;", "412 ms", "no quota is spent", "unhealthy"):  # fmt: skip
        assert told in text


async def test_a_breaker_is_worked_by_hand(house: House, chains: Chains) -> None:
    isolated = await send(house, "/services/espeak/isolate")
    reset = await send(house, "/services/elevenlabs/reset")
    unknown = await send(house, "/services/nobody/reset")

    assert ["/services?said=isolated", "/services?said=reset"] == [
        each.headers["location"] for each in (isolated, reset)
    ]
    assert [("isolate", "espeak", "local"), ("reset", "elevenlabs", "local")] == chains.done
    assert unknown.status in (404, 422)


async def test_where_there_are_no_chains_there_is_nothing_to_work(
    company: Installation, opened: OpenPages
) -> None:
    async with opened(company) as plain:
        answer = await send(plain, "/services/espeak/isolate")

    assert answer.status in (404, 422)
    assert "no chains of services" in answer.body.decode()
