"""The local OpenAI: chat completions, responses and the list of models.

Shapes: developers.openai.com/api/reference and /api/docs/guides/error-codes.
"""

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ytempire.emulator.providers.openai_models import MODELS, Model
from ytempire.emulator.providers.refusal import Refusal, Vendor
from ytempire.emulator.providers.script import Draft, prompt_text, write
from ytempire.emulator.providers.service import SCRIPT, Ask, Offer, offered
from ytempire.emulator.providers.tokens import price, tokens
from ytempire.emulator.vendors import Bill
from ytempire.emulator.world import Json, World

_INVALID = "invalid_request_error"
_WAIT = {
    "retry-after": "1",
    "retry-after-ms": "1000",
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-remaining-requests": "0",
    "x-ratelimit-reset-requests": "1s",
}
# Of these the body's `code` is null; the reason is only our name for them.
_NAMELESS = frozenset({"invalid_request", "server_error", "overloaded", "timeout", "no_api_key"})
_REFUSALS = (
    Refusal(400, "invalid_request", "Invalid request.", _INVALID),
    Refusal(
        400,
        "context_length_exceeded",
        "This model's maximum context length was exceeded. Please reduce the length of the messages.",
        _INVALID,
        "messages",
    ),
    Refusal(
        400,
        "invalid_prompt",
        "Invalid prompt: your prompt was flagged as potentially violating our usage policy. "
        "Please try again with a different prompt.",
        _INVALID,
    ),
    Refusal(400, "unsupported_parameter", "Unsupported parameter.", _INVALID),
    Refusal(400, "unsupported_value", "Unsupported value.", _INVALID),
    Refusal(
        401,
        "invalid_api_key",
        "Incorrect API key provided. You can find your API key at "
        "https://platform.openai.com/account/api-keys.",
        _INVALID,
    ),
    Refusal(
        401,
        "no_api_key",
        "You didn't provide an API key. You need to provide your API key in an Authorization header using "
        "Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
        _INVALID,
    ),
    Refusal(
        403,
        "unsupported_country_region_territory",
        "Country, region, or territory not supported",
        "request_forbidden",
    ),
    Refusal(
        404, "model_not_found", "The model does not exist or you do not have access to it.", _INVALID, "model"
    ),
    Refusal(
        429,
        "rate_limit_exceeded",
        "Rate limit reached for requests per min (RPM): Limit 500, Used 500, Requested 1. "
        "Please try again in 1s.",
        "requests",
        headers=_WAIT,
    ),
    Refusal(
        429,
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
    ),
    Refusal(
        500,
        "server_error",
        "The server had an error while processing your request. Sorry about that!",
        "server_error",
    ),
    Refusal(503, "overloaded", "The engine is currently overloaded, please try again later.", "server_error"),
)


def _reply(refusal: Refusal, request_id: str) -> Response:
    code = None if refusal.reason in _NAMELESS else refusal.reason
    error = {"message": refusal.message, "type": refusal.kind, "param": refusal.param, "code": code}
    return JSONResponse({"error": error}, refusal.status, {"x-request-id": f"req_{request_id}"})


VENDOR = Vendor(name="openai", refusals=_REFUSALS, reply=_reply)


def openai_routes(world: World) -> list[Route]:
    """Everything below `/providers/openai`."""
    return offered(
        world,
        (
            Offer(
                vendor=VENDOR, operation="chat", verb="POST", paths=("/v1/chat/completions",),
                admit=_admit, work=_chat, kinds=SCRIPT,
            ),
            Offer(
                vendor=VENDOR, operation="responses", verb="POST", paths=("/v1/responses",),
                admit=_admit, work=_respond, kinds=SCRIPT,
            ),
            Offer(
                vendor=VENDOR, operation="models", verb="GET", paths=("/v1/models", "/v1/models/{model}"),
                admit=_admit, work=_models,
            ),
        ),
    )  # fmt: skip


def _admit(ask: Ask) -> None:
    if not ask.header("authorization"):
        raise VENDOR.named("no_api_key")
    if ask.bearer() != ask.world.vendors.keys.openai:
        raise VENDOR.named("invalid_api_key")


async def _models(ask: Ask) -> Response:
    named = ask.call.request.path_params.get("model")
    if named is not None:
        return _json(ask, _model(ask, named).listing())
    living = [model.listing() for model in MODELS.values() if model.alive(ask.call.now)]
    return _json(ask, {"object": "list", "data": living})


def _model(ask: Ask, name: object) -> Model:
    model = MODELS.get(str(name))
    if not name:
        raise VENDOR.named("invalid_request", "you must provide a model parameter", param="model")
    if model is None:
        raise VENDOR.named(
            "model_not_found", f"The model `{name}` does not exist or you do not have access to it."
        )
    if not model.alive(ask.call.now):
        raise VENDOR.named(
            "model_not_found",
            f"The model `{name}` has been deprecated, learn more here: "
            "https://platform.openai.com/docs/deprecations",
        )
    return model


async def _chat(ask: Ask) -> Response:
    sent = ask.sent
    model = _model(ask, sent.get("model"))
    if model.reasons and "max_tokens" in sent:
        raise VENDOR.named(
            "unsupported_parameter",
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead.",
            param="max_tokens",
        )
    draft = _draft(
        ask, model, sent.get("messages"), sent.get("max_completion_tokens", sent.get("max_tokens"))
    )
    refused = draft.end == "refused"
    message: Json = {
        "role": "assistant",
        "content": None if refused else draft.text,
        "refusal": draft.text if refused else None,
        "annotations": [],
    }
    ends = "length" if draft.end == "cut" else "stop"
    bill = ask.bill
    return _json(
        ask,
        {
            "id": f"chatcmpl-{ask.id}",
            "object": "chat.completion",
            "created": int(ask.call.now.timestamp()),
            "model": model.id,
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": ends}],
            "usage": {
                "prompt_tokens": bill.input_tokens,
                "completion_tokens": bill.output_tokens,
                "total_tokens": bill.input_tokens + bill.output_tokens,
                "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
            },
            "service_tier": "default",
        },
    )


async def _respond(ask: Ask) -> Response:
    sent = ask.sent
    model = _model(ask, sent.get("model"))
    given = sent.get("input")
    asked = [{"content": given}] if isinstance(given, str) else given
    before = sent.get("instructions")
    if isinstance(before, str) and isinstance(asked, list):
        asked = [{"content": before}, *asked]
    draft = _draft(ask, model, asked, sent.get("max_output_tokens"), name="input")
    content: Json = {"type": "output_text", "text": draft.text, "annotations": [], "logprobs": []}
    if draft.end == "refused":
        content = {"type": "refusal", "refusal": draft.text}
    status = "incomplete" if draft.end == "cut" else "completed"
    message = {
        "type": "message", "id": f"msg_{ask.id}", "status": status, "role": "assistant", "content": [content],
    }  # fmt: skip
    return _json(ask, _response(ask, model, status) | {"output": [message]})


def _response(ask: Ask, model: Model, status: str) -> Json:
    """A response object without its output."""
    bill, sent, now = ask.bill, ask.sent, int(ask.call.now.timestamp())
    return {
        "id": f"resp_{ask.id}",
        "object": "response",
        "created_at": now,
        "completed_at": now if status == "completed" else None,
        "status": status,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
        "instructions": sent.get("instructions"),
        "max_output_tokens": sent.get("max_output_tokens"),
        "metadata": sent.get("metadata") or {},
        "model": model.id,
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "store": sent.get("store", True),
        "temperature": sent.get("temperature", 1.0),
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": sent.get("top_p", 1.0),
        "truncation": "disabled",
        "usage": {
            "input_tokens": bill.input_tokens,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": bill.output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": bill.input_tokens + bill.output_tokens,
        },
    }


def _draft(ask: Ask, model: Model, asked: object, most: object, *, name: str = "messages") -> Draft:
    """What the model writes, billed to the call."""
    if ask.sent.get("stream"):
        raise VENDOR.named("unsupported_value", "This emulator does not stream.", param="stream")
    if not isinstance(asked, list) or not asked:
        raise VENDOR.named("invalid_request", f"Missing required parameter: '{name}'.", param=name)
    prompt = "\n".join(filter(None, map(prompt_text, asked)))
    if tokens(prompt) > model.longest_prompt:
        raise VENDOR.named(
            "context_length_exceeded",
            f"This model's maximum context length is {model.longest_prompt} tokens. However, your messages "
            f"resulted in {tokens(prompt)} tokens. Please reduce the length of the messages.",
            param=name,
        )
    draft = write(ask, prompt, most_tokens=most if isinstance(most, int) else None)
    read, written = tokens(prompt), tokens(draft.text)
    ask.bill = Bill(
        model=model.id,
        input_tokens=read,
        output_tokens=written,
        microdollars=price(read, model.input) + price(written, model.output),
    )
    return draft


def _json(ask: Ask, body: Json | dict[str, object]) -> Response:
    return JSONResponse(body, headers={"x-request-id": f"req_{ask.id}"})
