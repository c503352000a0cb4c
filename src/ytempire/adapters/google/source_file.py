"""The file whose bytes are sent: opened once, never through a link, read into a buffer that is used again."""

import io
import os
import stat
from types import TracebackType
from typing import Self

from ytempire.domain.files import FileIdentity


class Unreadable(Exception):
    """The file cannot be sent; the text says why."""


class SourceFile:
    """A regular file open for reading. Its path is the real one: a link in its place is refused."""

    def __init__(self, path: str) -> None:
        # O_NONBLOCK: a pipe put in the file's place must not hold the thread.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        try:
            number = os.open(path, flags)
        except OSError as error:
            raise Unreadable(f"the file cannot be opened: {error.strerror}") from error
        self._file = io.FileIO(number, "rb")
        found = os.fstat(number)
        if not stat.S_ISREG(found.st_mode):
            self._file.close()
            raise Unreadable("the file is no longer a regular file")
        self.size = found.st_size
        self.identity = FileIdentity(
            found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
        )

    def go_to(self, offset: int) -> None:
        """Reads on from there."""
        self._file.seek(offset)

    def fill(self, view: memoryview) -> None:
        """Reads exactly as many bytes as `view` holds. Raises `Unreadable`."""
        while view:
            try:
                count = self._file.readinto(view)
            except OSError as error:
                raise Unreadable(f"the file cannot be read: {error.strerror}") from error
            if not count:
                raise Unreadable("the file became shorter")
            view = view[count:]

    def close(self) -> None:
        """Lets go of the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
