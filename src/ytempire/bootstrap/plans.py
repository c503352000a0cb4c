"""Planning for an installation, and for a layout that nobody has installed."""

import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from ytempire import settings as settings_of
from ytempire.adapters.system import MachineClock
from ytempire.bootstrap import rules
from ytempire.bootstrap.days import plan_rules
from ytempire.bootstrap.house import opened_store
from ytempire.bootstrap.layouts import Preset, configuration
from ytempire.domain.quota import PROFILES
from ytempire.ports import Clock
from ytempire.services.planning import Planning
from ytempire.settings import Settings


def preset_settings(preset: Preset) -> Settings:
    """The settings that `ytempire init` would write, without a file or a home."""
    document = tomllib.loads(configuration(preset))
    return settings_of.check(document, home=Path(), source=Path("preset.toml"))


def at_prices_of(settings: Settings, profile: str) -> Settings:
    """The same layout at another price list. Limits of its own stay only for buckets that the list has."""
    known = PROFILES[profile].limits
    projects = {
        name: replace(
            each,
            profile=profile,  # type: ignore[arg-type]  # a name of PROFILES, which the literal repeats
            limits={bucket: limit for bucket, limit in each.limits.items() if bucket in set(map(str, known))},
        )
        for name, each in settings.projects.items()
    }
    return replace(settings, projects=projects)


@asynccontextmanager
async def planning(
    settings: Settings, clock: Clock | None = None, *, actor: str = "command"
) -> AsyncIterator[Planning]:
    """Planning over the store of an installation, in somebody's name."""
    clock = clock or MachineClock()
    async with opened_store(settings, clock) as store:
        rates, how = rules.profiles(settings), plan_rules(settings)
        yield Planning(store, store, clock, rates, how, actor=actor)


async def supposed_planning(settings: Settings, clock: Clock | None = None) -> Planning:
    """Planning over a layout alone: nothing used, nothing queued, nothing kept."""
    from ytempire.adapters.memory.store import MemoryStore

    clock = clock or MachineClock()
    store = MemoryStore()
    await store.configure(rules.project_rules(settings), rules.account_rules(settings), clock.now())
    return Planning(store, store, clock, rules.profiles(settings), plan_rules(settings))
