"""From settings to a scenario, and its simulation."""

from datetime import date

from ytempire.bootstrap import rules
from ytempire.bootstrap.plans import plan_rules
from ytempire.settings import Settings
from ytempire.simulation import Layout, Rates, Scenario


def layout(settings: Settings, name: str) -> Layout:
    """The house that is configured, under a name to tell it by."""
    return Layout(
        name=name,
        projects=tuple(rules.project_rules(settings)),
        accounts=tuple(rules.account_rules(settings)),
        profiles=rules.profiles(settings),
        plan=plan_rules(settings),
        manners=rules.manners(settings),
    )


def scenario(
    settings: Settings, name: str, *, start: date, days: int, videos: int, rates: Rates, seed: int
) -> Scenario:
    """So many days of so many videos with a worker as configured."""
    return Scenario(
        layout=layout(settings, name),
        start=start,
        days=days,
        videos=videos,
        rates=rates,
        seed=seed,
        concurrency=settings.worker.concurrency,
    )
