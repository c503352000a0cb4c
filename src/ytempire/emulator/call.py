"""One request from arrival to reply: who asks, which fault fires, what it costs, its line in the journal."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from ytempire.emulator.errors import ApiError, OAuthError
from ytempire.emulator.faults import (
    FINAL_KINDS,
    PROCESSING_KINDS,
    PROVIDER_KINDS,
    PUT_KINDS,
    FaultKind,
    FaultRule,
    Spot,
)
from ytempire.emulator.journal import EventKind, fingerprint
from ytempire.emulator.links import Link
from ytempire.emulator.methods import MEDIA, SCOPES
from ytempire.emulator.world import Account, Grant, Json, World

_LARGEST_JSON = 4 * 1024 * 1024
_ELSEWHERE = PUT_KINDS | FINAL_KINDS | PROCESSING_KINDS | PROVIDER_KINDS
_ALWAYS = frozenset(FaultKind) - _ELSEWHERE - {FaultKind.SESSION_GONE}


class BrokenBody(Exception):
    """The peer went away before its body was whole."""


class Reset(Response):
    """A reply that is none: the connection is broken with a TCP reset."""

    def __init__(self, link: Link) -> None:
        """Break this connection instead of answering."""
        super().__init__(status_code=500)
        self._link = link

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reset the connection."""
        await self._link.reset()


class Drip(Response):
    """A reply that comes slowly, at so many bytes a second."""

    def __init__(self, whole: Response, link: Link, rate: int) -> None:
        """Send this whole reply at this rate."""
        super().__init__(status_code=whole.status_code)
        self.body, self.raw_headers = bytes(whole.body), whole.raw_headers
        self._link, self._rate = link, rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the head at once and the body in pieces, until it is whole or the peer is gone."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        size = max(1, self._rate // 10)
        for start in range(0, len(self.body), size):
            piece = self.body[start : start + size]
            await self._link.pause(len(piece) / self._rate)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


@dataclass(slots=True)
class Caller:
    """Who a bearer token stands for."""

    account: Account
    grant: Grant
    valid: bool
    scopes: tuple[str, ...] = ()


@dataclass(slots=True)
class Call:
    """A request on its way. `now` is the one moment at which it happens; `facts` go into its journal line."""

    world: World
    request: Request
    method: str
    point: str
    now: datetime
    link: Link
    sent: Json = field(default_factory=dict)
    caller: Caller | None = None
    title: str | None = None
    final: bool = False
    fault: FaultRule | None = None
    charges: dict[str, int] = field(default_factory=dict)
    facts: Json = field(default_factory=dict)
    body_read: bool = False

    @property
    def params(self) -> dict[str, str]:
        """The query parameters."""
        return dict(self.request.query_params)

    @property
    def account(self) -> Account:
        """The calling account, after `require` let it in."""
        if self.caller is None:
            raise ApiError(401, "required", "Login Required.", domain="global")
        return self.caller.account

    def spot(self, *, point: str | None = None) -> Spot:
        """Where this call is, for the fault rules."""
        account = None if self.caller is None else self.caller.account
        return Spot(
            point=point or self.point,
            account=None if account is None else account.id,
            channel=None if account is None else account.channel_id,
            title=self.title,
            final=self.final,
        )

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes in.

        Raises:
            BrokenBody: The connection ended early; all bytes that arrived were yielded before.
        """
        more = not self.body_read
        while more:
            message = await self.request.receive()
            if message["type"] == "http.disconnect":
                self.body_read = True
                if self.link.leftover:
                    yield self.link.leftover
                raise BrokenBody
            more = message.get("more_body", False)
            self.body_read = not more
            if message.get("body"):
                yield message["body"]

    async def drain(self) -> None:
        """Read the rest of the body and forget it, so that the peer gets to the reply."""
        async for _ in self.chunks():
            continue

    async def small_body(self) -> bytes:
        """The whole body of a call without media.

        Raises:
            ApiError: It is too large to be one.
            BrokenBody: It did not arrive whole.
        """
        body = bytearray()
        async for chunk in self.chunks():
            if len(body) < _LARGEST_JSON:
                body += chunk
        if len(body) >= _LARGEST_JSON:
            raise ApiError(413, "requestTooLarge", "Request Entity Too Large", domain="global")
        return bytes(body)


Work = Callable[[Call], Awaitable[Response]]


def open_call(world: World, request: Request, method: str, *, point: str | None = None) -> Call:
    """A call for a request that just arrived."""
    peer = request.client
    if peer is None:
        raise RuntimeError("the emulator serves TCP connections only")
    link = world.links.at((peer.host, peer.port))
    call = Call(world, request, method, point or method, world.clock.now(), link)
    call.caller = identify(call)
    return call


def identify(call: Call) -> Caller | None:
    """The caller that the bearer token names, valid or not; None for a missing or unknown token."""
    scheme, _, token = call.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    known = call.world.access_tokens.get(token.strip())
    if known is None:
        return None
    account = call.world.accounts[known.grant.account]
    return Caller(account, known.grant, call.now < known.expires_at, known.scopes)


def require(call: Call) -> Account:
    """The calling account.

    Raises:
        ApiError: 401 without a good token or without the channel that the method changes, 403 when its
            scopes do not cover the method.
    """
    if "authorization" not in call.request.headers:
        raise _unauthorized("required", "Login Required.")
    if call.caller is None or not call.caller.valid:
        raise _unauthorized("authError", "Invalid Credentials")
    if not SCOPES[call.method] & set(call.caller.scopes):
        raise ApiError(
            403,
            "insufficientPermissions",
            "Request had insufficient authentication scopes.",
            domain="global",
            detail_reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        )
    if not call.caller.account.channel_id and call.request.method != "GET":
        raise _unauthorized("youtubeSignupRequired", "Unauthorized", domain="youtube.header")
    return call.caller.account


def _unauthorized(reason: str, message: str, *, domain: str = "global") -> ApiError:
    return ApiError(
        401,
        reason,
        message,
        domain=domain,
        location="Authorization",
        location_type="header",
        headers={"WWW-Authenticate": f'Bearer realm="https://accounts.google.com/", error="{reason}"'},
    )


def charge(call: Call, method: str, *, checked: bool = True) -> None:
    """Take the price of a method from the caller's project and note it on the call.

    Raises:
        ApiError: The bucket is empty (only where `checked`).
    """
    standing = call.world.projects[call.account.project].standing
    price = call.world.books.check(standing, method, call.now) if checked else standing.price(method)
    call.world.books.take(standing.project, price.bucket, price.amount, call.now)
    call.charges[price.bucket] = call.charges.get(price.bucket, 0) + price.amount


def is_api(call: Call) -> bool:
    """Whether the call is a priced method call (not a PUT to a session, not OAuth)."""
    return call.method in SCOPES and not call.point.endswith((".put", ".query"))


async def answer(call: Call, work: Work) -> Response:
    """Do the work under whatever fault fires, and write the request down before the reply leaves."""
    take_fault(call, among=_kinds_for(call))
    try:
        response = await _answer_or_refuse(call, work)
        if not isinstance(response, Reset):
            await call.drain()
    except BrokenBody:
        response = Reset(call.link)
    _write_down(call, response)
    return response


async def _answer_or_refuse(call: Call, work: Work) -> Response:
    try:
        return await _act(call, work)
    except (ApiError, OAuthError) as refusal:
        call.facts.setdefault("reason", refusal.reason if isinstance(refusal, ApiError) else refusal.error)
        return refusal.response()


def take_fault(call: Call, *, among: frozenset[FaultKind], point: str | None = None) -> FaultRule | None:
    """Fire the rule that fits here, if any, and journal it. Later faults replace earlier ones on the call."""
    rule = call.world.faults.take(call.spot(point=point), among=among, now=call.now)
    if rule is not None:
        call.fault = rule
        account = None if call.caller is None else call.caller.account.id
        call.world.journal.record(
            EventKind.FAULT_FIRED,
            fault=rule.kind.value,
            point=point or call.point,
            account=account,
            title=call.title,
        )
    return rule


def _kinds_for(call: Call) -> frozenset[FaultKind]:
    if call.point.endswith(".put"):
        return _ALWAYS | PUT_KINDS | {FaultKind.SESSION_GONE}
    if call.point.endswith(".query"):
        return _ALWAYS | {FaultKind.SESSION_GONE}
    if call.point.endswith(".start"):
        return _ALWAYS
    if call.method not in MEDIA:
        return _ALWAYS | (FINAL_KINDS - {FaultKind.ODD_308_AT_END}) | {FaultKind.SLOW}
    return _ALWAYS | (FINAL_KINDS - {FaultKind.ODD_308_AT_END})


async def _act(call: Call, work: Work) -> Response:
    """The work, bent by the fault on the call."""
    fault = call.fault
    if fault is None:
        return await work(call)
    if fault.kind is FaultKind.DROP:
        return Reset(call.link)
    if fault.kind in (FaultKind.STATUS, FaultKind.HTML):
        return await _scripted(call, fault, work)
    if fault.kind is FaultKind.HANG:
        await call.link.pause(fault.seconds)
    response = await work(call)
    if fault.kind is FaultKind.LOST_RESPONSE:
        return Reset(call.link)
    if fault.kind is FaultKind.SLOW and fault.amount and call.method not in MEDIA:
        return Drip(response, call.link, fault.amount)
    return without_id(response) if fault.kind is FaultKind.NO_ID else response


async def _scripted(call: Call, fault: FaultRule, work: Work) -> Response:
    """The rule's own reply, with or without the work done before."""
    status = fault.status or (200 if fault.kind is FaultKind.HTML else 503)
    if fault.after:
        await work(call)
    else:
        costs = status >= 500 if fault.charge is None else fault.charge
        if costs and is_api(call) and call.caller is not None:
            charge(call, call.method, checked=False)
    return _canned(call, fault, status)


def _canned(call: Call, fault: FaultRule, status: int) -> Response:
    headers = dict(fault.headers)
    if fault.retry_after is not None:
        headers["Retry-After"] = fault.retry_after
    raw = fault.raw_body()
    if fault.kind is FaultKind.HTML or raw is not None:
        page = b"<!doctype html><title>Sign in to the network</title><p>Please accept the terms.</p>"
        kind = fault.content_type or ("text/html" if fault.kind is FaultKind.HTML else "application/json")
        return Response(page if raw is None else raw, status, headers, media_type=kind)
    reason = fault.reason or ("backendError" if status >= 500 else "badRequest")
    message = fault.message or f"Scripted: {reason}"
    if call.method not in SCOPES:
        answered = OAuthError(status, reason, message).response()
    else:
        answered = ApiError(status, reason, message, domain=fault.domain or "global").response()
    answered.headers.update(headers)
    return answered


def without_id(response: Response) -> Response:
    """The same JSON reply, lacking its id; anything but a success stays as it is."""
    if not 200 <= response.status_code < 300:
        return response
    body = json.loads(bytes(response.body) or b"{}")
    body.pop("id", None)
    return JSONResponse(body, response.status_code)


def named(grant: Grant) -> str | None:
    """The fingerprint of a grant's refresh token; None where it has none."""
    return fingerprint(grant.refresh_token) if grant.refresh_token else None


def _write_down(call: Call, response: Response) -> None:
    caller = call.caller
    call.world.journal.record(
        EventKind.REQUEST,
        method=call.method,
        point=call.point,
        status=None if isinstance(response, Reset) else response.status_code,
        charges=dict(call.charges),
        project=None if caller is None else caller.account.project,
        account=None if caller is None else caller.account.id,
        channel=None if caller is None else caller.account.channel_id,
        grant=None if caller is None else named(caller.grant),
        **call.facts,
    )
