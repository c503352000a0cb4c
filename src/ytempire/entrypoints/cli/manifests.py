"""Manifests: CSV, JSONL or YAML files with one video a row. Rows in, drafts out; every bad row is told."""

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from ytempire.domain.drafts import Draft, parse
from ytempire.domain.values import Mendable, Refused

ENDINGS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".yaml": "yaml", ".yml": "yaml"}
_PATHS = ("file", "thumbnail")


class BadManifest(Mendable):
    """A manifest with rows that cannot be used; one line for each problem, and nothing was queued."""


def is_manifest(path: Path) -> bool:
    """Does the name say that this is a manifest?"""
    return path.suffix.lower() in ENDINGS


def read(path: Path, defaults: Mapping[str, object]) -> list[tuple[str, Draft]]:
    """The drafts of a manifest, each with its place for messages. Paths in it are relative to its folder.

    `defaults` fill what a row leaves out. Raises `BadManifest` with every problem of every row.
    """
    drafts, problems = [], []
    for place, row in _rows(path):
        try:
            drafts.append((place, parse({**defaults, **_beside(path.parent, row)})))
        except Refused as refused:
            problems += [f"{place}: {each.sentence()}" for each in refused.refusals]
    if not drafts and not problems:
        problems.append(f"{path} has no rows; write one row for each video")
    if problems:
        raise BadManifest("\n".join(problems))
    return drafts


def _rows(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadManifest(f"{path} cannot be read: {error}; give a manifest in UTF-8") from error
    reader = {"csv": _csv, "jsonl": _jsonl, "yaml": _yaml}[ENDINGS[path.suffix.lower()]]
    for line, row in reader(path, text):
        place = f"{path.name} {line}"
        if not isinstance(row, dict):
            raise BadManifest(f"{place}: this is not a set of fields; write field and value pairs")
        yield place, {str(name): value for name, value in row.items()}


def _csv(path: Path, text: str) -> Iterator[tuple[str, object]]:
    lines = text.splitlines(keepends=True)
    reader = csv.DictReader(lines, restkey="", strict=True)
    try:
        for row in reader:
            extra = row.pop("", None)
            if extra:
                raise BadManifest(
                    f"{path.name} line {reader.line_num}: more cells than columns; quote commas in texts"
                )
            yield f"line {reader.line_num}", row
    except csv.Error as error:
        raise BadManifest(f"{path.name} line {reader.line_num}: {error}; check the quotes") from error


def _jsonl(path: Path, text: str) -> Iterator[tuple[str, object]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield f"line {number}", json.loads(line)
            except ValueError as error:
                raise BadManifest(
                    f"{path.name} line {number}: not JSON ({error}); one object a line"
                ) from error


def _yaml(path: Path, text: str) -> Iterator[tuple[str, object]]:
    import yaml

    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadManifest(
            f"{path.name}: not YAML ({' '.join(str(error).split())}); check the indents"
        ) from error
    rows = document.get("publications") if isinstance(document, dict) else document
    if not isinstance(rows, list):
        raise BadManifest(f"{path.name}: a list of videos is expected, at the top or under `publications`")
    for number, row in enumerate(rows, 1):
        yield f"item {number}", row


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
