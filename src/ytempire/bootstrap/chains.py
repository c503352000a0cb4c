"""The chains of an installation: providers as configured, their vendors' adapters, breakers, health and drills."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from ytempire.bootstrap.house import Reading, reading
from ytempire.bootstrap.vendors import ORDERS, OWN, Named, named
from ytempire.domain.breaker import BreakerRules, Rules
from ytempire.domain.chain import Budget, Chain, Link, Quality
from ytempire.domain.money import micro_dollars
from ytempire.domain.vitals import Manners
from ytempire.ports import Clock, Probe, Speaker, Store, Terms, Writer
from ytempire.services.breakers import Breakers
from ytempire.services.chains import Chains
from ytempire.services.drills import Drills
from ytempire.services.service_report import ServiceReports
from ytempire.services.speaking import Speaking
from ytempire.services.vitality import Vitality
from ytempire.services.writing import Writing
from ytempire.settings import BadSettings, Settings
from ytempire.settings.chain_sections import ChainSection

YOUTUBE = "youtube"
YOUTUBE_API = "youtube_api"
TOKENS = "google_oauth"


@dataclass(frozen=True, slots=True)
class Chained:
    """A house with chains in it."""

    reading: Reading
    chains: Chains
    speaking: Speaking
    writing: Writing
    drills: Drills
    reports: ServiceReports


@asynccontextmanager
async def chained(settings: Settings, *, actor: str = "command") -> AsyncIterator[Chained]:
    """A house for calling chains. Raises `BadSettings` with everything that is wrong with them."""
    async with reading(settings) as house, staffed(settings, house.store, house.clock, actor) as services:
        chains, speaking, writing, drills, reports = services
        yield Chained(house, chains, speaking, writing, drills, reports)


Services = tuple[Chains, Speaking, Writing, Drills, ServiceReports]


@asynccontextmanager
async def staffed(settings: Settings, store: Store, clock: Clock, actor: str) -> AsyncIterator[Services]:
    """The services of chains around a store; closed at the end."""
    from ytempire.adapters.media.sound import SoundFiles
    from ytempire.adapters.providers import Web, probes, vendors

    providers = _providers(settings)
    async with Web(clock) as web:
        speakers: dict[str, Speaker] = {}
        writers: dict[str, Writer] = {}
        looks: list[Probe] = []
        known = vendors()
        for name, provider in providers.items():
            if provider.terms.kind == OWN:
                continue
            vendor = known.get(provider.terms.kind)
            if vendor is None:
                told = f"providers.{name}.kind: there is no kind {provider.terms.kind!r}"
                raise BadSettings([f"{told}; known are {', '.join(sorted(known))} and {OWN}"])
            if provider.unready:
                continue
            if vendor.speaker is not None:
                speakers[name] = vendor.speaker(provider.terms, web)
            if vendor.writer is not None:
                writers[name] = vendor.writer(provider.terms, web)
        chains = _chains(settings, providers)
        del probes, looks
        breakers = Breakers(store, clock, BreakerRules(_rules(settings)))
        vitality = Vitality(store, clock, (), manners(settings))
        calls = Chains(store, clock, chains, breakers, vitality)
        speaking = Speaking(calls, SoundFiles(), speakers)
        writing = Writing(calls, writers)
        yield (
            calls,
            speaking,
            writing,
            Drills(calls, speaking, writing, clock, actor),
            ServiceReports(store, clock, chains, breakers, vitality),
        )


def manners(settings: Settings) -> Manners:
    """How services are looked after."""
    section = settings.health
    return Manners(
        timedelta(seconds=section.probe_seconds),
        timedelta(seconds=section.timeout_seconds),
        confirmations=section.confirmations,
        stale=timedelta(seconds=section.stale_seconds),
    )


def _rules(settings: Settings) -> Rules:
    section = settings.breakers
    return Rules(
        threshold=section.failures,
        window=timedelta(seconds=section.window_seconds),
        minimum_calls=section.minimum_calls,
        failure_rate=section.failure_percent,
        recovery=timedelta(seconds=section.recovery_seconds),
        growth=section.growth,
        jitter=section.jitter_percent,
        cap=timedelta(seconds=section.longest_seconds),
        probes=section.probes,
        probe_limit=timedelta(seconds=section.probe_seconds),
    )


def orders(settings: Settings) -> dict[str, tuple[str, ...]]:
    """The providers of each chain, in order: the brief's, unless the configuration names others."""
    found = dict(ORDERS)
    problems = []
    for name, section in settings.chains.items():
        if section.providers:
            found[name] = section.providers
        elif name not in found:
            problems.append(f"chains.{name}.providers: name at least one")
    if problems:
        raise BadSettings(problems)
    return found


def _providers(settings: Settings) -> dict[str, Named]:
    """Every provider that a chain names. Raises `BadSettings` with all that are not there."""
    found, problems = {}, []
    for name in dict.fromkeys(each for order in orders(settings).values() for each in order):
        try:
            found[name] = named(settings, name)
        except BadSettings as wrong:
            problems += wrong.problems
    if problems:
        raise BadSettings(problems)
    return found


def _chains(settings: Settings, providers: Mapping[str, Named]) -> dict[str, Chain]:
    return {
        name: Chain(
            name,
            tuple(_link(provider, providers[provider]) for provider in order),
            _budget(settings.chains.get(name, ChainSection())),
        )
        for name, order in orders(settings).items()
    }


def _link(name: str, provider: Named) -> Link:
    terms: Terms = provider.terms
    return Link(
        name,
        provider.quality,
        provider.service,
        terms.cost,
        provider.paid,
        terms.seconds,
        provider.unready,
    )


def _budget(section: ChainSection) -> Budget:
    return Budget(
        micro_dollars(section.max_cost_usd) or None,
        micro_dollars(section.daily_budget_usd) or None,
        Quality(section.min_quality),
        section.timeout_seconds or None,
    )
