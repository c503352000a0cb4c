"""Thumbnails at the door: JPEG or PNG, whole, wide enough, and no bomb."""

import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from ytempire.adapters.media import MediaCheck
from ytempire.domain.values import Refused


async def refusal_of(media: MediaCheck, path: Path) -> str:
    with pytest.raises(Refused) as refused:
        await media.thumbnail(str(path))
    (refusal,) = refused.value.refusals
    assert refusal.sentence().startswith("thumbnail: ")
    return refusal.code


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(10))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


async def test_a_picture_from_our_maker_is_accepted(media: MediaCheck, films: Path) -> None:
    stored = await media.thumbnail(str(films / "thumbnail.jpg"))
    assert (films / "thumbnail.jpg").stat().st_size == stored.size


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *(("PNG", mode) for mode in ("RGB", "RGBA", "L", "P", "1")),
        *(("JPEG", mode) for mode in ("RGB", "L", "CMYK")),
    ],
)
async def test_every_common_sort_of_picture_is_accepted(
    media: MediaCheck, tmp_path: Path, kind: str, mode: str
) -> None:
    Image.new(mode, (1280, 720)).save(tmp_path / "picture", kind)
    assert (tmp_path / "picture").stat().st_size == (await media.thumbnail(str(tmp_path / "picture"))).size


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
async def test_a_picture_cut_short_is_refused(
    media: MediaCheck, films: Path, tmp_path: Path, kind: str, share: float
) -> None:
    with Image.open(films / "thumbnail.jpg") as image:
        image.save(tmp_path / "picture", kind)
    whole = (tmp_path / "picture").read_bytes()
    (tmp_path / "picture").write_bytes(whole[: int(len(whole) * share)])
    assert await refusal_of(media, tmp_path / "picture") == "image_damaged"


async def test_text_and_other_sorts_of_pictures_are_refused(media: MediaCheck, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("a picture of a cat")
    Image.new("L", (1280, 720)).save(tmp_path / "moving.jpg", "GIF")
    Image.new("L", (1280, 720)).save(tmp_path / "modern.png", "WEBP")
    for name in ("text.jpg", "moving.jpg", "modern.png"):
        assert await refusal_of(media, tmp_path / name) == "not_an_image"


async def test_a_bomb_is_not_unpacked(media: MediaCheck, tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(png_that_claims(20_000, 20_000))
    (tmp_path / "near.png").write_bytes(png_that_claims(10_000, 10_000))
    assert await refusal_of(media, tmp_path / "bomb.png") == "image_too_large"
    assert await refusal_of(media, tmp_path / "near.png") == "image_too_large"


async def test_a_picture_of_639_pixels_is_too_small_and_640_are_enough(
    media: MediaCheck, tmp_path: Path
) -> None:
    Image.new("RGB", (639, 360)).save(tmp_path / "small.png")
    Image.new("RGB", (640, 360)).save(tmp_path / "enough.png")
    assert await refusal_of(media, tmp_path / "small.png") == "image_too_small"
    assert (await media.thumbnail(str(tmp_path / "enough.png"))).size > 0


async def test_an_empty_and_a_missing_picture_are_refused(media: MediaCheck, tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    assert await refusal_of(media, tmp_path / "empty.png") == "empty"
    assert await refusal_of(media, tmp_path / "none.png") == "missing"
