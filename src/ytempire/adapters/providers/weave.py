"""Weaves a script of about so many words out of a bank of sentences. The same topic always gives the same script.

A bank is what a template writes down: `opening` and `ending` (lists of slots, each a list of alternatives),
`sections` (each with what it is `about` and what it `says`), and lists of patterns that join them: `lead`,
`example`, `bridge`, `close`. Patterns may hold {topic}, {about}, {About}, {number}, {count}, {who} and {other}.
"""

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

from ytempire.domain.scripts import Script

T = TypeVar("T")
_PLACE = re.compile(r"\{(\w+)\}")
_SHORT, _LONG = 120, 240
_JOINTS = ("lead", "example", "bridge", "close")


@dataclass(frozen=True, slots=True)
class Loom:
    """Makes choices by the topic: they look like chance and never change."""

    topic: str
    words: int

    def order(self, things: Sequence[T], salt: str) -> list[T]:
        """The things in an order of this topic's own."""

        def place(numbered: tuple[int, T]) -> bytes:
            return hashlib.sha256(f"{self.topic}\0{salt}\0{numbered[0]}".encode()).digest()

        return [thing for _, thing in sorted(enumerate(things), key=place)]

    def pick(self, things: Sequence[T], salt: str = "") -> T:
        """One of the things."""
        return self.order(things, salt)[0]

    def weave(self, bank: Mapping[str, Any]) -> str:
        """The script. Raises `KeyError` for a bank that lacks a part."""
        people = self.pick(bank.get("people") or [("", "")], "people")
        said = {"topic": self.topic, "who": people[0], "other": people[1]}
        opening = self._slots(bank["opening"], "opening")
        ending = self._slots(bank["ending"], "ending")
        room = self.words - _count([*opening, *ending])
        sections = self._sections(bank["sections"], room / _usual_length(bank))
        said["count"] = _named(len(sections), bank)
        body = self._body(sections, bank, room, said)
        parts = [_paragraph(opening, said), *body, _paragraph(ending, said)]
        return "\n\n".join(part for part in parts if part)

    def _slots(self, slots: Sequence[Sequence[str]], salt: str) -> list[str]:
        """One sentence of each slot; of the first ones only in a short script."""
        most = 1 if self.words < _SHORT else 2 if self.words < _LONG else len(slots)
        return [self.pick(slot, f"{salt} {index}") for index, slot in enumerate(slots[:most])]

    def _sections(self, sections: Sequence[Mapping[str, Any]], room: float) -> list[Mapping[str, Any]]:
        """As many as there is room for, chosen by the topic, in the order in which they were written."""
        wanted = min(max(math.ceil(room - 0.4), 1), len(sections))
        chosen = sorted(self.order(range(len(sections)), "sections")[:wanted])
        return [sections[index] for index in chosen]

    def _body(
        self,
        sections: Sequence[Mapping[str, Any]],
        bank: Mapping[str, Any],
        room: int,
        said: Mapping[str, str],
    ) -> list[str]:
        joints = {name: self.order(bank[name], name) for name in _JOINTS}
        paragraphs: list[str] = []
        for index, section in enumerate(sections):
            about = str(section["about"])
            told = {
                **said,
                "about": about,
                "About": about[:1].upper() + about[1:],
                "number": _named(index + 1, bank),
            }
            lead, example, bridge, close = (lines[index % len(lines)] for lines in joints.values())
            first, second, *rest = section["says"]
            lines = [_filled(line, told) for line in (lead, first, second, example, *rest, bridge, close)]
            share = (room - _count(paragraphs)) / (len(sections) - index)
            paragraphs.append(" ".join(_fitting(lines, share)))
        return paragraphs


def _fitting(lines: Sequence[str], room: float) -> list[str]:
    """The first lines, so many that their words come nearest to the room; at least two."""
    lengths = [0]
    for line in lines:
        lengths.append(lengths[-1] + Script(line).words)
    near = next(
        (i for i, (less, more) in enumerate(pairwise(lengths)) if (less + more) / 2 > room), len(lines)
    )
    return list(lines[: max(near, 2)])


def _usual_length(bank: Mapping[str, Any]) -> float:
    """How many words a whole section of this bank has."""
    said = [" ".join(section["says"]) for section in bank["sections"]]
    return _count(said) / len(said) + sum(_count(bank[name]) / len(bank[name]) for name in _JOINTS)


def _filled(pattern: str, said: Mapping[str, str]) -> str:
    """A pattern with its places filled, in one pass: a topic is never read as a pattern. Raises `KeyError`."""
    line = _PLACE.sub(lambda place: said[place[1]], pattern)
    # A topic that is a question keeps its mark, and a sentence has one end.
    return line[:1].upper() + re.sub(r"([?!])\.", r"\1", line[1:])


def _paragraph(lines: Sequence[str], said: Mapping[str, str]) -> str:
    return " ".join(_filled(line, said) for line in lines)


def _named(number: int, bank: Mapping[str, Any]) -> str:
    names = bank.get("numbers", ())
    return str(names[number - 1]) if number <= len(names) else str(number)


def _count(lines: Sequence[str]) -> int:
    return sum(Script(line).words for line in lines)
