"""Renewal ahead of time, round by round: whatever the hour, the zone, or the trouble of a single account."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from benchmarks.refresh import ZONES, host_zone, simulated
from tests.builders import FIRST, SECOND, rules
from tests.services.around import THIRD, Around, DiskFull, Mute, account_of, backed_up, held, staffed, tamper
from tests.services.house import House, a_house
from ytempire.adapters.memory.google import TOKEN
from ytempire.domain.audit import Entry, Use
from ytempire.domain.events import Kind
from ytempire.domain.faults import Fault
from ytempire.domain.oauth import Slot
from ytempire.domain.renewal import AHEAD
from ytempire.domain.values import Secret
from ytempire.domain.wire import Reply

MINUTE = timedelta(minutes=1)


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest) -> Iterator[str]:
    with host_zone(request.param):
        yield request.param


@pytest.mark.unmeasured
async def test_ten_days_of_fifteen_accounts_renew_in_time_in_any_zone(zone: str) -> None:
    days, accounts = 10, 15

    year = await simulated(days, accounts, zone)

    assert (0, 0) == (year.ended, year.faults)
    assert 1.0 == year.share
    assert 25 <= year.least <= year.most <= 30
    assert year.renewals >= days * accounts * 40
    assert year.uses > days * accounts * 24 * 12


async def test_only_what_is_due_is_renewed() -> None:
    house = await a_house(rules(FIRST), rules(SECOND), rules(THIRD))
    await house.connect(FIRST, life=AHEAD)
    await house.connect(SECOND, life=AHEAD + timedelta(seconds=1))
    await house.connect(THIRD, life=timedelta(0))
    before = await held(house, SECOND)

    found = await house.staff().renewal.round()

    assert {FIRST: None, THIRD: None} == found
    assert 2 == house.google.count(TOKEN)
    assert before == await held(house, SECOND)
    assert [house.clock.now() + timedelta(seconds=3599)] * 2 == [
        (await held(house, each)).expires_at for each in (FIRST, THIRD)
    ]


async def test_trouble_with_one_account_is_its_own() -> None:
    house = await a_house(rules(FIRST), rules(SECOND), rules(THIRD))
    for each in (FIRST, SECOND, THIRD):
        await house.connect(each, life=MINUTE)
    house.channel(FIRST).dead = True
    tamper(house, replace(await held(house, SECOND), sealed="rubbish"))

    found = await house.staff().renewal.round()

    first, second = found[FIRST], found[SECOND]
    assert isinstance(first, Fault)
    assert isinstance(second, Fault)
    assert (("invalidGrant", "invalidGrant"), None) == ((first.code, second.code), found[THIRD])
    assert {} == await house.staff().renewal.round()
    conditions = [str((await account_of(house, each)).condition) for each in (FIRST, SECOND, THIRD)]
    assert ["needs_reauth", "needs_reauth", "active"] == conditions
    told = [event.account for event in await house.events(Kind.TOKEN_FAILED)]
    assert [FIRST, SECOND] == sorted(str(account) for account in told)


async def test_two_workers_that_renew_at_the_same_moment_ask_once(house: House) -> None:
    await house.connect(FIRST, life=10 * MINUTE)
    one, two = house.staff().renewal, house.staff().renewal

    assert [{FIRST: None}, {FIRST: None}] == [await one.of([FIRST], AHEAD), await two.of([FIRST], AHEAD)]
    assert 1 == house.google.count(TOKEN)


async def test_an_account_that_is_no_longer_configured_is_not_renewed(house: House) -> None:
    await house.connect(FIRST, life=MINUTE)
    house.accounts = ()

    assert {} == await house.staff().renewal.round()
    assert 0 == house.google.count(TOKEN)


async def test_a_paused_account_is_kept_alive(house: House) -> None:
    await house.connect(FIRST, life=MINUTE)
    staff = house.staff()
    await staff.ordering.pause(await account_of(house), "holidays")

    assert {FIRST: None} == await staff.renewal.round()
    assert "paused" == (await house.account())[0]


async def test_a_trail_that_cannot_be_written_ends_the_round_and_the_next_one_makes_up_for_it(
    house: House,
) -> None:
    await house.connect(FIRST, life=10 * MINUTE)

    with pytest.raises(DiskFull):
        await staffed(house, store=Mute(house.store, Use.REFRESHED)).renewal.round()
    assert {FIRST: None} == await house.staff().renewal.round()


async def test_a_backup_takes_over_within_a_round(house: House) -> None:
    await house.connect(FIRST, life=10 * MINUTE)
    await backed_up(house)
    house.google.trouble(TOKEN, Reply(400, {}, b'{"error": "invalid_grant"}'))

    assert {FIRST: None} == await house.staff().renewal.round()
    assert isinstance(await house.staff().tokens.fresh(FIRST), Secret)
    assert 1 == len(await house.events(Kind.BACKUP_PROMOTED))


async def test_a_backup_grant_is_used_once_a_week_and_told_of_when_it_dies(house: House) -> None:
    staff = house.staff()
    await backed_up(house)
    house.clock.advance(timedelta(days=6))
    await staff.renewal.round()
    before = await held(house, slot=Slot.BACKUP)

    house.clock.advance(timedelta(days=1))
    await staff.renewal.round()
    kept = await held(house, slot=Slot.BACKUP)
    house.channel().dead = True
    house.clock.advance(timedelta(days=7))
    await staff.tokens.keep_backup(FIRST)

    assert (before.revision + 1, house.clock.now() - timedelta(days=7)) == (kept.revision, kept.refreshed_at)
    assert 1 == len(await house.events(Kind.BACKUP_LOST))
    assert (await held(house, slot=Slot.BACKUP)).unusable


async def test_no_first_grant_waits_for_backups_that_nobody_needs_today() -> None:
    house = await a_house(rules(FIRST), rules(SECOND))
    for account in (FIRST, SECOND):
        await house.connect(account, life=10 * MINUTE)
        await backed_up(house, account)
    house.clock.advance(timedelta(days=7))

    await house.staff().renewal.round()

    refreshed = [link.entry for link in await house.store.audit_trail() if link.entry.use is Use.REFRESHED]
    assert ["primary", "primary", "backup", "backup"] == [each.detail for each in refreshed]


async def test_the_trouble_of_one_account_is_told_after_the_others_were_renewed() -> None:
    house = await a_house(rules(FIRST), rules(SECOND))
    for account in (FIRST, SECOND):
        await house.connect(account, life=10 * MINUTE)

    class Stuck(Around):
        """A store that takes nothing of the first account, and takes its time with the second."""

        async def audit(self, entry: Entry) -> None:
            if entry.account == FIRST:
                raise DiskFull
            await house.clock.sleep(5)
            await self.port.audit(entry)

    with pytest.raises(DiskFull):
        await staffed(house, store=Stuck(house.store)).renewal.round()

    assert house.clock.now() == (await held(house, SECOND)).refreshed_at


async def test_a_backup_that_is_given_to_an_account_in_need_steps_in_at_the_next_round(house: House) -> None:
    await house.connect(FIRST, life=10 * MINUTE)
    house.google.trouble(TOKEN, Reply(400, {}, b'{"error": "invalid_grant"}'))
    await house.staff().renewal.round()
    assert "needs_reauth" == (await house.account())[0]
    assert {} == await house.staff().renewal.round()

    await backed_up(house)

    assert {FIRST: None} == await house.staff().renewal.round()
    assert "active" == (await house.account())[0]
