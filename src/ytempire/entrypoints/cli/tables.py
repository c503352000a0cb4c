"""Tables for people: columns on a terminal that is wide enough and on a pipe, a block for each row on a narrow one.

Drawn here and not by a library, so that looking at the queue does not wait for one to be loaded.
"""

import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from ytempire.domain.counting import counted
from ytempire.entrypoints.cli.console import say

Document = dict[str, Any]

_COLOURS = {
    "published": 32, "duplicate": 36, "uploading": 34, "processing": 34, "deferred": 33, "held": 31, "refused": 31,
    "failed": 31, "cancelled": 2, "active": 32, "standby": 36, "paused": 33, "capped": 33, "needs_reauth": 31,
    "suspended": 31, "green": 32, "yellow": 33, "orange": 93, "red": 31,
}  # fmt: skip
"""Escape codes (ECMA-48 SGR) for states and shares; the word itself says what the colour says."""

_LEAST_LAST = 24
"""The last column is folded before a table is given up, but not narrower than this."""


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """One table, or blocks of names and values where the terminal is too narrow for it."""
    cells = [["" if cell is None else shown(cell) for cell in row] for row in rows]
    widths = [max(map(_width, each)) for each in zip(columns, *cells, strict=True)]
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else sum(widths) + 2 * len(widths)
    last = room - sum(widths[:-1]) - 2 * (len(widths) - 1)
    if last < min(widths[-1], _LEAST_LAST):
        for row in cells:
            facts({name: cell for name, cell in zip(columns, row, strict=True) if cell})
            say("")
        return
    say(_styled(_line(columns, widths), 1))
    for row in cells:
        first, *rest = _folded(row[-1], last)
        say(_line([*row[:-1], first], widths, columns))
        for more in rest:
            say(" " * (room - last) + more)


def _line(cells: Sequence[str], widths: Sequence[int], columns: Sequence[str] = ()) -> str:
    padded = [cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)]
    for number, name in enumerate(columns):
        if name in ("state", "colour"):
            padded[number] = _styled(padded[number], _COLOURS.get(cells[number], 0))
    return "  ".join(padded).rstrip()


def _folded(text: str, width: int) -> list[str]:
    """The text in lines of at most so many columns, broken between words where there are any."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if _width(joined) <= width or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines


def _styled(text: str, code: int) -> str:
    plain = not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return text if plain or not code else f"\x1b[{code}m{text}\x1b[0m"


def _width(text: str) -> int:
    """Columns on a terminal: wide characters take two (Unicode Annex 11), combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def shown(text: object) -> str:
    """Text of outside origin on one line, with what could steer a terminal replaced."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in str(text)
    )


def facts(document: Document) -> None:
    """Names and values, one a line; what has no value is left out."""
    given = {name: value for name, value in document.items() if value not in (None, "", [])}
    width = max(map(len, given), default=0)
    for name, value in given.items():
        text = ", ".join(map(str, value)) if isinstance(value, list) else value
        say(f"{name:<{width}}  {shown(text)}")


def publications(found: Sequence[Document], counts: dict[str, int]) -> None:
    """The list of publications, and how many are in each state."""
    columns = ("publication", "state", "account", "video", "due", "title", "reason")
    names = ("id", "state", "account", "video_id", "due", "title", "reason")
    if found:
        table(columns, [[each[name] for name in names] for each in found])
    say(", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "no publications yet")


def lacking(document: Document) -> list[str]:
    """What a publication still lacks of its extras: a line for each one that failed, or that waits for its moment."""
    lines = []
    for each in document["extras"]:
        name = f"{each['kind']} {each['index'] + 1}" if each["index"] else each["kind"]
        if each["state"] == "failed":
            lines.append(f"{document['id']}: the {name} failed: {shown(each['reason'])}")
        elif each["due"]:
            lines.append(f"{document['id']}: the {name} follows at {each['due']}: {shown(each['reason'])}")
    return lines


def publication(document: Document) -> None:
    """One publication: its facts, its extras, its history."""
    hidden = ("history", "extras", "remedies")
    facts({name: value for name, value in document.items() if name not in hidden})
    for remedy in document["remedies"]:
        say(f"what you can do: {shown(remedy)}")
    if document["extras"]:
        say("")
        names = ("kind", "index", "state", "tries", "due", "reason")
        rows = [[each[name] for name in names] for each in document["extras"]]
        table(("extra", "no.", "state", "tries", "due (UTC)", "reason"), rows)
    say("")
    history = [
        (e["at"], e["kind"], e["level"], e["account"], details(e["data"])) for e in document["history"]
    ]
    table(("at (UTC)", "what happened", "level", "account", "details"), history)


def details(data: Document) -> str:
    """The data of an event on one line."""
    told = {
        name: value for name, value in data.items() if name != "candidates" and value not in (None, [], "")
    }
    return ", ".join(f"{name}={value}" for name, value in told.items())


def tokens(lines: Sequence[Document]) -> None:
    """Grants, and below them the ends that can be seen coming."""
    columns = ("account", "grant", "state", "expires (UTC)", "renewed (UTC)", "channel", "why")
    names = ("account", "slot", "state", "expires_at", "refreshed_at", "channel", "why")
    if not lines:
        say("no accounts yet; add [[accounts]] to the configuration")
        return
    table(columns, [[line[name] for name in names] for line in lines])
    for line in lines:
        for each in line["forecasts"]:
            say(f"{line['account']}: ends {each['at']}: {each['message']}; {each['remedy']}")


def keys(lines: Sequence[Document]) -> None:
    """Keys of the vault."""
    rows = [
        (
            line["id"],
            _key_state(line),
            line["sealed"],
            line["added_at"],
            line["retired_at"],
        )
        for line in lines
    ]
    table(("key", "state", "sealed texts", "known since (UTC)", "retired (UTC)"), rows)


def _key_state(line: Document) -> str:
    if line["on_ring"]:
        return "writes" if line["writes"] else "reads"
    if line["retired_at"]:
        return "retired"
    return "missing" if line["sealed"] else "never used"


def trail(document: Document) -> None:
    """The end of the trail of credential use, and whether all of it holds."""
    names = ("number", "at", "actor", "use", "account", "detail")
    if document["entries"]:
        table(("no.", "at (UTC)", "who", "use", "account", "detail"),
              [[each[name] for name in names] for each in document["entries"]])  # fmt: skip
    state = "unbroken" if document["broken_at"] is None else f"broken at entry {document['broken_at']}"
    say(f"{counted(document['length'], 'entry', 'entries')}, {state}; head {document['head'][:16] or 'none'}")


_MARKS = {
    "ok": ("ok     ", 32), "warning": ("warning", 33), "problem": ("PROBLEM", 31),
    "unknown": ("unknown", 33), "failed": ("FAILED ", 31),
}  # fmt: skip


def finding(about: str, grade: str, message: str, remedy: str) -> None:
    """One line of a checkup, and the remedy below it."""
    mark, colour = _MARKS[grade]
    say(f"{_styled(mark, colour)}  {about}: {shown(message)}")
    if remedy:
        say(f"         {shown(remedy)}")
