"""Programs for the trail of credential use: `ports.Audit`.

The one row of `audit_head` gives the next number and the hash before; who appends holds it until the commit,
so that the chain has neither gaps nor forks.
"""

from datetime import UTC, datetime

from ytempire.adapters.sql.documents import moment, moment_text
from ytempire.adapters.sql.program import Program, Row, Statement
from ytempire.domain.audit import Entry, Link, Use, linked
from ytempire.domain.values import AccountId, utc

_NEXT = """
INSERT INTO audit_head (id, number, hash) VALUES (1, 1, '')
ON CONFLICT (id) DO UPDATE SET number = audit_head.number + 1
RETURNING number, hash
"""
_APPEND = """
INSERT INTO audit (number, at, actor, deed, account, detail, hash_before, hash)
VALUES (:number, :at, :actor, :deed, :account, :detail, :hash_before, :hash)
"""
_MOVE = "UPDATE audit_head SET hash = :hash WHERE id = 1"
_TRAIL = """
SELECT number, at, actor, deed, account, detail, hash_before, hash FROM audit
WHERE number > :after ORDER BY number LIMIT :limit
"""
_USES = frozenset(Use)
_HEAD = "SELECT number, hash FROM audit_head WHERE id = 1"


def append(entry: Entry) -> Program[None]:
    """Chains an entry to the last one."""
    ((number, before),) = yield Statement(_NEXT, {})
    link = linked(entry, number, before)
    yield Statement(
        _APPEND,
        {
            "number": link.number,
            "at": moment_text(entry.at),
            "actor": entry.actor,
            "deed": str(entry.use),
            "account": entry.account,
            "detail": entry.detail,
            "hash_before": link.before,
            "hash": link.hash,
        },
    )
    yield Statement(_MOVE, {"hash": link.hash})


def trail(after: int, limit: int) -> Program[tuple[Link, ...]]:
    """Links numbered above `after`, in order."""
    rows = yield Statement(_TRAIL, {"after": after, "limit": limit})
    return tuple(map(_link_of, rows))


def head() -> Program[tuple[int, str]]:
    """Number and hash of the last link."""
    rows = yield Statement(_HEAD, {})
    return (rows[0][0], rows[0][1]) if rows else (0, "")


def _link_of(row: Row) -> Link:
    """A link as stored. What nobody here wrote is no reason to stop reading: the chain says that it was changed."""
    number, at, actor, deed, account, detail, before, own = row
    actor, deed, detail, before, own = (_text(each) for each in (actor, deed, detail, before, own))
    use = Use(deed) if deed in _USES else deed
    return Link(
        number, Entry(_moment(at), actor, use, account and AccountId(_text(account)), detail), before, own
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else repr(value)


def _moment(text: object) -> datetime:
    """The moment of an entry; the beginning of the calendar for a text that is none."""
    try:
        return utc(moment(_text(text)))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
