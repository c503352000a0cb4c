"""Starting over when a key is lost: what only it opens is forgotten, and no video is doubled or lost."""

from typing import cast

import pytest

from tests.builders import FIRST, SECOND, rules
from tests.services.around import THIRD, account_of, backed_up, uses
from tests.services.house import House, a_house, two_accounts
from tests.services.test_rotation import a_full_house
from ytempire.adapters.memory.google import ASK, SEND
from ytempire.adapters.memory.vault import MemoryVault
from ytempire.domain.accounts import Condition
from ytempire.domain.audit import Use
from ytempire.domain.events import Kind
from ytempire.domain.faults import Level
from ytempire.domain.lifecycle import State
from ytempire.domain.oauth import Grant, Slot
from ytempire.domain.publication import Target
from ytempire.domain.values import AccountId
from ytempire.domain.wire import NoReply
from ytempire.ports import HookSecret, SealedField
from ytempire.services.lost_keys import Forgotten, LostKeys
from ytempire.services.webhook_keys import WebhookKeys


async def started_over(house: House) -> Forgotten:
    """The house with another ring, having forgotten what the old one sealed."""
    house.vault = MemoryVault(("second",))
    await house.store.register_keys({"second": "check"}, house.clock.now())
    staff = house.staff()
    return await LostKeys(staff.context, staff.safe).forget(("memory",))


async def test_accounts_are_disconnected_and_stay_the_channels_they_are() -> None:
    house = await a_full_house()
    channels = [each.channel for each in await house.store.accounts(house.clock.now())]

    forgotten = await started_over(house)

    accounts = await house.store.accounts(house.clock.now())
    assert {Condition.DISCONNECTED} == {each.condition for each in accounts}
    assert channels == [each.channel for each in accounts]
    assert Forgotten(6, tuple(each.id for each in accounts), ()) == forgotten
    assert {"memory": 0, "second": 0} == {key.id: key.sealed for key in await house.store.keys()}
    told = await house.events(Kind.ACCOUNT_DISCONNECTED)
    assert ["primary", "backup"] == [
        str(each).partition(":")[0] for each in cast(list[str], told[0].data["still_standing"])
    ]
    assert [6] == [event.data["forgotten"] for event in await house.events(Kind.KEY_RETIRED)]
    assert Use.KEY_RETIRED == (await uses(house))[-1]


@pytest.mark.parametrize("lost", list(Slot))
async def test_an_account_goes_on_with_the_grant_whose_key_is_here(lost: Slot) -> None:
    house = await a_house(rules(FIRST), rules(SECOND), rules(THIRD))
    await backed_up(house)
    kept = Slot.PRIMARY if lost is Slot.BACKUP else Slot.BACKUP
    house.vault.add_key("second")
    await house.store.register_keys({"second": "check"}, house.clock.now())
    sealed = await house.store.grant(FIRST, kept)
    assert sealed is not None
    staff = house.staff()
    opened = await staff.safe.opened(sealed)
    assert isinstance(opened, Grant)
    assert await house.store.save_grant(staff.safe.sealed(sealed, opened), sealed.revision, ())

    forgotten = await started_over(house)

    assert (SECOND, THIRD) == forgotten.accounts
    assert Condition.ACTIVE is (await account_of(house, FIRST)).condition
    left = [(each.account, each.slot) for each in await house.store.grants()]
    assert [(FIRST, Slot.PRIMARY)] == left
    finished = await house.finish((await house.submit()).id)
    assert (State.PUBLISHED, FIRST) == (finished.state, finished.account)
    told = Kind.BACKUP_LOST if lost is Slot.BACKUP else Kind.BACKUP_PROMOTED
    (event,) = await house.events(told)
    assert (FIRST, f"the key that sealed its {lost} grant is lost") == (event.account, event.data["why"])


async def test_what_is_here_is_not_forgotten() -> None:
    house = await a_full_house()
    staff = house.staff()

    assert Forgotten(0, (), ()) == await LostKeys(staff.context, staff.safe).forget(())
    assert {"memory": 6} == {key.id: key.sealed for key in await house.store.keys()}


@pytest.mark.parametrize("done", [False, True], ids=["under way", "last bytes sent"])
async def test_an_upload_whose_address_is_lost_becomes_one_video(done: bool) -> None:
    house = await two_accounts()
    accepted = await house.submit(target=Target(account=FIRST))
    house.google.trouble(SEND, NoReply("cut off", sent=True), **({"done": True} if done else {"stored": 10}))
    assert State.UPLOADING is (await house.advance(accepted.id)).state
    await started_over(house)

    await house.connect(FIRST)
    house.clock.set((await house.now(accepted.id)).due or house.clock.now())
    interrupted = await house.advance(accepted.id)
    finished = await house.finish(accepted.id)

    assert interrupted.reason is not None
    why = "the address of the upload session was forgotten here, with the lost key that sealed it"
    asked = ", so that YouTube cannot be asked whether the video exists" if done else ""
    assert f"{why}{asked}" == interrupted.reason.message
    assert State.PUBLISHED is finished.state, finished.reason
    assert 1 == len(house.youtube.videos)
    assert 0 == house.google.count(ASK)


async def test_a_webhook_whose_secret_is_lost_is_disabled_until_it_has_another() -> None:
    house = await two_accounts()
    sealed = house.vault.seal("shop", SealedField.WEBHOOK, b"secret")
    now = house.clock.now()
    await house.store.add_webhook("shop", HookSecret(sealed, "memory", now), now, ())

    forgotten = await started_over(house)

    hook = await house.store.webhook("shop", now)
    assert hook is not None
    assert (("shop",), (), "the key that sealed its secret is lost") == (
        forgotten.webhooks,
        hook.secrets,
        hook.disabled_why,
    )
    (event,) = await house.events(Kind.WEBHOOK_DISABLED)
    assert ("shop", Level.HIGH) == (event.data["webhook"], event.level)
    desk = WebhookKeys(house.staff().context, house.staff().safe)
    _, another = desk.made("shop")
    assert await house.store.rotate_webhook("shop", another, now, ())
    assert await house.store.enable_webhook("shop", ())
    renewed = await house.store.webhook("shop", now)
    assert renewed is not None
    assert 1 == len(await desk.signing(renewed))


async def test_other_accounts_go_on_meanwhile() -> None:
    house = await two_accounts()
    await started_over(house)
    await house.connect(SECOND)

    finished = await house.finish((await house.submit()).id)

    assert (State.PUBLISHED, SECOND) == (finished.state, finished.account)
    assert Condition.DISCONNECTED is (await account_of(house, AccountId(FIRST))).condition
