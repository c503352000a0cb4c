"""Slips of the pen: which name was meant, and how what is said of it goes on."""

from collections.abc import Iterable

_ENDS = (".", "?", "!")


def meant(name: str, known: Iterable[str], otherwise: str) -> str:
    """What to do about a name that there is not: a question with the one that is close, else `otherwise`."""
    from difflib import get_close_matches  # noqa: PLC0415  every command loads this, and few are told of a slip

    close = get_close_matches(name, list(known), 1)
    return f"did you mean {close[0]}?" if close else otherwise


def followed(text: str, more: str) -> str:
    """A sentence and what follows from it: behind a semicolon, or as one of its own behind one that has ended."""
    if text.endswith(_ENDS):
        return f"{text} {more[:1].upper()}{more[1:]}"
    return f"{text}; {more}"
