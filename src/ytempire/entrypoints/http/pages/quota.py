"""Quota: today's buckets, the days gone by as a chart and a table, and what so many videos would need."""

from typing import Annotated, Any

from fastapi import Query, Request, Response

from ytempire.domain.callers import Role
from ytempire.domain.quota import PROFILES
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.whatif import extras as requests_of
from ytempire.entrypoints.http.doors import Here, needs
from ytempire.entrypoints.http.pages.page import page, pages, whole
from ytempire.services.quota_report import of_profile

router = pages()
_SPANS = (7, 14, 30, 90)
_MOST_VIDEOS = 100_000
_MOST_DAYS = 3660


@router.get("/quota", openapi_extra=needs(Role.VIEWER, whole=True))
async def quota(
    request: Request,
    serving: Here,
    days: str = "14",
    videos: str = "",
    extras: Annotated[str, Query(max_length=200)] = "",
    profile: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """The page; with `videos` also what so many would cost on a fresh day."""
    found: dict[str, Any] = await serving.quota.today()
    supposed: dict[str, Any] | None = None
    span = whole("days", days, 1, _MOST_DAYS)
    if videos:
        methods = requests_of(extras) if extras else serving.quota.usual
        number = whole("videos", videos, 0, _MOST_VIDEOS)
        named = PROFILES.get(profile)
        supposed = (
            of_profile(number, methods, named, {}) if named else serving.quota.what_if(number, methods, {})
        )
    return await page(
        request,
        "quota.html",
        "quota",
        quota=found,
        resets_at=QuotaDay.of(serving.acting.context.clock.now()).resets,
        history=await serving.quota.history(span),
        days=span,
        spans=_SPANS,
        supposed=supposed,
        videos=videos,
        extras=extras or (found["usual_extras"] if found["usual_extras"] != "none" else ""),
        profile=profile,
        profiles=list(PROFILES),
        many_projects=len({each["project"] for each in found["buckets"]}) > 1,
    )
