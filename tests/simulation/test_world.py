"""The parts of the pretended world: chance, virtual time, rates, demand."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.simulation.layouts import a_scenario
from ytempire.domain.planning import Window
from ytempire.domain.planning_calendar import windows_of
from ytempire.domain.values import Refused
from ytempire.simulation import CALM, KINDS, PRESETS, Rates
from ytempire.simulation.chance import Dice, fixed_roll
from ytempire.simulation.demand import drafts_of, shares
from ytempire.simulation.loop import NothingLeft, VirtualClock, VirtualLoop

START = datetime(2026, 11, 23, 8, tzinfo=UTC)


def test_dice_are_the_same_for_a_seed_and_a_name_and_others_for_others() -> None:
    rows = [[Dice(*of).roll() for _ in range(3)] for of in ((1, "a"), (1, "a"), (1, "b"), (2, "a"))]

    assert rows[0] == rows[1]
    assert 3 == len({tuple(row) for row in rows})


def test_dice_fall_evenly() -> None:
    dice = Dice(1, "a")
    rolls = [dice.roll() for _ in range(10_000)]

    assert 0 <= min(rolls)
    assert max(rolls) < 1
    assert 0.49 < sum(rolls) / len(rolls) < 0.51
    assert 900 < sum(dice.happens(0.1) for _ in range(10_000)) < 1100


def test_a_fixed_roll_depends_on_its_names_alone() -> None:
    assert fixed_roll(1, "a", "b") == fixed_roll(1, "a", "b")
    assert fixed_roll(1, "a", "b") != fixed_roll(1, "ab", "")


def test_virtual_time_jumps_and_keeps_the_order_of_sleepers() -> None:
    woken: list[tuple[str, float]] = []

    async def sleeper(clock: VirtualClock, name: str, moment: datetime) -> None:
        await clock.until(moment)
        woken.append((name, clock.monotonic()))
        assert moment <= clock.now()

    async def main() -> datetime:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        clock = VirtualClock(loop, START, 1)
        hours = (("c", 3), ("a", 1), ("b", 2))
        await asyncio.gather(*(sleeper(clock, name, START + timedelta(hours=n)) for name, n in hours))
        await clock.sleep(0.000_01)
        return clock.now()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        ended = runner.run(main())

    assert [("a", 3600.0), ("b", 7200.0), ("c", 10_800.0)] == woken
    assert timedelta(microseconds=10) <= ended - START - timedelta(hours=3) < timedelta(microseconds=12)


def test_a_timer_rings_however_long_the_simulation_runs() -> None:
    async def main() -> float:
        for seconds in (2.0**24 + 0.1, 0.000_001, 2.0**28, 0.3, 2.0**29):
            await asyncio.sleep(seconds)
        return asyncio.get_running_loop().time()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        assert runner.run(main()) > 2.0**29


def test_a_world_in_which_nothing_can_happen_any_more_is_an_error() -> None:
    async def forever() -> None:
        await asyncio.get_running_loop().create_future()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner, pytest.raises(NothingLeft):
        runner.run(forever())


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_named(name: str) -> None:
    assert PRESETS[name] == Rates.parse(name)


def test_rates_are_given_by_kind() -> None:
    assert Rates(outages=0.5, bursts=1) == Rates.parse("outages=0.5, bursts=1")
    assert {"outages": 0.5, "bursts": 1.0} == Rates(outages=0.5, bursts=1.0).document() | {}
    assert {} == CALM.document()


def test_everything_wrong_with_rates_is_told_at_once() -> None:
    with pytest.raises(Refused) as refused:
        Rates.parse("storms=1,outages=2,bursts=often,outages=nan,outages=0.1")

    assert 4 == len(refused.value.refusals)
    assert all(kind in refused.value.refusals[0].remedy for kind in KINDS)


@pytest.mark.parametrize(
    ("weights", "videos", "expected"),
    [
        ((20, 20, 10), 50, [20, 20, 10]),
        ((20, 20, 10), 7, [3, 3, 1]),
        ((1, 1), 3, [2, 1]),
        ((0, 0), 4, [4, 0]),
    ],
)
def test_videos_are_divided_by_the_shares_of_windows(
    weights: tuple[int, ...], videos: int, expected: list[int]
) -> None:
    windows = [Window("w", START, START + timedelta(hours=1), weight) for weight in weights]

    assert expected == shares(windows, videos)


@pytest.mark.parametrize("day", [date(2026, 11, 1), date(2027, 3, 14), date(2026, 11, 23)])
def test_each_video_asks_for_a_moment_of_its_window(day: date) -> None:
    scenario = a_scenario(videos=50)
    plan = scenario.layout.plan
    windows = windows_of(day, plan.shapes, plan.zone)

    drafts = drafts_of(scenario, day, "daily")

    moments = [draft.not_before for draft in drafts if draft.not_before is not None]
    assert [20, 20, 10] == [sum(w.starts <= moment < w.ends for moment in moments) for w in windows]
    assert 50 == len({draft.metadata.title for draft in drafts})
    assert drafts == drafts_of(scenario, day, "daily")
