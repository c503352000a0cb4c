"""How long a container says it is, read from its own frame: MP4/MOV boxes, Matroska segment, AVI chunk.

This finds a cut file at once and without a decoder; pictures and sound are stepped over, never read.
"""

from dataclasses import dataclass
from typing import BinaryIO

from ytempire.domain.values import Refusal

MOST_BOXES = 500_000
"""No honest file has more boxes at top level: twelve hours in fragments of half a second have 172,800."""

# ISO/IEC 14496-12 (2022) 4.3: every file opens with `ftyp`; QuickTime files from before 2001 have none.
_FIRST = frozenset({b"ftyp", b"styp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"moof", b"sidx"})
_ZEROS = bytes(8)


@dataclass(frozen=True, slots=True)
class Box:
    """One box at top level: its four characters, where it begins and where the next one does (bytes)."""

    kind: bytes
    start: int
    end: int


def frame_refusal(file: BinaryIO, size: int, *, field: str) -> Refusal | None:
    """Why the outermost frame of this container cannot be whole; `None` when it is, or is of another kind."""
    file.seek(0)
    head = file.read(4096)
    if head[4:8] in _FIRST:
        return _mp4_refusal(file, size, field)
    end = _matroska_end(head) if head.startswith(b"\x1a\x45\xdf\xa3") else _avi_end(head)
    # RIFF pads odd chunks by one byte that some writers count and do not write.
    if end is not None and end > size + 1:
        return _cut(field, f"it says that it has {end:,} bytes, but {size:,} are there")
    return None


def brand(head: bytes) -> bytes:
    """The major brand of an MP4/MOV file from its first bytes, `b""` when it names none."""
    return head[8:12] if head[4:8] == b"ftyp" else b""


def _mp4_refusal(file: BinaryIO, size: int, field: str) -> Refusal | None:
    kinds: set[bytes] = set()
    position = 0
    for _ in range(MOST_BOXES):
        if position >= size or (_ends_in_zeros(file, position, size) and b"moov" in kinds):
            return _parts_refusal(kinds, field)
        found = _box_at(file, position, size)
        if found is None:
            return _corrupt(field, f"the data at byte {position:,} is not an MP4 box")
        if found.end > size:
            return _cut(
                field,
                f"its {found.kind.decode('latin-1')!r} part should end at byte {found.end:,} of {size:,}",
            )
        kinds.add(found.kind)
        position = found.end
    return _corrupt(field, f"it has more than {MOST_BOXES:,} parts")


def _box_at(file: BinaryIO, position: int, size: int) -> Box | None:
    """ISO/IEC 14496-12 4.2.2: 32-bit size and type; size 1 = a 64-bit size follows; size 0 = to the end."""
    file.seek(position)
    head = file.read(16)
    kind = head[4:8]
    if len(kind) < 4 or not all(0x20 <= byte < 0x7F or byte == 0xA9 for byte in kind):
        return None
    length = int.from_bytes(head[:4])
    least = 8
    if length == 1:
        length, least = int.from_bytes(head[8:16]), 16
    elif length == 0:
        length = size - position
    return Box(kind, position, position + length) if length >= least else None


def _ends_in_zeros(file: BinaryIO, position: int, size: int) -> bool:
    """Some writers fill up the last block of the file with zeros; that is not a box and does no harm."""
    file.seek(position)
    return file.read(8) == _ZEROS[: min(8, size - position)]


def _parts_refusal(kinds: set[bytes], field: str) -> Refusal | None:
    if b"moov" not in kinds:
        return _cut(field, "its index (the 'moov' part) is missing")
    if b"mdat" not in kinds:
        return _cut(field, "its pictures and sound (the 'mdat' part) are missing")
    return None


def _matroska_end(head: bytes) -> int | None:
    """Where the segment ends (RFC 8794 4, RFC 9559 5.1); `None` when left open, as by live recorders."""
    length, after = _matroska_size(head, 4)
    segment = None if length is None else after + length
    if segment is None or head[segment : segment + 4] != b"\x18\x53\x80\x67":
        return None
    length, after = _matroska_size(head, segment + 4)
    return None if length is None else after + length


def _matroska_size(head: bytes, position: int) -> tuple[int | None, int]:
    """A variable-length size and the position after it; all value bits set means unknown (RFC 8794 6.2)."""
    first = head[position] if position < len(head) else 0
    width = 9 - first.bit_length()
    value = int.from_bytes(head[position : position + width]) & ((1 << 7 * width) - 1)
    unknown = width > 8 or position + width > len(head) or value == (1 << 7 * width) - 1
    return (None if unknown else value), position + width


def _avi_end(head: bytes) -> int | None:
    if head[:4] != b"RIFF" or head[8:12] != b"AVI ":
        return None
    length = int.from_bytes(head[4:8], "little")
    # Recorders that were switched off leave 0 or all ones; the decoder judges those.
    return None if length in (0, 0xFFFF_FFFF) else length + 8


def _cut(field: str, what: str) -> Refusal:
    return Refusal(field, "truncated", f"the video is cut short: {what}", "copy or re-export the video again")


def _corrupt(field: str, what: str) -> Refusal:
    return Refusal(field, "corrupt", f"the video file is damaged: {what}", "re-export the video")
