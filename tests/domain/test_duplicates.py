"""When two publications are the same thing."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.builders import FIRST, NOW, SECOND, a_file, a_publication, a_request, a_session
from ytempire.domain.duplicates import fingerprint, first_duplicate
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Caption, Metadata, Privacy, Request, Target
from ytempire.domain.values import VideoId

FULL = a_request(
    metadata=Metadata("A title", publish_at=NOW, tags=("a", "b")),
    thumbnail=a_file("/t.png", sha256="cd" * 32),
    captions=(Caption(a_file("/c.srt", sha256="ef" * 32), "en"),),
    playlists=("Season one",),
    not_before=NOW,
)


def test_a_fingerprint_is_a_hash_that_does_not_change() -> None:
    assert 64 == len(fingerprint(FULL))
    assert fingerprint(FULL) == fingerprint(replace(FULL))


def test_where_the_files_lie_does_not_count() -> None:
    moved = replace(
        FULL,
        video=a_file("/elsewhere.mp4"),
        thumbnail=a_file("/elsewhere.png", sha256="cd" * 32, size=9),
        captions=(Caption(a_file("/elsewhere.srt", sha256="ef" * 32), "en"),),
    )

    assert fingerprint(FULL) == fingerprint(moved)


@pytest.mark.parametrize(
    "changes",
    [
        {"video": a_file(sha256="00" * 32)},
        {"mime": "video/webm"},
        {"metadata": replace(FULL.metadata, title="Another")},
        {"metadata": replace(FULL.metadata, title="half \ud800")},
        {"metadata": replace(FULL.metadata, privacy=Privacy.UNLISTED)},
        {"metadata": replace(FULL.metadata, publish_at=NOW + timedelta(seconds=1))},
        {"metadata": replace(FULL.metadata, tags=("a,b",))},
        {"thumbnail": None},
        {"thumbnail": a_file(sha256="00" * 32)},
        {"captions": ()},
        {"captions": (Caption(a_file(sha256="00" * 32), "en"),)},
        {"captions": (Caption(a_file(sha256="ef" * 32), "de"),)},
        {"playlists": ()},
        {"target": Target(account=FIRST)},
        {"target": Target(group=FIRST)},
        {"priority": 1},
        {"not_before": None},
        {"deadline": NOW},
        {"idempotency_key": "key"},
        {"again": True},
    ],
    ids=str,
)
def test_everything_asked_counts(changes: dict[str, Any]) -> None:
    assert fingerprint(FULL) != fingerprint(replace(FULL, **changes))


def test_the_same_moment_counts_by_its_text() -> None:
    same = datetime.fromisoformat(NOW.isoformat())

    assert fingerprint(FULL) == fingerprint(replace(FULL, not_before=same))


POOL, NEWS, ON_FIRST, ON_SECOND = (
    a_request(target=target)
    for target in (Target(), Target(group="news"), Target(account=FIRST), Target(account=SECOND))
)


@pytest.mark.parametrize(
    ("mine", "theirs", "placed", "meet"),
    [
        (POOL, POOL, None, True),
        (POOL, ON_FIRST, None, True),
        (NEWS, ON_FIRST, FIRST, True),
        (ON_FIRST, POOL, None, True),
        (ON_FIRST, NEWS, None, True),
        (ON_FIRST, ON_FIRST, None, True),
        (ON_FIRST, ON_SECOND, None, False),
        (ON_FIRST, POOL, FIRST, True),
        (ON_FIRST, POOL, SECOND, False),
        (ON_SECOND, POOL, SECOND, True),
    ],
)
def test_the_same_bytes_are_a_duplicate_where_they_could_meet_on_one_channel(
    mine: Request, theirs: Request, placed: Any, meet: bool
) -> None:
    state = State.QUEUED if placed is None else State.UPLOADING
    other = a_publication("other", request=theirs, account=placed, state=state)

    assert (other if meet else None) == first_duplicate(mine, [other])


@pytest.mark.parametrize("state", [State.QUEUED, State.PLANNED, State.DEFERRED, State.HELD])
def test_an_account_that_it_waits_for_does_not_keep_it_from_coming_to_another(state: State) -> None:
    waiting = a_publication("other", request=POOL, account=SECOND, state=state)
    begun = replace(waiting, session=a_session(account=SECOND))
    arrived = replace(waiting, video_id=VideoId("video"))

    assert waiting == first_duplicate(ON_FIRST, [begun, arrived, waiting])
    assert None is first_duplicate(ON_FIRST, [begun, arrived])
    assert begun == first_duplicate(ON_SECOND, [begun])


def test_the_first_that_meets_is_told() -> None:
    others = [
        a_publication("elsewhere", state=State.PUBLISHED, account=SECOND),
        a_publication("here", state=State.PUBLISHED, account=FIRST),
        a_publication("too"),
    ]

    assert others[1] == first_duplicate(ON_FIRST, others)


def test_what_is_asked_for_again_on_purpose_repeats_nothing() -> None:
    assert None is first_duplicate(a_request(again=True), [a_publication("other")])
    assert None is first_duplicate(POOL, [])
