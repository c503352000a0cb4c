"""Every refusal that a vendor documents or was seen to give, and what it means to a chain: one row each."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from ytempire.adapters.providers import anthropic, elevenlabs, google_tts, openai, polly, stripe
from ytempire.adapters.providers.web import Heard
from ytempire.domain.chain import Blame, Charged

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
READERS = {
    "openai": openai.read_fault,
    "anthropic": anthropic.read_fault,
    "elevenlabs": elevenlabs.read_fault,
    "google": google_tts.read_fault,
    "polly": polly.read_fault,
    "stripe": stripe.read_fault,
}


def oai(code: str | None, message: str = "No.", kind: str | None = "invalid_request_error") -> object:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def ant(kind: str, message: str = "No.") -> object:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}


def ell(status: str, message: str = "No.") -> object:
    return {"detail": {"status": status, "message": message}}


def goo(status: str, message: str = "No.", reason: str = "", limit: str = "") -> object:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}] if reason else []
    metadata = {"metadata": {"quota_limit": limit}} if limit else {}
    return {
        "error": {
            "code": 0,
            "message": message,
            "status": status,
            "details": [{**d, **metadata} for d in details],
        }
    }


# Sources, by the letter at the end of each row:
# A developers.openai.com/api/docs/guides/error-codes       B what OpenAI's API was seen to answer (its forum, issues)
# C platform.claude.com/docs/en/api/errors                  D what Anthropic's API was seen to answer (issues)
# E help.elevenlabs.io article 19572237925521 (400 or 401)  F help.elevenlabs.io on 429, elevenlabs.io/docs/errors
# G google.api.ErrorReason, google.rpc.Code                 H what Cloud TTS was seen to answer (issues)
# I docs.aws.amazon.com/polly API_SynthesizeSpeech          J AWS, "Common errors" of every service
# K docs.stripe.com/api/errors                              L servers that speak OpenAI's language (vLLM, Ollama)
ROWS = [
    ("openai", 401, oai("invalid_api_key"), Blame.CREDENTIAL, "A"),
    ("openai", 401, oai(None, "You didn't provide an API key."), Blame.CREDENTIAL, "B"),
    ("openai", 401, oai("account_deactivated"), Blame.CREDENTIAL, "B"),
    ("openai", 401, oai("invalid_organization"), Blame.CREDENTIAL, "A"),
    ("openai", 401, oai("ip_not_authorized"), Blame.CREDENTIAL, "A"),
    ("openai", 403, oai("unsupported_country_region_territory", kind="request_forbidden"), Blame.CREDENTIAL, "A"),
    ("openai", 404, oai("model_not_found"), Blame.CREDENTIAL, "B"),
    ("openai", 400, oai("unsupported_parameter"), Blame.CREDENTIAL, "B"),
    ("openai", 400, oai("unsupported_value"), Blame.CREDENTIAL, "B"),
    ("openai", 400, oai("context_length_exceeded"), Blame.UNFIT, "B"),
    ("openai", 400, oai(None, "This model's maximum context length is 8192 tokens."), Blame.UNFIT, "B"),
    ("openai", 400, oai("string_above_max_length"), Blame.UNFIT, "B"),
    ("openai", 400, oai("content_policy_violation"), Blame.CALLER, "B"),
    ("openai", 400, oai("content_filter"), Blame.CALLER, "B"),
    ("openai", 400, oai("invalid_prompt"), Blame.CALLER, "B"),
    ("openai", 400, oai(None), Blame.UNFIT, "A"),
    ("openai", 429, oai("insufficient_quota", kind="insufficient_quota"), Blame.EXHAUSTED, "A"),
    ("openai", 429, oai(None, "You exceeded your current quota, please check your plan."), Blame.EXHAUSTED, "A"),
    ("openai", 400, oai("billing_hard_limit_reached"), Blame.EXHAUSTED, "B"),
    ("openai", 429, oai("billing_not_active"), Blame.EXHAUSTED, "B"),
    ("openai", 429, oai("rate_limit_exceeded", "Rate limit reached on requests per min (RPM)."), Blame.BUSY, "A"),
    ("openai", 429, oai("rate_limit_exceeded", "Rate limit on tokens per min (TPM).", "tokens"), Blame.BUSY, "B"),
    ("openai", 429, oai("rate_limit_exceeded", "Rate limit on requests per day (RPD)."), Blame.EXHAUSTED, "B"),
    ("openai", 503, oai("slow_down"), Blame.BUSY, "A"),
    ("openai", 500, oai(None, "The server had an error.", "server_error"), Blame.OUTAGE, "A"),
    ("openai", 503, oai(None, "The engine is currently overloaded.", "server_error"), Blame.OUTAGE, "A"),
    ("openai", 400, {"object": "error", "message": "It is odd.", "type": "BadRequestError"}, Blame.UNFIT, "L"),
    ("openai", 404, {"error": "model 'llama9' not found"}, Blame.CREDENTIAL, "L"),
    ("openai", 404, {"detail": "Not Found"}, Blame.CREDENTIAL, "L"),
    ("anthropic", 400, ant("invalid_request_error"), Blame.UNFIT, "C"),
    ("anthropic", 400, ant("invalid_request_error", "Your credit balance is too low"), Blame.EXHAUSTED, "D"),
    ("anthropic", 400, ant("invalid_request_error", "You have reached your API usage limits."), Blame.EXHAUSTED, "D"),
    ("anthropic", 400, ant("invalid_request_error", "prompt is too long: 9 tokens > 8 maximum"), Blame.UNFIT, "C"),
    ("anthropic", 400, ant("invalid_request_error", "Output blocked by content filtering policy"), Blame.CALLER, "D"),
    ("anthropic", 400, ant("invalid_request_error", "This organization has been disabled."), Blame.CREDENTIAL, "D"),
    ("anthropic", 400, ant("invalid_request_error", "max_tokens: 9 > 8, the maximum"), Blame.CREDENTIAL, "D"),
    ("anthropic", 401, ant("authentication_error", "invalid x-api-key"), Blame.CREDENTIAL, "C"),
    ("anthropic", 402, ant("billing_error"), Blame.EXHAUSTED, "C"),
    ("anthropic", 403, ant("permission_error"), Blame.CREDENTIAL, "C"),
    ("anthropic", 404, ant("not_found_error", "model: claude-9"), Blame.CREDENTIAL, "C"),
    ("anthropic", 413, ant("request_too_large"), Blame.UNFIT, "C"),
    ("anthropic", 429, ant("rate_limit_error", "would exceed your organization's rate limit"), Blame.BUSY, "C"),
    ("anthropic", 429, ant("rate_limit_error", "Number of concurrent connections has exceeded"), Blame.CROWDED, "D"),
    ("anthropic", 500, ant("api_error"), Blame.OUTAGE, "C"),
    ("anthropic", 504, ant("timeout_error"), Blame.OUTAGE, "C"),
    ("anthropic", 529, ant("overloaded_error", "Overloaded"), Blame.OUTAGE, "C"),
    ("elevenlabs", 401, ell("quota_exceeded"), Blame.EXHAUSTED, "E"),
    ("elevenlabs", 401, ell("invalid_api_key"), Blame.CREDENTIAL, "E"),
    ("elevenlabs", 401, ell("needs_authorization"), Blame.CREDENTIAL, "E"),
    ("elevenlabs", 401, ell("missing_permissions"), Blame.CREDENTIAL, "F"),
    ("elevenlabs", 401, ell("detected_unusual_activity"), Blame.CREDENTIAL, "F"),
    ("elevenlabs", 401, ell("payment_issue"), Blame.EXHAUSTED, "F"),
    ("elevenlabs", 402, {"detail": {"type": "payment_required", "message": "Pay."}}, Blame.EXHAUSTED, "F"),
    ("elevenlabs", 403, ell("only_for_creator+"), Blame.CREDENTIAL, "F"),
    ("elevenlabs", 400, ell("voice_not_found"), Blame.CREDENTIAL, "E"),
    ("elevenlabs", 400, ell("model_not_found"), Blame.CREDENTIAL, "F"),
    ("elevenlabs", 400, ell("max_character_limit_exceeded"), Blame.UNFIT, "E"),
    ("elevenlabs", 400, {"detail": {"code": "text_too_long", "type": "validation_error"}}, Blame.UNFIT, "F"),
    ("elevenlabs", 400, ell("input_text_empty"), Blame.CALLER, "F"),
    ("elevenlabs", 400, ell("unheard_of"), Blame.UNFIT, "F"),
    ("elevenlabs", 422, {"detail": [{"loc": ["body"], "msg": "Field required"}]}, Blame.UNFIT, "F"),
    ("elevenlabs", 429, ell("too_many_concurrent_requests"), Blame.CROWDED, "F"),
    ("elevenlabs", 429, ell("system_busy"), Blame.BUSY, "F"),
    ("elevenlabs", 404, {"detail": "Not Found"}, Blame.CREDENTIAL, "F"),
    ("elevenlabs", 500, ell("internal_server_error"), Blame.OUTAGE, "F"),
    ("google", 400, goo("INVALID_ARGUMENT"), Blame.UNFIT, "G"),
    ("google", 400, goo("INVALID_ARGUMENT", "Either `input.text` or `input.ssml` is longer"), Blame.UNFIT, "H"),
    ("google", 400, goo("INVALID_ARGUMENT", "This request contains sentences that are too long."), Blame.UNFIT, "H"),
    ("google", 400, goo("INVALID_ARGUMENT", "Invalid SSML. Newer voices require valid SSML."), Blame.CALLER, "H"),
    ("google", 400, goo("INVALID_ARGUMENT", "API key not valid.", "API_KEY_INVALID"), Blame.CREDENTIAL, "G"),
    ("google", 400, goo("INVALID_ARGUMENT", "API key expired. Please renew the API key."), Blame.CREDENTIAL, "H"),
    ("google", 401, goo("UNAUTHENTICATED"), Blame.CREDENTIAL, "G"),
    ("google", 403, goo("PERMISSION_DENIED", reason="SERVICE_DISABLED"), Blame.CREDENTIAL, "G"),
    ("google", 403, goo("PERMISSION_DENIED", reason="BILLING_DISABLED"), Blame.CREDENTIAL, "G"),
    ("google", 403, goo("PERMISSION_DENIED", reason="API_KEY_SERVICE_BLOCKED"), Blame.CREDENTIAL, "G"),
    ("google", 429, goo("RESOURCE_EXHAUSTED", "Quota", "RATE_LIMIT_EXCEEDED", "PerMinute"), Blame.BUSY, "G"),
    ("google", 429, goo("RESOURCE_EXHAUSTED", "Quota", "RATE_LIMIT_EXCEEDED", "PerDay"), Blame.EXHAUSTED, "H"),
    ("google", 429, goo("RESOURCE_EXHAUSTED", "limit 'Requests per day' of service"), Blame.EXHAUSTED, "H"),
    ("google", 500, goo("INTERNAL"), Blame.OUTAGE, "G"),
    ("google", 503, goo("UNAVAILABLE"), Blame.OUTAGE, "G"),
    ("google", 504, goo("DEADLINE_EXCEEDED"), Blame.OUTAGE, "G"),
    ("polly", 400, "ThrottlingException", Blame.BUSY, "J"),
    ("polly", 429, "TooManyRequestsException", Blame.BUSY, "J"),
    ("polly", 400, "TextLengthExceededException", Blame.UNFIT, "I"),
    ("polly", 400, "LanguageNotSupportedException", Blame.UNFIT, "I"),
    ("polly", 400, "ValidationException", Blame.UNFIT, "J"),
    ("polly", 400, "EngineNotSupportedException", Blame.CREDENTIAL, "I"),
    ("polly", 400, "InvalidSampleRateException", Blame.CREDENTIAL, "I"),
    ("polly", 404, "LexiconNotFoundException", Blame.CREDENTIAL, "I"),
    ("polly", 400, "InvalidSsmlException:http://internal.amazon.com/coral/com.amazon.example/", Blame.CALLER, "I"),
    ("polly", 403, "UnrecognizedClientException", Blame.CREDENTIAL, "J"),
    ("polly", 403, "InvalidSignatureException", Blame.CREDENTIAL, "J"),
    ("polly", 403, "AccessDeniedException", Blame.CREDENTIAL, "J"),
    ("polly", 403, "ExpiredTokenException", Blame.CREDENTIAL, "J"),
    ("polly", 400, "RequestExpired", Blame.CREDENTIAL, "J"),
    ("polly", 500, "ServiceFailureException", Blame.OUTAGE, "I"),
    ("polly", 503, "ServiceUnavailable", Blame.OUTAGE, "J"),
    ("polly", 402, "ServiceQuotaExceededException", Blame.EXHAUSTED, "J"),
    ("stripe", 401, oai(None, "Invalid API Key provided"), Blame.CREDENTIAL, "K"),
    ("stripe", 401, oai("api_key_expired"), Blame.CREDENTIAL, "K"),
    ("stripe", 429, oai("rate_limit"), Blame.BUSY, "K"),
    ("stripe", 500, oai(None, kind="api_error"), Blame.OUTAGE, "K"),
]  # fmt: skip


def heard(status: int, told: object, headers: Mapping[str, str] | None = None) -> Heard:
    """A reply with a document, or Amazon's with its kind in a header."""
    if isinstance(told, str):
        return Heard(status, {"x-amzn-errortype": told, **(headers or {})}, b'{"message": "No."}')
    return Heard(status, headers or {}, json.dumps(told).encode())


@pytest.mark.parametrize(
    ("vendor", "status", "told", "blame", "source"),
    ROWS,
    ids=[f"{number}-{row[0]}-{row[1]}-{row[4]}" for number, row in enumerate(ROWS)],
)
def test_a_refusal_means_what_its_body_says(
    vendor: str, status: int, told: object, blame: Blame, source: str
) -> None:
    fault = READERS[vendor](heard(status, told), NOW)

    assert (blame, Charged.NO) == (fault.blame, fault.charged), fault
    assert fault.code
    assert fault.message


def test_there_is_a_row_for_every_word_that_ends_a_call() -> None:
    assert len(ROWS) >= 100
    assert set(READERS) == {row[0] for row in ROWS}


@pytest.mark.parametrize("vendor", READERS)
@pytest.mark.parametrize(
    "body", [b"", b"<html>Bad gateway</html>", b"[]", b"null", b'{"error": 7}', b'"' * 9]
)
@pytest.mark.parametrize(
    ("status", "blame", "charged"),
    [
        (302, Blame.CREDENTIAL, Charged.NO),
        (401, Blame.CREDENTIAL, Charged.NO),
        (404, Blame.CREDENTIAL, Charged.NO),
        (418, Blame.UNFIT, Charged.NO),
        (429, Blame.BUSY, Charged.NO),
        (500, Blame.OUTAGE, Charged.MAYBE),
        (502, Blame.OUTAGE, Charged.MAYBE),
        (503, Blame.OUTAGE, Charged.NO),
        (504, Blame.OUTAGE, Charged.MAYBE),
    ],
)
def test_a_refusal_without_words_is_read_by_its_status(
    vendor: str, body: bytes, status: int, blame: Blame, charged: Charged
) -> None:
    fault = READERS[vendor](Heard(status, {}, body), NOW)

    if b"7" not in body or vendor != "openai":  # servers of others may say no more than a number
        assert (blame, charged, f"http_{status}") == (fault.blame, fault.charged, fault.code)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2", None),
        ("5", None),
        ("6", NOW + timedelta(seconds=6)),
        ("0.5", None),
        ("90000000000", NOW + timedelta(days=1)),
        ("Sun, 22 Nov 2026 12:01:00 GMT", NOW + timedelta(minutes=1)),
        ("Sun, 22 Nov 2026 11:00:00 GMT", None),
        ("soon", None),
        ("nan", None),
        ("-7", None),
        ("inf", None),
        ("", None),
    ],
)
def test_a_vendor_is_left_alone_for_as_long_as_it_says(told: str, expected: datetime | None) -> None:
    busy = heard(429, oai("rate_limit_exceeded"), {"retry-after": told})

    assert expected == openai.read_fault(busy, NOW).rest_until


def test_a_wrong_key_does_not_get_better_by_waiting() -> None:
    refused = heard(401, oai("invalid_api_key"), {"retry-after": "60"})

    assert openai.read_fault(refused, NOW).rest_until is None
