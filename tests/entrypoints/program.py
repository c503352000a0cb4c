"""The program as a process, and an installation in a folder that it works on."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.entrypoints import forked
from ytempire.bootstrap import reading
from ytempire.settings import load

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
QUICK = """
[publishing]
retry_base_seconds = 0.05
retry_cap_seconds = 0.2
processing_poll_seconds = 0.1
reconcile_seconds = [0, 0.2]

[worker]
beat_seconds = 0.05
"""


def environment(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment that knows nothing of the one who runs the tests."""
    kept = {
        name: os.environ[name] for name in ("PATH", "PYTHONPYCACHEPREFIX", "TMPDIR") if name in os.environ
    }
    return {
        **kept,
        "HOME": str(home),
        "PYTHONPATH": str(ROOT / "src"),
        "LANG": "C.UTF-8",
        "LOGNAME": "tester",
        **(more or {}),
    }


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)

    def lines(self) -> list[str]:
        """What was said on standard error."""
        return self.err.splitlines()


@dataclass(frozen=True)
class Installation:
    """A folder with a configuration, a home, and what a person keeps beside them."""

    folder: Path
    said: list[str] = field(default_factory=list)
    """The command lines of all that was run to its end, and what it said."""

    from_nothing: bool = False
    """Starts every command as a person does, with no library loaded yet; see `forked`."""

    @property
    def config(self) -> Path:
        return self.folder / "ytempire.toml"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def run(self, *words: object, variables: Mapping[str, str] | None = None, given: str = "") -> Ended:
        """Runs a command to its end, in the folder."""
        known = self.variables(variables)
        if self.from_nothing or any(name.startswith("PYTHON") for name in variables or {}):
            ended = self._run_from_nothing(words, known, given)
        else:
            ended = Ended(*forked.start(list(map(str, words)), self.folder, known, given).wait(PATIENCE))
        self.said.append(f"{words}\n{ended.out}\n{ended.err}")
        return ended

    def _run_from_nothing(self, words: tuple[object, ...], known: Mapping[str, str], given: str) -> Ended:
        done = subprocess.run(
            self._command(words),
            cwd=self.folder,
            env=known,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
            input=given,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def started(
        self, *words: object, variables: Mapping[str, str] | None = None, given: int | IO[str] | None = None
    ) -> Iterator[subprocess.Popen[str]]:
        """A command that runs beside the test, and is ended with it. `given` is its standard input."""
        process = subprocess.Popen(
            self._command(words),
            cwd=self.folder,
            env=self.variables(variables),
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()

    def variables(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of its commands."""
        return environment(self.folder, {"YTEMPIRE_HOME": str(self.home), **(more or {})})

    def state(self) -> dict[str, Any]:
        """How many publications are in each state, and the day's ledger; read without a command."""
        return asyncio.run(self._state())

    async def _state(self) -> dict[str, Any]:
        async with reading(load(self.config, self.home, {})) as house:
            counts = {str(state): count for state, count in (await house.store.counts()).items()}
            return {"counts": counts, "quota": await house.reports.quota()}

    @staticmethod
    def _command(words: tuple[object, ...]) -> list[str]:
        return [sys.executable, "-m", "ytempire", *map(str, words)]


def stopped(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> Ended:
    """Sends a signal and waits for the end."""
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    return Ended(process.returncode, out, err)


def read_until(process: subprocess.Popen[str], text: str) -> str:
    """Reads standard error up to the line with this text."""
    assert process.stderr is not None
    seen = ""
    while line := process.stderr.readline():
        seen += line
        if text in line:
            return seen
    raise AssertionError(f"ended without saying {text!r}: {seen}")


def eventually(question: Any, what: str) -> None:
    """Waits until another process has done something; the answer comes when it is there, not after a time."""
    end = time.monotonic() + PATIENCE
    while not question():
        assert time.monotonic() < end, f"{what} never happened"
        time.sleep(0.02)
