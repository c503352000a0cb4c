"""Key files on disk: written durably or not at all, and read only where nobody else could have touched them.

Everything happens relative to an open folder, so that no link can be slipped in between a check and its use.
POSIX only: owners, modes and `flock` are what the safety rests on.
"""

import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ytempire.adapters.vault.errors import (
    KeyFileExists,
    KeyFileExposed,
    KeyFileUnreadable,
    KeyFileUnwritable,
    KeyMissing,
)

MAX_BYTES = 65_536
_READ_REMEDY = "run ytempire as the user who owns it, or restore it from the backup"
_WRITE_REMEDY = "make room or choose a folder that this user may write"
_OTHERS = 0o077
_BEYOND_0600 = 0o177
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
_WRITE_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


def read_private(path: Path) -> bytes:
    """The bytes of a file that is ours alone (0600, in a folder of 0700, no link).

    Raises `KeyMissing`, `KeyFileExposed` or `KeyFileUnreadable`.
    """
    try:
        with _folder(path.parent) as folder:
            return _read(path, folder)
    except FileNotFoundError:
        raise KeyMissing(f"there is no key file at {path}") from None
    except OSError as error:
        raise KeyFileUnreadable(
            f"the key file {path} cannot be read ({error.strerror}); {_READ_REMEDY}"
        ) from error


def create_private(path: Path, data: bytes) -> None:
    """Writes a new file, 0600, durable when this returns; folders that are missing are made with 0700.

    Of several processes one wins; the others get `KeyFileExists`. A crash leaves the whole file or none.
    Raises `KeyFileExists`, `KeyFileExposed` or `KeyFileUnwritable`.
    """
    with _writing(path) as folder:
        if _entry_exists(path.name, folder):
            raise KeyFileExists(f"{path} exists already; use it, for a new key could not open what it sealed")
        _write_durably(path.name, data, folder)


def rewrite_private(path: Path, change: Callable[[bytes], bytes]) -> bytes:
    """Replaces a file's bytes by `change` of them, durable when this returns; gives the new bytes.

    The folder stays locked meanwhile, so that no other writer's change is lost. Raises what `read_private`
    and `create_private` raise, and lets through what `change` raises: then the file is as it was.
    """
    # First, so that a missing or exposed file is told as that, and before anything is made or locked.
    read_private(path)
    with _writing(path) as folder:
        data = change(_read(path, folder))
        _write_durably(path.name, data, folder)
    return data


@contextmanager
def _writing(path: Path) -> Iterator[int]:
    try:
        _make_folders(path.parent)
        with _folder(path.parent) as folder:
            fcntl.flock(folder, fcntl.LOCK_EX)  # released when the folder is closed, also by a crash
            yield folder
    except OSError as error:
        problem = f"the key file {path} cannot be written ({error.strerror})"
        raise KeyFileUnwritable(f"{problem}; {_WRITE_REMEDY}") from error


@contextmanager
def _folder(path: Path) -> Iterator[int]:
    """An open folder that is ours alone."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _refuse_exposed(path, os.fstat(descriptor), beyond=_OTHERS, remedy=f"chmod 700 {path}")
        yield descriptor
    finally:
        os.close(descriptor)


def _make_folders(path: Path) -> None:
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _entry_exists(name: str, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _read(path: Path, folder: int) -> bytes:
    found = os.stat(path.name, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISREG(found.st_mode):
        kind = "a symbolic link" if stat.S_ISLNK(found.st_mode) else "no plain file"
        raise KeyFileExposed(f"{path} is {kind}; put the key file itself there")
    # Nobody but us can exchange the file before it is opened: the folder is ours alone.
    _refuse_exposed(path, found, beyond=_BEYOND_0600, remedy=f"chmod 600 {path}")
    with os.fdopen(os.open(path.name, _READ, dir_fd=folder), "rb") as file:
        return file.read(MAX_BYTES + 1)


def _refuse_exposed(path: Path, found: os.stat_result, *, beyond: int, remedy: str) -> None:
    if found.st_uid != os.geteuid():
        problem = f"{path} belongs to user {found.st_uid}, but ytempire runs as user {os.geteuid()}"
        raise KeyFileExposed(f"{problem}; run it as that user, or chown what it needs")
    if found.st_mode & beyond:
        mode = stat.S_IMODE(found.st_mode)
        raise KeyFileExposed(f"{path} has mode {mode:04o}, which lets others at the key; run: {remedy}")


def _write_durably(name: str, data: bytes, folder: int) -> None:
    """Under the folder's lock: temp, fsync, rename, fsync of the folder."""
    temporary = f".{name}.new"
    if _entry_exists(temporary, folder):
        os.unlink(temporary, dir_fd=folder)  # left by a crash; nobody else writes while we hold the lock
    with os.fdopen(os.open(temporary, _WRITE_NEW, 0o600, dir_fd=folder), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)
