"""One worker per home, in this process and in others."""

import os
import signal
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ytempire.adapters.home_lock import HomeBusy, HomeLock, is_held

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

HOLDS = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from ytempire.adapters.home_lock import HomeLock

with HomeLock(Path(sys.argv[1]), started=datetime(2026, 11, 22, tzinfo=UTC)):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_refused_and_told_who_holds_it_until_that_one_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as other:
        assert other.stdout is not None
        assert "held\n" == other.stdout.readline()
        assert is_held(tmp_path)
        with pytest.raises(HomeBusy, match=f"process {other.pid} ") as refused:
            HomeLock(tmp_path, started=NOW).acquire()
        assert other.pid == refused.value.pid
        other.send_signal(signal.SIGKILL)
        other.wait()

    assert not is_held(tmp_path)
    with HomeLock(tmp_path, started=NOW):
        assert is_held(tmp_path)


def test_a_second_lock_in_the_same_process_is_refused_too(tmp_path: Path) -> None:
    held = HomeLock(tmp_path, started=NOW)
    with held:
        with pytest.raises(HomeBusy, match=f"process {os.getpid()} .since 2026-11-22T08:00:00"):
            HomeLock(tmp_path, started=NOW).acquire()
        with pytest.raises(HomeBusy):
            held.acquire()
        assert is_held(tmp_path)


def test_a_lock_can_be_taken_again_after_it_was_given_back(tmp_path: Path) -> None:
    lock = HomeLock(tmp_path, started=NOW)
    for _ in range(2):
        with lock:
            assert is_held(tmp_path)
        assert not is_held(tmp_path)
    lock.release()


def test_a_home_that_was_never_worked_on_is_not_held_and_asking_makes_no_file(tmp_path: Path) -> None:
    assert not is_held(tmp_path)
    assert [] == list(tmp_path.iterdir())


def test_the_holder_is_unknown_when_the_file_says_nothing(tmp_path: Path) -> None:
    with HomeLock(tmp_path, started=NOW):
        (tmp_path / "worker.lock").write_text("?")
        with pytest.raises(HomeBusy, match="another process") as refused:
            HomeLock(tmp_path, started=NOW).acquire()
    assert refused.value.pid is None


def test_only_the_owner_can_read_the_lock(tmp_path: Path) -> None:
    with HomeLock(tmp_path, started=NOW):
        assert 0o600 == stat.S_IMODE((tmp_path / "worker.lock").stat().st_mode)
