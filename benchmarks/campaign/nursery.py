"""Children without the wait: one process that has imported everything, and forks for each child.

A child is a process of its own that has done nothing yet but import; starting it costs milliseconds instead
of seconds. The nursery has one thread only, so a fork of it is sound.
"""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.campaign.child import Plan

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
"""Seconds after which a child that does not end is taken to hang; it is killed, and that is a failure."""


class Hung(Exception):
    """A child did not end."""


class Child:
    """A running child."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self._nursery = nursery
        self.pid = pid

    def signal(self, number: int) -> None:
        """Sends it a signal; one that has ended gets none."""
        os.kill(self.pid, number)

    def wait(self, seconds: float = PATIENCE) -> int:
        """Its exit status, negative for a signal. Raises `Hung`, and then it was killed."""
        late = threading.Event()

        def end() -> None:
            late.set()
            os.kill(self.pid, signal.SIGKILL)

        timer = threading.Timer(seconds, end)
        timer.start()
        try:
            code = self._nursery.wait(self.pid)
        finally:
            timer.cancel()
        if late.is_set():
            raise Hung(f"the worker was still busy after {seconds:g} s")
        return code


class Nursery:
    """The face of the forking process. Use it as a context, from one thread."""

    def __enter__(self) -> Self:
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.campaign.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=environment,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def start(self, plan: Plan) -> Child:
        """A child at work."""
        return Child(self, int(self._ask(f"start {plan.as_json()}")))

    def wait(self, pid: int) -> int:
        """Waits for a child's end."""
        return int(self._ask(f"wait {pid}"))

    def _ask(self, line: str) -> str:
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the nursery has no pipes")
        process.stdin.write(line + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            raise RuntimeError("the nursery is gone")
        return answer


def _fork(plan: Plan) -> int:
    pid = os.fork()
    if pid:
        return pid
    from benchmarks.campaign.child import run

    log = os.open(Path(plan.folder) / "child.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(0)
    code = 70
    try:
        code = run(plan)
    except BaseException:  # noqa: BLE001 - the outermost loop of this process
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    """Forks and waits as it is told, until nobody tells any more."""
    import alembic.command  # noqa: F401 - imported here so that children need not
    import dbos  # noqa: F401

    import ytempire.adapters.engine
    import ytempire.adapters.google.small_calls
    import ytempire.adapters.media
    import ytempire.adapters.sql.store  # noqa: F401

    for line in sys.stdin:
        word, _, rest = line.partition(" ")
        if word == "start":
            answer = _fork(Plan.parse(rest))
        else:
            _, status = os.waitpid(int(rest), 0)
            answer = os.waitstatus_to_exitcode(status)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
