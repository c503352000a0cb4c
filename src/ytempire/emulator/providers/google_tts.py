"""The local Google Cloud Text-to-Speech, REST: speech and voices.

Shapes: cloud.google.com/text-to-speech/docs/reference/rest/v1 and google.rpc.Status; enumerations come as names or,
with `$alt=json;enum-encoding=int`, as numbers. Prices: cloud.google.com/text-to-speech/pricing, by kind of voice;
the marks of SSML are billed.
"""

import base64

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ytempire.emulator.providers.refusal import Refusal, Vendor
from ytempire.emulator.providers.service import SPEECH, Ask, Offer, offered
from ytempire.emulator.providers.speech import Form, speak
from ytempire.emulator.providers.ssml import read_ssml
from ytempire.emulator.vendors import Bill
from ytempire.emulator.world import Json, World

_SERVICE = {"service": "texttospeech.googleapis.com", "consumer": "projects/100000000000"}


def _info(reason: str, **metadata: str) -> Json:
    kind = "type.googleapis.com/google.rpc.ErrorInfo"
    return {"details": [{"@type": kind, "reason": reason, "domain": "googleapis.com", "metadata": metadata}]}


_REFUSALS = (
    Refusal(400, "INVALID_ARGUMENT", "Request contains an invalid argument.", "INVALID_ARGUMENT"),
    Refusal(
        400,
        "API_KEY_INVALID",
        "API key not valid. Please pass a valid API key.",
        "INVALID_ARGUMENT",
        facts=_info("API_KEY_INVALID", service=_SERVICE["service"]),
    ),
    Refusal(
        401,
        "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
        "valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
        "UNAUTHENTICATED",
        facts=_info("ACCESS_TOKEN_TYPE_UNSUPPORTED", service=_SERVICE["service"]),
    ),
    Refusal(
        403,
        "PERMISSION_DENIED",
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or "
        "other form of API consumer identity to call this API.",
        "PERMISSION_DENIED",
    ),
    Refusal(
        403,
        "SERVICE_DISABLED",
        "Cloud Text-to-Speech API has not been used in project 100000000000 before or it is disabled.",
        "PERMISSION_DENIED",
        facts=_info("SERVICE_DISABLED", **_SERVICE),
    ),
    Refusal(
        403,
        "BILLING_DISABLED",
        "This API method requires billing to be enabled. Please enable billing on project #100000000000.",
        "PERMISSION_DENIED",
        facts=_info("BILLING_DISABLED", **_SERVICE),
    ),
    Refusal(404, "NOT_FOUND", "Requested entity was not found.", "NOT_FOUND"),
    Refusal(
        429,
        "RESOURCE_EXHAUSTED",
        "Quota exceeded for quota metric 'All requests' and limit 'All requests per minute'.",
        "RESOURCE_EXHAUSTED",
        facts=_info("RATE_LIMIT_EXCEEDED", **_SERVICE),
    ),
    Refusal(500, "INTERNAL", "Internal error encountered.", "INTERNAL"),
    Refusal(503, "UNAVAILABLE", "The service is currently unavailable.", "UNAVAILABLE"),
    Refusal(
        504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete.", "DEADLINE_EXCEEDED"
    ),
)
# Micro-dollars a character.
_PRICES = {"Standard": 4, "Wavenet": 4, "Neural2": 16, "Chirp3-HD": 30, "Studio": 160}
_VOICES = (
    ("en-US-Standard-C", 2),
    ("en-US-Wavenet-D", 1),
    ("en-US-Neural2-F", 2),
    ("en-US-Chirp3-HD-Achernar", 2),
    ("en-US-Studio-O", 2),
    ("en-GB-Standard-A", 2),
    ("de-DE-Standard-A", 2),
    ("de-DE-Neural2-G", 2),
    ("es-ES-Standard-A", 2),
    ("fr-FR-Standard-A", 2),
)
_GENDERS = ("SSML_VOICE_GENDER_UNSPECIFIED", "MALE", "FEMALE", "NEUTRAL")
_ENCODINGS = {"LINEAR16": 1, "MP3": 2, "PCM": 7}
_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_USUAL_RATE = 24_000
_LONGEST_BYTES = 5_000


def _reply(refusal: Refusal, request_id: str) -> Response:  # noqa: ARG001 - Google sends none
    error = {"code": refusal.status, "message": refusal.message, "status": refusal.kind, **refusal.facts}
    return JSONResponse({"error": error}, refusal.status)


VENDOR = Vendor(name="google_tts", refusals=_REFUSALS, reply=_reply)


def google_tts_routes(world: World) -> list[Route]:
    """Everything below `/providers/google_tts`."""
    return offered(
        world,
        (
            Offer(
                vendor=VENDOR, operation="speech", verb="POST", paths=("/v1/text:synthesize",),
                admit=_admit, work=_speech, kinds=SPEECH,
            ),
            Offer(vendor=VENDOR, operation="voices", verb="GET", paths=("/v1/voices",), admit=_admit, work=_voices),
        ),
    )  # fmt: skip


def _admit(ask: Ask) -> None:
    """Let in who has the key: as a key, or as a token."""
    key = ask.call.params.get("key") or ask.header("x-goog-api-key")
    right = ask.world.vendors.keys.google_tts
    if key and key != right:
        raise VENDOR.named("API_KEY_INVALID")
    if not key and not ask.header("authorization"):
        raise VENDOR.named("PERMISSION_DENIED")
    if not key and ask.bearer() != right:
        raise VENDOR.named("UNAUTHENTICATED")


async def _voices(ask: Ask) -> Response:
    asked = ask.call.params.get("languageCode", "").casefold()
    numbered = "enum-encoding=int" in ask.call.params.get("$alt", "")
    rows = [
        {
            "languageCodes": [_language(name)],
            "name": name,
            "ssmlGender": gender if numbered else _GENDERS[gender],
            "naturalSampleRateHertz": _USUAL_RATE,
        }
        for name, gender in _VOICES
        if name.casefold().startswith(asked)
    ]
    return JSONResponse({"voices": rows})


async def _speech(ask: Ask) -> Response:
    given, settings = _part(ask, "input"), _part(ask, "audioConfig")
    voice, form = _voice(_part(ask, "voice")), _form(settings)
    source = str(given.get("text") or given.get("ssml") or given.get("markup") or "")
    if not source.strip():
        raise _wrong("Either `input.text`, `input.ssml` or `input.markup` must be set.")
    if len(source.encode()) > _LONGEST_BYTES:
        raise _wrong(
            "Either `input.text` or `input.ssml` is longer than the limit of 5000 bytes. This limit is different "
            "from quotas. To fix, reduce the byte length of the characters in this request, or consider using "
            "the Long Audio API: https://cloud.google.com/text-to-speech/docs/create-audio-text-long-audio-synthesis."
        )
    said = source
    if "ssml" in given and "text" not in given:
        document = read_ssml(source)
        if document is None:
            raise _wrong("Invalid SSML. Newer voices like Neural2 require valid SSML.")
        said = document.sound
    sound = await speak(ask, said, form)
    tier = next(kind for kind in _PRICES if f"-{kind}-" in voice)
    ask.bill = Bill(model=tier, voice=voice, characters=len(source), microdollars=len(source) * _PRICES[tier])
    return JSONResponse({"audioContent": base64.b64encode(sound).decode()})


def _part(ask: Ask, name: str) -> Json:
    part = ask.sent.get(name)
    if not isinstance(part, dict):
        raise _wrong(f"`{name}` must be set.")
    return part


def _voice(asked: Json) -> str:
    """The name of the voice that is meant: by name, or the plainest of a language."""
    language, name = str(asked.get("languageCode", "")), str(asked.get("name", ""))
    if not language:
        raise _wrong("`voice.language_code` must be set.")
    if not name:
        name = next(
            (each for each, _ in _VOICES if each.casefold().startswith(language.casefold())), language
        )
    if name not in {each for each, _ in _VOICES}:
        raise _wrong(f"Voice '{name}' does not exist. Is it misspelled?")
    if _language(name).casefold() != language.casefold():
        raise _wrong(
            f"Requested language code '{language}' doesn't match the voice '{name}''s language code "
            f"'{_language(name)}'. They must be the same."
        )
    return name


def _form(settings: Json) -> Form:
    encoding, rate = settings.get("audioEncoding"), settings.get("sampleRateHertz") or _USUAL_RATE
    if rate not in _RATES:
        raise _wrong(f"Unsupported sample rate {rate}.")
    if encoding in ("LINEAR16", _ENCODINGS["LINEAR16"]):
        return Form(codec="wav", rate=rate)
    if encoding in ("MP3", _ENCODINGS["MP3"]):
        return Form(codec="mp3", rate=rate, kilobits=32)
    if encoding in ("PCM", _ENCODINGS["PCM"]):
        return Form(codec="pcm", rate=rate)
    raise _wrong(f"Unsupported audio encoding {encoding}: this emulator knows {', '.join(_ENCODINGS)}.")


def _language(voice: str) -> str:
    return "-".join(voice.split("-")[:2])


def _wrong(message: str) -> Refusal:
    return VENDOR.named("INVALID_ARGUMENT", message)
