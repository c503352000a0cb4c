"""A publication as a value, its files, and the events told about it."""

from dataclasses import FrozenInstanceError, fields
from datetime import datetime, timedelta

import pytest

from tests.builders import NOW, a_file, a_publication, a_request, a_session, an_event
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.files import MAX_CAPTION_BYTES, MAX_THUMBNAIL_BYTES, MAX_VIDEO_BYTES
from ytempire.domain.publication import (
    PRIORITIES,
    Caption,
    Extra,
    ExtraKind,
    ExtraState,
    Metadata,
    Privacy,
    Request,
    SessionState,
    extras_of,
)
from ytempire.domain.quota import Method
from ytempire.domain.values import VideoId

SOON, LATER = NOW + timedelta(minutes=1), NOW + timedelta(days=1)

BARE = a_request()
FULL = a_request(
    thumbnail=a_file("/t.png"),
    captions=(Caption(a_file("/en.srt"), "en"), Caption(a_file("/de.srt"), "de")),
    playlists=("one", "two", "three"),
)


@pytest.mark.parametrize(
    ("request_", "methods"),
    [
        (BARE, [Method.VIDEOS_INSERT]),
        (a_request(thumbnail=a_file()), [Method.VIDEOS_INSERT, Method.THUMBNAILS_SET]),
        (
            FULL,
            [Method.VIDEOS_INSERT, Method.THUMBNAILS_SET]
            + 2 * [Method.CAPTIONS_INSERT]
            + 3 * [Method.PLAYLIST_ITEMS_INSERT],
        ),
    ],
)
def test_a_job_is_its_insert_and_a_call_for_each_extra(request_: Request, methods: list[Method]) -> None:
    assert tuple(methods) == request_.methods()


def test_every_extra_asked_for_is_pending_in_its_place() -> None:
    expected = [
        (ExtraKind.THUMBNAIL, 0),
        (ExtraKind.CAPTION, 0),
        (ExtraKind.CAPTION, 1),
        (ExtraKind.PLAYLIST, 0),
        (ExtraKind.PLAYLIST, 1),
        (ExtraKind.PLAYLIST, 2),
    ]

    assert tuple(Extra(kind, index) for kind, index in expected) == extras_of(FULL)
    assert () == extras_of(BARE)
    assert len(FULL.methods()) == 1 + len(extras_of(FULL))


@pytest.mark.parametrize(
    ("state", "pending"),
    [
        (ExtraState.PENDING, True),
        (ExtraState.SENT, True),
        (ExtraState.DONE, False),
        (ExtraState.FAILED, False),
    ],
)
def test_an_extra_is_pending_until_it_is_done_or_has_failed(state: ExtraState, pending: bool) -> None:
    extra = Extra(ExtraKind.PLAYLIST, 0, state)

    assert ((extra,) if pending else ()) == a_publication(extras=(extra,)).pending_extras()


@pytest.mark.parametrize(
    ("extras", "expected"),
    [
        ((), None),
        (
            (Extra(ExtraKind.THUMBNAIL, 0, ExtraState.DONE), Extra(ExtraKind.CAPTION, 0, ExtraState.FAILED)),
            None,
        ),
        ((Extra(ExtraKind.THUMBNAIL, 0, due=LATER), Extra(ExtraKind.CAPTION, 0, due=SOON)), SOON),
        ((Extra(ExtraKind.THUMBNAIL, 0, due=LATER), Extra(ExtraKind.CAPTION, 0)), NOW),
        ((Extra(ExtraKind.THUMBNAIL, 0, ExtraState.DONE), Extra(ExtraKind.CAPTION, 0, due=LATER)), LATER),
    ],
)
def test_the_next_extra_is_the_first_pending_one_that_is_due(
    extras: tuple[Extra, ...], expected: datetime | None
) -> None:
    assert expected == a_publication(extras=extras).next_extra(NOW)


@pytest.mark.parametrize(
    ("state", "live"),
    [
        (SessionState.OPENING, False),
        (SessionState.OPEN, True),
        (SessionState.FINISHING, True),
        (SessionState.DONE, False),
        (SessionState.GONE, False),
    ],
)
def test_a_session_is_live_while_youtube_may_know_it(state: SessionState, live: bool) -> None:
    session = a_session(state)

    assert (session if live else None) == a_publication(session=session).live_session


def test_a_publication_without_a_session_has_no_live_one() -> None:
    assert None is a_publication().live_session


def test_a_video_has_an_address_once_it_exists() -> None:
    assert None is a_publication().url
    assert "https://www.youtube.com/watch?v=vid_1" == a_publication(video_id=VideoId("vid_1")).url


def test_a_video_is_private_unless_somebody_asks_for_more() -> None:
    assert Privacy.PRIVATE is Metadata("A title").privacy
    assert BARE.priority in PRIORITIES


def test_a_file_is_as_large_as_it_was_when_submitted() -> None:
    assert 42 == a_file(size=42).size


def test_files_may_be_as_large_as_youtube_takes_them() -> None:
    assert (256 * 2**30, 50 * 2**20, 100 * 2**20) == (MAX_VIDEO_BYTES, MAX_THUMBNAIL_BYTES, MAX_CAPTION_BYTES)


def test_an_event_needs_a_kind_and_a_moment_and_says_it_quietly() -> None:
    event = Event(Kind.SUBMITTED, NOW)

    assert Level.INFO is event.level
    assert {} == event.data
    assert (None, None, None) == (event.publication, event.account, event.project)


def test_every_kind_of_event_is_named_by_its_subject_and_what_happened() -> None:
    assert len(Kind) == len({str(kind) for kind in Kind})
    assert all(2 == len(kind.split(".")) and kind == kind.lower() for kind in Kind)


def test_what_happened_cannot_be_changed() -> None:
    event = an_event()

    for each in fields(event):
        with pytest.raises(FrozenInstanceError):
            setattr(event, each.name, NOW + timedelta(days=1))


@pytest.mark.parametrize(
    ("state", "asked", "lately", "untried"),
    [
        (ExtraState.PENDING, None, 3, True),
        (ExtraState.PENDING, 2, 1, False),
        (ExtraState.SENT, None, 3, False),
        (ExtraState.SENT, 3, 0, False),
    ],
)
def test_what_a_person_asks_for_again_keeps_its_tries_and_has_its_budget_anew(
    state: ExtraState, asked: int | None, lately: int, untried: bool
) -> None:
    extra = Extra(ExtraKind.THUMBNAIL, 0, state, tries=3, asked=asked)

    assert (lately, untried) == (extra.lately, extra.untried)
