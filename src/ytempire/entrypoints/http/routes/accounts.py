"""Accounts: their state, their numbers part by part, and what a person may order of them."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from ytempire.bootstrap.serving import Serving
from ytempire.domain.accounts import Account
from ytempire.domain.callers import Caller, Role
from ytempire.domain.values import AccountId, Refusal, Refused
from ytempire.entrypoints.http import shapes
from ytempire.entrypoints.http.answers import document, may
from ytempire.entrypoints.http.doors import Here, Who, guarded, needs
from ytempire.services.callers_view import pathless
from ytempire.services.documents import Document

router = guarded("/api/v1/accounts", tags=["accounts"])
Id = Annotated[AccountId, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="An account.")]


@router.get(
    "", operation_id="listAccounts", openapi_extra=needs(Role.VIEWER), responses=may(shapes.AccountList)
)
async def list_accounts(serving: Here, caller: Who) -> Response:
    """Every account with its health and fitness, and the counts of the day."""
    found = await serving.acting.reading.reports.accounts()
    mine = [each for each in found if caller.accounts is None or each["id"] in caller.accounts]
    return document({"accounts": mine})


@router.get(
    "/{account}",
    operation_id="getAccount",
    openapi_extra=needs(Role.VIEWER),
    responses=may(shapes.Account, 404),
)
async def get_account(serving: Here, caller: Who, account: Id) -> Response:
    """One account with the parts of its two numbers, what was learned of it, and what happened to it."""
    return document(await _told(serving, caller, account))


@router.post(
    "/{account}/pause", operation_id="pauseAccount", openapi_extra=needs(Role.OPERATOR),
    responses=may(shapes.Account, 404, 409, 413, 415),
)  # fmt: skip
async def pause(serving: Here, caller: Who, account: Id, reason: shapes.Reason) -> Response:
    """Starts no new upload on it; those that run are finished."""
    ordering = serving.personal(caller.name).ordering
    return await _ordered(serving, caller, account, lambda found: ordering.pause(found, reason.why))


@router.post(
    "/{account}/resume", operation_id="resumeAccount", openapi_extra=needs(Role.OPERATOR),
    responses=may(shapes.Account, 404, 409, 413, 415),
)  # fmt: skip
async def resume(serving: Here, caller: Who, account: Id, reason: shapes.Perhaps | None = None) -> Response:
    """Lets a paused, suspended or capped account take uploads again."""
    why = (reason.why if reason else None) or "resumed by a person"
    ordering = serving.personal(caller.name).ordering
    return await _ordered(serving, caller, account, lambda found: ordering.resume(found, why))


@router.post(
    "/{account}/disconnect", operation_id="disconnectAccount", openapi_extra=needs(Role.ADMIN),
    responses=may(shapes.Gone, 404, 413, 415),
)  # fmt: skip
async def disconnect(
    serving: Here, caller: Who, account: Id, reason: shapes.Perhaps | None = None
) -> Response:
    """Revokes its grants at Google and erases them here. Its history stays."""
    found = await configured(serving, caller, account)
    why = (reason.why if reason else None) or "disconnected by a person"
    gone = await serving.personal(caller.name).disconnecting.disconnect(found, why)
    return document(
        {"account": gone.account, "erased": gone.erased, "still_standing": list(gone.still_standing)}
    )


async def configured(serving: Serving, caller: Caller, which: AccountId) -> Account:
    """An account that is there and theirs. Raises `Refused`."""
    context = serving.acting.context
    everyone = await context.store.accounts(context.clock.now())
    found = next((each for each in everyone if each.id == which), None)
    if found is None or not caller.sees(which):
        message = f"there is no account {which!r:.80}"
        raise Refused(Refusal("account", "no_such_account", message, "list them to see which are"))
    return found


async def _ordered(
    serving: Serving, caller: Caller, which: AccountId, order: Callable[[Account], Awaitable[Account]]
) -> Response:
    await order(await configured(serving, caller, which))
    return document(await _told(serving, caller, which))


async def _told(serving: Serving, caller: Caller, which: AccountId) -> Document:
    await configured(serving, caller, which)
    return pathless(await serving.acting.reading.reports.account(which))
