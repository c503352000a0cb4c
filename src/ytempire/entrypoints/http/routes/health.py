"""Is it alive, is it ready."""

from starlette.responses import JSONResponse, Response

from ytempire.domain.callers import Role
from ytempire.entrypoints.http.doors import Here, guarded, needs

router = guarded(tags=["health"])


@router.get("/healthz", operation_id="isAlive", openapi_extra=needs(Role.ANYBODY))
async def is_alive() -> Response:
    """Answers as long as the process does."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz", operation_id="isReady", openapi_extra=needs(Role.VIEWER))
async def is_ready(serving: Here) -> Response:
    """Answers well while the store does. A silent YouTube does not make it unready."""
    await serving.acting.reading.store.counts()
    return JSONResponse({"status": "ready", "worker": serving.acting.reading.worker_runs()})
