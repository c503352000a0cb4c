"""An exact search for small days whose prices differ, where placing one after the other need not find the most.

Every video is tried in every cell and left out, best value first, states seen before and branches that cannot
beat the best known being cut off. It stops after `NODES` steps and says whether it came to the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ytempire.domain.planning_board import Board, Cell
from ytempire.domain.planning_layout import Layout

NODES = 20_000
WORTH_TRYING = 3_000
"""Videos times cells beyond which the search would hardly begin."""

MOST_VIDEOS = 40
"""It goes one call deeper with each."""


@dataclass(frozen=True, slots=True)
class Found:
    """The cell of each video that is placed, by its number; `complete`: no better placing exists."""

    places: dict[int, Cell]
    complete: bool


@dataclass(frozen=True, slots=True)
class _Hunt:
    """One search: the board it plays on, the videos in order, their values, and the best so far."""

    board: Board
    order: Sequence[int]
    values: Sequence[int]
    ahead: Sequence[int]
    now: dict[int, Cell] = field(default_factory=dict)
    best: dict[int, Cell] = field(default_factory=dict)
    seen: dict[tuple[object, ...], int] = field(default_factory=dict)
    tally: list[int] = field(default_factory=lambda: [0, 0])
    """Steps taken, and the best value."""


def search(layout: Layout, values: Sequence[int], known: int) -> Found | None:
    """The most valuable placing, if it is worth more than `known`; None when the day is too large to try."""
    cells = sum(bool(moments) for row in layout.starts for moments in row)
    if len(values) > MOST_VIDEOS or len(values) * cells > WORTH_TRYING:
        return None
    order = sorted(range(len(values)), key=lambda video: (-values[video], layout.kind_of[video], video))
    ahead = [0]
    for video in reversed(order):
        ahead.append(ahead[-1] + values[video])
    hunt = _Hunt(Board(layout, reserves=True), order, values, ahead[::-1])
    hunt.tally[1] = known
    _try(hunt, 0, 0)
    return Found(dict(hunt.best), complete=hunt.tally[0] <= NODES)


def _try(hunt: _Hunt, depth: int, value: int) -> None:
    hunt.tally[0] += 1
    if value > hunt.tally[1]:
        hunt.tally[1] = value
        hunt.best.clear()
        hunt.best.update(hunt.now)
    if hunt.tally[0] > NODES or value + hunt.ahead[depth] <= hunt.tally[1]:
        return
    state = (depth, tuple(hunt.board.budget), tuple(hunt.board.cap), *map(tuple, hunt.board.room))
    state = (*state, tuple(hunt.board.purse))
    if hunt.seen.get(state, -1) >= value:
        return
    hunt.seen[state] = value
    video = hunt.order[depth]
    kind = hunt.board.layout.kind_of[video]
    for cell in hunt.board.free_cells(kind):
        hunt.board.put(kind, cell)
        hunt.now[video] = cell
        _try(hunt, depth + 1, value + hunt.values[video])
        del hunt.now[video]
        hunt.board.put(kind, cell, -1)
    _try(hunt, depth + 1, value)
