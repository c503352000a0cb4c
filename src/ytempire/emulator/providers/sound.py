"""Making sound: a signal that measures like speech, as raw samples, WAV or MP3. Nobody understands a word of it.

Each character is a slot of 0.065 s: a vowel is a voiced pulse train with formants, a consonant a weaker one or a
hiss, a blank is silence, and the end of a sentence is three slots of silence. The same text is the same sound.
Samples are 16-bit, little-endian, mono.
"""

import functools
import io
import math
import struct
import wave

import av

SLOT_SECONDS = 0.065
_LOUDEST = 32_767
_LEVEL = 11_000
_FADE_SECONDS = 0.006
# Pitch in Hz, then two formants in Hz, by vowel: textbook averages of a low voice.
_VOWELS = {
    "a": (118, 730, 1090),
    "e": (124, 530, 1840),
    "i": (130, 270, 2290),
    "o": (112, 570, 840),
    "u": (116, 300, 870),
}
_HUM = (106, 250, 1200)
_HISSING = frozenset("bcfhkpqstxz")
_PAUSES = {" ": 1, ",": 1, ";": 2, ":": 2, "\n": 2, ".": 3, "!": 3, "?": 3}


def samples(text: str, rate: int, *, clipped: bool = False) -> bytes:
    """The raw samples of a text at this many samples a second; overdriven into the limits where `clipped`."""
    return b"".join(_slot(_shape(letter), rate, clipped) for letter in text.lower())


def wav(pcm: bytes, rate: int) -> bytes:
    """These samples as a WAV file."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)
    return target.getvalue()


def mp3(pcm: bytes, rate: int, kilobits: int) -> bytes:
    """These samples as an MP3 file of this many kilobits a second."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=rate, layout="mono", format="s16p")
        stream.bit_rate = kilobits * 1000
        stream.options = {"compression_level": "9"}  # the quickest: nobody listens
        stream.codec_context.open()
        step = 2 * (stream.codec_context.frame_size or 1152)
        for start in range(0, len(pcm), step):
            piece = pcm[start : start + step]
            frame = av.AudioFrame(format="s16p", layout="mono", samples=len(piece) // 2)
            frame.sample_rate = rate
            frame.pts = start // 2
            frame.planes[0].update(piece)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()


def _shape(letter: str) -> str:
    """Which of the few kinds of slot a character is."""
    if letter in _PAUSES or letter in _VOWELS:
        return letter
    if letter.isspace():
        return " "
    return "s" if letter in _HISSING else "m"


@functools.cache
def _slot(shape: str, rate: int, clipped: bool) -> bytes:  # noqa: FBT001 - the cache takes no names
    count = round(SLOT_SECONDS * rate)
    if shape in _PAUSES:
        return bytes(2 * count * _PAUSES[shape])
    wave_form = _hiss(count) if shape == "s" else _voiced(shape, count, rate)
    loudest = max(map(abs, wave_form)) or 1.0
    level = _LEVEL * (1.0 if shape in _VOWELS else 0.45)
    fade = max(1, round(_FADE_SECONDS * rate))
    shaped = [
        value / loudest * level * min(1.0, (at + 1) / fade, (count - at) / fade)
        for at, value in enumerate(wave_form)
    ]
    if clipped:
        shaped = [max(-_LOUDEST, min(_LOUDEST, value * 200)) for value in shaped]
    return struct.pack(f"<{count}h", *(round(value) for value in shaped))


def _voiced(shape: str, count: int, rate: int) -> list[float]:
    """Pulses of the voice, each ringing at the formants and dying away."""
    pitch, first, second = _VOWELS.get(shape, _HUM)
    period = rate / pitch
    values = []
    for at in range(count):
        since = (at % period) / rate
        ring = math.sin(math.tau * first * since) + 0.5 * math.sin(math.tau * second * since)
        values.append(ring * math.exp(-since * 180))
    return values


def _hiss(count: int) -> list[float]:
    """Noise that is the same every time: a linear congruential row of numbers."""
    values, state = [], 12_345
    for _ in range(count):
        state = (1_103_515_245 * state + 12_345) % 2**31
        values.append(state / 2**30 - 1)
    return values
