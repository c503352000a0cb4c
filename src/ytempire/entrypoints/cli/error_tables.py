"""Errors and the inbox as tables for people."""

from collections.abc import Sequence
from typing import Any

from ytempire.domain.counting import counted
from ytempire.domain.grouping import By
from ytempire.entrypoints.cli.console import say
from ytempire.entrypoints.cli.tables import Document, facts, shown, table

_HOURS = 72
"""Of a long span the newest are shown, for a year has 8,760."""


def errors(document: Document, ways: Sequence[By]) -> None:
    """Patterns put together in these ways, and the newest samples."""
    days = document["days"]
    span = "the last day" if days == 1 else f"the last {days} days"
    count, before = document["count"], document["before"]
    say(
        f"{count} {'error' if count == 1 else 'errors'} in {span}, {before} in as long before: {document['trend']}"
    )
    if not count and not before:
        return
    for by in ways:
        say("")
        _patterns(document[f"by_{by}"], by)
    if document["samples"]:
        say("")
        names = ("at", "code", "account", "step", "publication", "why")
        rows = [[each[name] for name in names] for each in document["samples"]]
        table(("at (UTC)", "newest", "account", "step", "publication", "what was said"), rows)


def _patterns(listed: Sequence[Document], by: By) -> None:
    others = "accounts" if by is By.REASON else "reasons"
    day = ("quota_day",) if by is By.HOUR else ()
    heads = ("quota day",) if by is By.HOUR else ()
    names = (str(by), *day, "count", "before", "trend", "level", others, "last_at")
    columns = (
        "hour (UTC)" if by is By.HOUR else str(by),
        *heads,
        "now",
        "before",
        "trend",
        "level",
        others,
        "last (UTC)",
    )
    rows = listed[-_HOURS:] if by is By.HOUR else listed
    table(columns, [[each[name] for name in names] for each in rows])
    if len(rows) < len(listed):
        say(f"and {counted(len(listed) - len(rows), 'hour')} before; --json has all")


def unknowns(listed: Sequence[Document]) -> None:
    """Answers without a remedy."""
    if not listed:
        say("nothing to review")
        return
    rows = [
        (each["key"], each["count"], each["first_at"], each["last_at"], each["sample"]["why"])
        for each in listed
    ]
    table(("key", "count", "first (UTC)", "last (UTC)", "newest, in Google's words"), rows)
    say("what is understood: `ytempire errors review --dismiss KEY`")


def inbox(listed: Sequence[Document]) -> None:
    """Held publications, one after the other."""
    for document in listed:
        _held(document)
        say("")
    count = len(listed)
    say(f"{count} {'publication waits' if count == 1 else 'publications wait'} for a person")


def _held(document: Document) -> None:
    evidence: dict[str, Any] = document["evidence"]
    session = evidence["session"]
    facts(
        {
            "publication": document["id"],
            "title": document["title"],
            "held since": document["held_at"],
            "reason": document["reason"],
            "account": document["account"],
            "video": _video(evidence),
            "session": session and f"{session['state']}, {session['offset']} of {session['bytes']} bytes",
        }
    )
    for fault in evidence["faults"]:
        where = f" at {fault['step']}" if fault["step"] else ""
        say(f"  {fault['at']}  {fault['code']}{where}: {shown(fault['why'])}")
    for each in document["actions"]:
        say(f"  {each['command']}\n      {each['effect']}")


def _video(evidence: Document) -> str:
    named = ", ".join(evidence["videos"])
    match evidence["video"]:
        case "video":
            return named or "exists"
        case "unknown":
            return f"perhaps {named}" if named else "perhaps"
        case _:
            return "none"
