"""Files on disk: opened without surprises, identified, hashed. Nothing here looks at what a file means."""

import hashlib
import os
import stat
from typing import BinaryIO

from ytempire.domain.files import FileIdentity, StoredFile
from ytempire.domain.values import Refusal, Refused

BLOCK = 1 << 20
"""Bytes read at once while hashing."""

# NOFOLLOW: the caller has resolved symbolic links, so one that is there now was put there since.
# NONBLOCK: opening a FIFO must not wait for its other end.
_FLAGS = (
    os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
)


def real_path(path: str, *, field: str) -> str:
    """The absolute path without symbolic links. Raises `Refused` for a text that cannot be a path."""
    try:
        return os.path.realpath(path)
    except (OSError, ValueError) as problem:
        raise Refused(_unreadable(path, field, str(problem))) from problem


def open_regular(path: str, *, field: str) -> BinaryIO:
    """The file opened for reading. Raises `Refused` when it is missing, unreadable, or no regular file."""
    try:
        # Looked at before it is opened: merely opening some devices does something.
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise Refused(_not_a_file(path, field))
        file = os.fdopen(os.open(path, _FLAGS), "rb")
    except FileNotFoundError as problem:
        raise Refused(_missing(path, field)) from problem
    except (OSError, ValueError) as problem:
        raise Refused(_unreadable(path, field, _why(problem))) from problem
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise Refused(_not_a_file(path, field))
    return file


def identity_of(file: BinaryIO) -> FileIdentity:
    """The identity of an open file, as its descriptor gives it now."""
    return _identity(os.fstat(file.fileno()))


def identity(path: str) -> FileIdentity | None:
    """The identity of the regular file at a path; `None` when it is gone or is now something else."""
    try:
        found = os.lstat(path)
    except (OSError, ValueError):
        return None
    return _identity(found) if stat.S_ISREG(found.st_mode) else None


def size_refusal(size: int, *, field: str, largest: int) -> Refusal | None:
    """Why a file of this many bytes is not accepted: it is empty, or larger than YouTube takes."""
    if size == 0:
        return Refusal(field, "empty", "the file is empty", "export it again; was the disk full?")
    if size > largest:
        return Refusal(
            field,
            "too_large",
            f"the file has {size:,} bytes and YouTube takes {largest:,}",
            "export it smaller",
        )
    return None


def digest(file: BinaryIO) -> str:
    """SHA-256 (hex) of all bytes of an open file, read in blocks of 1 MiB from its beginning."""
    file.seek(0)
    found = hashlib.sha256()
    while block := file.read(BLOCK):
        found.update(block)
    return found.hexdigest()


def store(file: BinaryIO, path: str, *, field: str, before: FileIdentity) -> StoredFile:
    """The open file as one value. Raises `Refused` when it changed since `before` or while it was hashed."""
    try:
        sha256 = digest(file)
    except OSError as problem:
        raise Refused(_unreadable(path, field, _why(problem))) from problem
    # The path too: somebody may have put another file in the place of the one we hold open.
    if not (before == identity_of(file) == identity(path)):
        raise Refused(
            Refusal(
                field,
                "changed",
                f"{path} changed while it was read",
                "wait until it is completely written, then submit it again",
            )
        )
    return StoredFile(path=path, sha256=sha256, identity=before)


def read_stored(path: str, *, field: str, largest: int) -> StoredFile:
    """A file as it is now: real path, identity, SHA-256. Raises `Refused` when it is not a usable file."""
    real = real_path(path, field=field)
    with open_regular(real, field=field) as file:
        before = identity_of(file)
        if refusal := size_refusal(before.size, field=field, largest=largest):
            raise Refused(refusal)
        return store(file, real, field=field, before=before)


def _identity(found: os.stat_result) -> FileIdentity:
    return FileIdentity(
        device=found.st_dev,
        inode=found.st_ino,
        size=found.st_size,
        modified_ns=found.st_mtime_ns,
        changed_ns=found.st_ctime_ns,
    )


def _why(problem: OSError | ValueError) -> str:
    return (problem.strerror if isinstance(problem, OSError) else None) or str(problem)


def _missing(path: str, field: str) -> Refusal:
    return Refusal(field, "missing", f"there is no file {path}", "check the path")


def _not_a_file(path: str, field: str) -> Refusal:
    return Refusal(field, "not_a_file", f"{path} is not a regular file", "name the file itself")


def _unreadable(path: str, field: str, why: str) -> Refusal:
    what = f"{path!r} cannot be read ({why})"
    return Refusal(field, "unreadable", what, "check the path, its permissions and the disk")
