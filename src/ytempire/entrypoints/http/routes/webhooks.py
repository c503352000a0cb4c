"""Webhooks: the receivers of the configuration, their secrets, a test of the way there, and what was given up.

Where a receiver is stands in the configuration and cannot be told here, so that nobody sends our messages elsewhere.
"""

from typing import Annotated

from fastapi import Path, Query, Request
from starlette.responses import Response

from ytempire.domain.callers import Role
from ytempire.entrypoints.http import shapes
from ytempire.entrypoints.http.answers import document, may
from ytempire.entrypoints.http.doors import Here, Who, guarded, needs

router = guarded("/api/v1/webhooks", tags=["webhooks"])
Name = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$", description="A receiver, by its name.")
]


@router.get(
    "",
    operation_id="listWebhooks",
    openapi_extra=needs(Role.VIEWER, whole=True),
    responses=may(shapes.Document),
)
async def list_webhooks(serving: Here) -> Response:
    """Every receiver that is configured or has a secret: its state, what it gets, and how much waits for it."""
    return document({"webhooks": await serving.hooks.listed()})


@router.post(
    "", status_code=201, operation_id="addWebhook", openapi_extra=needs(Role.ADMIN, whole=True),
    responses=may(shapes.HookSecret, 404, 409, 413, 415, status=201),
)  # fmt: skip
async def add(request: Request, serving: Here, caller: Who, wish: shapes.HookName) -> Response:
    """Makes the secret of a configured receiver, told this once, and serves it with events from now on."""
    secret = await serving.desk(caller.name).add(wish.webhook)
    request.scope["ytempire.secret_answer"] = True
    return document({"webhook": wish.webhook, "secret": secret.reveal()}, 201)


@router.get(
    "/dead",
    operation_id="listDeadMessages",
    openapi_extra=needs(Role.VIEWER, whole=True),
    responses=may(shapes.Document, 404, 409),
)
async def dead(
    serving: Here,
    webhook: Annotated[str | None, Query(max_length=64, description="Only of this receiver.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Messages that were given up, newest first."""
    return document({"messages": await serving.hooks.dead(webhook, limit)})


@router.delete(
    "/{webhook}", operation_id="removeWebhook", openapi_extra=needs(Role.ADMIN, whole=True),
    responses=may(shapes.Document, 404, 409),
)  # fmt: skip
async def remove(serving: Here, caller: Who, webhook: Name) -> Response:
    """Forgets the secret of a receiver and every message that waits for it."""
    await serving.desk(caller.name).remove(webhook)
    return document({"webhook": webhook, "state": "removed"})


@router.post(
    "/{webhook}/rotate", operation_id="rotateWebhook", openapi_extra=needs(Role.ADMIN, whole=True),
    responses=may(shapes.HookSecret, 404, 409, 413, 415),
)  # fmt: skip
async def rotate(
    request: Request, serving: Here, caller: Who, webhook: Name, wish: shapes.Rotation | None = None
) -> Response:
    """Makes another secret, told this once. The one before signs beside it for a day, or with `at_once` no longer."""
    at_once = wish is not None and wish.at_once
    secret = await serving.desk(caller.name).rotate(webhook, at_once=at_once)
    request.scope["ytempire.secret_answer"] = True
    return document({"webhook": webhook, "secret": secret.reveal()})


@router.post(
    "/{webhook}/test", operation_id="testWebhook", openapi_extra=needs(Role.OPERATOR, whole=True),
    responses=may(shapes.Document, 404, 409),
)  # fmt: skip
async def try_receiver(serving: Here, caller: Who, webhook: Name) -> Response:
    """Sends a signed test message, once, and tells what came back."""
    return document(await serving.desk(caller.name).test(webhook))


@router.post(
    "/{webhook}/enable", operation_id="enableWebhook", openapi_extra=needs(Role.OPERATOR, whole=True),
    responses=may(shapes.Document, 404, 409),
)  # fmt: skip
async def enable(serving: Here, caller: Who, webhook: Name) -> Response:
    """Serves a receiver again that had answered 410, with events from now on."""
    await serving.desk(caller.name).enable(webhook)
    return document({"webhook": webhook, "state": "active"})


@router.post(
    "/{webhook}/replay", operation_id="replayWebhook", openapi_extra=needs(Role.OPERATOR, whole=True),
    responses=may(shapes.Document, 404, 409, 413, 415),
)  # fmt: skip
async def replay(serving: Here, caller: Who, webhook: Name, wish: shapes.Replayed | None = None) -> Response:
    """Lets messages that were given up wait again, under their old ids: those with these ids, or all."""
    count = await serving.desk(caller.name).replay(webhook, wish.ids if wish else ())
    return document({"webhook": webhook, "replayed": count})
