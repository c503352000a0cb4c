"""Programs for answers to be given again: `ports.Answers`. One conditional statement claims one."""

from datetime import datetime, timedelta

from ytempire.adapters.sql.documents import document, moment_text, plain
from ytempire.adapters.sql.program import Program, Statement
from ytempire.adapters.sql.rows import Params
from ytempire.ports import Asked, AskedOtherwise, Claim, Claimed, InFlight, KeptAnswer

_KEPT = timedelta(days=1)
_FORGET = "DELETE FROM answers WHERE until < :ended"
_CLAIM = """
INSERT INTO answers (caller, name, fingerprint, holder, until)
VALUES (:caller, :name, :fingerprint, :holder, :until)
ON CONFLICT (caller, name) DO UPDATE SET fingerprint = excluded.fingerprint, holder = excluded.holder,
  until = excluded.until, status = NULL, headers = NULL, body = NULL
WHERE answers.until <= :now
RETURNING name
"""
_ONE = "SELECT fingerprint, status, headers, body FROM answers WHERE caller = :caller AND name = :name"
_PROLONG = """
UPDATE answers SET until = :until
WHERE caller = :caller AND name = :name AND holder = :holder AND status IS NULL
"""
_KEEP = """
UPDATE answers SET until = :until, status = :status, headers = :headers, body = :body
WHERE caller = :caller AND name = :name AND holder = :holder AND status IS NULL
RETURNING name
"""
_DROP = """
DELETE FROM answers WHERE caller = :caller AND name = :name AND holder = :holder AND status IS NULL
"""


def claim(asked: Asked, holder: str, now: datetime, until: datetime) -> Program[Claim]:
    """Takes the right to answer, or says what became of it."""
    yield Statement(_FORGET, {"ended": moment_text(now - _KEPT)})
    params = _key(asked) | {
        "fingerprint": asked.fingerprint,
        "holder": holder,
        "now": moment_text(now),
        "until": moment_text(until),
    }
    while True:
        if (yield Statement(_CLAIM, params)):
            return Claimed()
        rows = yield Statement(_ONE, _key(asked))
        if rows:  # else it was dropped in between
            fingerprint, status, headers, body = rows[0]
            if fingerprint != asked.fingerprint:
                return AskedOtherwise()
            return InFlight() if status is None else KeptAnswer(status, plain(headers), body)


def prolong(asked: Asked, holder: str, until: datetime) -> Program[None]:
    """Keeps the right for longer."""
    yield Statement(_PROLONG, _key(asked) | {"holder": holder, "until": moment_text(until)})


def keep(asked: Asked, holder: str, answer: KeptAnswer, until: datetime) -> Program[bool]:
    """Keeps the answer."""
    params = _key(asked) | {
        "holder": holder,
        "until": moment_text(until),
        "status": answer.status,
        "headers": document(dict(answer.headers)),
        "body": answer.body,
    }
    return bool((yield Statement(_KEEP, params)))


def drop(asked: Asked, holder: str) -> Program[None]:
    """Gives the right back."""
    yield Statement(_DROP, _key(asked) | {"holder": holder})


def _key(asked: Asked) -> Params:
    return {"caller": asked.caller, "name": asked.key}
