"""What the store promises about consents under way: each is taken once, by whom it was begun for."""

import asyncio
from datetime import datetime, timedelta

import pytest

from tests.builders import FIRST, KEY, NOW, SECOND, a_consent, an_event, set_up
from ytempire.domain.values import AccountId
from ytempire.ports import Miss, Store

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)


async def sealed(store: Store) -> int:
    """How many texts are sealed with the one key in use."""
    return {key.id: key.sealed for key in await store.keys()}[KEY]


async def test_a_consent_is_taken_once(store: Store) -> None:
    await set_up(store)
    consent = a_consent()
    await store.add_consent(consent, ())

    assert consent == await store.take_consent(consent.state_hash, NOW)
    assert Miss.USED is await store.take_consent(consent.state_hash, NOW)


async def test_a_state_that_was_never_begun_is_unknown(store: Store) -> None:
    await set_up(store)

    assert Miss.UNKNOWN is await store.take_consent("0" * 64, NOW)


async def test_a_state_hash_that_is_known_is_a_mistake(store: Store) -> None:
    await set_up(store)
    consent = a_consent()
    await store.add_consent(consent, ())

    with pytest.raises(ValueError, match="make a new one"):
        await store.add_consent(a_consent(account=SECOND), [an_event()])

    assert () == await store.events()
    assert consent == await store.take_consent(consent.state_hash, NOW)
    with pytest.raises(ValueError, match="make a new one"):
        await store.add_consent(a_consent(account=SECOND), ())


@pytest.mark.parametrize(("after", "expired"), [(-TICK, False), (timedelta(0), True), (TICK, True)])
async def test_a_consent_expires_at_its_moment(store: Store, after: timedelta, expired: bool) -> None:
    await set_up(store)
    consent = a_consent()
    await store.add_consent(consent, ())

    answer = await store.take_consent(consent.state_hash, consent.expires_at + after)

    assert (Miss.EXPIRED if expired else consent) == answer


@pytest.mark.parametrize(
    ("bound_to", "account", "browser", "fits"),
    [
        (None, None, None, True),
        (None, FIRST, "any", True),
        (None, SECOND, None, False),
        ("chrome", FIRST, "chrome", True),
        ("chrome", None, "firefox", False),
        ("chrome", FIRST, None, False),
        ("chrome", SECOND, "chrome", False),
        ("chrome", None, "", False),
    ],
)
async def test_a_consent_is_for_its_account_and_its_browser(
    store: Store, bound_to: str | None, account: AccountId | None, browser: str | None, fits: bool
) -> None:
    await set_up(store)
    consent = a_consent(browser=bound_to)
    await store.add_consent(consent, ())

    answer = await store.take_consent(consent.state_hash, NOW, account=account, browser=browser)

    assert (consent if fits else Miss.FOREIGN) == answer


async def test_a_miss_changes_nothing(store: Store) -> None:
    await set_up(store)
    consent = a_consent(browser="chrome")
    await store.add_consent(consent, ())

    assert Miss.FOREIGN is await store.take_consent(consent.state_hash, NOW, browser="firefox")
    assert Miss.EXPIRED is await store.take_consent(consent.state_hash, consent.expires_at, browser="chrome")

    assert consent == await store.take_consent(consent.state_hash, NOW, browser="chrome")


async def test_a_consent_that_was_taken_leaves_nothing_sealed_behind(store: Store) -> None:
    await set_up(store)
    consent = a_consent()
    await store.add_consent(consent, ())
    assert 1 == await sealed(store)

    await store.take_consent(consent.state_hash, NOW)

    assert 0 == await sealed(store)
    assert () == await store.sealed_otherwise("another key", 10)
    assert 0 == await store.retire_key(KEY, NOW, ())


async def test_a_taken_consent_is_told_to_be_used_whoever_asks_and_however_late(store: Store) -> None:
    await set_up(store)
    consent = a_consent(browser="chrome")
    await store.add_consent(consent, ())
    await store.take_consent(consent.state_hash, NOW, browser="chrome")

    assert Miss.USED is await store.take_consent(
        consent.state_hash, NOW + DAY, account=SECOND, browser="firefox"
    )


@pytest.mark.parametrize(("later", "answer"), [(DAY, Miss.EXPIRED), (DAY + TICK, Miss.UNKNOWN)])
async def test_consents_that_ended_more_than_a_day_ago_are_forgotten_when_one_is_added(
    store: Store, later: timedelta, answer: Miss
) -> None:
    await set_up(store)
    old = a_consent("old")
    await store.add_consent(old, ())
    begun: datetime = old.expires_at + later

    await store.add_consent(a_consent("new", created_at=begun, expires_at=begun + DAY), ())

    assert answer is await store.take_consent("old", begun)
    assert (2 if answer is Miss.EXPIRED else 1) == await sealed(store)


async def test_of_50_who_come_back_with_one_state_one_takes_it(store: Store) -> None:
    await set_up(store)
    consent = a_consent()
    await store.add_consent(consent, ())

    answers = await asyncio.gather(*(store.take_consent(consent.state_hash, NOW) for _ in range(50)))

    assert [consent] == [answer for answer in answers if not isinstance(answer, Miss)]
    assert 49 == answers.count(Miss.USED)


async def test_a_consent_is_taken_once_also_while_its_verifier_is_sealed_anew(store: Store) -> None:
    await set_up(store)
    await store.register_keys({"new": "check"}, NOW)
    for n in range(10):
        consent = a_consent(f"state {n}", sealed_verifier=f"verifier {n}")
        await store.add_consent(consent, ())
        (place,) = await store.sealed_otherwise("new", 10)

        *answers, resealed = await asyncio.gather(
            *(store.take_consent(consent.state_hash, NOW) for _ in range(4)),
            store.reseal(place, f"anew {n}", "new"),
        )

        (taken,) = [answer for answer in answers if not isinstance(answer, Miss | bool)]
        assert (f"anew {n}" if resealed else f"verifier {n}") == taken.sealed_verifier
        assert () == await store.sealed_otherwise("new", 10)


async def test_of_many_who_begin_with_one_state_one_succeeds(store: Store) -> None:
    await set_up(store)
    rivals = [a_consent(redirect_uri=f"http://localhost:{port}/") for port in range(8000, 8008)]

    answers = await asyncio.gather(
        *(store.add_consent(rival, ()) for rival in rivals), return_exceptions=True
    )

    assert 1 == sum(answer is True for answer in answers)
    assert 7 == sum(isinstance(answer, ValueError) for answer in answers)
    assert rivals[answers.index(True)] == await store.take_consent(rivals[0].state_hash, NOW)
