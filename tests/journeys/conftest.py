"""One nursery for a test process, and a stage for each test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.campaign.nursery import Nursery
from benchmarks.campaign.stage import Scene, Stage, stage

SetStage = Callable[[Scene], Stage]


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    with Nursery() as opened:
        yield opened


@pytest.fixture
def set_stage(tmp_path: Path, nursery: Nursery) -> Iterator[SetStage]:
    """A function that sets the stage of a scene; it is struck after the test."""
    with ExitStack() as struck:
        yield lambda scene: struck.enter_context(stage(tmp_path / "stage", nursery, scene))


@pytest.fixture
def house(set_stage: SetStage) -> Stage:
    """A stage with two channels and nothing special about it."""
    return set_stage(Scene())
