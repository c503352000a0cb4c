"""Connecting an account with a token file: prove the grant and its channel first, then store it sealed."""

from dataclasses import dataclass, replace
from datetime import datetime

from ytempire.domain.accounts import Account, Condition, Obstacle
from ytempire.domain.accounts import Kind as AccountKind
from ytempire.domain.calls import my_channel
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.lifecycle import State
from ytempire.domain.oauth import (
    SCOPE,
    Grant,
    GrantDead,
    Refreshed,
    Unreachable,
    merged,
    read_refresh,
    refresh_request,
)
from ytempire.domain.quota import Method
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.tokenfiles import ImportedGrant
from ytempire.domain.values import AccountId, ChannelId, Refusal, Refused, Unanswered
from ytempire.domain.wire import NoReply, Reply
from ytempire.ports import AccountChange, Filter, SealedGrant, Settlement
from ytempire.services.context import Context
from ytempire.services.tokens import FIELD, sealed_document

_MANY = 100_000
"""More publications than a queue ever holds; the rest would be woken by its own due time."""


@dataclass(frozen=True, slots=True)
class Connected:
    """A connected account. `warning` says what could not be proven, or None."""

    account: AccountId
    channel: ChannelId | None
    channel_title: str | None
    scopes: tuple[str, ...]
    warning: str | None


@dataclass(frozen=True, slots=True)
class Connecting:
    """Connects accounts. Raises `Refused` with the remedy, and then nothing is stored."""

    context: Context

    async def import_grant(self, account: Account, imported: ImportedGrant) -> Connected:
        """Proves an imported grant by a refresh, looks which channel it acts as, and stores it sealed."""
        self._same_client(account, imported)
        grant = await self._proven(account, imported)
        if grant.scopes and SCOPE not in grant.scopes:
            message = f"the grant has {', '.join(grant.scopes)}"
            raise Refused(Refusal("scopes", "scope_missing", message, f"consent to {SCOPE}"))
        channel, title, warning = await self._channel(account, grant)
        await self._one_account_per_channel(account, channel)
        await self._store(account, grant, channel, title)
        return Connected(account.id, channel, title, grant.scopes, warning)

    def _same_client(self, account: Account, imported: ImportedGrant) -> None:
        client = self.context.clients[account.project]
        if imported.client_id is not None and imported.client_id != client.client_id:
            message = f"the token file belongs to the client {imported.client_id}, the project to {client.client_id}"
            remedy = "use the client secrets file the token was made with, or connect anew"
            raise Refused(Refusal("import", "client_differs", message, remedy))

    async def _proven(self, account: Account, imported: ImportedGrant) -> Grant:
        grant = Grant(imported.refresh_token, imported.access_token, imported.expires_at, imported.scopes)
        now = self.context.clock.now()
        client = self.context.clients[account.project]
        answer = await self.context.google.post(refresh_request(client, grant.refresh_token))
        outcome = read_refresh(answer, now)
        if isinstance(outcome, Refreshed):
            return merged(grant, outcome)
        if isinstance(outcome, Unreachable):
            raise Unanswered(f"the token endpoint gave no useful answer: {outcome.why}; try again later")
        dead = isinstance(outcome, GrantDead)
        remedy = "make a new token file" if dead else "check the client secrets file of the project"
        message = f"Google did not renew the grant: {outcome.why}"
        raise Refused(Refusal("import", "grant_refused" if dead else "client_refused", message, remedy))

    async def _channel(
        self, account: Account, grant: Grant
    ) -> tuple[ChannelId | None, str | None, str | None]:
        """The channel the grant acts as. A server that does not tell leaves a warning, not a refusal."""
        answer = await self._ask(account, grant)
        if isinstance(answer, NoReply) or answer.status >= 300 or not answer.json():
            why = answer.why if isinstance(answer, NoReply) else f"HTTP {answer.status}"
            if account.channel is not None:
                message = f"whether the token acts as {account.channel}, the channel of {account.id}, cannot be told"
                raise Unanswered(f"{message}: {why}; try again later")
            return None, None, f"the channel could not be looked up: {why}"
        items = answer.json().get("items", [])
        if not items:
            message = "the Google account of this token has no YouTube channel"
            raise Refused(
                Refusal("import", "no_channel", message, "choose the right account, or make a channel")
            )
        channel = ChannelId(str(items[0].get("id")))
        if account.channel is not None and account.channel != channel:
            message = f"the token acts as channel {channel}, and {account.id} is channel {account.channel}"
            raise Refused(Refusal("import", "other_channel", message, "connect the right channel"))
        return channel, items[0].get("snippet", {}).get("title"), None

    async def _ask(self, account: Account, grant: Grant) -> Reply | NoReply:
        price = self.context.profiles[account.project].price(Method.CHANNELS_LIST)
        today = QuotaDay.of(self.context.clock.now())
        if grant.access_token is None:
            raise TypeError("a renewed grant has an access token")
        if not await self.context.store.charge(account.project, price, today):
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
                raise Refused(Refusal("import", "channel_taken", message, "connect each channel once"))

    async def _store(
        self, account: Account, grant: Grant, channel: ChannelId | None, title: str | None
    ) -> None:
        now = self.context.clock.now()
        before = await self.context.store.grant(account.id)
        text = self.context.vault.seal(account.id, FIELD, sealed_document(grant))
        sealed = SealedGrant(
            account=account.id,
            sealed=text,
            key=self.context.vault.key_of(text),
            revision=(before.revision if before else 0) + 1,
            expires_at=grant.expires_at,
            scopes=grant.scopes,
            connected_at=now,
            refreshed_at=now,
            channel=channel or account.channel,
            channel_title=title,
        )
        data = {"channel": channel, "title": title}
        event = Event(Kind.ACCOUNT_CONNECTED, now, Level.INFO, account=account.id, data=data)
        if not await self.context.store.save_grant(sealed, before.revision if before else None, (event,)):
            message = "somebody else connected it at the same moment"
            raise Refused(Refusal("account", "connected_meanwhile", message, "look, and try again if needed"))
        condition = Condition.STANDBY if account.kind is AccountKind.RESERVE else Condition.ACTIVE
        change = AccountChange(account.id, "connected", "connect", condition)
        await self.context.store.change_account(change, now, ())
        await self._wake(now)

    async def _wake(self, now: datetime) -> None:
        """Publications that wait for an account to be brought back look again now."""
        waiting = Filter(frozenset({State.DEFERRED}), limit=_MANY)
        for publication in await self.context.store.publications(waiting):
            if publication.reason is not None and publication.reason.code == Obstacle.CONDITION:
                due = replace(publication, due=now, updated_at=now)
                await self.context.store.settle(Settlement(due))
