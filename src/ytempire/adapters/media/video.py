"""Whether a file is a video that can be played to its end, and what it holds. PyAV is known only here."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO, cast

import av
import av.audio.stream
import av.container
import av.logging
import av.stream
import av.video.stream
from av.frame import Frame
from av.video.codeccontext import VideoCodecContext

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

_LOOSELY_STATED = frozenset({"matroska"})
"""Their last picture may stand for any time without saying so; the frame check has told if they are whole."""

_ZERO = Fraction(0)
_Stream = av.video.stream.VideoStream | av.audio.stream.AudioStream


class _ReadsInCircles(OSError):
    """The file leads its reader back again and again."""


# OSError: also a place that no file system has, when a file names one.
_UNREADABLE = (av.FFmpegError, ValueError, OverflowError, OSError)


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
    bounded = _Bounded(file, 16 * size + (64 << 20))
    try:
        with _opened(bounded, head, field=field) as container:
            streams = _streams(container, field=field)
            seen = _walk(container, streams, limit=None) if deep else _tail(container, streams)
            if deep or seen.pictures:
                return _verdict(container, seen, head, field=field)
        # No end that could be found quickly (no length, no index, few key frames): from the beginning, then.
        bounded.seek(0, 0)
        with _opened(bounded, head, field=field) as container:
            seen = _walk(container, _streams(container, field=field), limit=_TAIL_PACKETS)
            return _verdict(container, seen, head, field=field)
    except _ReadsInCircles as problem:
        raise Refused(_damaged(field, "its parts point at each other in circles")) from problem
    except _UNREADABLE as problem:
        raise Refused(_damaged(field, "it cannot be read to its end")) from problem


def _opened(file: _Bounded, head: bytes, *, field: str) -> av.container.InputContainer:
    try:
        return av.open(
            file,
            "r",
            container_options={"format_whitelist": ",".join(_CONTAINERS)},
            metadata_errors="replace",
            io_open=_no_other_file,
        )
    except _ReadsInCircles:
        raise
    except _UNREADABLE as problem:
        raise Refused(_not_video(field, head)) from problem


def _no_other_file(url: str, _flags: int, _options: dict[str, str]) -> None:
    """A video that asks for another file or for an address gets neither."""
    raise PermissionError(f"a video may not open {url!r}")


def _streams(container: av.container.InputContainer, *, field: str) -> list[_Stream]:
    """The picture to judge and all sound. Raises `Refused` where there is no picture, or a monstrous one."""
    stream = _picture_stream(container)
    if stream is None:
        has_sound = bool(container.streams.audio)
        what = "the file has sound but no moving picture" if has_sound else "the file has no picture"
        raise Refused(Refusal(field, "no_video_stream", what, "export it with its picture"))
    if not _is_known(stream):
        what = "its picture is in a coding that is not known here, or the file is damaged"
        raise Refused(Refusal(field, "unknown_codec", what, "export the video as MP4 (H.264 and AAC)"))
    width, height = stream.codec_context.width, stream.codec_context.height
    if width * height > MOST_PIXELS:
        what = f"its picture is {width} x {height}"
        raise Refused(Refusal(field, "bad_picture_size", what, "re-export at 8K or smaller"))
    return [stream, *_sounds(container)]


def _sounds(container: av.container.InputContainer) -> list[av.audio.stream.AudioStream]:
    return [stream for stream in container.streams.audio if _is_known(stream)]


def _is_known(stream: _Stream) -> bool:
    # PyAV's types promise a context; a stream whose coding libav does not know has none.
    context: object = stream.codec_context
    return context is not None


def _verdict(container: av.container.InputContainer, seen: _Seen, head: bytes, *, field: str) -> VideoFacts:
    kind = container.format.name.split(",")[0]
    length = seen.end - Fraction(container.start_time or 0, av.time_base)
    stated = _stated(container, kind)
    if refusal := _damage(seen, kind, field=field) or _length_refusal(length, stated, field=field):
        raise Refused(refusal)
    name, mime = _container_name(kind, head)
    drawn = cast(VideoCodecContext, _streams(container, field=field)[0].codec_context)
    audio = next(iter(_sounds(container)), None)
    return VideoFacts(
        container=name,
        mime=mime,
        duration_ms=round(length * 1000),
        width=drawn.width,
        height=drawn.height,
        video_codec=drawn.name,
        audio_codec=audio.codec_context.name if audio is not None else None,
    )


def _picture_stream(container: av.container.InputContainer) -> av.video.stream.VideoStream | None:
    """The first moving picture: the cover of a piece of music is a video stream too, but none to publish."""
    cover = av.stream.Disposition.attached_pic
    return next((stream for stream in container.streams.video if not stream.disposition & cover), None)


def _tail(container: av.container.InputContainer, streams: list[_Stream]) -> _Seen:
    """Decode the last seconds; nothing is seen where they cannot be found."""
    if container.duration is None:
        return _Seen()
    begin = container.start_time or 0
    try:
        container.seek(max(begin, begin + container.duration - _TAIL))
    except (av.FFmpegError, OverflowError):
        return _Seen()
    return _walk(container, streams, limit=_TAIL_PACKETS)


def _walk(container: av.container.InputContainer, streams: list[_Stream], *, limit: int | None) -> _Seen:
    """Read to the end. With a limit, that many picture packets are decoded; without, everything."""
    seen = _Seen()
    for packet in _packets(container, streams):
        is_picture = packet.stream is streams[0]
        if packet.size:
            seen.packets += is_picture
            seen.end = max(seen.end, _end_of(packet))
        # Packets without bytes ask the decoder for the pictures that it still holds back.
        if limit is None or (is_picture and (seen.packets <= limit or not packet.size)):
            _decode(packet, seen, is_picture=is_picture, strict=limit is None)
    return seen


def _packets(
    container: av.container.InputContainer, streams: list[_Stream]
) -> "Iterator[av.Packet[av.stream.Stream]]":
    try:
        yield from container.demux(streams)
    except IndexError:
        # PyAV 18 stumbles over streams that appear only in mid-file, after it has given every packet.
        return


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
        return _damaged(field, f"parts of it ({seen.damaged}) cannot be decoded")
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
    """The length (seconds) that the header promises, where such a promise can be held against the file."""
    if kind in _LOOSELY_STATED or container.duration is None:
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
