"""Whether a file is a video that can be played to its end, and what it holds. PyAV is known only here."""

from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

import av
import av.audio.stream
import av.container
import av.logging
import av.stream
import av.video.stream
from av.frame import Frame

from ytempire.adapters.media.boxes import brand, frame_refusal
from ytempire.domain.files import VideoFacts
from ytempire.domain.values import Refusal, Refused

LONGEST_HOURS = 12
"""YouTube's longest video (support answer 71673)."""

MOST_PIXELS = 8192 * 8192
"""A picture larger than this is not decoded; YouTube's largest, 8K, has 33 million pixels."""

_TAIL = 5 * av.time_base
"""How far before the end a look at the tail begins (microseconds)."""

_TAIL_PACKETS = 3_000
"""Pictures decoded in a look at the end; the rest is only read. Bounds files with few key frames."""

_CONTAINERS = {
    "mov": ("mp4", "video/mp4"),
    "matroska": ("mkv", "video/x-matroska"),
    "avi": ("avi", "video/x-msvideo"),
    "mpegts": ("mpeg-ts", "video/mp2t"),
    "mpeg": ("mpeg", "video/mpeg"),
    "flv": ("flv", "video/x-flv"),
    "asf": ("wmv", "video/x-ms-wmv"),
    "ogg": ("ogg", "video/ogg"),
    "mxf": ("mxf", "application/octet-stream"),
}
"""Demuxer -> our name, MIME type. Only these are tried: a playlist could make libav open other files."""

_STREAMED = frozenset({"mpegts", "mpeg"})
"""Made to be cut anywhere, so that a broken packet at an edge is nothing special."""

_EXACT = frozenset({"mov", "matroska", "avi"})
"""Their outermost frame has told whether they are whole, better than their stated length can."""

_ZERO = Fraction(0)
_Stream = av.video.stream.VideoStream | av.audio.stream.AudioStream


class _ReadsInCircles(OSError):
    """The file leads its reader back again and again."""


@dataclass(slots=True)
class _Bounded:
    """A file for libav whose patience ends: no file, however twisted, is read for ever."""

    file: BinaryIO
    left: int

    def read(self, count: int) -> bytes:
        block = self.file.read(count)
        self.left -= len(block)
        if self.left < 0:
            raise _ReadsInCircles
        return block

    def seek(self, offset: int, whence: int) -> int:
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        return self.file.tell()


@dataclass(slots=True)
class _Seen:
    """A walk: pictures, packets with pictures, parts that did not decode, the last moment (seconds)."""

    pictures: int = 0
    packets: int = 0
    damaged: int = 0
    end: Fraction = _ZERO


def inspect_video(file: BinaryIO, size: int, *, field: str, deep: bool = False) -> VideoFacts:
    """The facts of an open video file of `size` bytes.

    The last seconds are decoded; with `deep` every picture and sound is. Raises `Refused` with one clear
    reason when it is no video that plays to its end. Blocks: call it in a thread.
    """
    if refusal := frame_refusal(file, size, field=field):
        raise Refused(refusal)
    file.seek(0)
    head = file.read(4096)
    file.seek(0)
    av.logging.set_level(None)
    try:
        with _opened(_Bounded(file, 16 * size + (64 << 20))) as container:
            return _judge(container, head, field=field, deep=deep)
    except _ReadsInCircles as problem:
        raise Refused(_damaged(field, "its parts point at each other in circles")) from problem
    except (av.FFmpegError, ValueError, OverflowError) as problem:
        raise Refused(_not_video(field, head)) from problem


def _opened(file: _Bounded) -> av.container.InputContainer:
    return av.open(
        file,
        "r",
        container_options={"format_whitelist": ",".join(_CONTAINERS)},
        metadata_errors="replace",
        io_open=_no_other_file,
    )


def _no_other_file(url: str, _flags: int, _options: dict[str, str]) -> None:
    """A video that asks for another file or address gets neither."""
    raise PermissionError(f"a video may not open {url!r}")


def _judge(container: av.container.InputContainer, head: bytes, *, field: str, deep: bool) -> VideoFacts:
    stream = _picture_stream(container)
    if stream is None:
        what = "the file has no moving picture, only sound"
        raise Refused(Refusal(field, "no_video_stream", what, "export it with its picture"))
    width, height = stream.codec_context.width, stream.codec_context.height
    if not 0 < width * height <= MOST_PIXELS:
        what = f"its picture is {width} x {height}"
        raise Refused(Refusal(field, "bad_picture_size", what, "re-export at 8K or smaller"))
    kind = container.format.name.split(",")[0]
    seen = _watch(container, [stream, *container.streams.audio], deep=deep)
    length = seen.end - Fraction(container.start_time or 0, av.time_base)
    stated = _stated(container, kind)
    if refusal := _damage(seen, kind, field=field) or _length_refusal(length, stated, field=field):
        raise Refused(refusal)
    name, mime = _container_name(kind, head)
    audio = next(iter(container.streams.audio), None)
    return VideoFacts(
        container=name,
        mime=mime,
        duration_ms=round(length * 1000),
        width=width,
        height=height,
        video_codec=stream.codec_context.name,
        audio_codec=audio.codec_context.name if audio is not None else None,
    )


def _picture_stream(container: av.container.InputContainer) -> av.video.stream.VideoStream | None:
    """The first moving picture: the cover of a piece of music is a video stream too, but none to publish."""
    cover = av.stream.Disposition.attached_pic
    return next((stream for stream in container.streams.video if not stream.disposition & cover), None)


def _watch(container: av.container.InputContainer, streams: list[_Stream], *, deep: bool) -> _Seen:
    """Decode the last seconds, or everything; where no end can be found quickly, walk from the beginning."""
    begin = container.start_time or 0
    if deep:
        return _walk(container, streams, limit=None)
    if container.duration is not None and _sought(container, begin + container.duration - _TAIL):
        seen = _walk(container, streams, limit=_TAIL_PACKETS)
        if seen.pictures:
            return seen
    _sought(container, begin)
    return _walk(container, streams, limit=_TAIL_PACKETS)


def _sought(container: av.container.InputContainer, moment: int) -> bool:
    """Whether the container could go to the key frame before a moment (microseconds)."""
    try:
        container.seek(max(moment, container.start_time or 0))
    except (av.FFmpegError, OverflowError):
        return False
    return True


def _walk(container: av.container.InputContainer, streams: list[_Stream], *, limit: int | None) -> _Seen:
    """Read to the end. With a limit, that many picture packets are decoded; without, everything."""
    seen = _Seen()
    for packet in container.demux(streams):
        is_picture = packet.stream is streams[0]
        if packet.size:
            seen.packets += is_picture
            seen.end = max(seen.end, _end_of(packet))
        if limit is None or (is_picture and seen.packets <= limit):
            _decode(packet, seen, is_picture=is_picture, strict=limit is None)
    return seen


def _end_of(packet: "av.Packet[av.stream.Stream]") -> Fraction:
    moment = packet.pts if packet.pts is not None else packet.dts
    if moment is None:
        return _ZERO
    return (moment + (packet.duration or 0)) * packet.time_base


def _decode(packet: "av.Packet[av.stream.Stream]", seen: _Seen, *, is_picture: bool, strict: bool) -> None:
    try:
        frames = packet.decode()
    except EOFError:
        return  # asked for its last pictures, the decoder has none left
    except (av.FFmpegError, ValueError):
        seen.damaged += 1
        return
    seen.pictures += len(frames) if is_picture else 0
    # Behind a seek, pictures that lean on earlier ones are rightly flagged: only a whole walk counts them.
    if strict:
        seen.damaged += sum(isinstance(frame, Frame) and frame.is_corrupt for frame in frames)


def _damage(seen: _Seen, kind: str, *, field: str) -> Refusal | None:
    if not seen.pictures:
        return _damaged(field, "no picture near its end can be decoded")
    if seen.damaged > (seen.packets // 10 if kind in _STREAMED else 0):
        return _damaged(field, f"{seen.damaged} parts of it cannot be decoded")
    return None


def _length_refusal(length: Fraction, stated: Fraction | None, *, field: str) -> Refusal | None:
    if length <= 0:
        return Refusal(field, "no_length", "it is a single picture without length", "export it as a video")
    if length > LONGEST_HOURS * 3600:
        what = f"the video lasts {float(length) / 3600:.1f} hours and YouTube takes {LONGEST_HOURS}"
        return Refusal(field, "too_long", what, "cut it into parts")
    if stated is not None and stated - length > max(Fraction(1), stated / 20):
        what = f"the video is cut short: it ends after {float(length):.1f} of {float(stated):.1f} seconds"
        return Refusal(field, "truncated", what, "copy or re-export the video again")
    return None


def _stated(container: av.container.InputContainer, kind: str) -> Fraction | None:
    """The length (seconds) that the header promises, where the frame check has not told more exactly."""
    if kind in _EXACT or container.duration is None:
        return None
    return Fraction(container.duration, av.time_base)


def _container_name(kind: str, head: bytes) -> tuple[str, str]:
    if kind == "mov" and brand(head) in (b"", b"qt  "):
        return "mov", "video/quicktime"
    if kind == "mov" and brand(head).startswith(b"3g"):
        return "3gp", "video/3gpp"
    if kind == "matroska" and b"webm" in head[:64]:
        return "webm", "video/webm"
    return _CONTAINERS[kind]


def _not_video(field: str, head: bytes) -> Refusal:
    what = "the file holds text, no video" if _is_text(head) else "the file cannot be read as a video"
    return Refusal(field, "not_video", what, "export the video as MP4 (H.264 and AAC)")


def _is_text(head: bytes) -> bool:
    # A character may be cut at the end of what was read.
    return b"\0" not in head and "\ufffd" not in head.decode("utf-8", "replace")[:-4]


def _damaged(field: str, what: str) -> Refusal:
    return Refusal(field, "damaged", f"the video is damaged: {what}", "re-export the video")
