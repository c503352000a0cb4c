"""What the store promises when many ask at once: grants are exact, caps hold, one of two wins."""

import asyncio

import pytest

from tests.builders import (
    FIRST,
    MAIN,
    NOW,
    SECOND,
    TODAY,
    a_project,
    account_of,
    line_of,
    rules,
    set_up,
    submitted,
    uploading,
)
from ytempire.domain.lifecycle import State
from ytempire.domain.quota import PROFILES, Bucket, Cost, Method, Price, Profile
from ytempire.ports import Settlement, Store

JOB = Cost({Bucket.UPLOADS: 1, Bucket.UNITS: 500})


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
async def test_at_the_last_units_64_tasks_are_granted_exactly_what_fits(
    store: Store, profile: Profile
) -> None:
    await set_up(store, project=a_project(profile=profile))
    cost = profile.cost([Method.VIDEOS_INSERT, Method.THUMBNAILS_SET, Method.PLAYLIST_ITEMS_INSERT])
    rooms = 4
    for bucket, units in cost.units.items():
        free = (await line_of(store, bucket)).free
        assert await store.charge(MAIN, Price(bucket, free - rooms * units), TODAY, at=NOW)
    publications = [uploading(await submitted(store, f"pub_{n:02}")) for n in range(64)]

    answers = await asyncio.gather(*(store.reserve(each, cost, ()) for each in publications))

    winners = [answer for answer in answers if answer is not None]
    assert rooms == len(winners)
    for bucket, units in cost.units.items():
        line = await line_of(store, bucket)
        assert (rooms * units, line.ceiling) == (line.reserved, line.used + line.reserved)
    assert (rooms, rooms) == ((await account_of(store)).in_flight, (await account_of(store)).uploads_today)
    assert {State.UPLOADING: rooms, State.QUEUED: 64 - rooms} == await store.counts()


async def test_64_tasks_never_exceed_daily_caps_or_concurrency(store: Store) -> None:
    await set_up(store, rules(daily_uploads=3), rules(SECOND, concurrency=2))
    first = [uploading(await submitted(store, f"pub_1{n:02}")) for n in range(32)]
    second = [uploading(await submitted(store, f"pub_2{n:02}"), account=SECOND) for n in range(32)]

    await asyncio.gather(
        *(store.reserve(each, JOB, ()) for pair in zip(first, second, strict=True) for each in pair)
    )

    assert (3, 3) == ((await account_of(store)).uploads_today, (await account_of(store)).in_flight)
    assert 2 == (await account_of(store, SECOND)).in_flight


async def test_one_publication_is_reserved_by_one_of_many(store: Store) -> None:
    await set_up(store, rules(), rules(SECOND))
    publication = await submitted(store)
    rivals = [uploading(publication, account=account) for account in (FIRST, SECOND) for _ in range(8)]

    answers = await asyncio.gather(*(store.reserve(rival, JOB, ()) for rival in rivals))

    assert 1 == sum(answer is not None for answer in answers)
    assert 500 == (await line_of(store, Bucket.UNITS)).reserved


async def test_of_two_releases_at_once_one_gives_back(store: Store) -> None:
    await set_up(store)
    other = await store.reserve(uploading(await submitted(store, "pub_2")), JOB, ())
    publication = await store.reserve(uploading(await submitted(store, "pub_1")), JOB, ())
    assert other is not None
    assert publication is not None

    settlement = Settlement(publication, release=True, uncount=True)
    answers = await asyncio.gather(*(store.settle(settlement) for _ in range(8)))

    assert 1 == sum(answer is not None for answer in answers)
    assert 500 == (await line_of(store, Bucket.UNITS)).reserved
    account = await account_of(store)
    assert (1, 1) == (account.in_flight, account.uploads_today)
