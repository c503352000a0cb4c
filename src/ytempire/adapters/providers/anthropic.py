"""Anthropic's Messages. Shapes and error types: platform.claude.com/docs/en/api and its page on errors."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ytempire.adapters.providers import prices
from ytempire.adapters.providers.exchange import address, body_of, document, keyless, revealed
from ytempire.adapters.providers.faults import Words, refusal, safe, text_of, unusable
from ytempire.adapters.providers.prompts import for_script
from ytempire.adapters.providers.web import Heard, Request, Web
from ytempire.domain.chain import Blame, Charged, Made, ProviderFault
from ytempire.domain.scripts import Script, ScriptOrder
from ytempire.domain.wire import part
from ytempire.ports.chains import Terms

HOME = "https://api.anthropic.com"
_VERSION = "2023-06-01"

_WORDS = Words(
    {
        "authentication_error": Blame.CREDENTIAL,
        "permission_error": Blame.CREDENTIAL,
        "not_found_error": Blame.CREDENTIAL,  # the model, or the address
        "billing_error": Blame.EXHAUSTED,
        "request_too_large": Blame.UNFIT,
        "invalid_request_error": Blame.UNFIT,
        "rate_limit_error": Blame.BUSY,
        "api_error": Blame.OUTAGE,
        "timeout_error": Blame.OUTAGE,
        "overloaded_error": Blame.OUTAGE,
    },
    (
        ("credit balance is too low", Blame.EXHAUSTED),
        ("api usage limits", Blame.EXHAUSTED),
        ("concurrent connections", Blame.CROWDED),
        ("content filtering policy", Blame.CALLER),
        ("organization has been disabled", Blame.CREDENTIAL),
        ("max_tokens:", Blame.CREDENTIAL),  # the option does not fit the model
    ),
)


class Anthropic:
    """A writer of scripts. Options: `max_tokens`."""

    def __init__(self, terms: Terms, web: Web) -> None:
        self._terms = terms
        self._web = web

    def price(self, order: ScriptOrder) -> int:
        """See `ports.chains.Writer`."""
        return prices.at_most(self._terms, for_script(order).text, prices.most_tokens(self._terms, order))

    async def write(self, order: ScriptOrder) -> Made[Script] | ProviderFault:
        """See `ports.chains.Writer`."""
        missing = keyless(self._terms)
        if missing:
            return missing
        prompt = for_script(order)
        wish = {
            "model": self._terms.model,
            "max_tokens": prices.most_tokens(self._terms, order),
            "system": prompt.rules,
            "messages": [{"role": "user", "content": prompt.wish}],
        }
        request = Request(
            url=address(self._terms, HOME, "/v1/messages"),
            headers={"Content-Type": "application/json", **_headers(self._terms)},
            body=body_of(wish),
            keyed=True,
        )
        found = await document(self._web, request, self._terms, read_fault)
        made = found if isinstance(found, ProviderFault) else _read(found, self._terms)
        return safe(made, self._terms.key) if isinstance(made, ProviderFault) else made


def models_request(terms: Terms) -> Request:
    """A look that costs nothing: which models are there."""
    where = address(terms, HOME, "/v1/models")
    return Request(url=where, method="GET", headers=_headers(terms), query={"limit": "1000"}, keyed=True)


def _headers(terms: Terms) -> dict[str, str]:
    return {"x-api-key": revealed(terms), "anthropic-version": _VERSION}


def _read(found: Mapping[str, Any], terms: Terms) -> Made[Script] | ProviderFault:
    usage = part(found, "usage")
    read, written = usage.get("input_tokens"), usage.get("output_tokens")
    cost = (
        prices.of_tokens(terms, read, written) if isinstance(read, int) and isinstance(written, int) else None
    )
    ends = found.get("stop_reason")
    if ends == "refusal":
        return ProviderFault(Blame.CALLER, "declined", "its rules forbid this script", Charged.YES, cost)
    content = found.get("content")
    texts = [
        text_of(each.get("text"))
        for each in (content if isinstance(content, list) else [])
        if isinstance(each, Mapping) and each.get("type") == "text"
    ]
    if not texts:
        return unusable("no_text", "its answer holds no text", cost)
    return Made(Script("".join(texts).strip(), whole=ends not in {"max_tokens", "pause_turn"}), cost)


def read_fault(heard: Heard, now: datetime) -> ProviderFault:
    """What a reply that is no success says."""
    error = part(heard.document() or {}, "error")
    kind, message = text_of(error.get("type")), text_of(error.get("message"))
    if kind == "invalid_request_error" and message.lower().startswith("prompt is too long"):
        kind = "prompt_too_long"
    return refusal(heard, [kind], message, words=_WORDS, now=now)
