"""What the store promises about callers of the API: their tokens, their browsers, and answers given again."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.builders import NOW, a_file, a_request, an_event, submitted
from ytempire.domain.callers import ApiToken, Role
from ytempire.domain.events import Kind
from ytempire.domain.lifecycle import State
from ytempire.domain.values import AccountId
from ytempire.ports import (
    Asked,
    AskedOtherwise,
    Browser,
    Claimed,
    InFlight,
    KeptAnswer,
    ReceivedFile,
    Store,
)

HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)
ASKED = Asked("tok_1", "key", "f" * 64)
ANSWER = KeptAnswer(201, {"location": "/x"}, '{"é": 1}')


def a_token(which: str = "tok_1", **changes: Any) -> ApiToken:
    token = ApiToken(which, f"name of {which}", f"hash of {which}", Role.OPERATOR, NOW, "local")
    return replace(token, **changes)


async def test_a_token_comes_back_as_it_was_stored(store: Store) -> None:
    token = a_token(accounts=frozenset({AccountId("a"), AccountId("b")}), expires_at=NOW + HOUR)
    assert await store.add_api_token(token, (an_event(),))

    assert token == await store.api_token(token.hashed)
    assert (token,) == await store.api_tokens()
    assert 1 == len(await store.events())


async def test_a_name_belongs_to_one_token_until_it_is_revoked(store: Store) -> None:
    await store.add_api_token(a_token(), ())
    twin = a_token("tok_2", name=a_token().name)

    assert not await store.add_api_token(twin, (an_event(),))
    assert () == await store.events()
    await store.revoke_api_token("tok_1", NOW, ())
    assert await store.add_api_token(twin, ())


async def test_of_many_tokens_of_one_name_made_at_once_one_is_stored(store: Store) -> None:
    twins = [a_token(f"tok_{number}", name="name") for number in range(10)]

    made = await asyncio.gather(*(store.add_api_token(each, ()) for each in twins))

    assert 1 == sum(made)


async def test_a_hash_that_nobody_has_is_nobodys(store: Store) -> None:
    assert None is await store.api_token("hash")


async def test_the_last_use_of_a_token_only_grows(store: Store) -> None:
    await store.add_api_token(a_token(), ())
    for moment in (NOW, NOW + HOUR, NOW - HOUR):
        await store.note_token_use("tok_1", moment)

    assert [NOW + HOUR] == [each.used_at for each in await store.api_tokens()]


async def test_a_token_is_revoked_once_and_its_browsers_are_signed_out(store: Store) -> None:
    await store.add_api_token(a_token(), ())
    await store.add_api_token(a_token("tok_2"), ())
    await store.add_browser(Browser("one", "tok_1", NOW, NOW + HOUR))
    await store.add_browser(Browser("two", "tok_2", NOW, NOW + HOUR))

    revoked = [await store.revoke_api_token("tok_1", NOW, (an_event(Kind.STARTED),)) for _ in range(2)]

    assert [True, False] == revoked
    assert 1 == len(await store.events())
    assert None is await store.token_of_browser("one", NOW)
    assert a_token("tok_2") == await store.token_of_browser("two", NOW)
    assert not await store.revoke_api_token("tok_9", NOW, ())


async def test_a_browser_is_signed_in_until_its_end_or_until_it_signs_out(store: Store) -> None:
    await store.add_api_token(a_token(), ())
    await store.add_browser(Browser("one", "tok_1", NOW, NOW + HOUR))

    assert a_token() == await store.token_of_browser("one", NOW + HOUR - TICK)
    assert None is await store.token_of_browser("one", NOW + HOUR)
    await store.drop_browser("one")
    assert None is await store.token_of_browser("one", NOW)


async def test_browsers_that_ended_are_forgotten(store: Store) -> None:
    await store.add_api_token(a_token(), ())
    await store.add_browser(Browser("one", "tok_1", NOW, NOW + HOUR))
    await store.add_browser(Browser("two", "tok_1", NOW + 2 * HOUR, NOW + 3 * HOUR))

    assert None is await store.token_of_browser("one", NOW)


async def test_of_many_with_one_key_one_answers_and_the_others_hear_that_it_does(store: Store) -> None:
    claims = await asyncio.gather(
        *(store.claim_answer(ASKED, f"holder {number}", NOW, NOW + HOUR) for number in range(10))
    )

    assert 1 == claims.count(Claimed())
    assert 9 == claims.count(InFlight())


async def test_an_answer_is_given_again_until_its_end(store: Store) -> None:
    await store.claim_answer(ASKED, "one", NOW, NOW + TICK)
    assert await store.keep_answer(ASKED, "one", ANSWER, NOW + HOUR)

    assert ANSWER == await store.claim_answer(ASKED, "two", NOW + HOUR - TICK, NOW + 2 * HOUR)
    assert Claimed() == await store.claim_answer(ASKED, "two", NOW + HOUR, NOW + 2 * HOUR)


async def test_a_key_that_was_used_for_something_else_is_told_as_that(store: Store) -> None:
    other = replace(ASKED, fingerprint="0" * 64)
    await store.claim_answer(ASKED, "one", NOW, NOW + HOUR)

    assert AskedOtherwise() == await store.claim_answer(other, "two", NOW, NOW + HOUR)
    await store.keep_answer(ASKED, "one", ANSWER, NOW + HOUR)
    assert AskedOtherwise() == await store.claim_answer(other, "two", NOW, NOW + HOUR)
    assert Claimed() == await store.claim_answer(replace(other, caller="tok_2"), "two", NOW, NOW + HOUR)


async def test_a_right_to_answer_that_was_lost_cannot_be_used(store: Store) -> None:
    await store.claim_answer(ASKED, "one", NOW, NOW + TICK)
    await store.claim_answer(ASKED, "two", NOW + TICK, NOW + HOUR)

    assert not await store.keep_answer(ASKED, "one", ANSWER, NOW + HOUR)
    await store.drop_answer(ASKED, "one")
    await store.prolong_answer(ASKED, "one", NOW)
    assert InFlight() == await store.claim_answer(ASKED, "three", NOW + TICK, NOW + HOUR)
    assert await store.keep_answer(ASKED, "two", ANSWER, NOW + HOUR)


async def test_a_right_can_be_prolonged_and_given_back(store: Store) -> None:
    await store.claim_answer(ASKED, "one", NOW, NOW + TICK)
    await store.prolong_answer(ASKED, "one", NOW + HOUR)
    assert InFlight() == await store.claim_answer(ASKED, "two", NOW + TICK, NOW + HOUR)

    await store.drop_answer(ASKED, "one")
    assert Claimed() == await store.claim_answer(ASKED, "two", NOW, NOW + HOUR)


def a_received(which: str = "upl_1", **changes: Any) -> ReceivedFile:
    file = ReceivedFile(which, "Film.mp4", "local", 3_000_000_000, "ab" * 32, NOW, NOW)
    return replace(file, **changes)


async def test_a_received_file_comes_back_and_is_touched(store: Store) -> None:
    await store.add_received(a_received())

    assert a_received(touched_at=NOW + HOUR) == await store.received("upl_1", NOW + HOUR)
    assert a_received(touched_at=NOW + HOUR) == await store.received("upl_1", NOW)
    assert None is await store.received("upl_2", NOW)


async def test_a_file_is_unused_when_no_publication_that_goes_on_names_it(store: Store) -> None:
    for number in range(1, 5):
        moment = NOW + number * TICK
        await store.add_received(a_received(f"upl_{number}", touched_at=moment))
    await submitted(store, "pub_1", request=a_request(video=a_file("/h/incoming/upl_1")))
    await submitted(store, "pub_2", request=a_request(thumbnail=a_file("/h/incoming/upl_2")))
    ended = {"state": State.CANCELLED, "due": None}
    await submitted(store, "pub_3", request=a_request(video=a_file("/h/incoming/upl_3")), **ended)

    unused = await store.unused_received(NOW + HOUR, 10)

    assert ["upl_3", "upl_4"] == [each.id for each in unused]
    assert ["upl_3"] == [each.id for each in await store.unused_received(NOW + 3 * TICK, 10)]
    assert ["upl_3"] == [each.id for each in await store.unused_received(NOW + HOUR, 1)]


async def test_a_file_that_was_touched_is_not_forgotten(store: Store) -> None:
    await store.add_received(a_received())

    assert not await store.forget_received("upl_1", NOW - TICK)
    assert await store.forget_received("upl_1", NOW)
    assert not await store.forget_received("upl_1", NOW)
