"""One run: set the stage, let the child die, start it again without a saboteur, and judge."""

import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.campaign import films
from benchmarks.campaign.child import Task
from benchmarks.campaign.nursery import Hung, Nursery
from benchmarks.campaign.points import RANDOM, Point
from benchmarks.campaign.saboteur import Trigger
from benchmarks.campaign.stage import Row, Scene, Stage, stage
from benchmarks.campaign.verdict import violations
from ytempire.adapters.sql.migrate import REVISIONS, upgrade_sqlite
from ytempire.bootstrap.house import DATABASE
from ytempire.domain.quota_day import QuotaDay
from ytempire.emulator.config import Charging

_MODELS: tuple[Charging, ...] = ("session_start", "completion", "both")
_LONGEST_LIFE = 1.6
"""Seconds within which a random kill falls: a little longer than the work takes undisturbed."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a run went. `fired`: the child really died by SIGKILL at the point, or at a random moment."""

    point: str
    seed: int
    fired: bool
    violations: tuple[str, ...]

    @property
    def again(self) -> str:
        """The command that repeats this run."""
        name = self.point.split()[0]
        return f"python -m benchmarks.campaign --seed {self.seed} --runs 1 --points {name}"


def one(point: Point, seed: int, folder: Path, nursery: Nursery, *, database: str = "") -> Result:
    """One run in an empty folder, and in an empty database when the address of one is given. Two runs with one seed
    do the same, as far as the machine allows.
    """
    dice = random.Random(f"{point.name}:{seed}")
    with stage(folder, nursery, replace(_scene(point, seed), database=database)) as set_up:
        try:
            fired = (
                _TASKS[point.task](set_up, point, dice) if point is not RANDOM else _at_random(set_up, dice)
            )
            code = set_up.work()
            found = (
                violations(set_up) if code == 0 else [f"the worker ended with {code}: {set_up.log()[-2000:]}"]
            )
        except (Hung, TimeoutError) as late:
            return Result(point.name, seed, fired=True, violations=(f"hung: {late}: {set_up.log()[-2000:]}",))
    return Result(point.name, seed, fired, tuple(found))


def _scene(point: Point, seed: int) -> Scene:
    """The point's scene; by turns, the emulator charges an upload at its start, at its end, and at both."""
    emulator = replace(point.scene.emulator, charging=_MODELS[seed % len(_MODELS)])
    offset = 0.0
    if point.near_midnight:
        now = datetime.now(UTC)
        offset = (QuotaDay.of(now).resets - now).total_seconds() - 300
    return replace(
        point.scene, emulator=emulator, offset=offset, connected=point.task not in ("open", "upgrade")
    )


def _rows(set_up: Stage, point: Point) -> list[Row]:
    rows = set_up.rows(point.videos, point.size)
    for number, row in enumerate(rows, 1):
        if "thumbnail" in point.more:
            row["thumbnail"] = str(films.thumbnail(number))
        if "captions" in point.more:
            row["captions"] = [f"en:{films.captions(number)}"]
        if "playlists" in point.more:
            row["playlists"] = ["daily"]
    return rows


def _triggers(point: Point, dice: random.Random) -> tuple[Trigger, ...]:
    last = point.triggers[-1]
    if point.vary:
        last = replace(last, nth=dice.randint(1, point.videos))
    return (*point.triggers[:-1], last)


def _dies(set_up: Stage, point: Point, triggers: tuple[Trigger, ...], rows: list[Row] | None = None) -> bool:
    code = set_up.start(*triggers, task=point.task, point=point.name, rows=rows).wait()
    killed = code == -signal.SIGKILL and set_up.died_at() == point.name
    set_up.deaths += killed
    return killed


def _work(set_up: Stage, point: Point, dice: random.Random) -> bool:
    set_up.submit(_rows(set_up, point))
    for fault in point.faults:
        set_up.emulator.add_fault(**fault)
    if point.expired:
        for name in set_up.accounts:
            set_up.emulator.expire_access_tokens(name)
    fired = _dies(set_up, point, _triggers(point, dice))
    set_up.emulator.shift_clock(float((set_up.folder / "clock").read_text()))
    return fired


def _submit(set_up: Stage, point: Point, dice: random.Random) -> bool:
    """Nobody was answered, so the caller asks again, with the same keys."""
    rows = _rows(set_up, point)
    fired = _dies(set_up, point, _triggers(point, dice), rows)
    set_up.submit(rows)
    return fired


def _open(set_up: Stage, point: Point, _dice: random.Random) -> bool:
    fired = _dies(set_up, point, point.triggers)
    set_up.connect()
    set_up.submit(_rows(set_up, point))
    return fired


def _upgrade(set_up: Stage, point: Point, dice: random.Random) -> bool:
    """The same with a store that the first version made."""
    upgrade_sqlite(set_up.folder / "home" / DATABASE, to=REVISIONS[0])
    return _open(set_up, point, dice)


def _rotate(set_up: Stage, point: Point, _dice: random.Random) -> bool:
    """After the death the key is put in place once more; what the old keys sealed must still open."""
    set_up.submit(_rows(set_up, point))
    fired = _dies(set_up, point, point.triggers)
    again = set_up.start(task="rotate").wait()
    return fired and again == 0


_TASKS: dict[Task, Callable[[Stage, Point, random.Random], bool]] = {
    "work": _work,
    "submit": _submit,
    "open": _open,
    "upgrade": _upgrade,
    "rotate": _rotate,
}


def _at_random(set_up: Stage, dice: random.Random) -> bool:
    """One to three deaths from outside, each at any moment of a life; one that comes too late is none."""
    set_up.submit(_rows(set_up, replace(RANDOM, more=("thumbnail", "playlists"))))
    for _ in range(dice.randint(1, 3)):
        child = set_up.start()
        time.sleep(dice.uniform(0.05, _LONGEST_LIFE))
        child.signal(signal.SIGKILL)
        set_up.deaths += child.wait() == -signal.SIGKILL
    return set_up.deaths > 0
