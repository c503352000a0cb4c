"""Webhooks: every receiver and how it stands, what was given up, and what can be done about it."""

from typing import Annotated

from fastapi import Path, Request, Response

from ytempire.domain.callers import Role
from ytempire.domain.values import Refusal, Refused, Secret
from ytempire.entrypoints.http.doors import Here, Who, needs
from ytempire.entrypoints.http.pages.page import done, form, page, pages

router = pages()
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
_MOST = 50
_OPERATOR, _ADMIN = needs(Role.OPERATOR, whole=True), needs(Role.ADMIN, whole=True)


@router.get("/webhooks", openapi_extra=needs(Role.VIEWER, whole=True))
async def webhooks(request: Request, serving: Here) -> Response:
    """The page."""
    return await _page(request, serving)


@router.post("/webhooks/{webhook}/add", openapi_extra=_ADMIN)
async def add(request: Request, serving: Here, caller: Who, webhook: Name) -> Response:
    """Makes its secret, and shows that, this once."""
    await form(request)
    return await _told_once(request, serving, webhook, await serving.desk(caller.name).add(webhook))


@router.post("/webhooks/{webhook}/rotate", openapi_extra=_ADMIN)
async def rotate(request: Request, serving: Here, caller: Who, webhook: Name) -> Response:
    """Makes another secret, and shows that, this once."""
    await form(request)
    return await _told_once(request, serving, webhook, await serving.desk(caller.name).rotate(webhook))


@router.post("/webhooks/{webhook}/remove", openapi_extra=_ADMIN)
async def remove(request: Request, serving: Here, caller: Who, webhook: Name) -> Response:
    """Forgets its secret and what waits for it."""
    fields = await form(request)
    await serving.desk(caller.name).remove(webhook)
    return done(fields, "/webhooks", "hook_removed")


@router.post("/webhooks/{webhook}/test", openapi_extra=_OPERATOR)
async def try_receiver(request: Request, serving: Here, caller: Who, webhook: Name) -> Response:
    """Sends it a test message."""
    fields = await form(request)
    told = await serving.desk(caller.name).test(webhook)
    if not told["delivered"]:
        message = f"{webhook} did not take the test message: {told['error']}"
        raise Refused(Refusal("webhook", "not_possible", message, "look at the receiver, and try again"))
    return done(fields, "/webhooks", "hook_tested")


@router.post("/webhooks/{webhook}/enable", openapi_extra=_OPERATOR)
async def enable(request: Request, serving: Here, caller: Who, webhook: Name) -> Response:
    """Serves it again."""
    fields = await form(request)
    await serving.desk(caller.name).enable(webhook)
    return done(fields, "/webhooks", "hook_enabled")


@router.post("/webhooks/{webhook}/replay", openapi_extra=_OPERATOR)
async def replay(request: Request, serving: Here, caller: Who, webhook: Name) -> Response:
    """Lets what was given up wait again: one message, or all."""
    fields = await form(request)
    which = fields.get("id", "")
    await serving.desk(caller.name).replay(webhook, [which] if which else ())
    return done(fields, "/webhooks", "hook_replayed")


async def _told_once(request: Request, serving: Here, made: str, secret: Secret) -> Response:
    request.scope["ytempire.secret_answer"] = True  # kept nowhere, whatever key it was asked with
    return await _page(request, serving, made, secret)


async def _page(request: Request, serving: Here, made: str = "", secret: Secret | None = None) -> Response:
    return await page(
        request,
        "webhooks.html",
        "webhooks",
        here="/webhooks",
        hooks=await serving.hooks.listed(),
        dead=await serving.hooks.dead(None, _MOST),
        made=made,
        secret=secret.reveal() if secret is not None else None,
    )
