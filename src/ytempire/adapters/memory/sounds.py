"""Audio that exists only as what would be measured of it."""

from collections.abc import Sequence
from itertools import count

from ytempire.domain.speech import Sound, expected_seconds
from ytempire.domain.values import Mendable

PAUSE = 0.25
"""Seconds between two parts that were joined."""

NOTHING = Sound(0.0, 0, 0.0, 0.0, 0.0, 1.0, decoded=False)
"""What is measured of a file that is not there."""


def a_voice(text: str, *, rate: int = 22_050) -> Sound:
    """What a voice that reads a text sounds like."""
    return Sound(expected_seconds(text), rate, 0.1, 0.6, 0.0, 0.1)


class MemorySounds:
    """`ports.Sounds` over a dict from path to what is heard. A folder that was never named is not there."""

    def __init__(self, *folders: str) -> None:
        self.files: dict[str, Sound] = {}
        self.folders = {"", *folders}
        self.scratches: set[str] = set()
        self.closed: set[str] = set()
        self._ids = count(1)

    def put(self, path: str, sound: Sound) -> None:
        """Writes a file, as a vendor does."""
        self.files[path] = sound

    def close(self, path: str) -> None:
        """From now on nothing can be written at this path."""
        self.closed.add(path)

    async def target(self, path: str) -> None:
        folder = path.rpartition("/")[0]
        if not path.lower().endswith((".wav", ".mp3")):
            raise Mendable(f"{path} is neither .wav nor .mp3; name it so")
        if folder not in self.folders | self.scratches:
            raise Mendable(f"there is no folder {folder}; make it, or name another")
        self._writable(path)

    async def scratch(self) -> str:
        made = f"scratch-{next(self._ids)}"
        self.scratches.add(made)
        return made

    async def discard(self, scratch: str) -> None:
        self.scratches.discard(scratch)
        for path in [each for each in self.files if each.startswith(f"{scratch}/")]:
            del self.files[path]

    async def measure(self, path: str) -> Sound:
        return self.files.get(path, NOTHING)

    async def join(self, parts: Sequence[str], into: str) -> None:
        self._writable(into)
        if not parts or any(part not in self.files for part in parts):
            raise Mendable(f"{into}: a part of it cannot be decoded; ask for the speech again")
        self.files[into] = _joined([self.files[part] for part in parts])

    def _writable(self, path: str) -> None:
        if path in self.closed:
            raise Mendable(f"{path} cannot be written; give leave to write it, or name another")


def _joined(sounds: Sequence[Sound]) -> Sound:
    if len(sounds) == 1:
        return sounds[0]
    spoken = sum(each.seconds for each in sounds)
    whole = spoken + PAUSE * (len(sounds) - 1)

    def mean(values: Sequence[float], between: float = 0.0) -> float:
        weighed = sum(each.seconds * value for each, value in zip(sounds, values, strict=True))
        return (weighed + between * (whole - spoken)) / whole if whole else between

    return Sound(
        whole,
        sounds[0].rate,
        mean([each.rms**2 for each in sounds]) ** 0.5,
        max(each.peak for each in sounds),
        mean([each.clipped for each in sounds]),
        mean([each.silent for each in sounds], between=1.0),
        decoded=all(each.decoded for each in sounds),
    )
