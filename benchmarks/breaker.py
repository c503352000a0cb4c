"""The breaker: what it costs each call beside its peers, and whether it holds under very many calls and random lives.

Each peer is asked the way its own documentation shows, around a call that does nothing, in one process; the price of
the empty call itself is taken off. Ours is held as a user of the library would hold it in memory. Time is that of the
processor, so that other work on the machine does not count. A peer that is not installed is named and left out.

    python -m benchmarks breaker [--calls 200000] [--repeats 7]     the price of a call of a closed breaker
    python -m benchmarks breaker --traces 100000 [--first 0]        random lives, beside the slow twin
    python -m benchmarks breaker --storm 10000 [--rounds 100]       so many calls at once when it is half open
"""

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from tests.breaker_model import lives
from tests.breaker_storm import FarStore, storm
from ytempire.domain import breaker as ours
from ytempire.domain.breaker import Breaker, Refusal, Report, Result
from ytempire.domain.breaker_rules import Rules

RESULT = Path(".cache/bench/breaker.json")
GOAL = 5.0
"""Microseconds that a call of a closed breaker may cost."""

BATCH = 10_000
WELL = Report(Result.SUCCESS)
Call = Callable[[Callable[[], None]], object]


class Keeper:
    """One breaker in memory, for one thread."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._breaker = Breaker("bench", since=datetime.now(UTC))

    def call(self, function: Callable[[], None]) -> None:
        """Calls it, when the breaker allows."""
        now = datetime.now(UTC)
        self._breaker, ticket = ours.admit(self._breaker, self._rules, now)
        if isinstance(ticket, Refusal):
            raise ConnectionRefusedError(ticket.why)
        try:
            function()
        except OSError as error:
            self._tell(ticket, Report(Result.FAILURE, str(error)))
            raise
        self._tell(ticket, WELL)

    def _tell(self, ticket: ours.Ticket, result: Report) -> None:
        now = datetime.now(UTC)
        self._breaker = ours.report(self._breaker, self._rules, ticket, result, now=now, dice=0.5)


@dataclass(frozen=True, slots=True)
class Line:
    """What a call costs with one library: the median, and the least, in microseconds."""

    name: str
    version: str
    median: float
    least: float


def _pybreaker(library: Any) -> Call:
    breaker = library.CircuitBreaker(fail_max=5, reset_timeout=60)
    call: Call = breaker.call
    return call


def _purgatory(library: Any) -> Call:
    factory = library.SyncCircuitBreakerFactory(default_threshold=5, default_ttl=60)
    held = factory.get_breaker("bench")

    def call(function: Callable[[], None]) -> None:
        with held:
            function()

    return call


def _fluxgate(library: Any) -> Call:
    windows = import_module("fluxgate.windows")
    trippers = import_module("fluxgate.trippers")
    tripper = trippers.MinRequests(20) & trippers.FailureRate(0.5)
    breaker = library.CircuitBreaker(window=windows.TimeWindow(60), tripper=tripper)
    call: Call = breaker.call
    return call


PEERS = {"purgatory": _purgatory, "pybreaker": _pybreaker, "fluxgate": _fluxgate}


def nothing() -> None:
    """What is called."""


def candidates() -> dict[str, tuple[str, Call]]:
    """Ours and each peer that is there, with its version; the others are told of."""
    found: dict[str, tuple[str, Call]] = {
        "ytempire": ("this", Keeper(Rules()).call),
    }
    for name, make in PEERS.items():
        try:
            found[name] = metadata.version(name), make(import_module(name))
        except (ImportError, metadata.PackageNotFoundError):
            print(f"{name:<12} is not installed here, and left out: pip install {name}")
    return found


def seconds(call: Call | None, calls: int) -> float:
    """How long so many calls take the processor; None: without a breaker."""
    began = time.process_time()
    if call is None:
        for _ in range(calls):
            nothing()
    else:
        for _ in range(calls):
            call(nothing)
    return time.process_time() - began


def measured(calls: int, repeats: int) -> list[Line]:
    """All in turns, batch by batch, so that a slow moment of the machine meets each of them."""
    libraries = candidates()
    found: dict[str, list[float]] = {name: [] for name in libraries}
    for _ in range(repeats):
        for name, (_, call) in libraries.items():
            taken = [seconds(call, BATCH) - seconds(None, BATCH) for _ in range(max(calls // BATCH, 1))]
            found[name].append(statistics.median(taken) / BATCH * 1e6)
    return [
        Line(name, libraries[name][0], statistics.median(each), min(each)) for name, each in found.items()
    ]


def overhead(calls: int, repeats: int) -> bool:
    """Prints and keeps the price of a call; whether ours meets the goal."""
    print(
        f"a call of a closed breaker that goes well, microseconds of processor, median of {repeats} x {calls:,}"
    )
    lines = measured(calls, repeats)
    for line in lines:
        print(f"{line.name:<12}{line.version:>8}{line.median:>9.2f}   (least {line.least:.2f})")
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps([asdict(line) for line in lines], indent=1) + "\n")
    met = lines[0].median <= GOAL
    print(f"goal ({GOAL:g} microseconds): {'met' if met else 'MISSED'}")
    return met


def traces(first: int, number: int) -> bool:
    """So many random lives; whether both breakers lived each alike."""
    began = time.perf_counter()
    wrong, met = lives(first, number)
    for life in wrong[:5]:
        print(f"seed {life.seed}: {life.problem}", *life.told[-15:], sep="\n    ")
    took = time.perf_counter() - began
    print(
        f"{number:,} lives from {first}: {len(wrong)} differ; phases met: {', '.join(sorted(met))}; {took:.0f} s"
    )
    return not wrong


def storms(calls: int, rounds: int) -> bool:
    """So many calls at once at a half-open breaker, in so many rounds; whether only its probes ever passed."""
    began = time.perf_counter()
    problems = asyncio.run(storm(FarStore(), calls, rounds))
    for problem in problems[:20]:
        print(problem)
    took = time.perf_counter() - began
    print(
        f"{rounds} rounds of {calls:,} calls at once: {len(problems)} times others than 3 probes passed; {took:.0f} s"
    )
    return not problems


def main(words: Sequence[str] | None = None) -> int:
    """1 when the goal was missed or something differs."""
    parser = argparse.ArgumentParser(
        prog="benchmarks breaker", description=__doc__.split("\n", maxsplit=1)[0]
    )
    parser.add_argument("--calls", type=int, default=200_000)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--traces", type=int, default=0, help="random lives to compare with the slow twin")
    parser.add_argument("--first", type=int, default=0, help="the seed of the first of them")
    parser.add_argument("--storm", type=int, default=0, help="calls at once when it is half open")
    parser.add_argument("--rounds", type=int, default=100)
    given = parser.parse_args(words)
    good = True
    if given.traces:
        good = traces(given.first, given.traces)
    if given.storm:
        good = storms(given.storm, given.rounds) and good
    if not given.traces and not given.storm:
        good = overhead(given.calls, given.repeats)
    return 0 if good else 1
