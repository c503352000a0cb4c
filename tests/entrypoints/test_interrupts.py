"""Ctrl-C ends a command whenever it comes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.entrypoints.program import Installation, read_until, stopped

WAITS = """
import asyncio, os, signal, threading
from ytempire.entrypoints.cli import console

async def main():
    for n in range({signals}):
        threading.Timer(0.1 + n / 5, signal.pthread_kill, (helper.ident, signal.{name})).start()
    try:
        await asyncio.Event().wait()
    finally:
        if {stubborn}:
            await asyncio.Event().wait()

helper = threading.Thread(target=threading.Event().wait, daemon=True)
helper.start()
console.run(main)
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize(("signals", "stubborn"), [(1, False), (2, True)])
def test_an_interrupt_is_heard_although_the_main_thread_does_not_see_it(
    signals: int, stubborn: bool, name: str
) -> None:
    """The signal reaches another thread, as when the main one is about to wait: nothing but the loop is woken."""
    ended = subprocess.run(
        [sys.executable, "-c", WAITS.format(signals=signals, stubborn=stubborn, name=name)],
        capture_output=True,
        check=False,
        text=True,
        timeout=20,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )

    assert 130 == ended.returncode
    assert "ytempire: interrupted; what was accepted is kept and goes on next time\n" == ended.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("words", ["a local Google", "channels are connected", "are written and spoken"])
def test_a_demo_that_is_broken_off_ends_in_one_line(tmp_path: Path, number: int, words: str) -> None:
    place = Installation(tmp_path)
    with place.started("demo", "--videos", "6") as process:
        before = read_until(process, words)
        ended = stopped(process, number)

    assert 130 == ended.code
    last = ended.lines()[-1]
    assert "ytempire: interrupted; a demo is not gone on with; start it again" == last
    assert not any(word in before + ended.err for word in ("Traceback", "exception", "Error"))


EARLY = """
import builtins, os, signal, sys

found = builtins.__import__

def slow(name, *more):
    if name == {name!r}:
        os.kill(os.getpid(), signal.SIGINT)
    return found(name, *more)

signal.signal(signal.SIGINT, signal.default_int_handler)
from ytempire.entrypoints.cli.app import main
builtins.__import__ = slow
sys.argv = ["ytempire", "doctor"]
main()
"""


@pytest.mark.parametrize("name", ["typer", "ytempire.bootstrap.checkup"])
def test_an_interrupt_before_the_work_begins_is_one_line(name: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", EARLY.format(name=name)],
        capture_output=True,
        check=False,
        text=True,
        timeout=20,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )

    assert (130, "ytempire: interrupted\n") == (ended.returncode, ended.stderr)
