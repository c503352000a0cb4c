"""What the store promises when a key of the vault is lost for ever: what it sealed is gone, and nothing else."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from tests.builders import (
    FIRST,
    KEY,
    NOW,
    SECOND,
    a_consent,
    a_grant,
    a_session,
    an_event,
    rules,
    set_up,
    submitted,
)
from ytempire.domain.events import Kind
from ytempire.domain.publication import Publication
from ytempire.ports import HookSecret, Miss, Settlement, Store

NEW = "ba9876543210"
LATER = NOW + timedelta(hours=1)


async def with_session(store: Store, which: str, key: str) -> Publication:
    publication = await submitted(store, which)
    session = a_session(sealed_uri=f"yt1.{key}.body")
    settled = await store.settle(Settlement(replace(publication, session=session)))
    assert settled is not None
    return settled


async def full(store: Store) -> dict[str, Publication]:
    """Something of everything under each of two keys; the publications by key."""
    await set_up(store, rules(), rules(SECOND))
    await store.register_keys({NEW: "new check"}, LATER)
    found = {}
    for key, account in ((KEY, FIRST), (NEW, SECOND)):
        assert await store.save_grant(a_grant(account, key=key), None, ())
        state = f"{key}{'0' * 52}"
        assert await store.add_consent(a_consent(state, account, key=key), ())
        assert await store.add_webhook(f"hook_{key}", HookSecret(f"yt1.{key}.s", key, NOW), NOW, ())
        found[key] = await with_session(store, f"pub_{key}", key)
    return found


async def test_everything_that_a_lost_key_sealed_is_forgotten_and_the_key_is_retired(store: Store) -> None:
    publications = await full(store)
    before = {key.id: key.sealed for key in await store.keys()}

    forgotten = await store.forget_key(KEY, LATER, (an_event(Kind.KEY_RETIRED),))

    assert ({KEY: 4, NEW: 4}, 4) == (before, forgotten)
    after = {key.id: (key.sealed, key.retired_at) for key in await store.keys()}
    assert {KEY: (0, LATER), NEW: (4, None)} == after
    assert [SECOND] == [each.account for each in await store.grants()]
    assert Miss.UNKNOWN is await store.take_consent(f"{KEY}{'0' * 52}", NOW)
    hooks = {hook.name: len(hook.secrets) for hook in await store.webhooks(NOW)}
    assert {f"hook_{KEY}": 0, f"hook_{NEW}": 1} == hooks
    lost, kept = [await store.publication(each.id) for each in publications.values()]
    assert publications[NEW] == kept
    assert lost is not None
    assert lost.session is not None
    assert publications[KEY].session == replace(lost.session, sealed_uri=f"yt1.{KEY}.body")
    assert None is lost.session.sealed_uri
    assert [Kind.KEY_RETIRED] == [event.kind for _, event in await store.events()]


async def test_whoever_still_has_what_was_forgotten_cannot_store_it_again(store: Store) -> None:
    publications = await full(store)
    await store.forget_key(KEY, LATER, ())

    assert None is await store.settle(Settlement(publications[KEY]))
    assert not await store.save_grant(a_grant(FIRST, key=KEY), None, ())
    assert 0 == {key.id: key.sealed for key in await store.keys()}[KEY]


async def test_forgotten_twice_and_at_once_with_what_is_being_stored_nothing_is_left(store: Store) -> None:
    await full(store)

    await asyncio.gather(
        *(store.forget_key(KEY, LATER, ()) for _ in range(2)),
        *(store.save_grant(a_grant(FIRST, key=KEY, revision=number), 1, ()) for number in range(2, 6)),
    )

    assert 0 == {key.id: key.sealed for key in await store.keys()}[KEY]
    assert 0 == await store.forget_key(KEY, LATER, ())
