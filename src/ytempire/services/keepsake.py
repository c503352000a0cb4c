"""Backups of what the vault holds: every grant in one sealed document, independent of the database and its keys."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ytempire.domain.accounts import Account
from ytempire.domain.audit import Use
from ytempire.domain.conditions import Act
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Fault
from ytempire.domain.oauth import Grant, Slot
from ytempire.domain.values import AccountId, ChannelId, Refusal, Refused, Secret
from ytempire.ports import SealedGrant
from ytempire.services.alone import alone
from ytempire.services.connect import CONNECTING
from ytempire.services.context import Context
from ytempire.services.safe import Safe
from ytempire.services.standing import account_named, change_of
from ytempire.services.waking import wake

_FORMAT = "ytempire-grants-1"


@dataclass(frozen=True, slots=True)
class Packed:
    """What went into a backup, in clear, and who could not be taken along and why."""

    document: bytes
    grants: tuple[str, ...]
    left_out: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Packed({', '.join(self.grants)})"


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of the grants of a backup, each named `account (slot)`.

    `other_channel`: the account has another channel by now, or another account has this one; left out.
    """

    restored: tuple[str, ...]
    kept: tuple[str, ...]
    not_configured: tuple[str, ...]
    other_channel: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Keepsake:
    """Makes and restores backups of grants."""

    context: Context
    safe: Safe

    async def pack(self) -> Packed:
        """Every grant that can be opened and used, as a document in clear; the caller must encrypt it."""
        await self.safe.note(Use.BACKED_UP, None)
        entries, names, left_out = [], [], []
        for stored in await self.context.store.grants():
            grant = await self.safe.opened(stored)
            if isinstance(grant, Fault):
                left_out.append(f"{_name(stored.account, stored.slot)}: {grant.detail}")
                continue
            names.append(_name(stored.account, stored.slot))
            entries.append(
                {
                    "account": stored.account,
                    "slot": stored.slot,
                    "refresh_token": grant.refresh_token.reveal(),
                    "scopes": list(stored.scopes),
                    "channel": stored.channel,
                    "channel_title": stored.channel_title,
                }
            )
        made_at = self.context.clock.now().isoformat()
        document = json.dumps({"format": _FORMAT, "made_at": made_at, "grants": entries}).encode()
        return Packed(document, tuple(names), tuple(left_out))

    async def unpack(self, document: bytes, *, replace_all: bool = False) -> Restored:
        """Stores the grants of a backup where there is none that can be used, or all of them.

        A restored grant is proven when it is next renewed. Raises `Refused` for a document that is none of
        ours; then nothing is stored.
        """
        entries = _entries(document)
        async with alone(self.context, CONNECTING):
            found = await self._unpacked(entries, replace_all=replace_all)
        names = {_name(account, slot): account for account, slot, _ in entries}
        for account in sorted({names[name] for name in found.restored}):
            await wake(self.context, account)
        return found

    async def _unpacked(
        self, entries: Sequence[tuple[AccountId, Slot, Mapping[str, Any]]], *, replace_all: bool
    ) -> Restored:
        restored, kept, strangers, misplaced = [], [], [], []
        for account, packed_slot, entry in entries:
            slot, name = packed_slot, _name(account, packed_slot)
            found = await account_named(self.context, account)
            if await self.context.store.grant(account) is None:
                slot = Slot.PRIMARY  # a backup grant whose primary could not be packed is all there is
            stored = await self.context.store.grant(account, slot)
            if found is None:
                strangers.append(name)
            elif stored is not None and stored.unusable is None and not replace_all:
                kept.append(name)
            elif await self._is_of_another_channel(found, entry["channel"]):
                misplaced.append(name)
            else:
                await self._restore(account, slot, entry, stored)
                restored.append(name)
        return Restored(tuple(restored), tuple(kept), tuple(strangers), tuple(misplaced))

    async def _is_of_another_channel(self, account: Account, channel: str | None) -> bool:
        if channel is None:
            return False
        if account.channel is not None and account.channel != channel:
            return True
        grants = await self.context.store.grants()
        return any(each.channel == channel and each.account != account.id for each in grants)

    async def _restore(
        self, account: AccountId, slot: Slot, entry: Mapping[str, Any], stored: SealedGrant | None
    ) -> None:
        await self.safe.note(Use.RESTORED, account, str(slot))
        now = self.context.clock.now()
        blank = SealedGrant(
            account=account,
            sealed="",
            key="",
            revision=stored.revision if stored else 0,
            expires_at=None,
            scopes=tuple(entry["scopes"]),
            connected_at=now,
            channel=ChannelId(entry["channel"]) if entry["channel"] else None,
            channel_title=entry["channel_title"],
            slot=slot,
        )
        sealed = self.safe.sealed(blank, Grant(Secret(entry["refresh_token"]), scopes=blank.scopes))
        data = {"channel": blank.channel, "slot": slot, "from": "a backup", "by": self.context.actor}
        event = Event(Kind.ACCOUNT_CONNECTED, now, account=account, data=data)
        change = None
        if slot is Slot.PRIMARY:
            change = await change_of(self.context, account, Act.CONNECTED, "restored from a backup")
        if not await self.context.store.save_grant(
            sealed, stored.revision if stored else None, (event,), change
        ):
            message = f"somebody else changed {_name(account, slot)} at the same moment"
            raise Refused(Refusal("account", "changed_meanwhile", message, "run the restore again"))


def _entries(document: bytes) -> list[tuple[AccountId, Slot, Mapping[str, Any]]]:
    try:
        found = json.loads(document)
        if found["format"] != _FORMAT:
            raise ValueError(found["format"])
        return [_entry(each) for each in found["grants"]]
    except (ValueError, LookupError, TypeError):
        # `from None`: the error of the parser carries the whole text, secrets included.
        remedy = "give a file made by `ytempire vault backup`"
        raise Refused(Refusal("backup", "malformed", "this is not a backup of grants", remedy)) from None


def _entry(each: Mapping[str, Any]) -> tuple[AccountId, Slot, Mapping[str, Any]]:
    """One grant of a backup. Raises `TypeError`, `ValueError` or `LookupError` when it is none."""
    texts = (each["account"], each["refresh_token"])
    perhaps = (each["channel"], each["channel_title"])
    if not all(isinstance(text, str) for text in (*texts, *each["scopes"])):
        raise TypeError("a grant of a backup has texts")
    if not all(text is None or isinstance(text, str) for text in perhaps):
        raise TypeError("a channel is a text or nothing")
    return AccountId(each["account"]), Slot(each["slot"]), each


def _name(account: AccountId, slot: Slot) -> str:
    return account if slot is Slot.PRIMARY else f"{account} ({slot})"
