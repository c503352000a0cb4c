"""One worker per home: a lock on a file that the kernel lets go when its process dies, however it dies."""

import fcntl
import json
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Self

from ytempire.domain.values import WorkerBusy

FILE = "worker.lock"
TRIES = 5
PAUSE = 0.01  # seconds; someone may be looking (`is_held`), which takes the lock for some microseconds


class HomeBusy(WorkerBusy):
    """Another process works on this home. `pid` is None when it cannot be told which."""

    def __init__(self, home: Path, pid: int | None, since: str | None) -> None:
        who = f"process {pid} (since {since})" if pid else "another process"
        super().__init__(
            f"{home} is already in use by {who}. Stop it first, or choose another home with --home."
        )
        self.pid = pid


class HomeLock:
    """The right to work on a home, for one process. Use it as a context or call `acquire` and `release`.

    It is an flock on `<home>/worker.lock`, so a second `HomeLock` in the same process is refused too. The
    file stays; its content (pid and start time) is for people and counts for nothing. A child made by fork
    without exec shares the lock.
    """

    def __init__(self, home: Path, *, started: datetime) -> None:
        self._home = home
        self._started = started
        self._file: int | None = None

    def acquire(self) -> None:
        """Takes the lock, or raises `HomeBusy` at once."""
        if self._file is not None:
            raise HomeBusy(self._home, os.getpid(), self._started.isoformat())
        file = os.open(self._home / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if not _taken(file):
                raise HomeBusy(self._home, *_holder(file))
            os.ftruncate(file, 0)
            os.pwrite(file, _content(os.getpid(), self._started), 0)
        except BaseException:
            os.close(file)
            raise
        self._file = file

    def release(self) -> None:
        """Gives the lock back. Does nothing when it is not held."""
        if self._file is not None:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def is_held(home: Path) -> bool:
    """Does a process work on this home?"""
    try:
        # O_NONBLOCK: a pipe of that name must not hold everyone who only looks.
        file = os.open(home / FILE, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return False
    try:
        return not _try(file, fcntl.LOCK_SH)
    finally:
        os.close(file)


def _taken(file: int) -> bool:
    pause = Event()
    for _ in range(TRIES):
        if _try(file, fcntl.LOCK_EX):
            return True
        pause.wait(PAUSE)
    return False


def _try(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _content(pid: int, started: datetime) -> bytes:
    return json.dumps({"pid": pid, "started": started.isoformat()}).encode() + b"\n"


def _holder(file: int) -> tuple[int | None, str | None]:
    with suppress(ValueError, KeyError, TypeError):
        content = json.loads(os.pread(file, 1000, 0))
        return int(content["pid"]), str(content["started"])
    return None, None
