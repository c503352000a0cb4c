"""OAuth 2.0 as Google's endpoints speak it: the token endpoint with PKCE, refresh, and revocation.

The page where a person consents belongs in a module of its own that ends in `issue_code`.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ytempire.emulator.call import BrokenBody, Call, Caller, Reset, answer, open_call
from ytempire.emulator.errors import ApiError, OAuthError
from ytempire.emulator.journal import EventKind, fingerprint
from ytempire.emulator.routes import Endpoint
from ytempire.emulator.world import AccessToken, Account, Code, Grant, Json, Project, World

_CODE_LIFE = timedelta(minutes=10)
_IDLE_LIFE = timedelta(days=182)
_LIVE_GRANTS = 100
_POINTS = {"refresh_token": "token.refresh", "authorization_code": "token.code"}
_DEAD = "Token has been expired or revoked."


def issue_code(
    world: World, account: Account, scopes: tuple[str, ...], *, redirect_uri: str, challenge: str | None
) -> str:
    """A fresh authorization code for a consent that was just given; `challenge` is PKCE S256."""
    code = "4/0" + world.clock.letters(60)
    world.codes[code] = Code(account.id, scopes, redirect_uri, challenge, world.clock.now() + _CODE_LIFE)
    return code


def issue_grant(
    world: World, account: Account, scopes: tuple[str, ...], *, seconds: float | None = None
) -> Grant:
    """A fresh refresh token; above 100 live ones per account the oldest dies silently, as Google has it."""
    now = world.clock.now()
    grant = Grant(
        refresh_token="1//0" + world.clock.letters(60),
        account=account.id,
        scopes=scopes,
        used_at=now,
        expires_at=None if seconds is None else now + timedelta(seconds=seconds),
    )
    world.grants[grant.refresh_token] = grant
    live = [
        other for other in list(world.grants.values()) if other.account == account.id and other.dead is None
    ]
    for oldest in live[:-_LIVE_GRANTS]:
        oldest.dead = "superseded"
    world.journal.record(EventKind.TOKEN_ISSUED, account=account.id, grant=fingerprint(grant.refresh_token))
    return grant


def kill_grants(world: World, account: Account, *, why: str, keep_access_tokens: bool = False) -> None:
    """End every grant of an account, as a revocation does; access tokens go too unless kept."""
    for grant in list(world.grants.values()):
        if grant.account == account.id and grant.dead is None:
            grant.dead = why
    if not keep_access_tokens:
        held = world.access_tokens
        for token in [token for token, access in list(held.items()) if access.grant.account == account.id]:
            del held[token]
    world.journal.record(EventKind.GRANT_REVOKED, account=account.id, why=why)


def token_endpoint(world: World) -> Endpoint:
    """POST /token: authorization_code and refresh_token."""

    async def endpoint(request: Request) -> Response:
        call = open_call(world, request, "token")
        form = await _form(call)
        if form is None:
            return Reset(call.link)
        call.point = _POINTS.get(form.get("grant_type", ""), "token")
        known = world.grants.get(form.get("refresh_token", ""))
        code = world.codes.get(form.get("code", ""))
        owner = known.account if known is not None else (None if code is None else code.account)
        if owner is not None:
            grant = known or Grant("", owner, (), call.now)
            call.caller = Caller(world.accounts[owner], grant, valid=True)

        async def work(call: Call) -> Response:
            return JSONResponse(
                _exchange(call, form), headers={"Cache-Control": "no-store", "Pragma": "no-cache"}
            )

        return await answer(call, work)

    return endpoint


def revoke_endpoint(world: World) -> Endpoint:
    """POST /revoke with an access or refresh token: the whole grant of that account goes."""

    async def endpoint(request: Request) -> Response:
        call = open_call(world, request, "revoke")
        form = await _form(call)
        if form is None:
            return Reset(call.link)
        token = form.get("token") or request.query_params.get("token", "")
        access = world.access_tokens.get(token)
        grant = access.grant if access is not None else world.grants.get(token)
        if grant is not None:
            call.caller = Caller(world.accounts[grant.account], grant, valid=True)

        async def work(call: Call) -> Response:
            if grant is None or grant.dead is not None:
                raise OAuthError(400, "invalid_token", "Token expired or revoked")
            kill_grants(call.world, call.account, why="revoked")
            return JSONResponse({})

        return await answer(call, work)

    return endpoint


async def _form(call: Call) -> dict[str, str] | None:
    """The sent form; None when the peer went away. An oversized one counts as empty."""
    try:
        body = await call.small_body()
    except BrokenBody:
        return None
    except ApiError:
        return {}
    return dict(parse_qsl(body.decode("utf-8", "replace")))


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
    if not hmac.compare_digest(secret.encode(), project.client_secret.encode()):
        raise OAuthError(401, "invalid_client", "Unauthorized")
    return project


def _basic(value: str) -> tuple[str, str]:
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        raise OAuthError(401, "invalid_client", "Unauthorized") from None
    return unquote(name), unquote(secret)


def _refuse(call: Call, description: str, *, why: str) -> OAuthError:
    call.world.journal.record(
        EventKind.TOKEN_REFUSED, account=None if call.caller is None else call.caller.account.id, why=why
    )
    return OAuthError(400, "invalid_grant", description)


def _refresh(call: Call, project: Project, form: dict[str, str]) -> Json:
    token = form.get("refresh_token")
    if not token:
        raise OAuthError(400, "invalid_request", "Missing required parameter: refresh_token")
    grant = call.world.grants.get(token)
    if grant is None:
        raise _refuse(call, "Bad Request", why="unknown")
    if call.world.accounts[grant.account].project != project.id:
        raise OAuthError(401, "unauthorized_client", "Unauthorized")
    why = death_of(grant, call.now)
    if why is not None:
        raise _refuse(call, _DEAD, why=why)
    asked = tuple(form.get("scope", "").split()) or grant.scopes
    if not set(asked) <= set(grant.scopes):
        raise OAuthError(400, "invalid_scope", "Some requested scopes were invalid or not granted.")
    grant.used_at = call.now
    reply = _tokens(call, grant, asked)
    if call.world.config.rotate_refresh_tokens:
        grant.dead = "rotated"
        fresh = issue_grant(call.world, call.world.accounts[grant.account], grant.scopes)
        reply["refresh_token"] = fresh.refresh_token
    call.world.journal.record(EventKind.TOKEN_REFRESHED, account=grant.account, grant=fingerprint(token))
    return reply


def death_of(grant: Grant, now: datetime) -> str | None:
    """Why a refresh token no longer works; None while it does."""
    if grant.dead is not None:
        return grant.dead
    if grant.expires_at is not None and now >= grant.expires_at:
        return "expired"
    return "idle" if now - grant.used_at > _IDLE_LIFE else None


def _redeem(call: Call, project: Project, form: dict[str, str]) -> Json:
    code = call.world.codes.get(form.get("code", ""))
    if code is None or call.world.accounts[code.account].project != project.id:
        raise _refuse(call, "Malformed auth code.", why="unknown code")
    if code.grant is not None:
        code.grant.dead = "code reused"
        raise _refuse(call, "Bad Request", why="code reused")
    if call.now >= code.expires_at:
        raise _refuse(call, "Bad Request", why="code expired")
    if form.get("redirect_uri", "") != code.redirect_uri:
        raise OAuthError(400, "redirect_uri_mismatch", "Bad Request")
    _check_verifier(call, code, form.get("code_verifier"))
    grant = issue_grant(call.world, call.world.accounts[code.account], code.scopes)
    code.grant = grant
    reply = _tokens(call, grant, grant.scopes)
    return {**reply, "refresh_token": grant.refresh_token}


def _check_verifier(call: Call, code: Code, verifier: str | None) -> None:
    if code.challenge is None:
        return
    if not verifier:
        raise _refuse(call, "Missing code verifier.", why="no code verifier")
    digest = hashlib.sha256(verifier.encode()).digest()
    if not hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"="), code.challenge.encode()):
        raise _refuse(call, "Invalid code verifier.", why="wrong code verifier")


def _tokens(call: Call, grant: Grant, scopes: tuple[str, ...]) -> Json:
    life = call.world.access_token_seconds
    token = "ya29.a0" + call.world.clock.letters(120)
    narrowed = (
        grant if scopes == grant.scopes else Grant(grant.refresh_token, grant.account, scopes, grant.used_at)
    )
    call.world.access_tokens[token] = AccessToken(narrowed, call.now + timedelta(seconds=life))
    reply: Json = {
        "access_token": token,
        "expires_in": life,
        "scope": " ".join(scopes),
        "token_type": "Bearer",
    }
    if grant.expires_at is not None:
        reply["refresh_token_expires_in"] = int((grant.expires_at - call.now).total_seconds())
    return reply
