"""What the store promises of an account's own part of its project's quota: nobody spends beyond it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

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
from ytempire.domain.publication import Publication
from ytempire.domain.quota import BUCKETS_2026, UNITS_2025, Allotment, Bucket, Method, Profile, Purpose
from ytempire.domain.quota_day import QuotaDay
from ytempire.ports import Settlement, Store

JOB = (Method.VIDEOS_INSERT, Method.THUMBNAILS_SET, Method.PLAYLIST_ITEMS_INSERT)
COST = UNITS_2025.cost(JOB)
NEEDS = {Purpose.UPLOADS: 1600, Purpose.METADATA: 50, Purpose.THUMBNAILS: 50}
BRIEF = {Purpose.UPLOADS: 7000}
TOMORROW = QuotaDay.of(NOW + timedelta(days=1))
INSERT, THUMBNAIL = UNITS_2025.price(Method.VIDEOS_INSERT), UNITS_2025.price(Method.THUMBNAILS_SET)


def of_brief(**changes: object) -> Allotment:
    return replace(Allotment(COST.parts, BRIEF), **changes)  # type: ignore[arg-type]


async def prepared(store: Store, limits: dict[Purpose, int], profile: Profile = UNITS_2025) -> None:
    await set_up(
        store, rules(allocation=limits), rules(SECOND), project=a_project(profile=profile, units=10**6)
    )


async def reserved(store: Store, which: str, allotment: Allotment, **changes: object) -> Publication | None:
    wanted = uploading(await submitted(store, which), **changes)
    return await store.reserve(wanted, COST, (), allotment=allotment)


async def taken(store: Store) -> dict[Purpose, int]:
    return dict((await account_of(store)).taken)


async def test_an_account_tells_its_own_part_and_what_is_taken_of_it(store: Store) -> None:
    await prepared(store, BRIEF)
    assert (BRIEF, {}) == ((await account_of(store)).allocation, await taken(store))

    assert await reserved(store, "pub_1", of_brief())

    assert NEEDS == await taken(store)
    other = await account_of(store, SECOND)
    assert ({}, {}) == (other.allocation, other.taken)


@pytest.mark.parametrize(
    ("limits", "fit"),
    [
        (BRIEF, 4),
        ({Purpose.UPLOADS: 6400}, 4),
        ({Purpose.UPLOADS: 6399}, 3),
        ({Purpose.THUMBNAILS: 100}, 2),
        ({Purpose.METADATA: 149, Purpose.THUMBNAILS: 500}, 2),
        ({Purpose.TOTAL: 5099}, 2),
        ({Purpose.TOTAL: 5100, Purpose.UPLOADS: 9000}, 3),
        ({Purpose.UPLOADS: 1599}, 0),
        ({}, 8),
    ],
)
async def test_64_tasks_never_take_more_than_the_part(
    store: Store, limits: dict[Purpose, int], fit: int
) -> None:
    await set_up(
        store, rules(allocation=limits, daily_uploads=8), project=a_project(profile=UNITS_2025, units=10**6)
    )
    allotment = Allotment(COST.parts, limits)
    publications = [uploading(await submitted(store, f"pub_{n:02}")) for n in range(64)]

    answers = await asyncio.gather(
        *(store.reserve(each, COST, (), allotment=allotment) for each in publications)
    )

    assert fit == sum(answer is not None for answer in answers)
    account = await account_of(store)
    assert (fit, fit) == (account.uploads_today, account.in_flight)
    if limits and fit:
        assert {purpose: fit * units for purpose, units in NEEDS.items()} == account.taken
    assert 1700 * fit == (await line_of(store, Bucket.UNITS)).reserved


async def test_what_was_not_spent_is_given_back_to_the_part_once(store: Store) -> None:
    await prepared(store, BRIEF)
    publication = await reserved(store, "pub_1", of_brief())
    assert publication is not None
    assert await store.charge(MAIN, INSERT, TODAY, publication.id, at=NOW, account=FIRST)

    done = await store.settle(Settlement(publication, release=True))
    assert done is not None
    assert await store.settle(Settlement(done, release=True))

    assert {Purpose.UPLOADS: 1600} == await taken(store)


async def test_what_the_reservation_does_not_hold_counts_for_the_part_too(store: Store) -> None:
    await prepared(store, BRIEF)
    publication = await reserved(store, "pub_1", of_brief())
    assert publication is not None

    for _ in range(2):
        assert await store.charge(MAIN, INSERT, TODAY, publication.id, at=NOW, account=FIRST)
    assert await store.charge(MAIN, THUMBNAIL, TODAY, at=NOW, account=FIRST)

    assert NEEDS | {Purpose.UPLOADS: 3200, Purpose.THUMBNAILS: 100} == await taken(store)
    assert await reserved(store, "pub_2", of_brief()) is not None
    assert await reserved(store, "pub_3", of_brief()) is not None
    assert await reserved(store, "pub_4", of_brief()) is None


async def test_a_refund_goes_back_to_where_it_was_taken_from(store: Store) -> None:
    await prepared(store, BRIEF)
    publication = await reserved(store, "pub_1", of_brief())
    assert publication is not None
    assert await store.charge(MAIN, INSERT, TODAY, publication.id, at=NOW, account=FIRST)
    assert await store.charge(MAIN, THUMBNAIL, TODAY, at=NOW, account=FIRST)

    await store.refund(MAIN, INSERT, TODAY, publication.id, account=FIRST)
    await store.refund(MAIN, THUMBNAIL, TODAY, account=FIRST)

    assert NEEDS == await taken(store)
    assert await store.settle(Settlement(publication, release=True))
    assert {} == await taken(store)


async def test_inserts_that_are_no_units_count_for_the_part(store: Store) -> None:
    await prepared(store, {Purpose.UPLOADS: 2}, BUCKETS_2026)
    cost = BUCKETS_2026.cost(JOB)
    allotment, insert = Allotment(cost.parts, {Purpose.UPLOADS: 2}), BUCKETS_2026.price(Method.VIDEOS_INSERT)
    publication = await store.reserve(uploading(await submitted(store)), cost, (), allotment=allotment)
    assert publication is not None
    for _ in range(2):
        assert await store.charge(MAIN, insert, TODAY, publication.id, at=NOW, account=FIRST)

    again = uploading(await submitted(store, "pub_2"))

    assert 2 == (await taken(store))[Purpose.UPLOADS]
    assert await store.reserve(again, cost, (), allotment=allotment) is None


async def test_a_purpose_that_a_job_does_not_need_is_not_in_its_way(store: Store) -> None:
    limits = {Purpose.THUMBNAILS: 50}
    await prepared(store, limits)
    for _ in range(2):
        assert await store.charge(MAIN, THUMBNAIL, TODAY, at=NOW, account=FIRST)

    plain = Allotment({Purpose.UPLOADS: 1600}, limits)

    assert await reserved(store, "pub_1", Allotment(COST.parts, limits)) is None
    assert await reserved(store, "pub_2", plain) is not None


async def test_a_part_is_of_one_day_and_its_own_leftover_is_not_in_the_way(store: Store) -> None:
    limits = {Purpose.UPLOADS: 1600}
    await prepared(store, limits)
    allotment = Allotment(COST.parts, limits)
    publication = await reserved(store, "pub_1", allotment)
    assert publication is not None

    assert await store.reserve(publication, COST, (), allotment=allotment) is not None
    assert await reserved(store, "pub_2", allotment) is None
    assert await reserved(store, "pub_3", allotment, day=TOMORROW) is not None


async def test_a_changed_part_is_told_and_keeps_what_was_taken(store: Store) -> None:
    await prepared(store, BRIEF)
    assert await reserved(store, "pub_1", of_brief())

    await store.configure(
        [a_project(profile=UNITS_2025)], [rules(allocation={Purpose.TOTAL: 3000}), rules(SECOND)], NOW
    )

    assert {Purpose.TOTAL: 3000} == (await account_of(store)).allocation
    assert NEEDS == await taken(store)
