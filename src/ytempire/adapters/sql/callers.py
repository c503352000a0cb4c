"""Programs for callers of the API: `ports.Callers`."""

from collections.abc import Sequence
from datetime import datetime

from ytempire.adapters.sql import log
from ytempire.adapters.sql.documents import (
    document,
    moment,
    moment_text,
    optional_moment,
    optional_text,
    plain,
)
from ytempire.adapters.sql.program import Program, Row, Statement
from ytempire.domain.callers import ApiToken, Role
from ytempire.domain.events import Event
from ytempire.ports import Browser

_TOKEN = """
SELECT t.id, t.name, t.hashed, t.role, t.accounts, t.created_at, t.created_by, t.expires_at, t.revoked_at, t.used_at
FROM api_tokens t
"""
_ALL = _TOKEN + "ORDER BY t.created_at, t.id"
_ONE = _TOKEN + "WHERE t.hashed = :hashed"
_OF_BROWSER = _TOKEN + "JOIN browsers b ON b.token = t.id WHERE b.hashed = :hashed AND b.expires_at > :now"
_ADD = """
INSERT INTO api_tokens (id, name, hashed, role, accounts, created_at, created_by, expires_at)
VALUES (:id, :name, :hashed, :role, :accounts, :created_at, :created_by, :expires_at)
ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING RETURNING id
"""
_USED = "UPDATE api_tokens SET used_at = :now WHERE id = :id AND (used_at IS NULL OR used_at < :now)"
_REVOKE = "UPDATE api_tokens SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL RETURNING id"
_SIGN_OUT = "DELETE FROM browsers WHERE token = :id"
_FORGET = "DELETE FROM browsers WHERE expires_at < :ended"
_SIGN_IN = """
INSERT INTO browsers (hashed, token, created_at, expires_at)
VALUES (:hashed, :token, :created_at, :expires_at)
"""
_DROP = "DELETE FROM browsers WHERE hashed = :hashed"


def add(it: ApiToken, events: Sequence[Event]) -> Program[bool]:
    """Stores a token unless its name is taken."""
    rows = yield Statement(
        _ADD,
        {
            "id": it.id,
            "name": it.name,
            "hashed": it.hashed,
            "role": it.role.value,
            "accounts": None if it.accounts is None else document(sorted(it.accounts)),
            "created_at": moment_text(it.created_at),
            "created_by": it.created_by,
            "expires_at": optional_text(it.expires_at),
        },
    )
    if rows:
        yield from log.record(events)
    return bool(rows)


def every() -> Program[tuple[ApiToken, ...]]:
    """Every token, oldest first."""
    rows = yield Statement(_ALL, {})
    return tuple(map(_token_of, rows))


def one(hashed: str) -> Program[ApiToken | None]:
    """The token with this hash."""
    rows = yield Statement(_ONE, {"hashed": hashed})
    return _token_of(rows[0]) if rows else None


def used(which: str, now: datetime) -> Program[None]:
    """Writes down a use."""
    yield Statement(_USED, {"id": which, "now": moment_text(now)})


def revoke(which: str, now: datetime, events: Sequence[Event]) -> Program[bool]:
    """Revokes a token and signs out its browsers."""
    rows = yield Statement(_REVOKE, {"id": which, "now": moment_text(now)})
    if rows:
        yield Statement(_SIGN_OUT, {"id": which})
        yield from log.record(events)
    return bool(rows)


def sign_in(it: Browser) -> Program[None]:
    """Remembers a browser, and forgets those that ended."""
    yield Statement(_FORGET, {"ended": moment_text(it.created_at)})
    params = {
        "hashed": it.hashed,
        "token": it.token,
        "created_at": moment_text(it.created_at),
        "expires_at": moment_text(it.expires_at),
    }
    yield Statement(_SIGN_IN, params)


def of_browser(hashed: str, now: datetime) -> Program[ApiToken | None]:
    """The token of a browser that is signed in."""
    rows = yield Statement(_OF_BROWSER, {"hashed": hashed, "now": moment_text(now)})
    return _token_of(rows[0]) if rows else None


def sign_out(hashed: str) -> Program[None]:
    """Forgets a browser."""
    yield Statement(_DROP, {"hashed": hashed})


def _token_of(row: Row) -> ApiToken:
    which, name, hashed, role, accounts, created_at, created_by, expires_at, revoked_at, used_at = row
    return ApiToken(
        id=which,
        name=name,
        hashed=hashed,
        role=Role(role),
        created_at=moment(created_at),
        created_by=created_by,
        accounts=None if accounts is None else frozenset(plain(accounts)),
        expires_at=optional_moment(expires_at),
        revoked_at=optional_moment(revoked_at),
        used_at=optional_moment(used_at),
    )
