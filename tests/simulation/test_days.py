"""Whole simulations: what becomes of the videos, whatever happens."""

import json
from dataclasses import replace
from datetime import date

import pytest

from tests.simulation.layouts import a_scenario
from ytempire.bootstrap.layouts import Preset
from ytempire.simulation import PRESETS, Day, Rates, Result, simulated

AUTUMN, SPRING = date(2026, 10, 20), date(2027, 3, 1)
"""Thirty days from here, the clocks of Pacific time are set back, and forward."""

LAWFUL = {"published", "held", "failed", "duplicate"}
"""Failed and duplicate are what YouTube made of a video once it was there."""

ENOUGH = pytest.mark.timeout(180)


def text(result: Result) -> str:
    return json.dumps(result.document())


def test_calm_days_publish_everything_on_its_day() -> None:
    result = simulated(a_scenario())

    assert {"published": 36} == result.states
    assert [(12, 12, {})] * 3 == [(day.submitted, day.published, dict(day.deferred)) for day in result.days]
    assert () == result.broken
    assert {} == result.faults


@pytest.mark.unmeasured
@ENOUGH
@pytest.mark.parametrize("start", [AUTUMN, SPRING], ids=["autumn", "spring"])
def test_a_month_with_mixed_faults_ends_every_video_lawfully(start: date) -> None:
    result = simulated(a_scenario(start=start, days=30, videos=50, rates=PRESETS["mixed"]))

    assert () == result.broken
    assert 1500 == result.submitted
    assert set(result.states) <= LAWFUL
    assert result.states["published"] > 1450
    assert max(day.planned_percent for day in result.days) <= 80
    assert max(result.most(bucket) for bucket in result.buckets()) <= 90


@ENOUGH
def test_bad_days_at_the_prices_of_2025_break_no_rule() -> None:
    result = simulated(a_scenario(Preset.BRIEF_2025, days=8, videos=50, rates=PRESETS["bad"], seed=3))

    assert () == result.broken
    assert set(result.states) <= LAWFUL | {"deferred"}
    assert max(day.planned_percent for day in result.days) <= 80
    assert max(result.most(bucket) for bucket in result.buckets()) <= 90


def test_the_same_seed_has_the_same_days_to_the_byte() -> None:
    scenario = a_scenario(rates=PRESETS["bad"])

    assert text(simulated(scenario)) == text(simulated(scenario))


def test_another_seed_has_other_days() -> None:
    scenario = a_scenario(rates=PRESETS["bad"])

    assert text(simulated(scenario)) != text(simulated(replace(scenario, seed=2)))


def test_more_than_a_day_carries_waits_for_the_reset_and_is_published_after_the_last_day() -> None:
    result = simulated(a_scenario(days=2, videos=70))

    first = result.days[0]
    assert 70 == first.submitted
    assert not first.plan_fits
    assert {"daily_cap"} == set(first.deferred)
    assert {"published": 140} == result.states
    assert len(result.days) > 2
    assert () == result.broken


@pytest.mark.parametrize(
    ("kind", "state", "reason"),
    [
        ("processing_failures", "failed", "failed: processingFailed"),
        ("rejections", "duplicate", "duplicate: duplicateUpload"),
    ],
)
def test_what_youtube_does_to_every_video_is_told_of_every_video(kind: str, state: str, reason: str) -> None:
    result = simulated(a_scenario(days=1, rates=Rates(**{kind: 1.0})))

    assert {state: 12} == result.states
    assert {reason: 12} == result.reasons
    assert {kind: 12} == result.faults


@pytest.mark.parametrize(
    "rates",
    [
        Rates(broken_sends=0.5),
        Rates(lost_replies=0.5),
        Rates(lost_sessions=0.3),
        Rates(server_errors=0.3),
        Rates(bursts=0.3),
        Rates(silences=0.3),
        Rates(lost_answers=0.3),
        Rates(refused_tokens=0.3),
        Rates(dead_grants=0.5),
        Rates(upload_limits=0.5),
        Rates(suspensions=0.5),
        Rates(closed_buckets=0.5),
        Rates(outages=1.0),
        Rates(lost_replies=0.5, lost_sessions=0.5),
    ],
    ids=lambda rates: "+".join(rates.document()),
)
def test_no_kind_of_fault_breaks_a_rule(rates: Rates) -> None:
    result = simulated(a_scenario(rates=rates))

    assert () == result.broken
    assert result.faults
    assert set(result.states) <= LAWFUL | {"refused"}


def test_a_listener_hears_of_each_day_when_it_is_over() -> None:
    heard: list[Day] = []

    result = simulated(a_scenario(), heard.append)

    assert list(result.days) == heard


def test_a_day_without_videos_is_a_day() -> None:
    result = simulated(a_scenario(days=1, videos=0))

    assert ({}, 0, None) == (result.states, result.days[0].planned, result.days[0].plan_fits)
    assert () == result.broken
