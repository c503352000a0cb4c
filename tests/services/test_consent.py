"""Consent: each answer is good once, for whom it was begun, in time; and only a grant that works is kept."""

import asyncio
import base64
import hashlib
from collections import Counter
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.builders import FIRST, SECOND, a_project
from tests.services.around import (
    THIRD,
    Around,
    a_house_with_a_new_account,
    a_no,
    a_yes,
    account_of,
    held,
    staffed,
    state_of,
)
from tests.services.house import CLIENT, House
from ytempire.adapters.memory.google import REVOKE, TOKEN
from ytempire.domain.consent import LIFE
from ytempire.domain.events import Kind
from ytempire.domain.oauth import SCOPE, Slot
from ytempire.domain.quota import Method
from ytempire.domain.values import AccountId, ChannelId, Mendable, Refused, Secret, Unanswered
from ytempire.domain.wire import Answer, Form, NoReply, Reply
from ytempire.services.connect import Connected
from ytempire.services.consent import Begun

REDIRECT = "http://127.0.0.1:8123/"
CHANNEL = str(Method.CHANNELS_LIST)
SIGNUP = Reply(401, {}, b'{"error": {"errors": [{"reason": "youtubeSignupRequired"}]}}')


async def begin(house: House, account: AccountId = THIRD, slot: Slot = Slot.PRIMARY) -> Begun:
    return await house.staff().consenting.begin(await account_of(house, account), REDIRECT, slot)


async def finish(house: House, query: str, account: AccountId | None = None) -> Connected:
    """As a process would that began nothing."""
    return await house.staff().consenting.finish(query, account=account)


async def refused(house: House, query: str, account: AccountId | None = None) -> str:
    """The code of the refusal, after which no grant and no account is another than before."""
    before = await house.store.grants(), await house.store.accounts(house.clock.now())
    with pytest.raises(Refused) as caught:
        await finish(house, query, account)
    assert before == (await house.store.grants(), await house.store.accounts(house.clock.now()))
    (refusal,) = caught.value.refusals
    assert refusal.remedy
    return refusal.code


async def outcomes(house: House, queries: list[str]) -> Counter[str]:
    """How often each outcome came of answers that arrive at once, each at a process of its own."""

    async def one(query: str) -> str:
        try:
            await finish(house, query)
        except Refused as refused:
            return refused.refusals[0].code
        return "connected"

    return Counter(await asyncio.gather(*map(one, queries)))


# ---------------------------------------------------------------------------------------- a good end


async def test_a_consent_connects_the_account_also_after_a_restart() -> None:
    house = await a_house_with_a_new_account()
    begun = await begin(house)

    connected = await finish(house, a_yes(begun, house))

    channel = house.channel(THIRD)
    assert Connected(THIRD, Slot.PRIMARY, ChannelId(channel.id), channel.title, (SCOPE,)) == connected
    assert "active" == (await house.account(THIRD))[0]
    token = await house.staff().tokens.fresh(THIRD)
    assert isinstance(token, Secret)
    assert channel is house.youtube.channel_of(token.reveal())
    assert [THIRD] == [event.account for event in await house.events(Kind.CONSENT_STARTED)]
    assert [THIRD] == [event.account for event in await house.events(Kind.ACCOUNT_CONNECTED)]
    assert [] == await house.events(Kind.CONSENT_REFUSED)


async def test_the_exchange_carries_what_was_promised_at_the_start() -> None:
    house = await a_house_with_a_new_account()
    begun = await begin(house)
    seen: list[Form] = []

    class Listening(Around):
        async def post(self, form: Form) -> Answer:
            seen.append(form)
            answer: Answer = await self.port.post(form)
            return answer

    await staffed(house, google=Listening(house.google)).consenting.finish(a_yes(begun, house))

    (form,) = seen
    asked = parse_qs(urlsplit(begun.address.reveal()).query)
    digest = hashlib.sha256(form.fields["code_verifier"].encode()).digest()
    assert asked["code_challenge"] == [base64.urlsafe_b64encode(digest).rstrip(b"=").decode()]
    assert ([REDIRECT], REDIRECT, REDIRECT) == (
        asked["redirect_uri"],
        form.fields["redirect_uri"],
        begun.redirect_uri,
    )
    assert (CLIENT.token_uri, CLIENT.client_id) == (form.url, form.fields["client_id"])


async def test_neither_state_nor_verifier_is_stored_or_shown_in_clear() -> None:
    house = await a_house_with_a_new_account()
    begun = await begin(house)

    everything = repr(house.store._tables) + repr(begun) + repr(await house.store.events())
    assert state_of(begun) not in everything
    await finish(house, a_yes(begun, house))
    (row,) = house.store._tables.consents.values()
    assert (True, "") == (row.taken, row.consent.sealed_verifier)


async def test_a_second_consent_can_be_the_backup_of_the_first() -> None:
    house = await a_house_with_a_new_account()
    await finish(house, a_yes(await begin(house), house))
    first = await held(house, THIRD)

    connected = await finish(house, a_yes(await begin(house, slot=Slot.BACKUP), house))

    assert (Slot.BACKUP, ()) == (connected.slot, connected.warnings)
    assert (first, 1) == (await held(house, THIRD), (await held(house, THIRD, Slot.BACKUP)).revision)


async def test_without_a_first_grant_there_is_nothing_to_back_up() -> None:
    house = await a_house_with_a_new_account()

    with pytest.raises(Refused, match="no grant yet that a second one could back up"):
        await begin(house, slot=Slot.BACKUP)
    assert [] == await house.events(Kind.CONSENT_STARTED)


async def test_more_than_was_asked_for_is_a_warning() -> None:
    house = await a_house_with_a_new_account()
    token = house.youtube.token(house.channel(THIRD))
    body = f'{{"access_token": "{token}", "refresh_token": "r", "scope": "{SCOPE} openid"}}'
    house.google.trouble(TOKEN, Reply(200, {}, body.encode()))

    connected = await finish(house, a_yes(await begin(house), house))

    (warning,) = connected.warnings
    assert "openid" in warning


# ------------------------------------------------------------------------- answers that are no good


async def test_of_a_thousand_replays_one_succeeds() -> None:
    house = await a_house_with_a_new_account()
    query = a_yes(await begin(house), house)

    found = await outcomes(house, [query] * 1000)

    assert {"connected": 1, "state_used": 999} == found
    assert 1 == house.google.count(TOKEN)


async def test_of_two_answers_at_once_one_wins() -> None:
    house = await a_house_with_a_new_account()
    begun = await begin(house)

    found = await outcomes(house, [a_yes(begun, house), a_no(begun)])

    assert {"connected": 1, "state_used": 1} == found


async def test_of_ten_thousand_guessed_states_none_succeeds() -> None:
    house = await a_house_with_a_new_account()
    begun = await begin(house)
    guesses = [house.clock.new_secret(32).reveal() for _ in range(10_000)]

    found = await outcomes(house, [a_yes(begun, house, state=guess) for guess in guesses])

    assert {"state_unknown": 10_000} == found
    assert 0 == house.google.count(TOKEN)
    assert [] == await house.events(Kind.CONSENT_REFUSED)


async def test_near_misses_of_the_state_do_not_succeed_and_do_not_use_it_up() -> None:
    house = await a_house_with_a_new_account()
    begun = await begin(house)
    state = state_of(begun)
    near = [state[:-1], state + "A", state.swapcase(), state[::-1], " " + state, state + "=", state + "\0"]

    found = await outcomes(house, [a_yes(begun, house, state=each) for each in near])

    assert {"state_unknown": len(near)} == found
    assert THIRD == (await finish(house, a_yes(begun, house))).account


async def test_an_answer_is_good_for_ten_minutes() -> None:
    house = await a_house_with_a_new_account()
    late, begun = await begin(house), await begin(house)

    house.clock.advance(LIFE - timedelta(microseconds=1))
    assert THIRD == (await finish(house, a_yes(begun, house))).account
    house.clock.advance(timedelta(microseconds=1))
    assert "state_expired" == await refused(house, a_yes(late, house))
    house.clock.advance(timedelta(days=2))
    await begin(house)
    assert "state_unknown" == await refused(house, a_yes(late, house))


async def test_an_answer_for_another_account_is_not_taken_and_stays_good() -> None:
    house = await a_house_with_a_new_account()
    begun = await begin(house)

    assert "state_foreign" == await refused(house, a_yes(begun, house), account=FIRST)
    assert THIRD == (await finish(house, a_yes(begun, house), account=THIRD)).account


@pytest.mark.parametrize("other", [None, Secret("another")], ids=["none", "another"])
async def test_an_answer_in_another_browser_is_not_taken_and_stays_good(other: Secret | None) -> None:
    house = await a_house_with_a_new_account()
    mine = Secret("browser session")
    account = await account_of(house, THIRD)
    begun = await house.staff().consenting.begin(account, REDIRECT, browser=mine)
    query = a_yes(begun, house)

    with pytest.raises(Refused, match="in another browser"):
        await house.staff().consenting.finish(query, browser=other)
    assert THIRD == (await house.staff().consenting.finish(query, browser=mine)).account


async def test_an_answer_that_names_another_issuer_is_refused_before_the_code_is_sent() -> None:
    house = await a_house_with_a_new_account()

    assert "other_issuer" == await refused(house, a_yes(await begin(house), house, iss="https://evil.test"))
    assert 0 == house.google.count(TOKEN)


# ----------------------------------------------------------------------------- grants that are no good


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("access_denied", "consent was denied"),
        ("admin_policy_enforced", "the administrator"),
        ("org_internal", "Google refused the consent: org_internal"),
    ],
)
async def test_a_denial_says_what_to_do_and_is_remembered(error: str, said: str) -> None:
    house = await a_house_with_a_new_account()
    begun = await begin(house)

    assert "denied" == await refused(house, a_no(begun, error))
    (event,) = await house.events(Kind.CONSENT_REFUSED)
    assert (THIRD, True) == (event.account, said in str(event.data["why"]))
    assert "state_used" == await refused(house, a_yes(begun, house))
    assert [] == house.google.journal


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Reply(400, {}, b'{"error": "invalid_grant"}'), "code_refused"),
        (Reply(401, {}, b'{"error": "invalid_client"}'), "client_refused"),
        (Reply(200, {}, b'{"access_token": "a", "scope": "%b"}' % SCOPE.encode()), "no_refresh_token"),
        (Reply(200, {}, b'{"access_token": "a", "refresh_token": "r", "scope": "openid"}'), "scope_missing"),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
async def test_what_the_token_endpoint_gives_must_do(answer: Answer, code: str) -> None:
    house = await a_house_with_a_new_account()
    house.google.trouble(TOKEN, answer)

    assert code == await refused(house, a_yes(await begin(house), house))
    assert 1 == len(await house.events(Kind.CONSENT_REFUSED))
    assert 0 == house.google.count(CHANNEL)


@pytest.mark.parametrize("answer", [Reply(503), NoReply("no route")], ids=str)
async def test_a_silent_token_endpoint_leaves_everything_as_it_was(answer: Answer) -> None:
    house = await a_house_with_a_new_account()
    house.google.trouble(TOKEN, answer)
    begun = await begin(house)

    with pytest.raises(Unanswered, match="start anew"):
        await finish(house, a_yes(begun, house))
    assert await house.store.grant(THIRD) is None
    assert "state_used" == await refused(house, a_yes(begun, house))


@pytest.mark.parametrize("answer", [Reply(200, {}, b'{"items": []}'), SIGNUP], ids=["empty", "signup"])
async def test_a_google_account_without_a_channel_is_refused(answer: Answer) -> None:
    house = await a_house_with_a_new_account()
    house.google.trouble(CHANNEL, answer)

    assert "no_channel" == await refused(house, a_yes(await begin(house), house))


async def test_another_channel_is_refused_and_the_old_grant_still_works() -> None:
    house = await a_house_with_a_new_account()
    await finish(house, a_yes(await begin(house), house))
    house.channel(SECOND)

    assert "other_channel" == await refused(house, a_yes(await begin(house), house, SECOND))
    assert 0 == house.google.count(REVOKE)
    house.clock.advance(timedelta(hours=2))
    token = await house.staff().tokens.fresh(THIRD)
    assert isinstance(token, Secret)
    assert house.channel(THIRD) is house.youtube.channel_of(token.reveal())


@pytest.mark.parametrize(
    "body",
    [
        b'{"items": 7}',
        b'{"items": [7]}',
        b'{"items": [{}]}',
        b'{"items": [{"id": null}]}',
        b'{"items": {"0": {}}}',
        b"[]",
    ],
)
async def test_a_channel_that_cannot_be_read_is_not_believed(body: bytes) -> None:
    house = await a_house_with_a_new_account()
    house.google.trouble(CHANNEL, Reply(200, {}, body))

    with pytest.raises(Unanswered, match="which channel the token acts as cannot be told"):
        await finish(house, a_yes(await begin(house), house))

    assert await house.store.grant(THIRD) is None


@pytest.mark.parametrize("snippet", [b"7", b"null", b'{"title": 7}'])
async def test_a_channel_without_a_title_is_a_channel(snippet: bytes) -> None:
    house = await a_house_with_a_new_account()
    house.google.trouble(CHANNEL, Reply(200, {}, b'{"items": [{"id": "UCx", "snippet": %b}]}' % snippet))

    connected = await finish(house, a_yes(await begin(house), house))

    assert ("UCx", None) == (connected.channel, connected.channel_title)


async def test_an_account_that_is_no_longer_configured_is_refused() -> None:
    house = await a_house_with_a_new_account()
    begun = await begin(house)
    await house.store.configure([a_project()], house.accounts[:1], house.clock.now())

    assert "not_configured" == await refused(house, a_yes(begun, house))


async def test_a_key_that_is_not_in_use_begins_nothing() -> None:
    house = await a_house_with_a_new_account()
    house.vault.add_key("retired a moment ago")

    with pytest.raises(Mendable, match="try again"):
        await begin(house)
    assert [] == await house.events(Kind.CONSENT_STARTED)
