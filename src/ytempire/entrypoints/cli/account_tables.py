"""Accounts for people: the list, one with its last days, and the choice that was made for a publication."""

from collections.abc import Sequence

from ytempire.entrypoints.cli.console import say
from ytempire.entrypoints.cli.tables import Document, details, facts, shown, table

_PARTS = ("total", "quota", "success", "rest", "age")


def accounts(found: Sequence[Document]) -> None:
    """The accounts."""
    columns = (
        "account", "kind", "state", "health", "fitness", "project", "channel", "today", "uploading",
        "last upload", "why",
    )  # fmt: skip
    rows = [
        (
            each["id"],
            each["kind"],
            each["state"],
            _number(each["health"]["total"]),
            _number((each["fitness"] or {}).get("total")),
            each["project"],
            each["channel_title"] or each["channel"],
            f"{each['uploads_today']}/{each['cap']}",
            each["in_flight"],
            each["last_upload_at"],
            each["why"],
        )
        for each in found
    ]
    if rows:
        table(columns, rows)
    else:
        say("no accounts yet; add [[accounts]] to the configuration")


def account(document: Document) -> None:
    """One account: its facts, the parts of its two numbers, what was learned of it, what happened to it."""
    inner = ("fitness", "health", "lessons", "history")
    facts({name: value for name, value in document.items() if name not in inner})
    for name in ("health", "fitness"):
        parts = document[name]
        if parts is not None:
            told = ", ".join(
                f"{part} {_number(parts[part])}" for part in parts if part not in ("total", "well")
            )
            say(f"{name} {_number(parts['total'])}: {told}")
    for each in document["lessons"]:
        say(f"learned {each['at']}: {each['topic']} {shown(each['value'])} ({shown(each['why'])})")
    if document["history"]:
        say("")
        rows = [(e["at"], e["kind"], e["level"], details(e["data"])) for e in document["history"]]
        table(("at (UTC)", "what happened", "level", "details"), rows)


def explanation(document: Document) -> None:
    """The candidates of a choice."""
    if not document["candidates"]:
        say(f"no account was weighed for {document['publication']} yet; it is {document['state']}")
        return
    rows = []
    for each in document["candidates"]:
        score = each["score"] or {}
        chosen = "chosen" if each["account"] == document["account"] and score else ""
        left_out = ", ".join(filter(None, (each["obstacle"], *each.get("also", ()))))
        lacks = f"takes no {each['lacks']}" if each.get("lacks") else ""
        why = "; ".join(filter(None, (each["why"], lacks)))
        numbers = [_number(score.get(name)) for name in _PARTS]
        rows.append((each["account"], chosen, _number(each.get("health")), *numbers, left_out, why))
    head = (
        "account", "", "health", "fitness", "quota 40 %", "success 30 %", "rest 20 %", "age 10 %", "left out",
        "why",
    )  # fmt: skip
    say(f"{document['publication']} at {document['at']}")
    table(head, rows)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
