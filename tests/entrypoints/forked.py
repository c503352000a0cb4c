"""Commands that begin in milliseconds: each is a fork of one process that has imported what others wrote.

A command is a process of its own, with its own folder, environment, input and output. It imports every module of
ours itself, in its own order, as `python -m ytempire` does; only the libraries are there already. The process that
forks has one thread and has run nothing, so a fork of it is sound. How the program starts for real is shown by
`test_start`, by every command that runs beside a test, by the journeys and by the demo.

This module imports nothing of ours, for what it imports the commands would have.
"""

import os
import runpy
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
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


_MEASURED: set[tuple[str, ...]] = set()
"""The commands of which one was measured: each once, for that costs as much again as the command itself."""


def _is_new(words: Sequence[str]) -> bool:
    command = tuple(word for word in words[:2] if word.isalpha())
    new = command not in _MEASURED
    _MEASURED.add(command)
    return new


def run(
    words: Sequence[str], folder: Path, variables: Mapping[str, str], given: str, patience: float
) -> tuple[int, str, str]:
    """Runs a command to its end: its exit code, and what it wrote. Raises `TimeoutError`, and then it was killed."""
    with TemporaryDirectory(prefix="ytempire-forked-") as streams:
        out, err = Path(streams) / "out", Path(streams) / "err"
        theirs, ours = _FORKS.Pipe(duplex=False)
        plan = Plan(words, folder, variables, theirs, out, err, _is_new(words))
        child = _FORKS.Process(target=_command, args=(plan,))
        with ours:
            with theirs:
                child.start()
            os.write(ours.fileno(), given.encode())
        child.join(patience)
        if child.exitcode is None:
            child.kill()
            child.join()
            raise TimeoutError(f"{' '.join(words)} was still busy after {patience:g} s")
        return child.exitcode, out.read_text("utf-8"), err.read_text("utf-8")


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
