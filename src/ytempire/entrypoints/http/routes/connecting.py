"""Connecting an account through Google's page: begun here, finished where Google sends the person back to."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Query, Request
from starlette.responses import RedirectResponse, Response

from ytempire.bootstrap.serving import Serving
from ytempire.domain.callers import Caller, Role
from ytempire.domain.consent import CALLBACK_PATH, LIFE, STATE_BYTES
from ytempire.domain.oauth import OAuthClient, Slot
from ytempire.domain.values import AccountId, Mendable, Refusal, Refused, Secret
from ytempire.entrypoints.http import shapes
from ytempire.entrypoints.http.answers import document, may, told_on_a_page
from ytempire.entrypoints.http.doors import Here, Who, front_of, guarded, needs
from ytempire.entrypoints.http.elsewhere import for_people
from ytempire.entrypoints.http.front import Front
from ytempire.entrypoints.http.identity import cookie
from ytempire.entrypoints.http.plain import page
from ytempire.entrypoints.http.routes.accounts import configured
from ytempire.entrypoints.http.static_files import address
from ytempire.services.connect import Connected
from ytempire.services.consent import Begun
from ytempire.services.documents import moment

router = guarded("/api/v1/auth/youtube", tags=["connect"])
_COOKIE = "ytempire_consent"
_PATH = "/api/v1/auth"
Account = Annotated[AccountId, Query(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Backup = Annotated[bool, Query(description="A second grant for the same channel.")]
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@router.get(
    "/start", operation_id="visitGoogle", openapi_extra=needs(Role.OPERATOR),
    responses=may(None, 404, 409, status=303),
)  # fmt: skip
async def visit(
    request: Request, serving: Here, caller: Who, account: Account, backup: Backup = False  # noqa: FBT002  a question's word
) -> Response:  # fmt: skip
    """Sends a person's browser to Google's page; the answer must come back in the same browser."""
    front = front_of(request)
    uri = await _landing(request, serving, caller, account)
    # The cookie comes back only to the name it was set under.
    bound = serving.acting.context.clock.new_secret(STATE_BYTES) if _same_name(request, uri) else None
    begun = await _begun(serving, caller, account, uri, backup=backup, browser=bound)
    response = RedirectResponse(begun.address.reveal(), 303)
    if bound is not None:
        # Lax, because the person comes back from another site.
        response.set_cookie(
            _COOKIE, bound.reveal(), max_age=LIFE.seconds, path=_PATH, secure=front.tls, httponly=True, samesite="lax"
        )  # fmt: skip
    return response


@router.post(
    "/start",
    operation_id="beginConsent",
    openapi_extra=needs(Role.OPERATOR),
    responses=may(shapes.Begun, 404, 409),
)
async def begin(
    request: Request, serving: Here, caller: Who, account: Account, backup: Backup = False  # noqa: FBT002  a question's word
) -> Response:  # fmt: skip
    """Makes the address to open in a browser on a machine that reaches this one. Good for ten minutes, once."""
    uri = await _landing(request, serving, caller, account)
    begun = await _begun(serving, caller, account, uri, backup=backup, browser=None)
    request.scope["ytempire.secret_answer"] = True
    return document(
        {
            "account": begun.account,
            "address": begun.address.reveal(),
            "redirect_uri": begun.redirect_uri,
            "expires_at": moment(begun.expires_at),
        }
    )


@router.get(
    "/callback", operation_id="finishConsent", openapi_extra=needs(Role.ANYBODY), responses=told_on_a_page()
)
async def callback(request: Request, serving: Here) -> Response:
    """Where Google sends the person back to. Who comes with a state that was begun here, may finish it, once."""
    bound = cookie(request.headers.get("cookie", ""), _COOKIE)
    consenting, tidy = serving.personal("browser").consenting, address("script/tidy.js")
    try:
        connected = await consenting.finish(request.url.query, browser=Secret(bound) if bound else None)
    except Mendable as problem:
        response = page("This did not work", for_people(str(problem)), 400, "/accounts", script=tidy)
    else:
        back = f"/accounts/{connected.account}?said=connected"
        response = page("Connected", _sentence(connected), 200, back, script=tidy)
        # Not a redirect: on the way from another site the browser would not show who is signed in.
        response.headers["Refresh"] = f"2;url={back}"
    response.delete_cookie(_COOKIE, path=_PATH)
    return response


@router.get(
    "/status",
    operation_id="getConnection",
    openapi_extra=needs(Role.VIEWER),
    responses=may(shapes.Grants, 404),
)
async def status(serving: Here, caller: Who, account: Account) -> Response:
    """The grants of an account: their state, their times, and the ends that can be seen coming."""
    await configured(serving, caller, account)
    lines = await serving.acting.reading.reports.tokens()
    mine = [each for each in lines if each["account"] == account]
    connected = any(each["slot"] == Slot.PRIMARY and each["state"] != "unusable" for each in mine)
    return document({"account": account, "connected": connected, "grants": mine})


async def _landing(request: Request, serving: Serving, caller: Caller, account: AccountId) -> str:
    found = await configured(serving, caller, account)
    return landing(serving.acting.context.clients[found.project], front_of(request), request.headers["host"])


async def _begun(
    serving: Serving, caller: Caller, account: AccountId, uri: str, *, backup: bool, browser: Secret | None
) -> Begun:
    found = await configured(serving, caller, account)
    slot = Slot.BACKUP if backup else Slot.PRIMARY
    return await serving.personal(caller.name).consenting.begin(found, uri, slot, browser)


def landing(client: OAuthClient, front: Front, host: str) -> str:
    """Where Google is to send the person back to: under the name they came by, if the client allows that.

    A client for desktop apps may come back to any port of this machine (RFC 8252, 7.3), one for web servers only to
    an address registered with it. Raises `Refused`.
    """
    scheme = "https" if front.tls else "http"
    here = f"{scheme}://{host.lower()}{CALLBACK_PATH}"
    if not client.web:
        if urlsplit(here).hostname in _LOOPBACK:
            return here
        message = (
            "the OAuth client is one for desktop apps, which come back to the very machine of the browser"
        )
        remedy = "connect with `ytempire connect`, or use a client of the type Web application"
        raise Refused(Refusal("client", "no_web_client", message, remedy))
    ours = [each for each in client.redirect_uris if _is_ours(each, front)]
    if not ours:
        message = "none of the redirect addresses of the OAuth client is this one"
        remedy = f"register {here} for it in the Cloud console, and download its file again"
        raise Refused(Refusal("client", "no_redirect_here", message, remedy))
    return here if here in ours else ours[0]


def _is_ours(uri: str, front: Front) -> bool:
    parts = urlsplit(uri)
    return parts.path == CALLBACK_PATH and f"{parts.scheme}://{parts.netloc.lower()}" in front.origins


def _same_name(request: Request, uri: str) -> bool:
    return urlsplit(uri).netloc.lower() == request.headers["host"].lower()


def _sentence(connected: Connected) -> str:
    name = connected.channel_title or connected.channel or "the channel"
    told = f"{connected.account} is connected to {name}."
    return " ".join([told, *connected.warnings])
