"""How bad the pretended world is: the rate of each kind of fault, and presets of them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

from ytempire.domain.values import Refusal, Refused


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates from 0 to 1 of each kind of fault.

    For each transfer: `broken_sends`, `lost_replies`, `lost_sessions`. For each small request: `server_errors`,
    `bursts` (429), `silences` (nothing left this machine), `lost_answers` (served, and nobody heard of it),
    `refused_tokens` (401). For each account and day: `dead_grants`, `upload_limits`, `suspensions`. For each
    project and day: `closed_buckets`. For each day: `outages`. For each video: `processing_failures`,
    `rejections`.
    """

    broken_sends: float = 0.0
    lost_replies: float = 0.0
    lost_sessions: float = 0.0
    server_errors: float = 0.0
    bursts: float = 0.0
    silences: float = 0.0
    lost_answers: float = 0.0
    refused_tokens: float = 0.0
    dead_grants: float = 0.0
    upload_limits: float = 0.0
    suspensions: float = 0.0
    closed_buckets: float = 0.0
    outages: float = 0.0
    processing_failures: float = 0.0
    rejections: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Self:
        """From the name of a preset, or `kind=rate,kind=rate`. Raises `Refused` with everything wrong with it."""
        if text in PRESETS:
            return cls(**{kind: getattr(PRESETS[text], kind) for kind in KINDS})
        given, problems = {}, []
        for part in text.split(","):
            name, _, number = part.strip().partition("=")
            rate = _rate(number)
            if name in KINDS and rate is not None:
                given[name] = rate
            else:
                remedy = f"use {', '.join(PRESETS)}, or a rate from 0 to 1 for any of {', '.join(KINDS)}"
                problems.append(Refusal("--faults", "fault_unknown", f"{part.strip()!r} is no rate", remedy))
        if problems:
            raise Refused(*problems)
        return cls(**given)

    def document(self) -> dict[str, float]:
        """The rates above 0."""
        return {kind: getattr(self, kind) for kind in KINDS if getattr(self, kind)}


def _rate(text: str) -> float | None:
    try:
        rate = float(text)
    except ValueError:
        return None
    return rate if 0 <= rate <= 1 else None


KINDS = tuple(field.name for field in fields(Rates))
CALM = Rates()
PRESETS: Mapping[str, Rates] = {
    "none": CALM,
    "mixed": Rates(
        broken_sends=0.05,
        lost_replies=0.01,
        lost_sessions=0.005,
        server_errors=0.01,
        bursts=0.005,
        silences=0.005,
        lost_answers=0.003,
        refused_tokens=0.003,
        dead_grants=0.01,
        upload_limits=0.01,
        suspensions=0.002,
        closed_buckets=0.02,
        outages=0.02,
        processing_failures=0.005,
        rejections=0.002,
    ),
    "bad": Rates(
        broken_sends=0.2,
        lost_replies=0.05,
        lost_sessions=0.03,
        server_errors=0.05,
        bursts=0.03,
        silences=0.02,
        lost_answers=0.02,
        refused_tokens=0.02,
        dead_grants=0.02,
        upload_limits=0.03,
        suspensions=0.003,
        closed_buckets=0.05,
        outages=0.1,
        processing_failures=0.02,
        rejections=0.01,
    ),
}
