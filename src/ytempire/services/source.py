"""Is the file still the one that was submitted? Its identity is enough; when that differs, its hash decides."""

from ytempire.domain.publication import Reason, Request
from ytempire.ports import Media

_REMEDIES = ("put the submitted file back and retry", "cancel")


async def source_trouble(media: Media, request: Request) -> Reason | None:
    """Why the file must not be sent, or None when its bytes are the submitted ones."""
    now = await media.identity(request.video.path)
    if now == request.video.identity:
        return None
    path = request.video.path
    if now is None:
        return Reason("source_missing", f"{path} is gone or no longer a file", _REMEDIES)
    if now.size == request.video.size and await media.sha256(path) == request.video.sha256:
        return None
    return Reason("source_changed", f"{path} changed since it was submitted", _REMEDIES)
