"""Programs for consents under way: `ports.Consents`. Of many who come back with one state, one takes it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ytempire.adapters.sql.documents import moment, moment_text
from ytempire.adapters.sql.log import record
from ytempire.adapters.sql.program import Program, Row, Statement, Undone
from ytempire.adapters.sql.vault_keys import in_use
from ytempire.domain.events import Event
from ytempire.domain.oauth import Slot
from ytempire.domain.values import AccountId
from ytempire.ports import Consent, Miss

_KEPT = timedelta(days=1)
"""How long the end of a consent is remembered, so that a late comer is told what happened to it."""

_FORGET = "DELETE FROM consents WHERE expires_at < :ended"
_ADD = """
INSERT INTO consents
  (state_hash, account, slot, redirect_uri, sealed_verifier, sealed_by, created_at, expires_at, browser)
VALUES
  (:state_hash, :account, :slot, :redirect_uri, :sealed_verifier, :sealed_by, :created_at, :expires_at,
   :browser)
ON CONFLICT (state_hash) DO NOTHING RETURNING state_hash
"""
_ONE = """
SELECT state_hash, account, slot, redirect_uri, sealed_verifier, sealed_by, created_at, expires_at, browser,
  taken_at
FROM consents WHERE state_hash = :state_hash
"""
_TAKE = """
UPDATE consents SET taken_at = :now, sealed_verifier = '', sealed_by = ''
WHERE state_hash = :state_hash AND taken_at IS NULL AND sealed_verifier = :sealed_verifier
RETURNING state_hash
"""
_TAKEN_AT = 9


def add_consent(it: Consent, events: Sequence[Event]) -> Program[bool]:
    """Remembers a consent, and forgets those that ended long ago."""
    yield Statement(_FORGET, {"ended": moment_text(it.created_at - _KEPT)})
    rows = yield Statement(
        _ADD,
        {
            "state_hash": it.state_hash,
            "account": it.account,
            "slot": it.slot.value,
            "redirect_uri": it.redirect_uri,
            "sealed_verifier": it.sealed_verifier,
            "sealed_by": it.key,
            "created_at": moment_text(it.created_at),
            "expires_at": moment_text(it.expires_at),
            "browser": it.browser,
        },
    )
    if not rows:
        raise ValueError("this state was used for another consent; make a new one")
    if not (yield from in_use(it.key)):
        raise Undone(answer=False)
    yield from record(events)
    return True


def take_consent(
    state_hash: str, now: datetime, *, account: AccountId | None, browser: str | None
) -> Program[Consent | Miss]:
    """Takes the consent of a state, or says why not.

    Looks again when its verifier was sealed anew, or it was taken, between the look and the taking.
    """
    while True:
        rows = yield Statement(_ONE, {"state_hash": state_hash})
        if not rows:
            return Miss.UNKNOWN
        found = _consent_of(rows[0])
        if rows[0][_TAKEN_AT] is not None:
            return Miss.USED
        if found.expires_at <= now:
            return Miss.EXPIRED
        if account not in (None, found.account) or found.browser not in (None, browser):
            return Miss.FOREIGN
        params = {
            "state_hash": state_hash,
            "now": moment_text(now),
            "sealed_verifier": found.sealed_verifier,
        }
        if (yield Statement(_TAKE, params)):
            return found


def _consent_of(row: Row) -> Consent:
    state_hash, account, slot, redirect_uri, verifier, key, created_at, expires_at, browser, _ = row
    return Consent(
        state_hash=state_hash,
        account=account,
        slot=Slot(slot),
        redirect_uri=redirect_uri,
        sealed_verifier=verifier,
        key=key,
        created_at=moment(created_at),
        expires_at=moment(expires_at),
        browser=browser,
    )
