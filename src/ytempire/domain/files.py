"""What we know of a file on disk: who it is, what it holds, and whether it is still the one submitted."""

from dataclasses import dataclass

MAX_VIDEO_BYTES = 274_877_906_944
"""256 GB: `maxSize` of videos.insert in the discovery document, revision 20261104."""

MAX_THUMBNAIL_BYTES = 52_428_800
"""50 MB since 2026-09-14: `maxSize` of thumbnails.set in the discovery document."""

MAX_CAPTION_BYTES = 104_857_600
"""100 MB: `maxSize` of captions.insert in the discovery document."""


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """What `fstat` says of a regular file. `changed_ns` (ctime) cannot be set back by a user; times are ns."""

    device: int
    inode: int
    size: int
    modified_ns: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it was when it was submitted: absolute path, identity and SHA-256 (hex) of all its bytes."""

    path: str
    sha256: str
    identity: FileIdentity

    @property
    def size(self) -> int:
        """Size in bytes."""
        return self.identity.size


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What the decoder found: container, MIME type, length in milliseconds, picture size, codecs."""

    container: str
    mime: str
    duration_ms: int
    width: int
    height: int
    video_codec: str
    audio_codec: str | None
