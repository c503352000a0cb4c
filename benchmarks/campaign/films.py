"""Real videos for a run: playable, each different from its first byte to its last, made once per process."""

import random
import tempfile
import threading
from functools import cache
from pathlib import Path

from ytempire.adapters.media.maker import make_thumbnail, make_video

_one_at_a_time = threading.Lock()


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="films-")


def film(number: int, size: int) -> Path:
    """The video of this number, padded with noise to about `size` bytes, so that a misplaced byte is seen."""
    with _one_at_a_time:
        path = Path(_folder().name) / f"film_{number}_{size}.mp4"
        if not path.exists():
            make_video(path, seed=number, seconds=1, width=64, height=48)
            noise = random.Random(f"{number}:{size}").randbytes(max(8, size - path.stat().st_size))
            with path.open("ab") as file:  # a `free` box: ISO/IEC 14496-12 8.1.2
                file.write((len(noise) + 8).to_bytes(4) + b"free" + noise)
        return path


def thumbnail(number: int) -> Path:
    """The picture of this number."""
    with _one_at_a_time:
        path = Path(_folder().name) / f"film_{number}.jpg"
        if not path.exists():
            make_thumbnail(path, seed=number)
        return path


def captions(number: int) -> Path:
    """A caption file of this number."""
    with _one_at_a_time:
        path = Path(_folder().name) / f"film_{number}.srt"
        path.write_text(f"1\n00:00:00,000 --> 00:00:01,000\nNumber {number}\n", encoding="utf-8")
        return path
