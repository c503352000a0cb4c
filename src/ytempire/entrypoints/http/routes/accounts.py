"""Accounts: their state, their numbers part by part, and what a person may order of them."""

from starlette.responses import JSONResponse, Response

from ytempire.domain.callers import Role
from ytempire.entrypoints.http.doors import Here, Who, guarded, needs

router = guarded("/api/v1/accounts", tags=["accounts"])


@router.get("", operation_id="listAccounts", openapi_extra=needs(Role.VIEWER))
async def list_accounts(serving: Here, caller: Who) -> Response:
    """Every account with its health and fitness, and the counts of the day."""
    found = await serving.acting.reading.reports.accounts()
    mine = [each for each in found if caller.accounts is None or each["id"] in caller.accounts]
    return JSONResponse({"accounts": mine})
