"""What so many videos would cost on a fresh day, and how many uploads are still possible today."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import FIRST, MAIN, NOW, SECOND, a_line, an_account
from ytempire.domain.accounts import Condition
from ytempire.domain.lessons import Lesson, Topic
from ytempire.domain.quota import BUCKETS_2026, PROFILES, UNITS_2025, Bucket, Cost, Method, ceiling
from ytempire.domain.values import ProjectId, Refused
from ytempire.domain.whatif import Room, extras, job, room, what_if

INSERT, THUMBNAIL, CAPTION = Method.VIDEOS_INSERT, Method.THUMBNAILS_SET, Method.CAPTIONS_INSERT
UPDATE, PLAYLIST = Method.VIDEOS_UPDATE, Method.PLAYLIST_ITEMS_INSERT
UPLOADS, UNITS = Bucket.UPLOADS, Bucket.UNITS
USUAL = (INSERT, THUMBNAIL, UPDATE, PLAYLIST)


@pytest.mark.parametrize(
    ("text", "methods"),
    [
        ("", (INSERT,)),
        ("none", (INSERT,)),
        ("thumbnail", (INSERT, THUMBNAIL)),
        ("thumbnail,update,playlist", USUAL),
        (" thumbnails , captions:2 ", (INSERT, THUMBNAIL, CAPTION, CAPTION)),
        ("caption=1,playlists:2", (INSERT, CAPTION, PLAYLIST, PLAYLIST)),
    ],
)
def test_extras_are_read_in_every_spelling(text: str, methods: tuple[Method, ...]) -> None:
    assert methods == extras(text)


@pytest.mark.parametrize(
    "text", ["thumb", "captions:0", "captions:51", "captions:-1", "captions:", "captions:²", "none:2", ":2"]
)
def test_what_is_no_extra_is_refused_with_those_there_are(text: str) -> None:
    with pytest.raises(Refused, match="thumbnail, update, playlist, caption"):
        extras(text)


@pytest.mark.parametrize(
    ("profile", "methods", "videos", "room_for", "binding", "fits"),
    [
        ("buckets-2026", USUAL, 50, 53, UNITS, True),
        ("buckets-2026", (INSERT,), 80, 80, UPLOADS, True),
        ("buckets-2026", (INSERT,), 81, 80, UPLOADS, False),
        ("buckets-2026", (INSERT, THUMBNAIL, CAPTION, PLAYLIST), 50, 16, UNITS, False),
        ("buckets-2026", (INSERT, CAPTION, CAPTION), 0, 10, UNITS, True),
        ("units-2025", (INSERT,), 5, 5, UNITS, True),
        ("units-2025", USUAL, 5, 4, UNITS, False),
        ("units-2025-12", USUAL, 50, 32, UNITS, False),
    ],
)
def test_videos_are_held_to_the_ceiling_of_a_fresh_day(
    profile: str, methods: tuple[Method, ...], videos: int, room_for: int, binding: Bucket, fits: bool
) -> None:
    priced = PROFILES[profile]
    supposed = what_if(videos, job(priced, methods), priced.limits)

    assert (room_for, binding, fits) == (supposed.room, supposed.binding, supposed.fits)


def test_each_bucket_tells_its_share_and_the_limit_to_ask_for() -> None:
    uploads, units = sorted(
        what_if(60, job(BUCKETS_2026, USUAL), BUCKETS_2026.limits).needs, key=lambda need: need.limit
    )

    assert (UPLOADS, 1, 60, 100, 80, 60.0, True, 75) == (
        uploads.bucket, uploads.each, uploads.total, uploads.limit, uploads.ceiling, uploads.percent,
        uploads.fits, uploads.limit_needed,
    )  # fmt: skip
    assert (150, 9_000, 90.0, False, 11_250) == (
        units.each, units.total, units.percent, units.fits, units.limit_needed
    )  # fmt: skip


def test_fifty_videos_with_the_usual_extras_take_three_quarters_of_one_project() -> None:
    units = next(
        need for need in what_if(50, job(BUCKETS_2026, USUAL), BUCKETS_2026.limits).needs
        if need.bucket is UNITS
    )  # fmt: skip

    assert 75.0 == units.percent


@given(st.integers(0, 500), st.integers(1, 500), st.integers(0, 20_000))
def test_the_room_fits_and_one_more_does_not_and_the_limit_asked_for_is_the_least(
    videos: int, units: int, limit: int
) -> None:
    cost = Cost({UNITS: units})
    (need,) = what_if(videos, cost, {UNITS: limit}).needs

    assert what_if(need.room, cost, {UNITS: limit}).fits
    assert not what_if(need.room + 1, cost, {UNITS: limit}).fits
    assert need.total <= ceiling(need.limit_needed)
    assert need.limit_needed == 0 or need.total > ceiling(need.limit_needed - 1)


def test_a_bucket_without_a_limit_carries_nothing() -> None:
    supposed = what_if(1, Cost({UPLOADS: 1}), {})

    assert (0, False, 100.0) == (supposed.room, supposed.fits, supposed.needs[0].percent)


def test_an_insert_that_is_charged_twice_takes_two() -> None:
    twice = replace(BUCKETS_2026, inserts_charged_twice=True)

    assert 40 == what_if(1, job(twice, (INSERT,)), twice.limits).room


@pytest.mark.parametrize(
    ("uploads", "changes", "expected"),
    [
        ({}, {}, Room(MAIN, 80, 5)),
        ({"used": 60, "reserved": 17}, {}, Room(MAIN, 3, 5)),
        ({"closed": "per day"}, {}, Room(MAIN, 0, 5)),
        ({}, {"uploads_today": 4}, Room(MAIN, 80, 1)),
        ({}, {"uploads_today": 9}, Room(MAIN, 80, 0)),
        ({}, {"lessons": (Lesson(Topic.DAILY_CAP, "3", NOW),), "uploads_today": 1}, Room(MAIN, 80, 2)),
        ({}, {"condition": Condition.STANDBY}, Room(MAIN, 80, 0, 5)),
        ({}, {"project": ProjectId("other")}, Room(MAIN, 80, 0)),
    ],
)
def test_uploads_are_possible_as_far_as_quota_and_daily_caps_leave_room(
    uploads: dict[str, Any], changes: dict[str, Any], expected: Room
) -> None:
    lines = [
        a_line(UPLOADS, 100, **uploads),
        a_line(),
        replace(a_line(UPLOADS, 5), project=ProjectId("other")),
    ]

    found = room(MAIN, Cost({UPLOADS: 1, UNITS: 50}), lines, [an_account(FIRST, **changes)], NOW)

    assert expected == found
    assert min(expected.by_quota, expected.by_accounts) == found.uploads


@pytest.mark.parametrize(("left", "more"), [((9, 5, 2), 2), ((6, 5, 2), 1), ((5, 5, 2), 0), ((4, 5, 2), 0)])
def test_reserves_that_stand_by_add_what_the_quota_still_carries(left: tuple[int, ...], more: int) -> None:
    assert more == Room(MAIN, *left).more_on_reserves


def test_accounts_of_a_project_add_up_and_a_missing_line_leaves_nothing() -> None:
    accounts = [an_account(FIRST), an_account(SECOND, uploads_today=2)]

    assert Room(MAIN, 0, 8) == room(MAIN, job(UNITS_2025, (INSERT,)), [], accounts, NOW)
