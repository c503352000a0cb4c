"""Sound files: how long and how loud one is, decoded to its end, and several made into one. PyAV does the work.

Both run in a thread; measuring takes about a hundredth of the time that listening would.
"""

import asyncio
import contextlib
import os
import shutil
import tempfile
import wave
from array import array
from collections.abc import Iterator, Sequence
from itertools import chain
from operator import mul
from pathlib import Path
from typing import IO

import av
import av.audio.resampler
import av.audio.stream
import av.container
import av.logging

from ytempire.domain.speech import Sound
from ytempire.domain.values import Mendable

_FULL = 32_768
_CLIPPED = 32_700
"""From here a sample counts as clipped. What was packed as MP3 after it was clipped cannot be told any more."""

_SILENT = 0.003
"""A tenth of a second is silent below this share of full scale."""

_PAUSE_SECONDS = 0.25
_KINDS = (".wav", ".mp3")
_MP3_BITS = 64_000
_MP3_SAMPLES = 1_152
_MP3_RATES = frozenset({8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000})
_NO_SIZE = 0x7FFF_0000
"""Sizes from here on, and 0, are those of heads that were written before the size was known."""


class PyAvSounds:
    """`ports.chains.Sounds`."""

    async def measure(self, path: str) -> Sound:
        """See `ports.chains.Sounds`."""
        return await asyncio.to_thread(measure, path)

    async def join(self, parts: Sequence[str], into: str) -> None:
        """See `ports.chains.Sounds`."""
        await asyncio.to_thread(join, parts, into)

    async def target(self, path: str) -> None:
        """See `ports.chains.Sounds`."""
        await asyncio.to_thread(_check_target, Path(path))

    async def scratch(self) -> str:
        """See `ports.chains.Sounds`."""
        return await asyncio.to_thread(tempfile.mkdtemp, prefix="ytempire-sound-")

    async def discard(self, scratch: str) -> None:
        """See `ports.chains.Sounds`."""
        # What a thread that was given up still writes there must not cost the speech that was paid for.
        await asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True)


def measure(path: str) -> Sound:
    """Decodes a file to its end as one channel of 16 bit, and measures what came out."""
    tally, rate = _Tally(), 0
    try:
        cut = _is_cut_wav(Path(path))
        with av.open(path) as container:
            rate, promised = container.streams.audio[0].rate, _promised(container, Path(path))
            tally.tenth = max(rate // 10, 1)
            for samples in _samples(container, rate):
                tally.take(samples)
    except (av.error.FFmpegError, IndexError, OSError, ValueError):
        return tally.sound(rate, whole=False)
    return tally.sound(rate, whole=not cut and tally.count >= 0.95 * promised * rate)


def join(parts: Sequence[str], into: str) -> None:
    """See `ports.chains.Sounds`."""
    target = Path(into)
    kind = _kind(target)
    if not parts:
        raise Mendable(f"{target.name}: there is no sound to write")
    spare = target.with_name(f".{target.name}.part")
    try:
        with spare.open("wb") as file:
            (_write_wav if kind == ".wav" else _write_mp3)(parts, file)
            file.flush()
            os.fsync(file.fileno())
        spare.replace(target)
    except (av.error.FFmpegError, IndexError, ValueError) as error:
        raise Mendable(f"{target.name}: a part of it cannot be decoded; ask for the speech again") from error
    except OSError as error:
        raise Mendable(
            f"{into} cannot be written: {error.strerror}; look at the folder and the disk"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            spare.unlink(missing_ok=True)


def _kind(target: Path) -> str:
    kind = target.suffix.lower()
    if kind not in _KINDS:
        raise Mendable(f"{target.name}: sound is written as .wav or .mp3; give the file one of these endings")
    return kind


def _check_target(target: Path) -> None:
    _kind(target)
    if target.is_dir():
        raise Mendable(f"{target} is a folder; name a file")
    if not target.parent.is_dir():
        raise Mendable(f"{target.parent} is no folder; make it, or name another one")
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise Mendable(f"{target.parent} cannot be written to; name another folder")


class _Tally:
    """What is known of the samples so far."""

    def __init__(self) -> None:
        self.tenth = 1
        self.count = 0
        self._held = array("h")
        self._squares = 0
        self._peak = 0
        self._clipped = 0
        self._tenths = 0
        self._silent = 0

    def take(self, samples: "array[int]") -> None:
        """Counts samples in, in tenths of a second."""
        self._held += samples
        while len(self._held) >= self.tenth:
            self._count(self._held[: self.tenth])
            del self._held[: self.tenth]

    def _count(self, samples: "array[int]") -> None:
        squares = sum(map(mul, samples, samples))
        peak = max(abs(min(samples)), abs(max(samples)))
        if peak >= _CLIPPED:
            self._clipped += sum(abs(sample) >= _CLIPPED for sample in samples)
        self.count += len(samples)
        self._squares += squares
        self._peak = max(self._peak, peak)
        self._tenths += 1
        self._silent += squares < len(samples) * (_SILENT * _FULL) ** 2

    def sound(self, rate: int, *, whole: bool) -> Sound:
        """The measure of all that was taken; what is less than a tenth of a second counts as one."""
        if self._held:
            self._count(self._held)
            self._held = array("h")
        count = max(self.count, 1)
        return Sound(
            seconds=self.count / rate if rate else 0.0,
            rate=rate,
            rms=(self._squares / count) ** 0.5 / _FULL,
            peak=min(self._peak / _FULL, 1.0),
            clipped=self._clipped / count,
            silent=self._silent / self._tenths if self._tenths else 1.0,
            decoded=whole,
        )


def _samples(container: av.container.InputContainer, rate: int) -> "Iterator[array[int]]":
    """All sound of a file as one channel of 16 bit at this rate."""
    av.logging.set_level(None)
    to_plain = av.audio.resampler.AudioResampler(format="s16", layout="mono", rate=rate)
    frames = chain(container.decode(audio=0), [None])
    for frame in frames:
        for plain in to_plain.resample(frame):
            # A plane is as long as its memory, which may be longer than its samples.
            yield array("h", bytes(plain.planes[0])[: 2 * plain.samples])


def _joined(parts: Sequence[str], rate: int) -> "Iterator[array[int]]":
    """The sound of all parts, a pause between two."""
    for number, part in enumerate(parts):
        if number:
            yield array("h", bytes(2 * round(_PAUSE_SECONDS * rate)))
        with av.open(part) as container:
            yield from _samples(container, rate)


def _rate(part: str) -> int:
    with av.open(part) as container:
        return container.streams.audio[0].rate


def _write_wav(parts: Sequence[str], file: IO[bytes]) -> None:
    rate = _rate(parts[0])
    with wave.open(file) as sound:
        sound.setparams((1, 2, rate, 0, "NONE", "NONE"))
        for samples in _joined(parts, rate):
            sound.writeframesraw(samples.tobytes())


def _write_mp3(parts: Sequence[str], file: IO[bytes]) -> None:
    rate = _rate(parts[0])
    rate = rate if rate in _MP3_RATES else 44_100
    with av.open(file, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=rate, layout="mono", bit_rate=_MP3_BITS)
        to_planes = av.audio.resampler.AudioResampler(
            format="s16p", layout="mono", rate=rate, frame_size=_MP3_SAMPLES
        )
        start = 0
        for samples in _joined(parts, rate):
            if samples:
                frame = av.AudioFrame(format="s16", layout="mono", samples=len(samples))
                frame.planes[0].update(samples.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
                frame.sample_rate, frame.pts = rate, start
                start += len(samples)
                _encode(container, stream, to_planes.resample(frame))
        _encode(container, stream, to_planes.resample(None))
        container.mux(stream.encode(None))


def _encode(
    container: av.container.OutputContainer,
    stream: av.audio.stream.AudioStream,
    frames: Sequence[av.AudioFrame],
) -> None:
    for frame in frames:
        container.mux(stream.encode(frame))


def _promised(container: av.container.InputContainer, path: Path) -> float:
    """The seconds that an MP3 counts in its first frame; 0 where there is no such count, only a guess."""
    with path.open("rb") as file:
        head = file.read(4096)
    counted = not head.startswith(b"RIFF") and (b"Xing" in head or b"Info" in head)
    return (container.duration or 0) / av.time_base if counted else 0.0


def _is_cut_wav(path: Path) -> bool:
    """Does a WAV file's `data` chunk promise more than is there? Decoders do not mind, and stop early."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(4) != b"RIFF":
            return False
        file.seek(12)
        while len(name := file.read(8)) == 8:
            length = int.from_bytes(name[4:], "little")
            if name[:4] == b"data":
                return 0 < length < _NO_SIZE and file.tell() + length > size
            file.seek(length + length % 2, os.SEEK_CUR)
    return False
