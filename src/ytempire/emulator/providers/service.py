"""One provider call from arrival to reply: its fault, its key, its work, its line in the journal.

No call to a provider touches the YouTube quota: what it costs stands in its own event.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ytempire.emulator.call import BrokenBody, Call, Drip, Reset, open_call, take_fault
from ytempire.emulator.errors import ApiError
from ytempire.emulator.faults import AUDIO_KINDS, SCRIPT_KINDS, FaultKind, FaultRule
from ytempire.emulator.journal import EventKind
from ytempire.emulator.links import Link
from ytempire.emulator.providers.refusal import Refusal, Vendor
from ytempire.emulator.vendors import Bill
from ytempire.emulator.world import Json, World

PLAIN = frozenset(
    {
        FaultKind.STATUS,
        FaultKind.HTML,
        FaultKind.DROP,
        FaultKind.LOST_RESPONSE,
        FaultKind.SLOW,
        FaultKind.HANG,
        FaultKind.WRONG_CONTENT,
    }
)
SPEECH = PLAIN | AUDIO_KINDS
SCRIPT = PLAIN | SCRIPT_KINDS
SHORT_FILE = "short_file"
_PAGE = b"<!doctype html><html><title>Please wait</title><p>We are checking your browser.</p></html>"


@dataclass(slots=True)
class Ask:
    """A provider call on its way. `id` names it in the vendor's replies; `bill` is what it came to."""

    call: Call
    id: str
    body: bytes = b""
    sent: Json = field(default_factory=dict)
    bill: Bill = field(default_factory=Bill)
    reason: str | None = None

    @property
    def world(self) -> World:
        """The world in which it happens."""
        return self.call.world

    @property
    def rule(self) -> FaultRule | None:
        """The fault on this call."""
        return self.call.fault

    def header(self, name: str) -> str:
        """A header of the request; empty where there is none."""
        return str(self.call.request.headers.get(name, ""))

    def bearer(self) -> str:
        """The bearer token of the request; empty where there is none."""
        scheme, _, token = self.header("authorization").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def bent(self, kind: FaultKind) -> bool:
        """Whether this kind of fault is on this call."""
        return self.rule is not None and self.rule.kind is kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One operation of a vendor: where it is, what can befall it, who may use it, what it does.

    `admit` and `work` raise `Refusal`.
    """

    vendor: Vendor
    operation: str
    verb: str
    paths: tuple[str, ...]
    admit: Callable[[Ask], None]
    work: Callable[[Ask], Awaitable[Response]]
    kinds: frozenset[FaultKind] = PLAIN


class Torn(Response):
    """A reply that promises its whole length and brings half of it."""

    def __init__(self, whole: Response, link: Link) -> None:
        """Tear this reply in two."""
        super().__init__(status_code=whole.status_code)
        self.body, self.raw_headers = bytes(whole.body), whole.raw_headers
        self._link = link

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the head and the first half, then close the connection."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = self.body[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await self._link.close()


def offered(world: World, offers: tuple[Offer, ...]) -> list[Route]:
    """The routes of these operations, below `/providers/VENDOR`."""
    return [
        Route(f"/providers/{offer.vendor.name}{path}", _endpoint(world, offer), methods=[offer.verb])
        for offer in offers
        for path in offer.paths
    ]


def _endpoint(world: World, offer: Offer) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        call = open_call(world, request, f"{offer.vendor.name}.{offer.operation}")
        ask = Ask(call, world.clock.letters(24))
        take_fault(call, among=offer.kinds)
        try:
            ask.body = await call.small_body()
            response = await _act(ask, offer)
        except BrokenBody:
            response = Reset(call.link)
        except ApiError as too_large:
            response = _refused(ask, offer, offer.vendor.of_status(too_large.status))
        except Refusal as refusal:
            response = _refused(ask, offer, refusal)
        _write_down(ask, offer, response)
        return response

    return endpoint


async def _act(ask: Ask, offer: Offer) -> Response:
    """The work, bent by the fault on the call."""
    rule = ask.rule
    if rule is None:
        return await _work(ask, offer)
    if rule.kind is FaultKind.DROP:
        return Reset(ask.call.link)
    if rule.kind in (FaultKind.STATUS, FaultKind.HTML):
        if rule.after:
            await _work(ask, offer)
        return _scripted(ask, offer, rule)
    if rule.kind is FaultKind.HANG:
        await ask.call.link.pause(rule.seconds)
    return _bent(ask, rule, await _work(ask, offer))


def _bent(ask: Ask, rule: FaultRule, response: Response) -> Response:
    """What a fault makes of a reply that is ready and paid for."""
    link = ask.call.link
    if rule.kind is FaultKind.LOST_RESPONSE:
        return Reset(link)
    if rule.kind is FaultKind.SLOW and rule.amount:
        return Drip(response, link, rule.amount)
    if rule.kind is FaultKind.WRONG_CONTENT:
        page, kind = rule.raw_body(), rule.content_type or response.headers["content-type"]
        return Response(_PAGE if page is None else page, rule.status or 200, rule.headers, media_type=kind)
    if rule.kind is FaultKind.TRUNCATED_AUDIO and rule.reason != SHORT_FILE:
        return Torn(response, link)
    return response


async def _work(ask: Ask, offer: Offer) -> Response:
    offer.admit(ask)
    if offer.verb == "POST":
        ask.sent = _parsed(ask, offer.vendor)
    return await offer.work(ask)


def _parsed(ask: Ask, vendor: Vendor) -> Json:
    try:
        sent = json.loads(ask.body)
    except ValueError:
        sent = None
    if not isinstance(sent, dict):
        refusal = vendor.of_status(400)
        refusal.message = "We could not parse the JSON body of your request."
        raise refusal
    return sent


def _scripted(ask: Ask, offer: Offer, rule: FaultRule) -> Response:
    """The rule's own reply."""
    raw = rule.raw_body()
    refusal = offer.vendor.scripted(rule)
    if rule.kind is FaultKind.HTML:
        kind = rule.content_type or "text/html"
        return Response(_PAGE if raw is None else raw, rule.status or 200, rule.headers, media_type=kind)
    if raw is not None:
        ask.reason = rule.reason
        kind = rule.content_type or "application/json"
        return Response(raw, refusal.status, dict(refusal.headers), media_type=kind)
    return _refused(ask, offer, refusal)


def _refused(ask: Ask, offer: Offer, refusal: Refusal) -> Response:
    ask.reason = refusal.reason
    response = offer.vendor.reply(refusal, ask.id)
    response.headers.update(refusal.headers)
    return response


def _write_down(ask: Ask, offer: Offer, response: Response) -> None:
    """Journal and total up the call. No key and no text is written."""
    name, bill = offer.vendor.name, ask.bill
    status = None if isinstance(response, Reset) else response.status_code
    ask.world.vendors.note(name, bill, served=status == 200 and ask.reason is None)
    ask.world.journal.record(
        EventKind.PROVIDER_CALLED,
        provider=name,
        operation=offer.operation,
        status=status,
        reason=ask.reason,
        model=bill.model,
        voice=bill.voice,
        characters=bill.characters,
        input_tokens=bill.input_tokens,
        output_tokens=bill.output_tokens,
        billed_microdollars=bill.microdollars,
    )
