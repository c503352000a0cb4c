"""Processes that are killed while they change a key file, and processes that change it at once."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tests.adapters.vault.killed import CHEAP, PHRASE
from ytempire.adapters.vault import Vault

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
KILLED = Path(__file__).with_name("killed.py")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "ring.json"


def killed_at_every_line(change: str, path: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(KILLED), change, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env=ENVIRONMENT,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("change", ["add", "retire", "protect", "unprotect"])
def test_a_process_killed_at_any_line_of_a_change_leaves_the_old_ring_or_the_new(
    change: str, path: Path
) -> None:
    Vault.create(path)
    Vault.add_key(path)
    if change == "unprotect":
        Vault.protect(path, PHRASE, cost=CHEAP)
    found = killed_at_every_line(change, path)
    changed = found["changed"]
    # Old up to the rename, new from there on, and the child that nobody killed got through.
    assert sorted(changed) == changed
    assert {False, True} == set(changed)
    assert len(changed) > 40
    assert found["done"]
    # Some were killed between the writing of the temporary file and its rename, which was no obstacle.
    assert 1 in found["left"]
    assert [path] == list(path.parent.iterdir())


def test_a_process_killed_at_any_line_of_a_creation_leaves_a_whole_file_or_none(path: Path) -> None:
    found = killed_at_every_line("create", path)
    assert sorted(found["changed"]) == found["changed"]
    assert {False, True} == set(found["changed"])
    assert found["done"]
    assert 1 == len(Vault.load(path).key_ids)


@pytest.mark.parametrize("change", [Vault.create, Vault.add_key])
def test_a_file_reaches_the_disk_before_its_name_and_its_name_before_the_call_returns(
    change: Callable[[Path], Vault], path: Path
) -> None:
    if change != Vault.create:
        Vault.create(path)
    else:
        path.parent.mkdir(mode=0o700)
    calls: list[str] = []

    def watch(_frame: FrameType, event: str, called: Any) -> None:
        if event == "c_call" and called in (os.fsync, os.rename):
            calls.append(called.__name__)

    sys.setprofile(watch)
    try:
        change(path)
    finally:
        sys.setprofile(None)
    assert ["fsync", "rename", "fsync"] == calls


ADD_TEN = """
import sys
from pathlib import Path
from ytempire.adapters.vault import Vault
from ytempire.domain.values import Secret
passphrase = Secret(sys.argv[2]) if len(sys.argv) > 2 else None
sys.stdin.readline()
for _ in range(10):
    print(Vault.add_key(Path(sys.argv[1]), passphrase=passphrase).key_ids[0])
"""


def adders(path: Path, *arguments: str, count: int) -> list["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", ADD_TEN, str(path), *arguments]
    pipe = subprocess.PIPE
    return [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=ENVIRONMENT) for _ in range(count)
    ]


def start(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def let_run(processes: list["subprocess.Popen[str]"]) -> list[str]:
    """Starts all at once and gives the ids of the keys that they say they added."""
    for process in processes:
        start(process)
    said = [process.communicate()[0] for process in processes]
    assert [0] * len(processes) == [process.returncode for process in processes]
    return [line for text in said for line in text.split()]


def test_two_processes_that_add_keys_at_once_lose_none(path: Path) -> None:
    first = Vault.create(path)
    running = Vault.load(path)
    added = let_run(adders(path, count=2))
    assert 20 == len(set(added))
    assert {*added, first.key_ids[-1]} == set(Vault.load(path).key_ids)
    assert running.writing_key == Vault.load(path).writing_key


def test_two_processes_that_add_keys_to_a_protected_ring_lose_none(path: Path) -> None:
    Vault.create(path, passphrase=PHRASE, cost=CHEAP)
    added = let_run(adders(path, PHRASE.reveal(), count=2))
    ring = Vault.load(path, passphrase=PHRASE)
    assert (20, True) == (len(set(added)), ring.protected)
    assert set(added) < set(ring.key_ids)


def test_of_keys_added_and_retired_at_once_every_one_is_accounted_for(path: Path) -> None:
    made = Vault.create(path)
    old = [Vault.add_key(path).key_ids[0] for _ in range(5)][:-1]
    (adder,) = adders(path, count=1)
    start(adder)
    for key_id in old:
        Vault.retire_key(path, key_id)
    added = adder.communicate()[0].split()
    left = set(Vault.load(path).key_ids)
    assert 10 == len(added)
    assert {*added, made.key_ids[-1]} <= left
    assert not set(old) & left


def test_a_vault_that_seals_while_another_process_rotates_never_fails(path: Path) -> None:
    running = Vault.create(path)
    (adder,) = adders(path, count=1)
    sealed = [running.seal("a", "f", b"x")]
    start(adder)
    while adder.poll() is None:
        sealed.append(running.seal("a", "f", b"x"))
    added = adder.communicate()[0].split()
    assert added[-1] == running.writing_key
    assert {b"x"} == {running.open("a", "f", text) for text in sealed}
    assert len({running.key_of(text) for text in sealed}) > 1
