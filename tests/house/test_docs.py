"""The documentation holds together, and mentions every command, option, key, event, state and exit code."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args

import pytest
import typer

from tests.house.source import ROOT, tracked_files
from ytempire.domain.accounts import Condition
from ytempire.domain.accounts import Kind as AccountKind
from ytempire.domain.conditions import Act, NotPossible, after
from ytempire.domain.events import Kind
from ytempire.domain.lifecycle import State, mermaid
from ytempire.entrypoints import library
from ytempire.entrypoints.cli.exits import Exit
from ytempire.entrypoints.cli.program import program
from ytempire.settings import Settings
from ytempire.settings.sources import PLAIN_VARIABLES

PAGES = tuple(file for file in tracked_files() if file.suffix == ".md")
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
CODE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def links(page: Path) -> list[str]:
    """The targets of a page's links that stay within the project."""
    text = re.sub(r"`[^`\n]*`", "", CODE.sub("", page.read_text()))
    return [target for target in LINK.findall(text) if not re.match(r"[a-z]+:", target)]


def anchors(page: Path) -> set[str]:
    """The names under which a page's headings can be linked, made the way that code hosts make them."""
    headings = re.findall(r"^#+ +(.+?) *$", CODE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=[page.relative_to(ROOT).as_posix() for page in PAGES])
def test_every_relative_link_resolves(page: Path) -> None:
    broken = []
    for target in links(page):
        place, _, anchor = target.partition("#")
        file = (page.parent / place).resolve() if place else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            broken.append(target)

    assert [] == broken


REFERENCE = ROOT / "docs" / "reference"


def _commands(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every command with its full name."""
    for word, each in getattr(command, "commands", {}).items():
        yield from _commands(each, f"{name} {word}".strip())
    if not hasattr(command, "commands"):
        yield name, command


COMMANDS = dict(_commands(typer.main.get_command(program())))


def _section(page: str, heading: str) -> str:
    """A section of a page, up to the next heading of the same depth."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_in_the_reference(name: str) -> None:
    page = (REFERENCE / "commands.md").read_text()
    everywhere = page.partition("\n## ")[0]
    section = _section(page, name.split(" ", maxsplit=1)[0])
    options = [
        option
        for each in COMMANDS[name].params
        for option in (*each.opts, *each.secondary_opts)
        if option.startswith("--")
    ]

    assert re.search(rf"`(ytempire )?{name}[ `]", section), f"{name} has no words of its own"
    assert [] == [option for option in options if f"`{option}" not in section + everywhere]


def _sections(kind: Any) -> Iterator[tuple[str, list[str]]]:
    """Every section of the settings with its keys."""
    for each in fields(kind):
        inner = next((part for part in (each.type, *get_args(each.type)) if is_dataclass(part)), None)
        if inner is not None:
            several = "" if inner is each.type else ".NAME" if "dict" in str(each.type) else "[]"
            yield f"{each.name}{several}", [key.name for key in fields(inner)]


@pytest.mark.parametrize(("section", "keys"), list(_sections(Settings)))
def test_every_key_is_in_the_reference(section: str, keys: list[str]) -> None:
    heading = f"[[{section.removesuffix('[]')}]]" if section.endswith("[]") else f"[{section}]"
    text = _section((REFERENCE / "configuration.md").read_text(), heading)

    assert [] == [key for key in keys if f"| `{key}` |" not in text]


def test_every_kind_of_event_and_every_state_is_in_the_reference() -> None:
    text = (REFERENCE / "events.md").read_text()

    assert [] == [str(kind) for kind in Kind if f"| `{kind}` |" not in text]
    assert [] == [str(state) for state in State if f"| `{state}` |" not in text]


def test_every_exit_code_is_in_the_reference() -> None:
    text = (REFERENCE / "exit-codes.md").read_text()

    assert [] == [code.name for code in Exit if f"| {code.value} | {code.name.lower()} |" not in text]


def test_every_state_of_an_account_is_in_the_reference() -> None:
    text = (REFERENCE / "json.md").read_text()

    assert [] == [str(state) for state in Condition if f"`{state}`" not in text]


def test_the_diagram_of_the_lifecycle_is_the_table() -> None:
    drawn = re.search(r"```mermaid\n(.*?)\n```", (ROOT / "docs" / "lifecycle.md").read_text(), re.DOTALL)

    assert drawn is not None
    assert mermaid() == drawn[1]


def _where_to(condition: Condition, act: Act) -> str:
    """A cell of the table of an account's states."""

    def one(kind: AccountKind, *, grant: bool) -> str:
        try:
            return f"`{after(condition, act, kind, grant=grant)}`"
        except NotPossible:
            return "not possible"

    def ends(*, grant: bool) -> str:
        return " or ".join(dict.fromkeys(one(kind, grant=grant) for kind in AccountKind))

    there, without = ends(grant=True), ends(grant=False)
    return there if there == without else f"{there}; without a grant that works {without}"


def test_the_table_of_an_accounts_states_is_the_table_of_the_domain() -> None:
    section = _section((ROOT / "docs" / "lifecycle.md").read_text(), "The state of an account")
    drawn = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if "|" in line
    ]

    expected = [["state", *(f"`{act}`" for act in Act)], ["---"] * (len(Act) + 1)]
    expected += [[f"`{each}`", *(_where_to(each, act) for act in Act)] for each in Condition]

    assert expected == drawn[: len(expected)]


def test_every_plain_variable_is_in_the_reference() -> None:
    text = (REFERENCE / "configuration.md").read_text()

    assert [] == [name for name in PLAIN_VARIABLES if f"| `{name}` |" not in text]


def test_every_name_of_the_library_is_in_its_reference() -> None:
    page = (REFERENCE / "library.md").read_text(encoding="utf-8")
    assert set() == {name for name in library.__all__ if not re.search(rf"`{name}\b", page)}
