"""The project's own papers agree with each other and with the commands."""

import re
import tomllib

from tests.house.source import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()


def test_the_version_is_the_newest_of_the_changelog() -> None:
    headings = re.findall(r"^## \[(\d[^\]]*)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert PROJECT["project"]["version"] == headings[0]


def test_the_readme_names_the_two_commands() -> None:
    assert "make demo" in README
    assert "make test" in README


def test_every_make_target_is_explained_at_the_top_of_the_makefile() -> None:
    targets = re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE)
    explained = re.findall(r"^#   make ([a-z]+) ", MAKEFILE, re.MULTILINE)

    assert sorted(targets) == sorted(explained)


def test_every_dependency_is_locked() -> None:
    groups = PROJECT["dependency-groups"]
    asked = PROJECT["project"]["dependencies"] + [entry for entry in groups["dev"] if isinstance(entry, str)]
    locked = re.findall(r"^([a-z0-9-]+)", (ROOT / "requirements" / "dev.txt").read_text(), re.MULTILINE)

    assert set() == {re.split(r"[\[><=]", entry)[0] for entry in asked} - set(locked)


def test_what_the_demo_runs_on_is_part_of_what_the_tests_run_on() -> None:
    pins = [
        set(re.findall(r"^[a-z0-9-]+==[^ ]+", (ROOT / "requirements" / name).read_text(), re.MULTILINE))
        for name in ("run.txt", "dev.txt")
    ]

    assert set() == pins[0] - pins[1]
