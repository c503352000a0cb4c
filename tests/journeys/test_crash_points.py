"""Each crash point once, and a few deaths at random moments: a slice of `make campaign`."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.campaign.command import deal
from benchmarks.campaign.nursery import Nursery
from benchmarks.campaign.points import POINTS, RANDOM, Point, chosen
from benchmarks.campaign.run import one


def _case(point: Point) -> Any:
    """Who dies with an expired token in hand leaves a lease behind, which the next one waits for."""
    return pytest.param(point, id=point.name, marks=[pytest.mark.waits] if point.expired else [])


@pytest.mark.parametrize("point", [_case(point) for point in POINTS])
def test_a_worker_killed_here_publishes_everything_once_after_its_restart(
    point: Point, tmp_path: Path, nursery: Nursery
) -> None:
    result = one(point, POINTS.index(point), tmp_path, nursery)

    assert () == result.violations
    assert result.fired


@pytest.mark.parametrize("seed", range(10))
def test_a_worker_killed_at_any_moment_publishes_everything_once_in_the_end(
    seed: int, tmp_path: Path, nursery: Nursery
) -> None:
    result = one(RANDOM, seed, tmp_path, nursery)

    assert () == result.violations


@pytest.mark.parametrize(
    "name", ["2", "4", "10", "11", "14b", "16a", "16c", "17", "18b", "20b", "24", "25b", "30b", "random"]
)
def test_on_postgresql_it_publishes_everything_once_as_well(
    name: str, tmp_path: Path, nursery: Nursery, postgres_url: str
) -> None:
    (point,) = chosen(name)

    result = one(point, 0, tmp_path, nursery, database=postgres_url)

    assert () == result.violations
    assert result.fired


@pytest.mark.parametrize("seed", range(3))
def test_on_postgresql_no_moment_to_die_is_worse_than_another(
    seed: int, tmp_path: Path, nursery: Nursery, postgres_url: str
) -> None:
    result = one(RANDOM, seed, tmp_path, nursery, database=postgres_url)

    assert () == result.violations


def test_on_postgresql_a_campaign_dies_everywhere_but_in_the_making_of_an_sqlite_file() -> None:
    assert {"27"} == {point.number for point in POINTS if point.embedded}


def test_every_point_of_the_list_is_there_but_those_the_product_has_no_step_for() -> None:
    covered = {int(point.number) for point in POINTS}

    assert set(range(1, 31)) - {19, 21, 28} == covered


def test_half_of_a_whole_campaign_dies_at_random_moments() -> None:
    dealt = deal(chosen("all"), 2 * len(POINTS))

    assert len(POINTS) == dealt.count(RANDOM)
    assert set(POINTS) | {RANDOM} == set(dealt)


def test_a_point_is_chosen_by_its_number_with_or_without_its_letter() -> None:
    assert ["9a", "9b", "15b"] == [point.name.split()[0] for point in chosen("9,15b")]


def test_an_unknown_point_is_refused() -> None:
    with pytest.raises(ValueError, match="no crash point '99'"):
        chosen("99")
