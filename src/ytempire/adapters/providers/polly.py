"""Amazon Polly. Shapes and exceptions: docs.aws.amazon.com/polly/latest/dg/API_SynthesizeSpeech.html, and
"Common errors" beside it.
"""

from datetime import datetime

from ytempire.adapters.providers import prices
from ytempire.adapters.providers.exchange import address, body_of, keyless, recording
from ytempire.adapters.providers.faults import Words, refusal, text_of
from ytempire.adapters.providers.languages import voice_for, voiceless
from ytempire.adapters.providers.sigv4 import Signer
from ytempire.adapters.providers.web import Heard, Request, Web
from ytempire.domain.chain import Blame, Made, ProviderFault
from ytempire.domain.speech import SpeechOrder
from ytempire.domain.values import Secret
from ytempire.ports.chains import Terms

_RATES = ("8000", "16000")
_REGION = "us-east-1"
_STANDARD = "standard"

# Voices that the standard engine has for a language ("Available voices" in the vendor's guide).
_VOICES = {
    "ar": "Zeina",
    "cmn": "Zhiyu",
    "da": "Naja",
    "de": "Vicki",
    "en": "Joanna",
    "en-AU": "Nicole",
    "en-GB": "Amy",
    "en-IN": "Aditi",
    "es": "Lucia",
    "es-MX": "Mia",
    "es-US": "Lupe",
    "fr": "Lea",
    "fr-CA": "Chantal",
    "hi": "Aditi",
    "it": "Bianca",
    "ja": "Takumi",
    "ko": "Seoyeon",
    "nl": "Lotte",
    "pl": "Ewa",
    "pt": "Camila",
    "pt-PT": "Ines",
    "ru": "Tatyana",
    "sv": "Astrid",
    "tr": "Filiz",
    "zh": "Zhiyu",
}

# Where the other engines have other voices, and where they have none.
_NEURAL = {
    "ar": "Hala",
    "da": "Sofie",
    "en-AU": "Olivia",
    "en-IN": "Kajal",
    "fi": "Suvi",
    "fr-CA": "Gabrielle",
    "hi": "Kajal",
    "nb": "Ida",
    "nl": "Laura",
    "no": "Ida",
    "pl": "Ola",
    "ru": "",
    "sv": "Elin",
    "tr": "Burcu",
}

_WORDS = Words(
    {
        "ThrottlingException": Blame.BUSY,
        "Throttling": Blame.BUSY,
        "TooManyRequestsException": Blame.BUSY,
        "ServiceQuotaExceededException": Blame.EXHAUSTED,
        "TextLengthExceededException": Blame.UNFIT,
        "EngineNotSupportedException": Blame.CREDENTIAL,  # engine, voice and rate are the configuration's
        "InvalidSampleRateException": Blame.CREDENTIAL,
        "LexiconNotFoundException": Blame.CREDENTIAL,
        "LanguageNotSupportedException": Blame.UNFIT,
        "ValidationException": Blame.UNFIT,
        "InvalidSsmlException": Blame.CALLER,
        "UnrecognizedClientException": Blame.CREDENTIAL,
        "InvalidClientTokenId": Blame.CREDENTIAL,
        "InvalidSignatureException": Blame.CREDENTIAL,
        "SignatureDoesNotMatch": Blame.CREDENTIAL,
        "IncompleteSignatureException": Blame.CREDENTIAL,
        "IncompleteSignature": Blame.CREDENTIAL,
        "MissingAuthenticationTokenException": Blame.CREDENTIAL,
        "MissingAuthenticationToken": Blame.CREDENTIAL,
        "AccessDeniedException": Blame.CREDENTIAL,
        "ExpiredTokenException": Blame.CREDENTIAL,
        "RequestExpired": Blame.CREDENTIAL,
        "OptInRequired": Blame.CREDENTIAL,
        "ServiceFailureException": Blame.OUTAGE,
        "InternalFailure": Blame.OUTAGE,
        "InternalServerError": Blame.OUTAGE,
        "ServiceUnavailable": Blame.OUTAGE,
        "ServiceUnavailableException": Blame.OUTAGE,
    }
)


class Polly:
    """A speaker. `key_id` and `key` are an access key; `model` is the engine, `voice` an id like `Joanna`.

    Options: `region` (`us-east-1`), `rate` (`16000`), `voice_de`..., `language` (of `voice`).
    """

    longest = 3_000
    in_bytes = False

    def __init__(self, terms: Terms, web: Web) -> None:
        self._terms = terms
        self._web = web
        self._engine = terms.model or _STANDARD
        self._rate = terms.options.get("rate", _RATES[-1])

    def price(self, order: SpeechOrder) -> int:
        """See `ports.chains.Speaker`."""
        told = prices.of_characters(self._terms, len(order.text))
        return self._terms.cost if told is None else told

    async def speak(self, order: SpeechOrder, into: str) -> Made[None] | ProviderFault:
        """See `ports.chains.Speaker`."""
        usual = _VOICES if self._engine == _STANDARD else _VOICES | _NEURAL
        voice = voice_for(self._terms, order.language, usual)
        fault = keyless(self._terms) or self._misfit() or (None if voice else voiceless(order.language))
        if fault:
            return fault
        wish = {
            "Engine": self._engine,
            "OutputFormat": "pcm",
            "SampleRate": self._rate,
            "Text": order.text,
            "TextType": "ssml" if order.ssml else "text",
            "VoiceId": voice,
        }
        request = signed_request(
            self._terms, "POST", "/v1/speech", self._web.clock.now(), body=body_of(wish), query={}
        )
        heard = await recording(self._web, request, self._terms, read_fault, into=into, rate=int(self._rate))
        if isinstance(heard, ProviderFault):
            return heard
        billed = heard.headers.get("x-amzn-requestcharacters", "")
        return Made(
            None, prices.of_characters(self._terms, int(billed) if billed.isdecimal() else len(order.text))
        )

    def _misfit(self) -> ProviderFault | None:
        if not self._terms.key_id:
            return ProviderFault(Blame.CREDENTIAL, "no_key", "no key_id is configured for it")
        if self._rate not in _RATES:
            told = f"the option rate is {self._rate!r}; it must be one of {', '.join(_RATES)}"
            return ProviderFault(Blame.CREDENTIAL, "wrong_option", told)
        return None


def voices_request(terms: Terms, now: datetime) -> Request:
    """A look that costs nothing: which voices are there."""
    return signed_request(terms, "GET", "/v1/voices", now, body=b"", query={"LanguageCode": "en-US"})


def signed_request(
    terms: Terms, method: str, path: str, now: datetime, *, body: bytes, query: dict[str, str]
) -> Request:
    """A request with the signature of the configured access key."""
    region = terms.options.get("region", _REGION)
    url = address(terms, f"https://polly.{region}.amazonaws.com", path)
    signer = Signer(terms.key_id, terms.key or Secret(""), region, "polly")
    headers = {"Content-Type": "application/json"} if body else {}
    try:
        signed = signer.signed(method, url, now=now, headers=headers, query=query, body=body)
    except ValueError:
        signed = headers  # the address is none: the client says so, and sends nothing
    return Request(url=url, method=method, headers=signed, query=query, body=body or None, keyed=True)


def read_fault(heard: Heard, now: datetime) -> ProviderFault:
    """What a reply that is no success says: `x-amzn-ErrorType`, perhaps with an address behind a colon."""
    found = heard.document() or {}
    kind = heard.headers.get("x-amzn-errortype") or text_of(found.get("__type")) or text_of(found.get("code"))
    name = kind.split(":")[0].rpartition("#")[2]
    message = text_of(found.get("message")) or text_of(found.get("Message"))
    return refusal(heard, [name], message, words=_WORDS, now=now)
