"""What audio files promise, in memory and on disk: measured as they are, joined whole or not at all, tidied up."""

import math
import struct
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ytempire.adapters.media.sound import PyAvSounds
from ytempire.adapters.memory.sounds import MemorySounds
from ytempire.domain.speech import Sound
from ytempire.domain.values import Mendable
from ytempire.ports import Sounds

RATE = 22_050


@dataclass(frozen=True)
class Studio:
    """Audio files and a way to make some: a tone of so many seconds and so loud, whole or cut off."""

    sounds: Sounds
    folder: str
    record: Callable[[str, float, float, bool], None]
    there: Callable[[str], bool]
    lock: Callable[[str], None]

    def tone(self, name: str, *, seconds: float = 2.0, loud: float = 0.5, whole: bool = True) -> str:
        path = f"{self.folder}/{name}"
        self.record(path, seconds, loud, whole)
        return path

    async def about(self, path: str) -> tuple[float, float, bool]:
        """Its seconds, its level, and whether it is whole."""
        found = await self.sounds.measure(path)
        return round(found.seconds, 1), round(found.rms, 2), found.decoded


def in_memory(folder: Path) -> Studio:
    sounds = MemorySounds("videos")

    def record(path: str, seconds: float, loud: float, whole: bool) -> None:
        level = loud / math.sqrt(2)
        sounds.put(path, Sound(seconds, RATE, level, loud, 0.0, float(not loud), decoded=whole))

    return Studio(sounds, "videos", record, lambda path: path in sounds.files, sounds.close)


def on_disk(folder: Path) -> Studio:
    def record(path: str, seconds: float, loud: float, whole: bool) -> None:
        count = round(seconds * RATE)
        tone = [round(32_000 * loud * math.sin(i * math.tau * 441 / RATE)) for i in range(count)]
        with wave.open(path, "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", "NONE"))
            file.writeframes(struct.pack(f"<{count}h", *tone))
        if not whole:
            Path(path).write_bytes(Path(path).read_bytes()[: count // 2])

    def lock(path: str) -> None:
        Path(path).unlink(missing_ok=True)
        Path(path).mkdir()

    return Studio(PyAvSounds(), str(folder), record, lambda path: Path(path).exists(), lock)


@pytest.fixture(params=[in_memory, on_disk])
def studio(request: pytest.FixtureRequest, tmp_path: Path) -> Studio:
    made: Studio = request.param(tmp_path)
    return made


async def test_a_file_is_measured_as_it_is(studio: Studio) -> None:
    assert (2.0, 0.35, True) == await studio.about(studio.tone("a.wav"))
    assert (1.0, 0.0, True) == await studio.about(studio.tone("b.wav", seconds=1, loud=0))


async def test_half_a_file_is_not_whole_and_none_is_nothing(studio: Studio) -> None:
    assert not (await studio.sounds.measure(studio.tone("half.wav", whole=False))).decoded

    nothing = await studio.sounds.measure(f"{studio.folder}/nothing.wav")
    assert (0.0, False) == (nothing.seconds, nothing.decoded)


@pytest.mark.parametrize("kind", [".wav", ".mp3"])
async def test_parts_are_joined_with_a_short_pause_between(kind: str, studio: Studio) -> None:
    parts = [studio.tone(f"{n}.wav") for n in range(3)]

    await studio.sounds.join(parts, f"{studio.folder}/whole{kind}")

    found = await studio.sounds.measure(f"{studio.folder}/whole{kind}")
    assert found.decoded
    assert 6.0 < found.seconds < 8.0
    assert 0.25 < found.rms < 0.36
    assert [True] * 3 == [studio.there(part) for part in parts]


async def test_one_part_is_the_whole(studio: Studio) -> None:
    await studio.sounds.join([studio.tone("a.wav")], f"{studio.folder}/whole.wav")

    assert await studio.about(f"{studio.folder}/a.wav") == await studio.about(f"{studio.folder}/whole.wav")


@pytest.mark.parametrize("lost", ["missing.wav", ""])
async def test_what_cannot_be_joined_leaves_a_file_that_was_there_as_it_was(
    lost: str, studio: Studio
) -> None:
    there = studio.tone("whole.wav", seconds=1.0, loud=0.25)
    before = await studio.about(there)
    parts = [studio.tone("a.wav"), f"{studio.folder}/{lost}"] if lost else []

    with pytest.raises(Mendable):
        await studio.sounds.join(parts, there)

    assert before == await studio.about(there)


async def test_a_file_that_cannot_be_written_is_told(studio: Studio) -> None:
    studio.lock(f"{studio.folder}/locked.wav")

    with pytest.raises(Mendable):
        await studio.sounds.join([studio.tone("a.wav")], f"{studio.folder}/locked.wav")


@pytest.mark.parametrize("name", ["film.mp4", "sound", "sound.ogg", "nowhere/sound.wav", "locked.wav"])
async def test_what_cannot_be_a_target_is_told_beforehand(name: str, studio: Studio) -> None:
    studio.lock(f"{studio.folder}/locked.wav")

    with pytest.raises(Mendable):
        await studio.sounds.target(f"{studio.folder}/{name}")


@pytest.mark.parametrize("name", ["new.wav", "new.mp3", "there.wav", "LOUD.WAV"])
async def test_a_target_that_is_fine_is_left_alone(name: str, studio: Studio) -> None:
    there = studio.tone("there.wav")
    before = await studio.about(there)

    await studio.sounds.target(f"{studio.folder}/{name}")

    assert before == await studio.about(there)
    assert not studio.there(f"{studio.folder}/new.wav")


async def test_a_scratch_is_new_each_time_and_gone_with_all_that_is_in_it(studio: Studio) -> None:
    first, second = await studio.sounds.scratch(), await studio.sounds.scratch()
    assert first != second
    part = studio.tone("a.wav")
    for scratch in (first, second):
        await studio.sounds.target(f"{scratch}/part.wav")
        await studio.sounds.join([part], f"{scratch}/part.wav")

    await studio.sounds.discard(first)
    await studio.sounds.discard(first)

    assert [False, True] == [studio.there(f"{each}/part.wav") for each in (first, second)]
    with pytest.raises(Mendable):
        await studio.sounds.target(f"{first}/part.wav")
    await studio.sounds.discard(second)
    assert studio.there(part)
