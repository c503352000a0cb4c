"""The local Amazon Polly: speech and voices, for signed requests only.

Shapes: docs.aws.amazon.com/polly/latest/dg/API_SynthesizeSpeech.html; limits: 3000 billed and 6000 characters in all,
without the marks of SSML. Prices: aws.amazon.com/polly/pricing, by engine.
"""

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ytempire.emulator.providers.refusal import Refusal, Vendor
from ytempire.emulator.providers.service import SPEECH, Ask, Offer, offered
from ytempire.emulator.providers.sigv4 import Signed, objection
from ytempire.emulator.providers.speech import Form, speak
from ytempire.emulator.providers.ssml import read_ssml
from ytempire.emulator.vendors import Bill
from ytempire.emulator.world import World

_REFUSALS = (
    Refusal(400, "ValidationException", "The input fails to satisfy the constraints of the service."),
    Refusal(400, "ThrottlingException", "Rate exceeded"),
    Refusal(400, "TextLengthExceededException", "Maximum text length has been exceeded"),
    Refusal(400, "InvalidSsmlException", "Invalid SSML request"),
    Refusal(400, "InvalidSampleRateException", "The specified sample rate is not valid."),
    Refusal(400, "EngineNotSupportedException", "This voice does not support the selected engine."),
    Refusal(400, "IncompleteSignatureException", "Authorization header is incomplete."),
    Refusal(402, "ServiceQuotaExceededException", "The request would cause a service quota to be exceeded."),
    Refusal(403, "AccessDeniedException", "User is not authorized to perform: polly:SynthesizeSpeech"),
    Refusal(403, "UnrecognizedClientException", "The security token included in the request is invalid."),
    Refusal(
        403,
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
        "Access Key and signing method. Consult the service documentation for details.",
    ),
    Refusal(403, "MissingAuthenticationTokenException", "Missing Authentication Token"),
    Refusal(403, "ExpiredTokenException", "The security token included in the request is expired"),
    Refusal(404, "ResourceNotFoundException", "The resource was not found."),
    Refusal(429, "TooManyRequestsException", "Too Many Requests"),
    Refusal(500, "ServiceFailureException", "An unknown condition has caused a service failure."),
    Refusal(503, "ServiceUnavailableException", "Service is unavailable."),
)
# Micro-dollars a character.
_PRICES = {"standard": 4, "neural": 16, "generative": 30, "long-form": 100}
_VOICES = {
    "Joanna": ("en-US", "Female", ("standard", "neural", "generative")),
    "Matthew": ("en-US", "Male", ("standard", "neural", "generative")),
    "Danielle": ("en-US", "Female", ("neural", "generative", "long-form")),
    "Amy": ("en-GB", "Female", ("standard", "neural", "generative")),
    "Vicki": ("de-DE", "Female", ("standard", "neural", "generative")),
    "Hans": ("de-DE", "Male", ("standard",)),
    "Lucia": ("es-ES", "Female", ("standard", "neural", "generative")),
    "Lea": ("fr-FR", "Female", ("standard", "neural", "generative")),
}
_LANGUAGES = {
    "en-US": "US English",
    "en-GB": "British English",
    "de-DE": "German",
    "es-ES": "Castilian Spanish",
    "fr-FR": "French",
}
_RATES = {"pcm": ("8000", "16000"), "mp3": ("8000", "16000", "22050", "24000", "44100", "48000")}
_TYPES = {"pcm": "audio/pcm", "mp3": "audio/mpeg"}
_MOST_BILLED = 3_000
_MOST_IN_ALL = 6_000


def _reply(refusal: Refusal, request_id: str) -> Response:
    headers = {"x-amzn-ErrorType": refusal.reason, "x-amzn-RequestId": request_id}
    return JSONResponse({"message": refusal.message}, refusal.status, headers)


VENDOR = Vendor(name="polly", refusals=_REFUSALS, reply=_reply)


def polly_routes(world: World) -> list[Route]:
    """Everything below `/providers/polly`."""
    return offered(
        world,
        (
            Offer(
                vendor=VENDOR, operation="speech", verb="POST", paths=("/v1/speech",),
                admit=_admit, work=_speech, kinds=SPEECH,
            ),
            Offer(vendor=VENDOR, operation="voices", verb="GET", paths=("/v1/voices",), admit=_admit, work=_voices),
        ),
    )  # fmt: skip


def _admit(ask: Ask) -> None:
    request, keys = ask.call.request, ask.world.vendors.keys
    signed = Signed(
        method=request.method,
        path=request.scope["raw_path"].decode("ascii"),
        query=tuple(request.query_params.multi_items()),
        headers=request.headers,
        body=ask.body,
    )
    wrong = objection(signed, key_id=keys.polly, secret=keys.polly_secret, service="polly")
    if wrong is not None:
        raise VENDOR.named(wrong)


async def _voices(ask: Ask) -> Response:
    engine, language = ask.call.params.get("Engine"), ask.call.params.get("LanguageCode")
    rows = [
        {
            "Id": name,
            "Name": name,
            "Gender": gender,
            "LanguageCode": code,
            "LanguageName": _LANGUAGES[code],
            "SupportedEngines": list(engines),
        }
        for name, (code, gender, engines) in _VOICES.items()
        if language in (None, code) and (engine is None or engine in engines)
    ]
    return JSONResponse({"Voices": rows}, headers={"x-amzn-RequestId": ask.id})


async def _speech(ask: Ask) -> Response:
    voice, engine = _voice_and_engine(ask)
    form = _form(ask, engine)
    billed, said = _texts(ask)
    if len(billed) > _MOST_BILLED or len(str(ask.sent["Text"])) > _MOST_IN_ALL:
        raise VENDOR.named("TextLengthExceededException")
    sound = await speak(ask, said, form)
    ask.bill = Bill(
        model=engine, voice=voice, characters=len(billed), microdollars=len(billed) * _PRICES[engine]
    )
    headers = {"x-amzn-RequestCharacters": str(len(billed)), "x-amzn-RequestId": ask.id}
    response = Response(sound, 200, headers, media_type=_TYPES[form.codec])
    del response.headers["content-length"]  # it is sent in chunks
    return response


def _voice_and_engine(ask: Ask) -> tuple[str, str]:
    voice, engine = str(ask.sent.get("VoiceId", "")), str(ask.sent.get("Engine") or "standard")
    if voice not in _VOICES:
        raise _invalid("VoiceId", voice, tuple(_VOICES))
    if engine not in _PRICES:
        raise _invalid("Engine", engine, tuple(_PRICES))
    if engine not in _VOICES[voice][2]:
        raise VENDOR.named(
            "EngineNotSupportedException", f"This voice does not support the selected engine: {engine}"
        )
    return voice, engine


def _form(ask: Ask, engine: str) -> Form:
    codec = str(ask.sent.get("OutputFormat"))
    if codec not in _RATES:
        raise _invalid("OutputFormat", codec, tuple(_RATES))
    usual = "16000" if codec == "pcm" else "22050" if engine == "standard" else "24000"
    rate = str(ask.sent.get("SampleRate") or usual)
    if rate not in _RATES[codec]:
        raise VENDOR.named("InvalidSampleRateException")
    return Form(codec="pcm" if codec == "pcm" else "mp3", rate=int(rate), kilobits=48)


def _texts(ask: Ask) -> tuple[str, str]:
    """What is billed, and what is heard."""
    text = ask.sent.get("Text")
    if not isinstance(text, str) or not text.strip():
        raise VENDOR.named("ValidationException", "Text must not be empty")
    if ask.sent.get("TextType", "text") != "ssml":
        return text, text
    document = read_ssml(text)
    if document is None:
        raise VENDOR.named("InvalidSsmlException")
    return document.words, document.sound


def _invalid(name: str, value: str, known: tuple[str, ...]) -> Refusal:
    return VENDOR.named(
        "ValidationException",
        f"1 validation error detected: Value '{value}' at '{name[0].lower()}{name[1:]}' failed to satisfy "
        f"constraint: Member must satisfy enum value set: [{', '.join(known)}]",
    )
