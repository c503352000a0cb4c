"""Where the keys of the vault come from, and what is done with the ring as a whole.

Keys are the value of YTEMPIRE_KEY if there is one, else those of the key file, which may be protected with the
passphrase in YTEMPIRE_PASSPHRASE.
"""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ytempire.domain.audit import Use
from ytempire.domain.events import Event, Kind
from ytempire.domain.values import Mendable, Secret
from ytempire.ports import Store
from ytempire.services.context import Context
from ytempire.services.lost_keys import Forgotten, LostKeys
from ytempire.services.rotation import Rotated, Rotation
from ytempire.services.safe import Safe
from ytempire.settings import Settings

if TYPE_CHECKING:
    from ytempire.adapters.vault import Vault

KEY = "YTEMPIRE_KEY"
PASSPHRASE = "YTEMPIRE_PASSPHRASE"


def source(settings: Settings) -> Path | Secret:
    """The key file, or the keys of the environment."""
    named = os.environ.get(KEY)
    return Secret(named) if named else settings.at_home(settings.vault.key_file)


def passphrase() -> Secret | None:
    """The passphrase of the key file, if one is given."""
    named = os.environ.get(PASSPHRASE)
    return Secret(named) if named else None


async def proven_vault(settings: Settings, store: Store, now: datetime, *, prove: bool = True) -> "Vault":
    """The vault, proven to hold every key that something stored is sealed with. Raises `VaultError`.

    Without `prove` keys may be missing: for whoever starts over without them.
    """
    from ytempire.adapters.vault import Vault

    stored = await store.keys()
    needed = {key.id: key.check for key in stored if key.sealed} if prove else {}
    vault = Vault.load(source(settings), checks=needed, passphrase=passphrase())
    await register(store, vault, {key.id for key in stored if key.retired_at is None}, now)
    return vault


async def register(store: Store, vault: "Vault", known: set[str], now: datetime) -> None:
    """Makes keys of the ring known to the store that it does not know yet."""
    checks: Mapping[str, str] = {key: vault.fingerprint(key) for key in vault.key_ids if key not in known}
    if checks:
        await store.register_keys(checks, now)


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One key: on the ring, in the store, or in both. `sealed` counts what it seals."""

    id: str
    writes: bool
    on_ring: bool
    added_at: datetime | None
    retired_at: datetime | None
    sealed: int


@dataclass(frozen=True, slots=True)
class Ring:
    """The ring of a house, for the commands about keys."""

    settings: Settings
    context: Context
    vault: "Vault"
    safe: Safe
    rotation: Rotation

    async def lines(self) -> tuple[KeyLine, ...]:
        """Every key there is or was, the writing one first, then as they were added."""
        on_ring = [facts.id for facts in self.vault.listing()]
        stored = {key.id: key for key in await self.context.store.keys()}
        lines = []
        for key in (*on_ring, *(key for key in stored if key not in on_ring)):
            known = stored.get(key)
            lines.append(
                KeyLine(
                    id=key,
                    writes=bool(on_ring) and key == on_ring[0],
                    on_ring=key in on_ring,
                    added_at=known.added_at if known else None,
                    retired_at=known.retired_at if known else None,
                    sealed=known.sealed if known else 0,
                )
            )
        return tuple(lines)

    async def add(self) -> str:
        """Makes a new key that writes from now on; its id. What is sealed stays sealed with the old one."""
        from ytempire.adapters.vault import Vault

        where = source(self.settings)
        if isinstance(where, Secret):
            return Vault.add_key(where).writing_key  # says how it is done there
        await self.safe.note(Use.KEY_ADDED, None)
        now = self.context.clock.now()
        key = Vault.new_key(now.isoformat())
        # The store first: a worker seals with whatever the file has, and can store only what the store knows
        # the key of. Who dies in between leaves a key that nobody ever had, and nothing sealed with it.
        await self.context.store.register_keys({key.id: key.fingerprint}, now)
        Vault.add_key(where, passphrase=passphrase(), key=key)
        data = {"key": key.id, "by": self.context.actor}
        await self.context.store.record((Event(Kind.KEY_ADDED, now, data=data),))
        return key.id

    async def rotate(self) -> Rotated:
        """Seals everything with a new key; a rotation that was broken off is ended instead of begun anew.

        What nobody can open any more stays with its old key for ever, and says nothing of whether one was.
        """
        ended = await self.rotation.reseal()
        if ended.resealed:
            return ended
        await self.add()
        return await self.rotation.reseal()

    async def retire(self, key: str) -> None:
        """Takes a key off the ring for ever. Raises `Mendable` while anything is sealed with it."""
        from ytempire.adapters.vault import Vault

        lines = {line.id: line for line in await self.lines()}
        if key not in lines:
            raise Mendable(f"there is no key {key}; see `ytempire keys list`")
        if lines[key].writes:
            raise Mendable(f"key {key} is the one that writes; run `ytempire keys rotate` first")
        if lines[key].on_ring and isinstance(source(self.settings), Secret):
            what = f"take key {key} out of {KEY}, start every process of ytempire anew, then retire it here"
            raise Mendable(f"the keys are in {KEY}, which only you can change: {what}")
        left = await self.rotation.retire(key)
        if left:
            raise Mendable(f"{left} texts are still sealed with key {key}; run `ytempire keys rotate` first")
        if lines[key].on_ring:
            Vault.retire_key(source(self.settings), key, passphrase=passphrase())

    async def forget(self, keys: Collection[str]) -> Forgotten:
        """Forgets what only these keys open, which are lost for ever. Raises `Mendable` for one that is not lost."""
        here = [key for key in keys if key in self.vault.key_ids]
        if here:
            raise Mendable(f"key {', '.join(here)} is here; nothing that it opens has to be forgotten")
        return await LostKeys(self.context, self.safe).forget(keys)

    async def protect(self, new: Secret) -> None:
        """Wraps the key file with a new passphrase. Raises `Mendable` when the keys are not in a file."""
        from ytempire.adapters.vault import Vault

        where = self._file()
        await self.safe.note(Use.KEYS_PROTECTED, None)
        Vault.protect(where, new, passphrase=passphrase())

    async def unprotect(self) -> None:
        """Takes the passphrase off the key file. Raises `Mendable` when the keys are not in a file."""
        from ytempire.adapters.vault import Vault

        where = self._file()
        await self.safe.note(Use.KEYS_UNPROTECTED, None)
        Vault.unprotect(where, passphrase() or Secret(""))

    def _file(self) -> Path:
        where = source(self.settings)
        if isinstance(where, Secret):
            raise Mendable(f"the keys are in {KEY}, and there is no key file to protect; unset it first")
        return where
