"""From a document of plain values to frozen sections, by the types and limits the sections themselves declare.

Every problem is collected, none stops the reading. A value is only repeated in a message where it cannot be a
secret: never where a whole section or one text was expected and something else found, because an address with
a password may stand there.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from ytempire.domain.slips import meant
from ytempire.domain.values import Mendable

_FLAGS = {"true": True, "false": False}
_LARGEST = {int: 2**53, float: 1e9}
"""Fractions are seconds, and more than thirty years of them no clock below can wait for."""

Place = tuple[str, ...]
Problem = tuple[Place, str]


class BadSettings(Mendable):
    """The configuration cannot be used; `problems` names every key that is wrong, and the remedy."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def section(
    kind: Any,
    found: object,
    place: Place,
    problems: list[Problem],
    outside: Mapping[str, object] | None = None,
) -> Any:
    """A section from what was found; None, and problems added, when it cannot be one.

    `outside` are fields that do not come from the document.
    """
    keys = {each.name: each for each in fields(kind) if not each.metadata.get("outside")}
    if not isinstance(found, Mapping):
        problems.append((place, f"a section is expected here; its keys are {', '.join(keys)}"))
        return None
    before = len(problems)
    problems += [((*place, str(name)), _unknown(str(name), keys)) for name in found if name not in keys]
    values = {
        name: value(spec.type, found[name], (*place, name), problems, spec.metadata)
        for name, spec in keys.items()
        if name in found
    }
    missing = [name for name, spec in keys.items() if name not in found and _is_needed(spec)]
    problems += [((*place, name), "this key is missing; add it") for name in missing]
    return kind(**values, **(outside or {})) if len(problems) == before else None


def value(kind: Any, found: object, place: Place, problems: list[Problem], limits: Mapping[str, Any]) -> Any:
    """A value of a declared type; anything, and a problem added, when it cannot be one."""
    origin, parts = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return section(kind, found, place, problems)
    if origin in (UnionType, Union):  # the second is what a Literal or None is
        return value(next(part for part in parts if part is not NoneType), found, place, problems, limits)
    if origin is tuple:
        return _items(parts[0], found, place, problems, limits)
    if origin is dict:
        return _entries(parts, found, place, problems, limits)
    if origin is Literal:
        read, wrong = found, None if found in parts else f"use one of {', '.join(parts)}"
    else:
        read, wrong = _plain(kind, found)
    wrong = wrong or _outside_limits(read, limits)
    if wrong:
        plain = isinstance(found, str | int | float) and not limits.get("secret")
        problems.append((place, f"{wrong} (found {found!r:.100})" if plain else wrong))
    return read


def _items(kind: Any, found: object, place: Place, problems: list[Problem], limits: Mapping[str, Any]) -> Any:
    if not isinstance(found, list | tuple):
        problems.append((place, "a list is expected here; write it in square brackets"))
        return None
    if not found and limits.get("not_empty"):
        problems.append((place, "the list is empty; write at least one value"))
    return tuple(
        value(kind, each, (*place, str(number)), problems, limits) for number, each in enumerate(found)
    )


def _entries(
    kinds: tuple[Any, Any], found: object, place: Place, problems: list[Problem], limits: Mapping[str, Any]
) -> Any:
    if not isinstance(found, Mapping):
        problems.append((place, "a table of names is expected here"))
        return None
    known = get_args(kinds[0]) if get_origin(kinds[0]) is Literal else None
    entries = {}
    for name, each in found.items():
        if known is not None and name not in known:
            problems.append(((*place, str(name)), _unknown(str(name), known)))
        entries[str(name)] = value(kinds[1], each, (*place, str(name)), problems, limits)
    return entries


def _plain(kind: Any, found: object) -> tuple[Any, str | None]:
    """A text or a number, and what is wrong with it. Numbers may be written as text: so the environment has them."""
    if kind is str:
        if not isinstance(found, str):
            return found, "a text is expected; write it in quotes"
        return found, "it holds a zero byte; remove it" if "\0" in found else None
    if kind is bool:
        read = _FLAGS.get(str(found).lower())
        return read, None if read is not None else "true or false is expected"
    word = "a whole number" if kind is int else "a number"
    try:
        if isinstance(found, bool) or not isinstance(found, str | int | float):
            raise ValueError
        if kind is int and isinstance(found, float):
            raise ValueError
        read = kind(found)
    except (ValueError, OverflowError):
        return 0, f"{word} is expected"
    if isinstance(read, float) and math.isnan(read):
        return 0, f"{word} is expected"
    too_large = abs(read) > _LARGEST[kind]
    return read, f"{word} of at most {_LARGEST[kind]:,.0f} is expected" if too_large else None


def _outside_limits(read: Any, limits: Mapping[str, Any]) -> str | None:
    if "above" in limits and not read > limits["above"]:
        return f"it must be more than {limits['above']}"
    if "at_least" in limits and not read >= limits["at_least"]:
        return f"it must be at least {limits['at_least']}"
    if "pattern" in limits and not re.fullmatch(limits["pattern"], read):
        return str(limits["meant"])
    return None


def _unknown(name: str, known: Mapping[str, Field[Any]] | tuple[str, ...]) -> str:
    here = f"known here: {', '.join(known)}"
    return f"there is no such key; {meant(name, known, here)}"


def _is_needed(spec: Field[Any]) -> bool:
    return spec.default is MISSING and spec.default_factory is MISSING
