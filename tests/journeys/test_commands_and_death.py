"""The program itself, as a person starts it: killed, started again, and telling the truth about it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.campaign.nursery import ROOT
from benchmarks.campaign.stage import MEGABYTE, Scene, Stage
from benchmarks.campaign.verdict import violations
from tests.journeys.conftest import SetStage


def ytempire(stage: Stage, *words: str) -> "subprocess.Popen[str]":
    where = ["--config", str(stage.folder / "ytempire.toml"), "--home", str(stage.folder / "home")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.Popen(
        [sys.executable, "-m", "ytempire", *words, *where],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def commit_of(stage: Stage, film: str) -> None:
    """Takes what the command queued as what is expected to be published."""
    stage.submitted = [
        each for each in stage.publications().values() if Path(each.request.video.path).name == film
    ]


def test_publish_that_is_killed_is_finished_by_a_worker(set_stage: SetStage) -> None:
    stage = set_stage(Scene(bandwidth=2 * MEGABYTE))
    (row,) = stage.rows(1, 2 * MEGABYTE)
    publish = ytempire(stage, "publish", row["file"], "--title", "Film", "--privacy", "private", "--wait")
    stage.until(lambda: bool(stage.journal("session_opened")), seconds=40)
    time.sleep(0.3)
    publish.send_signal(signal.SIGKILL)
    publish.communicate()
    stage.deaths = 1
    commit_of(stage, Path(row["file"]).name)

    assert -signal.SIGKILL == publish.returncode
    assert [] == stage.journal("video_completed")

    worker = ytempire(stage, "worker", "--until-idle")
    _, said = worker.communicate(timeout=40)

    assert 0 == worker.returncode, said
    assert [] == violations(stage)

    jobs = ytempire(stage, "jobs", "list", "--json")
    told, _ = jobs.communicate(timeout=40)
    assert ["published"] == [each["state"] for each in json.loads(told)["publications"]]


def test_a_worker_that_is_told_to_stop_leaves_within_ten_seconds(set_stage: SetStage) -> None:
    stage = set_stage(Scene(bandwidth=500_000))
    stage.submit(stage.rows(2, 3 * MEGABYTE))
    worker = ytempire(stage, "worker")
    stage.until(lambda: 2 == len(stage.journal("session_opened")), seconds=40)
    time.sleep(0.5)
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    _, said = worker.communicate(timeout=20)

    assert 0 == worker.returncode, said
    assert time.monotonic() - began < 10
    assert "what is not finished goes on at the next start" in said
    assert [] == stage.journal("video_completed")
    assert {"uploading"} == {str(each.state) for each in stage.publications().values()}
