"""What a worker does beside its queue: renewals, reserves, the checklist, health of services, drills, the plan,
webhooks.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from ytempire.bootstrap import guards
from ytempire.bootstrap.chains import Chained, chained
from ytempire.bootstrap.checklist import LOOK, checklist
from ytempire.bootstrap.days import plan_rules
from ytempire.bootstrap.webhooks import webhook_chores
from ytempire.domain.renewal import ROUND
from ytempire.ports import Probe
from ytempire.services.absence import Absence
from ytempire.services.api_probe import YOUTUBE_API, ApiProbe
from ytempire.services.chores import Chore
from ytempire.services.context import Context
from ytempire.services.following import Following
from ytempire.services.gateway import Gateway
from ytempire.services.planning import Planning
from ytempire.services.put_off import PutOff
from ytempire.services.renewal import Renewal
from ytempire.services.reserves import Reserves
from ytempire.services.retention import Keep, Retention
from ytempire.settings import Settings

_RESERVES = timedelta(seconds=5)
"""How often reserves are looked after, beside what every placement does for itself."""

_HEALTH = timedelta(seconds=5)
"""How often to look which services are due for a probe, at least."""

_DRILLS = timedelta(hours=1)
"""How often to look which chains are due for a drill."""


_RETENTION = timedelta(days=1)
"""How often to look for what is old enough to be forgotten, beside every start."""

_ABSENCE = timedelta(hours=1)
"""How often to look for alerts and breakers of what is not configured any more, beside every start."""

_PUT_OFF = timedelta(hours=1)
"""How often to look for what was put off by a wrong clock, beside every start."""


@dataclass(frozen=True, slots=True)
class Duties:
    """The chores of a worker, and the chains that some of them look after."""

    chores: tuple[Chore, ...]
    chains: Chained


@asynccontextmanager
async def duties(
    settings: Settings, context: Context, gateway: Gateway, renewal: Renewal
) -> AsyncIterator[Duties]:
    """What a worker does beside its queue, with what it needs open. Raises `BadSettings` for chains amiss."""
    points = checklist(settings, context.store, context.clock, actor="worker")
    probes: list[Probe] = []
    if settings.accounts and settings.health.youtube_calls_per_day:
        manners = guards.vitality(settings, context.store, context.clock).manners_of(YOUTUBE_API)
        probes.append(ApiProbe(context, gateway, manners))
    async with chained(
        settings, context.store, context.clock, points.upload_links, actor="worker", probes=probes
    ) as chains:
        every = timedelta(days=settings.health.drill_days)
        breakers, known = chains.chains.breakers, chains.known(settings)
        absence = Absence(context.store, context.clock, breakers, known)
        chores = (
            Chore("renewal of tokens", ROUND, renewal.round),
            Chore("reserves", _RESERVES, Reserves(context).look),
            Chore("checklist", LOOK, points.round),
            Chore("health of services", _looks(settings), chains.vitality.round),
            Chore("retention", _RETENTION, retention(settings, context).round),
            Chore("what is configured no more", _ABSENCE, absence.round),
            Chore("what a wrong clock put off", _PUT_OFF, PutOff(context).round),
            Chore("drills", _DRILLS, partial(chains.drills.round, every), whole=True),
            *webhook_chores(settings, context),
        )
        yield Duties(chores, chains)


def retention(settings: Settings, context: Context) -> Retention:
    """Whoever forgets what happened long ago: nothing that the checklist still counts."""
    kept, counted = settings.retention, timedelta(days=settings.checklist.window_days + 1)
    keep = Keep(
        calls=max(timedelta(days=kept.calls_days), counted),
        drills=timedelta(days=kept.drills_days),
        spend=timedelta(days=kept.spend_days),
        events=max(timedelta(days=kept.events_days), counted),
        alerts=timedelta(days=kept.alerts_days),
        dead_letters=timedelta(days=kept.dead_letters_days),
        plans=timedelta(days=kept.plans_days),
        quota=timedelta(days=kept.quota_days),
    )
    return Retention(context.store, context.clock, keep, frozenset(settings.webhooks))


def _looks(settings: Settings) -> timedelta:
    """How often to look whether a probe is due: not less often than probes are asked for."""
    return min(_HEALTH, timedelta(seconds=settings.health.probe_seconds))


def following(settings: Settings, context: Context) -> Following | None:
    """Whoever holds the queue to the plan; None when everything is started as soon as it can be."""
    if not settings.planning.follow:
        return None
    store = context.store
    rules = plan_rules(settings)
    return Following(context, Planning(store, store, context.clock, context.profiles, rules, aside=True))
