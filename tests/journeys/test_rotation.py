"""`keys rotate` killed beside a worker that publishes: a slice of `python -m benchmarks.campaign.rotation`."""

import random

from benchmarks.campaign.rotation import SCENE, killed
from tests.journeys.conftest import SetStage


def test_a_rotation_killed_at_any_moment_loses_nothing_and_goes_on(set_stage: SetStage) -> None:
    result = killed(set_stage(SCENE), 3, random.Random(7))

    assert [] == result.violations
    assert 3 == result.deaths.total()
