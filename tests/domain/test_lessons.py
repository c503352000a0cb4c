"""What YouTube's answers teach about an account, how long it is believed, and how it is proven wrong."""

from datetime import timedelta

import pytest

from tests.builders import NOW, a_request, an_account
from ytempire.domain.lessons import (
    CAP_FOR,
    REFUSED_FOR,
    SHORT,
    Lesson,
    Topic,
    about,
    cap_now,
    cap_proven,
    cap_refused,
    forgotten,
    takes,
    thumbnails_refused,
    thumbnails_rest_until,
)

MOMENT = timedelta(microseconds=1)
DAY = timedelta(days=1)


def cap(value: int, age: timedelta = timedelta(0)) -> tuple[Lesson, ...]:
    return (Lesson(Topic.DAILY_CAP, str(value), NOW - age),)


def test_each_topic_is_found_among_the_others() -> None:
    strike, capped = Lesson(Topic.STRIKE, "accountUnusable", NOW), *cap(3)

    assert [capped, strike, None] == [
        about(topic, (strike, capped)) for topic in (Topic.DAILY_CAP, Topic.STRIKE, Topic.THUMBNAILS)
    ]


def test_what_is_forgotten_has_no_value() -> None:
    assert (Lesson(Topic.THUMBNAILS, "", NOW),) == forgotten([Topic.THUMBNAILS], NOW)


def test_a_refusal_of_thumbnails_is_believed_for_a_month() -> None:
    lesson = Lesson(Topic.THUMBNAILS, "refused", NOW)

    assert thumbnails_refused((), NOW) is None
    assert lesson == thumbnails_refused((lesson,), NOW + REFUSED_FOR - MOMENT)
    assert thumbnails_refused((lesson,), NOW + REFUSED_FOR) is None


def test_one_thumbnail_too_many_is_believed_for_a_day() -> None:
    lessons = (Lesson(Topic.THUMBNAIL_RATE, "exceeded", NOW),)

    assert thumbnails_rest_until((), NOW) is None
    assert NOW + DAY == thumbnails_rest_until(lessons, NOW)
    assert NOW + DAY == thumbnails_rest_until(lessons, NOW + DAY - MOMENT)
    assert thumbnails_rest_until(lessons, NOW + DAY) is None


@pytest.mark.parametrize(
    ("said", "length", "may"),
    [
        ("disallowed", SHORT, True),
        ("disallowed", SHORT + MOMENT, False),
        ("eligible", SHORT + MOMENT, False),
        ("disallowed", None, True),
        ("allowed", 3 * SHORT, True),
        ("longUploadsUnspecified", 3 * SHORT, True),
        (None, 3 * SHORT, True),
    ],
)
def test_only_a_plain_no_keeps_long_videos_away(
    said: str | None, length: timedelta | None, may: bool
) -> None:
    lessons = (Lesson(Topic.LONG_UPLOADS, said, NOW),) if said is not None else ()

    assert may == takes(length, lessons)


@pytest.mark.parametrize(
    ("lessons", "expected"),
    [
        ((), 5),
        (cap(3), 3),
        (cap(9), 5),
        (cap(3, CAP_FOR - MOMENT), 3),
        (cap(3, CAP_FOR), 4),
        (cap(5, CAP_FOR), 5),
    ],
)
def test_a_learned_cap_is_kept_to_for_a_week_and_then_put_to_the_test(
    lessons: tuple[Lesson, ...], expected: int
) -> None:
    assert expected == cap_now(5, lessons, NOW)
    assert expected == an_account(lessons=lessons).cap(NOW)


def test_what_went_through_before_the_refusal_is_the_cap() -> None:
    assert (Lesson(Topic.DAILY_CAP, "4", NOW, "enough"),) == cap_refused(4, NOW, "enough")
    assert () == cap_refused(0, NOW, "enough")


@pytest.mark.parametrize(("arrived", "value"), [(3, None), (4, "4"), (5, ""), (6, "")])
def test_more_than_was_learned_raises_the_cap_until_it_limits_nothing(
    arrived: int, value: str | None
) -> None:
    proven = cap_proven(arrived, 5, cap(3, DAY))

    assert [value] * (value is not None) == [each.value for each in proven]
    assert all(NOW - DAY == each.at for each in proven)


def test_where_nothing_was_learned_nothing_is_proven() -> None:
    assert () == cap_proven(9, 5, ())


def test_the_length_of_a_video_is_known_when_it_was_looked_at() -> None:
    assert [None, SHORT] == [a_request(duration_ms=each).length for each in (None, 900_000)]
