"""Files of callers on disk: the folder that they are received in, and the folders in which they may name some.

A name below a folder is walked part by part along open folders (`openat`), and no symbolic link is followed, so
that nothing outside can be reached, whatever is exchanged meanwhile.
"""

import asyncio
import errno
import fcntl
import hashlib
import os
import re
import stat
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from ytempire.domain.files import FileIdentity
from ytempire.domain.values import NoRoom, Refusal, Refused
from ytempire.ports import Arrived, Noted, Place

_BLOCK = 1 << 20
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_ID = re.compile(r"[A-Za-z0-9_]{1,64}")
_PARTIAL = ".partial"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_DEEPEST = 64
SPARE = 268_435_456
"""Bytes that are left free: the database is on this disk too, and must not be what finds it full."""


class IncomingFolder:
    """`ports.Incoming` in a folder of the home. What a crash left half-made is removed when it is opened."""

    def __init__(self, folder: Path, *, spare: int = SPARE) -> None:
        self._folder = folder
        self._spare = spare
        folder.mkdir(mode=0o700, exist_ok=True)
        for each in folder.glob(f"*{_PARTIAL}"):
            _remove_abandoned(each)

    async def take(self, which: str, blocks: AsyncIterator[bytes], limit: int, noted: Noted) -> Arrived:
        partial = self._folder / f"{which}{_PARTIAL}"
        try:
            with await asyncio.to_thread(_made, partial) as file:
                arrived = await _written(file, blocks, limit, self._spare)
                await asyncio.to_thread(_settled, file)
            await noted(arrived)
            await asyncio.to_thread(self._named, partial, which)
        except BaseException as problem:
            partial.unlink(missing_ok=True)
            if isinstance(problem, OSError) and problem.errno in _FULL:
                raise _no_room() from problem
            raise
        return arrived

    def place(self, which: str) -> Place | None:
        return _below(self._folder, [which]) if _ID.fullmatch(which) else None

    async def remove(self, which: str) -> None:
        if _ID.fullmatch(which):
            await asyncio.to_thread((self._folder / which).unlink, missing_ok=True)

    def _named(self, partial: Path, which: str) -> None:
        partial.rename(self._folder / which)
        folder = os.open(self._folder, _FOLDER)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class OpenFolders:
    """`ports.Folders` for the folders that the configuration opens."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folders)

    def place(self, path: str) -> Place | None:
        for folder in self._folders:
            parts = _parts(folder, path)
            found = _below(folder, parts) if parts else None
            if found is not None:
                return found
        return None


def _parts(folder: Path, path: str) -> list[str] | None:
    """The names below a folder that a path means, absolute or from the folder; None when it means none."""
    if not path or "\0" in path:
        return None
    if path.startswith("/"):
        prefix = f"{str(folder).rstrip('/')}/"
        if not path.startswith(prefix):
            return None
        path = path.removeprefix(prefix)
    parts = path.split("/")
    plain = all(part not in ("", ".", "..") for part in parts)
    return parts if plain and len(parts) <= _DEEPEST else None


def _below(folder: Path, parts: list[str]) -> Place | None:
    """The regular file at the end of these names; None when any of them is a link or is not there."""
    opened: list[int] = []
    try:
        opened.append(os.open(os.path.realpath(folder), _FOLDER))
        for part in parts[:-1]:
            opened.append(os.open(part, _FOLDER, dir_fd=opened[-1]))
        # Looked at before it is opened: merely opening some devices does something.
        if not stat.S_ISREG(os.stat(parts[-1], dir_fd=opened[-1], follow_symlinks=False).st_mode):
            return None
        opened.append(os.open(parts[-1], _FILE, dir_fd=opened[-1]))
        found = os.fstat(opened[-1])
        if not stat.S_ISREG(found.st_mode):
            return None
        return Place(os.path.join(os.path.realpath(folder), *parts), _identity(found))  # noqa: PTH118  plain text
    except (OSError, ValueError):
        return None
    finally:
        for each in opened:
            os.close(each)


def _identity(found: os.stat_result) -> FileIdentity:
    return FileIdentity(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _made(path: Path) -> BinaryIO:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.fdopen(os.open(path, flags, 0o600), "wb", buffering=0)
    fcntl.flock(file, fcntl.LOCK_EX)  # whoever dies lets go of it, and so the file is known to be abandoned
    return file


def _remove_abandoned(path: Path) -> None:
    with (
        suppress(OSError),
        path.open("rb") as file,
    ):  # it is being written by another process, or gone already
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()


def _no_room() -> NoRoom:
    return NoRoom("the disk has no room for this file; make some, and send it again")


async def _written(file: BinaryIO, blocks: AsyncIterator[bytes], limit: int, spare: int) -> Arrived:
    """Writes blocks as they come, a megabyte at a time, and hashes them on the way."""
    digest, size, waiting = hashlib.sha256(), 0, bytearray()

    def write(block: bytes) -> None:
        disk = os.fstatvfs(file.fileno())
        if disk.f_bavail * disk.f_frsize - len(block) < spare:
            raise _no_room()
        digest.update(block)
        left = memoryview(block)
        while left:
            left = left[file.write(left) :]

    async for block in blocks:
        size += len(block)
        if size > limit:
            message = f"the file has more than {limit:,} bytes"
            raise Refused(
                Refusal("file", "too_large", message, "send a smaller one, or raise [api] max_file_bytes")
            )
        waiting += block
        if len(waiting) >= _BLOCK:
            await asyncio.to_thread(write, bytes(waiting))
            waiting.clear()
    if waiting:
        await asyncio.to_thread(write, bytes(waiting))
    if not size:
        raise Refused(Refusal("file", "empty", "the file is empty", "send its bytes as the body"))
    return Arrived(size, digest.hexdigest())


def _settled(file: BinaryIO) -> None:
    os.fsync(file.fileno())
