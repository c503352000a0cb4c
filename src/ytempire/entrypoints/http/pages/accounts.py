"""Accounts: every channel with its state, the parts of its two numbers, and its grants; and one of them alone."""

from typing import Any

from fastapi import Request, Response

from ytempire.domain.callers import Role
from ytempire.entrypoints.http.doors import Here, Who, needs
from ytempire.entrypoints.http.pages.deeds import Account
from ytempire.entrypoints.http.pages.needs import connect_path
from ytempire.entrypoints.http.pages.page import page, pages
from ytempire.entrypoints.http.routes.accounts import configured
from ytempire.services.callers_view import pathless
from ytempire.services.documents import Document

router = pages()
_TO_CONNECT = frozenset({"needs_reauth", "disconnected"})
_TO_RESUME = frozenset({"paused", "suspended", "capped"})
_TO_PAUSE = frozenset({"active", "standby", "capped", "needs_reauth"})


@router.get("/accounts", openapi_extra=needs(Role.VIEWER))
async def accounts(request: Request, serving: Here, caller: Who) -> Response:
    """Every account, those that need a person first."""
    reports = serving.acting.reading.reports
    found = [
        each for each in await reports.accounts() if caller.accounts is None or each["id"] in caller.accounts
    ]
    tokens = [each for each in await reports.tokens() if each["slot"] != "backup"]
    grants = {str(each["account"]): each for each in tokens}
    views = [_view(each, grants.get(str(each["id"]))) for each in found]
    views.sort(key=lambda each: not (each["connect"] or each["state"] == "suspended"))
    return await page(request, "accounts.html", "accounts", accounts=views)


@router.get("/accounts/{account}", openapi_extra=needs(Role.VIEWER))
async def account(request: Request, serving: Here, caller: Who, account: Account) -> Response:
    """One account: its numbers part by part, its grants and what they come to, what was learned, what happened."""
    await configured(serving, caller, account)
    reports = serving.acting.reading.reports
    document: dict[str, Any] = pathless(await reports.account(account))
    tokens = [each for each in await reports.tokens() if each["account"] == account]
    primary = next((each for each in tokens if each["slot"] != "backup"), None)
    return await page(
        request,
        "account.html",
        "accounts",
        it=_view(document, primary),
        tokens=tokens,
        history=list(reversed(document["history"])),
    )


def _view(account: Document, grant: Document | None) -> dict[str, Any]:
    """An account as a document, with what can be done with it."""
    state, name = str(account["state"]), str(account["id"])
    return account | {
        "token": grant,
        "connect": state in _TO_CONNECT,
        "pause": state in _TO_PAUSE,
        "resume": state in _TO_RESUME,
        "connect_path": connect_path(name),
        "backup_path": f"{connect_path(name)}&backup=true",
        "path": f"/accounts/{name}",
    }
