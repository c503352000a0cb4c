"""Looking at sound that came from a provider: its length, its loudness, whether it decodes."""

import array
import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass

import av

SECONDS_A_CHARACTER = 0.065
TEXT = (
    "Bees live in the city too. They find flowers on every roof, and nobody notices how much they bring home."
)


@dataclass(frozen=True)
class Heard:
    rate: int
    values: Sequence[int]

    @property
    def seconds(self) -> float:
        return len(self.values) / self.rate

    @property
    def rms(self) -> float:
        return float((sum(value * value for value in self.values) / len(self.values)) ** 0.5)

    @property
    def at_the_limit(self) -> float:
        """The share of samples that lie at the limits of what can be written."""
        return sum(abs(value) >= 32_700 for value in self.values) / len(self.values)

    def lasts_as_long_as(self, text: str) -> bool:
        expected = len(text) * SECONDS_A_CHARACTER
        return abs(self.seconds - expected) < 0.1 * expected


def heard_pcm(data: bytes, rate: int) -> Heard:
    return Heard(rate, array.array("h", data))


def heard_wav(data: bytes) -> Heard:
    with wave.open(io.BytesIO(data)) as file:
        assert (1, 2) == (file.getnchannels(), file.getsampwidth())
        return heard_pcm(file.readframes(file.getnframes()), file.getframerate())


def heard_mp3(data: bytes) -> Heard:
    values: array.array[int] = array.array("h")
    with av.open(io.BytesIO(data), "r") as file:
        resampler = av.AudioResampler(format="s16", layout="mono")
        for frame in file.decode(audio=0):
            for piece in resampler.resample(frame):
                values.frombytes(bytes(piece.planes[0])[: 2 * piece.samples])
        return Heard(file.streams.audio[0].rate, values)
