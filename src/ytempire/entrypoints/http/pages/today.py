"""Today: the answer first, then what needs a person, quota, uploads, accounts, alerts and health."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from ytempire.bootstrap.serving import Serving
from ytempire.domain.callers import Role
from ytempire.domain.checklist import day_of
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication
from ytempire.domain.quota import Bucket
from ytempire.domain.quota_day import QuotaDay
from ytempire.entrypoints.http.doors import Here, Who, needs
from ytempire.entrypoints.http.pages.alerts import place_of, subject_of
from ytempire.entrypoints.http.pages.page import page, pages
from ytempire.ports import Filter
from ytempire.services.alert_report import AlertReports
from ytempire.services.callers_view import pathless
from ytempire.services.documents import Document
from ytempire.services.inbox import Inbox

router = pages()
_MOST_NEEDS = 8
_MOST_UPLOADS = 12
_MOST_ALERTS = 6
_WAITING = (State.QUEUED, State.PLANNED, State.DEFERRED)
_UNCONNECTED = frozenset({"needs_reauth", "disconnected"})
_NEEDY = _UNCONNECTED | {"suspended", "held"}


@router.get("/", openapi_extra=needs(Role.VIEWER))
async def today(request: Request, serving: Here, caller: Who) -> Response:
    """The first page. Whoever is shown some accounts only begins with publications."""
    if caller.accounts is not None:
        return RedirectResponse("/publications", 303)
    return await page(request, "today.html", "today", **await _view(serving))


async def _view(serving: Serving) -> dict[str, Any]:
    context = serving.acting.context
    store, now = context.store, context.clock.now()
    quota: dict[str, Any] = await serving.quota.today()
    accounts: list[dict[str, Any]] = await serving.acting.reading.reports.accounts()
    alerts: list[dict[str, Any]] = [
        pathless(each) for each in await AlertReports(store, context.clock).alerts()
    ]
    counts = await store.counts()
    running = await store.publications(Filter(frozenset({State.UPLOADING}), limit=_MOST_UPLOADS))
    list_of_needs = await _needs(serving, accounts, alerts)
    shares = _shares(quota, accounts)
    rules = serving.checklist("page").rules
    return {
        "quota": quota,
        "limit_sentence": _limit(quota["projects"], quota["usual_extras"]),
        "resets_at": QuotaDay.of(now).resets,
        "empties": min((each for each in quota["buckets"] if each["empty_at"]), key=_emptied, default=None),
        "many_projects": len({each["project"] for each in quota["buckets"]}) > 1,
        "counts": _counts(counts),
        "needs": list_of_needs[:_MOST_NEEDS],
        "needs_more": max(0, len(list_of_needs) - _MOST_NEEDS),
        "uploads": [upload_view(each) for each in running],
        "uploads_more": max(0, counts.get(State.UPLOADING, 0) - len(running)),
        "queue_sentence": _queue(counts),
        "shares": shares,
        "totals": _totals(quota, shares),
        "healthy": sum(each["well"] for each in shares),
        "ill": [each["account"] for each in shares if not each["well"]],
        "alerts": alerts[:_MOST_ALERTS],
        "worker": serving.working is not None or serving.acting.reading.worker_runs(),
        "check": await serving.checklist("page").kept(day_of(now, rules)),
    }


def upload_view(publication: Publication) -> dict[str, Any]:
    """An upload as the page begins with; the live feed goes on from there."""
    return {
        "id": publication.id,
        "title": publication.request.metadata.title,
        "account": publication.account,
        "size": publication.request.video.size,
        "offset": publication.session.offset if publication.session else 0,
    }


def _emptied(bucket: Mapping[str, Any]) -> str:
    return str(bucket["empty_at"])


def _limit(projects: Sequence[Mapping[str, Any]], extras: str) -> str:
    """What it is that allows no more."""
    quota, accounts = (sum(each[name] for each in projects) for name in ("by_quota", "by_accounts"))
    each = f"each with {extras.replace(',', ', ')}" if extras != "none" else "each without extras"
    if not projects:
        return "No project is configured yet."
    if accounts < quota:
        return f"The accounts' daily caps bind; quota alone would carry {quota:,}, {each}."
    if quota < accounts:
        return f"Quota binds, {each}; the accounts' daily caps would allow {accounts:,}."
    return f"Quota and the accounts' daily caps both allow as many, {each}."


def _counts(counts: Mapping[State, int]) -> dict[str, int]:
    return {
        "published": counts.get(State.PUBLISHED, 0),
        "under_way": counts.get(State.UPLOADING, 0) + counts.get(State.PROCESSING, 0),
        "waiting": sum(counts.get(state, 0) for state in _WAITING),
        "held": counts.get(State.HELD, 0),
    }


def _queue(counts: Mapping[State, int]) -> str:
    due, later = (
        counts.get(State.QUEUED, 0) + counts.get(State.PLANNED, 0),
        counts.get(State.DEFERRED, 0),
    )
    if not due and not later:
        return "The queue is empty."
    return f"{due:,} wait in the queue, {later:,} are deferred to a later time."


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


async def _needs(
    serving: Serving, accounts: Sequence[Mapping[str, Any]], alerts: Sequence[Mapping[str, Any]]
) -> list[Need]:
    """Held publications, accounts that cannot work, and the alerts that neither of them explains."""
    context = serving.acting.context
    waiting = await Inbox(context.store, context.clock).held(limit=_MOST_NEEDS * 4)
    held: list[dict[str, Any]] = [pathless(each) for each in waiting]
    found = [_account_need(each) for each in accounts if each["state"] in _NEEDY]
    found += [_held_need(each) for each in held]
    explained = {str(each["id"]) for each in (*held, *accounts) if each["state"] in _NEEDY}
    found += [_alert_need(each) for each in alerts if _asks(each) and subject_of(each) not in explained]
    return found


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


def _text(value: object) -> str | None:
    return str(value) if value else None


def _shares(quota: Mapping[str, Any], accounts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The table of the brief: what each account has used of its project's units, and its own day."""
    units = {each["project"]: each for each in quota["buckets"] if each["bucket"] == Bucket.UNITS}
    known = {each["id"]: each for each in accounts}
    return [_share(each, known[each["account"]], units.get(each["project"])) for each in quota["accounts"]]


def _share(
    share: Mapping[str, Any], account: Mapping[str, Any], line: Mapping[str, Any] | None
) -> dict[str, Any]:
    limit = line["limit"] if line else 0
    uploading = bool(account["in_flight"])
    return {
        "account": share["account"],
        "title": account["channel_title"],
        "state": share["state"],
        "colour": line["colour"] if line else "unknown",
        "project": share["project"],
        "uploads_today": share["uploads_today"],
        "cap": account["cap"],
        "units": share["units"],
        "limit": limit,
        "remaining": max(0, limit - line["used"] - line["reserved"]) if line else 0,
        "percent": share["percent_of_project"],
        "last": "uploading" if uploading else "upload" if account["last_upload_at"] else "none yet",
        "last_at": account["last_upload_at"],
        "health": account["health"]["total"],
        "well": account["health"]["well"],
    }


def _totals(quota: Mapping[str, Any], shares: Sequence[Mapping[str, Any]]) -> Document:
    lines = [each for each in quota["buckets"] if each["bucket"] == Bucket.UNITS]
    limit, used = sum(each["limit"] for each in lines), sum(each["used"] for each in lines)
    reserved = sum(each["reserved"] for each in lines)
    return {
        "uploads": sum(each["uploads_today"] for each in shares),
        "cap": sum(each["cap"] for each in shares),
        "units": used,
        "limit": limit,
        "remaining": max(0, limit - used - reserved),
        "percent": round(100 * used / limit, 1) if limit else 0.0,
        "health": sum(each["health"] for each in shares) / len(shares) if shares else None,
    }
