"""The box walk alone: sizes of every kind, and frames that cannot be whole."""

import io

import pytest

from ytempire.adapters.media.boxes import frame_refusal


def box(kind: bytes, body: bytes = b"", *, size: int | None = None) -> bytes:
    return (8 + len(body) if size is None else size).to_bytes(4) + kind + body


def wide_box(kind: bytes, body: bytes) -> bytes:
    return b"\0\0\0\1" + kind + (16 + len(body)).to_bytes(8) + body


FTYP = box(b"ftyp", b"isom\0\0\0\0")
WHOLE = FTYP + box(b"moov", b"m" * 20) + box(b"mdat", b"d" * 100)


def code_of(data: bytes) -> str | None:
    refusal = frame_refusal(io.BytesIO(data), len(data), field="file")
    return None if refusal is None else refusal.code


@pytest.mark.parametrize(
    "data",
    [
        WHOLE,
        FTYP + box(b"mdat", b"d" * 9) + box(b"moov"),
        FTYP + box(b"moov") + wide_box(b"mdat", b"d" * 50),
        FTYP + box(b"moov") + box(b"mdat", b"to the end", size=0),
        WHOLE + box(b"free", b"\0" * 1000),
        WHOLE + bytes(3),
        WHOLE + bytes(4096),
        box(b"moov") + box(b"mdat"),
    ],
    ids=["index first", "index last", "64-bit", "to the end", "padding", "3 zeros", "zeros", "before ftyp"],
)
def test_a_whole_frame_is_not_refused(data: bytes) -> None:
    assert code_of(data) is None


BROKEN = {
    "ftyp alone": (FTYP, "truncated"),
    "no mdat": (FTYP + box(b"moov"), "truncated"),
    "no moov": (FTYP + box(b"mdat", b"d"), "truncated"),
    "one byte short": (WHOLE[:-1], "truncated"),
    "64-bit short": (FTYP + box(b"moov") + wide_box(b"mdat", b"d" * 50)[:-1], "truncated"),
    "size below head": (FTYP + box(b"moov", size=7) + box(b"mdat"), "corrupt"),
    "64-bit below head": (FTYP + b"\0\0\0\1moov" + (15).to_bytes(8) + box(b"mdat"), "corrupt"),
    "no box name": (FTYP + b"\0\0\0\x10\0\1\2\3" + WHOLE, "corrupt"),
    "half a head": (WHOLE + b"\0\0\1", "corrupt"),
    "zeros for an index": (FTYP + bytes(4096), "corrupt"),
    "boxes without end": (FTYP + box(b"free") * 600_000 + WHOLE, "corrupt"),
}


@pytest.mark.parametrize(("data", "code"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_frame_is_refused(data: bytes, code: str) -> None:
    assert code_of(data) == code


@pytest.mark.parametrize(
    "data", [b"", b"RIFF", b"RIFF\xff\xff\xff\xffAVI ", b"\x1a\x45\xdf\xa3", b"GIF89a" * 9]
)
def test_what_says_nothing_about_its_length_is_left_to_the_decoder(data: bytes) -> None:
    assert code_of(data) is None
