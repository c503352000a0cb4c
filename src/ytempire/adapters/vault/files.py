"""Files that must stay ours: written durably or not at all, and read only where nobody else could touch them.

Everything happens relative to an open folder, so that no link can be slipped in between a check and its use.
POSIX only: owners, modes and `flock` are what the safety rests on.
"""

import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ytempire.adapters.vault.errors import (
    BackupExists,
    BackupUnreadable,
    KeyFileExists,
    KeyFileExposed,
    KeyFileUnreadable,
    KeyFileUnwritable,
    KeyMissing,
    VaultError,
)

MAX_BYTES = 65_536
_READ_REMEDY = "run ytempire as the user who owns it, or restore it from the backup"
_WRITE_REMEDY = "make room or choose a folder that this user may write"
_BEYOND_0600 = 0o177
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
_WRITE_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind of file that we keep: what messages call it and what is in it, what its folder may not allow to
    others, and the error that says why one that exists is left alone.
    """

    noun: str
    goods: str
    folder_beyond: int
    folder_mode: str
    exists: type[VaultError]
    stays: str


KEY_FILE = Kept(
    noun="key file",
    goods="key",
    folder_beyond=0o077,
    folder_mode="700",
    exists=KeyFileExists,
    stays="use it, for a new key could not open what it sealed",
)
# What is in a backup is encrypted: others may see that it is there, but not exchange it.
BACKUP = Kept(
    noun="backup",
    goods="backup",
    folder_beyond=0o022,
    folder_mode="go-w",
    exists=BackupExists,
    stays="choose another name, for a backup is never overwritten",
)


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells one state of a file from another: a file that is replaced or rewritten has a new one."""

    device: int
    inode: int
    size: int
    modified_ns: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class Found:
    """The bytes of a file and which state of it they are."""

    data: bytes = field(repr=False)
    identity: Identity


def identify(path: Path) -> Identity | None:
    """The present state of a file; None when the system does not tell (reading it then says why)."""
    try:
        return _identity(path.lstat())
    except OSError:
        return None


def read_private(path: Path) -> Found:
    """The content of a key file that is ours alone (0600, in a folder of 0700, no link).

    Raises `KeyMissing`, `KeyFileExposed` or `KeyFileUnreadable`.
    """
    try:
        with _folder(path.parent, KEY_FILE) as folder:
            return _read(path, folder)
    except FileNotFoundError:
        raise KeyMissing(f"there is no key file at {path}") from None
    except OSError as error:
        raise KeyFileUnreadable(
            f"the key file {path} cannot be read ({error.strerror}); {_READ_REMEDY}"
        ) from error


def create_private(path: Path, data: bytes, kept: Kept = KEY_FILE) -> Identity:
    """Writes a new file, 0600, durable when this returns; folders that are missing are made with 0700.

    Of several processes one wins; the others get `kept.exists`. A crash leaves the whole file or none.
    Raises that, `KeyFileExposed` or `KeyFileUnwritable`.
    """
    with _writing(path, kept) as folder:
        if _entry_exists(path.name, folder):
            raise kept.exists(f"{path} exists already; {kept.stays}")
        return _write_durably(path.name, data, folder)


def rewrite_private(path: Path, change: Callable[[bytes], bytes]) -> Found:
    """Replaces a key file's bytes by `change` of them, durable when this returns; gives what is there now.

    The folder stays locked meanwhile, so that no other writer's change is lost. Raises what `read_private`
    and `create_private` raise, and lets through what `change` raises: then the file is as it was.
    """
    # First, so that a missing or exposed file is told as that, and before anything is made or locked.
    read_private(path)
    with _writing(path, KEY_FILE) as folder:
        data = change(_read(path, folder).data)
        return Found(data, _write_durably(path.name, data, folder))


def read_backup_file(path: Path, limit: int) -> bytes:
    """The bytes of a backup, wherever it lies and whoever may read it. Raises `BackupUnreadable`."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise BackupUnreadable(f"{path} is no plain file; name the backup itself")
            data = file.read(limit + 1)
    except OSError as error:
        remedy = "name another file, or run ytempire as a user who may read it"
        raise BackupUnreadable(f"the backup {path} cannot be read ({error.strerror}); {remedy}") from error
    if len(data) > limit:
        raise BackupUnreadable(f"{path} is larger than any backup ({limit} bytes); name another file")
    return data


def _without_waiting(path: str, flags: int) -> int:
    """Opens also a pipe at once, which else would wait for somebody to write."""
    return os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK)


@contextmanager
def _writing(path: Path, kept: Kept) -> Iterator[int]:
    try:
        _make_folders(path.parent)
        with _folder(path.parent, kept) as folder:
            fcntl.flock(folder, fcntl.LOCK_EX)  # released when the folder is closed, also by a crash
            yield folder
    except OSError as error:
        problem = f"the {kept.noun} {path} cannot be written ({error.strerror})"
        raise KeyFileUnwritable(f"{problem}; {_WRITE_REMEDY}") from error


@contextmanager
def _folder(path: Path, kept: Kept) -> Iterator[int]:
    """An open folder that is ours, as far as this kind of file needs it."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _refuse_exposed(
            path,
            os.fstat(descriptor),
            beyond=kept.folder_beyond,
            remedy=f"chmod {kept.folder_mode} {path}",
            goods=kept.goods,
        )
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


def _read(path: Path, folder: int) -> Found:
    found = os.stat(path.name, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISREG(found.st_mode):
        kind = "a symbolic link" if stat.S_ISLNK(found.st_mode) else "no plain file"
        raise KeyFileExposed(f"{path} is {kind}; put the key file itself there")
    # Nobody but us can exchange the file before it is opened: the folder is ours alone.
    _refuse_exposed(path, found, beyond=_BEYOND_0600, remedy=f"chmod 600 {path}")
    with os.fdopen(os.open(path.name, _READ, dir_fd=folder), "rb") as file:
        identity = _identity(os.fstat(file.fileno()))  # before reading: what is written meanwhile is noticed
        return Found(file.read(MAX_BYTES + 1), identity)


def _refuse_exposed(
    path: Path, found: os.stat_result, *, beyond: int, remedy: str, goods: str = "key"
) -> None:
    if found.st_uid != os.geteuid():
        problem = f"{path} belongs to user {found.st_uid}, but ytempire runs as user {os.geteuid()}"
        raise KeyFileExposed(f"{problem}; run it as that user, or chown what it needs")
    if found.st_mode & beyond:
        mode = stat.S_IMODE(found.st_mode)
        raise KeyFileExposed(f"{path} has mode {mode:04o}, which lets others at the {goods}; run: {remedy}")


def _write_durably(name: str, data: bytes, folder: int) -> Identity:
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
    return _identity(os.stat(name, dir_fd=folder, follow_symlinks=False))


def _identity(found: os.stat_result) -> Identity:
    return Identity(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
