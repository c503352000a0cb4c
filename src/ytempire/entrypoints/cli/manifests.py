"""Manifests: CSV, JSONL or YAML files with one video a row. Rows in, drafts out; every bad row is told."""

import csv
import io
import json
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ytempire.domain.drafts import FIELDS, Draft, parse
from ytempire.domain.values import Mendable, Refused

ENDINGS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".yaml": "yaml", ".yml": "yaml"}
_PATHS = ("file", "thumbnail")
MAX_BYTES = 64 * 1_048_576
_MOST_NODES = 1_000_000
"""What a YAML manifest may hold when all its aliases are written out; a few lines can stand for billions."""


class BadInput(Mendable):
    """Input that cannot be used: one line for each problem, with its file and line. Nothing was queued."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A draft with the place it was written at, for messages."""

    place: str
    draft: Draft


@dataclass(frozen=True, slots=True)
class _Row:
    """What is written at a place: fields, or a problem that keeps them from being read."""

    place: str
    fields: object = None
    problem: str | None = None


def is_manifest(path: Path) -> bool:
    """Does the name say that this is a manifest?"""
    return path.suffix.lower() in ENDINGS


def read(path: Path, defaults: Mapping[str, object]) -> tuple[list[Placed], list[str]]:
    """The drafts of a manifest, and every problem of every row that is none. Paths are relative to its folder.

    `defaults` fill what a row leaves out.
    """
    drafts, problems = [], []
    for row in _rows(path):
        found = _draft(path.parent, row, defaults)
        if isinstance(found, Draft):
            drafts.append(Placed(row.place, found))
        else:
            problems += [f"{row.place}: {each}" for each in found]
    if not drafts and not problems:
        problems.append(f"{path} has no rows; write one row for each video")
    return drafts, problems


def _draft(folder: Path, row: _Row, defaults: Mapping[str, object]) -> Draft | list[str]:
    if row.problem is not None:
        return [row.problem]
    if not isinstance(row.fields, dict):
        return ["this is not a set of fields; write field and value pairs"]
    written = {str(name): value for name, value in row.fields.items() if value not in (None, "")}
    try:
        return parse({**defaults, **_beside(folder, written)})
    except Refused as refused:
        return [each.sentence() for each in refused.refusals]


def _rows(path: Path) -> Iterator[_Row]:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return iter([_Row(str(path), problem="it is not a regular file; name the file itself")])
        if found.st_size > MAX_BYTES:
            return iter([_Row(str(path), problem=f"it has more than {MAX_BYTES:,} bytes; split it")])
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return iter([_Row(str(path), problem="it is not UTF-8; save it as UTF-8")])
    except OSError as error:
        return iter([_Row(str(path), problem=f"it cannot be read: {error.strerror}; check the path")])
    reader = {"csv": _csv, "jsonl": _jsonl, "yaml": _yaml}[ENDINGS[path.suffix.lower()]]
    return reader(path.name, text)


def _csv(name: str, text: str) -> Iterator[_Row]:
    # `StringIO` knows only the line ends of files: `splitlines` would also end a row inside a title (U+2028).
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="", strict=True)
    try:
        unknown = [column for column in reader.fieldnames or () if column not in FIELDS]
        for column in unknown:
            try:
                parse({"file": "x", column: "x"})
            except Refused as refused:
                yield _Row(f"{name} line 1", problem=refused.refusals[0].sentence())
        for row in reader:
            place = f"{name} line {reader.line_num}"
            if row.pop("", None):
                yield _Row(place, problem="more cells than columns; quote texts that hold commas")
            else:
                yield _Row(place, {column: cell for column, cell in row.items() if column not in unknown})
    except csv.Error as error:
        yield _Row(f"{name} line {reader.line_num}", problem=f"{error}; check the quotes")


def _jsonl(name: str, text: str) -> Iterator[_Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            place = f"{name} line {number}"
            try:
                yield _Row(place, json.loads(line))
            except (ValueError, RecursionError) as error:
                why = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
                yield _Row(place, problem=f"not JSON ({why}); write one object a line")


def _yaml(name: str, text: str) -> Iterator[_Row]:
    import yaml

    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        if _weight(root, {}) > _MOST_NODES:
            yield _Row(name, problem="its aliases stand for too much; write the values out")
            return
        document = loader.construct_document(root) if root is not None else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        yield _Row(f"{name}{line}", problem=f"not YAML ({problem}); check the indents")
        return
    except (ValueError, RecursionError) as error:  # a day that no calendar has, a thousand brackets
        yield _Row(name, problem=f"a value cannot be read ({error}); write it as text, in quotes")
        return
    finally:
        loader.dispose()
    rows = document.get("publications") if isinstance(document, dict) else document
    lines = _lines(root)
    if not isinstance(rows, list):
        yield _Row(name, problem="a list of videos is expected, at the top or under `publications`")
        return
    if len(lines) != 1:
        yield _Row(name, problem="`publications` is written twice; put all videos into one list")
        return
    for line_number, row in zip(lines[0], rows, strict=True):
        yield _Row(f"{name} line {line_number}", row)


def _weight(node: Any, known: dict[int, int]) -> int:
    """How many nodes this one is with its aliases written out; endless counts as too many."""
    if id(node) not in known:
        known[id(node)] = _MOST_NODES + 1  # while it is weighed: what holds itself has no end
        below = getattr(node, "value", None)
        parts = below if isinstance(below, list) else []
        known[id(node)] = 1 + sum(
            sum(_weight(each, known) for each in part) if isinstance(part, tuple) else _weight(part, known)
            for part in parts
        )
    return known[id(node)]


def _lines(node: Any) -> list[list[int]]:
    """The lines of the items of each list at the top or under a key `publications`: one list, when all is well."""
    items = getattr(node, "value", None)
    lists = [items]
    if isinstance(items, list) and items and isinstance(items[0], tuple):
        lists = [value.value for key, value in items if key.value == "publications"]
    return [[each.start_mark.line + 1 for each in found] for found in lists if isinstance(found, list)]


def _beside(folder: Path, row: dict[str, object]) -> dict[str, object]:
    """The row with its paths made relative to the manifest's folder."""
    placed = dict(row)
    for name in _PATHS:
        value = row.get(name)
        if isinstance(value, str) and value:
            placed[name] = str(folder / value)
    captions = row.get("captions")
    if isinstance(captions, str):
        placed["captions"] = [_caption(folder, each) for each in captions.split(",") if each.strip()]
    elif isinstance(captions, list):
        placed["captions"] = [_caption(folder, each) for each in captions]
    return placed


def _caption(folder: Path, item: object) -> object:
    if isinstance(item, str) and ":" in item:
        language, path = item.strip().split(":", 1)
        return f"{language}:{folder / path}"
    if isinstance(item, dict) and isinstance(item.get("file"), str):
        return {**item, "file": str(folder / item["file"])}
    return item
