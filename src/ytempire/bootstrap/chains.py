"""The chains of an installation: providers as configured, their vendors' adapters, health and drills."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from ytempire.bootstrap import guards
from ytempire.bootstrap.vendors import ORDERS, OWN, Named, named
from ytempire.domain.chain import Budget, Chain, Link, Quality
from ytempire.domain.chain_drill import Link as UploadLink
from ytempire.domain.money import micro_dollars
from ytempire.ports import Clock, Probe, Speaker, Store, Writer
from ytempire.services.chains import Chains
from ytempire.services.drills import Drills
from ytempire.services.service_report import ServiceReports
from ytempire.services.speaking import Speaking
from ytempire.services.vitality import Vitality
from ytempire.services.writing import Writing
from ytempire.settings import BadSettings, Settings
from ytempire.settings.chain_sections import ChainSection


@dataclass(frozen=True, slots=True)
class Chained:
    """The services of chains around a store."""

    chains: Chains
    vitality: Vitality
    speaking: Speaking
    writing: Writing
    drills: Drills
    reports: ServiceReports


@asynccontextmanager
async def chained(
    settings: Settings,
    store: Store,
    clock: Clock,
    upload: Callable[[], Awaitable[Sequence[UploadLink]]],
    *,
    actor: str = "command",
    probes: Sequence[Probe] = (),
) -> AsyncIterator[Chained]:
    """The chains of a house, closed at the end. `upload` tries the links of the upload chain; `probes` are looks at
    services beside those of the vendors. Raises `BadSettings` with all that is wrong with providers and chains.
    """
    from ytempire.adapters.media.sound import SoundFiles
    from ytempire.adapters.providers import vendors
    from ytempire.adapters.providers.web import Web

    providers = _providers(settings)
    known = vendors()
    _known_kinds(providers, known)
    web = Web(clock)
    try:
        speakers: dict[str, Speaker] = {}
        writers: dict[str, Writer] = {}
        looks: dict[str, Probe] = {each.service: each for each in probes}
        for name, provider in providers.items():
            vendor = known.get(provider.terms.kind)
            if vendor is None or provider.unready:
                continue
            if vendor.speaker is not None:
                speakers[name] = vendor.speaker(provider.terms, web)
            if vendor.writer is not None:
                writers[name] = vendor.writer(provider.terms, web)
            if vendor.probe is not None and provider.service:
                looks.setdefault(provider.service, vendor.probe(provider.service, provider.terms, web))
        chains = _chains(settings, providers)
        vitality = replace(guards.vitality(settings, store, clock), probes=tuple(looks.values()))
        links = [link for chain in chains.values() for link in chain.links]
        calls = Chains(store, clock, chains, guards.breakers(settings, store, clock, links), vitality)
        sounds = SoundFiles()
        speaking, writing = Speaking(calls, sounds, speakers), Writing(calls, writers)
        drills = Drills(calls, speaking, writing, sounds, clock, actor, store, upload)
        yield Chained(
            calls, vitality, speaking, writing, drills, ServiceReports(store, clock, chains, vitality)
        )
    finally:
        await web.aclose()


def _known_kinds(providers: Mapping[str, Named], known: Mapping[str, object]) -> None:
    wrong = [
        f"providers.{name}.kind: there is no kind {each.terms.kind!r}; known are {', '.join(sorted(known))} and {OWN}"
        for name, each in providers.items()
        if each.terms.kind not in known and each.terms.kind != OWN
    ]
    if wrong:
        raise BadSettings(wrong)


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
    terms = provider.terms
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
