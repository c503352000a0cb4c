"""What a person is asked to do, on the page Today: first what can be done at once, last what merely follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from ytempire.bootstrap.serving import Serving
from ytempire.entrypoints.http.pages.alerts import place_of, subject_of
from ytempire.entrypoints.http.pages.words import counted
from ytempire.services.callers_view import pathless
from ytempire.services.inbox import Inbox

_MOST_HELD = 32
_UNCONNECTED = frozenset({"needs_reauth", "disconnected"})
_NEEDY = _UNCONNECTED | {"suspended", "held"}
_CHECKLIST = "checklist:"


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a person is asked to do. `form` is what its button sends, `go` where it leads instead."""

    state: str
    word: str
    title: str
    why: str
    since: str | None
    href: str
    label: str
    form: str = ""
    go: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


async def needs(
    serving: Serving, accounts: Sequence[Mapping[str, Any]], alerts: Sequence[Mapping[str, Any]]
) -> list[Need]:
    """Held publications, accounts that cannot work, and the alerts that neither of them explains.

    What has a button comes first. The points of a checklist mostly follow from the rest: they are one line, the last.
    """
    context = serving.acting.context
    waiting = await Inbox(context.store, context.clock).held(limit=_MOST_HELD)
    held: list[dict[str, Any]] = [pathless(each) for each in waiting]
    found = [_account_need(each) for each in accounts if each["state"] in _NEEDY]
    found += [_held_need(each) for each in held]
    explained = {str(each["id"]) for each in (*held, *accounts) if each["state"] in _NEEDY}
    asking = [each for each in alerts if _asks(each) and subject_of(each) not in explained]
    points = [each for each in asking if str(each["key"]).startswith(_CHECKLIST)]
    found += [_alert_need(each) for each in asking if each not in points]
    found.sort(key=lambda each: not (each.form or each.go))
    return [*found, _checklist_need(points)] if points else found


def _asks(alert: Mapping[str, Any]) -> bool:
    """Does it want anything of a person who has not silenced it?"""
    return alert["level"] in ("critical", "high", "warning") and not alert["muted"]


def _account_need(account: Mapping[str, Any]) -> Need:
    name = str(account["id"])
    where = f"/accounts/{quote(name)}"
    state, why = str(account["state"]), str(account["why"] or "no grant is stored")
    title = str(account["channel_title"] or name)
    if state in _UNCONNECTED:
        word = "needs reconnecting" if state == "needs_reauth" else "not connected"
        since = _text(account["changed_at"])
        return Need(state, word, title, why, since, where, "Connect", go=connect_path(name))
    return Need(state, state, title, why, _text(account["changed_at"]), where, "Look")


def connect_path(account: str) -> str:
    """Where a person is sent to Google from."""
    return f"/api/v1/auth/youtube/start?account={quote(account)}"


def _held_need(publication: Mapping[str, Any]) -> Need:
    which, why = str(publication["id"]), str(publication["reason"] or "held")
    path = f"/publications/{quote(which)}"
    actions: Sequence[Mapping[str, Any]] = publication["actions"]
    first = str(actions[0]["action"]) if actions else ""
    since, title = _text(publication["held_at"]), str(publication["title"])
    if first == "retry":
        return Need("held", "held", title, why, since, path, "Retry", f"{path}/retry")
    if first == "adopt" and publication["video_id"]:
        fields = {"action": "adopt", "video_id": str(publication["video_id"])}
        return Need(
            "held", "held", title, why, since, path, "Adopt its video", f"{path}/resolve", fields=fields
        )
    return Need("held", "held", title, why, since, path, "Decide")


def _alert_need(alert: Mapping[str, Any]) -> Need:
    href = place_of(alert) or f"/alerts#alert-{alert['number']}"
    level = str(alert["level"])
    why = str(alert["remedy"] or alert["text"])
    return Need(level, level, str(alert["title"]), why, _text(alert["raised_at"]), href, "Look")


def _checklist_need(points: Sequence[Mapping[str, Any]]) -> Need:
    """All that the checklist found wrong, as one."""
    names = [str(each["title"]).rpartition(" fails: ")[2] for each in points]
    title = f"The checklist fails at {counted(len(points), 'point')}"
    level, since = str(points[0]["level"]), _text(points[0]["raised_at"])
    return Need(level, level, title, "; ".join(names), since, "/#health", "Look")


def _text(value: object) -> str | None:
    return str(value) if value else None
