"""The checklist of an installation."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from ytempire.bootstrap import rules
from ytempire.bootstrap.alerts import targets
from ytempire.bootstrap.days import plan_rules
from ytempire.domain.checklist import Rules
from ytempire.domain.planning_calendar import minutes_of
from ytempire.domain.reserves import Policy
from ytempire.ports import Clock, Store
from ytempire.services.checklist import Checklist
from ytempire.services.planning import Planning
from ytempire.settings import Settings

LOOK = timedelta(minutes=1)
"""How often a worker looks whether the checklist is due."""


def checklist(settings: Settings, store: Store, clock: Clock, *, actor: str = "command") -> Checklist:
    """The checklist of a house."""
    section, profiles = settings.checklist, rules.profiles(settings)
    return Checklist(
        store=store,
        clock=clock,
        planning=Planning(store, store, clock, profiles, plan_rules(settings), aside=True, actor=actor),
        profiles=profiles,
        rules=Rules(
            minutes_of(section.at),
            ZoneInfo(section.zone),
            timedelta(days=section.window_days),
            section.reserves_ready,
        ),
        policy=Policy(settings.planning.reserves),
        targets=targets(settings),
        actor=actor,
        drills=timedelta(days=settings.health.drill_days) if settings.health.drill_days else None,
    )
