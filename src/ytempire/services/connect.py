"""Connecting an account: prove the grant and its channel first, then store it sealed. A refusal stores nothing."""

from dataclasses import dataclass
from datetime import datetime

from ytempire.domain.accounts import Account
from ytempire.domain.audit import Use
from ytempire.domain.calls import my_channel
from ytempire.domain.conditions import Act
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.lessons import FORGOTTEN_BY_CONNECTING, Lesson, Topic, forgotten
from ytempire.domain.oauth import (
    SCOPE,
    Grant,
    GrantDead,
    Refreshed,
    Slot,
    Unreachable,
    merged,
    read_refresh,
    refresh_request,
)
from ytempire.domain.quota import Method
from ytempire.domain.tokenfiles import ImportedGrant
from ytempire.domain.values import AccountId, ChannelId, Refusal, Refused, Unanswered
from ytempire.domain.wire import NoReply, Reply, part, storable
from ytempire.ports import SealedGrant
from ytempire.services.alone import alone
from ytempire.services.context import Context
from ytempire.services.gateway import days_of_a_call
from ytempire.services.safe import Safe
from ytempire.services.standing import account_named, change_of
from ytempire.services.waking import wake

CONNECTING = "connecting"
"""What is done by one at a time: to look whose a channel is, and to store the grant that acts as it."""

_NO_SUCH_METHOD = frozenset({404, 405, 501})
_MAX_STATUS = 30


@dataclass(frozen=True, slots=True)
class Connected:
    """A connected account. `warnings` say what could not be proven, or is more than was asked for."""

    account: AccountId
    slot: Slot
    channel: ChannelId | None
    channel_title: str | None
    scopes: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A grant that was proven to work and waits to be accepted."""

    grant: Grant
    fresh: Refreshed


@dataclass(frozen=True, slots=True)
class _Channel:
    """The channel a grant acts as, as far as it could be looked up."""

    id: ChannelId | None = None
    title: str | None = None
    long_uploads: str = ""


@dataclass(frozen=True, slots=True)
class Connecting:
    """Connects accounts. Raises `Refused` with the remedy, and then nothing is stored.

    A refused grant is not revoked at Google: that would end every grant of the same person, also good ones.
    """

    context: Context
    safe: Safe

    async def import_grant(
        self, account: Account, imported: ImportedGrant, slot: Slot = Slot.PRIMARY
    ) -> Connected:
        """Proves an imported grant by a refresh, looks which channel it acts as, and stores it sealed."""
        self._same_client(account, imported)
        await self.may_connect(account, slot)
        return await self.accept(account, await self._proven(account, imported), slot)

    async def accept(self, account: Account, offer: Offer, slot: Slot = Slot.PRIMARY) -> Connected:
        """Looks at the scopes and the channel of a grant that works, and stores it."""
        account = await self.may_connect(account, slot)
        scopes = offer.grant.scopes
        if scopes and SCOPE not in scopes:
            message = f"the grant has {', '.join(scopes)}"
            remedy = f"connect again and consent to {SCOPE}"
            raise Refused(Refusal("scopes", "scope_missing", message, remedy))
        found, warnings = await self._channel(account, offer.grant)
        more = sorted(set(scopes) - {SCOPE})
        if more:
            warnings += (f"the grant allows more than is needed: {', '.join(more)}",)
        async with alone(self.context, CONNECTING):
            # Somebody else may have connected this account, or this channel, while YouTube was asked.
            account = await self.may_connect(account, slot)
            _same_channel(account, found.id)
            await self._one_account_per_channel(account, found.id)
            await self._store(account, offer, slot, found)
        return Connected(account.id, slot, found.id, found.title, scopes, warnings)

    async def may_connect(self, account: Account, slot: Slot) -> Account:
        """The account as it is now: whoever was sent to Google may have been away for minutes.

        Raises `Refused` for an account that is gone, and for a backup of nothing.
        """
        now = await account_named(self.context, account.id)
        if now is None:
            message = f"{account.id} is no longer configured"
            raise Refused(Refusal("account", "not_configured", message, "put it back, and connect again"))
        if slot is Slot.BACKUP and await self.context.store.grant(account.id) is None:
            message = f"{account.id} has no grant yet that a second one could back up"
            raise Refused(
                Refusal("backup", "nothing_to_back_up", message, "connect it without --backup first")
            )
        return now

    def _same_client(self, account: Account, imported: ImportedGrant) -> None:
        client = self.context.clients[account.project]
        if imported.client_id is not None and imported.client_id != client.client_id:
            message = f"the token file belongs to the client {imported.client_id}, the project to {client.client_id}"
            remedy = "use the client secrets file the token was made with, or connect anew"
            raise Refused(Refusal("import", "client_differs", message, remedy))

    async def _proven(self, account: Account, imported: ImportedGrant) -> Offer:
        grant = Grant(imported.refresh_token, imported.access_token, imported.expires_at, imported.scopes)
        now = self.context.clock.now()
        client = self.context.clients[account.project]
        await self.safe.note(Use.REFRESHED, account.id, "a token file")
        answer = await self.context.google.post(refresh_request(client, grant.refresh_token))
        outcome = read_refresh(answer, now)
        if isinstance(outcome, Refreshed):
            return Offer(merged(grant, outcome), outcome)
        if isinstance(outcome, Unreachable):
            raise Unanswered(f"the token endpoint gave no useful answer: {outcome.why}; try again later")
        dead = isinstance(outcome, GrantDead)
        remedy = "make a new token file" if dead else "check the client secrets file of the project"
        message = f"Google did not renew the grant: {outcome.why}"
        raise Refused(Refusal("import", "grant_refused" if dead else "client_refused", message, remedy))

    async def _channel(self, account: Account, grant: Grant) -> tuple["_Channel", tuple[str, ...]]:
        """The channel the grant acts as. A server that knows no channels leaves a warning, not a refusal.

        One that knows them and gives no answer now is asked again later: until then nobody knows whose videos
        would land where.
        """
        answer = await self._ask(account, grant)
        if isinstance(answer, Reply) and "youtubeSignupRequired" in answer.body.decode(errors="replace"):
            raise _no_channel()
        items = None if isinstance(answer, NoReply) or answer.status >= 300 else answer.items()
        if items is None or (items and not isinstance(items[0].get("id"), str)):
            why = answer.why if isinstance(answer, NoReply) else f"HTTP {answer.status}"
            if account.channel is not None:
                message = f"whether the token acts as {account.channel}, the channel of {account.id}, cannot be told"
                raise Unanswered(f"{message}: {why}; try again later")
            if isinstance(answer, NoReply) or not _knows_no_channels(answer):
                raise Unanswered(f"which channel the token acts as cannot be told: {why}; try again later")
            return _Channel(), (f"the channel could not be looked up: {why}",)
        if not items:
            raise _no_channel()
        channel = ChannelId(items[0]["id"])
        _same_channel(account, channel)
        title = part(items[0], "snippet").get("title")
        status = part(items[0], "status").get("longUploadsStatus")
        long_uploads = storable(status, _MAX_STATUS) if isinstance(status, str) else ""
        return _Channel(channel, title if isinstance(title, str) else None, long_uploads), ()

    async def _ask(self, account: Account, grant: Grant) -> Reply | NoReply:
        price = self.context.profiles[account.project].price(Method.CHANNELS_LIST)
        if grant.access_token is None:
            raise TypeError("a renewed grant has an access token")
        now = self.context.clock.now()
        for day in days_of_a_call(now):
            if not await self.context.store.charge(account.project, price, day, at=now):
                raise Refused(
                    Refusal("quota", "hard_stop", "today's quota is used up", "connect after the reset")
                )
        return await self.context.google.call(my_channel(), grant.access_token)

    async def _one_account_per_channel(self, account: Account, channel: ChannelId | None) -> None:
        if channel is None:
            return
        for stored in await self.context.store.grants():
            if stored.channel == channel and stored.account != account.id:
                message = f"the channel {channel} is already connected as {stored.account}"
                raise Refused(Refusal("channel", "channel_taken", message, "connect each channel once"))

    async def _store(self, account: Account, offer: Offer, slot: Slot, found: "_Channel") -> None:
        now = self.context.clock.now()
        before = await self.context.store.grant(account.id, slot)
        blank = SealedGrant(
            account=account.id,
            sealed="",
            key="",
            revision=before.revision if before else 0,
            expires_at=None,
            scopes=(),
            connected_at=now,
            refreshed_at=now,
            channel=found.id or account.channel,
            channel_title=found.title,
            slot=slot,
            ends_at=offer.fresh.ends_at,
        )
        await self.safe.note(Use.STORED, account.id, str(slot))
        data = {"by": self.context.actor, "channel": found.id, "title": found.title, "slot": slot}
        event = Event(Kind.ACCOUNT_CONNECTED, now, Level.INFO, account=account.id, data=data)
        change = None
        if slot is Slot.PRIMARY:
            change = await change_of(self.context, account.id, Act.CONNECTED, "connected")
        sealed = self.safe.sealed(blank, offer.grant)
        if not await self.context.store.save_grant(
            sealed, before.revision if before else None, (event,), change
        ):
            message = "somebody else connected it at the same moment"
            raise Refused(Refusal("account", "connected_meanwhile", message, "look, and try again if needed"))
        if slot is Slot.PRIMARY:
            await self.context.store.learn(account.id, _lessons(found, now), ())
        await wake(self.context, account.id)


def _lessons(found: _Channel, now: datetime) -> tuple[Lesson, ...]:
    """What was refused before may be allowed now, and YouTube says how long videos may be."""
    told = (Lesson(Topic.LONG_UPLOADS, found.long_uploads, now, "looked up when it was connected"),)
    return (*forgotten(set(FORGOTTEN_BY_CONNECTING) - {Topic.LONG_UPLOADS}, now), *told)


def _knows_no_channels(answer: Reply) -> bool:
    """Is it the answer of a server that has no such method, or whose document of it has no channels?"""
    lists_none = answer.status < 300 and answer.is_document and "items" not in answer.json()
    return answer.status in _NO_SUCH_METHOD or lists_none


def _same_channel(account: Account, channel: ChannelId | None) -> None:
    """An account stays the channel it is. Raises `Refused`."""
    if None not in (account.channel, channel) and account.channel != channel:
        message = f"the token acts as channel {channel}, and {account.id} is channel {account.channel}"
        remedy = "choose the right channel on Google's page; for another one, configure another account"
        raise Refused(Refusal("channel", "other_channel", message, remedy))


def _no_channel() -> Refused:
    message = "the Google account of this token has no YouTube channel"
    return Refused(Refusal("channel", "no_channel", message, "choose the right account, or make a channel"))
