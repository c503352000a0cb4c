"""`python -m benchmarks.campaign.rotation --seed S --runs N`: `keys rotate` killed N times at random moments.

Each time a worker publishes beside it. After each death every sealed text must open, the rotation must go on and
end, and the old keys must go; in the end everything must be published. One line at the end, exit 1 when not.
"""

import argparse
import json
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from benchmarks.campaign.nursery import Nursery
from benchmarks.campaign.stage import Scene, Stage, stage
from benchmarks.campaign.verdict import violations
from ytempire.bootstrap.house import Acting
from ytempire.domain.oauth import Slot
from ytempire.domain.tokenfiles import parse_token_file
from ytempire.domain.values import Mendable

ACCOUNTS = 6
KILLS_PER_HOME = 10
VIDEO = 200_000
SCENE = Scene(accounts=ACCOUNTS, connected=False)
_MANY = 1000
_EARLY = 0.4
_SLOWER = 4.0
"""How much longer it takes beside a worker, at most."""
_TRIES = 15
"""A kill that comes when the rotation has ended is none, and is tried again."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds that an undisturbed rotation takes: all of its life, and what comes after the new key."""

    whole: float
    sealing: float


@dataclass(slots=True)
class Result:
    """What was found in one home: how far each killed rotation had come, and what did not hold."""

    deaths: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)


def killed(set_up: Stage, kills: int, dice: random.Random) -> Result:
    """So many deaths in one home, each beside a worker that publishes."""
    _fill(set_up)
    result = Result()
    pace = _undisturbed(set_up)
    rows = set_up.rows(kills, VIDEO)
    for number in range(kills):
        set_up.submit(rows[number : number + 1])
        worker = set_up.start()
        for _ in range(_TRIES):
            keys = len(_on_ring(set_up))
            if _dies(set_up, pace, dice):
                result.deaths[_how_far(set_up, keys)] += 1
                break
        result.violations += _after_death(set_up)
        if worker.wait():
            result.violations.append(f"the worker failed: {set_up.log()[-2000:]}")
    result.violations += violations(set_up)
    return result


def _dies(set_up: Stage, pace: Pace, dice: random.Random) -> bool:
    """Kills a rotation: by turns at any moment of its life, and at any moment after the new key is there.

    Most of a life is the opening of the house, so the second kind is what finds a rotation at its work.
    """
    before = _ring(set_up)
    rotation = set_up.start(task="reseal")
    if dice.random() < _EARLY:
        time.sleep(dice.uniform(0, pace.whole))
    else:
        latest = time.monotonic() + _SLOWER * pace.whole
        # None is made where the worker has just sealed something with the key before: that is taken along first.
        while _ring(set_up) == before and time.monotonic() < latest:
            time.sleep(0.001)
        time.sleep(dice.uniform(0, _SLOWER * pace.sealing))
    rotation.signal(signal.SIGKILL)
    return rotation.wait() == -signal.SIGKILL


def _ring(set_up: Stage) -> int:
    """Changes when the key file does."""
    return set_up.settings.at_home(set_up.settings.vault.key_file).stat().st_mtime_ns


def _fill(set_up: Stage) -> None:
    """A home with something of every kind that is sealed: grants, backup grants, consents under way."""
    set_up.connect()
    backups = {name: parse_token_file(json.dumps(set_up.emulator.grant(name))) for name in set_up.accounts}

    async def fill(house: Acting) -> None:
        for account in await house.reading.store.accounts(house.context.clock.now()):
            await house.connecting.import_grant(account, backups[account.id], Slot.BACKUP)
            await house.consenting.begin(account, "http://127.0.0.1:1/")

    set_up.act(fill)


def _undisturbed(set_up: Stage) -> Pace:
    """How long a rotation takes, once the nursery is awake."""
    pace = Pace(0, 0)
    for _ in range(2):
        began, before = time.monotonic(), _ring(set_up)
        rotation = set_up.start(task="reseal")
        set_up.until(lambda known=before: _ring(set_up) != known)  # type: ignore[misc]
        new_key = time.monotonic()
        if rotation.wait():
            raise RuntimeError(f"an undisturbed rotation failed: {set_up.log()[-2000:]}")
        ended = time.monotonic()
        pace = Pace(ended - began, ended - new_key)
    return pace


def _on_ring(set_up: Stage) -> list[str]:
    async def look(house: Acting) -> list[str]:
        return [line.id for line in await house.ring.lines() if line.on_ring]

    return set_up.act(look)


def _how_far(set_up: Stage, keys: int) -> str:
    """How far a rotation had come when it died."""

    async def look(house: Acting) -> str:
        lines = [line for line in await house.ring.lines() if line.on_ring]
        if len(lines) == keys:
            return "before the new key"
        if not lines[0].sealed:
            return "new key, nothing sealed with it"
        return "half-way" if any(line.sealed for line in lines[1:]) else "all sealed anew"

    return set_up.act(look)


def _after_death(set_up: Stage) -> Iterator[str]:
    """Everything opens; the rotation goes on to its end; then nothing is left to the other keys, and they go."""
    yield from set_up.act(_unreadable)
    if set_up.start(task="reseal").wait():
        yield f"the rotation did not go on: {set_up.log()[-2000:]}"
    yield from set_up.act(_unreadable)
    yield from set_up.act(_retired)


async def _unreadable(house: Acting) -> list[str]:
    found = []
    for place in await house.reading.store.sealed_otherwise("", _MANY):
        try:
            house.context.vault.open(place.owner, place.field, place.sealed)
        except Mendable as problem:
            found.append(f"unreadable: {place.field} of {place.owner}: {problem}")
    return found + [
        f"condemned: {stored.slot} of {stored.account}: {stored.unusable}"
        for stored in await house.reading.store.grants()
        if stored.unusable is not None
    ]


async def _retired(house: Acting) -> list[str]:
    try:
        for line in await house.ring.lines():
            if line.on_ring and not line.writes:
                await house.ring.retire(line.id)
    except Mendable as refused:
        return [f"not retired: {refused}"]
    return []


def _home(seed: int, kills: int) -> Result:
    """One home with its own Google and its own children; what breaks it is a violation."""
    with tempfile.TemporaryDirectory(prefix="rotation-") as folder, Nursery() as nursery:
        try:
            with stage(Path(folder) / "home", nursery, SCENE) as set_up:
                return killed(set_up, kills, random.Random(seed))
        except Exception:  # noqa: BLE001 - the outermost loop of this process: a home that breaks is a bad home
            return Result(violations=[f"broke: {traceback.format_exc()}"])


def main() -> int:
    """Runs them all; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.campaign.rotation", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=200, help="how many deaths in all")
    parser.add_argument("--jobs", type=int, default=2, help="homes at a time")
    options = parser.parse_args()
    homes = [min(KILLS_PER_HOME, options.runs - done) for done in range(0, options.runs, KILLS_PER_HOME)]
    seeds = range(options.seed, options.seed + len(homes))
    deaths, bad = Counter[str](), 0
    with ProcessPoolExecutor(options.jobs, get_context("spawn")) as pool:
        for seed, result in zip(seeds, pool.map(_home, seeds, homes), strict=True):
            deaths += result.deaths
            bad += len(result.violations)
            for each in result.violations:
                print(f"VIOLATION in the home of seed {seed}: {each}", flush=True)
    for how_far, count in sorted(deaths.items()):
        print(f"{how_far:40} {count:5} deaths")
    missed = options.runs - deaths.total()
    print(f"rotation: {deaths.total()} deaths, {bad} violations" + (f", {missed} missed" if missed else ""))
    return 1 if bad or missed else 0


if __name__ == "__main__":
    sys.exit(main())
