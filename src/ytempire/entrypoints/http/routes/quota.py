"""Quota and the plan: today, the days gone by, what so many videos would need, and who publishes what when."""

from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response

from ytempire.domain.callers import Role
from ytempire.domain.quota import PROFILES
from ytempire.domain.whatif import extras as requests_of
from ytempire.entrypoints.dates import date_of
from ytempire.entrypoints.http import shapes
from ytempire.entrypoints.http.answers import dated, document, may
from ytempire.entrypoints.http.doors import Here, Who, guarded, needs
from ytempire.entrypoints.http.problems import Problem
from ytempire.services.planning import Planning, Supposed
from ytempire.services.quota_report import of_profile

router = guarded("/api/v1", tags=["quota"])
_MOST_VIDEOS = 100_000
_MOST_PLANNED = 200
"""A supposed plan is calculated while somebody waits for it."""

Videos = Annotated[int, Query(ge=0, le=_MOST_VIDEOS, description="So many videos on a day.")]
Extras = Annotated[
    str | None, Query(max_length=200, description="What each has: thumbnail,update,captions:2.")
]
Profile = Literal["buckets-2026", "units-2025-12", "units-2025"]


@router.get(
    "/quota",
    operation_id="getQuota",
    openapi_extra=needs(Role.VIEWER, whole=True),
    responses=may(shapes.Document),
)
async def today(serving: Here) -> Response:
    """Every bucket with its pace, how many uploads are still possible, and what each account has used."""
    return dated(await serving.quota.today(), "at")


@router.get(
    "/quota/history", operation_id="getQuotaHistory", openapi_extra=needs(Role.VIEWER, whole=True),
    responses=may(shapes.Document),
)  # fmt: skip
async def history(serving: Here, days: Annotated[int, Query(ge=1, le=3660)] = 14) -> Response:
    """What was used on the last quota days, newest first."""
    return document({"days": await serving.quota.history(days)})


@router.get(
    "/quota/what-if", operation_id="supposeQuota", openapi_extra=needs(Role.VIEWER, whole=True),
    responses=may(shapes.Document),
)  # fmt: skip
async def what_if(
    serving: Here, videos: Videos, extras: Extras = None, profile: Profile | None = None
) -> Response:
    """What so many videos would cost on a fresh day, and how many fit."""
    methods = serving.quota.usual if extras is None else requests_of(extras)
    if profile is not None:
        return document(of_profile(videos, methods, PROFILES[profile], {}))
    return document(serving.quota.what_if(videos, methods, {}))


@router.get(
    "/plan", operation_id="getPlan", openapi_extra=needs(Role.VIEWER, whole=True), responses=may(shapes.Document, 404)
)  # fmt: skip
async def plan(
    serving: Here, day: Annotated[str | None, Query(alias="date", max_length=10)] = None
) -> Response:
    """The plan of a date that was made last; without a date that of today."""
    context, zone = serving.acting.context, serving.planning.rules.zone
    on = date_of("date", day) or context.clock.now().astimezone(zone).date()
    found = await context.store.latest_plan(on)
    if found is None:
        raise Problem(404, "plan_unknown", f"no plan was made for {on}; make one with POST")
    return document(dict(found.document))


@router.post(
    "/plan", operation_id="makePlan", openapi_extra=needs(Role.OPERATOR, whole=True),
    responses=may(shapes.Document, 404, 413, 415),
)  # fmt: skip
async def make_plan(serving: Here, caller: Who, wish: shapes.Day | None = None) -> Response:
    """Plans what waits in the queue, and keeps the plan. Started work never moves."""
    on = date_of("date", wish.date if wish else None)
    found = await serving.planned(lambda planning: planning.queued(on, ahead=True), caller.name)
    if found is None:
        raise Problem(404, "nothing_waits", "nothing waits that could be planned")
    return document(found)


@router.get(
    "/plan/what-if", operation_id="supposePlan", openapi_extra=needs(Role.VIEWER, whole=True),
    responses=may(shapes.Document),
)  # fmt: skip
async def supposed(
    serving: Here,
    videos: Annotated[int, Query(ge=0, le=_MOST_PLANNED)],
    extras: Extras = None,
    day: Annotated[str | None, Query(alias="date", max_length=10)] = None,
) -> Response:
    """Does a day of so many videos fit, what binds, what would help. Keeps nothing."""
    methods = serving.planning.ordinary().methods if extras is None else requests_of(extras)
    on = date_of("date", day)

    async def work(planning: Planning) -> object:
        return await planning.supposed(Supposed(videos, methods), on)

    return document(await serving.planned(work))
