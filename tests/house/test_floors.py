"""The floors hold, and the tools that hold them notice what they forbid."""

import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

from tests.house.source import PRODUCT, ROOT

BIN = Path(sys.executable).parent

# Files that break each contract once, planted in a copy of the product.
PLANTED = {
    "services/planted.py": "import ytempire.adapters.planted",
    "domain/planted.py": "import time",
    "domain/planted_a.py": "import ytempire.domain.planted_b",
    "domain/planted_b.py": "import ytempire.domain.planted_a",
    "adapters/planted.py": "import ytempire.adapters.planted_too",
    "adapters/planted_too.py": "",
    "emulator/planted.py": "import ytempire.domain",
    "entrypoints/planted.py": "import ytempire.adapters.planted",
    "simulation/planted.py": "import ytempire.adapters.sql.store",
}

CLOCK_AND_CHANCE = """
import datetime
import random
import secrets
import time
import uuid

print(datetime.datetime.now(datetime.UTC), random.random(), secrets.token_hex(), time.time(), uuid.uuid4())
print(time.monotonic(), time.perf_counter())
"""


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("ytempire", cache_dir=None)


def _importers_of(floor: str, imports: grimp.ImportGraph) -> set[tuple[str, str]]:
    """Pairs of (floor of the importer, imported module) for imports of `floor` from outside it."""
    inside = {module for module in imports.modules if f"{module}.".startswith(f"ytempire.{floor}.")}
    return {
        (importer.split(".")[1], imported)
        for imported in inside
        for importer in imports.find_modules_that_directly_import(imported) - inside
        if importer != "ytempire"
    }


def test_only_the_bootstrap_and_the_simulation_know_adapters(imports: grimp.ImportGraph) -> None:
    allowed = {"bootstrap", "simulation"}

    assert set() == {pair for pair in _importers_of("adapters", imports) if pair[0] not in allowed}


def test_the_simulation_knows_no_adapter_but_memory(imports: grimp.ImportGraph) -> None:
    used = {imported for floor, imported in _importers_of("adapters", imports) if floor == "simulation"}

    assert set() == {name for name in used if not f"{name}.".startswith("ytempire.adapters.memory.")}


@pytest.mark.parametrize("floor", ["emulator", "simulation"])
def test_only_the_roof_knows_the_pretend_worlds(floor: str, imports: grimp.ImportGraph) -> None:
    assert {floor for floor, _ in _importers_of(floor, imports)} <= {"bootstrap", "entrypoints"}


def test_settings_are_seen_by_the_bootstrap_and_the_entrypoints_alone(imports: grimp.ImportGraph) -> None:
    assert {floor for floor, _ in _importers_of("settings", imports)} <= {"bootstrap", "entrypoints"}


def test_each_contract_notices_what_it_forbids(tmp_path: Path) -> None:
    shutil.copytree(PRODUCT, tmp_path / "src" / "ytempire")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name, text in PLANTED.items():
        (tmp_path / "src" / "ytempire" / name).write_text(f'"""Planted."""\n{text}\n')
    (tmp_path / "src" / "ytempire" / "utils.py").write_text('"""A folder without a floor."""\n')

    done = subprocess.run(
        [BIN / "lint-imports", "--no-cache"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": str(BIN), "PYTHONPATH": str(tmp_path / "src"), "COLUMNS": "200"},
    )

    assert 0 != done.returncode
    assert 7 == done.stdout.count(" BROKEN"), done.stdout
    assert "ytempire.utils" in done.stdout


@pytest.mark.parametrize(
    ("place", "banned"),
    [("services/publish.py", 7), ("emulator/app.py", 7), ("adapters/system.py", 0), ("emulator/clock.py", 0)],
)
def test_clock_and_chance_are_read_in_one_place_each(place: str, banned: int) -> None:
    name = str(PRODUCT / place)
    done = subprocess.run(
        [
            BIN / "ruff",
            "check",
            "--no-cache",
            "--select=TID251",
            "--output-format=concise",
            "--stdin-filename",
            name,
            "-",
        ],
        cwd=ROOT,
        input=CLOCK_AND_CHANCE,
        capture_output=True,
        text=True,
        check=False,
    )

    assert banned == done.stdout.count("TID251"), done.stdout + done.stderr
