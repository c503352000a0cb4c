"""OpenAI, and every server that speaks its language: Chat Completions, or Responses with `api = "responses"`.

Shapes and codes: developers.openai.com/api/reference and /api/docs/guides/error-codes.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ytempire.adapters.providers import prices
from ytempire.adapters.providers.exchange import address, bearer, body_of, document, keyless
from ytempire.adapters.providers.faults import Words, refusal, safe, text_of, unusable
from ytempire.adapters.providers.prompts import Prompt, for_script
from ytempire.adapters.providers.web import Heard, Request, Web
from ytempire.domain.chain import Blame, Charged, Made, ProviderFault
from ytempire.domain.scripts import Script, ScriptOrder
from ytempire.domain.wire import part
from ytempire.ports.chains import Terms

HOME = "https://api.openai.com/v1"

_WORDS = Words(
    {
        "insufficient_quota": Blame.EXHAUSTED,
        "billing_hard_limit_reached": Blame.EXHAUSTED,
        "billing_not_active": Blame.EXHAUSTED,
        "invalid_api_key": Blame.CREDENTIAL,
        "account_deactivated": Blame.CREDENTIAL,
        "invalid_organization": Blame.CREDENTIAL,
        "ip_not_authorized": Blame.CREDENTIAL,
        "unsupported_country_region_territory": Blame.CREDENTIAL,
        "model_not_found": Blame.CREDENTIAL,
        "unsupported_parameter": Blame.CREDENTIAL,  # of this model: the options do not fit it
        "unsupported_value": Blame.CREDENTIAL,
        "authentication_error": Blame.CREDENTIAL,
        "context_length_exceeded": Blame.UNFIT,
        "string_above_max_length": Blame.UNFIT,
        "content_policy_violation": Blame.CALLER,
        "content_filter": Blame.CALLER,
        "invalid_prompt": Blame.CALLER,
        "rate_limit_exceeded": Blame.BUSY,
        "rate_limit_error": Blame.BUSY,
        "slow_down": Blame.BUSY,
        "requests": Blame.BUSY,
        "tokens": Blame.BUSY,
        "server_error": Blame.OUTAGE,
    },
    (
        ("exceeded your current quota", Blame.EXHAUSTED),
        ("requests per day", Blame.EXHAUSTED),
        ("tokens per day", Blame.EXHAUSTED),
        ("maximum context length", Blame.UNFIT),
    ),
)


class OpenAi:
    """A writer of scripts. Without a key it only talks to a configured address, as local servers want it.

    Options: `api` (`chat`, `responses`), `max_tokens`, `limit_name` (what the server calls the limit of tokens
    in a chat: `max_completion_tokens`, for most others `max_tokens`), `effort` (how hard a model thinks).
    """

    def __init__(self, terms: Terms, web: Web) -> None:
        self._terms = terms
        self._web = web

    def price(self, order: ScriptOrder) -> int:
        """See `ports.chains.Writer`."""
        return prices.at_most(self._terms, for_script(order).text, prices.most_tokens(self._terms, order))

    async def write(self, order: ScriptOrder) -> Made[Script] | ProviderFault:
        """See `ports.chains.Writer`."""
        missing = None if self._terms.base_url else keyless(self._terms)
        if missing:
            return missing
        responses = self._terms.options.get("api", "chat") == "responses"
        ask, read = (_response, _read_response) if responses else (_chat, _read_chat)
        path = "/responses" if responses else "/chat/completions"
        wish = ask(self._terms, for_script(order), prices.most_tokens(self._terms, order))
        found = await document(self._web, _request(self._terms, path, wish), self._terms, read_fault)
        if isinstance(found, ProviderFault):
            return found
        made = read(found, self._terms, self._web.clock.now())
        return safe(made, self._terms.key) if isinstance(made, ProviderFault) else made


def models_request(terms: Terms) -> Request:
    """A look that costs nothing: which models are there."""
    return Request(
        url=address(terms, HOME, "/models"),
        method="GET",
        headers=bearer(terms.key),
        keyed=terms.key is not None,
    )


def _request(terms: Terms, path: str, wish: Mapping[str, Any]) -> Request:
    return Request(
        url=address(terms, HOME, path),
        headers={"Content-Type": "application/json", **bearer(terms.key)},
        body=body_of({"model": terms.model, **wish}),
        keyed=terms.key is not None,
    )


def _chat(terms: Terms, prompt: Prompt, most: int) -> dict[str, Any]:
    effort = terms.options.get("effort")
    return {
        "messages": [{"role": "system", "content": prompt.rules}, {"role": "user", "content": prompt.wish}],
        terms.options.get("limit_name", "max_completion_tokens"): most,
        **({"reasoning_effort": effort} if effort else {}),
    }


def _response(terms: Terms, prompt: Prompt, most: int) -> dict[str, Any]:
    effort = terms.options.get("effort")
    return {
        "instructions": prompt.rules,
        "input": prompt.wish,
        "max_output_tokens": most,
        "store": False,
        **({"reasoning": {"effort": effort}} if effort else {}),
    }


def _read_chat(found: Mapping[str, Any], terms: Terms, _now: datetime) -> Made[Script] | ProviderFault:
    usage = part(found, "usage")
    cost = _cost(terms, usage.get("prompt_tokens"), usage.get("completion_tokens"))
    choice = _first(found.get("choices"))
    message, ends = part(choice, "message"), text_of(choice.get("finish_reason"))
    if text_of(message.get("refusal")) or ends == "content_filter":
        return _declined(text_of(message.get("refusal")), cost)
    text = message.get("content")
    if not isinstance(text, str):
        return unusable("no_text", "its answer holds no text", cost)
    return Made(Script(text.strip(), whole=ends != "length"), cost)


def _read_response(found: Mapping[str, Any], terms: Terms, now: datetime) -> Made[Script] | ProviderFault:
    usage = part(found, "usage")
    cost = _cost(terms, usage.get("input_tokens"), usage.get("output_tokens"))
    why = text_of(part(found, "incomplete_details").get("reason"))
    if found.get("status") == "failed":
        error = part(found, "error")
        codes, message = [text_of(error.get("code")), "failed"], text_of(error.get("message"))
        return refusal(Heard(500), codes, message, words=_WORDS, now=now)
    contents = [
        each
        for item in _objects(found.get("output"))
        if item.get("type") == "message"
        for each in _objects(item.get("content"))
    ]
    declined = next(
        (text_of(each.get("refusal")) for each in contents if each.get("type") == "refusal"), None
    )
    if declined is not None or why == "content_filter":
        return _declined(declined or "", cost)
    texts = [text_of(each.get("text")) for each in contents if each.get("type") == "output_text"]
    if not texts and why != "max_output_tokens":
        return unusable("no_text", "its answer holds no text", cost)
    return Made(Script("".join(texts).strip(), whole=found.get("status") != "incomplete"), cost)


def _declined(words: str, cost: int | None) -> ProviderFault:
    """The model answered, was paid, and will not write this."""
    return ProviderFault(Blame.CALLER, "declined", words or "its rules forbid this script", Charged.YES, cost)


def _cost(terms: Terms, read: object, written: object) -> int | None:
    counted = isinstance(read, int) and isinstance(written, int)
    return prices.of_tokens(terms, read, written) if counted else None  # type: ignore[arg-type]  # both are ints


def _objects(found: object) -> list[Mapping[str, Any]]:
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _first(found: object) -> Mapping[str, Any]:
    return next(iter(_objects(found)), {})


def read_fault(heard: Heard, now: datetime) -> ProviderFault:
    """What a reply that is no success says. Servers of others put less into their errors, or only a text."""
    found = heard.document() or {}
    error = part(found, "error") or found
    message = text_of(error.get("message")) or text_of(found.get("error")) or text_of(found.get("detail"))
    codes = [text_of(error.get("code")), text_of(error.get("type"))]
    return refusal(heard, codes, message, words=_WORDS, now=now)
