"""What is measured, for Prometheus and whoever reads its formats. The table is in docs/reference/metrics.md."""

from fastapi import Request
from starlette.responses import Response

from ytempire.domain.callers import Role
from ytempire.entrypoints.http.doors import Here, guarded, needs

router = guarded(tags=["health"])


@router.get(
    "/metrics",
    operation_id="getMetrics",
    openapi_extra=needs(Role.VIEWER, whole=True),
    include_in_schema=False,
)
async def get_metrics(request: Request, serving: Here) -> Response:
    """Every metric, in the text format of Prometheus or, when asked for, as OpenMetrics."""
    text, kind = serving.paper.written(await serving.measuring.read(), request.headers.get("accept", ""))
    return Response(text, headers={"Content-Type": kind})
