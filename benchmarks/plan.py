"""How planning a day grows with its accounts, and how good it is where everything can be tried.

Three days a size, ten videos for each account: `roomy` fits; `mixed` has fixed accounts, groups, two prices and ten
priorities; `short` is the same with a tenth too much. With `--worlds`, the plans of so many random small days are
compared with trying everything; any that is worse, breaks a rule or is not proven ends it with exit code 1.

    python -m benchmarks plan [--accounts 100 1000 10000] [--repeats 3] [--worlds 10000] [--first 0]
"""

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tests.days import CAPTIONED, TODAY, USUAL, a_day, an_account
from tests.plan_worlds import verdict, world
from ytempire.domain.planning import Budget, Day, Demand
from ytempire.domain.planning_solve import plan
from ytempire.domain.publication import Target
from ytempire.domain.quota import BUCKETS_2026, Bucket
from ytempire.domain.values import AccountId, ProjectId

RESULT = Path(".cache/bench/plan.json")
PER_ACCOUNT = 10
GROUPS = 20
MAIN = ProjectId("main")
GROWTH = 1.5
"""The most that the time for a video may grow from the smallest size to the largest."""

LONGEST = 60.0
"""Seconds for a day of 10,000 accounts and 100,000 videos."""


@dataclass(frozen=True, slots=True)
class Line:
    """One day planned: its size, the median of its processor times in seconds, and what came of it."""

    day: str
    accounts: int
    videos: int
    placed: int
    seconds: float
    microseconds_a_video: float
    proven: bool


def roomy(accounts: int) -> Day:
    """Every video may go anywhere, and there is a place for each."""
    return _day(accounts, tuple(Demand(f"v{each:06}", USUAL) for each in range(accounts * PER_ACCOUNT)))


def mixed(accounts: int) -> Day:
    """A tenth is for one account, a tenth for a group, a third has captions, priorities go from 1 to 10."""
    return _day(accounts, tuple(_mixed(each, accounts) for each in range(accounts * PER_ACCOUNT)))


def short(accounts: int) -> Day:
    """The same, and every account takes one less."""
    day = mixed(accounts)
    return replace(
        day, capacities=tuple(replace(each, uploads_left=PER_ACCOUNT - 1) for each in day.capacities)
    )


def _mixed(number: int, accounts: int) -> Demand:
    targets = {
        0: Target(account=AccountId(f"a{number // 10 % accounts:05}")),
        1: Target(group=_group(number // 10)),
    }
    methods = USUAL if number % 3 else CAPTIONED
    return Demand(f"v{number:06}", methods, targets.get(number % 10, Target()), priority=1 + number // 7 % 10)


def _group(number: int) -> str:
    return f"group_{number % GROUPS}"


def _day(accounts: int, demands: tuple[Demand, ...]) -> Day:
    capacities = [
        an_account(f"a{each:05}", uploads_left=PER_ACCOUNT, groups=frozenset({_group(each)}))
        for each in range(accounts)
    ]
    room = {Bucket.UPLOADS: len(demands), Bucket.UNITS: 550 * len(demands)}
    return a_day(capacities, [Budget(MAIN, TODAY, room, room)], BUCKETS_2026, demands=demands)


def measure(name: str, day: Day, repeats: int) -> Line:
    """The median of so many runs."""
    times, found = [], plan(day)
    for _ in range(repeats):
        began = time.process_time()  # of this process alone: other work on the machine is not the planner's
        found = plan(day)
        times.append(time.process_time() - began)
    seconds, videos = statistics.median(times), len(day.demands)
    each = seconds / videos * 1e6
    return Line(name, len(day.capacities), videos, len(found.placements), seconds, each, found.proven)


def compare(first: int, number: int) -> dict[int, list[str]]:
    """What is wrong with the plans of so many small worlds, by their seeds."""
    wrong = {}
    began = time.perf_counter()
    infeasible = 0
    for seed in range(first, first + number):
        day = world(seed)
        found = plan(day)
        infeasible += not found.feasible
        if problems := verdict(day, found):
            wrong[seed] = problems
            print(f"world {seed}: {'; '.join(problems)}")
    seconds = time.perf_counter() - began
    print(
        f"{number} worlds from {first}: {len(wrong)} wrong, {infeasible} of them with more than fits, {seconds:.0f} s"
    )
    return wrong


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks plan", description=__doc__)
    parser.add_argument("--accounts", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--worlds", type=int, default=0, help="small random days to compare with trying everything"
    )
    parser.add_argument("--first", type=int, default=0, help="the seed of the first of them")
    given = parser.parse_args(words)
    if given.worlds:
        if compare(given.first, given.worlds):
            raise SystemExit(1)
        return
    lines = []
    for name, make in (("roomy", roomy), ("mixed", mixed), ("short", short)):
        of_day = [measure(name, make(accounts), given.repeats) for accounts in sorted(given.accounts)]
        for line in of_day:
            print(
                f"{line.day:6} {line.accounts:>6} accounts {line.videos:>7} videos {line.placed:>7} placed "
                f"{line.seconds:8.2f} s {line.microseconds_a_video:7.1f} us/video  proven={line.proven}"
            )
        growth = of_day[-1].microseconds_a_video / of_day[0].microseconds_a_video
        held = growth <= GROWTH and of_day[-1].seconds <= LONGEST
        print(
            f"{name:6} time for a video grows {growth:.2f} times (at most {GROWTH}): {'held' if held else 'MISSED'}"
        )
        lines += of_day
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps([asdict(line) for line in lines], indent=2))


if __name__ == "__main__":
    main()
