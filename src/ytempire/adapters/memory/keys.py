"""The keys of the vault in memory: `ports.Keys` over the shared tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ytempire.adapters.memory.tables import ConsentRow, KeyRow, OnTables, Sealed, Tables
from ytempire.domain.events import Event
from ytempire.domain.oauth import Slot
from ytempire.domain.publication import Publication, Session
from ytempire.domain.values import sealed_by
from ytempire.ports import SealedField, SealedPlace, StoredKey


class MemoryKeys(OnTables):
    """Keys, in a dict of rows; what is sealed with them is counted where it stands."""

    async def keys(self) -> tuple[StoredKey, ...]:
        rows = sorted(self._tables.vault_keys.items(), key=lambda item: (item[1].added_at, item[0]))
        return tuple(
            StoredKey(key, row.check, row.added_at, row.retired_at, self._sealed_with(key))
            for key, row in rows
        )

    async def register_keys(self, checks: Mapping[str, str], now: datetime) -> None:
        for key, check in checks.items():
            known = self._tables.vault_keys.get(key, KeyRow(check, now))
            self._tables.vault_keys[key] = replace(known, retired_at=None)

    async def retire_key(self, key: str, now: datetime, events: Sequence[Event]) -> int:
        if not self._tables.in_use(key):
            return 0
        sealed = self._sealed_with(key)
        if not sealed:
            self._tables.record(events)
            self._tables.vault_keys[key] = replace(self._tables.vault_keys[key], retired_at=now)
        return sealed

    async def forget_key(self, key: str, now: datetime, events: Sequence[Event]) -> int:
        tables, forgotten = self._tables, self._sealed_with(key)
        tables.vault_keys[key] = replace(tables.vault_keys[key], retired_at=now)
        for slot in [slot for slot, grant in tables.grants.items() if grant.key == key]:
            del tables.grants[slot]
        for which, session in [place for place, sealed in tables.addresses.items() if sealed.key == key]:
            del tables.addresses[which, session]
            at = tables.publications[which]
            if at.session is not None and at.session.id == session:
                tables.publications[which] = replace(at, session=replace(at.session, sealed_uri=None))
        for state in [state for state, row in tables.consents.items() if _seals(key, row)]:
            del tables.consents[state]
        for hook in list(tables.hooks.values()):
            kept = tuple(each for each in hook.secrets if each.key != key)
            tables.hooks[hook.name] = replace(hook, secrets=kept)
        tables.record(events)
        return forgotten

    async def sealed_otherwise(self, key: str, limit: int) -> tuple[SealedPlace, ...]:
        return tuple(place for place, used in self._places() if used != key)[:limit]

    async def reseal(self, place: SealedPlace, sealed: str, key: str) -> bool:
        if not self._tables.in_use(key):
            return False
        exchange = {
            "grants": _reseal_grant,
            "sessions": _reseal_session,
            "consents": _reseal_consent,
            "webhook_secrets": _reseal_webhook,
        }
        return exchange[place.table](self._tables, place, Sealed(sealed, key))

    def _sealed_with(self, key: str) -> int:
        return sum(used == key for _, used in self._places())

    def _places(self) -> Iterator[tuple[SealedPlace, str]]:
        """Every sealed text with its key: grants, sessions, consents, webhooks, each by key and owner."""
        grants = self._tables.grants.values()
        for grant in sorted(grants, key=lambda it: (it.key, it.account, it.slot is not Slot.PRIMARY)):
            yield SealedPlace("grants", grant.account, SealedField.GRANT, grant.sealed), grant.key
        addresses = sorted(self._tables.addresses.items(), key=lambda item: (item[1].key, item[0]))
        for (publication, _), sealed in addresses:
            yield SealedPlace("sessions", publication, SealedField.SESSION, sealed.text), sealed.key
        open_ones = (row.consent for row in self._tables.consents.values() if not row.taken)
        for it in sorted(open_ones, key=lambda it: (it.key, it.state_hash)):
            yield SealedPlace("consents", it.account, SealedField.VERIFIER, it.sealed_verifier), it.key
        hooks = self._tables.hooks.values()
        secrets = [(each.key, hook.name, each) for hook in hooks for each in hook.secrets]
        for key, name, secret in sorted(secrets, key=lambda each: each[:2]):
            yield SealedPlace("webhook_secrets", name, SealedField.WEBHOOK, secret.sealed), key


def address_in_use(tables: Tables, publication: Publication) -> bool:
    """May the address of its session be stored? One that is stored already may, and one that tells no key."""
    session = publication.session
    if session is None or session.sealed_uri is None or (publication.id, session.id) in tables.addresses:
        return True
    key = sealed_by(session.sealed_uri)
    return not key or tables.in_use(key)


def stored_session(tables: Tables, publication: Publication) -> Session | None:
    """The session of a publication with its address as stored, which is stored now unless it was before."""
    session = publication.session
    if session is None:
        return None
    place = (publication.id, session.id)
    if session.sealed_uri is not None:
        tables.addresses.setdefault(place, Sealed(session.sealed_uri, sealed_by(session.sealed_uri)))
    stored = tables.addresses.get(place)
    text = stored.text if stored else None
    return session if session.sealed_uri == text else replace(session, sealed_uri=text)


def _seals(key: str, row: ConsentRow) -> bool:
    return not row.taken and row.consent.key == key


def _reseal_grant(tables: Tables, place: SealedPlace, new: Sealed) -> bool:
    for where, grant in tables.grants.items():
        if grant.account == place.owner and grant.sealed == place.sealed:
            tables.grants[where] = replace(grant, sealed=new.text, key=new.key)
            return True
    return False


def _reseal_session(tables: Tables, place: SealedPlace, new: Sealed) -> bool:
    for (publication, session), stored in tables.addresses.items():
        if publication == place.owner and stored.text == place.sealed:
            tables.addresses[publication, session] = new
            at = tables.publications[publication]
            tables.publications[publication] = replace(at, session=stored_session(tables, at))
            return True
    return False


def _reseal_consent(tables: Tables, place: SealedPlace, new: Sealed) -> bool:
    for where, row in tables.consents.items():
        it = row.consent
        if not row.taken and it.account == place.owner and it.sealed_verifier == place.sealed:
            renewed = replace(it, sealed_verifier=new.text, key=new.key)
            tables.consents[where] = replace(row, consent=renewed)
            return True
    return False


def _reseal_webhook(tables: Tables, place: SealedPlace, new: Sealed) -> bool:
    hook = tables.hooks.get(place.owner)
    if hook is None or all(each.sealed != place.sealed for each in hook.secrets):
        return False
    renewed = tuple(
        replace(each, sealed=new.text, key=new.key) if each.sealed == place.sealed else each
        for each in hook.secrets
    )
    tables.hooks[hook.name] = replace(hook, secrets=renewed)
    return True
