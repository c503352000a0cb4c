"""From a text to the bytes of a voice, in the form that was asked for, with whatever fault is on the call."""

import asyncio
from dataclasses import dataclass
from typing import Literal

from ytempire.emulator.faults import FaultKind
from ytempire.emulator.providers.service import SHORT_FILE, Ask
from ytempire.emulator.providers.sound import mp3, samples, wav


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How sound is written: raw samples, WAV or MP3; samples a second; kilobits a second of an MP3."""

    codec: Literal["pcm", "wav", "mp3"]
    rate: int
    kilobits: int = 64


async def speak(ask: Ask, text: str, form: Form) -> bytes:
    """The voice saying this text. Encoding runs in a thread, so that other calls go on."""
    data = await asyncio.to_thread(
        _spoken,
        text,
        form,
        silent=ask.bent(FaultKind.SILENT_AUDIO),
        clipped=ask.bent(FaultKind.CLIPPED_AUDIO),
    )
    cut = ask.rule is not None and ask.rule.reason == SHORT_FILE and ask.bent(FaultKind.TRUNCATED_AUDIO)
    return data[: len(data) // 4 * 2] if cut else data


def _spoken(text: str, form: Form, *, silent: bool, clipped: bool) -> bytes:
    pcm = samples(text, form.rate, clipped=clipped)
    if silent:
        pcm = bytes(len(pcm))
    if form.codec == "mp3":
        return mp3(pcm, form.rate, form.kilobits)
    return wav(pcm, form.rate) if form.codec == "wav" else pcm
