"""Programs for what is read, changed and put back: breakers and the health of services, in `ports.Chainbook`.

A row is replaced by one conditional statement that names the version which was read, so that of several who
changed the same one, one wins.
"""

from collections.abc import Sequence

from ytempire.adapters.sql import log
from ytempire.adapters.sql.chain_documents import breaker_document, breaker_of, vital_document, vital_of
from ytempire.adapters.sql.documents import optional_text
from ytempire.adapters.sql.program import Program, Statement
from ytempire.adapters.sql.rows import Params
from ytempire.domain.breaker import Breaker
from ytempire.domain.events import Event
from ytempire.domain.vitals import Vital

_BREAKERS = "SELECT document, version FROM breakers"
_BREAKER = "SELECT document, version FROM breakers WHERE name = :name"
_FIRST_BREAKER = """
INSERT INTO breakers (name, version, phase, until, document) VALUES (:name, 1, :phase, :until, :document)
ON CONFLICT (name) DO NOTHING
"""
_NEXT_BREAKER = """
UPDATE breakers SET version = version + 1, phase = :phase, until = :until, document = :document
WHERE name = :name AND version = :version
"""
_VITALS = "SELECT document, version FROM vitals"
_VITAL = "SELECT document, version FROM vitals WHERE service = :service"
_FIRST_VITAL = """
INSERT INTO vitals (service, version, health, document) VALUES (:service, 1, :health, :document)
ON CONFLICT (service) DO NOTHING
"""
_NEXT_VITAL = """
UPDATE vitals SET version = version + 1, health = :health, document = :document
WHERE service = :service AND version = :version
"""


def breakers() -> Program[tuple[Breaker, ...]]:
    """Every breaker. Ordered here and not by the database, whose order of names is its language's."""
    rows = yield Statement(_BREAKERS, {})
    return tuple(sorted((breaker_of(*row) for row in rows), key=lambda each: each.name))


def breaker(name: str) -> Program[Breaker | None]:
    """One breaker."""
    rows = yield Statement(_BREAKER, {"name": name})
    return breaker_of(*rows[0]) if rows else None


def swap_breaker(it: Breaker, events: Sequence[Event]) -> Program[bool]:
    """Puts a breaker in place of the version that was read."""
    params: Params = {
        "name": it.name,
        "phase": it.phase.value,
        "until": optional_text(it.until),
        "document": breaker_document(it),
    }
    if it.version == 0:
        swapped = yield Statement(_FIRST_BREAKER, params)
    else:
        swapped = yield Statement(_NEXT_BREAKER, params | {"version": it.version})
    if swapped:
        yield from log.record(events)
    return bool(swapped)


def vitals() -> Program[tuple[Vital, ...]]:
    """The health of every service."""
    rows = yield Statement(_VITALS, {})
    return tuple(sorted((vital_of(*row) for row in rows), key=lambda each: each.service))


def vital(service: str) -> Program[Vital | None]:
    """The health of one service."""
    rows = yield Statement(_VITAL, {"service": service})
    return vital_of(*rows[0]) if rows else None


def swap_vital(it: Vital, events: Sequence[Event]) -> Program[bool]:
    """Puts the health of a service in place of the version that was read."""
    params: Params = {"service": it.service, "health": it.health.value, "document": vital_document(it)}
    if it.version == 0:
        swapped = yield Statement(_FIRST_VITAL, params)
    else:
        swapped = yield Statement(_NEXT_VITAL, params | {"version": it.version})
    if swapped:
        yield from log.record(events)
    return bool(swapped)
