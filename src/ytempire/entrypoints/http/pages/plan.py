"""Plan: the day as a calendar of accounts and windows, what does not fit, what binds, and what would help."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Query, Request, Response

from ytempire.domain.callers import Role
from ytempire.entrypoints.dates import date_in
from ytempire.entrypoints.http.doors import Here, needs
from ytempire.entrypoints.http.pages.page import page, pages

router = pages()
_DAY = timedelta(days=1)


@router.get("/plan", openapi_extra=needs(Role.VIEWER, whole=True))
async def plan(request: Request, serving: Here, day: Annotated[str, Query(max_length=10)] = "") -> Response:
    """The plan of a date that was made last; without a date that of today, or of tomorrow if only that is made."""
    context, zone = serving.acting.context, serving.planning.rules.zone
    today = context.clock.now().astimezone(zone).date()
    on = date_in("day", day) if day else today
    found = await context.store.latest_plan(on)
    if found is None and not day:
        found = await context.store.latest_plan(today + _DAY)
        on = today + _DAY if found is not None else on
    it: dict[str, Any] | None = dict(found.document) if found is not None else None
    return await page(
        request,
        "plan.html",
        "plan",
        it=it,
        day=on,
        today=today,
        before=on - _DAY,
        after=on + _DAY,
        zone=str(zone),
        shapes=serving.planning.rules.shapes,
        calendar=_calendar(it) if it else [],
        follows=serving.settings.planning.follow,
    )


def _calendar(it: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each account with its videos by window, in the order of the windows."""
    cells: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for each in it["assignments"]:
        cells.setdefault((each["account"], each["window"]), []).append(each)
    names = [each["name"] for each in it["windows"]]
    return [
        each | {"cells": [(name, cells.get((each["account"], name), [])) for name in names]}
        for each in it["accounts"]
    ]
