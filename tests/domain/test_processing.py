"""What becomes of a video after its bytes arrived, and whether it is as visible as was asked."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW
from tests.strategies import json_values
from ytempire.domain.processing import Ready, Rejected, Working, judge, poll_delay
from ytempire.domain.publication import Metadata, Privacy, Reason

HOUR = timedelta(hours=1)
ASKED = Metadata("A title", privacy=Privacy.UNLISTED)
PLANNED = Metadata("A title", publish_at=NOW.replace(microsecond=250_000))
PLANNED_TEXT = "2026-11-20T18:00:00Z"
"""`PLANNED.publish_at` as YouTube tells it."""


def a_video(upload: str | None = "processed", processing: str | None = None, **status: Any) -> dict[str, Any]:
    video: dict[str, Any] = {"status": {"privacyStatus": "unlisted", **status}}
    if upload is not None:
        video["status"]["uploadStatus"] = upload
    if processing is not None:
        video["processingDetails"] = {"processingStatus": processing}
    return video


@pytest.mark.parametrize(
    ("upload", "processing"),
    [
        ("uploaded", None),
        ("uploaded", "processing"),
        ("uploaded", "terminated"),
        (None, None),
        ("unheardOf", "unheardOf"),
    ],
)
def test_a_video_is_in_work_until_youtube_says_otherwise(upload: str | None, processing: str | None) -> None:
    assert Working() == judge(a_video(upload, processing), ASKED, now=NOW)


@pytest.mark.parametrize(
    ("upload", "processing"), [("processed", None), ("processed", "terminated"), ("uploaded", "succeeded")]
)
def test_a_processed_video_is_ready(upload: str, processing: str | None) -> None:
    assert Ready(None) == judge(a_video(upload, processing), ASKED, now=NOW)


@pytest.mark.parametrize(
    ("video", "sentence"),
    [
        (a_video("failed", failureReason="codec"), "YouTube failed to process the video: codec"),
        (a_video("failed", failureReason="emptyFile"), "YouTube failed to process the video: emptyFile"),
        (a_video("rejected", rejectionReason="copyright"), "YouTube rejected the video: copyright"),
        (a_video("rejected", rejectionReason="length"), "YouTube rejected the video: length"),
        (a_video("rejected"), "YouTube rejected the video: it gave no reason"),
        (a_video("deleted"), "YouTube deleted the video: it gave no reason"),
        (a_video("uploaded", "failed"), "YouTube failed to process the video: it gave no reason"),
        (
            {
                "processingDetails": {
                    "processingStatus": "failed",
                    "processingFailureReason": "transcodeFailed",
                }
            },
            "YouTube failed to process the video: transcodeFailed",
        ),
    ],
)
def test_a_failure_says_what_youtube_said(video: dict[str, Any], sentence: str) -> None:
    remedies = ("export the video again and submit it as a new one",)
    expected = Rejected(Reason("processingFailed", sentence, remedies))

    assert expected == judge(video, ASKED, now=NOW)


def test_the_same_file_again_is_a_duplicate() -> None:
    verdict = judge(a_video("rejected", rejectionReason="duplicate"), ASKED, now=NOW)

    assert isinstance(verdict, Rejected)
    assert verdict.duplicate
    assert "duplicateUpload" == verdict.reason.code


def test_a_video_that_is_not_there_is_missing() -> None:
    verdict = judge(None, ASKED, now=NOW)

    assert isinstance(verdict, Rejected)
    assert not verdict.duplicate
    assert "video_missing" == verdict.reason.code


@pytest.mark.parametrize("asked", Privacy)
@pytest.mark.parametrize("found", Privacy)
def test_the_visibility_found_is_compared_with_the_one_asked(asked: Privacy, found: Privacy) -> None:
    verdict = judge(a_video(privacyStatus=str(found)), Metadata("A title", privacy=asked), now=NOW)

    assert Ready(None if asked is found else f"asked to be {asked}, is {found}") == verdict


def test_a_visibility_that_is_not_told_is_not_the_one_asked() -> None:
    assert Ready("asked to be unlisted, is None") == judge(a_video(privacyStatus=None), ASKED, now=NOW)


@pytest.mark.parametrize(
    "publish_at", [PLANNED_TEXT, "2026-11-20T18:00:00.000Z", "2026-11-20T10:00:00-08:00"]
)
def test_a_planned_video_waits_in_private_for_its_moment(publish_at: str) -> None:
    video = a_video(privacyStatus="private", publishAt=publish_at)

    assert Ready(None) == judge(video, PLANNED, now=NOW - HOUR)


@pytest.mark.parametrize(
    ("found", "publish_at"),
    [
        ("private", None),
        ("private", "2026-11-20T19:00:00Z"),
        ("private", "2026-11-20T18:00:00"),
        ("private", "0001-01-01T00:00:00+23:00"),
        ("private", "soon"),
        ("unlisted", PLANNED_TEXT),
        ("public", PLANNED_TEXT),
        ("public", None),
    ],
)
def test_a_planned_video_that_waits_otherwise_is_told_about(found: str, publish_at: str | None) -> None:
    video = a_video(privacyStatus=found, **({"publishAt": publish_at} if publish_at else {}))
    verdict = judge(video, PLANNED, now=NOW - HOUR)

    assert isinstance(verdict, Ready)
    assert verdict.differs is not None
    assert f"is {found}" in verdict.differs


@pytest.mark.parametrize("late", [timedelta(seconds=-30), timedelta(0), HOUR])
def test_a_planned_video_may_be_public_once_its_moment_has_come(late: timedelta) -> None:
    assert Ready(None) == judge(a_video(privacyStatus="public"), PLANNED, now=NOW + late)


def test_a_planned_video_that_is_public_before_its_moment_is_told_about() -> None:
    verdict = judge(a_video(privacyStatus="public"), PLANNED, now=NOW - 2 * HOUR)

    assert isinstance(verdict, Ready)
    assert verdict.differs is not None


WORDS = st.sampled_from(("processed", "failed", "rejected", "deleted", "succeeded", "public", "private"))
FIELDS = ("uploadStatus", "privacyStatus", "publishAt", "failureReason", "processingStatus")
STATUS = json_values(*FIELDS) | st.dictionaries(st.sampled_from(FIELDS), WORDS | json_values(), max_size=3)


@given(
    st.dictionaries(st.sampled_from(("status", "processingDetails")), STATUS),
    st.sampled_from((ASKED, PLANNED)),
)
def test_every_video_has_a_verdict(video: dict[str, Any], metadata: Metadata) -> None:
    assert isinstance(judge(video, metadata, now=NOW), Ready | Working | Rejected)


@pytest.mark.parametrize(
    ("waited", "delay"),
    [
        (timedelta(0), timedelta(seconds=15)),
        (timedelta(seconds=-9), timedelta(seconds=15)),
        (timedelta(minutes=6), timedelta(minutes=1)),
        (timedelta(hours=1), timedelta(minutes=10)),
        (timedelta(hours=9), timedelta(minutes=10)),
    ],
)
def test_looks_come_soon_at_first_and_rarer_later(waited: timedelta, delay: timedelta) -> None:
    assert delay == poll_delay(waited, base=timedelta(seconds=15))
