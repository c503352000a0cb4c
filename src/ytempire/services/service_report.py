"""Read models of services, breakers, chains and drills as plain JSON documents, the same for every face."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ytempire.domain import vitals
from ytempire.domain.breaker import Breaker, Phase, phase_at
from ytempire.domain.chain import Attempt, CallerFault, Chain, ChainCall, ChainFailed, Link, Served, Usage
from ytempire.domain.money import usd
from ytempire.domain.slips import meant
from ytempire.domain.values import Refusal, Refused
from ytempire.domain.vitals import Health, Vital
from ytempire.ports import Chainbook, Clock, DrillReport
from ytempire.services.documents import Document, moment
from ytempire.services.gate import YOUTUBE
from ytempire.services.vitality import Vitality

WEEK = timedelta(days=7)
_BY_HAND = (Phase.ISOLATED, Phase.DISABLED)


@dataclass(frozen=True, slots=True)
class ServiceReports:
    """Tells how services and chains are."""

    book: Chainbook
    clock: Clock
    chains: Mapping[str, Chain]
    vitality: Vitality

    async def services(self) -> Document:
        """Every service and breaker that is known or configured, and every chain with its links."""
        now = self.clock.now()
        known = {each.service: each for each in await self.book.vitals()}
        breakers = {each.name: each for each in await self.book.breakers()}
        configured = [link.service for chain in self.chains.values() for link in chain.links if link.service]
        names = sorted({*known, *configured})
        found = [known.get(name, Vital(name)) for name in names]
        health = {each.service: vitals.current(each, now, self._manners(each)) for each in found}
        usage, spent = await self.book.usage(now - WEEK), await self._spent(now)
        drills = {each.chain: each for each in await self.book.drills()}
        return {
            "as_of": moment(now),
            "services": [self._service(each, breakers.values(), now) for each in found],
            "breakers": [
                _breaker(breakers.get(name, Breaker(name, now)), now) for name in self._providers(breakers)
            ],
            "chains": [
                _chain(
                    each,
                    health,
                    breakers,
                    usage.get(name, Usage()),
                    spent.get(name, 0),
                    drills.get(name),
                    now,
                )
                for name, each in self.chains.items()
            ],
        }

    async def calls(self, chain: str | None = None, limit: int = 20) -> Document:
        """The newest calls with their trails. Raises `Refused` for a chain that neither is nor ever was."""
        found = await self.book.chain_calls(chain=chain, limit=limit)
        if chain is not None and not found and chain not in self.chains:
            told = f"there is no chain {chain:.64}"
            remedy = meant(chain, self.chains, f"known are {', '.join(self.chains)}")
            raise Refused(Refusal("chain", "chain_unknown", told, remedy))
        return {"calls": [_call(each) for each in found]}

    async def drills(self) -> Document:
        """The newest drill of each chain."""
        return {"drills": [drill_document(each) for each in await self.book.drills()]}

    def _providers(self, breakers: Mapping[str, Breaker]) -> list[str]:
        named = [link.provider for chain in self.chains.values() for link in chain.links]
        return sorted({YOUTUBE, *named, *breakers})

    def _manners(self, vital: Vital) -> vitals.Manners:
        return self.vitality.manners_of(vital.service)

    async def _spent(self, now: datetime) -> dict[str, int]:
        spent: dict[str, int] = {}
        for line in await self.book.spending(now.astimezone(UTC).date()):
            spent[line.chain] = spent.get(line.chain, 0) + line.amount
        return spent

    def _service(self, vital: Vital, breakers: Iterable[Breaker], now: datetime) -> Document:
        """A service, and what persons ordered of those that stand on it."""
        links = [link for chain in self.chains.values() for link in chain.links]
        upon = {vital.service, *(link.provider for link in links if link.service == vital.service)}
        ordered = [each for each in breakers if each.name in upon and each.phase in _BY_HAND]
        return {
            "service": vital.service,
            "health": vitals.current(vital, now, self._manners(vital)).value,
            "since": moment(vital.since),
            "seen_at": moment(vital.seen_at),
            "source": vital.source.value if vital.source else None,
            "latency_ms": vitals.latency(vital),
            "last_error": vital.error or None,
            "last_error_at": moment(vital.error_at),
            "next_probe": moment(vital.next_probe),
            "notes": [*vital.notes, *map(_order, sorted(ordered, key=lambda each: each.name))],
        }


def _order(breaker: Breaker) -> str:
    return f"{breaker.name} is {breaker.phase.value} by {breaker.by}: {breaker.why}"


def served_document(served: Served[Any]) -> Document:
    """Who served a call, for how much, and what came before."""
    return {
        "call": served.call,
        "provider": served.provider,
        "quality": served.quality.value,
        "degraded": served.degraded,
        "cost_usd": usd(served.cost),
        "trail": [attempt_document(each) for each in served.trail],
    }


def failed_document(failed: ChainFailed | CallerFault) -> Document:
    """A call that nobody served: why, and who was asked or left out."""
    return {
        "error": str(failed),
        "chain": failed.chain,
        "cost_usd": usd(sum(each.cost for each in failed.trail)),
        "trail": [attempt_document(each) for each in failed.trail],
    }


def attempt_document(attempt: Attempt) -> Document:
    """One link of a call."""
    return {
        "provider": attempt.provider,
        "quality": attempt.quality.value,
        "step": attempt.step.value,
        "why": attempt.why or None,
        "expected": attempt.expected,
        "blame": attempt.blame.value if attempt.blame else None,
        "charged": attempt.charged.value,
        "cost_usd": usd(attempt.cost),
        "seconds": round(attempt.seconds, 3),
    }


def drill_document(report: DrillReport) -> Document:
    """One drill."""
    return {
        "chain": report.chain,
        "at": moment(report.at),
        "by": report.by,
        "passed": report.passed,
        "links": [{"link": name, "verdict": verdict, "told": told} for name, verdict, told in report.links],
    }


def _call(call: ChainCall) -> Document:
    return {
        "id": call.id,
        "chain": call.chain,
        "at": moment(call.at),
        "outcome": call.outcome,
        "provider": call.provider or None,
        "quality": call.quality.value if call.quality else None,
        "degraded": call.degraded,
        "drill": call.forced,
        "cost_usd": usd(call.cost),
        "trail": [attempt_document(each) for each in call.trail],
    }


def _breaker(breaker: Breaker, now: datetime) -> Document:
    return {
        "provider": breaker.name,
        "phase": phase_at(breaker, now).value,
        "since": moment(breaker.since) if breaker.version else None,
        "until": moment(breaker.until),
        "failures": breaker.failures,
        "why": breaker.why or None,
        "by": breaker.by or None,
    }


def _chain(
    chain: Chain,
    health: Mapping[str, Health],
    breakers: Mapping[str, Breaker],
    usage: Usage,
    spent: int,
    drill: DrillReport | None,
    now: datetime,
) -> Document:
    budget = chain.budget
    return {
        "chain": chain.name,
        "links": [_link(link, health, breakers.get(link.provider), now) for link in chain.links],
        "calls": usage.calls,
        "fallbacks": usage.fallbacks,
        "failures": usage.failures,
        "fallback_rate": round(usage.rate, 4),
        "days": WEEK.days,
        "spent_today_usd": usd(spent),
        "max_cost_usd": None if budget.per_call is None else usd(budget.per_call),
        "daily_budget_usd": None if budget.per_day is None else usd(budget.per_day),
        "last_drill": None if drill is None else drill_document(drill),
    }


def _link(link: Link, health: Mapping[str, Health], breaker: Breaker | None, now: datetime) -> Document:
    return {
        "provider": link.provider,
        "service": link.service or None,
        "quality": link.quality.value,
        "cost_usd": usd(link.cost),
        "paid": link.paid,
        "ready": not link.unready,
        "why": link.unready or None,
        "health": health[link.service].value if link.service in health else None,
        "breaker": _breaker(breaker or Breaker(link.provider, now), now)["phase"],
    }
