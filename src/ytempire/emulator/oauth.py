"""OAuth 2.0 as Google's endpoints speak it: the token endpoint with PKCE and refresh, and revocation.

The page where a person consents is `authorize.py`; what a grant is and how it ends, `grants.py`.
"""

import base64
import hashlib
import hmac
from datetime import timedelta
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ytempire.emulator.call import BrokenBody, Call, Caller, Reset, answer, named, open_call
from ytempire.emulator.errors import ApiError, OAuthError
from ytempire.emulator.grants import (
    check_alive,
    check_client,
    check_policy,
    forget_access,
    issue_grant,
    kill_grants,
)
from ytempire.emulator.journal import EventKind, fingerprint
from ytempire.emulator.routes import Endpoint
from ytempire.emulator.world import AccessToken, Code, Grant, Json, Project, World

_POINTS = {"refresh_token": "token.refresh", "authorization_code": "token.code"}


def token_endpoint(world: World) -> Endpoint:
    """POST /token: authorization_code and refresh_token."""

    async def endpoint(request: Request) -> Response:
        call = open_call(world, request, "token")
        fields = await form_of(call)
        if fields is None:
            return Reset(call.link)
        form = dict(fields)
        call.point = _POINTS.get(form.get("grant_type", ""), "token")
        known = world.grants.get(form.get("refresh_token", ""))
        code = world.codes.get(form.get("code", ""))
        owner = known.account if known is not None else (None if code is None else code.account)
        if owner is not None:
            grant = known or Grant("", owner, (), call.now)
            call.caller = Caller(world.accounts[owner], grant, valid=True)

        async def work(call: Call) -> Response:
            try:
                reply = _exchange(call, form)
            except OAuthError as refusal:
                _note_refusal(call, refusal)
                raise
            return JSONResponse(reply, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})

        return await answer(call, work)

    return endpoint


def revoke_endpoint(world: World) -> Endpoint:
    """POST /revoke with an access or refresh token: the whole grant of that account goes."""

    async def endpoint(request: Request) -> Response:
        call = open_call(world, request, "revoke")
        fields = await form_of(call)
        if fields is None:
            return Reset(call.link)
        form = dict(fields)
        token = form.get("token") or request.query_params.get("token", "")
        access = world.access_tokens.get(token)
        grant = access.grant if access is not None else world.grants.get(token)
        if grant is not None:
            call.caller = Caller(world.accounts[grant.account], grant, valid=True)

        async def work(call: Call) -> Response:
            if grant is None or grant.dead is not None:
                refusal = OAuthError(400, "invalid_token", "Token expired or revoked")
                _note_refusal(call, refusal)
                raise refusal
            kill_grants(call.world, call.account)
            return JSONResponse({})

        return await answer(call, work)

    return endpoint


async def form_of(call: Call) -> list[tuple[str, str]] | None:
    """The sent form; None when the peer went away. An oversized one counts as empty."""
    try:
        body = await call.small_body()
    except BrokenBody:
        return None
    except ApiError:
        return []
    return parse_qsl(body.decode("utf-8", "replace"))


def _note_refusal(call: Call, refusal: OAuthError) -> None:
    caller = call.caller
    call.world.journal.record(
        EventKind.TOKEN_REFUSED,
        point=call.point,
        account=None if caller is None else caller.account.id,
        grant=None if caller is None else named(caller.grant),
        error=refusal.error,
        why=refusal.why or refusal.error,
    )


def _exchange(call: Call, form: dict[str, str]) -> Json:
    project = _client(call, form)
    match form.get("grant_type"):
        case "refresh_token":
            return _refresh(call, project, form)
        case "authorization_code":
            return _redeem(call, project, form)
        case None:
            raise OAuthError(400, "invalid_request", "Required parameter is missing: grant_type")
        case other:
            raise OAuthError(400, "unsupported_grant_type", f"Invalid grant_type: {other}")


def _client(call: Call, form: dict[str, str]) -> Project:
    """The project whose client authenticates, by HTTP Basic or in the form."""
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, value = call.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        client_id, secret = _basic(value)
    project = call.world.client_project(client_id)
    if project is None:
        raise OAuthError(401, "invalid_client", "The OAuth client was not found.")
    check_client(project)
    if not hmac.compare_digest(secret.encode(), project.client_secret.encode()):
        raise OAuthError(401, "invalid_client", "Unauthorized")
    return project


def _basic(value: str) -> tuple[str, str]:
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        raise OAuthError(401, "invalid_client", "Unauthorized") from None
    return unquote(name), unquote(secret)


def _refuse(description: str, *, why: str) -> OAuthError:
    return OAuthError(400, "invalid_grant", description, why=why)


def _refresh(call: Call, project: Project, form: dict[str, str]) -> Json:
    token = form.get("refresh_token")
    if not token:
        raise OAuthError(400, "invalid_request", "Missing required parameter: refresh_token")
    grant = call.world.grants.get(token)
    if grant is None:
        raise _refuse("Bad Request", why="unknown")
    if call.world.accounts[grant.account].project != project.id:
        raise OAuthError(401, "unauthorized_client", "Unauthorized")
    check_policy(call.world.accounts[grant.account])
    check_alive(grant, call.now)
    asked = tuple(form.get("scope", "").split()) or grant.scopes
    if not set(asked) <= set(grant.scopes):
        raise OAuthError(400, "invalid_scope", "Some requested scopes were invalid or not granted.")
    grant.used_at = call.now
    reply = _tokens(call, grant, asked)
    if call.world.config.rotate_refresh_tokens:
        grant.dead = "rotated"
        left = None if grant.expires_at is None else (grant.expires_at - call.now).total_seconds()
        owner = call.world.accounts[grant.account]
        fresh = issue_grant(call.world, owner, grant.scopes, seconds=left)
        reply["refresh_token"] = fresh.refresh_token
    call.world.journal.record(
        EventKind.TOKEN_REFRESHED, account=grant.account, grant=fingerprint(token), scopes=list(asked)
    )
    return reply


def _redeem(call: Call, project: Project, form: dict[str, str]) -> Json:
    if not form.get("code"):
        raise OAuthError(400, "invalid_request", "Missing required parameter: code")
    code = call.world.codes.get(form["code"])
    if code is None or call.world.accounts[code.account].project != project.id:
        raise _refuse("Malformed auth code.", why="unknown code")
    owner = call.world.accounts[code.account]
    if code.grant is not None:
        code.grant.dead = "code reused"
        forget_access(call.world, owner, grant=code.grant)
        raise _refuse("Bad Request", why="code reused")
    if call.now >= code.expires_at:
        raise _refuse("Bad Request", why="code expired")
    if form.get("redirect_uri", "") != code.redirect_uri:
        raise OAuthError(400, "redirect_uri_mismatch", "Bad Request")
    _check_verifier(code, form.get("code_verifier"))
    check_policy(owner)
    if code.offline:
        code.grant = issue_grant(call.world, owner, code.scopes)
    else:
        code.grant = Grant("", owner.id, code.scopes, call.now)
    call.caller = Caller(owner, code.grant, valid=True)
    call.world.journal.record(
        EventKind.CODE_EXCHANGED,
        account=code.account,
        code=fingerprint(form["code"]),
        grant=named(code.grant),
        pkce=code.challenge is not None,
        scopes=list(code.scopes),
    )
    reply = _tokens(call, code.grant, code.scopes)
    return {**reply, "refresh_token": code.grant.refresh_token} if code.offline else reply


def _check_verifier(code: Code, verifier: str | None) -> None:
    if code.challenge is None:
        return
    if not verifier:
        raise _refuse("Missing code verifier.", why="no code verifier")
    digest = hashlib.sha256(verifier.encode()).digest()
    if not hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"="), code.challenge.encode()):
        raise _refuse("Invalid code verifier.", why="wrong code verifier")


def _tokens(call: Call, grant: Grant, scopes: tuple[str, ...]) -> Json:
    life = call.world.access_token_seconds
    token = "ya29.a0" + call.world.clock.letters(120)
    call.world.access_tokens[token] = AccessToken(grant, scopes, call.now + timedelta(seconds=life))
    reply: Json = {
        "access_token": token,
        "expires_in": life,
        "scope": " ".join(scopes),
        "token_type": "Bearer",
    }
    if grant.expires_at is not None:
        reply["refresh_token_expires_in"] = int((grant.expires_at - call.now).total_seconds())
    return reply
