"""The local Stripe: the balance, for probes of its health. Shapes: docs.stripe.com/api/balance and /api/errors."""

import base64
import binascii

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ytempire.emulator.providers.refusal import Refusal, Vendor
from ytempire.emulator.providers.service import Ask, Offer, offered
from ytempire.emulator.world import World

_INVALID = "invalid_request_error"
_REFUSALS = (
    Refusal(400, "bad_request", "Invalid request.", _INVALID),
    Refusal(401, "invalid_api_key", "Invalid API Key provided: sk_test_****", _INVALID),
    Refusal(
        401,
        "no_api_key",
        "You did not provide an API key. You need to provide your API key in the Authorization header, using "
        "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        _INVALID,
    ),
    Refusal(
        403, "more_permissions_required", "The provided key does not have the required permissions.", _INVALID
    ),
    Refusal(429, "rate_limit", "Request rate limit exceeded.", _INVALID, facts={"code": "rate_limit"}),
    Refusal(500, "api_error", "An unknown error occurred", "api_error"),
    Refusal(503, "unavailable", "Stripe is temporarily unavailable.", "api_error"),
)


def _reply(refusal: Refusal, request_id: str) -> Response:
    error = {"message": refusal.message, "type": refusal.kind, **refusal.facts}
    return JSONResponse({"error": error}, refusal.status, {"request-id": f"req_{request_id[:14]}"})


VENDOR = Vendor(name="stripe", refusals=_REFUSALS, reply=_reply)


def stripe_routes(world: World) -> list[Route]:
    """Everything below `/providers/stripe`."""
    balance = Offer(
        vendor=VENDOR, operation="balance", verb="GET", paths=("/v1/balance",), admit=_admit, work=_balance
    )
    return offered(world, (balance,))


def _admit(ask: Ask) -> None:
    key = ask.bearer() or _user_name(ask.header("authorization"))
    if not key:
        raise VENDOR.named("no_api_key")
    if key != ask.world.vendors.keys.stripe:
        raise VENDOR.named("invalid_api_key")


def _user_name(authorization: str) -> str:
    """The key where it is sent as the name of HTTP's basic scheme."""
    scheme, _, coded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(coded, validate=True).decode(errors="replace").partition(":")[0]
    except binascii.Error:
        return ""


async def _balance(ask: Ask) -> Response:
    nothing = [{"amount": 0, "currency": "usd", "source_types": {"card": 0}}]
    body = {"object": "balance", "available": nothing, "pending": nothing, "livemode": False}
    return JSONResponse(body, headers={"request-id": f"req_{ask.id[:14]}"})
