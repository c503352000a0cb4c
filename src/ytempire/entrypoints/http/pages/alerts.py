"""Alerts: what is open, what has ended, who was told, and silence for a while."""

from typing import Annotated

from fastapi import Query, Request, Response

from ytempire.domain.callers import Role
from ytempire.entrypoints.http.doors import Here, needs
from ytempire.entrypoints.http.pages.page import page, pages
from ytempire.services.alert_report import AlertReports

router = pages()
_MOST = 200


@router.get("/alerts", openapi_extra=needs(Role.VIEWER, whole=True))
async def alerts(
    request: Request, serving: Here, show: Annotated[str, Query(max_length=10)] = "open"
) -> Response:
    """Open alerts, or with `show=all` also those that have ended."""
    context = serving.acting.context
    reports = AlertReports(context.store, context.clock)
    return await page(
        request,
        "alerts.html",
        "alerts",
        alerts=await reports.alerts(ended=show == "all", limit=_MOST),
        mutes=await reports.mutes(),
        ended=show == "all",
        targets=sorted(serving.settings.alerts.targets),
    )
