"""What YouTube's answers have taught us about an account: what its channel may do, and how much a day.

A lesson is kept with its moment and its cause and grows old: what was refused once may be allowed later, so that
every lesson is put to the test again. Connecting the account forgets what connecting may have changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ytempire.domain.counting import counted

DAY = timedelta(hours=24)
"""The channel's own caps, of uploads and of thumbnails, count so many rolling hours (facts 4.2)."""

REFUSED_FOR = timedelta(days=30)
"""So long a refusal of custom thumbnails is believed; then one is tried again."""

CAP_FOR = timedelta(days=7)
"""So long a learned cap is kept to; from then on each day may show that one more goes through. A lowered cap was
seen to last a week (youtubeuploader issue 212)."""

SHORT = timedelta(minutes=15)
"""A channel that is not verified takes no longer videos (channels.list, status.longUploadsStatus)."""


class Topic(StrEnum):
    """What a lesson is about.

    `thumbnails`: `refused`. `thumbnail_rate`: `exceeded`. `long_uploads`: Google's word (`allowed`, `eligible`,
    `disallowed`). `daily_cap`: how many uploads went through in a day before YouTube refused one. `strike`: why
    YouTube last took the account out of service.
    """

    THUMBNAILS = "thumbnails"
    THUMBNAIL_RATE = "thumbnail_rate"
    LONG_UPLOADS = "long_uploads"
    DAILY_CAP = "daily_cap"
    STRIKE = "strike"


_NO_LONG_ONES = ("eligible", "disallowed")

FORGOTTEN_BY_CONNECTING = (Topic.THUMBNAILS, Topic.LONG_UPLOADS)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One thing that was learned, when, and from what. An empty value forgets what was known of the topic."""

    topic: Topic
    value: str
    at: datetime
    why: str = ""


def about(topic: Topic, lessons: Iterable[Lesson]) -> Lesson | None:
    """What is known of a topic."""
    return next((each for each in lessons if each.topic is topic), None) if lessons else None


def forgotten(topics: Iterable[Topic], now: datetime) -> tuple[Lesson, ...]:
    """Lessons that make these topics unknown."""
    return tuple(Lesson(topic, "", now) for topic in topics)


def thumbnails_refused(lessons: Iterable[Lesson], now: datetime) -> Lesson | None:
    """The refusal of custom thumbnails that is still believed, or None."""
    lesson = about(Topic.THUMBNAILS, lessons)
    return lesson if lesson is not None and now - lesson.at < REFUSED_FOR else None


def thumbnails_rest_until(lessons: Iterable[Lesson], now: datetime) -> datetime | None:
    """Until when the channel takes no more thumbnails, for it had too many in a day; None when it may."""
    lesson = about(Topic.THUMBNAIL_RATE, lessons)
    return lesson.at + DAY if lesson is not None and lesson.at + DAY > now else None


def takes(length: timedelta | None, lessons: Iterable[Lesson]) -> bool:
    """May a video of this length go to the channel?"""
    return not is_long(length) or not only_short(lessons)


def is_long(length: timedelta | None) -> bool:
    """Is a video of this length too long for a channel that is not verified?"""
    return length is not None and length > SHORT


def only_short(lessons: Iterable[Lesson]) -> bool:
    """Does the channel take no long videos? Only Google's plain no says so."""
    lesson = about(Topic.LONG_UPLOADS, lessons)
    return lesson is not None and lesson.value in _NO_LONG_ONES


def cap_now(daily_uploads: int, lessons: Iterable[Lesson], now: datetime) -> int:
    """How many uploads a day the account gets: as configured, or the learned cap while that is lower."""
    lesson = about(Topic.DAILY_CAP, lessons)
    if lesson is None:
        return daily_uploads
    probe = 0 if now - lesson.at < CAP_FOR else 1
    return min(daily_uploads, int(lesson.value) + probe)


def cap_refused(arrived: int, now: datetime, why: str) -> tuple[Lesson, ...]:
    """After uploadLimitExceeded: what went through in the last 24 hours is the cap. Nothing teaches nothing."""
    return (Lesson(Topic.DAILY_CAP, str(arrived), now, why),) if arrived else ()


def cap_proven(arrived: int, daily_uploads: int, lessons: Iterable[Lesson]) -> tuple[Lesson, ...]:
    """After an upload that makes so many in 24 hours: a cap that this exceeds is raised, or forgotten when it no
    longer limits anything. It keeps its age, so that the next day may prove one more.
    """
    lesson = about(Topic.DAILY_CAP, lessons)
    if lesson is None or arrived <= int(lesson.value):
        return ()
    proven = "" if arrived >= daily_uploads else str(arrived)
    return (
        Lesson(Topic.DAILY_CAP, proven, lesson.at, f"{counted(arrived, 'upload')} went through in 24 hours"),
    )
