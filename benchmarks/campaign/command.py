"""`python -m benchmarks.campaign --seed S --runs N [--points ...]`: N runs, one line per point, exit 1 when
an invariant was broken or a point was never hit.
"""

import argparse
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path

from benchmarks.campaign.nursery import Nursery
from benchmarks.campaign.points import POINTS, RANDOM, Point, chosen
from benchmarks.campaign.run import Result, one
from benchmarks.databases import empty_database

_TRIES = 3
"""A random kill may come too late, and an upload may end before its point: such a run is made again."""


def main() -> int:
    """Runs the campaign; the exit status."""
    options = _options()
    try:
        points = chosen(options.points)
    except ValueError as unknown:
        sys.stderr.write(f"campaign: {unknown}; known are all, crash, random and {_known()}\n")
        return 2
    if options.postgres is not None:
        points = tuple(point for point in points if not point.embedded)
    results = _campaign(points, options)
    for point in points:
        _tell(point, [each for each in results if each.point == point.name])
    bad = [each for each in results if each.violations or not each.fired]
    broken = sum(len(each.violations) for each in results)
    missed = sum(not each.fired for each in results)
    print(f"campaign: {len(results)} runs, {broken} violations" + (f", {missed} not hit" if missed else ""))
    return 1 if bad else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.campaign", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=100, help="how many runs in all, dealt to the points")
    parser.add_argument(
        "--points",
        default="all",
        help="all (half of the runs at random moments), crash, random, or numbers: 9,15b",
    )
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time")
    parser.add_argument(
        "--postgres", metavar="URL", help="keep the stores on this server, as postgresql://user@host/db"
    )
    parser.add_argument("--keep", type=Path, help="the folder under which homes of bad runs are left")
    return parser.parse_args()


def _known() -> str:
    return ", ".join(point.name.split()[0] for point in POINTS)


def deal(points: Sequence[Point], runs: int) -> list[Point]:
    """A point for each run, in turn; where random moments are among others, they get every second run."""
    crash = [point for point in points if point is not RANDOM]
    if not crash or len(crash) == len(points):
        return list(islice(cycle(points), runs))
    turns = islice(cycle(crash), (runs + 1) // 2)
    return [each for point in turns for each in (point, RANDOM)][:runs]


def _campaign(points: Sequence[Point], options: argparse.Namespace) -> list[Result]:
    if options.keep is not None:
        options.keep.mkdir(parents=True, exist_ok=True)
    keep = Path(tempfile.mkdtemp(prefix="campaign-", dir=options.keep))
    dealt = deal(points, options.runs)
    # Processes, not threads: each has an event loop, an emulator and a nursery of its own.
    with ProcessPoolExecutor(options.jobs, get_context("spawn"), initializer=_open_nursery) as pool:
        waiting = [
            pool.submit(_run, point.name, options.seed + number, keep, options.postgres)
            for number, point in enumerate(dealt)
        ]
        for done, _ in enumerate(as_completed(waiting), 1):
            _count(done, len(waiting))
        results = [each.result() for each in waiting]
    if not any(keep.iterdir()):
        keep.rmdir()
    return results


def _count(done: int, of: int) -> None:
    """Where a person looks on: how far it is."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done} of {of} runs" + ("\n" if done == of else ""))
        sys.stderr.flush()


_nursery = Nursery()


def _open_nursery() -> None:
    """The nursery of a process; it ends when the process does, because nobody tells it anything any more."""
    _nursery.__enter__()


def _run(name: str, seed: int, keep: Path, postgres: str | None) -> Result:
    """One run, made again when its point was not hit; the home of a bad one is kept and told."""
    point = next(each for each in (*POINTS, RANDOM) if each.name == name)
    for turn in range(_TRIES):
        folder = keep / f"{point.name.split()[0]}-{seed}-{turn}"
        result = _judged(point, seed, folder, postgres)
        if result.violations:
            _accuse(result, folder, _repeat(result, postgres))
            return result
        shutil.rmtree(folder)
        if result.fired:
            return result
    result = Result(point.name, seed, fired=False, violations=())
    print(f"NOT HIT: {point.name}, seed {seed}; repeat with: {_repeat(result, postgres)}", flush=True)
    return result


def _repeat(result: Result, postgres: str | None) -> str:
    return result.again if postgres is None else f"{result.again} --postgres {postgres}"


def _judged(point: Point, seed: int, folder: Path, postgres: str | None) -> Result:
    try:
        if postgres is None:
            return one(point, seed, folder, _nursery)
        with empty_database(postgres, f"campaign_{os.getpid()}") as database:
            return one(point, seed, folder, _nursery, database=database)
    except Exception:  # noqa: BLE001 - the outermost loop of this process: a run that breaks is a bad run
        return Result(point.name, seed, fired=True, violations=(f"broke: {traceback.format_exc()}",))


def _accuse(result: Result, folder: Path, again: str) -> None:
    print(f"VIOLATION: {result.point}, seed {result.seed}, home kept in {folder}")
    for violation in result.violations:
        print(f"  {violation}")
    print(f"  repeat with: {again}", flush=True)


def _tell(point: Point, results: Sequence[Result]) -> None:
    fired = sum(each.fired for each in results)
    broken = sum(len(each.violations) for each in results)
    print(f"{point.name:58} {len(results):5} runs {fired:5} fired {broken:5} violations", flush=True)
