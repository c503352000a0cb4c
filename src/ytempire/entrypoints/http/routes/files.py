"""Files sent to us: streamed to disk as they come, in bounded memory, and whole or not at all."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Query, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from ytempire.domain.callers import Role
from ytempire.entrypoints.http import shapes
from ytempire.entrypoints.http.answers import document, may
from ytempire.entrypoints.http.doors import Here, Who, guarded, needs
from ytempire.entrypoints.http.problems import Problem
from ytempire.services.received import received_document

router = guarded("/api/v1/files", tags=["files"])
_STALLED = 60.0
"""Seconds without a byte after which nothing more is expected."""

_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.put(
    "", status_code=201, operation_id="sendFile", openapi_extra=needs(Role.SUBMITTER) | _BODY,
    responses=may(shapes.File, 413, 507, status=201),
)  # fmt: skip
async def send_file(
    request: Request,
    serving: Here,
    caller: Who,
    name: Annotated[str, Query(max_length=255, description="What the file is called.")] = "",
) -> Response:
    """Takes a video, a thumbnail or captions as the body. Durable when it is answered; kept for a day if unused."""
    declared = request.headers.get("content-length", "")
    limit = serving.settings.api.max_file_bytes
    if declared.isdigit() and int(declared) > limit:
        raise Problem(413, "too_large", f"a file has at most {limit:,} bytes here")
    try:
        file = await serving.receiving.receive(caller, name, _blocks(request))
    except ClientDisconnect:
        raise Problem(400, "broken_off", "the file ended before its end; nothing was kept of it") from None
    return document(received_document(file), 201)


async def _blocks(request: Request) -> AsyncIterator[bytes]:
    blocks = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout(_STALLED):
                block = await anext(blocks)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Problem(408, "too_slow", f"nothing came for {_STALLED:.0f} seconds") from None
        yield block
