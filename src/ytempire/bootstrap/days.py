"""From settings to the rules that days are planned by."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from ytempire.domain.planning import Shape
from ytempire.domain.planning_calendar import minutes_of
from ytempire.domain.reserves import Policy
from ytempire.services.planning import PlanRules
from ytempire.settings import Settings


def plan_rules(settings: Settings) -> PlanRules:
    """How days are planned."""
    section = settings.planning
    return PlanRules(
        zone=ZoneInfo(section.zone),
        shapes=tuple(
            Shape(each.name, minutes_of(each.start), minutes_of(each.end), each.share)
            for each in section.windows
        ),
        spacing=timedelta(minutes=section.spacing_minutes),
        reserves=Policy(section.reserves),
        cross_project_failover=settings.quota.cross_project_failover,
    )
