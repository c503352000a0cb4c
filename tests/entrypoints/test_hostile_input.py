"""Manifests, settings and surroundings made to hold us up, to fill memory, or to end in a traceback."""

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.entrypoints.conftest import Install
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


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("API_ROOT", "http://example.com/", "google.api_root: the API root must use https"),
        ("API_ROOT", "https://user:word@example.com/", "google.api_root: the API root must be an address"),
        ("CA_FILE", "none.pem", "google.ca_file: it cannot be read (No such file"),
    ],
)
def test_an_address_that_would_not_do_is_one_clear_line(
    install: Install, name: str, value: str, told: str
) -> None:
    ended = install(1).run("jobs", "cancel", "pub_x", variables={f"YTEMPIRE_GOOGLE__{name}": value})

    assert (2, 1) == (ended.code, len(ended.lines()))
    assert told in ended.err


def test_a_terminal_that_cannot_show_a_letter_fails_nothing(install: Install, films: Path) -> None:
    place, words = install(1), ("publish", films / "film1.mp4", "--title", "hömé")
    old = {"PYTHONIOENCODING": "ascii"}

    queued = place.run(*words, variables=old)

    assert (0, True) == (queued.code, "h\\xf6m\\xe9" in queued.out)
    assert "hömé" == place.run("jobs", "list", "--json", variables=old).json()["publications"][0]["title"]


def test_a_file_of_the_home_that_cannot_be_used_is_one_clear_line(install: Install) -> None:
    place = install(1)
    (place.home / "worker.lock").unlink(missing_ok=True)
    (place.home / "worker.lock").mkdir()

    ended = place.run("worker", "--until-idle")

    assert (1, 1) == (ended.code, len(ended.lines()))
    assert f"{place.home / 'worker.lock'}: Is a directory" in ended.err


def test_a_full_device_is_one_clear_line(install: Install) -> None:
    place = install(1)
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "ytempire", "jobs", "list"],
            env=place.variables(), cwd=place.folder, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip

    assert (1, "ytempire: the system: No space left on device\n") == (ended.returncode, ended.stderr)
