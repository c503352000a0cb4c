"""Manifests made to hold us up, to fill memory, or to end a command in a traceback."""

import os
from itertools import pairwise
from pathlib import Path

import pytest

from ytempire.entrypoints.cli import manifests


def _bomb() -> str:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in pairwise("abcdefghi")]
    return "\n".join([*lines, "publications:", "- file: good.mp4", "  title: *i"])


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("bomb.yaml", _bomb(), "its aliases stand for too much"),
        ("self.yaml", "- &a\n  file: good.mp4\n  tags: *a\n", "its aliases stand for too much"),
        ("deep.yaml", "[" * 5000, "a value cannot be read"),
        ("day.yaml", "- file: good.mp4\n  publish_at: 2026-13-45T00:00:00Z\n", "month must be in 1..12"),
        (
            "zone.yaml",
            "- file: good.mp4\n  publish_at: 2030-01-01T00:00:00+99:00\n",
            "a value cannot be read",
        ),
        ("twice.yaml", "publications: [{file: a}]\npublications: [{file: b}]\n", "is written twice"),
        ("deep.jsonl", "[" * 100_000, "not JSON"),
        ("pipe.csv", None, "it is not a regular file"),
        ("folder.yaml", "", "it is not a regular file"),
    ],
)
def test_a_hostile_manifest_is_one_problem(tmp_path: Path, name: str, text: str | None, told: str) -> None:
    path = tmp_path / name
    if text is None:
        os.mkfifo(path)
    elif not text:
        path.mkdir()
    else:
        path.write_text(text)

    drafts, problems = manifests.read(path, {})

    assert [] == drafts
    assert 1 == len(problems)
    assert told in problems[0]


def test_a_manifest_without_end_is_refused_by_its_size(tmp_path: Path) -> None:
    (tmp_path / "huge.csv").touch()
    os.truncate(tmp_path / "huge.csv", manifests.MAX_BYTES + 1)

    assert "has more than" in manifests.read(tmp_path / "huge.csv", {})[1][0]


def test_aliases_in_moderation_are_welcome(tmp_path: Path) -> None:
    text = (
        "- &first {file: a.mp4, title: One, tags: &tags [x, y]}\n- {<<: *first, file: b.mp4, tags: *tags}\n"
    )
    (tmp_path / "all.yaml").write_text(text)

    drafts, problems = manifests.read(tmp_path / "all.yaml", {})

    assert [] == problems
    assert [("One", ("x", "y"))] * 2 == [
        (each.draft.metadata.title, each.draft.metadata.tags) for each in drafts
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("line.csv", "file,title\nnone.mp4,one\u2028two\n"),
        ("line.jsonl", '{"file": "none.mp4", "title": "one\u2028two"}\n'),
    ],
)
def test_a_line_separator_inside_a_text_does_not_end_a_row(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)

    drafts, problems = manifests.read(tmp_path / name, {})

    assert [] == problems
    assert ["one\u2028two"] == [each.draft.metadata.title for each in drafts]
