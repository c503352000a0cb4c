"""Breakers, health, calls of chains and drills as JSON documents, and back.

What a statement must know stands in columns beside the document; a version is in its column alone.
"""

from datetime import timedelta
from typing import Any

from ytempire.adapters.sql.documents import (
    document,
    moment,
    moment_text,
    optional_moment,
    optional_text,
    plain,
)
from ytempire.domain.breaker import Breaker, Permit, Phase, Tally
from ytempire.domain.chain import Attempt, Blame, ChainCall, Charged, Quality, Step
from ytempire.domain.vitals import Health, Source, Vital
from ytempire.ports import DrillReport

_MOMENTS = ("since", "seen_at", "error_at", "next_probe", "called_at")
_MICROSECOND = timedelta(microseconds=1)


def breaker_document(it: Breaker) -> str:
    """A breaker as a document."""
    return document(
        {
            "name": it.name,
            "since": moment_text(it.since),
            "phase": it.phase,
            "generation": it.generation,
            "until": optional_text(it.until),
            "failures": it.failures,
            "tallies": [[each.slot, each.calls, each.failures] for each in it.tallies],
            "openings": it.openings,
            "permits": [_permit(each) for each in it.permits],
            "issued": it.issued,
            "succeeded": it.succeeded,
            "why": it.why,
            "by": it.by,
        }
    )


def breaker_of(text: str, version: int) -> Breaker:
    """The breaker of a document."""
    it = plain(text)
    exact = {
        "since": moment(it["since"]),
        "phase": Phase(it["phase"]),
        "until": optional_moment(it["until"]),
        "tallies": tuple(Tally(*each) for each in it["tallies"]),
        "permits": tuple(_permit_of(*each) for each in it["permits"]),
        "version": version,
    }
    return Breaker(**(it | exact))


def _permit(it: Permit) -> list[object]:
    limit = [] if it.limit is None else [it.limit // _MICROSECOND]
    return [it.number, moment_text(it.expires), *limit]


def _permit_of(number: int, expires: str, limit: int | None = None) -> Permit:
    return Permit(number, moment(expires), None if limit is None else limit * _MICROSECOND)


def vital_document(it: Vital) -> str:
    """The health of a service as a document."""
    return document(
        {
            "service": it.service,
            "health": it.health,
            "since": optional_text(it.since),
            "candidate": it.candidate,
            "seen": it.seen,
            "seen_at": optional_text(it.seen_at),
            "source": it.source,
            "latencies": it.latencies,
            "error": it.error,
            "error_at": optional_text(it.error_at),
            "notes": it.notes,
            "next_probe": optional_text(it.next_probe),
            "called_at": optional_text(it.called_at),
        }
    )


def vital_of(text: str, version: int) -> Vital:
    """The health of a document."""
    it = plain(text)
    # Rows of before it was kept do not say when a call last told.
    moments = {name: optional_moment(it.get(name)) for name in _MOMENTS}
    exact = {
        "health": Health(it["health"]),
        "candidate": Health(it["candidate"]),
        "source": None if it["source"] is None else Source(it["source"]),
        "latencies": tuple(it["latencies"]),
        "notes": tuple(it["notes"]),
        "version": version,
    }
    return Vital(**(it | moments | exact))


def call_document(it: ChainCall) -> str:
    """A call of a chain as a document."""
    return document(
        {
            "id": it.id,
            "chain": it.chain,
            "at": moment_text(it.at),
            "outcome": it.outcome,
            "provider": it.provider,
            "quality": it.quality,
            "cost": it.cost,
            "degraded": it.degraded,
            "forced": it.forced,
            "trail": [_attempt(each) for each in it.trail],
        }
    )


def call_of(text: str) -> ChainCall:
    """The call of a document."""
    it = plain(text)
    exact = {
        "at": moment(it["at"]),
        "quality": None if it["quality"] is None else Quality(it["quality"]),
        "trail": tuple(map(_attempt_of, it["trail"])),
    }
    return ChainCall(**(it | exact))


def _attempt(it: Attempt) -> dict[str, object]:
    return {
        "provider": it.provider,
        "quality": it.quality,
        "step": it.step,
        "why": it.why,
        "expected": it.expected,
        "blame": it.blame,
        "charged": it.charged,
        "cost": it.cost,
        "seconds": it.seconds,
    }


def _attempt_of(it: dict[str, Any]) -> Attempt:
    exact = {
        "quality": Quality(it["quality"]),
        "step": Step(it["step"]),
        "blame": None if it["blame"] is None else Blame(it["blame"]),
        "charged": Charged(it["charged"]),
    }
    return Attempt(**(it | exact))


def drill_document(it: DrillReport) -> str:
    """A drill as a document."""
    return document([it.chain, moment_text(it.at), it.by, it.passed, it.links])


def drill_of(text: str) -> DrillReport:
    """The drill of a document."""
    chain, at, by, passed, links = plain(text)
    told = tuple((name, verdict, words) for name, verdict, words in links)
    return DrillReport(chain, moment(at), by, passed, told)
