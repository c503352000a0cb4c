"""`keys rotate` killed beside a worker that publishes: a slice of `python -m benchmarks.campaign.rotation`."""

import random
import signal

import pytest

from benchmarks.campaign.rotation import SCENE, killed
from benchmarks.campaign.saboteur import Trigger
from benchmarks.campaign.stage import Scene
from benchmarks.campaign.verdict import violations
from tests.journeys.conftest import SetStage


def test_a_rotation_killed_at_any_moment_loses_nothing_and_goes_on(set_stage: SetStage) -> None:
    result = killed(set_stage(SCENE), 3, random.Random(7))

    assert [] == result.violations
    assert 3 == result.deaths.total()


@pytest.mark.parametrize(
    "moment",
    [Trigger("before", "register_keys"), Trigger("after", "register_keys"), Trigger("before", "rename")],
    ids=["before the store knows", "after the store knows", "before the file has it"],
)
def test_a_rotation_that_dies_as_it_makes_its_key_costs_a_worker_nothing(
    moment: Trigger, set_stage: SetStage
) -> None:
    stage = set_stage(Scene(accounts=1, bandwidth=1_000_000))
    stage.submit(stage.rows(2))
    worker = stage.start()
    stage.until(lambda: bool(stage.journal("session_opened")))

    dying = stage.start(moment, task="reseal", point="the key")

    assert -signal.SIGKILL == dying.wait(), stage.log()
    assert 0 == worker.wait(), stage.log()
    assert [] == violations(stage)
    assert 2 == len(stage.journal("session_opened"))
