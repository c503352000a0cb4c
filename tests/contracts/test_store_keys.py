"""What the store promises about keys of the vault: what they seal is counted, found, sealed anew, never lost."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import (
    FIRST,
    KEY,
    NOW,
    SECOND,
    a_consent,
    a_grant,
    a_publication,
    a_session,
    an_event,
    rules,
    set_up,
    submitted,
)
from ytempire.domain.events import Kind
from ytempire.domain.lifecycle import State
from ytempire.domain.oauth import Slot
from ytempire.domain.publication import Publication, SessionState
from ytempire.domain.values import SessionId
from ytempire.ports import SealedField, SealedPlace, Settlement, Store, StoredKey

LATER = NOW + timedelta(hours=1)
NEW = "ba9876543210"
OLD_TEXT = f"yt1.{KEY}.body"
NEW_TEXT = f"yt1.{NEW}.body"


async def two_keys(store: Store) -> None:
    await set_up(store, rules(), rules(SECOND))
    await store.register_keys({NEW: "new check"}, LATER)


async def with_session(store: Store, which: str = "pub_1", text: str | None = OLD_TEXT) -> Publication:
    """A publication in upload whose session has this address."""
    publication = await submitted(store, which)
    settled = await store.settle(Settlement(replace(publication, session=a_session(sealed_uri=text))))
    assert settled is not None
    return settled


async def sealed(store: Store) -> dict[str, int]:
    return {key.id: key.sealed for key in await store.keys()}


# ----------------------------------------------------------------------------------------------- registering


async def test_keys_are_known_with_their_check_values_oldest_first(store: Store) -> None:
    assert () == await store.keys()

    await store.register_keys({"b": "check b"}, LATER)
    await store.register_keys({"c": "check c", "a": "check a"}, NOW)

    expected = (
        StoredKey("a", "check a", NOW, None, 0),
        StoredKey("c", "check c", NOW, None, 0),
        StoredKey("b", "check b", LATER, None, 0),
    )
    assert expected == await store.keys()


async def test_a_known_key_stays_as_it_is(store: Store) -> None:
    await store.register_keys({"a": "check"}, NOW)

    await store.register_keys({"a": "another check"}, LATER)

    assert (StoredKey("a", "check", NOW, None, 0),) == await store.keys()


async def test_a_retired_key_that_is_registered_again_is_back_in_use(store: Store) -> None:
    await store.register_keys({"a": "check"}, NOW)
    await store.retire_key("a", LATER, ())

    await store.register_keys({"a": "another check"}, LATER)

    assert (StoredKey("a", "check", NOW, None, 0),) == await store.keys()


# ------------------------------------------------------------------------------------------------- retiring


async def test_a_key_that_seals_nothing_is_retired(store: Store) -> None:
    await store.register_keys({"a": "check"}, NOW)

    assert 0 == await store.retire_key("a", LATER, [an_event(Kind.ACCOUNT_CHANGED)])

    assert (StoredKey("a", "check", NOW, LATER, 0),) == await store.keys()
    assert 1 == len(await store.events())


async def test_a_key_that_still_seals_something_stays_in_use(store: Store) -> None:
    await set_up(store)
    await store.save_grant(a_grant(), None, ())
    await store.save_grant(a_grant(slot=Slot.BACKUP), None, ())
    await store.add_consent(a_consent(), ())
    await with_session(store)

    assert 4 == await store.retire_key(KEY, LATER, [an_event()])

    assert (StoredKey(KEY, "check", NOW, None, 4),) == await store.keys()
    assert () == await store.events()


async def test_a_key_is_retired_once_and_an_unknown_one_never(store: Store) -> None:
    await store.register_keys({"a": "check"}, NOW)
    await store.retire_key("a", NOW, ())

    assert 0 == await store.retire_key("a", LATER, [an_event()])
    assert 0 == await store.retire_key("unknown", LATER, [an_event()])

    assert (StoredKey("a", "check", NOW, NOW, 0),) == await store.keys()
    assert () == await store.events()


@pytest.mark.parametrize("retire_first", [True, False])
async def test_a_key_is_retired_or_something_is_sealed_with_it_never_both(
    store: Store, retire_first: bool
) -> None:
    await set_up(store)
    for n in range(12):
        key = f"key {n:02}"
        await store.register_keys({key: "check"}, NOW)
        grant = a_grant(SECOND, key=key, revision=n + 1)
        work = [store.save_grant(grant, n or None, ()), store.add_consent(a_consent(key, key=key), ())]
        at = 0 if retire_first else len(work)

        answers = await asyncio.gather(*work[:at], store.retire_key(key, NOW, ()), *work[at:])

        left, stored = answers.pop(at), sum(answers)
        retired = {each.id for each in await store.keys() if each.retired_at is not None}
        assert (key in retired) == (left == 0)
        assert (await sealed(store))[key] == stored
        assert stored == 0 or key not in retired
        # The next round finds a grant of a key in use, so that its revision can go on.
        await store.register_keys({key: "check"}, NOW)
        assert stored or await store.save_grant(grant, n or None, ())


# ---------------------------------------------------------------------------------------- sealed otherwise


async def test_everything_sealed_with_another_key_is_found_with_what_the_vault_needs(store: Store) -> None:
    await two_keys(store)
    await store.save_grant(a_grant(sealed="one"), None, ())
    await store.save_grant(a_grant(sealed="two", slot=Slot.BACKUP), None, ())
    await store.save_grant(a_grant(SECOND, sealed="three", key=NEW), None, ())
    await store.add_consent(a_consent("aa", sealed_verifier="four"), ())
    await store.add_consent(a_consent("bb", sealed_verifier="five", key=NEW), ())
    await with_session(store, "pub_1", OLD_TEXT)
    await with_session(store, "pub_2", NEW_TEXT)
    await with_session(store, "pub_3", "tells no key")
    await with_session(store, "pub_4", None)

    old = await store.sealed_otherwise(NEW, 100)
    new = await store.sealed_otherwise(KEY, 100)

    assert [
        (FIRST, SealedField.GRANT, "one"),
        (FIRST, SealedField.GRANT, "two"),
        ("pub_3", SealedField.SESSION, "tells no key"),
        ("pub_1", SealedField.SESSION, OLD_TEXT),
        (FIRST, SealedField.VERIFIER, "four"),
    ] == [(place.owner, place.field, place.sealed) for place in old]
    assert {"three", "five", NEW_TEXT, "tells no key"} == {place.sealed for place in new}
    for limit in range(6):
        assert old[:limit] == await store.sealed_otherwise(NEW, limit)
    assert {KEY: 4, NEW: 3} == await sealed(store)


async def test_addresses_of_sessions_left_behind_are_found_too(store: Store) -> None:
    await two_keys(store)
    publication = await with_session(store)
    second = a_session(id=SessionId("session_2"), sealed_uri=NEW_TEXT)

    assert await store.settle(Settlement(replace(publication, session=second))) is not None

    assert [OLD_TEXT] == [place.sealed for place in await store.sealed_otherwise(NEW, 9)]
    assert {KEY: 1, NEW: 1} == await sealed(store)


async def test_what_was_sealed_anew_can_be_read_and_no_version_grows(store: Store) -> None:
    await two_keys(store)
    await store.save_grant(a_grant(sealed="one"), None, ())
    await store.save_grant(a_grant(sealed="two", slot=Slot.BACKUP), None, ())
    await store.add_consent(a_consent(), ())
    publication = await with_session(store)

    for n, place in enumerate(await store.sealed_otherwise(NEW, 100)):
        assert await store.reseal(place, f"yt1.{NEW}.{n}", NEW)

    grants = (
        a_grant(sealed=f"yt1.{NEW}.0", key=NEW),
        a_grant(sealed=f"yt1.{NEW}.1", key=NEW, slot=Slot.BACKUP),
    )
    assert grants == await store.grants()
    expected = replace(publication, session=a_session(sealed_uri=f"yt1.{NEW}.2"))
    assert expected == await store.publication(publication.id)
    taken = a_consent(sealed_verifier=f"yt1.{NEW}.3", key=NEW)
    assert taken == await store.take_consent(taken.state_hash, NOW)
    assert {KEY: 0, NEW: 3} == await sealed(store)
    assert () == await store.sealed_otherwise(NEW, 100)
    assert 0 == await store.retire_key(KEY, LATER, ())
    assert await store.save_grant(replace(grants[0], revision=2), 1, ())


async def test_a_text_that_changed_in_the_meantime_is_left_alone(store: Store) -> None:
    await two_keys(store)
    await store.save_grant(a_grant(sealed="one"), None, ())
    await store.add_consent(a_consent(), ())
    await with_session(store)
    places = await store.sealed_otherwise(NEW, 100)
    await store.save_grant(a_grant(sealed="refreshed", revision=2), 1, ())
    await store.take_consent(a_consent().state_hash, NOW)
    await store.reseal(places[1], NEW_TEXT, NEW)

    assert [False] * 3 == [await store.reseal(place, "late", NEW) for place in places]

    assert ["refreshed"] == [grant.sealed for grant in await store.grants()]
    assert {KEY: 1, NEW: 1} == await sealed(store)


async def test_a_place_that_never_was_is_not_sealed_anew(store: Store) -> None:
    await two_keys(store)

    for table, field in (("grants", SealedField.GRANT), ("consents", SealedField.VERIFIER)):
        assert not await store.reseal(SealedPlace(table, FIRST, field, "sealed"), "new", NEW)
    assert not await store.reseal(SealedPlace("sessions", "pub_9", SealedField.SESSION, ""), "new", NEW)


async def test_of_two_who_seal_one_text_anew_one_succeeds(store: Store) -> None:
    await two_keys(store)
    await with_session(store)
    (place,) = await store.sealed_otherwise(NEW, 9)

    answers = await asyncio.gather(*(store.reseal(place, f"yt1.{NEW}.{n}", NEW) for n in range(8)))

    assert 1 == sum(answers)
    stored = await store.publication(a_publication().id)
    assert stored is not None
    assert stored.session is not None
    assert f"yt1.{NEW}.{answers.index(True)}" == stored.session.sealed_uri


# ------------------------------------------------------------------------------------ addresses of sessions


async def test_a_worker_with_an_older_text_does_not_undo_a_new_sealing(store: Store) -> None:
    await two_keys(store)
    publication = await with_session(store)
    (place,) = await store.sealed_otherwise(NEW, 9)
    await store.reseal(place, NEW_TEXT, NEW)
    assert publication.session is not None
    noted = replace(publication, session=replace(publication.session, offset=7))

    settled = await store.settle(Settlement(noted))

    expected = replace(noted, version=noted.version + 1, session=a_session(offset=7, sealed_uri=NEW_TEXT))
    assert expected == settled == await store.publication(publication.id)
    assert {KEY: 0, NEW: 1} == await sealed(store)


async def test_a_session_keeps_its_address_when_it_is_settled_without(store: Store) -> None:
    await two_keys(store)
    publication = await with_session(store)

    settled = await store.settle(Settlement(replace(publication, session=a_session(sealed_uri=None))))

    assert settled is not None
    assert a_session(sealed_uri=OLD_TEXT) == settled.session
    assert settled == await store.publication(publication.id)


async def test_a_session_opened_without_an_address_gets_one_later(store: Store) -> None:
    await two_keys(store)
    publication = await with_session(store, text=None)
    assert {KEY: 0, NEW: 0} == await sealed(store)

    settled = await store.settle(Settlement(replace(publication, session=a_session(sealed_uri=NEW_TEXT))))

    assert settled is not None
    assert a_session(sealed_uri=NEW_TEXT) == settled.session
    assert {KEY: 0, NEW: 1} == await sealed(store)


@pytest.mark.parametrize("key", ["retired", "never heard of"])
async def test_an_address_sealed_with_a_key_not_in_use_is_not_stored(store: Store, key: str) -> None:
    await set_up(store)
    await store.register_keys({"retired": "check"}, NOW)
    await store.retire_key("retired", NOW, ())
    publication = await submitted(store)
    session = a_session(sealed_uri=f"yt1.{key}.body")

    assert await store.settle(Settlement(replace(publication, session=session), (an_event(),))) is None
    with pytest.raises(ValueError, match="not in use"):
        await store.submit(a_publication("pub_2", session=session), "", [an_event()])

    assert publication == await store.publication(publication.id)
    assert {State.QUEUED: 1} == await store.counts()
    assert () == await store.events()
    assert {KEY: 0, "retired": 0} == await sealed(store)


async def test_an_address_stored_before_needs_its_key_no_more(store: Store) -> None:
    await two_keys(store)
    publication = await with_session(store)
    (place,) = await store.sealed_otherwise(NEW, 9)
    await store.reseal(place, NEW_TEXT, NEW)
    assert 0 == await store.retire_key(KEY, NOW, ())
    finishing = a_session(SessionState.FINISHING, sealed_uri=OLD_TEXT)

    settled = await store.settle(Settlement(replace(publication, session=finishing)))

    assert settled is not None
    assert replace(finishing, sealed_uri=NEW_TEXT) == settled.session


async def test_settling_and_sealing_anew_at_once_lose_neither(store: Store) -> None:
    await two_keys(store)
    for n in range(8):
        publication = await with_session(store, f"pub_{n}", f"yt1.{KEY}.{n}")
        (place,) = await store.sealed_otherwise(NEW, 9)
        session = publication.session
        assert session is not None
        noted = replace(publication, session=replace(session, offset=n + 1))

        settled, resealed = await asyncio.gather(
            store.settle(Settlement(noted)), store.reseal(place, f"yt1.{NEW}.{n}", NEW)
        )

        assert resealed
        assert settled is not None
        stored = await store.publication(publication.id)
        assert stored is not None
        assert replace(session, offset=n + 1, sealed_uri=f"yt1.{NEW}.{n}") == stored.session
