"""The door for media files: each method looks at one file in a thread and says what it is, or refuses it."""

import asyncio

from ytempire.adapters.media import files
from ytempire.adapters.media.caption import check_caption
from ytempire.adapters.media.thumbnail import check_thumbnail
from ytempire.adapters.media.video import inspect_video
from ytempire.domain.files import (
    MAX_CAPTION_BYTES,
    MAX_THUMBNAIL_BYTES,
    MAX_VIDEO_BYTES,
    FileIdentity,
    StoredFile,
)
from ytempire.domain.values import Refused
from ytempire.ports import Inspected


class MediaCheck:
    """Looks at files before anything is promised about them.

    Paths may be relative and may be symbolic links; the answer holds the real path. All methods but
    `identity` raise `Refused` for a file that is missing, unreadable, empty, too large, of the wrong kind,
    broken, or still being written.
    """

    async def video(self, path: str, field: str = "file", *, deep: bool = False) -> Inspected:
        """The video with its facts. Its last seconds are decoded; `deep` decodes all of it."""
        return await asyncio.to_thread(_video, path, field, deep=deep)

    async def thumbnail(self, path: str, field: str = "thumbnail") -> StoredFile:
        """A JPEG or PNG picture that unpacks completely and is at least 640 pixels wide."""
        return await asyncio.to_thread(_thumbnail, path, field)

    async def caption(self, path: str, field: str = "captions") -> StoredFile:
        """Captions: UTF-8 text with timings."""
        return await asyncio.to_thread(_caption, path, field)

    async def identity(self, path: str) -> FileIdentity | None:
        """Who the file at a stored (real) path is now; `None` when it is gone or no longer a regular file."""
        return await asyncio.to_thread(files.identity, path)

    async def sha256(self, path: str) -> str | None:
        """SHA-256 (hex) of all bytes of the file as it is now; None when it cannot be read."""
        try:
            stored = await asyncio.to_thread(files.read_stored, path, field="file", largest=MAX_VIDEO_BYTES)
        except Refused:
            return None
        return stored.sha256


def _video(path: str, field: str, *, deep: bool) -> Inspected:
    real = files.real_path(path, field=field)
    with files.open_regular(real, field=field) as file:
        before = files.identity_of(file)
        if refusal := files.size_refusal(before.size, field=field, largest=MAX_VIDEO_BYTES):
            raise Refused(refusal)
        facts = inspect_video(file, before.size, field=field, deep=deep)
        return Inspected(file=files.store(file, real, field=field, before=before), facts=facts)


def _thumbnail(path: str, field: str) -> StoredFile:
    real = files.real_path(path, field=field)
    with files.open_regular(real, field=field) as file:
        before = files.identity_of(file)
        if refusal := files.size_refusal(before.size, field=field, largest=MAX_THUMBNAIL_BYTES):
            raise Refused(refusal)
        check_thumbnail(file, field=field)
        return files.store(file, real, field=field, before=before)


def _caption(path: str, field: str) -> StoredFile:
    real = files.real_path(path, field=field)
    with files.open_regular(real, field=field) as file:
        before = files.identity_of(file)
        if refusal := files.size_refusal(before.size, field=field, largest=MAX_CAPTION_BYTES):
            raise Refused(refusal)
        check_caption(file, field=field)
        return files.store(file, real, field=field, before=before)
