"""Prices as data, and the arithmetic of a day's ledger."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, a_line
from ytempire.domain.quota import (
    PROFILES,
    Bucket,
    Cost,
    Method,
    Price,
    Profile,
    Purpose,
    UnknownPrice,
    ceiling,
    hard_stop,
    possible_ever,
    reset_after,
)

JOB = (Method.VIDEOS_INSERT, Method.THUMBNAILS_SET, Method.CAPTIONS_INSERT, Method.PLAYLIST_ITEMS_INSERT)


@pytest.mark.parametrize(
    ("profile", "method", "price"),
    [
        ("buckets-2026", "videos.insert", Price(Bucket.UPLOADS, 1, purpose=Purpose.UPLOADS)),
        ("buckets-2026", "search.list", Price(Bucket.SEARCHES, 1, overhead=True)),
        ("buckets-2026", "videos.list", Price(Bucket.UNITS, 1, overhead=True)),
        ("buckets-2026", "captions.insert", Price(Bucket.UNITS, 400)),
        ("units-2025-12", "videos.insert", Price(Bucket.UNITS, 100, purpose=Purpose.UPLOADS)),
        ("units-2025", "videos.insert", Price(Bucket.UNITS, 1600, purpose=Purpose.UPLOADS)),
        ("units-2025", "search.list", Price(Bucket.UNITS, 100, overhead=True)),
        ("units-2025", "thumbnails.set", Price(Bucket.UNITS, 50, purpose=Purpose.THUMBNAILS)),
    ],
)
def test_a_method_costs_what_its_profile_says(profile: str, method: str, price: Price) -> None:
    assert price == PROFILES[profile].price(method)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
def test_every_method_we_send_has_a_price_above_nothing_in_a_bucket_with_a_limit(profile: Profile) -> None:
    assert profile.source
    for method in Method:
        price = profile.price(method)
        assert price.units > 0
        assert profile.limits[price.bucket] > 0


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
@pytest.mark.parametrize("method", ["videos.rate", "", "VIDEOS_INSERT"])
def test_an_unknown_method_is_an_error_and_never_free(profile: Profile, method: str) -> None:
    with pytest.raises(UnknownPrice, match=profile.name):
        profile.price(method)
    with pytest.raises(UnknownPrice):
        profile.cost([Method.VIDEOS_INSERT, method])


def test_profiles_follow_each_other_without_a_gap() -> None:
    dated = sorted(PROFILES.values(), key=lambda profile: profile.valid_from)

    assert [each.valid_from for each in dated[1:]] == [each.valid_to for each in dated[:-1]]
    assert dated[-1].valid_to is None


def test_a_job_costs_the_sum_of_its_work_by_bucket() -> None:
    assert Cost({Bucket.UNITS: 500, Bucket.UPLOADS: 1}) == PROFILES["buckets-2026"].cost(JOB)
    assert Cost({Bucket.UNITS: 2_100}) == PROFILES["units-2025"].cost(JOB)


def test_an_upload_costs_a_second_insert_only_where_its_end_is_charged_too() -> None:
    profile = PROFILES["buckets-2026"]

    assert () == profile.more_inserts
    assert (Method.VIDEOS_INSERT,) == replace(profile, inserts_charged_twice=True).more_inserts


def test_reads_are_overhead_and_no_part_of_a_cost() -> None:
    assert Cost() == PROFILES["buckets-2026"].cost([Method.VIDEOS_LIST, Method.SEARCH_LIST])


def test_costs_add_up_and_what_is_not_named_costs_nothing() -> None:
    total = Cost({Bucket.UNITS: 50}) + Cost({Bucket.UNITS: 50, Bucket.UPLOADS: 1})

    assert Cost({Bucket.UNITS: 100, Bucket.UPLOADS: 1}) == total
    assert 0 == total.of(Bucket.SEARCHES)
    assert total == total + Cost()


@pytest.mark.parametrize(
    ("limit", "planned", "sent"), [(10_000, 8_000, 9_000), (100, 80, 90), (1, 0, 0), (0, 0, 0), (9, 7, 8)]
)
def test_ceiling_and_hard_stop_are_rounded_down(limit: int, planned: int, sent: int) -> None:
    line = a_line(limit=limit)

    assert (planned, sent) == (ceiling(limit), hard_stop(limit)) == (line.ceiling, line.hard_stop)


@pytest.mark.parametrize(
    ("changes", "free"),
    [
        ({}, 8_000),
        ({"used": 3_000, "reserved": 1_000}, 4_000),
        ({"overhead": 1_000}, 8_000),
        ({"overhead": 1_001}, 7_999),
        ({"used": 8_000}, 0),
        ({"used": 8_500}, 0),
        ({"overhead": 9_000}, 0),
        ({"closed": "quotaExceeded"}, 0),
        ({"limit": 0}, 0),
    ],
)
def test_what_is_free_lies_below_both_lines(changes: dict[str, Any], free: int) -> None:
    line = a_line(**changes)

    assert free == line.free
    assert line.fits(free) == (line.closed is None and line.used <= line.ceiling)
    assert not line.fits(free + 1)


def test_a_closed_line_fits_not_even_nothing() -> None:
    assert a_line().fits(0)
    assert not a_line(closed="why").fits(0)


def test_a_line_above_its_ceiling_fits_not_even_nothing() -> None:
    assert a_line(used=8_000).fits(0)
    assert not a_line(used=8_001).fits(0)


@given(*(st.integers(0, 12_000) for _ in range(5)))
def test_whatever_fits_stays_within_ceiling_and_hard_stop(
    limit: int, used: int, overhead: int, reserved: int, units: int
) -> None:
    line = a_line(limit=limit, used=used, overhead=overhead, reserved=reserved)

    within = used + reserved + units <= 0.8 * limit and line.total + units <= 0.9 * limit
    assert line.free >= 0
    assert used + overhead + reserved == line.total
    if units:
        assert within == line.fits(units)


@pytest.mark.parametrize(
    ("changes", "percent"),
    [({}, 0.0), ({"used": 700, "overhead": 300, "reserved": 5_000}, 10.0), ({"limit": 0}, 100.0)],
)
def test_the_percentage_counts_what_was_sent(changes: dict[str, Any], percent: float) -> None:
    assert percent == a_line(**changes).percent


def test_what_no_fresh_day_allows_is_never_possible() -> None:
    assert possible_ever(10_000, 8_000)
    assert not possible_ever(10_000, 8_001)


def test_the_next_reset_is_the_next_pacific_midnight() -> None:
    assert datetime(2026, 11, 21, 8, tzinfo=UTC) == reset_after(NOW)
