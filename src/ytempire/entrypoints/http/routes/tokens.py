"""Tokens for the API, for admins; and who somebody is, for everybody."""

from typing import Annotated

from fastapi import Path, Request
from starlette.responses import Response

from ytempire.domain.callers import Role
from ytempire.entrypoints.http import shapes
from ytempire.entrypoints.http.answers import document, may
from ytempire.entrypoints.http.doors import Here, Who, guarded, needs
from ytempire.services.api_tokens import Wish, token_document

router = guarded("/api/v1", tags=["tokens"])


@router.get(
    "/whoami", operation_id="whoAmI", openapi_extra=needs(Role.VIEWER), responses=may(shapes.Document)
)
async def who_am_i(caller: Who) -> Response:
    """The name, the role and the accounts of whoever asks."""
    accounts = None if caller.accounts is None else sorted(caller.accounts)
    return document({"name": caller.name, "role": str(caller.role), "accounts": accounts})


@router.get(
    "/tokens",
    operation_id="listTokens",
    openapi_extra=needs(Role.ADMIN, whole=True),
    responses=may(shapes.TokenList),
)
async def list_tokens(serving: Here) -> Response:
    """Every token, oldest first; their texts are stored nowhere."""
    return document({"tokens": await serving.tokens.listed()})


@router.post(
    "/tokens", status_code=201, operation_id="createToken", openapi_extra=needs(Role.ADMIN, whole=True),
    responses=may(shapes.NewToken, 409, 413, 415, status=201),
)  # fmt: skip
async def create_token(request: Request, serving: Here, caller: Who, wish: shapes.TokenWish) -> Response:
    """Makes a token. Its text is in this answer and never again."""
    made = Wish(wish.name, Role(wish.role), tuple(wish.accounts), wish.days)
    token, text = await serving.tokens.create(made, caller.name)
    request.scope["ytempire.secret_answer"] = True
    told = token_document(token, serving.acting.context.clock.now())
    return document(told | {"token": text.reveal()}, 201)


@router.delete(
    "/tokens/{token}", operation_id="revokeToken", openapi_extra=needs(Role.ADMIN, whole=True),
    responses=may(shapes.Token, 404),
)  # fmt: skip
async def revoke_token(
    serving: Here, caller: Who, token: Annotated[str, Path(max_length=128, description="Its id or its name.")]
) -> Response:
    """Revokes a token, at once and for ever."""
    revoked = await serving.tokens.revoke(token, caller.name)
    serving.live.close(lambda listener: listener.caller.token == revoked.id)
    now = serving.acting.context.clock.now()
    return document(token_document(revoked, now) | {"state": "revoked"})
