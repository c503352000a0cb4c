"""Free looks at services: is it there, does it take our key, and does it say anything that we should know?"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ytempire.adapters.providers import (
    anthropic,
    elevenlabs,
    espeak,
    google_tts,
    openai,
    polly,
    stripe,
    template,
)
from ytempire.adapters.providers.exchange import ReadFault, revealed
from ytempire.adapters.providers.faults import safe, text_of
from ytempire.adapters.providers.web import Heard, Request, Web
from ytempire.domain.chain import Blame, ProviderFault
from ytempire.domain.scripts import ScriptOrder, wrong_script
from ytempire.domain.vitals import Observation
from ytempire.domain.wire import storable
from ytempire.ports.chains import Probe, Terms

_SOON = timedelta(days=60)
_IT_WORKS = frozenset({Blame.CALLER, Blame.UNFIT, Blame.CROWDED})
"""Refusals that a service only gives while it works."""


_KEY = frozenset({400, 401, 403})
"""With these vendors say that they do not take a key; with 404 and 302 it is the address that is wrong."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look found: nothing wrong unless `error` says so, things worth knowing, and models that lack."""

    error: str = ""
    notes: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


Look = Callable[[float], Awaitable[Seen]]


class ServiceProbe:
    """`ports.chains.Probe` around one look."""

    def __init__(self, service: str, web: Web, look: Look) -> None:
        self._service = service
        self._web = web
        self._look = look

    @property
    def service(self) -> str:
        """See `ports.chains.Probe`."""
        return self._service

    async def look(self, seconds: float) -> Observation:
        """See `ports.chains.Probe`."""
        clock = self._web.clock
        start = clock.monotonic()
        seen = await self._look(seconds)
        return Observation(
            self._service,
            clock.now(),
            well=not seen.error,
            latency=clock.monotonic() - start,
            error=storable(seen.error, 300),
            notes=tuple(storable(note, 300) for note in seen.notes),
            lacking=seen.lacking,
        )


class Together:
    """`ports.chains.Probe` around several looks at one service, with the terms of several providers."""

    def __init__(self, service: str, probes: Sequence[Probe]) -> None:
        self._service = service
        self._probes = tuple(probes)

    @property
    def service(self) -> str:
        """See `ports.chains.Probe`."""
        return self._service

    async def look(self, seconds: float) -> Observation:
        """See `ports.chains.Probe`. Ill when one of them says so; what is worth knowing is of them all."""
        seen = await asyncio.gather(*(each.look(seconds) for each in self._probes))
        first = next((each for each in seen if not each.well), seen[0])
        notes = dict.fromkeys(note for each in seen for note in each.notes)
        lacking = dict.fromkeys(model for each in seen for model in each.lacking)
        return replace(first, notes=tuple(notes), lacking=tuple(lacking))


Notes = Callable[[Mapping[str, Any], datetime], Seen]


def vendor_probe(
    terms: Terms, web: Web, ask: Callable[[datetime], Request], read_fault: ReadFault, notes: Notes
) -> ServiceProbe:
    """A look at a vendor with our key: well is who answers it with a document."""

    async def look(seconds: float) -> Seen:
        now = web.clock.now()
        heard = await web.ask(ask(now), seconds)
        if isinstance(heard, ProviderFault):
            return Seen(safe(heard, terms.key).sentence())
        if heard.status != 200:
            fault = safe(read_fault(heard, now), terms.key)
            if fault.blame in _IT_WORKS:
                return Seen(notes=(fault.sentence(),))
            refused = (
                "the key is refused: " if fault.blame is Blame.CREDENTIAL and heard.status in _KEY else ""
            )
            return Seen(refused + fault.sentence())
        found = heard.document()
        if found is None:
            return Seen("it answers with something else than JSON")
        return notes(found, now)

    return ServiceProbe(terms.name, web, look)


def openai_probe(terms: Terms, web: Web) -> ServiceProbe | None:
    """Its models; None without a key, but for a configured address."""
    if not revealed(terms) and not terms.base_url:
        return None
    return vendor_probe(
        terms,
        web,
        lambda _: openai.models_request(terms),
        openai.read_fault,
        _model_notes(terms, "shutdown_date"),
    )


def anthropic_probe(terms: Terms, web: Web) -> ServiceProbe | None:
    """Its models; None without a key."""
    if not revealed(terms):
        return None
    return vendor_probe(
        terms,
        web,
        lambda _: anthropic.models_request(terms),
        anthropic.read_fault,
        _model_notes(terms, "retires_at"),
    )


def elevenlabs_probe(terms: Terms, web: Web) -> ServiceProbe | None:
    """Its credit; None without a key."""
    if not revealed(terms):
        return None
    return vendor_probe(
        terms, web, lambda _: elevenlabs.subscription_request(terms), elevenlabs.read_fault, _credit_notes
    )


def google_tts_probe(terms: Terms, web: Web) -> ServiceProbe | None:
    """Its voices; None without a key."""
    if not revealed(terms):
        return None
    return vendor_probe(
        terms, web, lambda _: google_tts.voices_request(terms), google_tts.read_fault, _no_notes
    )


def polly_probe(terms: Terms, web: Web) -> ServiceProbe | None:
    """Its voices; None without a key."""
    if not revealed(terms) or not terms.key_id:
        return None
    return vendor_probe(terms, web, lambda now: polly.voices_request(terms, now), polly.read_fault, _no_notes)


def stripe_probe(terms: Terms, web: Web) -> ServiceProbe | None:
    """Its balance; None without a key. Nothing of the balance is kept."""
    if not revealed(terms):
        return None
    return vendor_probe(terms, web, lambda _: stripe.balance_request(terms), stripe.read_fault, _no_notes)


def espeak_probe(terms: Terms, web: Web) -> ServiceProbe:
    """Does the child start, and say its version?"""

    async def look(seconds: float) -> Seen:
        found = await espeak.version(seconds)
        return Seen(found.sentence()) if isinstance(found, ProviderFault) else Seen()

    return ServiceProbe(terms.name, web, look)


def template_probe(terms: Terms, web: Web) -> ServiceProbe:
    """Does a shipped template still make a script?"""

    async def look(seconds: float) -> Seen:
        order = ScriptOrder("health", minutes=0.5)
        made = await template.Template(replace(terms, seconds=seconds), web).write(order)
        return Seen(made.sentence() if isinstance(made, ProviderFault) else wrong_script(order, made.value))

    return ServiceProbe(terms.name, web, look)


def token_probe(service: str, uri: str, web: Web) -> ServiceProbe:
    """Google's token endpoint, or one like it: asked for nothing, one that works says what is missing (4xx)."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return _reached(service, web, Request(url=uri, headers=form, body=b""), range(400, 500))


def youtube_probe(service: str, api_root: str, web: Web) -> ServiceProbe:
    """A question without a key, which YouTube refuses in a few bytes of its own and charges to nobody."""
    url = f"{api_root.rstrip('/')}/youtube/v3/i18nRegions"
    return _reached(
        service, web, Request(url=url, method="GET", query={"part": "id"}), [200, *range(400, 500)]
    )


def _reached(service: str, web: Web, request: Request, well: Sequence[int]) -> ServiceProbe:
    async def look(seconds: float) -> Seen:
        heard = await web.ask(request, seconds)
        if isinstance(heard, ProviderFault):
            return Seen(heard.sentence())
        if heard.status not in well or not _is_its_own(heard):
            return Seen(f"it answers with status {heard.status}")
        return Seen()

    return ServiceProbe(service, web, look)


def _is_its_own(heard: Heard) -> bool:
    """A document, or a plain "not found": anything else is the page of a machine in between."""
    return heard.document() is not None or heard.status == 404


def _no_notes(_found: Mapping[str, Any], _now: datetime) -> Seen:
    return Seen()


def _credit_notes(found: Mapping[str, Any], _now: datetime) -> Seen:
    used, limit = found.get("character_count"), found.get("character_limit")
    if not isinstance(used, int) or not isinstance(limit, int):
        return Seen()
    return Seen(notes=(f"{max(limit - used, 0):,} of {limit:,} characters are left",))


def _model_notes(terms: Terms, end: str) -> Notes:
    """Is the configured model there, and for how long? `end` is what the vendor calls the day of its end."""

    def notes(found: Mapping[str, Any], now: datetime) -> Seen:
        rows = found.get("data")
        models = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
        # A name without a date stands for the newest that has one.
        mine = [row for row in models if _is_named(text_of(row.get("id")), terms.model)]
        if not terms.model or not models:
            return Seen()
        if not mine:
            told = f"the model {terms.model} is not among those it offers"
            return Seen(notes=(told,), lacking=(terms.model,))
        day = _day(mine[0].get(end))
        if day is None or day > (now + _SOON).date():
            return Seen()
        return Seen(notes=(f"the model {terms.model} will be shut down on {day}",))

    return notes


def _is_named(listed: str, wanted: str) -> bool:
    dated = listed.removeprefix(f"{wanted}-").replace("-", "")
    return listed == wanted or (listed.startswith(f"{wanted}-") and dated.isdecimal() and len(dated) == 8)


def _day(told: object) -> date | None:
    """A day as vendors write it: an ISO date or moment, or seconds since 1970."""
    try:
        if isinstance(told, str):
            return datetime.fromisoformat(told).date()
        if isinstance(told, int | float) and not isinstance(told, bool) and math.isfinite(told):
            return datetime.fromtimestamp(told, UTC).date()
    except (ValueError, OverflowError, OSError):
        return None
    return None
