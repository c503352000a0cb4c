"""Tables of alerts and mutes for people."""

from collections.abc import Sequence

from ytempire.domain.counting import counted
from ytempire.entrypoints.cli.console import say
from ytempire.entrypoints.cli.tables import Document, table


def alerts(found: Sequence[Document]) -> None:
    """Alerts, with how far the telling has come in one column and what to do in another."""
    columns = ("no.", "level", "since (UTC)", "ended (UTC)", "times", "key", "told", "what happened")
    rows = [
        (
            each["number"],
            each["level"],
            each["raised_at"],
            each["resolved_at"],
            each["times"],
            each["key"],
            _told(each),
            " ".join(filter(None, [f"{each['title']}.", *map(_sentence, _words(each))])),
        )
        for each in found
    ]
    if rows:
        table(columns, rows)
    else:
        say("no alerts")


def _told(alert: Document) -> str:
    """One word for each target, the latest of what it was told; what went wrong beside it."""
    if alert["muted"] is not None:
        return f"muted by {alert['muted']}"
    latest = {each["target"]: each for each in alert["deliveries"]}
    return "; ".join(
        f"{target} {each['state']}"
        + (f" ({counted(each['tries'], 'try', 'tries')}: {each['error']})" if each["error"] else "")
        for target, each in latest.items()
    )


def _words(alert: Document) -> tuple[str, str]:
    """What is the matter, and what to do or why there is nothing to do any more."""
    return alert["text"], f"over: {alert['ended_why']}" if alert["ended_why"] else alert["remedy"]


def _sentence(text: str) -> str:
    """A sentence that begins large, unless it begins with a name or a code, which are spelt as they are."""
    if not text:
        return ""
    first = text.split(maxsplit=1)[0]
    begun = text if "_" in first else text[:1].upper() + text[1:]
    return f"{begun.rstrip('.')}."


def mutes(found: Sequence[Document]) -> None:
    """Mutes."""
    columns = ("pattern", "until (UTC)", "by", "why")
    if found:
        table(columns, [[each[name] for name in ("pattern", "until", "made_by", "why")] for each in found])
    else:
        say("nothing is muted")
