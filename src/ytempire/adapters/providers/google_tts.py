"""Google Cloud Text-to-Speech over REST, with an API key in a header (in the address it would reach logs).

Shapes: cloud.google.com/text-to-speech/docs/reference/rest/v1/text/synthesize; errors: google.rpc, with the
reasons of google.api.ErrorReason.
"""

import asyncio
import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ytempire.adapters.providers import prices
from ytempire.adapters.providers.exchange import address, body_of, document, kept, keyless, revealed
from ytempire.adapters.providers.faults import Words, refusal, text_of, unusable
from ytempire.adapters.providers.languages import base as base_language
from ytempire.adapters.providers.languages import voice_for, with_region
from ytempire.adapters.providers.wav import NotASound, samples_of
from ytempire.adapters.providers.web import Heard, Request, Web
from ytempire.domain.chain import Blame, Made, ProviderFault
from ytempire.domain.speech import SpeechOrder
from ytempire.domain.wire import part
from ytempire.ports.chains import Terms

HOME = "https://texttospeech.googleapis.com"
_RATE = 24_000
_LONGEST_BYTES = 5_000
_LONGEST_ANSWER = 50_331_648
"""5,000 bytes of text at 24 kHz are about 21 MB in base64; slow voices take more."""

_WORDS = Words(
    {
        "API_KEY_INVALID": Blame.CREDENTIAL,
        "API_KEY_SERVICE_BLOCKED": Blame.CREDENTIAL,
        "API_KEY_IP_ADDRESS_BLOCKED": Blame.CREDENTIAL,
        "API_KEY_HTTP_REFERRER_BLOCKED": Blame.CREDENTIAL,
        "SERVICE_DISABLED": Blame.CREDENTIAL,
        "BILLING_DISABLED": Blame.CREDENTIAL,
        "CONSUMER_SUSPENDED": Blame.CREDENTIAL,
        "CONSUMER_INVALID": Blame.CREDENTIAL,
        "PERMISSION_DENIED": Blame.CREDENTIAL,
        "UNAUTHENTICATED": Blame.CREDENTIAL,
        "RATE_LIMIT_EXCEEDED": Blame.BUSY,
        "RESOURCE_EXHAUSTED": Blame.BUSY,
        "RESOURCE_QUOTA_EXCEEDED": Blame.EXHAUSTED,
        "NOT_FOUND": Blame.CREDENTIAL,
        "INVALID_ARGUMENT": Blame.UNFIT,
        "OUT_OF_RANGE": Blame.UNFIT,
        "FAILED_PRECONDITION": Blame.UNFIT,
        "UNAVAILABLE": Blame.OUTAGE,
        "INTERNAL": Blame.OUTAGE,
        "UNKNOWN": Blame.OUTAGE,
        "DEADLINE_EXCEEDED": Blame.OUTAGE,
        "ABORTED": Blame.OUTAGE,
        "CANCELLED": Blame.OUTAGE,
    },
    (
        ("perday", Blame.EXHAUSTED),
        ("per day", Blame.EXHAUSTED),
        ("invalid ssml", Blame.CALLER),
        ("api key not valid", Blame.CREDENTIAL),
        ("api key expired", Blame.CREDENTIAL),
    ),
)


class GoogleTts:
    """A speaker. `voice` is a name like `en-US-Neural2-C`.

    Options: `voice_de`..., `language` (of `voice`), `rate`.
    """

    longest = _LONGEST_BYTES
    in_bytes = True

    def __init__(self, terms: Terms, web: Web) -> None:
        self._terms = terms
        self._web = web

    def price(self, order: SpeechOrder) -> int:
        """See `ports.chains.Speaker`. The vendor counts the marks of SSML as well."""
        told = prices.of_characters(self._terms, len(order.text))
        return self._terms.cost if told is None else told

    async def speak(self, order: SpeechOrder, into: str) -> Made[None] | ProviderFault:
        """See `ports.chains.Speaker`."""
        missing = keyless(self._terms)
        if missing:
            return missing
        request = Request(
            url=address(self._terms, HOME, "/v1/text:synthesize"),
            headers={"Content-Type": "application/json", **_headers(self._terms)},
            body=body_of(self._wish(order)),
            keyed=True,
        )
        found = await document(self._web, request, self._terms, read_fault, longest=_LONGEST_ANSWER)
        if isinstance(found, ProviderFault):
            return found
        cost = prices.of_characters(self._terms, len(order.text))
        try:
            rate, samples = await asyncio.to_thread(_sound, found)
        except NotASound as wrong:
            return unusable("not_audio", str(wrong), cost)
        return await kept(rate, samples, into) or Made(None, cost)

    def _wish(self, order: SpeechOrder) -> dict[str, Any]:
        voice = self._voice(order.language)
        rate = self._terms.options.get("rate", "")
        return {
            "input": {"ssml" if order.ssml else "text": order.text},
            "voice": voice,
            "audioConfig": {
                "audioEncoding": "LINEAR16",
                "sampleRateHertz": int(rate) if rate.isdecimal() else _RATE,
            },
        }

    def _voice(self, language: str) -> dict[str, str]:
        """A name must agree with its language's code; without a name Google takes a voice of the language."""
        name = voice_for(self._terms, language, {})
        if name and base_language(name) == base_language(language):
            return {"languageCode": "-".join(name.split("-")[:2]), "name": name}
        return {"languageCode": with_region(language)}


def voices_request(terms: Terms) -> Request:
    """A look that costs nothing: which voices are there."""
    where = address(terms, HOME, "/v1/voices")
    return Request(url=where, method="GET", headers=_headers(terms), query={"languageCode": "en"}, keyed=True)


def _headers(terms: Terms) -> dict[str, str]:
    return {"X-Goog-Api-Key": revealed(terms)}


def _sound(found: Mapping[str, Any]) -> tuple[int, bytes]:
    """The rate and samples of an answer. Raises `NotASound`."""
    coded = found.get("audioContent")
    if not isinstance(coded, str) or not coded:
        raise NotASound("its answer holds no sound")
    try:
        sound = base64.b64decode(coded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotASound("its sound is not in base64") from error
    return samples_of(sound)


def read_fault(heard: Heard, now: datetime) -> ProviderFault:
    """What a reply that is no success says: the reason in its details, its status, its message."""
    error = part(heard.document() or {}, "error")
    details = error.get("details")
    infos = [each for each in (details if isinstance(details, list) else []) if isinstance(each, Mapping)]
    reason = next((text_of(each.get("reason")) for each in infos if each.get("reason")), "")
    limit = next(
        (text_of(part(each, "metadata").get("quota_limit")) for each in infos if part(each, "metadata")), ""
    )
    message = text_of(error.get("message"))
    told = f"{message} ({limit})" if limit else message
    return refusal(heard, [reason, text_of(error.get("status"))], told, words=_WORDS, now=now)
