"""Whether a file is a picture that YouTube takes as a thumbnail: JPEG or PNG, whole, of a sensible size."""

import struct
import zlib
from typing import BinaryIO

from PIL import Image, ImageFile, JpegImagePlugin, PngImagePlugin

from ytempire.domain.values import Refusal, Refused

LEAST_WIDTH = 640
"""Pixels (support answer 72431)."""

MOST_PIXELS = 40_000_000
"""A picture that unpacks to more than this is not unpacked; the recommended 3840 x 2160 has 8 million."""

# Chosen by content, never by name; going through Pillow's general door would try its other formats too.
_READERS: dict[bytes, type[ImageFile.ImageFile]] = {
    b"\xff\xd8\xff": JpegImagePlugin.JpegImageFile,
    b"\x89PNG\r\n\x1a\n": PngImagePlugin.PngImageFile,
}

# What Pillow's readers raise on pictures that are broken in one way or another.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


def check_thumbnail(file: BinaryIO, *, field: str) -> None:
    """Unpack an open picture completely; raises `Refused` when it is of no use. Blocks: use a thread."""
    file.seek(0)
    head = file.read(8)
    reader = next((reader for magic, reader in _READERS.items() if head.startswith(magic)), None)
    if reader is None:
        what = "the file is neither a JPEG nor a PNG picture"
        raise Refused(Refusal(field, "not_an_image", what, "save the picture as JPEG or PNG"))
    try:
        refusal = _size_refusal(_opened(reader, file), field)
        if refusal is None:
            _opened(reader, file).verify()
            _opened(reader, file).load()
    except _BROKEN as problem:
        raise Refused(
            Refusal(field, "image_damaged", "the picture is cut short or damaged", "save the picture again")
        ) from problem
    if refusal:
        raise Refused(refusal)


def _opened(reader: type[ImageFile.ImageFile], file: BinaryIO) -> ImageFile.ImageFile:
    """A fresh reader: Pillow's `verify` leaves the one it was asked of unusable."""
    file.seek(0)
    return reader(file)


def _size_refusal(image: ImageFile.ImageFile, field: str) -> Refusal | None:
    width, height = image.size
    if width * height > MOST_PIXELS:
        many = f"the picture has {width} x {height} pixels, more than is unpacked here"
        return Refusal(field, "image_too_large", many, "save it with 1280 x 720 to 3840 x 2160 pixels")
    if width < LEAST_WIDTH:
        few = f"the picture is {width} pixels wide and YouTube wants at least {LEAST_WIDTH}"
        return Refusal(field, "image_too_small", few, "save it with 1280 x 720 pixels or more")
    return None
