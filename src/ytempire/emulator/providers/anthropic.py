"""The local Anthropic: messages and the list of models.

Shapes: platform.claude.com/docs/en/api, errors of /api/errors. Prices: platform.claude.com, November 2026. The
models are a sample and their days of creation rough; the retirement of Haiku 4.5 is the emulator's own, so that
there is one to be warned of.
"""

from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ytempire.emulator.providers.refusal import Refusal, Vendor
from ytempire.emulator.providers.script import prompt_text, write
from ytempire.emulator.providers.service import SCRIPT, Ask, Offer, offered
from ytempire.emulator.providers.tokens import dollars, price, tokens
from ytempire.emulator.vendors import Bill
from ytempire.emulator.world import Json, World

_INVALID = "invalid_request_error"
_WAIT = {
    "retry-after": "1",
    "anthropic-ratelimit-requests-limit": "50",
    "anthropic-ratelimit-requests-remaining": "0",
}
_REFUSALS = (
    Refusal(400, _INVALID, "Invalid request.", _INVALID),
    Refusal(
        400,
        "credit_balance_too_low",
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade "
        "or purchase credits.",
        _INVALID,
    ),
    Refusal(400, "prompt_too_long", "prompt is too long", _INVALID),
    Refusal(401, "authentication_error", "invalid x-api-key", "authentication_error"),
    Refusal(
        402, "billing_error", "There's an issue with your billing or payment information.", "billing_error"
    ),
    Refusal(
        403,
        "permission_error",
        "Your API key does not have permission to use the specified resource.",
        "permission_error",
    ),
    Refusal(404, "not_found_error", "The requested resource could not be found.", "not_found_error"),
    Refusal(413, "request_too_large", "Request exceeds the maximum size", "request_too_large"),
    Refusal(
        429,
        "rate_limit_error",
        "This request would exceed your organization's rate limit. Please try again later.",
        "rate_limit_error",
        headers=_WAIT,
    ),
    Refusal(500, "api_error", "Internal server error", "api_error"),
    Refusal(504, "timeout_error", "The request timed out while processing.", "timeout_error"),
    Refusal(529, "overloaded_error", "Overloaded", "overloaded_error"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    """Prices are in micro-dollars a million tokens; `sampled` models take a temperature."""

    name: str
    input: int
    output: int
    longest_prompt: int
    longest_answer: int
    created_at: str
    retires_at: str | None = None
    sampled: bool = False


_MODELS = {
    "claude-opus-5-5": _Model(
        name="Claude Opus 5.5", input=dollars(4), output=dollars(20), longest_prompt=1_000_000,
        longest_answer=128_000, created_at="2026-09-30T00:00:00Z",
    ),
    "claude-sonnet-5-5": _Model(
        name="Claude Sonnet 5.5", input=dollars(2), output=dollars(10), longest_prompt=1_000_000,
        longest_answer=128_000, created_at="2026-09-15T00:00:00Z",
    ),
    "claude-haiku-5-5": _Model(
        name="Claude Haiku 5.5", input=dollars(0.10), output=dollars(0.50), longest_prompt=1_000_000,
        longest_answer=128_000, created_at="2026-10-07T00:00:00Z",
    ),
    "claude-haiku-4-5": _Model(
        name="Claude Haiku 4.5", input=dollars(1), output=dollars(5), longest_prompt=200_000,
        longest_answer=64_000, created_at="2025-10-01T00:00:00Z", retires_at="2027-03-31T00:00:00Z", sampled=True,
    ),
}  # fmt: skip


def _reply(refusal: Refusal, request_id: str) -> Response:
    named = f"req_{request_id}"
    error = {"type": refusal.kind, "message": refusal.message}
    body = {"type": "error", "error": error, "request_id": named}
    return JSONResponse(body, refusal.status, {"request-id": named})


VENDOR = Vendor(name="anthropic", refusals=_REFUSALS, reply=_reply)


def anthropic_routes(world: World) -> list[Route]:
    """Everything below `/providers/anthropic`."""
    return offered(
        world,
        (
            Offer(
                vendor=VENDOR, operation="messages", verb="POST", paths=("/v1/messages",),
                admit=_admit, work=_message, kinds=SCRIPT,
            ),
            Offer(
                vendor=VENDOR, operation="models", verb="GET", paths=("/v1/models", "/v1/models/{model}"),
                admit=_admit, work=_models,
            ),
        ),
    )  # fmt: skip


def _admit(ask: Ask) -> None:
    """Let in who has the key, in either of the two headers that the official clients use."""
    key = ask.header("x-api-key") or ask.bearer()
    if not key:
        raise VENDOR.named("authentication_error", "x-api-key header is required")
    if key != ask.world.vendors.keys.anthropic:
        bearer = not ask.header("x-api-key")
        raise VENDOR.named("authentication_error", "Invalid bearer token" if bearer else None)
    if not ask.header("anthropic-version"):
        raise VENDOR.named(_INVALID, "anthropic-version: header is required")


async def _models(ask: Ask) -> Response:
    named = ask.call.request.path_params.get("model")
    if named is not None:
        return _json(ask, _listing(named, _model(ask, named)))
    rows = [_listing(name, model) for name, model in _MODELS.items()]
    ends = {"has_more": False, "first_id": rows[0]["id"], "last_id": rows[-1]["id"]}
    return _json(ask, {"data": rows, **ends})


def _listing(name: str, model: _Model) -> Json:
    return {
        "type": "model",
        "id": name,
        "display_name": model.name,
        "created_at": model.created_at,
        "line": name.split("-")[1],
        "lifecycle": "active" if model.retires_at is None else "deprecated",
        "deprecated_at": None if model.retires_at is None else "2026-10-07T00:00:00Z",
        "retires_at": model.retires_at,
        "max_input_tokens": model.longest_prompt,
        "max_tokens": model.longest_answer,
    }


def _model(ask: Ask, name: object) -> _Model:
    model = _MODELS.get(str(name))
    if model is None or (model.retires_at is not None and ask.call.now.isoformat() >= model.retires_at):
        raise VENDOR.named("not_found_error", f"model: {name}")
    return model


async def _message(ask: Ask) -> Response:
    prompt, model, most = _checked(ask)
    draft = write(ask, prompt, most_tokens=min(most, model.longest_answer))
    read, written = tokens(prompt), tokens(draft.text)
    ask.bill = Bill(
        model=ask.sent["model"],
        input_tokens=read,
        output_tokens=written,
        microdollars=price(read, model.input) + price(written, model.output),
    )
    ends = {"whole": "end_turn", "cut": "max_tokens", "refused": "refusal"}[draft.end]
    details = {"type": "refusal", "category": "general_harms", "explanation": draft.text}
    body = {
        "id": f"msg_{ask.id}",
        "type": "message",
        "role": "assistant",
        "model": ask.sent["model"],
        "content": [] if not draft.text or ends == "refusal" else [{"type": "text", "text": draft.text}],
        "stop_reason": ends,
        "stop_sequence": None,
        "stop_details": details if ends == "refusal" else None,
        "usage": {
            "input_tokens": read,
            "output_tokens": written,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "service_tier": "standard",
        },
    }
    return _json(ask, body)


def _checked(ask: Ask) -> tuple[str, _Model, int]:
    """The prompt, the model and the token limit of a call that is as it must be."""
    sent = ask.sent
    for name in ("model", "max_tokens", "messages"):
        if not sent.get(name):
            raise VENDOR.named(_INVALID, f"{name}: Field required")
    model, most = _model(ask, sent["model"]), sent["max_tokens"]
    if not isinstance(most, int) or not 0 < most <= model.longest_answer:
        raise VENDOR.named(
            _INVALID,
            f"max_tokens: {most} > {model.longest_answer}, which is the maximum allowed number of output "
            f"tokens for {sent['model']}",
        )
    if sent.get("stream"):
        raise VENDOR.named(_INVALID, "stream: this emulator does not stream")
    # Models from the fifth generation on refuse sampling parameters other than the default.
    odd = [
        name
        for name, usual in (("temperature", 1), ("top_p", 1), ("top_k", None))
        if sent.get(name, usual) != usual
    ]
    if odd and not model.sampled:
        raise VENDOR.named(_INVALID, f"{odd[0]}: only the default is supported by this model")
    prompt = "\n".join(_texts(sent))
    if tokens(prompt) > model.longest_prompt:
        raise VENDOR.named(
            "prompt_too_long", f"prompt is too long: {tokens(prompt)} tokens > {model.longest_prompt} maximum"
        )
    return prompt, model, most


def _texts(sent: Json) -> list[str]:
    system: Any = sent.get("system")
    messages: Any = sent["messages"]
    if not isinstance(messages, list):
        raise VENDOR.named(_INVALID, "messages: Input should be a valid list")
    return [text for text in map(prompt_text, [{"content": system}, *messages]) if text]


def _json(ask: Ask, body: Json) -> Response:
    return JSONResponse(body, headers={"request-id": f"req_{ask.id}"})
