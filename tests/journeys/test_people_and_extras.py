"""Cancelling, stopping, a second worker, and the steps after the bytes."""

import signal
import time

import pytest

from benchmarks.campaign import films
from benchmarks.campaign.saboteur import Trigger
from benchmarks.campaign.stage import MEGABYTE, Row, Scene, Stage
from benchmarks.campaign.verdict import violations
from tests.journeys.conftest import SetStage
from ytempire.domain.values import Refused

SLOW = Scene(bandwidth=MEGABYTE)


def with_extras(stage: Stage, count: int = 1) -> list[Row]:
    rows = stage.rows(count)
    for number, row in enumerate(rows, 1):
        row |= {
            "thumbnail": str(films.thumbnail(number)),
            "captions": [f"en:{films.captions(number)}"],
            "playlists": ["daily"],
        }
    return rows


def extras(stage: Stage) -> dict[str, str]:
    return {str(extra.kind): str(extra.state) for extra in stage.only().extras}


def test_a_cancel_in_mid_upload_leaves_no_video(set_stage: SetStage) -> None:
    stage = set_stage(SLOW)
    (publication,) = stage.submit(stage.rows(1))
    child = stage.start()
    stage.until(lambda: bool(stage.journal("session_opened")))

    stage.act(lambda house: house.operating.cancel(publication.id))

    assert 0 == child.wait()
    assert "cancelled" == stage.only().state
    assert [] == stage.journal("video_completed")
    assert {0} == {line.reserved for line in stage.ledger()}


def test_a_cancel_after_the_last_bytes_is_refused(house: Stage) -> None:
    (publication,) = house.submit(house.rows(1))
    assert 0 == house.work()

    with pytest.raises(Refused, match="cannot be cancelled any more"):
        house.act(lambda acting: acting.operating.cancel(publication.id))

    assert [] == violations(house)


def test_a_sigterm_in_mid_upload_ends_soon_and_the_next_worker_goes_on_there(set_stage: SetStage) -> None:
    stage = set_stage(SLOW)
    stage.submit(stage.rows(1, 3 * MEGABYTE))
    child = stage.start(Trigger("during", "progress", action="term", share=0.4))
    stage.until(lambda: bool(stage.journal("session_opened")))
    began = time.monotonic()

    assert 0 == child.wait(10)
    assert time.monotonic() - began < 10
    assert "uploading" == stage.only().state

    assert 0 == stage.work()

    pieces = [(event.facts["from"], event.facts["to"]) for event in stage.journal("bytes_committed")]
    assert 2 == len(pieces)
    assert 0 < pieces[0][1] == pieces[1][0]
    assert [] == violations(stage, orphans=0)


def test_a_second_worker_is_refused_until_the_first_is_killed(set_stage: SetStage) -> None:
    stage = set_stage(SLOW)
    stage.submit(stage.rows(1))
    first = stage.start()
    stage.until(lambda: bool(stage.journal("session_opened")))

    assert 0 != stage.work()
    assert f"already in use by process {first.pid}" in stage.log()

    first.signal(signal.SIGKILL)
    assert -signal.SIGKILL == first.wait()
    stage.deaths = 1

    assert 0 == stage.work()
    assert [] == violations(stage)


def test_work_that_kills_its_worker_again_and_again_is_held_in_the_end(house: Stage) -> None:
    house.submit(house.rows(1))
    for _ in range(5):
        child = house.start(Trigger("before", "call POST videos"), point="poison")
        if child.wait() == 0:
            break

    assert 0 == house.work()

    reason = house.only().reason
    assert reason is not None
    assert ("held", "poison") == (house.only().state, reason.code)
    assert [] == house.journal("video_completed")


def test_all_extras_are_done_with_one_request_each(house: Stage) -> None:
    house.submit(with_extras(house))

    assert 0 == house.work()

    assert [] == violations(house)
    assert {"thumbnail": "done", "caption": "done", "playlist": "done"} == extras(house)
    assert [1, 1, 1] == [
        len(house.journal(kind)) for kind in ("thumbnail_set", "caption_inserted", "playlist_item_inserted")
    ]


def test_a_thumbnail_that_fails_for_ever_does_not_undo_the_video(house: Stage) -> None:
    (publication,) = house.submit(with_extras(house))
    house.emulator.add_fault("thumbnails.set", "status", status=503, count=None)

    assert 0 == house.work()

    assert [] == violations(house)
    assert {"thumbnail": "failed", "caption": "done", "playlist": "done"} == extras(house)
    assert ("extra.failed", "warning") in house.levels(publication.id)
    assert len(house.requests("thumbnails.set")) <= 11


def test_a_picture_that_youtube_refuses_is_not_sent_again(house: Stage) -> None:
    house.submit(with_extras(house))
    house.emulator.add_fault("thumbnails.set", "status", status=400, reason="invalidImage", count=None)

    assert 0 == house.work()

    assert [] == violations(house)
    assert "failed" == extras(house)["thumbnail"]
    assert 1 == len(house.requests("thumbnails.set"))


def test_a_playlist_entry_whose_reply_was_lost_is_looked_up_and_not_made_twice(house: Stage) -> None:
    house.submit(with_extras(house))
    house.emulator.add_fault("playlistItems.insert", "lost_response")

    assert 0 == house.work()

    assert [] == violations(house)
    assert "done" == extras(house)["playlist"]
    assert 1 == len(house.requests("playlistItems.insert"))
    assert 1 == len(house.journal("playlist_item_inserted"))


def test_a_caption_whose_reply_was_lost_is_there_once(house: Stage) -> None:
    house.submit(with_extras(house))
    house.emulator.add_fault("captions.insert", "lost_response")

    assert 0 == house.work()

    assert [] == violations(house)
    assert "done" == extras(house)["caption"]
    assert 1 == len(house.journal("caption_inserted"))


def test_a_playlist_whose_making_was_not_answered_is_found_by_its_title(house: Stage) -> None:
    house.submit(with_extras(house))
    house.emulator.add_fault("playlists.insert", "lost_response")

    assert 0 == house.work()

    assert [] == violations(house)
    assert 1 == len(house.journal("playlist_inserted"))
    assert "done" == extras(house)["playlist"]
