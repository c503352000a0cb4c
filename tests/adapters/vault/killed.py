"""A process that changes a key file and is killed at one line after the other, for `test_crashes.py`.

Usage: killed.py CHANGE PATH. Prints one JSON document: for each line of the code of key files at which a
child was killed with SIGKILL, whether the file held the old or the new ring then, and how the last child ended.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from ytempire.adapters.vault import Cost, Vault, VaultError
from ytempire.adapters.vault import files as watched
from ytempire.domain.values import Secret

PHRASE = Secret("four words by dice")
CHEAP = Cost(n=2, r=1, p=1)


def add(path: Path) -> None:
    Vault.add_key(path)


def retire(path: Path) -> None:
    Vault.retire_key(path, Vault.load(path).key_ids[-1])


def protect(path: Path) -> None:
    Vault.protect(path, PHRASE, cost=CHEAP)


def unprotect(path: Path) -> None:
    Vault.unprotect(path, PHRASE)


def create(path: Path) -> None:
    Vault.create(path)


CHANGES: dict[str, Callable[[Path], None]] = {
    change.__name__: change for change in (add, retire, protect, unprotect, create)
}


def die_at(line: int) -> None:
    """From now on counts the lines that run in `files.py`, and kills this process before the one given."""
    count = 0

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal count
        if frame.f_code.co_filename != watched.__file__:
            return None
        if event == "line":
            count += 1
            if count == line:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)


def child_dies_at(line: int, change: Callable[[Path], None], path: Path) -> bool:
    """Whether a child that changes the file was killed at that line; False when it was done before."""
    child = os.fork()
    if child == 0:
        die_at(line)
        change(path)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status) == signal.SIGKILL
    assert os.WEXITSTATUS(status) == 0
    return False


def state(path: Path) -> list[Any]:
    """What the file holds: its keys and whether it is protected; empty when it is not there."""
    if not path.exists():
        return []
    for passphrase in (None, PHRASE):
        try:
            vault = Vault.load(path, passphrase=passphrase)
        except VaultError:
            continue
        return [vault.key_ids, vault.protected]
    raise AssertionError("the file opens neither with nor without the passphrase")


def main(name: str, path: Path) -> None:
    whole = path.read_bytes() if path.exists() else None
    before = state(path)
    changed, left = [], []
    line = 1
    while child_dies_at(line, CHANGES[name], path):
        changed.append(state(path) != before)
        left.append(len(list(path.parent.iterdir())) - path.exists() if path.parent.exists() else 0)
        if whole is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(whole)
        line += 1
    sys.stdout.write(json.dumps({"changed": changed, "left": left, "done": state(path) != before}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
