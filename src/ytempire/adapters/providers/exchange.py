"""The two ways to talk with a vendor: a document for a document, and a sound that streams into a file."""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ytempire.adapters.providers.faults import safe, unusable
from ytempire.adapters.providers.mishaps import no_room
from ytempire.adapters.providers.wav import Recording, new_recording
from ytempire.adapters.providers.web import LONGEST_REPLY, Heard, Request, Web
from ytempire.domain.chain import Blame, Charged, ProviderFault
from ytempire.domain.values import Secret
from ytempire.ports.chains import Terms

_LONG = 262_144

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
    # A long answer (sound in base64) would hold up the event loop.
    found = await asyncio.to_thread(heard.document) if len(heard.body) > _LONG else heard.document()
    if found is None:
        return safe(unusable("not_json", f"it answered with {_kind(heard)} instead of JSON"), terms.key)
    return found


async def recording(
    web: Web, request: Request, terms: Terms, read_fault: ReadFault, *, into: str, rate: int
) -> Heard | ProviderFault:
    """Streams raw sound (16 bit, mono, little-endian) into a new WAV file; what cannot be such sound is a fault."""
    charged = Charged.NO
    try:
        with new_recording(into, rate) as tape:
            heard = await web.save(request, terms.seconds, tape.write)
            fault = _no_sound(heard, tape, read_fault, web.clock.now())
            if fault:
                return safe(fault, terms.key)
            charged = Charged.YES
            await tape.keep(into)
    except OSError as error:
        return no_room(error, charged)
    return heard


async def kept(rate: int, samples: bytes, into: str) -> ProviderFault | None:
    """Writes samples that came whole into a new WAV file; the fault when that cannot be done."""
    try:
        with new_recording(into, rate) as tape:
            await tape.write(samples)
            await tape.keep(into)
    except OSError as error:
        return no_room(error, Charged.YES)
    return None


def _no_sound(
    heard: Heard | ProviderFault, tape: Recording, read_fault: ReadFault, now: datetime
) -> ProviderFault | None:
    if isinstance(heard, ProviderFault):
        return heard
    if heard.status != 200:
        return read_fault(heard, now)
    wrong = f"it answered with {_kind(heard)} instead of sound" if _is_text(heard) else tape.wrong()
    return unusable("not_audio", wrong) if wrong else None


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
