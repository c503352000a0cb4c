"""What the store promises about a reservation: a place, a daily upload and the job's quota, or nothing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import (
    FIRST,
    MAIN,
    NOW,
    SECOND,
    TODAY,
    a_project,
    a_publication,
    account_of,
    an_event,
    line_of,
    rules,
    set_up,
    submitted,
    uploading,
)
from ytempire.domain.accounts import Condition
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication
from ytempire.domain.quota import PROFILES, Bucket, Cost, Price
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, ProjectId
from ytempire.ports import AccountChange, Closing, Settlement, Store

JOB = Cost({Bucket.UPLOADS: 1, Bucket.UNITS: 500})
TOMORROW = QuotaDay.of(NOW + timedelta(days=1))


async def reserved(
    store: Store, which: str = "pub_1", cost: Cost = JOB, **changes: Any
) -> Publication | None:
    """Submits a publication and reserves for it."""
    return await store.reserve(uploading(await submitted(store, which), **changes), cost, ())


async def granted(store: Store, which: str = "pub_1", cost: Cost = JOB, **changes: Any) -> Publication:
    publication = await reserved(store, which, cost, **changes)
    assert publication is not None
    return publication


async def released(store: Store, publication: Publication, *, uncount: bool = False) -> Publication:
    done = await store.settle(Settlement(publication, release=True, uncount=uncount))
    assert done is not None
    return done


async def taken(store: Store, day: QuotaDay = TODAY) -> tuple[int, int, int]:
    """Reserved uploads, reserved units, and uploads in flight on the first account."""
    uploads = await line_of(store, Bucket.UPLOADS, day)
    units = await line_of(store, Bucket.UNITS, day)
    return uploads.reserved, units.reserved, (await account_of(store)).in_flight


async def test_a_reservation_takes_quota_a_place_and_a_daily_upload(store: Store) -> None:
    await set_up(store)
    publication = uploading(await submitted(store), attempts=1)

    granted_one = await store.reserve(publication, JOB, [an_event(publication=publication.id)])

    assert replace(publication, version=2) == granted_one == await store.publication(publication.id)
    assert (1, 500, 1) == await taken(store)
    account = await account_of(store)
    assert (1, NOW) == (account.uploads_today, account.last_upload_at)
    assert [an_event(publication=publication.id)] == [event for _, event in await store.events()]


async def test_a_refused_reservation_changes_nothing(store: Store) -> None:
    await set_up(store, project=a_project(units=500))
    publication = await submitted(store)

    assert await store.reserve(uploading(publication), JOB, [an_event()]) is None
    assert publication == await store.publication(publication.id)
    assert (0, 0, 0) == await taken(store)
    account = await account_of(store)
    assert (0, None) == (account.uploads_today, account.last_upload_at)
    assert () == await store.events()


@pytest.mark.parametrize("missing", ["account", "project", "day"])
async def test_a_reservation_without_account_project_or_day_is_a_mistake(store: Store, missing: str) -> None:
    await set_up(store)
    publication = uploading(await submitted(store))

    with pytest.raises(ValueError, match="account, project and day"):
        await store.reserve(replace(publication, **{missing: None}), JOB, ())  # type: ignore[arg-type]


async def test_a_reservation_may_fill_the_ceiling_and_not_a_unit_more(store: Store) -> None:
    await set_up(store)

    assert await reserved(store, "pub_1", Cost({Bucket.UNITS: 8_001})) is None
    assert await reserved(store, "pub_2", Cost({Bucket.UNITS: 8_000})) is not None
    assert await reserved(store, "pub_3", Cost({Bucket.UNITS: 1})) is None
    assert await reserved(store, "pub_4", Cost({Bucket.UPLOADS: 80})) is not None


async def test_work_that_was_sent_counts_against_the_ceiling(store: Store) -> None:
    await set_up(store)
    assert await store.charge(MAIN, Price(Bucket.UNITS, 7_600), TODAY, at=NOW)

    assert await reserved(store, "pub_1") is None
    assert await reserved(store, "pub_2", Cost({Bucket.UNITS: 400})) is not None


async def test_overhead_counts_against_the_hard_stop_only(store: Store) -> None:
    await set_up(store)
    assert await store.charge(MAIN, Price(Bucket.UNITS, 1_000, overhead=True), TODAY, at=NOW)
    assert await reserved(store, "pub_1", Cost({Bucket.UNITS: 7_999})) is not None
    assert await store.charge(MAIN, Price(Bucket.UNITS, 1, overhead=True), TODAY, at=NOW)

    assert await reserved(store, "pub_2", Cost({Bucket.UNITS: 1})) is None


async def test_one_bucket_that_is_full_is_enough_to_refuse(store: Store) -> None:
    await set_up(store, project=a_project(uploads=1))

    assert await reserved(store) is None
    assert (0, 0, 0) == await taken(store)


async def test_a_closed_bucket_refuses(store: Store) -> None:
    await set_up(store)
    await store.close_bucket(Closing(MAIN, Bucket.UPLOADS, TODAY, "quotaExceeded"), ())

    assert await reserved(store, "pub_1") is None
    assert await reserved(store, "pub_2", Cost({Bucket.UNITS: 1})) is not None
    assert await reserved(store, "pub_3", day=TOMORROW) is not None


async def test_a_bucket_without_a_limit_refuses(store: Store) -> None:
    await set_up(store, project=a_project(profile=PROFILES["units-2025"]))

    assert await reserved(store) is None


async def test_another_day_has_its_own_quota(store: Store) -> None:
    await set_up(store)
    all_of_it = Cost({Bucket.UNITS: 8_000})

    assert await reserved(store, "pub_1", all_of_it) is not None
    assert await reserved(store, "pub_2", all_of_it, day=TOMORROW) is not None


@pytest.mark.parametrize("condition", list(Condition))
async def test_only_an_active_account_takes_uploads(store: Store, condition: Condition) -> None:
    await set_up(store)
    await store.change_account(AccountChange(FIRST, "because", "test", condition), NOW, ())

    assert (condition is Condition.ACTIVE) == (await reserved(store) is not None)


async def test_a_parked_account_takes_uploads_again_at_the_very_moment(store: Store) -> None:
    await set_up(store)
    await store.change_account(AccountChange(FIRST, "limit", "test", parked_until=NOW), NOW, ())

    assert await reserved(store, "pub_1", updated_at=NOW - timedelta(microseconds=1)) is None
    assert await reserved(store, "pub_2", updated_at=NOW) is not None


async def test_unknown_and_foreign_accounts_are_refused(store: Store) -> None:
    await set_up(store)
    await store.configure([a_project(), a_project(ProjectId("other"))], [rules()], NOW)

    assert await reserved(store, "pub_1", account=AccountId("nobody")) is None
    assert await reserved(store, "pub_2", project=ProjectId("other")) is None
    assert await reserved(store, "pub_3", project=ProjectId("nowhere")) is None


async def test_an_account_that_is_no_longer_configured_is_refused(store: Store) -> None:
    await set_up(store)
    await store.configure([a_project()], [], NOW)

    assert await reserved(store) is None


async def test_the_daily_cap_holds_for_the_day_of_the_reservation(store: Store) -> None:
    await set_up(store, rules(daily_uploads=2))

    await released(store, await granted(store, "pub_1"))
    await released(store, await granted(store, "pub_2"))

    assert await reserved(store, "pub_3") is None
    assert await reserved(store, "pub_4", day=TOMORROW) is not None
    assert 2 == (await account_of(store)).uploads_today
    assert 1 == (await account_of(store, now=NOW + timedelta(days=1))).uploads_today


async def test_concurrency_holds_until_a_place_is_given_back(store: Store) -> None:
    await set_up(store, rules(concurrency=1))
    first = await granted(store, "pub_1")

    assert await reserved(store, "pub_2") is None
    await released(store, first)
    assert await reserved(store, "pub_3") is not None


async def test_an_old_version_reserves_nothing(store: Store) -> None:
    await set_up(store)
    publication = await submitted(store)
    await store.settle(Settlement(publication))

    assert await store.reserve(uploading(publication), JOB, ()) is None
    assert await store.reserve(uploading(a_publication("nobody")), JOB, ()) is None
    assert (0, 0, 0) == await taken(store)


# ------------------------------------------------------------------------------------------------- give back


async def test_a_release_gives_back_what_is_left_and_the_place(store: Store) -> None:
    await set_up(store)
    publication = await granted(store)
    assert await store.charge(MAIN, Price(Bucket.UNITS, 50), TODAY, publication.id, at=NOW)

    await released(store, publication)

    assert (0, 0, 0) == await taken(store)
    assert 50 == (await line_of(store, Bucket.UNITS)).used
    assert 1 == (await account_of(store)).uploads_today


async def test_a_second_release_gives_back_nothing(store: Store) -> None:
    await set_up(store)
    other = await granted(store, "pub_2")
    once = await released(store, await granted(store, "pub_1"))

    await released(store, once)

    assert (1, 500, 1) == await taken(store)
    await released(store, other)
    assert (0, 0, 0) == await taken(store)


async def test_without_release_the_reservation_stays(store: Store) -> None:
    await set_up(store)
    publication = await granted(store)

    await store.settle(Settlement(publication))

    assert (1, 500, 1) == await taken(store)


async def test_the_place_is_given_back_once_when_it_is_no_longer_uploading(store: Store) -> None:
    await set_up(store)
    publication = await granted(store)

    arrived = await store.settle(Settlement(replace(publication, state=State.PROCESSING)))
    assert (1, 500, 0) == await taken(store)

    assert arrived is not None
    noted = await store.settle(Settlement(arrived))
    assert (1, 500, 0) == await taken(store)

    assert noted is not None
    await released(store, noted)
    assert (0, 0, 0) == await taken(store)


async def test_a_settlement_that_lost_releases_nothing(store: Store) -> None:
    await set_up(store)
    publication = await granted(store)
    closing = Closing(MAIN, Bucket.UNITS, TODAY, "late")
    change = AccountChange(FIRST, "late", "test", Condition.PAUSED)

    late = Settlement(
        replace(publication, version=1), release=True, uncount=True, accounts=(change,), closings=(closing,)
    )

    assert await store.settle(late) is None
    assert (1, 500, 1) == await taken(store)
    account = await account_of(store)
    assert (1, Condition.ACTIVE) == (account.uploads_today, account.condition)
    assert (await line_of(store, Bucket.UNITS)).closed is None


async def test_an_upload_that_never_started_is_not_counted(store: Store) -> None:
    await set_up(store, rules(daily_uploads=1))

    once = await released(store, await granted(store), uncount=True)

    assert 0 == (await account_of(store)).uploads_today
    await released(store, once, uncount=True)
    assert 0 == (await account_of(store)).uploads_today
    assert await reserved(store, "pub_2") is not None


async def test_an_upload_is_taken_back_once_while_its_reservation_lives(store: Store) -> None:
    await set_up(store)
    await granted(store, "pub_2")
    publication = await granted(store, "pub_1")

    once = await store.settle(Settlement(publication, uncount=True))
    assert once is not None
    assert (2, 1) == ((await account_of(store)).in_flight, (await account_of(store)).uploads_today)
    await released(store, once, uncount=True)

    assert 1 == (await account_of(store)).uploads_today


async def test_a_release_after_midnight_gives_back_to_the_day_of_the_reservation(store: Store) -> None:
    await set_up(store)
    publication = await granted(store, "pub_1")
    await granted(store, "pub_2", day=TOMORROW)

    await released(store, replace(publication, updated_at=NOW + timedelta(days=1)), uncount=True)

    assert (0, 0, 1) == await taken(store)
    assert (1, 500, 1) == await taken(store, TOMORROW)
    assert 0 == (await account_of(store)).uploads_today
    assert 1 == (await account_of(store, now=NOW + timedelta(days=1))).uploads_today


async def test_a_new_reservation_releases_what_was_left_of_the_last(store: Store) -> None:
    await set_up(store, rules(concurrency=1), rules(SECOND))
    first = await granted(store)
    assert await store.charge(MAIN, Price(Bucket.UNITS, 50), TODAY, first.id, at=NOW)

    again = await store.reserve(replace(first, account=SECOND), JOB, ())

    assert again is not None
    assert (1, 500, 0) == await taken(store)
    assert (1, 1) == (
        (await account_of(store)).uploads_today,
        (await account_of(store, SECOND)).uploads_today,
    )
    assert 1 == (await account_of(store, SECOND)).in_flight


async def test_its_own_leftover_never_stands_in_the_way_of_a_new_reservation(store: Store) -> None:
    await set_up(store, rules(concurrency=1))
    first = await granted(store, cost=Cost({Bucket.UNITS: 8_000}))

    again = await store.reserve(first, Cost({Bucket.UNITS: 8_000}), ())

    assert again is not None
    assert (0, 8_000, 1) == await taken(store)
    assert 2 == (await account_of(store)).uploads_today


async def test_a_new_reservation_that_fails_leaves_the_last_one_alone(store: Store) -> None:
    await set_up(store)
    first = await granted(store)

    assert await store.reserve(first, Cost({Bucket.UNITS: 8_001}), ()) is None

    assert (1, 500, 1) == await taken(store)
    assert first == await store.publication(first.id)


async def test_a_leftover_on_an_account_that_left_is_still_given_back(store: Store) -> None:
    await set_up(store)
    publication = await granted(store)
    await store.configure([a_project()], [], NOW)

    await released(store, publication)

    await store.configure([a_project()], [rules()], NOW)
    assert (0, 0, 0) == await taken(store)
