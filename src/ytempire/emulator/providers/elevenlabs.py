"""The local ElevenLabs: speech, the subscription, models and voices.

Shapes: elevenlabs.io/docs/api-reference; errors of its help centre ("API - Error Code 400 or 401", "429"). Prices:
the API's list price of 0.10 dollars a thousand characters, half of it for the fast models, which also take half
a credit a character.
"""

from dataclasses import dataclass

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ytempire.emulator.providers.refusal import Refusal, Vendor
from ytempire.emulator.providers.service import SPEECH, Ask, Offer, offered
from ytempire.emulator.providers.speech import Form, speak
from ytempire.emulator.vendors import Bill
from ytempire.emulator.world import Json, World

_REFUSALS = (
    Refusal(400, "invalid_request", "The request is invalid."),
    Refusal(400, "voice_not_found", "A voice with that voice_id was not found."),
    Refusal(400, "model_not_found", "A model with that model_id was not found."),
    Refusal(400, "max_character_limit_exceeded", "This request's text exceeds the character limit."),
    Refusal(400, "input_text_empty", "Text input is empty."),
    Refusal(401, "invalid_api_key", "Invalid API key"),
    Refusal(
        401,
        "needs_authorization",
        "Neither authorization header nor xi-api-key received, please provide one.",
    ),
    Refusal(401, "quota_exceeded", "This request exceeds your quota. You have 0 credits remaining."),
    Refusal(
        401,
        "missing_permissions",
        "The API key you used is missing the permission text_to_speech to execute this operation.",
    ),
    Refusal(401, "detected_unusual_activity", "Unusual activity detected. Free Tier usage disabled."),
    Refusal(403, "only_for_creator+", "This output format is only allowed for the Creator tier and above."),
    Refusal(404, "not_found", "Not Found"),
    Refusal(422, "validation", "Field required"),
    Refusal(
        429,
        "too_many_concurrent_requests",
        "Too many concurrent requests. Your current subscription is associated with a maximum of 10 concurrent "
        "requests.",
        headers={"current-concurrent-requests": "10", "maximum-concurrent-requests": "10"},
    ),
    Refusal(
        429,
        "system_busy",
        "We are sorry, the system is experiencing heavy traffic, please try again. Higher subscriptions have "
        "higher priority.",
    ),
    Refusal(500, "internal_server_error", "An unexpected error occurred."),
    Refusal(503, "service_unavailable", "The service is temporarily unavailable."),
)


@dataclass(frozen=True, slots=True)
class _Model:
    """A model: its longest text, credits for two characters, micro-dollars a character."""

    name: str
    longest: int
    credits_for_two: int
    microdollars: int


_MODELS = {
    "eleven_multilingual_v2": _Model("Eleven Multilingual v2", 10_000, 2, 100),
    "eleven_v3": _Model("Eleven v3", 5_000, 2, 100),
    "eleven_flash_v2_5": _Model("Eleven Flash v2.5", 40_000, 1, 50),
    "eleven_turbo_v2_5": _Model("Eleven Turbo v2.5", 40_000, 1, 50),
}
_VOICES = {
    "21m00Tcm4TlvDq8ikWAM": "Rachel",
    "EXAVITQu4vr4xnSDxMaL": "Sarah",
    "JBFqnCBsd6RMkjVDRZzb": "George",
    "pNInz6obpgDQGcFmaJgB": "Adam",
}
_PCM_RATES = (8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_MP3S = ((22_050, 32), (24_000, 48), (44_100, 32), (44_100, 64), (44_100, 96), (44_100, 128), (44_100, 192))
FORMS = {
    **{f"pcm_{rate}": Form(codec="pcm", rate=rate) for rate in _PCM_RATES},
    **{f"wav_{rate}": Form(codec="wav", rate=rate) for rate in _PCM_RATES},
    **{f"mp3_{rate}_{kilobits}": Form(codec="mp3", rate=rate, kilobits=kilobits) for rate, kilobits in _MP3S},
}
_TYPES = {"pcm": "audio/pcm", "wav": "audio/wav", "mp3": "audio/mpeg"}


def _reply(refusal: Refusal, request_id: str) -> Response:
    detail: object = {"status": refusal.reason, "message": refusal.message}
    if refusal.status == 422:
        place = (refusal.param or "body.text").split(".")
        detail = [{"type": "missing", "loc": place, "msg": refusal.message, "input": None}]
    return JSONResponse({"detail": detail}, refusal.status, {"request-id": request_id})


VENDOR = Vendor(name="elevenlabs", refusals=_REFUSALS, reply=_reply)


def elevenlabs_routes(world: World) -> list[Route]:
    """Everything below `/providers/elevenlabs`."""
    return offered(
        world,
        (
            Offer(
                vendor=VENDOR, operation="speech", verb="POST",
                paths=("/v1/text-to-speech/{voice}", "/v1/text-to-speech/{voice}/stream"),
                admit=_admit, work=_speech, kinds=SPEECH,
            ),
            Offer(
                vendor=VENDOR, operation="subscription", verb="GET", paths=("/v1/user/subscription",),
                admit=_admit, work=_subscription,
            ),
            Offer(vendor=VENDOR, operation="models", verb="GET", paths=("/v1/models",), admit=_admit, work=_models),
            Offer(vendor=VENDOR, operation="voices", verb="GET", paths=("/v2/voices",), admit=_admit, work=_voices),
        ),
    )  # fmt: skip


def _admit(ask: Ask) -> None:
    key = ask.header("xi-api-key") or ask.bearer()
    if not key:
        raise VENDOR.named("needs_authorization")
    if key != ask.world.vendors.keys.elevenlabs:
        raise VENDOR.named("invalid_api_key")


async def _speech(ask: Ask) -> Response:
    params = ask.call.request.path_params
    named = ask.call.params.get("output_format", "mp3_44100_128")
    form = FORMS.get(named)
    if form is None:
        raise VENDOR.named(
            "validation", f"Input should be one of {', '.join(FORMS)}", param="query.output_format"
        )
    text, model_id = ask.sent.get("text"), str(ask.sent.get("model_id") or "eleven_multilingual_v2")
    if not isinstance(text, str):
        raise VENDOR.named("validation")
    cost = _cost(ask, text, model_id, str(params["voice"]))
    sound = await speak(ask, text, form)
    ask.world.vendors.elevenlabs_used += cost
    ask.bill = Bill(
        model=model_id,
        voice=params["voice"],
        characters=len(text),
        microdollars=len(text) * _MODELS[model_id].microdollars,
    )
    headers = {"character-cost": str(cost), "request-id": ask.id, "history-item-id": ask.id[:20]}
    response = Response(sound, 200, headers, media_type=_TYPES[form.codec])
    if ask.call.request.url.path.endswith("/stream"):
        del response.headers["content-length"]  # it is sent in chunks
    return response


def _cost(ask: Ask, text: str, model_id: str, voice: str) -> int:
    """The credits that a text costs.

    Raises:
        Refusal: It cannot be spoken, or the credits do not suffice.
    """
    model = _MODELS.get(model_id)
    if voice not in _VOICES:
        raise VENDOR.named("voice_not_found", f"A voice with the voice_id {voice} was not found.")
    if model is None:
        raise VENDOR.named("model_not_found", f"A model with model ID {model_id} does not exist.")
    if not text.strip():
        raise VENDOR.named("input_text_empty")
    if len(text) > model.longest:
        raise VENDOR.named(
            "max_character_limit_exceeded",
            f"This request's text has {len(text)} characters and exceeds the character limit of "
            f"{model.longest} characters for {model_id}.",
        )
    vendors = ask.world.vendors
    cost = -(-len(text) * model.credits_for_two // 2)
    left = max(0, vendors.elevenlabs_credits - vendors.elevenlabs_used)
    if cost > left:
        raise VENDOR.named(
            "quota_exceeded",
            f"This request exceeds your quota of {vendors.elevenlabs_credits}. You have {left} credits "
            f"remaining, while {cost} credits are required for this request.",
        )
    return cost


async def _subscription(ask: Ask) -> Response:
    vendors = ask.world.vendors
    return JSONResponse(
        {
            "tier": "pro",
            "status": "active",
            "character_count": vendors.elevenlabs_used,
            "character_limit": vendors.elevenlabs_credits,
            "max_credit_limit_extension": 0,
            "can_extend_character_limit": False,
            "allowed_to_extend_character_limit": False,
            "next_character_count_reset_unix": int(ask.call.now.timestamp()) + 86_400,
            "voice_slots_used": 0,
            "professional_voice_slots_used": 0,
            "professional_voice_slots_used_in_workspace": 0,
            "voice_limit": 160,
            "can_extend_voice_limit": False,
            "can_use_instant_voice_cloning": True,
            "can_use_professional_voice_cloning": True,
            "professional_voice_limit": 1,
            "voice_add_edit_counter": 0,
            "currency": "usd",
            "billing_period": "monthly_period",
            "character_refresh_period": "monthly_period",
            "open_invoices": [],
            "has_open_invoices": False,
        }
    )


async def _models(ask: Ask) -> Response:  # noqa: ARG001 - every work takes the call
    return JSONResponse(
        [
            {
                "model_id": name,
                "name": model.name,
                "can_do_text_to_speech": True,
                "token_cost_factor": model.credits_for_two / 2,
                "maximum_text_length_per_request": model.longest,
                "languages": [{"language_id": code, "name": code} for code in ("en", "de", "es", "fr")],
                "model_rates": {"character_cost_multiplier": model.credits_for_two / 2},
            }
            for name, model in _MODELS.items()
        ]
    )


async def _voices(ask: Ask) -> Response:
    word = ask.call.params.get("search", "").casefold()
    rows: list[Json] = [
        {"voice_id": voice, "name": name, "category": "premade", "labels": {"language": "en"}}
        for voice, name in _VOICES.items()
        if word in name.casefold()
    ]
    return JSONResponse(
        {"voices": rows, "has_more": False, "total_count": len(rows), "next_page_token": None}
    )
