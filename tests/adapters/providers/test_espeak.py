"""The local voice, really speaking, in its child process."""

import asyncio
import contextlib
import os
import wave
from pathlib import Path

import psutil
import pytest

from ytempire.adapters.media.sound import measure
from ytempire.adapters.providers import SPEAKERS, Web
from ytempire.adapters.providers.espeak import version
from ytempire.domain.chain import Blame, Charged, Made, ProviderFault
from ytempire.domain.speech import SpeechOrder, expected_seconds, wrong_sound
from ytempire.ports.chains import Terms

TEXT = (
    "Bread is one of the oldest things that people make. It needs flour, water, salt and time, and of these the "
    "last one is the hardest to buy. Every baker knows that, and every baker is in a hurry anyway."
)


async def said(web: Web, order: SpeechOrder, into: Path, **terms: object) -> Made[None] | ProviderFault:
    told = Terms(name="local", kind="espeak", **{"seconds": 20.0, **terms})  # type: ignore[arg-type]  # of Terms
    return await SPEAKERS["espeak"](told, web).speak(order, str(into))


async def test_it_says_a_text_as_long_as_a_person_would(web: Web, tmp_path: Path) -> None:
    into = tmp_path / "said.wav"

    made = await said(web, SpeechOrder(TEXT), into)

    sound = measure(str(into))
    assert Made(None) == made
    assert "" == wrong_sound(TEXT, sound)
    assert abs(sound.seconds - expected_seconds(TEXT)) < 0.25 * expected_seconds(TEXT)
    with wave.open(str(into)) as file:
        assert (1, 2, 22_050) == (file.getnchannels(), file.getsampwidth(), file.getframerate())
    assert [into] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "language",
    ["en", "en-GB", "de", "de-AT", "es-MX", "es", "fr-FR", "pt-BR", "it", "zh-CN", "hi", "nb", "pl_PL"],
)
async def test_it_speaks_many_languages(language: str, web: Web, tmp_path: Path) -> None:
    into = tmp_path / "said.wav"

    made = await said(web, SpeechOrder("Radio, metro, kilo.", language), into)

    assert Made(None) == made
    assert measure(str(into)).rms > 0.01


async def test_languages_sound_different(web: Web, tmp_path: Path) -> None:
    for language in ("en", "de"):
        await said(web, SpeechOrder("Die Stimme.", language), tmp_path / f"{language}.wav")

    assert (tmp_path / "en.wav").read_bytes() != (tmp_path / "de.wav").read_bytes()


@pytest.mark.parametrize("language", ["xx", "tlh-KX", "", "--version", "../../x"])
async def test_a_language_that_it_lacks_is_for_somebody_else(language: str, web: Web, tmp_path: Path) -> None:
    made = await said(web, SpeechOrder(TEXT, language), tmp_path / "said.wav")

    assert isinstance(made, ProviderFault)
    assert (Blame.UNFIT, Charged.NO) == (made.blame, made.charged)
    assert [] == list(tmp_path.iterdir())


async def test_ssml_makes_pauses_and_plain_marks_are_read_as_text(web: Web, tmp_path: Path) -> None:
    for name, pause in (("short", "1s"), ("long", "4s")):
        text = f'<speak>One <break time="{pause}"/> two</speak>'
        await said(web, SpeechOrder(text, ssml=True), tmp_path / f"{name}.wav")

    seconds = [measure(str(tmp_path / f"{name}.wav")).seconds for name in ("short", "long")]
    assert seconds[1] - seconds[0] > 2


async def test_the_pace_and_the_voice_can_be_set(web: Web, tmp_path: Path) -> None:
    for pace in ("100", "300", "999999"):
        await said(
            web,
            SpeechOrder(TEXT),
            tmp_path / f"{pace}.wav",
            voice="en-gb",
            options={"words_per_minute": pace},
        )

    slow, fast, fastest = (measure(str(tmp_path / f"{pace}.wav")).seconds for pace in (100, 300, 999_999))
    assert slow > 2 * fast > 2 * fastest > 0


async def test_a_text_that_looks_like_an_option_is_a_text(web: Web, tmp_path: Path) -> None:
    made = await said(web, SpeechOrder("--version; rm -rf $HOME && echo `date`"), tmp_path / "said.wav")

    assert Made(None) == made


async def test_the_longest_text_is_said_quickly(web: Web, tmp_path: Path) -> None:
    text = (TEXT + " ") * 100
    into = tmp_path / "said.wav"

    made = await said(web, SpeechOrder(text[:20_000]), into, seconds=40.0)

    assert Made(None) == made
    assert into.stat().st_size > 40_000_000


async def test_a_child_without_time_is_ended(web: Web, tmp_path: Path) -> None:
    made = await said(web, SpeechOrder(TEXT), tmp_path / "said.wav", seconds=0.001)

    assert isinstance(made, ProviderFault)
    assert (Blame.OUTAGE, "timeout", Charged.NO) == (made.blame, made.code, made.charged)
    assert [] == list(tmp_path.iterdir())
    assert [] == children()


async def test_a_cancelled_child_is_ended(web: Web, tmp_path: Path) -> None:
    task = asyncio.create_task(said(web, SpeechOrder(TEXT * 90), tmp_path / "said.wav"))
    await child_is_there()

    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task

    assert task.cancelled()
    assert [] == children()
    assert [] == list(tmp_path.iterdir())


async def child_is_there() -> None:
    for _ in range(100_000):
        if children():
            return
        await asyncio.sleep(0)


def children() -> list[str]:
    lines = [" ".join(each.cmdline()) for each in psutil.Process().children() if each.status() != "zombie"]
    return [line for line in lines if "espeak_child" in line]


async def test_a_folder_that_is_not_there_is_the_callers(web: Web, tmp_path: Path) -> None:
    made = await said(web, SpeechOrder(TEXT), tmp_path / "nowhere" / "said.wav")

    assert isinstance(made, ProviderFault)
    assert Blame.CALLER == made.blame
    assert "cannot be written" in made.message


async def test_the_child_gets_no_secret_of_the_surroundings(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    task = asyncio.create_task(said(web, SpeechOrder(TEXT * 90), tmp_path / "said.wav"))
    await child_is_there()
    seen = [each.environ() for each in psutil.Process().children()]
    await task

    assert seen
    assert "sk-canary" in os.environ.values()
    assert [] == [each for each in seen if "OPENAI_API_KEY" in each]


async def test_it_says_its_version() -> None:
    assert "1.5" in str(await version(10))


async def test_no_answer_in_time_is_no_version() -> None:
    found = await version(0.001)

    assert isinstance(found, ProviderFault)
    assert Blame.OUTAGE == found.blame
