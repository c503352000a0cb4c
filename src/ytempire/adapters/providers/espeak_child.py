"""The local voice, in a process of its own: its library keeps global state in C and may crash.

`python espeak_child.py INTO RATE SSML VOICE...` reads a text in UTF-8 from standard
input and says it into a WAV file, with the first of the voices that there is. `--version` says the library's
version. Ends with 0, or with one of the codes below and a line on standard error.
"""

import ctypes
import sys
import wave
from pathlib import Path

NO_VOICE = 3
NO_LIBRARY = 4
NO_FILE = 5
NO_SOUND = 6

# speak_lib.h of eSpeak NG 1.52.
_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_RATE = 1
_CHARACTER = 1
_UTF8 = 1
_SSML = 0x10
_END_PAUSE = 0x1000

_Heard = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class _Failed(Exception):
    """It cannot be said; the code is for the parent."""

    def __init__(self, code: int, told: str) -> None:
        super().__init__(told)
        self.code = code


def main(arguments: list[str]) -> int:
    """Does what the arguments say; returns the code to end with."""
    try:
        library = _library()
        if arguments == ["--version"]:
            sys.stdout.write(_version(library) + "\n")
            return 0
        into, rate, ssml, *voices = arguments
        _say(library, sys.stdin.buffer.read(), into, int(rate), _SSML if ssml == "ssml" else 0, voices)
    except _Failed as failed:
        sys.stderr.write(f"{failed}\n")
        return failed.code
    return 0


def _library() -> ctypes.CDLL:
    try:
        import espeakng_loader  # noqa: PLC0415 - it may be missing, which is an answer here

        return ctypes.CDLL(espeakng_loader.get_library_path())
    except (ImportError, OSError) as error:
        raise _Failed(NO_LIBRARY, f"the library cannot be loaded ({type(error).__name__})") from error


def _start(library: ctypes.CDLL) -> int:
    """Initializes the library; returns the samples per second of its sound."""
    import espeakng_loader  # noqa: PLC0415 - see _library

    data = str(espeakng_loader.get_data_path())
    rate = int(library.espeak_Initialize(_SYNCHRONOUS, 0, data.encode(), _DONT_EXIT))
    if rate <= 0:
        raise _Failed(NO_LIBRARY, "the library finds no data")
    return rate


def _version(library: ctypes.CDLL) -> str:
    _start(library)
    library.espeak_Info.restype = ctypes.c_char_p
    told: bytes = library.espeak_Info(None)
    return told.decode(errors="replace")


def _say(
    library: ctypes.CDLL, text: bytes, into: str, words_per_minute: int, marks: int, voices: list[str]
) -> None:
    rate = _start(library)
    if not any(library.espeak_SetVoiceByName(voice.encode()) == 0 for voice in voices):
        raise _Failed(NO_VOICE, f"there is no voice for {' or '.join(voices)}")
    library.espeak_SetParameter(_RATE, words_per_minute, 0)
    try:
        with Path(into).open("wb") as file, wave.open(file) as sound:
            sound.setparams((1, 2, rate, 0, "NONE", "NONE"))
            _speak(library, text, sound, marks)
    except OSError as error:
        raise _Failed(NO_FILE, f"the file cannot be written ({error.strerror})") from error


def _speak(library: ctypes.CDLL, text: bytes, sound: wave.Wave_write, marks: int) -> None:
    trouble: list[OSError] = []

    def hear(samples: "ctypes._Pointer[ctypes.c_short]", count: int, _: int) -> int:
        try:
            if count > 0:  # the last call comes without any
                sound.writeframesraw(ctypes.string_at(samples, 2 * count))
        except OSError as error:
            trouble.append(error)
        return len(trouble)  # anything but 0 stops the voice

    heard = _Heard(hear)
    library.espeak_SetSynthCallback(heard)
    flags = _UTF8 | marks | _END_PAUSE
    if library.espeak_Synth(text, ctypes.c_size_t(len(text) + 1), 0, _CHARACTER, 0, flags, None, None) != 0:
        raise _Failed(NO_SOUND, "the library refuses the text")
    library.espeak_Synchronize()
    if trouble:
        raise trouble[0]
    if not sound.tell():
        raise _Failed(NO_SOUND, "the library said nothing")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
