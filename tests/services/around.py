"""Ports with somebody standing in the way of some of their calls, and what tests of credentials set up."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.builders import FIRST, MAIN, a_project, rules
from tests.services.house import House, Staff, a_house
from ytempire.domain.accounts import Account
from ytempire.domain.accounts import Kind as AccountKind
from ytempire.domain.audit import Entry, Use
from ytempire.domain.oauth import SCOPE, Grant, Slot
from ytempire.domain.values import AccountId, ChannelId, Secret
from ytempire.ports import AccountRules, SealedField, SealedGrant
from ytempire.services.consent import Begun
from ytempire.services.safe import sealed_document

THIRD = AccountId("account_03")


class Around:
    """A port as it is; who inherits from this stands in the way of some calls."""

    def __init__(self, port: Any) -> None:
        self.port = port

    def __getattr__(self, name: str) -> Any:
        return getattr(self.port, name)


class DiskFull(Exception):
    """Nothing can be written."""


class Mute(Around):
    """A store whose trail takes no entries of these uses (all of them unless named)."""

    def __init__(self, port: Any, *uses: Use) -> None:
        super().__init__(port)
        self.uses = uses or tuple(Use)

    async def audit(self, entry: Entry) -> None:
        if entry.use in self.uses:
            raise DiskFull
        await self.port.audit(entry)


def staffed(house: House, **ports: Any) -> Staff:
    """New services, with some ports exchanged."""
    return house.staff(replace(house.ports(), **ports))


async def a_house_with_a_new_account(*, kind: AccountKind = AccountKind.PRODUCTION) -> House:
    """The first account is connected; the third is configured, and its channel waits."""
    house = await a_house(rules(FIRST))
    newcomer = AccountRules(THIRD, MAIN, kind, daily_uploads=5)
    house.accounts = (*house.accounts, newcomer)
    await house.store.configure([a_project()], house.accounts, house.clock.now())
    house.channel(THIRD)
    return house


async def account_of(house: House, which: AccountId = FIRST) -> Account:
    """One account as it is now."""
    return next(each for each in await house.store.accounts(house.clock.now()) if each.id == which)


async def backed_up(house: House, account: AccountId = FIRST) -> SealedGrant:
    """Gives an account a second grant, not used so far."""
    channel = house.channel(account)
    grant = Grant(Secret(channel.refresh_token), None, None, (SCOPE,))
    text = house.vault.seal(account, SealedField.GRANT, sealed_document(grant))
    backup = SealedGrant(
        account=account,
        sealed=text,
        key=house.vault.key_of(text),
        revision=1,
        expires_at=None,
        scopes=(SCOPE,),
        connected_at=house.clock.now(),
        channel=ChannelId(channel.id),
        slot=Slot.BACKUP,
    )
    assert await house.store.save_grant(backup, None, ())
    return backup


async def held(house: House, account: AccountId = FIRST, slot: Slot = Slot.PRIMARY) -> SealedGrant:
    """The grant that is stored."""
    found = await house.store.grant(account, slot)
    assert found is not None
    return found


def tamper(house: House, grant: SealedGrant) -> None:
    """Changes the row of a grant as somebody would who has the database in hand."""
    house.store._tables.grants[grant.account, grant.slot] = grant


async def uses(house: House, account: AccountId | None = None) -> list[str]:
    """What the trail tells, in order; of one account, if named."""
    trail = await house.store.audit_trail()
    return [link.entry.use for link in trail if account in (None, link.entry.account)]


def state_of(begun: Begun) -> str:
    """The state in the address that a person was sent to."""
    (state,) = parse_qs(urlsplit(begun.address.reveal()).query)["state"]
    return state


def a_yes(begun: Begun, house: House, account: AccountId = THIRD, **changes: str) -> str:
    """The query with which Google sends a person back who chose the channel of an account."""
    fields = {"state": state_of(begun), "code": f"code-{house.channel(account).id}", "scope": SCOPE}
    return urlencode(fields | changes)


def a_no(begun: Begun, error: str = "access_denied") -> str:
    """The query with which Google sends a person back who denied."""
    return urlencode({"state": state_of(begun), "error": error})
