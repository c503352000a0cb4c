"""Tables for people. On a pipe they are plain text, wide enough that nothing is cut."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from ytempire.entrypoints.cli.console import say

Document = dict[str, Any]

_COLOURS = {
    "published": "green", "duplicate": "cyan", "uploading": "blue", "processing": "blue", "deferred": "yellow",
    "held": "red", "refused": "red", "failed": "red", "cancelled": "dim", "active": "green", "standby": "cyan",
}  # fmt: skip


def console() -> Console:
    """Standard output: coloured on a terminal, plain and wide on a pipe."""
    return Console() if sys.stdout.isatty() else Console(width=240, no_color=True, highlight=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> None:
    """One table."""
    drawn = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*["" if cell is None else str(cell) for cell in row])
    console().print(drawn)


def coloured(state: object) -> str:
    """A state in its colour; the word itself says what the colour says."""
    colour = _COLOURS.get(str(state))
    return f"[{colour}]{state}[/{colour}]" if colour else str(state)


def escape(text: object) -> str:
    """Text of outside origin, so that brackets in it mean nothing and control characters show."""
    from rich.markup import escape as escaped

    shown = "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in str(text)
    )
    return escaped(shown)


def publications(found: Sequence[Document], counts: dict[str, int]) -> None:
    """The list of publications, and how many are in each state."""
    columns = ("publication", "state", "account", "video", "title", "due", "reason")
    table(
        columns,
        [
            (
                each["id"],
                coloured(each["state"]),
                each["account"],
                each["video_id"],
                escape(each["title"])[:60],
                each["due"],
                escape(each["reason"] or ""),
            )
            for each in found
        ],
    )
    say(", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "no publications yet")


def publication(document: Document) -> None:
    """One publication: its facts, its extras, its history."""
    hidden = ("history", "extras", "remedies")
    facts({name: value for name, value in document.items() if name not in hidden})
    for remedy in document["remedies"]:
        say(f"what you can do: {remedy}")
    if document["extras"]:
        rows = [
            (e["kind"], e["index"], e["state"], e["tries"], escape(e["reason"] or ""))
            for e in document["extras"]
        ]
        table(("extra", "no.", "state", "tries", "reason"), rows)
    history = [(e["at"], e["kind"], e["level"], e["account"], _told(e["data"])) for e in document["history"]]
    table(("at (UTC)", "what happened", "level", "account", "details"), history)


def _told(data: Document) -> str:
    shown = {
        name: value for name, value in data.items() if name != "candidates" and value not in (None, [], "")
    }
    return escape(", ".join(f"{name}={value}" for name, value in shown.items()))


def facts(document: Document) -> None:
    """Names and values, one a line."""
    width = max(map(len, document), default=0)
    for name, value in document.items():
        text = ", ".join(map(str, value)) if isinstance(value, list) else value
        say(f"{name:<{width}}  {'' if text is None else text}")


def accounts(found: Sequence[Document]) -> None:
    """The accounts."""
    columns = ("account", "kind", "state", "project", "channel", "today", "uploading", "last upload", "why")
    table(
        columns,
        [
            (
                each["id"],
                each["kind"],
                coloured(each["state"]),
                each["project"],
                escape(each["channel_title"] or each["channel"] or ""),
                f"{each['uploads_today']}/{each['daily_uploads']}",
                each["in_flight"],
                each["last_upload_at"],
                escape(each["why"] or ""),
            )
            for each in found
        ],
    )


def explanation(document: Document) -> None:
    """The candidates of a choice."""
    if not document["candidates"]:
        say(f"no account was weighed for {document['publication']} yet; it is {document['state']}")
        return
    rows = []
    for each in document["candidates"]:
        score = each["score"] or {}
        chosen = "chosen" if each["account"] == document["account"] and score else ""
        parts = [
            f"{score[name]:.3f}" if score else "" for name in ("total", "quota", "success", "rest", "age")
        ]
        rows.append((each["account"], chosen, *parts, each["obstacle"], escape(each["why"])))
    columns = (
        "account",
        "",
        "fitness",
        "quota 40 %",
        "success 30 %",
        "rest 20 %",
        "age 10 %",
        "left out",
        "why",
    )
    table(columns, rows, title=f"{document['publication']} at {document['at']}")


def quota(lines: Sequence[Document]) -> None:
    """The day's ledger."""
    columns = (
        "project",
        "bucket",
        "used",
        "reserved",
        "free",
        "ceiling 80 %",
        "stop 90 %",
        "limit",
        "resets (UTC)",
        "closed",
    )
    names = (
        "project",
        "bucket",
        "used",
        "reserved",
        "free",
        "ceiling",
        "hard_stop",
        "limit",
        "resets_at",
        "closed",
    )
    table(columns, [[line[name] for name in names] for line in lines])
