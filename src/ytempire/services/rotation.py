"""Exchanging the key of the vault: everything sealed with another key is sealed anew, while work goes on.

It can be broken off anywhere and begun again: what is done is done, what is not is found again. A key is
retired only when nothing is sealed with it any more.
"""

from dataclasses import dataclass

from ytempire.domain.audit import Use
from ytempire.domain.events import Event, Kind
from ytempire.domain.values import Mendable
from ytempire.ports import SealedPlace
from ytempire.services.context import Context
from ytempire.services.safe import Safe

_BATCH = 100


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many texts were sealed anew with `key`, and how many could not be opened (and stay as they are)."""

    key: str
    resealed: int
    unreadable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rotation:
    """Seals anew, and retires keys."""

    context: Context
    safe: Safe

    async def reseal(self) -> Rotated:
        """Seals everything with the key that writes now. There is an event when that was anything."""
        key = self.context.vault.writing_key
        await self.safe.note(Use.RESEALED, None, f"to key {key}")
        resealed, rounds, unreadable = 0, 0, dict[SealedPlace, str]()
        while batch := await self._next(key, unreadable):
            rounds += 1
            if rounds > _BATCH + resealed:
                raise Mendable("others keep writing with another key; end them or let them reread their keys")
            for place in batch:
                plain = self._opened(place)
                if plain is None:
                    unreadable[place] = f"{place.field} of {place.owner}"
                else:
                    resealed += await self._one(place, plain)
        if resealed:
            data = {"key": key, "resealed": resealed, "unreadable": len(unreadable)}
            data["by"] = self.context.actor
            await self.context.store.record((Event(Kind.KEYS_ROTATED, self.context.clock.now(), data=data),))
        return Rotated(key, resealed, tuple(unreadable.values()))

    async def retire(self, key: str) -> int:
        """Tells the store that a key is retired: how much is still sealed with it; 0 when it is retired."""
        await self.safe.note(Use.KEY_RETIRED, None, key)
        now = self.context.clock.now()
        event = Event(Kind.KEY_RETIRED, now, data={"key": key, "by": self.context.actor})
        return await self.context.store.retire_key(key, now, (event,))

    async def _next(self, key: str, unreadable: dict[SealedPlace, str]) -> list[SealedPlace]:
        found = await self.context.store.sealed_otherwise(key, _BATCH + len(unreadable))
        return [place for place in found if place not in unreadable]

    def _opened(self, place: SealedPlace) -> bytes | None:
        try:
            return self.context.vault.open(place.owner, place.field, place.sealed)
        except Mendable:
            return None

    async def _one(self, place: SealedPlace, plain: bytes) -> bool:
        vault = self.context.vault
        sealed = vault.seal(place.owner, place.field, plain)
        return await self.context.store.reseal(place, sealed, vault.key_of(sealed))
