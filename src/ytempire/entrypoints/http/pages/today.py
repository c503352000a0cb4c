"""Today: the answer first, then what needs a person, quota, uploads, accounts, alerts and health."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from ytempire.bootstrap.serving import Serving
from ytempire.domain.callers import Role
from ytempire.domain.checklist import Name, Verdict, day_of
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication
from ytempire.domain.quota import Bucket
from ytempire.domain.quota_day import QuotaDay
from ytempire.entrypoints.http.doors import Here, Who, needs
from ytempire.entrypoints.http.pages.alerts import with_titles
from ytempire.entrypoints.http.pages.needs import needs as needs_of
from ytempire.entrypoints.http.pages.page import page, pages
from ytempire.ports import Filter
from ytempire.services.alert_report import AlertReports
from ytempire.services.callers_view import pathless
from ytempire.services.documents import Document

router = pages()
_MOST_NEEDS = 8
_MOST_UPLOADS = 12
_MOST_ALERTS = 6
_WAITING = (State.QUEUED, State.PLANNED, State.DEFERRED)
_USELESS = frozenset({"unusable", "not connected"})


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
    told = [pathless(each) for each in await AlertReports(store, context.clock).alerts()]
    alerts: list[dict[str, Any]] = await with_titles(store, told)
    counts = await store.counts()
    running = await store.publications(Filter(frozenset({State.UPLOADING}), limit=_MOST_UPLOADS))
    list_of_needs = await needs_of(serving, accounts, alerts)
    shares = _shares(quota, accounts)
    checklist = serving.checklist("page")
    check = await checklist.kept(day_of(now, checklist.rules))
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
        "alerts_more": max(0, len(alerts) - _MOST_ALERTS),
        "worker": serving.working is not None or serving.acting.reading.worker_runs(),
        "check": _checked(check, await _live(serving, shares)) if check else None,
    }


async def _live(serving: Serving, shares: Sequence[Mapping[str, Any]]) -> dict[str, bool]:
    """How those metrics of the checklist stand now that this page knows anyway."""
    tokens = await serving.acting.reading.reports.tokens()
    usable = all(each["state"] not in _USELESS for each in tokens if each["slot"] != "backup")
    usable = usable and all(each["state"] != "needs_reauth" for each in shares)
    return {Name.HEALTH: all(each["well"] for each in shares), Name.TOKENS: usable}


def _checked(check: Mapping[str, Any], live: Mapping[str, bool]) -> dict[str, Any]:
    """The checklist as it was found when it was made; `over` marks what is otherwise by now."""
    points = [each | {"over": _is_over(each, live)} for each in check["points"]]
    failed = [each["title"] for each in points if each["verdict"] == Verdict.FAILED]
    metrics = [each for each in points if each["kind"] == "metric"]
    return {**check, "metrics": metrics, "failed": failed}


def _is_over(point: Mapping[str, Any], live: Mapping[str, bool]) -> bool:
    """Is it known to be otherwise by now?"""
    now = live.get(point["point"])
    return now is not None and point["verdict"] == (Verdict.FAILED if now else Verdict.OK)


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
    """What it is that allows no more, and what reserves could add."""
    more = sum(each.get("more_on_reserves", 0) for each in projects)
    told = f" {more:,} more on reserves that stand by." if more else ""
    return _binding(projects, extras) + told


def _binding(projects: Sequence[Mapping[str, Any]], extras: str) -> str:
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
    waiting = f"{due:,} {'waits' if due == 1 else 'wait'} in the queue"
    return f"{waiting}, {later:,} {'is' if later == 1 else 'are'} deferred to a later time."


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
