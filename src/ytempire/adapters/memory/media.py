"""Files that exist only as values: what the real adapter would find out about them is said beforehand."""

import hashlib
from dataclasses import replace
from itertools import count

from ytempire.domain.files import FileIdentity, StoredFile, VideoFacts
from ytempire.domain.values import Refusal, Refused
from ytempire.ports import Inspected

HD = VideoFacts("mov,mp4", "video/mp4", 60_000, 1920, 1080, "h264", "aac")


class MemoryMedia:
    """`ports.Media` over a dict from path to file. A path that was never put there is a missing file."""

    def __init__(self, facts: VideoFacts = HD) -> None:
        self._facts = facts
        self._files: dict[str, StoredFile] = {}
        self._broken: dict[str, Refusal] = {}
        self._ticks = count(1)

    def put(self, path: str, content: bytes | None = None, *, size: int | None = None) -> StoredFile:
        """Writes a file, anew if it was there: its identity changes. Its path is its content by default."""
        data = path.encode() if content is None else content
        tick = next(self._ticks)
        identity = FileIdentity(1, tick, len(data) if size is None else size, tick, tick)
        stored = StoredFile(path, hashlib.sha256(data).hexdigest(), identity)
        self._files[path] = stored
        return stored

    def spoil(self, path: str, refusal: Refusal) -> None:
        """From now on the file is refused."""
        self._broken[path] = refusal

    def remove(self, path: str) -> None:
        """Deletes a file."""
        del self._files[path]

    async def video(self, path: str, field: str = "file") -> Inspected:
        return Inspected(self._checked(path, field), self._facts)

    async def thumbnail(self, path: str, field: str = "thumbnail") -> StoredFile:
        return self._checked(path, field)

    async def caption(self, path: str, field: str = "captions") -> StoredFile:
        return self._checked(path, field)

    async def identity(self, path: str) -> FileIdentity | None:
        found = self._files.get(path)
        return found.identity if found else None

    async def sha256(self, path: str) -> str | None:
        found = self._files.get(path)
        return found.sha256 if found else None

    def _checked(self, path: str, field: str) -> StoredFile:
        if path in self._broken:
            raise Refused(replace(self._broken[path], field=field))
        if path not in self._files:
            raise Refused(Refusal(field, "file_missing", f"there is no file {path}", "check the path"))
        return self._files[path]
