"""Alerts: what needs a person, silence for a while, and a test of the way to people."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from ytempire.bootstrap.serving import Serving
from ytempire.domain.callers import Role
from ytempire.entrypoints.http import shapes
from ytempire.entrypoints.http.answers import document, may
from ytempire.entrypoints.http.doors import Here, Who, guarded, needs
from ytempire.services.alert_report import AlertReports
from ytempire.services.callers_view import pathless
from ytempire.services.silence import tried

router = guarded("/api/v1/alerts", tags=["alerts"])


@router.get(
    "",
    operation_id="listAlerts",
    openapi_extra=needs(Role.VIEWER, whole=True),
    responses=may(shapes.Document),
)
async def list_alerts(
    serving: Here,
    ended: Annotated[bool, Query(description="Also those that have ended.")] = False,  # noqa: FBT002  a question's word
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Open alerts, newest first, and who was told of them."""
    found = await _reports(serving).alerts(ended=ended, limit=limit)
    return document({"alerts": [pathless(each) for each in found]})


@router.post(
    "/test", operation_id="testAlerts", openapi_extra=needs(Role.OPERATOR, whole=True),
    responses=may(shapes.Document, 409, 413, 415),
)  # fmt: skip
async def try_targets(serving: Here, caller: Who, wish: shapes.Target | None = None) -> Response:
    """Sends a test message to one target, or to all."""
    known = list(serving.settings.alerts.targets)
    return document({"targets": await tried(serving.way, known, wish.target if wish else None, caller.name)})


@router.get(
    "/mutes",
    operation_id="listMutes",
    openapi_extra=needs(Role.VIEWER, whole=True),
    responses=may(shapes.Document),
)
async def mutes(serving: Here) -> Response:
    """The mutes that are running."""
    return document({"mutes": await _reports(serving).mutes()})


@router.post(
    "/mutes", operation_id="muteAlerts", openapi_extra=needs(Role.OPERATOR, whole=True),
    responses=may(shapes.Document, 409, 413, 415),
)  # fmt: skip
async def mute(serving: Here, caller: Who, wish: shapes.MuteWish) -> Response:
    """Keeps alerts quiet for a while: they are written down and not told."""
    await serving.silence.mute(wish.pattern, wish.span, wish.why, caller.name)
    return await mutes(serving)


@router.post(
    "/mutes/end", operation_id="unmuteAlerts", openapi_extra=needs(Role.OPERATOR, whole=True),
    responses=may(shapes.Document, 409, 413, 415),
)  # fmt: skip
async def unmute(serving: Here, caller: Who, wish: shapes.Pattern) -> Response:
    """Ends the mutes with this pattern."""
    await serving.silence.end(wish.pattern, caller.name)
    return await mutes(serving)


def _reports(serving: Serving) -> AlertReports:
    return AlertReports(serving.acting.context.store, serving.acting.context.clock)
