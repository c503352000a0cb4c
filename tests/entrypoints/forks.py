"""The program without the wait: one process that has imported it, and forks for each command.

A command is a process of its own, with its own folder, environment and output; only its imports were made before.
The process that forks has one thread and has run nothing, so a fork of it is sound.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self

from tests.entrypoints.program import ROOT, Ended, environment


@dataclass(frozen=True)
class Started:
    """A command under way."""

    forks: "Forks"
    pid: int
    folder: Path

    def wait(self) -> Ended:
        """Its end."""
        code = int(self.forks.ask({"wait": self.pid}))
        said = [(self.folder / name).read_text("utf-8") for name in ("in", "out", "err")]
        for name in ("in", "out", "err"):
            (self.folder / name).unlink()
        self.folder.rmdir()
        return Ended(code, said[1], said[2])


class Forks:
    """The face of the process that forks. Use it as a context, from one thread."""

    def __enter__(self) -> Self:
        known = environment(Path("/"), {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"})
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.entrypoints.forks"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=known,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def start(
        self,
        words: Sequence[object],
        folder: Path,
        variables: Mapping[str, str],
        *,
        given: str = "",
        talkative: bool = False,
    ) -> Started:
        """A command in a folder, with this environment and nothing else. `talkative` logs all there is to log."""
        scratch = Path(tempfile.mkdtemp(prefix="ytempire-forked-"))
        (scratch / "in").write_text(given, "utf-8")
        plan = {
            "words": [str(word) for word in words],
            "folder": str(folder),
            "environment": dict(variables),
            "said": str(scratch),
            "talkative": talkative,
        }
        return Started(self, int(self.ask({"start": plan})), scratch)

    def ask(self, question: Mapping[str, Any]) -> str:
        """One line for one line."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the process that forks has no pipes")
        stdin.write(json.dumps(question) + "\n")
        stdin.flush()
        answer = stdout.readline()
        if not answer:
            raise RuntimeError("the process that forks is gone")
        return answer


def _fork(plan: Mapping[str, Any]) -> int:
    pid = os.fork()
    if not pid:
        _begin(plan)
        _run()
    return pid


def _begin(plan: Mapping[str, Any]) -> None:
    """Takes the place, the words and the surroundings of the command."""
    for number, (name, mode) in enumerate((("in", os.O_RDONLY), ("out", os.O_WRONLY), ("err", os.O_WRONLY))):
        opened = os.open(Path(plan["said"]) / name, mode | os.O_CREAT, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(plan["folder"])
    os.environ.clear()
    os.environ.update(plan["environment"])
    sys.argv = ["ytempire", *plan["words"]]
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - the parent's has read ahead
    if plan["talkative"]:
        import logging

        logging.basicConfig(level=logging.DEBUG, force=True)


def _run() -> NoReturn:
    """Runs the program in this child, as `python -m ytempire` does, to its end."""
    from ytempire.entrypoints.cli.app import main

    code = 1
    try:
        main()
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:  # noqa: BLE001 - the outermost loop of this process
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _main() -> None:
    """Forks and waits as it is told, until nobody tells any more."""
    import alembic.command  # noqa: F401 - imported here so that children need not
    import httpx2  # noqa: F401
    import jinja2.sandbox  # noqa: F401
    import typer  # noqa: F401

    import ytempire.adapters.media.sound
    import ytempire.adapters.providers
    import ytempire.adapters.sql.store
    import ytempire.bootstrap.chain_house
    import ytempire.bootstrap.checklist
    import ytempire.entrypoints.cli.program  # noqa: F401

    for line in sys.stdin:
        question = json.loads(line)
        if "start" in question:
            answer = _fork(question["start"])
        else:
            _, status = os.waitpid(int(question["wait"]), 0)
            answer = os.waitstatus_to_exitcode(status)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main()
