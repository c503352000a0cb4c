"""The picture of a simulation: which marks stand where. Pure; svg.py and png.py draw them.

Three panels over the days: what happened to the videos, how full the buckets were against the 80 and 90 % lines, and
how many accounts were able. Lengths are pixels from the top left corner.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ytempire.simulation.result import Result

WIDTH, HEIGHT = 1200, 720
_LEFT, _RIGHT = 70, 1150
_PANELS = ((60, 290), (350, 560), (620, 680))
_INK, _PALE = "#222222", "#dddddd"
_GREEN, _ORANGE, _RED, _GREY = "#2e7d32", "#ef8a17", "#c62828", "#888888"
_CURVES = ("#1565c0", "#6a1b9a", "#00838f")


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True, slots=True)
class Path:
    """A line through points."""

    points: tuple[tuple[float, float], ...]
    colour: str


@dataclass(frozen=True, slots=True)
class Words:
    """Text; `x` is its left end, its right end when `ends`."""

    x: float
    y: float
    text: str
    colour: str = _INK
    ends: bool = False


Mark = Box | Path | Words


def picture(result: Result) -> tuple[Mark, ...]:
    """All marks, in the order they are drawn."""
    scenario = result.scenario
    title = (
        f"{scenario.layout.name}: {scenario.videos} videos a day from {scenario.start}, seed {scenario.seed}: "
        f"{result.states.get('published', 0)} of {result.submitted} published"
    )
    return (Words(_LEFT, 30, title), *_videos(result), *_buckets(result), *_accounts(result))


def _videos(result: Result) -> list[Mark]:
    """For each day a stack: published, waiting, held or failed."""
    stacks = [
        (
            (day.published, _GREEN),
            (sum(day.deferred.values()), _ORANGE),
            (day.held + day.failed + day.refused, _RED),
        )
        for day in result.days
    ]
    most = max((sum(count for count, _ in stack) for stack in stacks), default=0) or 1
    top, bottom = _PANELS[0]
    step = (_RIGHT - _LEFT) / max(1, len(stacks))
    marks = _frame(result, 0, most, (0, most), "videos")
    for number, stack in enumerate(stacks):
        floor = float(bottom)
        for count, colour in stack:
            height = (bottom - top) * count / most
            floor -= height
            if count:
                marks.append(Box(_LEFT + number * step, floor, max(0.5, step * 0.85), height, colour))
    return marks + _legend(
        0, (("published", _GREEN), ("waiting at the end of the day", _ORANGE), ("held or failed", _RED))
    )


def _buckets(result: Result) -> list[Mark]:
    """A curve for each bucket that was used: the fullest of all projects."""
    marks = _frame(result, 1, 100, (0, 50, 80, 90, 100), "% of the limit")
    names = [name for name in result.buckets() if result.most(name)]
    named = list(zip(names, _CURVES, strict=False))
    for name, colour in named:
        marks.append(Path(_curve(1, [day.most(name) for day in result.days], 100), colour))
    marks.append(Path(_level(1, 80, 100), _ORANGE))
    marks.append(Path(_level(1, 90, 100), _RED))
    return marks + _legend(1, (*named, ("80 %: plans end", _ORANGE), ("90 %: nothing is sent", _RED)))


def _accounts(result: Result) -> list[Mark]:
    """How many accounts could take a video."""
    most = len(result.scenario.layout.accounts) or 1
    marks = _frame(result, 2, most, (0, most), "accounts")
    marks.append(Path(_curve(2, [day.able for day in result.days], most), _GREY))
    return marks + _legend(2, (("able at the end of the day", _GREY),))


def _frame(result: Result, panel: int, most: float, ticks: Sequence[int], name: str) -> list[Mark]:
    """The axes of a panel, with the first and the last day below it."""
    top, bottom = _PANELS[panel]
    marks: list[Mark] = []
    for tick in ticks:
        ((_, y), _) = line = _level(panel, tick, most)
        marks += [Path(line, _PALE), Words(_LEFT - 8, y + 4, str(tick), ends=True)]
    marks.append(Words(_LEFT, top - 10, name))
    if result.days:
        marks.append(Words(_LEFT, bottom + 16, result.days[0].day))
        marks.append(Words(_RIGHT, bottom + 16, result.days[-1].day, ends=True))
    return marks


def _legend(panel: int, named: Sequence[tuple[str, str]]) -> list[Mark]:
    y, x = _PANELS[panel][0] - 10, 220.0
    marks: list[Mark] = []
    for name, colour in named:
        marks += [Box(x, y - 9, 10, 10, colour), Words(x + 15, y, name)]
        x += 35 + 7.5 * len(name)
    return marks


def _level(panel: int, value: float, most: float) -> tuple[tuple[float, float], tuple[float, float]]:
    top, bottom = _PANELS[panel]
    y = bottom - (bottom - top) * value / most
    return (_LEFT, y), (_RIGHT, y)


def _curve(panel: int, values: Sequence[float], most: float) -> tuple[tuple[float, float], ...]:
    """One point for each day, in the middle of its column."""
    step = (_RIGHT - _LEFT) / max(1, len(values))
    return tuple(
        (_LEFT + (number + 0.425) * step, _level(panel, min(value, most), most)[0][1])
        for number, value in enumerate(values)
    )
