"""From settings to a scenario, and from its result to a picture."""

from datetime import date, timedelta

from ytempire.adapters.system import MachineClock
from ytempire.bootstrap import rules
from ytempire.bootstrap.days import plan_rules
from ytempire.settings import Settings
from ytempire.simulation import Layout, Rates, Result, Scenario
from ytempire.simulation.plot import picture


def tomorrow(settings: Settings) -> date:
    """The next local date of the windows."""
    return MachineClock().now().astimezone(plan_rules(settings).zone).date() + timedelta(days=1)


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


def plotted(result: Result, kind: str) -> bytes:
    """The picture of a result, as `svg` or `png`."""
    marks = picture(result)
    if kind == "svg":
        from ytempire.simulation import svg

        return svg.drawn(marks).encode()
    from ytempire.simulation import png

    return png.drawn(marks)
