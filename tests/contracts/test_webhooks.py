"""What a store promises of webhooks: events from now on, one message for each, in order, taken by one at a time."""

import asyncio
from datetime import timedelta

import pytest

from tests.builders import KEY, NOW, an_event, set_up
from ytempire.domain.events import Kind
from ytempire.domain.webhooks import KEPT, Letter, LetterState
from ytempire.ports import HookSecret, NewLetter, SealedField, SealedPlace, Store, Try

SECOND = timedelta(seconds=1)
LATER = NOW + timedelta(hours=1)
LEASE = NOW + timedelta(minutes=1)
ADDED = an_event(Kind.WEBHOOK_ADDED)
NEW = "ba9876543210"


def a_secret(name: str = "one", key: str = KEY) -> HookSecret:
    return HookSecret(f"yt1.{key}.{name}", key, NOW)


@pytest.fixture
async def hooked(store: Store) -> Store:
    """A store with ten events and a receiver that was made after them."""
    await set_up(store)
    await store.record([an_event()] * 10)
    assert await store.add_webhook("shop", a_secret(), NOW, (ADDED,))
    return store


async def seen(store: Store, name: str = "shop") -> int:
    hook = await store.webhook(name, NOW)
    assert hook is not None
    return hook.seen


async def letters(store: Store, count: int = 3, name: str = "shop") -> None:
    """Messages of so many events that came after."""
    before = await seen(store, name)
    await store.record([an_event()] * count)
    found = await store.events(after=before)
    new = [NewLetter(number, str(event.kind), f"msg_{name}_{number}") for number, event in found[-count:]]
    assert await store.follow_for_webhook(name, before, found[-1][0], new, NOW)


async def claimed(store: Store, name: str = "shop") -> Letter:
    letter = await store.claim_letter(name, NOW, LEASE)
    assert letter is not None
    return letter


async def kinds(store: Store) -> list[Kind]:
    return [event.kind for _, event in await store.events() if event.kind.startswith("webhook.")]


async def states(store: Store) -> list[str]:
    return [str(each.state) for each in reversed(await store.letters("shop"))]


# ------------------------------------------------------------------------------------------------- receivers


async def test_a_receiver_begins_after_what_has_happened(hooked: Store) -> None:
    (hook,) = await hooked.webhooks(NOW)

    assert ("shop", NOW, (a_secret(),), None) == (hook.name, hook.added_at, hook.secrets, hook.disabled_at)
    after = await hooked.events(after=hook.seen)
    assert [Kind.WEBHOOK_ADDED] == [event.kind for _, event in after]
    assert hook == await hooked.webhook("shop", NOW)
    assert await hooked.webhook("other", NOW) is None


async def test_a_name_is_given_once(hooked: Store) -> None:
    assert not await hooked.add_webhook("shop", a_secret("two"), NOW, (ADDED,))

    assert [Kind.WEBHOOK_ADDED] == await kinds(hooked)
    assert (a_secret(),) == (await hooked.webhooks(NOW))[0].secrets


async def test_nothing_is_stored_with_a_key_that_is_not_in_use(hooked: Store) -> None:
    assert not await hooked.add_webhook("other", a_secret(key="unknown"), NOW, (ADDED,))
    assert not await hooked.rotate_webhook("shop", a_secret(key="unknown"), LATER, (ADDED,))

    assert [("shop", (a_secret(),))] == [(each.name, each.secrets) for each in await hooked.webhooks(NOW)]
    assert [Kind.WEBHOOK_ADDED] == await kinds(hooked)


async def test_two_secrets_sign_until_the_older_one_ends(hooked: Store) -> None:
    event = an_event(Kind.WEBHOOK_ROTATED)
    assert await hooked.rotate_webhook("shop", a_secret("two"), LATER, (event,))

    def texts(hook: object) -> list[str]:
        return [each.sealed for each in getattr(hook, "secrets", ())]

    assert [a_secret("two").sealed, a_secret().sealed] == texts(await hooked.webhook("shop", LATER - SECOND))
    assert [a_secret("two").sealed] == texts(await hooked.webhook("shop", LATER))
    assert [a_secret("two").sealed] == texts((await hooked.webhooks(LATER))[0])
    assert not await hooked.rotate_webhook("other", a_secret("two"), LATER, (event,))


async def test_of_three_secrets_the_oldest_is_forgotten(hooked: Store) -> None:
    for name in ("two", "three"):
        assert await hooked.rotate_webhook("shop", a_secret(name), LATER, ())

    hook = await hooked.webhook("shop", NOW)

    assert hook is not None
    assert [a_secret("three").sealed, a_secret("two").sealed] == [each.sealed for each in hook.secrets]


async def test_what_is_removed_leaves_nothing(hooked: Store) -> None:
    await letters(hooked)

    assert await hooked.remove_webhook("shop", (an_event(Kind.WEBHOOK_REMOVED),))
    assert not await hooked.remove_webhook("shop", (an_event(Kind.WEBHOOK_REMOVED),))

    assert () == await hooked.webhooks(NOW)
    assert () == await hooked.letters()
    assert [0] == [key.sealed for key in await hooked.keys()]
    assert await hooked.add_webhook("shop", a_secret(), NOW, ())


async def test_a_disabled_receiver_gets_nothing_and_what_waited_is_dead(hooked: Store) -> None:
    await letters(hooked)
    taken = await claimed(hooked)

    assert await hooked.disable_webhook("shop", "gone", LATER, (an_event(Kind.WEBHOOK_DISABLED),))
    assert not await hooked.disable_webhook("shop", "again", LATER, (an_event(Kind.WEBHOOK_DISABLED),))

    hook = await hooked.webhook("shop", NOW)
    assert hook is not None
    assert (LATER, "gone") == (hook.disabled_at, hook.disabled_why)
    assert ["dead"] * 3 == await states(hooked)
    assert await hooked.claim_letter("shop", LATER, LATER + SECOND) is None
    assert not await hooked.follow_for_webhook("shop", hook.seen, hook.seen + 1, (), LATER)
    await hooked.letter_arrived(taken, 200, LATER, ())
    assert ["dead"] * 3 == await states(hooked)
    assert [Kind.WEBHOOK_ADDED, Kind.WEBHOOK_DISABLED] == await kinds(hooked)


async def test_an_enabled_receiver_begins_anew(hooked: Store) -> None:
    assert not await hooked.enable_webhook("shop", (an_event(Kind.WEBHOOK_ENABLED),))
    await hooked.disable_webhook("shop", "gone", NOW, ())
    await hooked.record([an_event()] * 5)

    assert await hooked.enable_webhook("shop", ())

    hook = await hooked.webhook("shop", NOW)
    assert hook is not None
    assert (None, None) == (hook.disabled_at, hook.disabled_why)
    assert () == await hooked.events(after=hook.seen)


# ------------------------------------------------------------------------------------------------- messages


async def test_events_are_looked_at_once(hooked: Store) -> None:
    before = await seen(hooked)
    new = (NewLetter(before + 1, "publication.held", "msg_1"),)

    assert await hooked.follow_for_webhook("shop", before, before + 5, new, NOW)
    assert not await hooked.follow_for_webhook("shop", before, before + 5, new, NOW)

    (letter,) = await hooked.letters()
    assert before + 5 == await seen(hooked)
    expected = Letter(
        letter.number, "shop", before + 1, "msg_1", "publication.held", LetterState.PENDING, 0, NOW, due=NOW
    )
    assert expected == letter


async def test_of_many_who_follow_one_is_first(hooked: Store) -> None:
    before = await seen(hooked)
    new = (NewLetter(before + 1, "publication.held", "msg_1"),)

    done = await asyncio.gather(
        *(hooked.follow_for_webhook("shop", before, before + 1, new, NOW) for _ in range(5))
    )

    assert 1 == sum(done)
    assert 1 == len(await hooked.letters())


async def test_messages_are_taken_one_after_the_other(hooked: Store) -> None:
    await letters(hooked)

    first = await claimed(hooked)
    assert await hooked.claim_letter("shop", NOW, LEASE) is None
    await hooked.letter_arrived(first, 204, NOW, ())
    second = await claimed(hooked)

    assert (1, LEASE, second.event) == (first.tries, first.due, first.event + 1)
    delivered = (await hooked.letters(states=frozenset({LetterState.DELIVERED})))[0]
    assert (None, NOW, 204, None) == (delivered.due, delivered.ended_at, delivered.status, delivered.error)


async def test_of_many_who_claim_one_has_it(hooked: Store) -> None:
    await letters(hooked)

    taken = await asyncio.gather(*(hooked.claim_letter("shop", NOW, LEASE) for _ in range(5)))

    assert 1 == sum(each is not None for each in taken)


async def test_a_message_whose_claimer_died_is_free_again(hooked: Store) -> None:
    await letters(hooked)
    first = await claimed(hooked)

    assert await hooked.claim_letter("shop", LEASE - SECOND, LATER) is None
    again = await hooked.claim_letter("shop", LEASE, LATER)

    assert again is not None
    assert (first.id, 2) == (again.id, again.tries)


async def test_later_ones_wait_for_one_that_is_tried_again(hooked: Store) -> None:
    await letters(hooked)
    first = await claimed(hooked)

    await hooked.letter_failed(first, Try(503, "busy"), LATER, NOW, ())

    assert await hooked.claim_letter("shop", LATER - SECOND, LATER) is None
    again = await hooked.claim_letter("shop", LATER, LATER + SECOND)
    assert again is not None
    assert (first.id, LetterState.FAILED, 503, "busy") == (again.id, again.state, again.status, again.error)


async def test_one_that_is_given_up_keeps_nobody_waiting(hooked: Store) -> None:
    await letters(hooked)
    first = await claimed(hooked)

    await hooked.letter_failed(first, Try(error="silent"), None, LATER, (an_event(Kind.WEBHOOK_DEAD),))

    assert ["dead", "pending", "pending"] == await states(hooked)
    assert first.event + 1 == (await claimed(hooked)).event
    assert {LetterState.DEAD: 1, LetterState.PENDING: 2} == dict(await hooked.count_letters("shop"))
    assert Kind.WEBHOOK_DEAD in await kinds(hooked)
    (dead,) = await hooked.letters("shop", states=frozenset({LetterState.DEAD}))
    assert (None, LATER, None, "silent") == (dead.due, dead.ended_at, dead.status, dead.error)


async def test_receivers_do_not_wait_for_each_other(hooked: Store) -> None:
    await hooked.add_webhook("crm", a_secret("crm"), NOW, ())
    await letters(hooked)
    await letters(hooked, name="crm")

    assert {"shop", "crm"} == {(await claimed(hooked, name)).webhook for name in ("shop", "crm")}
    assert 6 == len(await hooked.letters())
    assert 3 == len(await hooked.letters("crm"))
    assert 2 == len(await hooked.letters(limit=2))


async def test_dead_ones_wait_again_before_the_newer(hooked: Store) -> None:
    await letters(hooked, 4)
    first, second = [await claimed_dead(hooked) for _ in range(2)]

    assert 0 == await hooked.replay_letters("shop", frozenset({"msg_other"}), LATER)
    assert 0 == await hooked.replay_letters("shop", frozenset(), LATER)
    assert 1 == await hooked.replay_letters("shop", frozenset({second.id}), LATER)
    taken = await hooked.claim_letter("shop", LATER, LATER + SECOND)
    assert taken is not None
    assert (second.id, 1, LATER, None) == (taken.id, taken.tries, taken.made_at, taken.ended_at)

    assert 1 == await hooked.replay_letters("shop", None, LATER)
    taken = await hooked.claim_letter("shop", LATER, LATER + SECOND)
    assert taken is not None
    assert first.id == taken.id


async def claimed_dead(store: Store) -> Letter:
    letter = await claimed(store)
    await store.letter_failed(letter, Try(error="silent"), None, NOW, ())
    return letter


async def test_an_end_that_comes_too_late_changes_nothing(hooked: Store) -> None:
    await letters(hooked, 1)
    letter = await claimed(hooked)
    await hooked.letter_arrived(letter, 200, NOW, ())

    await hooked.letter_failed(letter, Try(500, "late"), LATER, NOW, (an_event(Kind.WEBHOOK_FAILING),))
    await hooked.letter_arrived(letter, 201, LATER, (an_event(Kind.WEBHOOK_RESTORED),))

    (stored,) = await hooked.letters()
    assert (LetterState.DELIVERED, 200) == (stored.state, stored.status)
    assert [Kind.WEBHOOK_ADDED] == await kinds(hooked)


async def test_what_arrived_long_ago_is_forgotten_and_what_died_is_not(hooked: Store) -> None:
    await letters(hooked, 2)
    await claimed_dead(hooked)
    await hooked.letter_arrived(await claimed(hooked), 200, NOW, ())
    before = await seen(hooked)

    await hooked.follow_for_webhook("shop", before, before + 1, (), NOW + KEPT)
    assert ["dead", "delivered"] == await states(hooked)
    await hooked.follow_for_webhook("shop", before + 1, before + 2, (), NOW + KEPT + SECOND)

    assert ["dead"] == await states(hooked)


# ------------------------------------------------------------------------------------------------- keys


async def test_secrets_are_counted_found_and_sealed_anew(hooked: Store) -> None:
    await hooked.rotate_webhook("shop", a_secret("two"), LATER, ())
    await hooked.register_keys({NEW: "check"}, LATER)
    assert 2 == await hooked.retire_key(KEY, LATER, ())

    found = await hooked.sealed_otherwise(NEW, 10)
    assert {
        SealedPlace("webhook_secrets", "shop", SealedField.WEBHOOK, a_secret(name).sealed)
        for name in ("one", "two")
    } == set(found)
    assert 1 == len(await hooked.sealed_otherwise(NEW, 1))
    for place in found:
        assert await hooked.reseal(place, place.sealed.replace(KEY, NEW), NEW)
        assert not await hooked.reseal(place, place.sealed.replace(KEY, NEW), NEW)

    assert () == await hooked.sealed_otherwise(NEW, 10)
    assert 0 == await hooked.retire_key(KEY, LATER, ())
    hook = await hooked.webhook("shop", NOW)
    assert hook is not None
    assert [f"yt1.{NEW}.two", f"yt1.{NEW}.one"] == [each.sealed for each in hook.secrets]
    assert {NEW} == {each.key for each in hook.secrets}


async def test_a_secret_that_has_ended_is_erased(hooked: Store) -> None:
    await hooked.rotate_webhook("shop", a_secret("two"), LATER, ())
    before = await seen(hooked)

    await hooked.follow_for_webhook("shop", before, before + 1, (), LATER)

    assert [1] == [key.sealed for key in await hooked.keys()]
