"""A multipart body is read right however the network cuts it."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytempire.emulator.errors import ApiError
from ytempire.emulator.multipart import Related


async def in_pieces(data: bytes, size: int) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


def body(newline: bytes, media: bytes, *, headers: bool) -> bytes:
    kind = b"Content-Type: video/mp4" + newline if headers else b""
    return newline.join(
        [b"--edge", b"Content-Type: application/json", b"", b"{}", b"--edge", kind, media, b"--edge--", b""]
    )


@given(
    newline=st.sampled_from([b"\r\n", b"\n"]),
    headers=st.booleans(),
    size=st.integers(1, 60),
    media=st.lists(st.sampled_from([b"\r\n", b"\n", b"--edg", b"--", b"x", b"\r", b"\x00"])).map(b"".join),
)
async def test_any_cut_gives_the_same_parts(newline: bytes, headers: bool, size: int, media: bytes) -> None:
    related = Related("edge", in_pieces(body(newline, media, headers=headers), size))
    metadata, kind = await related.metadata()
    assert (b"{}", "video/mp4" if headers else "application/octet-stream") == (metadata, kind)
    assert media == b"".join([piece async for piece in related.media()])


@pytest.mark.parametrize(
    "broken", [b"", b"--other\r\n", b"--edge\r\n\r\n{}", b"--edge\r\n\r\n{}\r\n--edge\r\n"]
)
async def test_a_body_without_two_parts_is_refused(broken: bytes) -> None:
    related = Related("edge", in_pieces(broken, 7))
    with pytest.raises(ApiError) as refused:
        await related.metadata()
    assert (400, "badRequest") == (refused.value.status, refused.value.reason)


async def test_media_without_an_end_is_refused() -> None:
    related = Related("edge", in_pieces(body(b"\r\n", b"media", headers=True)[:-12], 7))
    await related.metadata()
    with pytest.raises(ApiError):
        [piece async for piece in related.media()]
