"""When Google no longer accepts a grant: who connected anew wins, then the backup, then a person is told once."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import FIRST, SECOND
from tests.services.around import Around, account_of, backed_up, held, staffed, tamper, uses
from tests.services.house import CLIENT, House, two_accounts
from ytempire.adapters.memory.google import TOKEN
from ytempire.domain.audit import Use
from ytempire.domain.events import Kind
from ytempire.domain.faults import Fault, Remedy, Scope
from ytempire.domain.oauth import Slot
from ytempire.domain.values import Secret
from ytempire.domain.wire import Answer, Form, Reply

DEAD = timedelta(0)
GONE = Reply(400, {}, b'{"error": "invalid_grant", "error_description": "Token has been revoked."}')


async def codes(house: House) -> list[str]:
    """The kinds of events about grants, in order."""
    told = {Kind.TOKEN_FAILED, Kind.BACKUP_PROMOTED, Kind.GRANT_QUARANTINED, Kind.TOKEN_REFRESHED}
    return [str(event.kind) for _, event in await house.store.events() if event.kind in told]


async def test_the_backup_takes_over_and_nobody_notices() -> None:
    house = await two_accounts()
    await house.connect(FIRST, life=DEAD)
    backup = await backed_up(house)
    house.google.trouble(TOKEN, GONE)
    tokens = house.staff().tokens

    found = await asyncio.gather(*(tokens.fresh(FIRST) for _ in range(100)))

    (token,) = {each.reveal() for each in found if isinstance(each, Secret)}
    assert house.channel() is house.youtube.channel_of(token)
    assert 2 == house.google.count(TOKEN)
    stored = await held(house)
    assert (Slot.PRIMARY, None, backup.connected_at, backup.channel) == (
        stored.slot,
        stored.unusable,
        stored.connected_at,
        stored.channel,
    )
    assert await house.store.grant(FIRST, Slot.BACKUP) is None
    assert "active" == (await house.account())[0]
    assert [str(Kind.BACKUP_PROMOTED)] == await codes(house)
    assert Use.PROMOTED in await uses(house, FIRST)
    assert isinstance(await tokens.fresh(SECOND), Secret)


async def test_the_end_that_google_announced_of_a_backup_is_kept(house: House) -> None:
    ends = house.clock.now() + timedelta(days=6)
    tamper(house, replace(await backed_up(house), ends_at=ends))
    await house.connect(FIRST, life=DEAD)
    house.google.trouble(TOKEN, GONE)

    await house.staff().tokens.fresh(FIRST)

    assert ends == (await held(house)).ends_at


async def test_a_dead_backup_is_no_help_and_one_alert_says_so() -> None:
    house = await two_accounts()
    await house.connect(FIRST, life=DEAD)
    await backed_up(house)
    house.channel().dead = True
    staffs = [house.staff(), house.staff()]

    found = await asyncio.gather(*(staff.tokens.fresh(FIRST) for staff in staffs * 50))
    again = await house.staff().tokens.fresh(FIRST)

    assert {("invalidGrant", Remedy.REAUTHORISE)} == {
        (each.code, each.remedy) for each in (*found, again) if isinstance(each, Fault)
    }
    assert 2 == house.google.count(TOKEN)
    assert [str(Kind.TOKEN_FAILED)] == await codes(house)
    assert ("needs_reauth", "active") == ((await house.account())[0], (await house.account(SECOND))[0])
    assert (await held(house)).unusable
    assert (await held(house, slot=Slot.BACKUP)).unusable


async def test_a_backup_that_was_altered_is_no_help_either(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    tamper(house, replace(await backed_up(house), sealed="rubbish"))
    house.channel().dead = True

    found = [await house.staff().tokens.fresh(FIRST) for _ in range(2)]

    assert [True] * 2 == [isinstance(each, Fault) for each in found]
    assert [str(Kind.GRANT_QUARANTINED), str(Kind.TOKEN_FAILED)] == await codes(house)
    assert "needs_reauth" == (await house.account())[0]


async def test_while_the_backup_cannot_be_asked_nothing_is_given_up(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    await backed_up(house)
    house.google.trouble(TOKEN, GONE)
    house.google.trouble(TOKEN, Reply(503))
    tokens = house.staff().tokens

    fault = await tokens.fresh(FIRST)
    assert isinstance(fault, Fault)
    assert ("tokenEndpoint", Remedy.RETRY, Scope.SERVICE) == (fault.code, fault.remedy, fault.scope)
    assert "active" == (await house.account())[0]

    house.google.trouble(TOKEN, GONE)
    assert isinstance(await tokens.fresh(FIRST), Secret)
    assert [str(Kind.BACKUP_PROMOTED)] == await codes(house)


async def test_a_client_that_is_refused_for_the_backup_is_a_matter_of_configuration(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    await backed_up(house)
    house.google.trouble(TOKEN, GONE)
    house.google.trouble(TOKEN, Reply(401, {}, b'{"error": "invalid_client"}'))

    fault = await house.staff().tokens.fresh(FIRST)

    assert isinstance(fault, Fault)
    assert ("oauthClient", Scope.PROJECT) == (fault.code, fault.scope)
    assert "active" == (await house.account())[0]


async def test_a_backup_that_is_given_later_brings_the_account_back(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    house.google.trouble(TOKEN, GONE)
    assert isinstance(await house.staff().tokens.fresh(FIRST), Fault)
    assert "needs_reauth" == (await house.account())[0]

    await backed_up(house)

    assert isinstance(await house.staff().tokens.fresh(FIRST), Secret)
    assert "active" == (await house.account())[0]


async def test_a_paused_account_whose_grant_dies_stays_paused(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    staff = house.staff()
    await staff.ordering.pause(await account_of(house), "holidays")
    house.channel().dead = True

    found = [await staff.tokens.fresh(FIRST) for _ in range(3)]

    assert [True] * 3 == [isinstance(each, Fault) for each in found]
    assert "paused" == (await house.account())[0]
    assert [str(Kind.TOKEN_FAILED)] == await codes(house)
    assert 1 == house.google.count(TOKEN)
    assert "needs_reauth" == (await staff.ordering.resume(await account_of(house), "back")).condition


class Reconnecting(Around):
    """A Google that no longer accepts a grant, while somebody connects anew."""

    def __init__(self, house: House, life: timedelta) -> None:
        super().__init__(house.google)
        self.house, self.life = house, life

    async def post(self, form: Form) -> Answer:
        await self.house.connect(FIRST, life=self.life)
        return GONE


async def test_who_connected_anew_meanwhile_wins(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    staff = staffed(house, google=Reconnecting(house, timedelta(hours=1)))

    token = await staff.tokens.fresh(FIRST)

    assert isinstance(token, Secret)
    assert house.channel() is house.youtube.channel_of(token.reveal())
    assert [] == await codes(house)
    assert ("active", None) == ((await house.account())[0], (await held(house)).unusable)


async def test_what_was_connected_anew_but_has_no_token_yet_is_tried_again(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    staff = staffed(house, google=Reconnecting(house, DEAD))

    fault = await staff.tokens.fresh(FIRST)

    assert isinstance(fault, Fault)
    assert ("tokenRaced", Remedy.RETRY) == (fault.code, fault.remedy)
    assert isinstance(await house.staff().tokens.fresh(FIRST), Secret)
    assert [str(Kind.TOKEN_REFRESHED)] == await codes(house)


@pytest.mark.parametrize("anew", [True, False], ids=["connected anew", "disconnected"])
async def test_a_promotion_that_loses_a_race_changes_nothing(house: House, anew: bool) -> None:
    await house.connect(FIRST, life=DEAD)
    await backed_up(house)

    class Racing(Around):
        """Answers for the primary as for a dead one; while the backup is asked for, somebody is quicker."""

        asked = 0

        async def post(self, form: Form) -> Answer:
            self.asked += 1
            if self.asked == 1:
                return GONE
            if anew:
                await house.connect(FIRST)
            else:
                await house.staff().disconnecting.disconnect(await account_of(house), "done")
            return Reply(200, {}, b'{"access_token": "late"}')

    found = await staffed(house, google=Racing(house.google)).tokens.fresh(FIRST)

    assert isinstance(found, Fault)
    assert "tokenRaced" == found.code
    assert [] == await codes(house)
    assert ("active" if anew else "disconnected") == (await house.account())[0]


async def test_an_account_that_is_no_longer_configured_is_left_alone(house: House) -> None:
    await backed_up(house)
    tamper(house, replace(await held(house), sealed="rubbish"))
    house.accounts = ()

    fault = await house.staff().tokens.fresh(FIRST)

    assert isinstance(fault, Fault)
    assert "invalidGrant" == fault.code
    assert 0 == house.google.count(TOKEN)


class Meanwhile(Around):
    """A Google: after it was asked for tokens so many times, something happens before it answers."""

    def __init__(self, port: Any, times: int, what: Callable[[], Awaitable[object]]) -> None:
        super().__init__(port)
        self.left = times
        self.what = what

    async def post(self, form: Form) -> Answer:
        answer: Answer = await self.port.post(form)
        self.left -= 1
        if not self.left:
            await self.what()
        return answer


async def test_who_connects_anew_while_a_dead_backup_is_asked_for_keeps_the_new_grant(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    await backed_up(house)
    house.google.trouble(TOKEN, GONE, times=2)
    staff = staffed(house, google=Meanwhile(house.google, 2, lambda: house.connect(FIRST)))

    fault = await staff.tokens.fresh(FIRST)

    assert isinstance(fault, Fault)
    assert Remedy.RETRY is fault.remedy
    assert (await held(house)).unusable is None
    assert "active" == (await house.account())[0]
    assert [] == await codes(house)
    assert isinstance(await staff.tokens.fresh(FIRST), Secret)


async def test_a_refused_token_that_another_process_forgets_costs_no_renewed_refresh_token(
    house: House,
) -> None:
    await house.connect(FIRST, life=timedelta(minutes=4))
    old = await house.staff().tokens.fresh(FIRST, margin=DEAD)
    assert isinstance(old, Secret)
    body = b'{"access_token": "new", "refresh_token": "renewed", "expires_in": 3600}'
    house.google.trouble(TOKEN, Reply(200, {}, body))
    elsewhere = house.staff()
    staff = staffed(house, google=Meanwhile(house.google, 1, lambda: elsewhere.tokens.refused(FIRST, old)))

    await staff.tokens.fresh(FIRST)

    opened = house.vault.open(FIRST, "grant", (await held(house)).sealed)
    assert {"refresh_token": "renewed", "access_token": "new", "client": CLIENT.client_id} == json.loads(
        opened
    )
    assert [str(Kind.TOKEN_REFRESHED)] == await codes(house)
