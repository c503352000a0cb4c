"""The chains of an installation: providers as configured, their vendors' adapters, health and drills."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ytempire.bootstrap import guards
from ytempire.bootstrap.rules import clients
from ytempire.bootstrap.tracing import tracer
from ytempire.bootstrap.vendors import ORDERS, OWN, Named, named, stripe_terms
from ytempire.domain.alert_subjects import Known
from ytempire.domain.chain import Budget, Chain, Link, Quality
from ytempire.domain.chain_drill import Link as UploadLink
from ytempire.domain.money import micro_dollars
from ytempire.ports import Clock, Probe, Speaker, Store, Writer
from ytempire.services.chains import Chains
from ytempire.services.drills import Drills
from ytempire.services.gate import OAUTH, YOUTUBE
from ytempire.services.service_report import ServiceReports
from ytempire.services.speaking import Speaking
from ytempire.services.tracing import TracedSpeaker, TracedWriter
from ytempire.services.vitality import Vitality
from ytempire.services.writing import Writing
from ytempire.settings import BadSettings, Settings
from ytempire.settings.chain_sections import ChainSection

if TYPE_CHECKING:
    from ytempire.adapters.providers import Web

_GOOGLE = frozenset({YOUTUBE, OAUTH})
"""Services that uploads tell of."""


@dataclass(frozen=True, slots=True)
class Chained:
    """The services of chains around a store."""

    chains: Chains
    vitality: Vitality
    speaking: Speaking
    writing: Writing
    drills: Drills
    reports: ServiceReports

    def known(self, settings: Settings) -> Known:
        """What the configuration knows of that alerts can be about."""
        links = [link for chain in self.chains.chains.values() for link in chain.links]
        looked_at = (probe.service for probe in self.vitality.probes)
        return Known(
            accounts=frozenset(each.id for each in settings.accounts),
            projects=frozenset(settings.projects),
            providers=frozenset(self.chains.providers()),
            services=frozenset({*looked_at, *(link.service for link in links if link.service)})
            | (_GOOGLE if settings.accounts else frozenset()),
            chains=frozenset({*self.chains.chains, *self.drills.known()}),
            targets=frozenset(settings.alerts.targets),
            webhooks=frozenset(settings.webhooks),
        )


@asynccontextmanager
async def chained(
    settings: Settings,
    store: Store,
    clock: Clock,
    upload: Callable[[], Awaitable[Sequence[UploadLink]]],
    *,
    actor: str = "command",
    probes: Sequence[Probe] | None = None,
) -> AsyncIterator[Chained]:
    """The chains of a house, closed at the end. `upload` tries the links of the upload chain. A worker gives further
    `probes`, and then services that are no vendors are looked at too; a command works without what those need.

    Raises `BadSettings` with all that is wrong with providers and chains.
    """
    from ytempire.adapters.media.sound import PyAvSounds
    from ytempire.adapters.providers import Web

    providers = _providers(settings)
    web = Web(clock)
    try:
        speakers, writers, looks = _vendors(providers, web)
        if probes is not None:
            for probe in (*_probes(settings, web), *probes):
                looks.setdefault(probe.service, probe)
        chains = _chains(settings, providers)
        vitality = replace(guards.vitality(settings, store, clock), probes=tuple(looks.values()))
        calls = Chains(store, clock, chains, guards.breakers(settings, store, clock), vitality)
        sounds = PyAvSounds()
        speaking, writing = Speaking(calls, sounds, speakers), Writing(calls, writers)
        uploads = upload if settings.accounts else None
        drills = Drills(calls, speaking, writing, sounds, clock, actor, store, store, uploads)
        yield Chained(
            calls, vitality, speaking, writing, drills, ServiceReports(store, clock, chains, vitality)
        )
    finally:
        await web.aclose()


def _vendors(
    providers: Mapping[str, Named], web: "Web"
) -> tuple[dict[str, Speaker], dict[str, Writer], dict[str, Probe]]:
    """The vendors' adapters by provider, and a free look at each service. Raises `BadSettings` for unknown kinds."""
    from ytempire.adapters.providers import VENDORS, plugins, speakers, writers
    from ytempire.adapters.providers.probes import Together

    known = (*VENDORS, *plugins())
    can_speak, can_write = speakers(known), writers(known)
    can_look = {each.kind: each.probe for each in known if each.probe}
    _known_kinds(providers, {*can_speak, *can_write})
    speaking: dict[str, Speaker] = {}
    writing: dict[str, Writer] = {}
    looks: dict[str, list[Probe]] = {}
    for name, provider in providers.items():
        kind, terms = provider.terms.kind, provider.terms
        if provider.unready:
            continue
        if kind in can_speak:
            speaking[name] = TracedSpeaker(can_speak[kind](terms, web), name, tracer())
        if kind in can_write:
            writing[name] = TracedWriter(can_write[kind](terms, web), name, tracer())
        look = can_look[kind](replace(terms, name=provider.service), web) if kind in can_look else None
        if look is not None and provider.service:
            looks.setdefault(provider.service, []).append(look)
    together = {service: Together(service, each) if each[1:] else each[0] for service, each in looks.items()}
    return speaking, writing, together


def _known_kinds(providers: Mapping[str, Named], known: Collection[str]) -> None:
    wrong = [
        f"providers.{name}.kind: there is no kind {each.terms.kind!r}; known are {', '.join(sorted(known))} and {OWN}"
        for name, each in providers.items()
        if each.terms.kind not in known and each.terms.kind != OWN
    ]
    if wrong:
        raise BadSettings(wrong)


def _probes(settings: Settings, web: "Web") -> tuple[Probe, ...]:
    """Free looks at services that are no providers: YouTube, its token endpoint, and Stripe when it has a key."""
    from ytempire.adapters.providers.probes import stripe_probe, token_probe, youtube_probe

    found: list[Probe] = []
    if settings.accounts:
        found.append(youtube_probe(YOUTUBE, settings.google.api_root, web))
        uris = {each.token_uri for each in clients(settings).values()}
        found += [token_probe(OAUTH, uri, web) for uri in sorted(uris)[:1]]
    stripe = stripe_probe(stripe_terms(settings), web)
    return (*found, stripe) if stripe else tuple(found)


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
        terms.model,
    )


def _budget(section: ChainSection) -> Budget:
    return Budget(
        micro_dollars(section.max_cost_usd) or None,
        micro_dollars(section.daily_budget_usd) or None,
        Quality(section.min_quality),
        section.timeout_seconds or None,
    )
