"""A plan for people: the verdict in a sentence, what would help, and the calendar of accounts and windows."""

from collections import defaultdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ytempire.domain.counting import counted
from ytempire.entrypoints.cli.console import say
from ytempire.entrypoints.cli.tables import shown, table

Document = dict[str, Any]

_SHOWN = 10
"""Of videos that do not fit; the document of --json has all."""


def plan(document: Document) -> None:
    """The verdict, the remedies, the calendar, and what does not fit."""
    say(_verdict(document))
    if document["binding"]:
        binds = "what would bind" if document["feasible"] and document["spare"] else "what binds"
        say(f"{binds}: {document['binding_limit']}: {shown(document['binding']['why'])}")
    for remedy in document["remedies"]:
        say(f"what would make it fit: {shown(remedy['text'])}")
    if document["promoted"]:
        say(f"reserves promoted for the day: {', '.join(map(shown, document['promoted']))}")
    for one in document["started"]:
        later = f", goes on at {one['goes_on_at']}" if one["goes_on_at"] else ""
        say(f"started already, and not moved: {one['video']} on {one['account']} ({one['state']}{later})")
    if document["later"]:
        more = counted(document["later"], "more video waits", "more videos wait")
        say(f"not in this plan: {more} for a later day; `ytempire plan --date YYYY-MM-DD` plans that")
    say("")
    _calendar(document)
    missed = document["unplaced"]
    if missed:
        say("")
        table(("does not fit", "limit", "why"), [(m["video"], m["limit"], m["why"]) for m in missed[:_SHOWN]])
        if len(missed) > _SHOWN:
            say(f"and {len(missed) - _SHOWN} more")


def _verdict(document: Document) -> str:
    videos, fits, day = document["videos"], document["fits"], document["day"]
    kind = "supposed videos" if document["supposed"] else "videos"
    if document["feasible"]:
        spare, reserves = document["spare"], document["spare_on_reserves"]
        room = f"{spare} more would fit" if spare else "none more would fit"
        room += f" ({reserves} of them on reserves)" if spare and reserves else ""
        whole = f"the one {kind.removesuffix('s')} fits" if videos == 1 else f"all {videos} {kind} fit"
        return f"{day}: feasible: {whole}, {room}"
    more = "" if document["proven"] else f"; no plan places more than {document['at_most']}"
    return f"{day}: not feasible: {fits} of {videos} {kind} fit, {videos - fits} do not{more}"


def _calendar(document: Document) -> None:
    """Accounts down, windows across, local starts in the cells."""
    zone = ZoneInfo(document["zone"])
    starts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in document["assignments"]:
        at = datetime.fromisoformat(each["start_at"]).astimezone(zone)
        starts[each["account"], each["window"]].append(f"{at:%H:%M}")
    windows = document["windows"]
    rows = [
        (
            each["account"],
            each["kind"] + (" (promoted)" if each["account"] in document["promoted"] else ""),
            *(" ".join(starts[each["account"], window["name"]]) for window in windows),
            str(each["planned"]),
            each["obstacle"] or "",
        )
        for each in document["accounts"]
    ]
    rows.append(("all", "", *(str(window["planned"]) for window in windows), str(document["planned"]), ""))
    heads = (f"{window['name']} {_hours(window, zone)}" for window in windows)
    table(("account", "kind", *heads, "videos", "why not"), rows)
    say(f"times are of {document['zone']}")


def _hours(window: Document, zone: ZoneInfo) -> str:
    ends = [datetime.fromisoformat(window[name]).astimezone(zone) for name in ("starts_at", "ends_at")]
    return "-".join(f"{each:%H:%M}" for each in ends)


def readings(document: Document) -> None:
    """The table of readings: production and reserve, and their sum."""
    rows = []
    for row in document["rows"]:
        cells = [
            f"{production}+{reserve}={total}" if reserve else str(total)
            for production, reserve, total in zip(
                row["production"], row["reserve"], row["videos"], strict=True
            )
        ]
        rows.append((row["row"], row["reading"], *cells))
    table(("row", "reading of the limits", *document["columns"]), rows)
