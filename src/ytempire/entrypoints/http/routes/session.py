"""Signing in with a browser: a token in exchange for a cookie that no script can read and no other site sends."""

from fastapi import Request
from starlette.responses import JSONResponse, Response

from ytempire.bootstrap.serving import Serving
from ytempire.domain.callers import Role
from ytempire.entrypoints.http import shapes
from ytempire.entrypoints.http.answers import may
from ytempire.entrypoints.http.doors import Here, front_of, guarded, needs
from ytempire.entrypoints.http.problems import Problem
from ytempire.services.documents import Document, moment

router = guarded("/api/v1/session", tags=["session"])


@router.post(
    "", operation_id="signIn", openapi_extra=needs(Role.ANYBODY), responses=may(shapes.Signed, 413, 415)
)
async def sign_in(request: Request, serving: Here, login: shapes.Login) -> Response:
    """Signs a browser in, for half a day."""
    response = JSONResponse({})
    told = await signed_in(request, serving, login.token, response)
    if told is None:
        raise Problem(401, "token_refused", "this token is unknown, expired or revoked")
    answer = JSONResponse(told)
    answer.raw_headers.extend(pair for pair in response.raw_headers if pair[0] == b"set-cookie")
    return answer


@router.delete(
    "",
    status_code=204,
    operation_id="signOut",
    openapi_extra=needs(Role.ANYBODY),
    responses=may(None, status=204),
)
async def sign_out(request: Request, serving: Here) -> Response:
    """Signs a browser out."""
    response = Response(status_code=204)
    await signed_out(request, serving, response)
    return response


async def signed_in(
    request: Request, serving: Serving, token_text: str, response: Response
) -> Document | None:
    """Puts the cookie on an answer, and tells who it is for; None, and one failed login more, for no good token.

    Raises `Problem` for one that is no good when too many were before.
    """
    front = front_of(request)
    signed = await serving.tokens.sign_in(token_text)
    if signed is None:
        request.scope["ytempire.failed_login"]()
        return None
    token, session, ends = signed
    seconds = int((ends - serving.acting.context.clock.now()).total_seconds())
    response.set_cookie(
        front.cookie, session.reveal(), max_age=seconds, path="/", secure=front.tls, httponly=True, samesite="strict"
    )  # fmt: skip
    accounts = None if token.accounts is None else sorted(token.accounts)
    return {"name": token.name, "role": str(token.role), "accounts": accounts, "expires_at": moment(ends)}


async def signed_out(request: Request, serving: Serving, response: Response) -> None:
    """Forgets the browser, ends what it listens to, and takes the cookie back."""
    front = front_of(request)
    session = request.scope.get("ytempire.session")
    if isinstance(session, str):
        await serving.tokens.sign_out(session)
        serving.live.close(lambda listener: listener.session == session)
    response.delete_cookie(front.cookie, path="/", secure=front.tls, httponly=True, samesite="strict")
