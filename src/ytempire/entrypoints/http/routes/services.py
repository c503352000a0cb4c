"""Services and chains: how they are, their calls and drills; a breaker by hand; a drill now."""

from typing import Annotated

from fastapi import Path, Query
from starlette.responses import Response

from ytempire.domain.callers import Role
from ytempire.entrypoints.http import shapes
from ytempire.entrypoints.http.answers import dated, document, may
from ytempire.entrypoints.http.doors import Here, Who, guarded, needs
from ytempire.services.service_report import drill_document

router = guarded("/api/v1/services", tags=["services"])
Provider = Annotated[str, Path(max_length=64, description="The provider, by its name; or `youtube`.")]


@router.get(
    "",
    operation_id="listServices",
    openapi_extra=needs(Role.VIEWER, whole=True),
    responses=may(shapes.Document),
)
async def list_services(serving: Here) -> Response:
    """Every service with its health, and every chain with its providers, breakers, calls and money."""
    return dated(await serving.chains.reports.services(), "as_of")


@router.get(
    "/calls",
    operation_id="listChainCalls",
    openapi_extra=needs(Role.VIEWER, whole=True),
    responses=may(shapes.Document),
)
async def calls(
    serving: Here,
    chain: Annotated[str | None, Query(max_length=64, description="Only of this chain.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 20,
) -> Response:
    """The newest calls of chains with their trails."""
    return document(await serving.chains.reports.calls(chain, limit))


@router.get(
    "/drills",
    operation_id="listDrills",
    openapi_extra=needs(Role.VIEWER, whole=True),
    responses=may(shapes.Document),
)
async def drills(serving: Here) -> Response:
    """The newest drill of each chain."""
    return document(await serving.chains.reports.drills())


@router.post(
    "/drills", operation_id="drillChain", openapi_extra=needs(Role.OPERATOR, whole=True),
    responses=may(shapes.Document, 409, 413, 415),
)  # fmt: skip
async def drill(serving: Here, caller: Who, wish: shapes.DrillWish) -> Response:
    """Tries each link of a chain alone, without buying anything, and keeps the result."""
    return document(drill_document(await serving.chains.drills.run(wish.chain, by=caller.name)))


@router.post(
    "/{provider}/isolate", operation_id="isolateProvider", openapi_extra=needs(Role.OPERATOR, whole=True),
    responses=may(shapes.Document, 409, 413, 415),
)  # fmt: skip
async def isolate(serving: Here, caller: Who, provider: Provider, wish: shapes.Reason) -> Response:
    """Lets no call to a provider pass until it is reset; `youtube` stops all new uploads."""
    await serving.chains.chains.known_provider(provider)
    await serving.chains.chains.breakers.isolate(provider, by=caller.name, why=wish.why)
    return await list_services(serving)


@router.post(
    "/{provider}/reset", operation_id="resetProvider", openapi_extra=needs(Role.OPERATOR, whole=True),
    responses=may(shapes.Document, 409, 413, 415),
)  # fmt: skip
async def reset(serving: Here, caller: Who, provider: Provider) -> Response:
    """Closes the breaker of a provider, with nothing counted: calls pass again."""
    await serving.chains.chains.known_provider(provider)
    await serving.chains.chains.breakers.reset(provider, by=caller.name)
    return await list_services(serving)
