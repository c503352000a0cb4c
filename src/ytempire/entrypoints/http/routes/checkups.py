"""How things stand: the checklist of the day, the checkup, what goes wrong, and what has happened."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from ytempire.bootstrap.serving import Serving
from ytempire.domain.callers import Role
from ytempire.domain.checkup import Grade
from ytempire.entrypoints.dates import date_of
from ytempire.entrypoints.http import shapes
from ytempire.entrypoints.http.answers import dated, document, may
from ytempire.entrypoints.http.doors import Here, Who, guarded, needs
from ytempire.entrypoints.http.problems import Problem
from ytempire.services.callers_view import pathless, seen_events
from ytempire.services.documents import Document

router = guarded("/api/v1", tags=["state"])
_PAGE = 500


@router.get(
    "/checklist", operation_id="getChecklist", openapi_extra=needs(Role.VIEWER, whole=True),
    responses=may(shapes.Document, 404),
)  # fmt: skip
async def checklist(
    serving: Here, day: Annotated[str | None, Query(alias="date", max_length=10)] = None
) -> Response:
    """The checklist that was made last on a date; without a date today's."""
    points = serving.checklist("api")
    found = await points.kept(
        date_of("date", day) or serving.acting.context.clock.now().astimezone(points.rules.zone).date()
    )
    if found is None:
        raise Problem(404, "checklist_unknown", "none was made on that date; make one with POST")
    return document(found)


@router.post(
    "/checklist", operation_id="makeChecklist", openapi_extra=needs(Role.OPERATOR, whole=True),
    responses=may(shapes.Document),
)  # fmt: skip
async def make_checklist(serving: Here, caller: Who) -> Response:
    """Judges the metrics and the points of the day now, and keeps the result."""
    return document(await serving.checklist(caller.name).made())


@router.get(
    "/doctor",
    operation_id="examine",
    openapi_extra=needs(Role.OPERATOR, whole=True),
    responses=may(shapes.Document),
)
async def examine(serving: Here) -> Response:
    """Looks at all that this installation stands on. Spends no quota."""
    return await _examined(serving, online=False)


@router.post(
    "/doctor", operation_id="examineOnline", openapi_extra=needs(Role.OPERATOR, whole=True),
    responses=may(shapes.Document, 413, 415),
)  # fmt: skip
async def examine_online(serving: Here, wish: shapes.Online) -> Response:
    """The same; with `online` YouTube is asked for each account's channel too, one unit of quota each."""
    return await _examined(serving, online=wish.online)


@router.get(
    "/errors",
    operation_id="listErrors",
    openapi_extra=needs(Role.VIEWER, whole=True),
    responses=may(shapes.Document),
)
async def errors(serving: Here, days: Annotated[int, Query(ge=1, le=365)] = 1) -> Response:
    """What went wrong, by reason, account and hour, and whether there is more of it than before."""
    return dated(pathless(await serving.errors("api").errors(days)), "since", "until")


@router.get(
    "/errors/unknown",
    operation_id="reviewErrors",
    openapi_extra=needs(Role.VIEWER, whole=True),
    responses=may(shapes.Document),
)
async def unknown(serving: Here) -> Response:
    """The answers that nobody has a remedy for, with their counts and newest samples."""
    return _unknown(await serving.errors("api").review())


@router.post(
    "/errors/unknown/dismiss", operation_id="dismissError", openapi_extra=needs(Role.OPERATOR, whole=True),
    responses=may(shapes.Document, 404, 413, 415),
)  # fmt: skip
async def dismiss(serving: Here, caller: Who, wish: shapes.UnknownKey) -> Response:
    """Strikes one of them off the list, until it is met again."""
    return _unknown(await serving.errors(caller.name).dismiss(wish.key))


@router.get(
    "/events", operation_id="listEvents", openapi_extra=needs(Role.VIEWER), responses=may(shapes.EventList)
)
async def events(
    serving: Here,
    caller: Who,
    after: Annotated[int, Query(ge=0, le=2**53, description="Only those with a higher number.")] = 0,
    limit: Annotated[int, Query(ge=1, le=_PAGE)] = 100,
) -> Response:
    """What happened, in the order it was written. Go on with `after` = `last`; when it stays, there is no more.

    Who goes on from before `forgotten` has missed some of what happened meanwhile.
    """
    store = serving.acting.context.store
    found = await store.events(after=after, limit=limit)
    told = await seen_events(store, found, caller.accounts)
    forgotten = await store.events_forgotten()
    return document({"events": told, "last": found[-1][0] if found else after, "forgotten": forgotten})


def _unknown(found: list[Document]) -> Response:
    return document({"unknown": [pathless(each) for each in found]})


async def _examined(serving: Serving, *, online: bool) -> Response:
    found = await serving.examined(online=online)
    lines = [
        pathless(
            {"about": each.about, "grade": str(each.grade), "message": each.message, "remedy": each.remedy}
        )
        for each in found
    ]
    grades = [each.grade for each in found]
    counts = {"problems": grades.count(Grade.PROBLEM), "warnings": grades.count(Grade.WARNING)}
    return document({"findings": lines, **counts})
