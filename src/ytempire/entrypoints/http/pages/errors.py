"""Errors: what goes wrong, where and how often, and the answers that nobody has a remedy for."""

from typing import Any

from fastapi import Request, Response

from ytempire.domain.callers import Role
from ytempire.entrypoints.http.doors import Here, Who, needs
from ytempire.entrypoints.http.pages.page import done, form, page, pages, whole
from ytempire.services.callers_view import pathless

router = pages()
_SPANS = (1, 7, 30)
_MOST_DAYS = 365


@router.get("/errors", openapi_extra=needs(Role.VIEWER, whole=True))
async def errors(request: Request, serving: Here, days: str = "1") -> Response:
    """The faults of the last so many days, beside as many days before."""
    reports, span = serving.errors("page"), whole("days", days, 1, _MOST_DAYS)
    found: dict[str, Any] = pathless(await reports.errors(span))
    unknown = [pathless(each) for each in await reports.review()]
    return await page(request, "errors.html", "errors", it=found, days=span, spans=_SPANS, unknown=unknown)


@router.post("/errors/dismiss", openapi_extra=needs(Role.OPERATOR, whole=True))
async def dismiss(request: Request, serving: Here, caller: Who) -> Response:
    """Strikes an answer without a remedy off the list, until it is met again."""
    fields = await form(request)
    await serving.errors(caller.name).dismiss(fields.get("key", ""))
    return done(fields, "/errors", "dismissed")
