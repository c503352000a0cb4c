"""Where uploaded bytes end: hashed as they come and forgotten, yet able to step back to an earlier offset."""

import hashlib
from typing import Final

BLOCK: Final = 262_144
"""The protocol's unit: what is not the end of the file is committed in multiples of 256 KiB."""

_MARKS_KEPT: Final = 64
_HEAD: Final = 64


class Sink:
    """A running SHA-256 over all bytes from 0 to `length`.

    Copies of the hash are kept at the last 64 block ends (16 MiB back) and at 0, so stepping back costs no
    re-reading and memory stays bounded whatever the size of the file.
    """

    __slots__ = ("_hash", "_marks", "head", "length")

    def __init__(self) -> None:
        """Start empty."""
        self.length = 0
        self.head = b""
        self._hash = hashlib.sha256()
        self._marks = {0: self._hash.copy()}

    def write(self, data: bytes) -> None:
        """Append bytes."""
        if len(self.head) < _HEAD:
            self.head = (self.head + data[:_HEAD])[:_HEAD]
        view = memoryview(data)
        while view:
            piece = view[: BLOCK - self.length % BLOCK]
            self._hash.update(piece)
            self.length += len(piece)
            view = view[len(piece) :]
            if self.length % BLOCK == 0:
                self.mark()

    def mark(self) -> None:
        """Make the present offset one that `rewind` can reach."""
        self._marks.pop(self.length, None)
        self._marks[self.length] = self._hash.copy()
        if len(self._marks) > _MARKS_KEPT + 1:
            del self._marks[sorted(self._marks)[1]]

    def rewind(self, offset: int) -> int:
        """Step back to the highest remembered offset that is not above `offset`; returns it."""
        if offset < self.length:
            self.length = max(mark for mark in self._marks if mark <= offset)
            self._hash = self._marks[self.length].copy()
            self._marks = {mark: kept for mark, kept in self._marks.items() if mark <= self.length}
            self.head = self.head[: self.length]
        return self.length

    def sha256(self) -> str:
        """The hash of everything up to `length`, in hex."""
        return self._hash.hexdigest()
