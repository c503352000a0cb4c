"""Makes small real videos and pictures for demo and tests: the same seed gives the same film and tone."""

import math
import os
from array import array
from fractions import Fraction
from pathlib import Path

import av
import av.audio.stream
import av.container
import av.logging
import av.video.stream
from PIL import Image, ImageDraw, ImageOps

_FRAME_RATE = 10
_SLOW_RATE = 2
"""Of a film that is there for its voice, and therefore long."""

_SAMPLE_RATE = 44_100
_SAMPLES = 1024
"""Samples in one AAC frame."""

_COLOURS = (
    "#12355b",
    "#7a1f3d",
    "#1f6f4a",
    "#5b3a8e",
    "#8a5a00",
    "#00647a",
    "#6b2d0f",
    "#2f4858",
    "#8e2457",
    "#3c5a14",
)
_LIGHTS = ("#f2c14e", "#9ad1d4", "#f78154", "#b8e986", "#e0bbff", "#ffd6a5", "#a0e7e5")
_DIGITS = (
    "111101101101111",
    "010110010010111",
    "111001111100111",
    "111001111001111",
    "101101111001001",
    "111100111001111",
    "111100111101111",
    "111001001001001",
    "111101111101111",
    "111101111001111",
)
"""Each digit as five rows of three blocks."""


def make_video(
    path: str | os.PathLike[str],
    *,
    seed: int,
    seconds: float,
    width: int,
    height: int,
    padding: int = 0,
    index_first: bool = True,
    voice: str | os.PathLike[str] | None = None,
) -> None:
    """Write a playable MP4 (H.264 and AAC): a moving gradient with the seed as a number, and a tone.

    With `voice`, an audio file, that is heard in place of the tone; `seconds` are then those of the picture. Width
    and height are even. `padding` adds a legal empty part of that many bytes (0, or at least 8) at the end, which
    takes no space where the disk knows holes. `index_first` puts `moov` before the pictures.
    Raises `ValueError` for sizes that cannot be.
    """
    if width % 2 or height % 2 or min(width, height) < 16 or seconds <= 0 or seed < 0 or 0 < padding < 8:
        raise ValueError(f"no video can be made of {width=} {height=} {seconds=} {seed=} {padding=}")
    av.logging.set_level(None)
    rate = _FRAME_RATE if voice is None else _SLOW_RATE
    options = {"fflags": "+bitexact"} | ({"movflags": "+faststart"} if index_first else {})
    with av.open(os.fspath(path), "w", format="mp4", options=options) as container:
        picture = _picture_stream(container, width, height, rate)
        sound = container.add_stream("aac", rate=_SAMPLE_RATE, layout="mono", bit_rate=32_000)
        if voice is None:
            _write_sound(container, sound, seed=seed, seconds=seconds)
        else:
            _write_voice(container, sound, os.fspath(voice))
        _write_pictures(container, picture, seed=seed, count=max(1, round(seconds * rate)), rate=rate)
    if padding:
        _add_padding(Path(path), padding)


def make_thumbnail(path: str | os.PathLike[str], *, seed: int) -> None:
    """Write a JPEG of 1280 x 720 pixels that belongs to the video of this seed."""
    image = _background(seed, 1280, 720)
    _draw_number(image, seed)
    image.save(path, "JPEG", quality=80)


def _picture_stream(
    container: av.container.OutputContainer, width: int, height: int, rate: int
) -> av.video.stream.VideoStream:
    stream = container.add_stream(
        "libx264",
        rate=rate,
        options={"preset": "ultrafast", "crf": "30", "g": str(2 * rate), "threads": "1"},
    )
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    return stream


def _write_pictures(
    container: av.container.OutputContainer,
    stream: av.video.stream.VideoStream,
    *,
    seed: int,
    count: int,
    rate: int,
) -> None:
    # The picture glides over a wide background and back, so that every frame differs and nothing has a seam.
    wide = _background(seed, 2 * stream.width, stream.height).convert("RGBA")
    for number in range(count):
        left = round(stream.width * (0.5 - 0.5 * math.cos(number / 7)))
        image = wide.crop((left, 0, left + stream.width, stream.height))
        _draw_number(image, seed)
        frame = av.VideoFrame.from_bytes(image.tobytes(), image.width, image.height)
        frame.pts, frame.time_base = number, Fraction(1, rate)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _write_sound(
    container: av.container.OutputContainer, stream: av.audio.stream.AudioStream, *, seed: int, seconds: float
) -> None:
    # One period of the tone, repeated: 60 to 219 samples are 735 to 201 Hz.
    period = 60 + seed * 37 % 160
    wave = array("f", (0.2 * math.sin(2 * math.pi * step / period) for step in range(period)))
    tone = wave * (_SAMPLES // period + 2)
    for start in range(0, max(1, int(seconds * _SAMPLE_RATE)), _SAMPLES):
        frame = av.AudioFrame(format="fltp", layout="mono", samples=_SAMPLES)
        frame.planes[0].update(tone[start % period : start % period + _SAMPLES].tobytes())
        frame.pts, frame.sample_rate, frame.time_base = start, _SAMPLE_RATE, Fraction(1, _SAMPLE_RATE)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _write_voice(
    container: av.container.OutputContainer, stream: av.audio.stream.AudioStream, path: str
) -> None:
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=_SAMPLE_RATE, frame_size=_SAMPLES)
    with av.open(path) as source:
        for frame in source.decode(audio=0):
            for part in resampler.resample(frame):
                container.mux(stream.encode(part))
        for part in resampler.resample(None):
            container.mux(stream.encode(part))
    container.mux(stream.encode(None))


def _background(seed: int, width: int, height: int) -> Image.Image:
    dark, light = _COLOURS[seed % len(_COLOURS)], _LIGHTS[seed % len(_LIGHTS)]
    gradient = Image.linear_gradient("L").rotate(90 * (seed % 4)).resize((width, height))
    return ImageOps.colorize(gradient, dark, light)


def _draw_number(image: Image.Image, number: int) -> None:
    """Draw a number with blocks in the middle of the picture."""
    draw = ImageDraw.Draw(image)
    digits = [int(digit) for digit in str(number)]
    block = max(1, min(image.width // (4 * len(digits) + 3), image.height // 9))
    left = (image.width - (4 * len(digits) - 1) * block) // 2
    top = (image.height - 5 * block) // 2
    for place, digit in enumerate(digits):
        for index, cell in enumerate(_DIGITS[digit]):
            if cell == "1":
                x, y = left + (4 * place + index % 3) * block, top + index // 3 * block
                draw.rectangle((x, y, x + block - 1, y + block - 1), fill="white")


def _add_padding(path: Path, count: int) -> None:
    """ISO/IEC 14496-12 8.1.2: a `free` box may stand anywhere and means nothing."""
    head = count.to_bytes(4) + b"free" if count < 1 << 32 else b"\0\0\0\1free" + count.to_bytes(8)
    with path.open("r+b") as file:
        end = file.seek(0, os.SEEK_END)
        file.write(head)
        file.truncate(end + count)
