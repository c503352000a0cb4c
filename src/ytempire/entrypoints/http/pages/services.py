"""Services: how those that we call are, their breakers, the chains of providers, and the drills that prove them."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request, Response

from ytempire.bootstrap.serving import Serving
from ytempire.domain.callers import Role
from ytempire.entrypoints.http.doors import Here, needs
from ytempire.entrypoints.http.pages.page import page, pages

router = pages()
Told = Callable[[], Awaitable[dict[str, Any]]]


@router.get("/services", openapi_extra=needs(Role.VIEWER, whole=True))
async def services(request: Request, serving: Here) -> Response:
    """Services, breakers and chains; or that this installation has none."""
    return await page(request, "services.html", "services", it=await _document(serving))


async def _document(serving: Serving) -> dict[str, Any] | None:
    """What is told of services; None in a house without chains."""
    told: Told | None = getattr(serving, "services", None)
    return await told() if told is not None else None
