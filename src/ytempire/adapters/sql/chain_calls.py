"""Programs for what chains did, in `ports.Chainbook`: their calls, how often they fell back, and drills."""

from collections.abc import Sequence
from datetime import datetime

from ytempire.adapters.sql import log
from ytempire.adapters.sql.chain_documents import call_document, call_of, drill_document, drill_of
from ytempire.adapters.sql.documents import moment_text
from ytempire.adapters.sql.program import Program, Row, Statement
from ytempire.adapters.sql.rows import Params
from ytempire.domain.chain import ChainCall, Usage
from ytempire.domain.events import Event
from ytempire.ports import DrillReport

_NOTE = """
INSERT INTO chain_calls (id, chain, at, outcome, provider, degraded, forced, document)
VALUES (:id, :chain, :at, :outcome, :provider, :degraded, :forced, :document)
ON CONFLICT (id) DO NOTHING
"""
_ALL = "SELECT document FROM chain_calls WHERE at >= :since ORDER BY at DESC, number DESC LIMIT :limit"
_OF_CHAIN = """
SELECT document FROM chain_calls WHERE chain = :chain AND at >= :since
ORDER BY at DESC, number DESC LIMIT :limit
"""
_USAGE = """
SELECT chain, outcome, provider, degraded, COUNT(*) FROM chain_calls
WHERE at >= :since AND forced = 0 AND outcome <> 'caller' AND outcome <> 'broken_off'
GROUP BY chain, outcome, provider, degraded
"""
"""In the words of the index chain_calls_usage and one more, so that it is found and is all that is read."""
_NOTE_DRILL = """
INSERT INTO drills (chain, at, passed, document) VALUES (:chain, :at, :passed, :document)
"""
_DRILLS = """
SELECT document FROM drills AS one WHERE number = (
  SELECT number FROM drills WHERE chain = one.chain ORDER BY at DESC, number DESC LIMIT 1
)
"""


def note(it: ChainCall, events: Sequence[Event]) -> Program[None]:
    """Stores a call and its events, once for each id."""
    params: Params = {
        "id": it.id,
        "chain": it.chain,
        "at": moment_text(it.at),
        "outcome": it.outcome,
        "provider": it.provider,
        "degraded": int(it.degraded),
        "forced": int(it.forced),
        "document": call_document(it),
    }
    if (yield Statement(_NOTE, params)):
        yield from log.record(events)


def newest(chain: str | None, since: datetime | None, limit: int) -> Program[tuple[ChainCall, ...]]:
    """Calls of one chain or of all, newest first."""
    params: Params = {"since": "" if since is None else moment_text(since), "limit": limit}
    if chain is None:
        rows = yield Statement(_ALL, params)
    else:
        rows = yield Statement(_OF_CHAIN, params | {"chain": chain})
    return tuple(call_of(row[0]) for row in rows)


def usage(since: datetime) -> Program[dict[str, Usage]]:
    """Calls, fallbacks and failures by chain."""
    rows = yield Statement(_USAGE, {"since": moment_text(since)})
    return {chain: _used([row for row in rows if row[0] == chain]) for chain in {row[0] for row in rows}}


def _used(rows: Sequence[Row]) -> Usage:
    served: dict[str, int] = {}
    calls = fallbacks = failures = 0
    for _, outcome, provider, degraded, times in rows:
        calls += times
        if outcome == "failed":
            failures += times
            continue
        served[provider] = served.get(provider, 0) + times
        fallbacks += times if degraded else 0
    return Usage(calls, fallbacks, failures, served)


def note_drill(it: DrillReport, events: Sequence[Event]) -> Program[None]:
    """Stores a drill."""
    params: Params = {
        "chain": it.chain,
        "at": moment_text(it.at),
        "passed": int(it.passed),
        "document": drill_document(it),
    }
    yield Statement(_NOTE_DRILL, params)
    yield from log.record(events)


def drills() -> Program[tuple[DrillReport, ...]]:
    """The newest drill of each chain. Ordered here, as breakers are."""
    rows = yield Statement(_DRILLS, {})
    return tuple(sorted((drill_of(row[0]) for row in rows), key=lambda each: each.chain))
