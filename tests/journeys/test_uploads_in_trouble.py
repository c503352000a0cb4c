"""Uploads whose server, connection, token or file misbehaves, from the start request to the last byte."""

import shutil
from pathlib import Path

import pytest

from benchmarks.campaign import films
from benchmarks.campaign.stage import MEGABYTE, Scene, Stage
from benchmarks.campaign.verdict import violations
from tests.journeys.conftest import SetStage
from ytempire.domain.publication import Publication

IN_PIECES = Scene(piece=524_288)


def published(stage: Stage, *, orphans: int = 0) -> Publication:
    """The one publication, after a worker ended well and no invariant was broken."""
    assert 0 == stage.work(), stage.log()
    assert [] == violations(stage, orphans=orphans)
    return stage.only()


def used(stage: Stage, bucket: str) -> int:
    return sum(line.used for line in stage.ledger() if line.bucket == bucket)


def test_an_undisturbed_upload_takes_two_requests(house: Stage) -> None:
    house.submit(house.rows(1))

    published(house)

    points = [event.facts["point"] for event in house.journal("request")]
    assert ["videos.insert.start", "videos.insert.put"] == [name for name in points if "insert" in name]


def test_a_lost_last_reply_is_asked_for_and_its_video_adopted(house: Stage) -> None:
    house.submit(house.rows(1))
    house.emulator.add_fault("videos.insert.put", "lost_response", final=True)

    published(house)

    assert 1 == len(house.journal("video_completed"))
    assert 1 == len(house.requests("videos.insert.start"))


def test_a_success_that_names_no_video_is_found_on_the_channel(house: Stage) -> None:
    house.submit(house.rows(1))
    house.emulator.add_fault("videos.insert.put", "no_id", final=True)
    house.emulator.add_fault("videos.insert.query", "no_id", count=None)

    publication = published(house)

    assert 1 == len(house.journal("video_completed"))
    assert "publication.adopted" in house.events(publication.id)


@pytest.mark.parametrize("charging", ["session_start", "completion"])
def test_a_session_gone_at_half_is_replaced_and_both_are_charged(charging: str, set_stage: SetStage) -> None:
    stage = set_stage(IN_PIECES)
    stage.emulator.change_project("main", charging=charging)  # type: ignore[arg-type] # one of the two above
    stage.submit(stage.rows(1, 2 * MEGABYTE))
    stage.emulator.add_fault("videos.insert.put", "session_gone", skip=2)

    published(stage, orphans=1)

    assert 2 == len(stage.requests("videos.insert.start"))
    assert 1 == len(stage.journal("video_completed"))
    assert 2 == used(stage, "uploads")


def test_a_session_gone_after_the_last_byte_is_reconciled_with_the_uploads_list(house: Stage) -> None:
    house.submit(house.rows(1))
    house.emulator.add_fault("videos.insert.put", "lost_response", final=True)
    house.emulator.add_fault("videos.insert.query", "session_gone")

    publication = published(house)

    assert 1 == len(house.requests("videos.insert.start"))
    assert "publication.adopted" in house.events(publication.id)


def test_a_session_gone_while_its_last_byte_was_lost_is_held_after_looking(house: Stage) -> None:
    house.submit(house.rows(1))
    house.emulator.add_fault("videos.insert.put", "drop_after_bytes", final=True, amount=MEGABYTE - 100)
    house.emulator.add_fault("videos.insert.query", "session_gone")

    assert 0 == house.work()

    publication = house.only()
    assert "held" == publication.state
    assert publication.reason is not None
    assert "unknown_outcome" == publication.reason.code
    assert 3 == len(house.requests("channels.list")) - len(house.accounts)
    assert [] == house.journal("video_completed")


@pytest.mark.parametrize("kind", ["short_308", "backward_308", "no_range", "odd_308_at_end"])
def test_a_308_with_another_offset_than_ours_is_obeyed(kind: str, set_stage: SetStage) -> None:
    stage = set_stage(IN_PIECES)
    stage.submit(stage.rows(1, 2 * MEGABYTE))
    final = {} if kind == "odd_308_at_end" else {"skip": 1}
    stage.emulator.add_fault("videos.insert.put", kind, **final)

    published(stage)

    assert 1 == len(stage.journal("fault_fired"))
    assert 1 == len(stage.requests("videos.insert.start"))


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_broken_server_in_mid_upload_is_tried_again_in_the_same_session(
    status: int, set_stage: SetStage
) -> None:
    stage = set_stage(IN_PIECES)
    stage.submit(stage.rows(1, 2 * MEGABYTE))
    stage.emulator.add_fault("videos.insert.put", "status", status=status, skip=1, count=2)

    published(stage)

    assert 1 == len(stage.requests("videos.insert.start"))


def test_a_token_refused_in_mid_upload_is_refreshed_and_the_session_goes_on(set_stage: SetStage) -> None:
    stage = set_stage(IN_PIECES)
    stage.submit(stage.rows(1, 2 * MEGABYTE))
    before = len(stage.journal("token_refreshed"))
    stage.emulator.add_fault("videos.insert.put", "status", status=401, reason="authError", skip=2)

    published(stage)

    assert 1 == len(stage.requests("videos.insert.start"))
    assert 1 == len(stage.journal("token_refreshed")) - before


def test_tokens_that_grew_old_before_the_start_are_refreshed(house: Stage) -> None:
    house.submit(house.rows(2))
    for name in house.accounts:
        house.emulator.expire_access_tokens(name)

    assert 0 == house.work()

    assert [] == violations(house)


def test_a_connection_that_breaks_again_and_again_resumes_at_the_servers_offset(house: Stage) -> None:
    house.submit(house.rows(1, 2 * MEGABYTE))
    house.emulator.add_fault("videos.insert.put", "drop_after_bytes", amount=300_000, count=3)

    published(house)

    starts = [event.facts["from"] for event in house.journal("bytes_committed")]
    assert [0, 262_144, 524_288, 786_432] == starts


def copied(tmp_path: Path) -> Path:
    return Path(shutil.copy(films.film(1, MEGABYTE), tmp_path / "film.mp4"))


def test_a_file_that_changed_after_its_submission_is_held_and_nothing_is_sent(
    house: Stage, tmp_path: Path
) -> None:
    path = copied(tmp_path)
    (row,) = house.rows(1)
    house.submit([{**row, "file": str(path)}])
    shutil.copy(films.film(2, MEGABYTE), path)

    assert 0 == house.work()

    reason = house.only().reason
    assert "held" == house.only().state
    assert reason is not None
    assert "source_changed" == reason.code
    assert str(path) in reason.message
    assert [] == house.requests("videos.insert.start")


def test_a_file_that_was_deleted_after_its_submission_is_held(house: Stage, tmp_path: Path) -> None:
    path = copied(tmp_path)
    (row,) = house.rows(1)
    house.submit([{**row, "file": str(path)}])
    path.unlink()

    assert 0 == house.work()

    reason = house.only().reason
    assert reason is not None
    assert ("held", "source_missing") == (house.only().state, reason.code)


def test_a_held_file_that_was_put_back_is_published_on_a_retry(house: Stage, tmp_path: Path) -> None:
    path = copied(tmp_path)
    (row,) = house.rows(1)
    (publication,) = house.submit([{**row, "file": str(path)}])
    path.unlink()
    house.work()
    copied(tmp_path)

    house.act(lambda acting: acting.operating.retry(publication.id))

    assert "published" == published(house).state


def test_a_file_that_changes_while_it_is_sent_becomes_no_video(set_stage: SetStage, tmp_path: Path) -> None:
    stage = set_stage(Scene(bandwidth=2 * MEGABYTE))
    path = copied(tmp_path)
    (row,) = stage.rows(1)
    stage.submit([{**row, "file": str(path)}])
    child = stage.start()
    stage.until(lambda: bool(stage.journal("session_opened")))
    with path.open("r+b") as file:
        file.seek(500_000)
        file.write(b"other bytes")

    assert 0 == child.wait()

    reason = stage.only().reason
    assert reason is not None
    assert ("held", "source_changed") == (stage.only().state, reason.code)
    assert [] == stage.journal("video_completed")


def test_a_file_that_was_only_touched_is_published(house: Stage, tmp_path: Path) -> None:
    path = copied(tmp_path)
    (row,) = house.rows(1)
    house.submit([{**row, "file": str(path)}])
    path.touch()

    published(house)
