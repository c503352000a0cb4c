"""Long texts in pieces that a provider takes, cut where a voice would pause."""

import re

_WIDE = "\u3002\uff01\uff1f"
"""Chinese and Japanese sentences end with these, and no blank follows."""

_CLOSING = "\u201d\u2019\u300d\u300f\uff09"
_ENDS = (
    re.compile(r"\n\s*\n"),
    re.compile(
        rf"(?<=[.!?\u2026\u061f\u06d4\u0964{_WIDE}])[\"')\]{_CLOSING}]*\s+|(?<=[{_WIDE}])(?![{_WIDE}])[{_CLOSING}]*"
    ),
    re.compile(r"(?<=[,;:\u2014\u060c\u061b])\s+|(?<=[\uff0c\u3001\uff1b\uff1a])"),
    re.compile(r"\s+"),
)


def pieces(text: str, longest: int, *, in_bytes: bool = False) -> tuple[str, ...]:
    """A text in pieces of at most `longest` characters (or UTF-8 bytes), nothing lost but blanks at the cuts.

    It is cut between paragraphs if that is enough, else between sentences, clauses, words, and only a word that
    is too long itself in the middle. Raises `ValueError` for a limit below 8.
    """
    if longest < 8:
        raise ValueError(f"pieces of at most {longest} are too small for text")
    return tuple(_cut(text.strip(), longest, _ENDS, in_bytes=in_bytes))


def _size(text: str, *, in_bytes: bool) -> int:
    return len(text.encode()) if in_bytes else len(text)


def _cut(text: str, longest: int, ends: tuple[re.Pattern[str], ...], *, in_bytes: bool) -> list[str]:
    if not text:
        return []
    if _size(text, in_bytes=in_bytes) <= longest:
        return [text]
    if not ends:
        # Four bytes are the longest character, so that none is cut in two.
        step = longest // 4 if in_bytes else longest
        return [text[start : start + step] for start in range(0, len(text), step)]
    made: list[str] = []
    for part, gap in _parts(text, ends[0]):
        joined = f"{made[-1]}{gap}{part}" if made else part
        if made and _size(joined, in_bytes=in_bytes) <= longest:
            made[-1] = joined
        else:
            made += _cut(part, longest, ends[1:], in_bytes=in_bytes)
    return made


def _parts(text: str, end: re.Pattern[str]) -> list[tuple[str, str]]:
    """The parts between the cuts, each with the blanks that came before it."""
    found, start, gap = [], 0, ""
    for cut in end.finditer(text):
        if text[start : cut.start()].strip():
            tail = cut.group().rstrip()
            found.append((text[start : cut.start()] + tail, gap))
            gap = cut.group()[len(tail) :]
        start = cut.end()
    if text[start:].strip():
        found.append((text[start:], gap))
    return found
