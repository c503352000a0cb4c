"""Letting an account go: revoked at Google, erased here whatever Google says, and still remembered."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import FIRST, SECOND
from tests.services.around import (
    Around,
    a_yes,
    account_of,
    backed_up,
    held,
    staffed,
    tamper,
    uses,
)
from tests.services.house import House, two_accounts
from ytempire.adapters.memory.google import REVOKE
from ytempire.domain.audit import Use
from ytempire.domain.events import Kind
from ytempire.domain.faults import Fault, Level
from ytempire.domain.lifecycle import State
from ytempire.domain.oauth import Slot
from ytempire.domain.publication import Target
from ytempire.domain.values import Refused, Secret
from ytempire.domain.wire import Answer, Form, NoReply, Reply
from ytempire.services.disconnect import Disconnected

REDIRECT = "http://127.0.0.1:8123/"


async def disconnect(house: House, **ports: Any) -> Disconnected:
    return await staffed(house, **ports).disconnecting.disconnect(await account_of(house), "sold")


async def test_the_grant_is_revoked_at_google_and_erased_and_the_history_stays() -> None:
    house = await two_accounts()
    published = await house.submit(target=Target(account=FIRST))
    await house.finish(published.id)
    before = [event for _, event in await house.store.events()]
    token = await house.staff().tokens.fresh(FIRST)
    assert isinstance(token, Secret)

    assert Disconnected(FIRST, 1) == await disconnect(house)

    assert [("UCaccount_01", 200)] == [
        (entry.channel, entry.status) for entry in house.google.journal if entry.name == REVOKE
    ]
    assert house.youtube.channel_of(token.reveal()) is None
    assert await house.store.grant(FIRST) is None
    account = await account_of(house)
    assert ("disconnected", "sold", "UCaccount_01") == (account.condition, account.why, account.channel)
    assert before == [event for _, event in await house.store.events()][: len(before)]
    assert State.PUBLISHED is (await house.now(published.id)).state
    (event,) = await house.events(Kind.ACCOUNT_DISCONNECTED)
    assert (FIRST, Level.INFO, {"why": "sold", "by": "ytempire", "still_standing": []}) == (
        event.account,
        event.level,
        event.data,
    )
    assert [Use.REVOKED, Use.ERASED] == (await uses(house, FIRST))[-2:]
    assert ("active", True) == (
        (await house.account(SECOND))[0],
        isinstance(await house.staff().tokens.fresh(SECOND), Secret),
    )


async def test_the_backup_goes_too_and_google_may_have_ended_it_with_the_first(house: House) -> None:
    await backed_up(house)

    assert Disconnected(FIRST, 2) == await disconnect(house)

    statuses = [entry.status for entry in house.google.journal if entry.name == REVOKE]
    assert ([200, 400], ()) == (statuses, await house.store.grants())


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (NoReply("no route"), "primary: Google could not be asked to revoke it: no route"),
        (Reply(503), "primary: Google did not revoke it: HTTP 503"),
        (Reply(400, {}, b'{"error": "odd"}'), "primary: Google did not revoke it: HTTP 400 odd"),
    ],
    ids=["silent", "503", "odd"],
)
async def test_what_google_could_not_be_told_of_is_erased_all_the_same_and_said(
    house: House, answer: Answer, said: str
) -> None:
    house.google.trouble(REVOKE, answer)

    assert Disconnected(FIRST, 1, (said,)) == await disconnect(house)

    assert await house.store.grant(FIRST) is None
    (event,) = await house.events(Kind.ACCOUNT_DISCONNECTED)
    assert (Level.WARNING, [said]) == (event.level, event.data["still_standing"])


async def test_a_grant_that_google_ended_before_is_not_told_of(house: House) -> None:
    house.channel().dead = True
    await house.connect(FIRST, life=timedelta(0))
    assert isinstance(await house.staff().tokens.fresh(FIRST), Fault)

    assert Disconnected(FIRST, 1) == await disconnect(house)
    assert 0 == house.google.count(REVOKE)


@pytest.mark.parametrize("known", [True, False], ids=["put aside before", "noticed now"])
async def test_a_grant_that_cannot_be_opened_still_stands_at_google(house: House, known: bool) -> None:
    tamper(house, replace(await held(house), sealed="rubbish"))
    if known:
        await house.staff().tokens.fresh(FIRST)

    found = await disconnect(house)

    (standing,) = found.still_standing
    assert (1, True) == (found.erased, "cannot be opened" in standing)
    assert (None, 0) == (await house.store.grant(FIRST), house.google.count(REVOKE))


async def test_an_account_without_a_grant_can_be_let_go_again(house: House) -> None:
    await disconnect(house)

    assert Disconnected(FIRST, 0) == await disconnect(house)


async def test_an_answer_that_was_under_way_comes_too_late(house: House) -> None:
    begun = await house.staff().consenting.begin(await account_of(house), REDIRECT)

    await disconnect(house)

    with pytest.raises(Refused, match="nobody here began"):
        await house.staff().consenting.finish(a_yes(begun, house, FIRST))
    assert "disconnected" == (await house.account())[0]


async def test_its_publications_wait_and_others_take_what_is_bound_to_nobody() -> None:
    house = await two_accounts()
    bound, free = await house.submit("bound", target=Target(account=FIRST)), await house.submit("free")

    await disconnect(house)

    assert State.DEFERRED is (await house.advance(bound.id)).state
    assert (State.PROCESSING, SECOND) == (
        (await house.advance(free.id)).state,
        (await house.now(free.id)).account,
    )


async def test_an_upload_that_runs_meanwhile_is_not_lost(house: House) -> None:
    accepted = await house.submit()

    class Leaving(Around):
        """A Google that is sent bytes while the account is let go."""

        async def send(self, *args: Any) -> Any:
            answer = await self.port.send(*args)
            await disconnect(house)
            return answer

    house.google.trouble("session.send", NoReply("cut off"), stored=10)
    await staffed(house, google=Leaving(house.google)).publishing.advance(accepted.id)

    for _ in range(3):
        await house.staff().publishing.advance(accepted.id)
        house.clock.advance(timedelta(hours=2))
    assert (await house.now(accepted.id)).state in (State.DEFERRED, State.HELD)


async def test_another_channel_is_refused_also_after_a_disconnect() -> None:
    house = await two_accounts()
    await disconnect(house)
    house.channel(FIRST).dead = False
    other = house.youtube.add_channel("UCother")
    consenting = house.staff().consenting
    begun = await consenting.begin(await account_of(house), REDIRECT)

    with pytest.raises(Refused, match="acts as channel UCother"):
        await consenting.finish(a_yes(begun, house, FIRST, code=f"code-{other.id}"))
    again = await consenting.begin(await account_of(house), REDIRECT)
    assert "UCaccount_01" == (await consenting.finish(a_yes(again, house, FIRST))).channel
    assert "active" == (await house.account())[0]


async def test_the_token_is_in_no_answer_and_no_event(house: House) -> None:
    seen: list[Form] = []

    class Echoing(Around):
        """A Google that repeats what it was sent."""

        async def post(self, form: Form) -> Answer:
            seen.append(form)
            error = {"error": f"refresh_token={form.fields['token']}"}
            return Reply(500, {}, json.dumps(error).encode())

    found = await disconnect(house, google=Echoing(house.google))

    secret = house.channel().refresh_token
    assert [secret] == [form.fields["token"] for form in seen]
    assert secret not in repr(found) + repr(await house.store.events())
    assert await house.store.grant(FIRST, Slot.PRIMARY) is None
