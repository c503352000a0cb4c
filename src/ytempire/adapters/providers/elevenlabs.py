"""ElevenLabs. Shapes: elevenlabs.io/docs/api-reference; errors: its help centre, "API - Error Code 400 or 401".

The two meanings of its 429 are opposite: we ask too much at once (`too_many_concurrent_requests`), or it has too
much to do (`system_busy`). And a 401 may say that the credit is used up.
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from ytempire.adapters.providers import prices
from ytempire.adapters.providers.exchange import address, body_of, keyless, recording, revealed
from ytempire.adapters.providers.faults import Words, refusal, text_of
from ytempire.adapters.providers.languages import base, voice_for
from ytempire.adapters.providers.web import Heard, Request, Web
from ytempire.domain.chain import Blame, Made, ProviderFault
from ytempire.domain.speech import SpeechOrder
from ytempire.domain.wire import part
from ytempire.ports.chains import Terms

HOME = "https://api.elevenlabs.io"
_MODEL = "eleven_multilingual_v2"
_VOICE = "JBFqnCBsd6RMkjVDRZzb"
"""The voice of the vendor's own examples; a voice of these models speaks every language."""

_RATES = {f"pcm_{rate}": rate for rate in (8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)}
_FORM = "pcm_24000"

# Longest texts: its help centre, article 19572237925521; `eleven_v3`: the page of its models.
_LONGEST = {
    "eleven_v3": 5_000,
    "eleven_flash_v2_5": 40_000,
    "eleven_turbo_v2_5": 40_000,
    "eleven_flash_v2": 30_000,
    "eleven_turbo_v2": 30_000,
}
_USUAL_LONGEST = 10_000

_WORDS = Words(
    {
        "quota_exceeded": Blame.EXHAUSTED,
        "payment_required": Blame.EXHAUSTED,
        "payment_issue": Blame.EXHAUSTED,
        "insufficient_credits": Blame.EXHAUSTED,
        "invalid_api_key": Blame.CREDENTIAL,
        "missing_permissions": Blame.CREDENTIAL,
        "needs_authorization": Blame.CREDENTIAL,
        "detected_unusual_activity": Blame.CREDENTIAL,
        "only_for_creator+": Blame.CREDENTIAL,
        "output_format_not_allowed": Blame.CREDENTIAL,
        "subscription_required": Blame.CREDENTIAL,
        "voice_not_found": Blame.CREDENTIAL,  # the configuration names it
        "voice_access_denied": Blame.CREDENTIAL,
        "model_not_found": Blame.CREDENTIAL,
        "model_access_denied": Blame.CREDENTIAL,
        "too_many_concurrent_requests": Blame.CROWDED,
        "concurrent_limit_exceeded": Blame.CROWDED,
        "system_busy": Blame.BUSY,
        "rate_limit_exceeded": Blame.BUSY,
        "max_character_limit_exceeded": Blame.UNFIT,
        "text_too_long": Blame.UNFIT,
        "unsupported_language": Blame.UNFIT,
        "validation_error": Blame.UNFIT,
        "input_text_empty": Blame.CALLER,
        "empty_text": Blame.CALLER,
        "content_policy_violation": Blame.CALLER,
        "internal_server_error": Blame.OUTAGE,
        "service_unavailable": Blame.OUTAGE,
    },
    (("violate our terms", Blame.CALLER),),
)


class ElevenLabs:
    """A speaker. `model` and `voice` are the vendor's ids. Options: `output_format` (`pcm_24000`), `voice_de`..."""

    in_bytes = False

    def __init__(self, terms: Terms, web: Web) -> None:
        self._terms = terms
        self._web = web
        self._model = terms.model or _MODEL

    @property
    def longest(self) -> int:
        """See `ports.chains.Speaker`."""
        return _LONGEST.get(self._model, _USUAL_LONGEST)

    def price(self, order: SpeechOrder) -> int:
        """See `ports.chains.Speaker`."""
        told = prices.of_characters(self._terms, len(order.text))
        return self._terms.cost if told is None else told

    async def speak(self, order: SpeechOrder, into: str) -> Made[None] | ProviderFault:
        """See `ports.chains.Speaker`. SSML is not for this vendor."""
        form = self._terms.options.get("output_format", _FORM)
        fault = keyless(self._terms) or _unfit(order, form)
        if fault:
            return fault
        heard = await recording(
            self._web, self._request(order, form), self._terms, read_fault, into=into, rate=_RATES[form]
        )
        if isinstance(heard, ProviderFault):
            return heard
        return Made(None, prices.of_characters(self._terms, len(order.text)))

    def _request(self, order: SpeechOrder, form: str) -> Request:
        voice = quote(voice_for(self._terms, order.language, {}) or self._terms.voice or _VOICE, safe="")
        wish = {"text": order.text, "model_id": self._model}
        if self._model.endswith("_v2_5"):
            wish["language_code"] = base(order.language)  # older models refuse it, and hear it from the text
        return Request(
            url=address(self._terms, HOME, f"/v1/text-to-speech/{voice}/stream"),
            headers={"Content-Type": "application/json", **_headers(self._terms)},
            query={"output_format": form},
            body=body_of(wish),
            keyed=True,
        )


def subscription_request(terms: Terms) -> Request:
    """A look that costs nothing: how much credit is left."""
    where = address(terms, HOME, "/v1/user/subscription")
    return Request(url=where, method="GET", headers=_headers(terms), keyed=True)


def _headers(terms: Terms) -> Mapping[str, str]:
    return {"xi-api-key": revealed(terms)}


def _unfit(order: SpeechOrder, form: str) -> ProviderFault | None:
    if form not in _RATES:
        told = f"the option output_format is {form!r}; it must be one of {', '.join(_RATES)}"
        return ProviderFault(Blame.CREDENTIAL, "wrong_option", told)
    if order.ssml:
        return ProviderFault(Blame.UNFIT, "no_ssml", "it does not read SSML")
    return None


def read_fault(heard: Heard, now: datetime) -> ProviderFault:
    """What a reply that is no success says: `detail` is an object, a text, or the list of a validation."""
    found = heard.document() or {}
    detail = part(found, "detail")
    codes = [text_of(detail.get(name)) for name in ("status", "code", "type")]
    message = text_of(detail.get("message")) or text_of(found.get("detail"))
    listed = found.get("detail")
    if isinstance(listed, list) and listed and isinstance(listed[0], Mapping):
        codes, message = ["validation_error"], text_of(listed[0].get("msg"))
    return refusal(heard, codes, message, words=_WORDS, now=now)
