"""Sound measured to its end, and parts of it made into one file."""

import math
import wave
from array import array
from pathlib import Path

import av
import pytest

from ytempire.adapters.media import PyAvSounds
from ytempire.domain.speech import Sound, wrong_sound
from ytempire.domain.values import Mendable

SOUNDS = PyAvSounds()


def tone(path: Path, seconds: float = 2.0, rate: int = 22_050, loud: float = 0.5, channels: int = 1) -> Path:
    """A sine of 441 Hz; louder than 1 it is clipped."""
    count = round(seconds * rate)
    values = (loud * math.sin(2 * math.pi * 441 * step / rate) for step in range(count))
    samples = array(
        "h", (round(32_767 * min(max(each, -1.0), 1.0)) for each in values for _ in range(channels))
    )
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", "NONE"))
        file.writeframes(samples.tobytes())
    return path


def rate_of(path: Path) -> int:
    with av.open(str(path)) as file:
        return int(file.streams.audio[0].rate)


async def test_a_tone_is_measured(tmp_path: Path) -> None:
    sound = await SOUNDS.measure(str(tone(tmp_path / "a.wav")))

    assert (2.0, 22_050, True, 0.0, 0.0) == (
        sound.seconds,
        sound.rate,
        sound.decoded,
        sound.clipped,
        sound.silent,
    )
    assert abs(sound.rms - 0.5 / math.sqrt(2)) < 0.001
    assert abs(sound.peak - 0.5) < 0.002


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("ending", ["wav", "mp3"])
async def test_every_rate_is_measured_alike(rate: int, ending: str, tmp_path: Path) -> None:
    into = tmp_path / f"b.{ending}"
    await SOUNDS.join([str(tone(tmp_path / "a.wav", rate=rate))], str(into))

    sound = await SOUNDS.measure(str(into))

    assert (rate, True) == (sound.rate, sound.decoded)
    assert abs(sound.seconds - 2.0) < 0.1
    assert abs(sound.rms - 0.5 / math.sqrt(2)) < 0.02


async def test_two_channels_are_measured_as_one(tmp_path: Path) -> None:
    sound = await SOUNDS.measure(str(tone(tmp_path / "a.wav", channels=2)))

    assert 2.0 == sound.seconds
    assert abs(sound.rms - 0.5 / math.sqrt(2)) < 0.001


async def test_silence_is_seen_in_tenths_of_a_second(tmp_path: Path) -> None:
    silent, mixed = tone(tmp_path / "silent.wav", loud=0.0), tmp_path / "mixed.wav"
    await SOUNDS.join([str(tone(tmp_path / "loud.wav", 1.0)), str(silent)], str(mixed))

    alone, both = await SOUNDS.measure(str(silent)), await SOUNDS.measure(str(mixed))

    assert (1.0, 0.0, 0.0) == (alone.silent, alone.rms, alone.peak)
    assert abs(both.seconds - 3.25) < 0.001
    assert abs(both.silent - 2.25 / 3.25) < 0.05
    assert "silent" in wrong_sound("Hello there.", alone)


async def test_clipping_is_seen_and_loudness_alone_is_none(tmp_path: Path) -> None:
    clipped = await SOUNDS.measure(str(tone(tmp_path / "clipped.wav", loud=4.0)))
    loud = await SOUNDS.measure(str(tone(tmp_path / "loud.wav", loud=0.99)))

    assert clipped.clipped > 0.2
    assert 0.0 == loud.clipped
    assert "clipped" in wrong_sound("x" * 30, clipped)


@pytest.mark.parametrize("ending", ["wav", "mp3"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
async def test_a_part_of_a_file_is_no_file(ending: str, share: float, tmp_path: Path) -> None:
    whole = tmp_path / f"a.{ending}"
    await SOUNDS.join([str(tone(tmp_path / "b.wav", 6.0))], str(whole))
    whole.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])

    sound = await SOUNDS.measure(str(whole))

    assert not sound.decoded
    assert "breaks off" in wrong_sound("x" * 90, sound)


@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"<html>Not found</html>", b"RIFF", b"RIFF\0\0\0\0WAVEfmt ", bytes(5000), b"ID3\x04" * 9],
)
async def test_what_is_no_sound_is_measured_as_none(content: bytes, tmp_path: Path) -> None:
    for name in ("a.wav", "a.mp3"):
        (tmp_path / name).write_bytes(content)

        assert not (await SOUNDS.measure(str(tmp_path / name))).decoded

    assert Sound(0.0, 0, 0.0, 0.0, 0.0, 1.0, decoded=False) == await SOUNDS.measure(
        str(tmp_path / "nowhere.wav")
    )


async def test_a_head_that_was_written_before_the_size_was_known_is_no_lie(tmp_path: Path) -> None:
    path = tone(tmp_path / "a.wav")
    raw = bytearray(path.read_bytes())
    raw[4:8] = raw[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(raw)

    sound = await SOUNDS.measure(str(path))

    assert (2.0, True) == (sound.seconds, sound.decoded)


@pytest.mark.parametrize("ending", ["wav", "mp3", "WAV", "Mp3"])
async def test_parts_are_joined_with_a_short_pause_at_the_rate_of_the_first(
    ending: str, tmp_path: Path
) -> None:
    parts = [tone(tmp_path / f"{rate}.wav", 1.0, rate) for rate in (24_000, 16_000, 44_100)]
    into = tmp_path / f"joined.{ending}"

    await SOUNDS.join([str(each) for each in parts], str(into))

    sound = await SOUNDS.measure(str(into))
    assert 24_000 == rate_of(into) == sound.rate
    assert abs(sound.seconds - 3.5) < 0.08
    assert 0.05 < sound.silent < 0.25
    assert sorted([into, *parts]) == sorted(tmp_path.iterdir())


async def test_an_odd_rate_becomes_one_that_an_mp3_can_have(tmp_path: Path) -> None:
    await SOUNDS.join([str(tone(tmp_path / "a.wav", rate=23_456))], str(tmp_path / "b.mp3"))

    assert 44_100 == rate_of(tmp_path / "b.mp3")
    assert abs((await SOUNDS.measure(str(tmp_path / "b.mp3"))).seconds - 2.0) < 0.1


async def test_a_joined_wav_is_16_bit_and_mono(tmp_path: Path) -> None:
    await SOUNDS.join([str(tone(tmp_path / "a.wav", channels=2))], str(tmp_path / "b.wav"))

    with wave.open(str(tmp_path / "b.wav")) as file:
        assert (1, 2, 22_050, 44_100) == file.getparams()[:4]


@pytest.mark.parametrize("name", ["b.ogg", "b", "b.wav.txt", ".wav"])
async def test_another_ending_is_refused_and_the_right_ones_are_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(Mendable, match=r"\.wav or \.mp3"):
        await SOUNDS.join([str(tone(tmp_path / "a.wav"))], str(tmp_path / name))

    assert [tmp_path / "a.wav"] == list(tmp_path.iterdir())


async def test_what_cannot_be_joined_leaves_the_old_file_alone(tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_bytes(b"<html>")
    old = tone(tmp_path / "old.wav", 0.1)
    before = old.read_bytes()

    for parts in (
        [],
        [str(tmp_path / "bad.wav")],
        [str(old), str(tmp_path / "bad.wav")],
        [str(tmp_path / "no.wav")],
    ):
        with pytest.raises(Mendable, match=r"old\.wav"):
            await SOUNDS.join(parts, str(old))

    assert before == old.read_bytes()
    assert ["bad.wav", "old.wav"] == sorted(each.name for each in tmp_path.iterdir())


async def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Mendable, match="cannot be written"):
        await SOUNDS.join([str(tone(tmp_path / "a.wav"))], str(tmp_path / "nowhere" / "b.wav"))


async def test_a_part_may_be_joined_into_itself(tmp_path: Path) -> None:
    path = tone(tmp_path / "a.wav", 1.0)

    await SOUNDS.join([str(path), str(path)], str(path))

    assert abs((await SOUNDS.measure(str(path))).seconds - 2.25) < 0.001
