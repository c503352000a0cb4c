"""Programs for leases: `ports.Leases`. One conditional statement takes one."""

from datetime import datetime

from ytempire.adapters.sql.documents import moment_text
from ytempire.adapters.sql.program import Program, Statement

_TAKE = """
INSERT INTO leases (name, holder, until) VALUES (:name, :holder, :until)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
WHERE leases.until <= :now OR leases.holder = excluded.holder
RETURNING name
"""
_DROP = "DELETE FROM leases WHERE name = :name AND holder = :holder"


def take_lease(name: str, holder: str, now: datetime, until: datetime) -> Program[bool]:
    """Takes or prolongs a lease; False while somebody else holds it."""
    params = {"name": name, "holder": holder, "now": moment_text(now), "until": moment_text(until)}
    rows = yield Statement(_TAKE, params)
    return bool(rows)


def drop_lease(name: str, holder: str) -> Program[None]:
    """Gives a lease back, if it is still the holder's."""
    yield Statement(_DROP, {"name": name, "holder": holder})
