"""The two ways to talk with a vendor: a document for a document, and a sound that streams into a file."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ytempire.adapters.providers.faults import safe, unusable
from ytempire.adapters.providers.wav import Recording
from ytempire.adapters.providers.web import LONGEST_REPLY, Heard, Request, Web
from ytempire.domain.chain import Blame, ProviderFault
from ytempire.domain.values import Secret
from ytempire.ports.chains import Terms

ReadFault = Callable[[Heard, datetime], ProviderFault]


def body_of(document: Mapping[str, Any]) -> bytes:
    """A document as the body of a request."""
    return json.dumps(document, ensure_ascii=False).encode(errors="replace")


def address(terms: Terms, usual: str, path: str) -> str:
    """Where a path of a vendor's API is: below the configured address, or the vendor's usual one."""
    return (terms.base_url or usual).rstrip("/") + path


def revealed(terms: Terms) -> str:
    """The key, for the header that sends it; empty when none is configured."""
    return terms.key.reveal() if terms.key else ""


def keyless(terms: Terms) -> ProviderFault | None:
    """The fault of a vendor that has no key; None when it has one."""
    return (
        None if revealed(terms) else ProviderFault(Blame.CREDENTIAL, "no_key", "no key is configured for it")
    )


async def document(
    web: Web, request: Request, terms: Terms, read_fault: ReadFault, *, longest: int = LONGEST_REPLY
) -> Mapping[str, Any] | ProviderFault:
    """The JSON object that answers a request, or why there is none. The price of a failed success is not known."""
    heard = await web.ask(request, terms.seconds, longest=longest)
    if isinstance(heard, ProviderFault):
        return safe(heard, terms.key)
    if heard.status != 200:
        return safe(read_fault(heard, web.clock.now()), terms.key)
    found = heard.document()
    if found is None:
        return safe(unusable("not_json", f"it answered with {_kind(heard)} instead of JSON"), terms.key)
    return found


async def recording(
    web: Web, request: Request, terms: Terms, read_fault: ReadFault, tape: Recording
) -> Heard | ProviderFault:
    """Streams raw sound (16 bit, mono, little-endian) into `tape`; what cannot be such sound is a fault."""
    heard = await web.save(request, terms.seconds, tape.write)
    if isinstance(heard, ProviderFault):
        return safe(heard, terms.key)
    if heard.status != 200:
        return safe(read_fault(heard, web.clock.now()), terms.key)
    if _is_text(heard):
        return safe(unusable("not_audio", f"it answered with {_kind(heard)} instead of sound"), terms.key)
    wrong = tape.wrong()
    return safe(unusable("not_audio", wrong), terms.key) if wrong else heard


def bearer(key: Secret | None) -> dict[str, str]:
    """The usual header of a key; none without one, as local servers want it."""
    return {"Authorization": f"Bearer {key.reveal()}"} if key and key.reveal() else {}


def _kind(heard: Heard) -> str:
    told = heard.headers.get("content-type", "").split(";")[0].strip().lower()
    return (
        told
        if told.replace("/", "").replace("-", "").replace("+", "").isalnum() and len(told) < 60
        else "something"
    )


def _is_text(heard: Heard) -> bool:
    return _kind(heard).startswith(("text/", "application/json", "application/problem", "application/xml"))
