"""Reading SSML as far as a length needs it: which words are in it, and how long it is silent in between."""

import html
import re
from dataclasses import dataclass

_TAG = re.compile(r"<(/?)([A-Za-z][\w:.-]*)((?:\s+[\w:.-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*)\s*(/?)>")
_ASIDE = re.compile(r"<\?.*?\?>|<!--.*?-->", re.DOTALL)
_STRAY = re.compile(r"[<>]|&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9A-Fa-f]+);)")
_PAUSE = re.compile(r"time\s*=\s*[\"'](\d+(?:\.\d+)?)(ms|s)[\"']")
_SLOT_SECONDS = 0.065


@dataclass(frozen=True, slots=True)
class Ssml:
    """What is in a document: its words, and the same with a blank for each slot of a pause."""

    words: str
    sound: str


def read_ssml(document: str) -> Ssml | None:
    """What a document says; None where it is not well-formed or its root is not `speak`."""
    words: list[str] = []
    sound: list[str] = []
    open_tags: list[str] = []
    at, text = 0, _ASIDE.sub("", document).strip()
    if not text.startswith("<speak"):
        return None
    for tag in _TAG.finditer(text):
        between = text[at : tag.start()]
        if _STRAY.search(between) or (between.strip() and not open_tags) or (at and not open_tags):
            return None
        words.append(html.unescape(between))
        sound.append(words[-1] + _pause(tag))
        if tag[1] and (not open_tags or open_tags.pop() != tag[2]):
            return None
        if not tag[1] and not tag[4]:
            open_tags.append(tag[2])
        at = tag.end()
    return None if open_tags or at != len(text) else Ssml("".join(words), "".join(sound))


def _pause(tag: re.Match[str]) -> str:
    """The blanks that a break stands for."""
    asked = _PAUSE.search(tag[3]) if tag[2] == "break" else None
    if asked is None:
        return ""
    seconds = float(asked[1]) / (1000 if asked[2] == "ms" else 1)
    return " " * round(min(seconds, 10) / _SLOT_SECONDS)
