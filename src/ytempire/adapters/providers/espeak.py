"""The local voice: eSpeak NG, which needs no key, no network and no money, in a child process with a time limit."""

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ytempire.adapters.providers.espeak_child import NO_FILE, NO_SOUND, NO_VOICE
from ytempire.adapters.providers.languages import base, voice_for
from ytempire.adapters.providers.web import Web
from ytempire.domain.chain import Blame, Made, ProviderFault
from ytempire.domain.speech import SpeechOrder
from ytempire.ports.chains import Terms

_WORDS_PER_MINUTE = 155
"""At this pace its English takes what `domain.speech` expects of a text."""

_SLOWEST, _FASTEST = 80, 450
_CHILD = str(Path(__file__).with_name("espeak_child.py"))
"""Started as a file: as a module it would first load all vendors, which takes longer than to speak."""

_LONGEST_COMPLAINT = 4_096

# The child gets no more of our environment than it needs to start: there may be keys in it.
_INHERITED: Final = frozenset(
    {"PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH"}
)

# Where its names differ from the tags.
_NAMES = {
    "en": ("en-us",),
    "en-gb": ("en-gb",),
    "no": ("nb",),
    "zh": ("cmn",),
    "zh-cn": ("cmn",),
    "zh-tw": ("cmn",),
    "zh-hk": ("yue",),
    "pt": ("pt-br",),
    "fr": ("fr-fr",),
    "es-mx": ("es-419",),
    "es-us": ("es-419",),
}

_BLAME = {NO_VOICE: Blame.UNFIT, NO_FILE: Blame.CALLER, NO_SOUND: Blame.OUTPUT}


@dataclass(frozen=True, slots=True)
class _Ended:
    """How the child ended: its code, or None when its time was over; what it said."""

    code: int | None
    said: str
    complaint: str


class Espeak:
    """A speaker. `voice` is one of its own names. Options: `words_per_minute` (155), `voice_de`..., `language`."""

    longest = 20_000
    in_bytes = False

    def __init__(self, terms: Terms, web: Web) -> None:
        self._terms = terms

    def price(self, order: SpeechOrder) -> int:
        """See `ports.chains.Speaker`."""
        return self._terms.cost

    async def speak(self, order: SpeechOrder, into: str) -> Made[None] | ProviderFault:
        """See `ports.chains.Speaker`."""
        part = Path(f"{into}.part")
        arguments = [str(part), str(self._pace()), "ssml" if order.ssml else "plain", *self._voices(order)]
        try:
            ended = await _child(arguments, order.text.encode(errors="replace"), self._terms.seconds)
            if ended.code == 0:
                await asyncio.to_thread(part.replace, into)
                return Made(None)
        except OSError as error:
            return ProviderFault(Blame.OUTAGE, "not_started", f"it cannot be started: {error.strerror}")
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)
        if ended.code is None:
            return ProviderFault(Blame.OUTAGE, "timeout", f"it took more than {self._terms.seconds:g} s")
        told = ended.complaint.strip().rpartition("\n")[2] or "it gave no reason"
        return ProviderFault(_BLAME.get(ended.code, Blame.OUTAGE), f"exit_{ended.code}", told[:300])

    def _pace(self) -> int:
        told = self._terms.options.get("words_per_minute", "")
        pace = int(told) if told.isdecimal() else _WORDS_PER_MINUTE
        return min(max(pace, _SLOWEST), _FASTEST)

    def _voices(self, order: SpeechOrder) -> tuple[str, ...]:
        tag = order.language.replace("_", "-").lower()
        told = voice_for(self._terms, order.language, {})
        return tuple(dict.fromkeys((told, *_NAMES.get(tag, ()), tag, *_NAMES.get(base(tag), ()), base(tag))))[
            0 if told else 1 :
        ]


async def version(seconds: float) -> str | ProviderFault:
    """Which eSpeak NG there is, as it says itself within so many seconds."""
    try:
        ended = await _child(["--version"], b"", seconds)
    except OSError as error:
        return ProviderFault(Blame.OUTAGE, "not_started", f"it cannot be started: {error.strerror}")
    if ended.code == 0:
        return ended.said.strip()
    told = f"it took more than {seconds:g} s" if ended.code is None else ended.complaint.strip()
    return ProviderFault(Blame.OUTAGE, "no_version", told[:300])


async def _child(arguments: Sequence[str], text: bytes, seconds: float) -> _Ended:
    """Runs the child. It does not outlive this call, whatever ends it. Raises `OSError` when it cannot start."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        _CHILD,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={name: value for name, value in os.environ.items() if name.upper() in _INHERITED},
    )
    try:
        async with asyncio.timeout(seconds):
            said, complaint = await process.communicate(text)
    except TimeoutError:
        return _Ended(None, "", "")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    complaint = complaint[-_LONGEST_COMPLAINT:]
    return _Ended(process.returncode, said.decode(errors="replace"), complaint.decode(errors="replace"))
