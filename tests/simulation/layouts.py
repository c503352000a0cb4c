"""Scenarios for tests: the layouts of `init`, and as many days and videos as a test cares about."""

from dataclasses import replace
from datetime import date
from typing import Any

from ytempire.bootstrap.layouts import Preset
from ytempire.bootstrap.plans import preset_settings
from ytempire.bootstrap.simulations import scenario
from ytempire.simulation import CALM, Scenario

FIRST_DAY = date(2026, 11, 23)


def a_scenario(preset: Preset = Preset.DEFAULT, **changes: Any) -> Scenario:
    """Three calm days of twelve videos."""
    made = scenario(
        preset_settings(preset), str(preset), start=FIRST_DAY, days=3, videos=12, rates=CALM, seed=1
    )
    return replace(made, **changes)
