"""What the documents say of tables, codes, examples and commands is what the code says."""

import csv
import dataclasses
import json
import re
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

import pytest
import typer
import yaml

from tests.house.source import DOMAIN, PRODUCT, ROOT, product, tracked_files
from ytempire.domain.accounts import Obstacle
from ytempire.domain.audit import Use
from ytempire.domain.drafts import FIELDS, parse
from ytempire.domain.faults import TABLE
from ytempire.domain.renewal import End
from ytempire.emulator import Death, EmulatorConfig, EventKind, FaultKind, FaultRule
from ytempire.emulator.control import control_routes
from ytempire.emulator.world import World
from ytempire.entrypoints.cli.program import program

DOCS = ROOT / "docs"
ERRORS = DOCS / "explanation" / "errors.md"
HOLDS = DOCS / "how-to" / "resolve-a-hold.md"
VAULT = DOCS / "explanation" / "consent-and-vault.md"
CONNECTED = DOCS / "how-to" / "keep-channels-connected.md"
EMULATOR = DOCS / "reference" / "emulator.md"
MANIFESTS = DOCS / "how-to" / "publish-from-a-manifest.md"
PAGES = tuple(file for file in tracked_files() if file.suffix == ".md")

REASON = re.compile(
    r'\bReason\(\s*"(\w+)"|^(?:SOURCE_MISSING|OUT_OF_QUOTA) = "(\w+)"|\bcode = "(\w+)"', re.MULTILINE
)
FAULT = re.compile(r'\b(?:Fault|reconnect)\(\s*"(\w+)"')
OBSTACLES_THAT_PASS = (Obstacle.PARKED, Obstacle.CONDITION, Obstacle.TOO_LONG)
"""Obstacles whose own name becomes the reason of a deferral."""

COMMAND = re.compile(r"(?:`|^\$ |ExecStart=\S*/)ytempire ([a-z]+)(?: ([a-z]+(?:-[a-z]+)*))?", re.MULTILINE)


def rows(page: Path, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head."""
    part = page.read_text().split(f"\n{heading}\n", 1)[1]
    table = re.search(r"(?:^\|.*\n)+", part, re.MULTILINE)
    assert table is not None, f"{page.name} has no table below {heading!r}"
    lines = table[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def codes(pattern: re.Pattern[str]) -> set[str]:
    """What a pattern finds in the floors that give reasons: the domain and the services."""
    floors = (DOMAIN, PRODUCT / "services")
    texts = (module.text for module in product() if any(module.is_below(floor) for floor in floors))
    return {code for text in texts for found in pattern.finditer(text) for code in found.groups() if code}


def not_named(wanted: Iterable[str], page: Path) -> list[str]:
    """Those that a page does not name in code letters."""
    text = page.read_text()
    return sorted(code for code in wanted if f"`{code}`" not in text)


def block(page: Path, language: str) -> str:
    """The first code block of a language."""
    found = re.search(rf"^```{language}\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None, f"{page.name} has no {language} block"
    return found[1]


def test_the_table_of_errors_is_the_table_of_the_domain() -> None:
    expected = [
        [
            f"`{row.code}`",
            ", ".join(f"`{reason}`" for reason in row.reasons),
            str(row.remedy),
            str(row.scope),
            str(row.level),
            str(row.tries),
        ]
        for row in TABLE
    ]

    assert expected == rows(ERRORS, "## By reason")


def test_every_fault_is_on_the_page_of_errors() -> None:
    found = codes(FAULT) | {row.code for row in TABLE}

    assert len(found) > 20
    assert [] == not_named(found, ERRORS)


def test_every_reason_a_publication_can_have_says_what_to_do() -> None:
    reasons = codes(REASON)
    assert {"unknown_outcome", "source_missing", "source_changed", "poison", "out_of_quota"} <= reasons

    every = reasons | codes(FAULT) | {row.code for row in TABLE} | {str(each) for each in OBSTACLES_THAT_PASS}

    assert [] == not_named(every, HOLDS)


def test_the_csv_example_can_be_published() -> None:
    drafts = [parse(row) for row in csv.DictReader(block(MANIFESTS, "csv").splitlines())]

    assert ["Monday", "Tuesday"] == [draft.metadata.title for draft in drafts]
    assert ("news", "monday") == drafts[0].metadata.tags


def test_the_jsonl_example_can_be_published() -> None:
    drafts = [parse(json.loads(line)) for line in block(MANIFESTS, "json").splitlines()]

    assert ["Wednesday", "Thursday"] == [draft.metadata.title for draft in drafts]


def test_the_yaml_example_can_be_published() -> None:
    drafts = [parse(row) for row in yaml.safe_load(block(MANIFESTS, "yaml"))["publications"]]

    assert ["Friday", "Saturday"] == [draft.metadata.title for draft in drafts]


def test_every_field_of_a_manifest_is_explained_and_no_other() -> None:
    explained = [name for row in rows(MANIFESTS, "## The fields") for name in re.findall(r"`(\w+)`", row[0])]

    assert sorted(FIELDS) == sorted(explained)


def first_cells(page: Path, heading: str) -> list[str]:
    """What the rows of a table are about, without code letters."""
    return [row[0].strip("`") for row in rows(page, heading)]


@pytest.mark.parametrize(
    ("heading", "kinds"),
    [("## Deaths of refresh tokens", Death), ("## Faults", FaultKind), ("## The journal", EventKind)],
)
def test_every_kind_of_the_emulator_is_in_its_reference_and_no_other(
    heading: str, kinds: type[StrEnum]
) -> None:
    assert sorted(kinds) == sorted(first_cells(EMULATOR, heading))


def test_every_use_of_a_credential_is_explained_and_no_other() -> None:
    assert sorted(Use) == sorted(first_cells(VAULT, "## The trail"))


def test_every_end_that_is_forecast_is_explained_and_no_other() -> None:
    assert sorted(End) == sorted(first_cells(CONNECTED, "## Ends that can be seen coming"))


def test_every_call_of_the_control_api_is_in_the_reference_and_no_other() -> None:
    found = [
        f"{verb} {route.path.removeprefix('/emulator/v1')}"
        for route in control_routes(World(EmulatorConfig()))
        for verb in route.methods or ()
        if verb != "HEAD"
    ]

    assert sorted(found) == sorted(first_cells(EMULATOR, "## The control API"))


def test_every_field_of_a_fault_is_in_the_reference() -> None:
    fields = {field.name for field in dataclasses.fields(FaultRule)} - {"kind"}

    assert [] == not_named(fields, EMULATOR)


def test_every_page_is_on_the_map() -> None:
    index = DOCS / "index.md"
    text = index.read_text()
    lost = [
        page.relative_to(ROOT).as_posix()
        for page in PAGES
        if page.is_relative_to(DOCS)
        and page != index
        and f"({page.relative_to(DOCS).as_posix()})" not in text
        and f"`{page.relative_to(ROOT).as_posix()}`" not in text
        and f"`{page.parent.relative_to(ROOT).as_posix()}/`" not in text
    ]

    assert [] == lost


def test_decisions_are_numbered_without_a_gap_and_say_what_they_cost() -> None:
    decisions = sorted((DOCS / "decisions").glob("*.md"))

    assert [f"{number:04}" for number in range(1, len(decisions) + 1)] == [
        page.name[:4] for page in decisions
    ]
    for page in decisions:
        for word in ("**Decided.**", "**Instead of**", "**Because**", "**It costs**"):
            assert word in page.read_text(), f"{page.name} lacks {word}"


@pytest.mark.parametrize("page", PAGES, ids=[page.relative_to(ROOT).as_posix() for page in PAGES])
def test_every_command_that_a_page_shows_exists(page: Path) -> None:
    root = typer.main.get_command(program())
    commands: dict[str, typer.core.TyperCommand] = getattr(root, "commands", {})
    unknown = []
    for first, second in COMMAND.findall(page.read_text()):
        below = getattr(commands.get(first), "commands", None)
        if first not in commands or (below is not None and second and second not in below):
            unknown.append(f"{first} {second}".strip())

    assert [] == unknown
