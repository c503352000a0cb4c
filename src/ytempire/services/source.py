"""Is the file still the one that was submitted? Its identity is enough; when that differs, its hash decides."""

from ytempire.domain.files import FileIdentity, StoredFile
from ytempire.domain.publication import Reason, Request
from ytempire.ports import Media

SOURCE_MISSING = "source_missing"
_SLOWEST = 10_000_000
"""Bytes of a file that are read and hashed in a second, at least: those of a slow disk."""

_REMEDIES = ("put the submitted file back and retry", "cancel")


async def accepted(media: Media, request: Request) -> FileIdentity | Reason:
    """Who the file is, now that its bytes are proven to be the submitted ones; or why it must not be sent."""
    now = await media.identity(request.video.path)
    if now is None:
        path = request.video.path
        return Reason(SOURCE_MISSING, f"{path} is gone or no longer a file", _REMEDIES)
    return now if await _same(media, request.video, now) else changed(request)


async def unchanged(media: Media, file: StoredFile) -> bool:
    """Are the bytes at its path still those that were submitted?"""
    now = await media.identity(file.path)
    return now is not None and await _same(media, file, now)


async def reading_seconds(media: Media, file: StoredFile) -> float:
    """How long it may take to find out whether a file is the submitted one: 0 when its identity says so."""
    now = await media.identity(file.path)
    return 0.0 if now is None or now == file.identity else file.size / _SLOWEST


async def _same(media: Media, file: StoredFile, now: FileIdentity) -> bool:
    if now == file.identity:
        return True
    return now.size == file.size and await media.sha256(file.path) == file.sha256


def changed(request: Request) -> Reason:
    """The reason when a file is not what it was."""
    return Reason("source_changed", f"{request.video.path} changed since it was submitted", _REMEDIES)
