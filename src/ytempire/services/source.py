"""Is the file still the one that was submitted? Its identity is enough; when that differs, its hash decides."""

from ytempire.domain.files import FileIdentity
from ytempire.domain.publication import Reason, Request
from ytempire.ports import Media

SOURCE_MISSING = "source_missing"
_REMEDIES = ("put the submitted file back and retry", "cancel")


async def accepted(media: Media, request: Request) -> FileIdentity | Reason:
    """Who the file is, now that its bytes are proven to be the submitted ones; or why it must not be sent."""
    now = await media.identity(request.video.path)
    if now is None:
        path = request.video.path
        return Reason(SOURCE_MISSING, f"{path} is gone or no longer a file", _REMEDIES)
    same_size = now.size == request.video.size
    if now == request.video.identity or (same_size and await _same_bytes(media, request)):
        return now
    return changed(request)


async def _same_bytes(media: Media, request: Request) -> bool:
    return await media.sha256(request.video.path) == request.video.sha256


def changed(request: Request) -> Reason:
    """The reason when a file is not what it was."""
    return Reason("source_changed", f"{request.video.path} changed since it was submitted", _REMEDIES)
