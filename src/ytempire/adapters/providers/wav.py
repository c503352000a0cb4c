"""WAV files of 16 bit and one channel: written as their samples come, and read when they come whole."""

import asyncio
import contextlib
import io
import struct
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ytempire.domain.values import Mendable

_HEAD = 44
_BLOCK = 262_144
_FOREIGN = (b"<!do", b"<htm", b"RIFF", b"ID3\x03", b"ID3\x04", b"OggS", b"fLaC")
"""How texts and other kinds of sound begin; as samples these would be a loud crack that no voice makes."""


class NotASound(Mendable):
    """These bytes are no sound that we can use."""


def head(rate: int, size: int) -> bytes:
    """The head of a file of `size` bytes of samples: RIFF, one `fmt ` chunk (PCM, mono, 16 bit), `data`."""
    form = struct.pack("<HHIIHH", 1, 1, rate, rate * 2, 2, 16)
    return b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", size)  # fmt: skip  # noqa: E501


class Recording:
    """Samples on their way into a file that does not have its name yet."""

    def __init__(self, part: Path, rate: int) -> None:
        self._part = part
        self._rate = rate
        self._file = part.open("wb")
        self._file.write(bytes(_HEAD))
        self._held = bytearray()
        self._first = b""
        self._size = 0
        self.kept = False

    async def write(self, samples: bytes) -> None:
        """Takes samples, and writes them in large blocks, off the event loop. Raises `OSError`."""
        self._held += samples
        self._size += len(samples)
        if len(self._first) < 4:
            self._first = (self._first + samples)[:4]
        if len(self._held) >= _BLOCK:
            block, self._held = bytes(self._held), bytearray()
            await asyncio.to_thread(self._file.write, block)

    def wrong(self) -> str:
        """Why what was taken cannot be sound; empty when it can."""
        if self._size < 2:
            return "it answered with nothing"
        if self._first in _FOREIGN:
            return f"it answered with something else than samples (it begins {self._first!r})"
        if self._size % 2:
            return "the sound breaks off in the middle of a sample"
        return ""

    async def keep(self, into: str) -> None:
        """Gives the file its head and its name. Raises `OSError`."""
        await asyncio.to_thread(self._finish, into)
        self.kept = True

    def _finish(self, into: str) -> None:
        self._file.write(self._held)
        self._file.seek(0)
        self._file.write(head(self._rate, self._size))
        self._file.close()
        self._part.replace(into)

    def drop(self) -> None:
        """Forgets all of it."""
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            self._part.unlink(missing_ok=True)


@contextmanager
def new_recording(into: str, rate: int) -> Iterator[Recording]:
    """A recording for the file `into`; nothing is left of it when the block ends and it was not kept.

    Raises `OSError`.
    """
    tape = Recording(Path(f"{into}.part"), rate)
    try:
        yield tape
    finally:
        if not tape.kept:
            tape.drop()


def samples_of(sound: bytes) -> tuple[int, bytes]:
    """The rate and the samples of a whole WAV file. Raises `NotASound` for another kind, or a part of one."""
    try:
        with wave.open(io.BytesIO(sound)) as file:
            form, count = (file.getnchannels(), file.getsampwidth()), file.getnframes()
            rate, samples = file.getframerate(), file.readframes(count)
    except (wave.Error, EOFError) as error:
        raise NotASound("it is no WAV file of plain samples") from error
    if form != (1, 2):
        raise NotASound(f"it has {form[0]} channels of {8 * form[1]} bits; one of 16 is asked for")
    if not samples or len(samples) != 2 * count:
        raise NotASound(f"its head promises {2 * count:,} bytes of samples, and {len(samples):,} are there")
    return rate, samples
