"""Manifests: CSV, JSONL or YAML files with one video a row. Rows in, drafts out; every bad row is told."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ytempire.domain.drafts import FIELDS, Draft, parse
from ytempire.domain.values import Mendable, Refused

ENDINGS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".yaml": "yaml", ".yml": "yaml"}
_PATHS = ("file", "thumbnail")


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
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return iter([_Row(str(path), problem="it is not UTF-8; save it as UTF-8")])
    except OSError as error:
        return iter([_Row(str(path), problem=f"it cannot be read: {error.strerror}; check the path")])
    reader = {"csv": _csv, "jsonl": _jsonl, "yaml": _yaml}[ENDINGS[path.suffix.lower()]]
    return reader(path.name, text)


def _csv(name: str, text: str) -> Iterator[_Row]:
    reader = csv.DictReader(text.splitlines(keepends=True), restkey="", strict=True)
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
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            place = f"{name} line {number}"
            try:
                yield _Row(place, json.loads(line))
            except ValueError as error:
                why = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
                yield _Row(place, problem=f"not JSON ({why}); write one object a line")


def _yaml(name: str, text: str) -> Iterator[_Row]:
    import yaml

    try:
        document = yaml.safe_load(text)
        lines = _lines(yaml.compose(text, Loader=yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        yield _Row(f"{name}{line}", problem=f"not YAML ({problem}); check the indents")
        return
    rows = document.get("publications") if isinstance(document, dict) else document
    if not isinstance(rows, list):
        yield _Row(name, problem="a list of videos is expected, at the top or under `publications`")
        return
    for line_number, row in zip(lines, rows, strict=True):
        yield _Row(f"{name} line {line_number}", row)


def _lines(node: object) -> list[int]:
    """The line of each item of the list at the top or under `publications`."""
    items = getattr(node, "value", None)
    if isinstance(items, list) and items and isinstance(items[0], tuple):
        items = next((value.value for key, value in items if key.value == "publications"), [])
    return [each.start_mark.line + 1 for each in items] if isinstance(items, list) else []


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
