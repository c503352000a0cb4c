"""Commands that begin in milliseconds: each is a fork of one process that has imported what others wrote.

A command is a process of its own, with its own folder, environment, input and output. It imports every module of
ours itself, in its own order, as `python -m ytempire` does; only the libraries are there already. The process that
forks has one thread and has run nothing, so a fork of it is sound. How the program starts for real is shown by
`test_start`, by every command that runs beside a test, by the journeys and by the demo.

This module imports nothing of ours, for what it imports the commands would have.
"""

import logging
import os
import runpy
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TextIO

import coverage

_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        __name__, "PIL.Image", "alembic.command", "apprise", "asyncio", "av", "cryptography.fernet", "dbos",
        "fastapi", "httpx2", "jinja2.sandbox", "rich.progress", "sqlite3", "structlog", "typer.main", "uvicorn",
        "yaml", "zoneinfo",
    ]
)  # fmt: skip


MEASURE = "TESTS_MEASURE"
"""The variable with the configuration of coverage; empty when nothing is measured."""


@dataclass(frozen=True)
class Plan:
    """What a command is to begin with. It reads from a pipe and writes to files, which nobody has to empty for it."""

    words: Sequence[str]
    folder: Path
    variables: Mapping[str, str]
    given: Connection
    out: Path
    err: Path
    measured: bool
    talkative: bool


_MEASURED: set[tuple[str, ...]] = set()
"""The commands of which one was measured: each once, for that costs as much again as the command itself."""


def _is_new(words: Sequence[str]) -> bool:
    command = tuple(word for word in words[:2] if word.isalpha())
    new = command not in _MEASURED
    _MEASURED.add(command)
    return new


@dataclass(frozen=True)
class Running:
    """A command under way."""

    words: Sequence[str]
    process: BaseProcess
    streams: "TemporaryDirectory[str]"

    @property
    def pid(self) -> int:
        """The number of its process."""
        assert self.process.pid is not None
        return self.process.pid

    def wait(self, patience: float) -> tuple[int, str, str]:
        """Its exit code, and what it wrote. Raises `TimeoutError` after so many seconds, and then it was killed."""
        with self.streams as streams:
            self.process.join(patience)
            if self.process.exitcode is None:
                self.process.kill()
                self.process.join()
                raise TimeoutError(f"{' '.join(self.words)} was still busy after {patience:g} s")
            out, err = (Path(streams, name).read_text("utf-8") for name in ("out", "err"))
            return self.process.exitcode, out, err


def start(
    words: Sequence[str],
    folder: Path,
    variables: Mapping[str, str],
    given: str = "",
    *,
    talkative: bool = False,
) -> Running:
    """Starts a command in a folder, with these variables and no others. `talkative` logs all there is to log."""
    streams = TemporaryDirectory(prefix="ytempire-forked-")
    theirs, ours = _FORKS.Pipe(duplex=False)
    out, err = Path(streams.name, "out"), Path(streams.name, "err")
    plan = Plan(words, folder, variables, theirs, out, err, _is_new(words), talkative)
    process = _FORKS.Process(target=_command, args=(plan,))
    with ours:
        with theirs:
            process.start()
        os.write(ours.fileno(), given.encode())
    return Running(words, process, streams)


def _command(plan: Plan) -> None:
    """Takes the place, the words and the surroundings of the command, and is it."""
    measured = _measured(os.environ.get(MEASURE, "") if plan.measured else "")
    os.environ.clear()
    os.environ.update(plan.variables)
    with plan.given:
        sys.stdin = _stream(0, plan.given.fileno(), "r")
    for name, number, path in (("stdout", 1, plan.out), ("stderr", 2, plan.err)):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        setattr(sys, name, _stream(number, opened, "w"))
        os.close(opened)
    os.chdir(plan.folder)
    sys.argv = ["ytempire", *plan.words]
    if plan.talkative:
        logging.basicConfig(level=logging.DEBUG, force=True)
    with measured:
        runpy.run_module("ytempire", run_name="__main__", alter_sys=True)


@contextmanager
def _measured(configuration: str) -> Iterator[None]:
    """Coverage of what runs within, for the sum over all tiers."""
    if not configuration:
        yield
        return
    os.environ["COVERAGE_PROCESS_CONFIG"] = configuration
    measuring = coverage.process_startup(force=True)
    assert measuring is not None
    del os.environ["COVERAGE_PROCESS_CONFIG"]
    try:
        yield
    finally:
        measuring.stop()
        measuring.save()


def _stream(number: int, opened: int, mode: Literal["r", "w"]) -> TextIO:
    """A standard stream, as Python opens it where texts are UTF-8."""
    os.dup2(opened, number)
    errors = "backslashreplace" if number == 2 else "strict"
    return open(number, mode, 1 if number == 2 else -1, encoding="utf-8", errors=errors, closefd=False)
