"""A second breaker, written as slowly and plainly as the rules are told, and random lives that both must live alike.

It keeps everything that happened since the last change of phase, and answers each question by going through it.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random

from ytempire.domain import breaker as ours
from ytempire.domain.breaker import Breaker, Phase, Refusal, Report, Result, Ticket
from ytempire.domain.breaker_rules import Rules

START = datetime(2026, 11, 20, 18, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
PAUSES = (timedelta(0), MICROSECOND, timedelta(milliseconds=700), timedelta(seconds=6), timedelta(seconds=31))


@dataclass
class Probe:
    """A probe that was let through; it is at work until it tells, or somebody takes its place."""

    number: int
    began: datetime


@dataclass
class Model:
    """The breaker as a story. Time only goes forward here."""

    rules: Rules
    phase: str = "closed"
    generation: int = 1
    results: list[tuple[datetime, bool]] = field(default_factory=list)
    """When each call of this generation came back, and whether it failed."""
    probes: list[Probe] = field(default_factory=list)
    let_through: int = 0
    went_well: int = 0
    opened_in_a_row: int = 0
    until: datetime | None = None

    def change(self, phase: str) -> None:
        self.phase = phase
        self.generation += 1
        self.results, self.probes = [], []
        self.let_through = self.went_well = 0
        self.until = None

    def ask(self, now: datetime) -> Ticket | None:
        if self.phase == "isolated":
            return None
        if self.phase == "open":
            assert self.until is not None
            if now < self.until:
                return None
            self.change("half_open")
        if self.phase == "half_open":
            return self.ask_for_probe(now)
        return Ticket(self.generation)

    def ask_for_probe(self, now: datetime) -> Ticket | None:
        at_work = [each for each in self.probes if now - each.began < self.rules.probe_limit]
        if len(at_work) + self.went_well >= self.rules.probes:
            return None
        self.probes = at_work
        self.let_through += 1
        self.probes.append(Probe(self.let_through, now))
        return Ticket(self.generation, self.let_through)

    def tell(self, ticket: Ticket, told: Report, now: datetime, dice: float) -> None:
        if ticket.generation != self.generation or self.phase not in ("closed", "half_open"):
            return
        if self.phase == "half_open":
            if ticket.number not in [each.number for each in self.probes]:
                return
            self.probes = [each for each in self.probes if each.number != ticket.number]
            if told.result is Result.SUCCESS:
                self.went_well += 1
                if self.went_well == self.rules.probes:
                    self.opened_in_a_row = 0
                    self.change("closed")
            elif told.result is Result.FAILURE:
                self.open(told, now, dice, counted=not self.is_sent_away(told, now))
            return
        if told.result is Result.IGNORED:
            return
        self.results.append((now, told.result is Result.FAILURE))
        if told.result is Result.FAILURE and (self.is_sent_away(told, now) or self.has_enough(now)):
            self.open(told, now, dice, counted=self.has_enough(now))

    def is_sent_away(self, told: Report, now: datetime) -> bool:
        return told.rest_until is not None and told.rest_until > now

    def has_enough(self, now: datetime) -> bool:
        if self.in_a_row() >= self.rules.threshold:
            return True
        calls = self.in_the_window(now)
        if len(calls) < self.rules.minimum_calls:
            return False
        return Fraction(sum(calls), len(calls)) >= Fraction(self.rules.failure_rate, 100)

    def in_a_row(self) -> int:
        count = 0
        for _, failed in reversed(self.results):
            if not failed:
                break
            count += 1
        return count

    def in_the_window(self, now: datetime) -> list[bool]:
        tenth = self.rules.window / 10
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        newest = (now - epoch) // tenth
        return [failed for at, failed in self.results if newest - (at - epoch) // tenth < 10]

    def open(self, told: Report, now: datetime, dice: float, *, counted: bool) -> None:
        self.change("open")
        self.opened_in_a_row += 1
        length = self.rules.recovery
        for _ in range(self.opened_in_a_row - 1):
            length = min(length * self.rules.growth, self.rules.cap)
        length = min(length * (1 + self.rules.jitter * dice / 100), self.rules.cap)
        ends = [now + length] if counted else []
        if told.rest_until is not None and self.is_sent_away(told, now):
            latest = now + self.rules.cap if told.capped else told.rest_until
            ends.append(min(told.rest_until, latest))
        self.until = max(ends)


def some_rules(chance: Random) -> Rules:
    return Rules(
        threshold=chance.choice((1, 2, 3, 5, 100)),
        window=timedelta(seconds=chance.choice((10, 60, 300))),
        minimum_calls=chance.choice((1, 2, 4, 8, 20)),
        failure_rate=chance.choice((1, 10, 33, 34, 50, 67, 100, 101)),
        recovery=timedelta(seconds=chance.choice((0, 1, 30, 60))),
        growth=chance.choice((1.0, 1.5, 2.0, 10.0)),
        jitter=chance.choice((0, 10, 100)),
        cap=timedelta(seconds=chance.choice((1, 60, 900))),
        probes=chance.choice((1, 2, 3, 3, 3, 5)),
        probe_limit=timedelta(seconds=chance.choice((1, 20, 120))),
    )


@dataclass
class Life:
    """One random life of both. `problem` says where they first differ; empty when they never do."""

    seed: int
    problem: str = ""
    told: list[str] = field(default_factory=list)
    phases: set[str] = field(default_factory=set)

    def run(self, steps: int) -> "Life":
        chance = Random(self.seed)
        rules = some_rules(chance)
        now, breaker, model = START, Breaker("x", since=START), Model(rules)
        tickets: list[Ticket] = []
        tendency = chance.choice((0.1, 0.5, 0.9))
        for _ in range(steps):
            now += chance.choice((*PAUSES, timedelta(seconds=chance.randrange(1200))))
            kind = chance.random()
            if kind < 0.45 or not tickets:
                breaker = self._ask(breaker, model, rules, now, tickets)
            elif kind < 0.97:
                breaker = self._tell(breaker, model, rules, now, tickets, chance, tendency)
            else:
                breaker = self._order(breaker, model, now, chance)
            self.phases.add(model.phase)
            self._compare(breaker, model, rules, now)
            if self.problem:
                break
        return self

    def _ask(
        self, breaker: Breaker, model: Model, rules: Rules, now: datetime, tickets: list[Ticket]
    ) -> Breaker:
        after, answer = ours.admit(breaker, rules, now)
        wanted = model.ask(now)
        self.told.append(f"{now:%H:%M:%S.%f} ask: {answer}")
        if wanted != (None if isinstance(answer, Refusal) else answer):
            self.problem = f"{answer} was given, {wanted} was due"
        if wanted is not None:
            tickets.append(wanted)
        return after

    def _tell(
        self,
        breaker: Breaker,
        model: Model,
        rules: Rules,
        now: datetime,
        tickets: list[Ticket],
        chance: Random,
        tendency: float,
    ) -> Breaker:
        # Mostly the oldest that is still out; sometimes one that was told before, or comes very late.
        ticket = tickets[chance.randrange(len(tickets))]
        if chance.random() < 0.8:
            tickets.remove(ticket)
        failed = chance.random() < tendency
        result = Result.IGNORED if chance.random() < 0.1 else Result.FAILURE if failed else Result.SUCCESS
        rest = now + timedelta(seconds=chance.randrange(-60, 3000)) if chance.random() < 0.05 else None
        told, dice = Report(result, "why", rest, capped=self.seed % 2 == 0), chance.random()
        self.told.append(f"{now:%H:%M:%S.%f} tell {ticket}: {result} {rest or ''}")
        model.tell(ticket, told, now, dice)
        return ours.report(breaker, rules, ticket, told, now=now, dice=dice)

    def _order(self, breaker: Breaker, model: Model, now: datetime, chance: Random) -> Breaker:
        order = chance.choice(("isolated", "disabled", "closed"))
        self.told.append(f"{now:%H:%M:%S.%f} a person says {order}")
        if order != "isolated" or model.phase != "isolated":
            model.change(order)
        if order == "closed":
            model.opened_in_a_row = 0
            return ours.reset(breaker, now, by="me")
        act = ours.isolate if order == "isolated" else ours.disable
        return act(breaker, now, by="me", why="so")

    def _compare(self, breaker: Breaker, model: Model, rules: Rules, now: datetime) -> None:
        numbers = [each.number for each in breaker.permits]
        pairs: dict[str, tuple[object, object]] = {
            "phase": (model.phase, breaker.phase.value),
            "generation": (model.generation, breaker.generation),
            "probes": ([each.number for each in model.probes], numbers),
            "went well": (model.went_well, breaker.succeeded),
            "openings": (model.opened_in_a_row, breaker.openings),
        }
        if model.phase == "closed":
            calls = model.in_the_window(now)
            pairs["in a row"] = (model.in_a_row(), breaker.failures)
            pairs["rate"] = ((len(calls), sum(calls)), ours.rate(breaker, rules, now))
        for name, (wanted, found) in pairs.items():
            if wanted != found:
                self.problem = self.problem or f"{name}: {found!r} found, {wanted!r} due"
        # Lengths are computed by other roads, so that a microsecond may be lost in rounding.
        if (model.until is None) != (breaker.until is None) or (
            model.until and breaker.until and abs(model.until - breaker.until) > MICROSECOND * 4
        ):
            self.problem = self.problem or f"until: {breaker.until} found, {model.until} due"
        if breaker.phase is not Phase.OPEN:
            return
        model.until = breaker.until


def lives(first: int, number: int, steps: int = 40) -> tuple[list[Life], set[str]]:
    """The lives in which both differ, of so many; and the phases that were met in all of them."""
    wrong, met = [], set()
    for seed in range(first, first + number):
        life = Life(seed).run(steps)
        met |= life.phases
        if life.problem:
            wrong.append(life)
    return wrong, met
