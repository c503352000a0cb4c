"""A simulation for people: a row for each day, then how everything ended, and what broke."""

from typing import Any

from ytempire.domain.counting import counted
from ytempire.entrypoints.cli.console import say
from ytempire.entrypoints.cli.tables import shown, table

Document = dict[str, Any]

_SHOWN = 20
"""Of broken rules; the document of --json has all."""


def days(document: Document) -> None:
    """The days, the totals, the verdict."""
    buckets = sorted(name for name, most in document["totals"]["most_sent_percent"].items() if most)
    columns = ("day", "in", "published", "waiting", "held", "failed", "retries", "able", "plan", "plan %")
    rows = [_row(day, buckets) for day in document["days"]]
    table((*columns, *(f"{name} %" for name in buckets), "why they wait"), rows)
    say("")
    _totals(document["totals"])
    broken = document["broken"]
    for sentence in broken[:_SHOWN]:
        say(f"BROKEN: {shown(sentence)}")
    if len(broken) > _SHOWN:
        say(f"and {len(broken) - _SHOWN} more")
    say("no rule was broken" if not broken else f"{counted(len(broken), 'time')} a rule was broken")


def _row(day: Document, buckets: list[str]) -> tuple[object, ...]:
    deferred = day["deferred"]
    fits = {True: "fits", False: "does not fit", None: ""}[day["plan_fits"]]
    return (
        day["day"],
        day["submitted"],
        day["published"],
        sum(deferred.values()),
        day["held"],
        day["failed"] + day["refused"] + day["duplicates"],
        day["retries"],
        day["able"],
        fits,
        day["planned_percent"],
        *(_most(day, name) for name in buckets),
        ", ".join(f"{count} {code}" for code, count in deferred.items()),
    )


def _most(day: Document, bucket: str) -> float:
    return max((float(line["percent"]) for line in day["lines"] if line["bucket"] == bucket), default=0.0)


def _totals(totals: Document) -> None:
    states = ", ".join(f"{count} {state}" for state, count in totals["states"].items())
    say(f"{counted(totals['submitted'], 'video')}: {states or 'none'}")
    for reason, count in totals["reasons"].items():
        say(f"  {count} {shown(reason)}")
    faults = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in totals["faults"].items())
    say(f"faults: {faults or 'none'}")
    most = ", ".join(
        f"{percent} % of {name}" for name, percent in totals["most_sent_percent"].items() if percent
    )
    say(f"plans took at most {totals['most_planned_percent']} %, sent were at most {most or '0 %'}")
