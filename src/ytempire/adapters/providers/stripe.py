"""Stripe, only to be looked at: docs.stripe.com/api/balance and docs.stripe.com/api/errors."""

from datetime import datetime

from ytempire.adapters.providers.exchange import address, bearer
from ytempire.adapters.providers.faults import Words, refusal, text_of
from ytempire.adapters.providers.web import Heard, Request
from ytempire.domain.chain import Blame, ProviderFault
from ytempire.domain.wire import part
from ytempire.ports.chains import Terms

HOME = "https://api.stripe.com"

_WORDS = Words(
    {
        "api_key_expired": Blame.CREDENTIAL,
        "platform_api_key_expired": Blame.CREDENTIAL,
        "secret_key_required": Blame.CREDENTIAL,
        "testmode_charges_only": Blame.CREDENTIAL,
        "rate_limit": Blame.BUSY,
        "lock_timeout": Blame.BUSY,
        "api_error": Blame.OUTAGE,
    }
)


def balance_request(terms: Terms) -> Request:
    """A look that costs nothing."""
    return Request(
        url=address(terms, HOME, "/v1/balance"), method="GET", headers=bearer(terms.key), keyed=True
    )


def read_fault(heard: Heard, now: datetime) -> ProviderFault:
    """What a reply that is no success says."""
    error = part(heard.document() or {}, "error")
    codes = [text_of(error.get("code")), text_of(error.get("type"))]
    return refusal(heard, codes, text_of(error.get("message")), words=_WORDS, now=now)
