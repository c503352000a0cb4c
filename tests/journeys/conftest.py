"""One nursery for a test process, and a stage for each test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.campaign.nursery import Nursery
from benchmarks.campaign.stage import Scene, Stage, stage
from tests.canaries import keys_in, known_to, leaks

SetStage = Callable[[Scene], Stage]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that wait long begin first, so that nobody waits for them in the end."""
    items.sort(key=lambda item: item.get_closest_marker("waits") is None)


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    with Nursery() as opened:
        yield opened


@pytest.fixture
def set_stage(tmp_path: Path, nursery: Nursery) -> Iterator[SetStage]:
    """A function that sets the stage of a scene; it is struck after the test, when no secret may lie about."""
    stages: list[Stage] = []
    with ExitStack() as struck:

        def set_one(scene: Scene) -> Stage:
            stages.append(struck.enter_context(stage(tmp_path / "stage", nursery, scene)))
            return stages[-1]

        yield set_one
        for each in stages:
            assert [] == in_clear(each)


def in_clear(stage: Stage) -> list[str]:
    """Every secret of a stage that can be read in its home or in what its children said."""
    ring = stage.settings.at_home(stage.settings.vault.key_file)
    keys = keys_in(ring) if ring.exists() else set()
    return leaks(
        stage.folder / "home", [stage.log()], known_to(stage.emulator) | keys, but=ring.parent
    )  # a rewriting that died leaves its copy beside it


@pytest.fixture
def house(set_stage: SetStage) -> Stage:
    """A stage with two channels and nothing special about it."""
    return set_stage(Scene())
