"""The breaker's cases, one a row: what it is before, what is done with it, which calls pass, what it is after.

The cases are those that the test suites of resilience4j and Polly hold their state machines to, told in our words
and with our rules: what opens (in a row, by rate), what a window forgets, who may probe, what late results change,
what a person may order.

A life is written in words with blanks between them:

    ok  bad  skip       a call that asks, and comes back at once: well, failed, ignored
    ask:a               a call that asks, and stays out under this name
    a:ok  a:bad  a:skip it comes back; a:rest=90 it failed, and is to come back in 90 seconds
    a:busy=90           likewise, but not later than the rules' longest time
    +60                 so many seconds pass
    isolate  disable  reset
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import NOW
from ytempire.domain import breaker as ours
from ytempire.domain.breaker import Breaker, Phase, Report, Result, Ticket
from ytempire.domain.breaker_rules import Rules

CLOSED, OPEN, HALF_OPEN = Phase.CLOSED, Phase.OPEN, Phase.HALF_OPEN
ISOLATED, DISABLED = Phase.ISOLATED, Phase.DISABLED
RESULTS = {"ok": Result.SUCCESS, "bad": Result.FAILURE, "skip": Result.IGNORED}

BEFORE = {
    "closed": "",
    "open": "bad bad bad bad bad",
    "half open": "bad bad bad bad bad +60 ask:probe probe:skip",
    "isolated": "isolate",
    "disabled": "disable",
}
PLAIN: dict[str, Any] = {"jitter": 0, "minimum_calls": 100}
"""Without chance, and without the rate, unless a row is about them."""

RATE: dict[str, Any] = {"threshold": 100, "minimum_calls": 4, "failure_rate": 50}


@dataclass(frozen=True)
class Row:
    """`passed`: the answers to those who asked, y or n. `left`: for how long it is open, in seconds. `rules`: what
    differs from the usual ones.
    """

    name: str
    before: str
    life: str
    passed: str
    after: Phase
    left: float = 0
    failures: int = 0
    under_way: int = 0
    rules: tuple[tuple[str, Any], ...] = ()


def row(name: str, before: str, life: str, passed: str, after: Phase, **more: Any) -> Row:
    facts = {key: more.pop(key) for key in ("left", "failures", "under_way") if key in more}
    return Row(name, before, life, passed, after, **facts, rules=tuple(more.items()))


ROWS = (
    # Failures in a row.
    row("a new one is closed", "closed", "", "", CLOSED),
    row("calls that go well pass and change nothing", "closed", "ok ok ok", "yyy", CLOSED),
    row("four in a row are not enough", "closed", "bad bad bad bad", "yyyy", CLOSED, failures=4),
    row("the fifth in a row opens", "closed", "bad bad bad bad bad", "yyyyy", OPEN, left=60),
    row("one that goes well begins the count anew", "closed", "bad bad bad bad ok bad", "yyyyyy", CLOSED, failures=1),
    row("five that are not in a row do not open", "closed", "bad bad ok bad bad ok bad", "yyyyyyy", CLOSED,
        failures=1),
    row("an ignored one does not count", "closed", "skip skip skip skip skip skip", "yyyyyy", CLOSED),
    row("an ignored one does not end a row", "closed", "bad bad bad bad skip bad", "yyyyyy", OPEN, left=60),
    row("with a threshold of one the first opens", "closed", "bad", "y", OPEN, left=60, threshold=1),
    row("a row has no time limit", "closed", "bad bad bad bad +86400 bad", "yyyyy", OPEN, left=60),
    row("calls under way at once all count when they come back", "closed",
        "ask:a ask:b ask:c ask:d ask:e a:bad b:bad c:bad d:bad e:bad", "yyyyy", OPEN, left=60),
    row("what counts is the order in which they come back", "closed",
        "ask:a ask:b ask:c ask:d ask:e ask:f a:bad b:bad c:bad d:bad f:ok e:bad", "yyyyyy", CLOSED, failures=1),
    # The rate.
    row("half of the fewest calls opens", "closed", "ok ok bad bad", "yyyy", OPEN, left=60, **RATE),
    row("less than half does not", "closed", "ok ok ok bad", "yyyy", CLOSED, failures=1, **RATE),
    row("fewer calls than the fewest are not judged", "closed", "bad bad bad", "yyy", CLOSED, failures=3, **RATE),
    row("all of the fewest open", "closed", "bad bad bad bad", "yyyy", OPEN, left=60, **RATE),
    row("one that goes well never opens, whatever the rate", "closed", "bad bad bad ok", "yyyy", CLOSED, **RATE),
    row("the next that fails does", "closed", "bad bad bad ok bad", "yyyyy", OPEN, left=60, **RATE),
    row("an ignored one is no call", "closed", "bad bad bad skip skip skip", "yyyyyy", CLOSED, failures=3, **RATE),
    row("with a rate of 100 one that went well keeps it closed", "closed", "ok bad bad bad bad", "yyyyy", CLOSED,
        failures=4, **RATE | {"failure_rate": 100}),
    row("with a rate of 100 all that fail open", "closed", "bad bad bad bad", "yyyy", OPEN, left=60,
        **RATE | {"failure_rate": 100}),
    row("a rate above 100 is never reached", "closed", "bad bad bad bad bad bad", "yyyyyy", CLOSED, failures=6,
        **RATE | {"failure_rate": 101}),
    row("a third is less than 34 in a hundred", "closed", "ok ok bad", "yyy", CLOSED, failures=1,
        **RATE | {"minimum_calls": 3, "failure_rate": 34}),
    row("and more than 33", "closed", "ok ok bad", "yyy", OPEN, left=60,
        **RATE | {"minimum_calls": 3, "failure_rate": 33}),
    row("the rate and the row are looked at both", "closed", "ok ok ok ok ok ok ok bad bad", "yyyyyyyyy", OPEN,
        left=60,
        threshold=2, minimum_calls=4, failure_rate=50),
    row("failures that have left the window are forgotten", "closed", "bad bad +61 ok ok bad", "yyyyy", CLOSED,
        failures=1, **RATE),
    row("and so is what went well", "closed", "ok ok ok ok +61 bad bad bad bad", "yyyyyyyy", OPEN, left=60, **RATE),
    row("what is still in the window counts", "closed", "bad bad +50 ok bad", "yyyy", OPEN, left=60, **RATE),
    row("it leaves the window by parts, not at once", "closed", "bad +6 bad +52 ok bad", "yyyy", OPEN, left=60,
        **RATE),
    row("the part that has left is gone", "closed", "bad bad +6 bad +54 ok bad", "yyyyy", CLOSED, failures=1, **RATE),
    row("when both parts have left nothing is judged", "closed", "bad +6 bad +60 ok ok bad", "yyyyy", CLOSED,
        failures=1, **RATE),
    row("a longer window remembers longer", "closed", "bad bad +61 ok bad", "yyyy", OPEN, left=60,
        **RATE | {"window": timedelta(minutes=10)}),
    # Open.
    row("nothing passes", "open", "ok ok ok", "nnn", OPEN, left=60),
    row("asking does not make it longer", "open", "+30 ok ok +10 ok", "nnn", OPEN, left=20),
    row("nothing passes until the last moment", "open", "+59.999999 ok", "n", OPEN, left=0.000001),
    row("time alone changes nothing", "open", "+3600", "", OPEN),
    row("a call that began before and fails late changes nothing", "closed",
        "ask:a bad bad bad bad bad +30 a:bad", "yyyyyy", OPEN, left=30),
    row("one that began before and goes well late changes nothing", "closed",
        "ask:a bad bad bad bad bad a:ok ok", "yyyyyyn", OPEN, left=60),
    row("one that is told twice does not open it twice", "closed", "bad bad bad bad ask:a a:bad a:bad", "yyyyy", OPEN,
        left=60),
    row("a provider that says when to come back is left alone until then", "closed", "ask:a a:rest=90 +89 ok", "yn",
        OPEN, left=1),
    row("and then asked", "closed", "ask:a a:rest=90 +90 ask:b", "yy", HALF_OPEN, under_way=1),
    row("for as short as it says", "closed", "ask:a a:rest=6 +5 ok +1 ok ok ok", "ynyyy", CLOSED),
    row("but as usual when what was counted opens it", "closed", "bad bad bad bad ask:a a:rest=5", "yyyyy", OPEN,
        left=60),
    row("and longer when it says so", "closed", "bad bad bad bad ask:a a:rest=90", "yyyyy", OPEN, left=90),
    row("a busy one for no longer than the longest time", "closed", "ask:a a:busy=86400", "y", OPEN, left=900),
    row("a probe that is sent away for a moment opens for a moment", "half open", "ask:a a:busy=6", "y", OPEN,
        left=6),
    row("a moment that is over does not open", "closed", "ask:a a:rest=-1", "y", CLOSED, failures=1),
    row("one without credit goes before the longest time", "closed", "ask:a a:rest=86400", "y", OPEN, left=86400),
    # Half-open.
    row("when its time is over the next call is a probe", "open", "+60 ask:a", "y", HALF_OPEN, under_way=1),
    row("three probes pass, the fourth does not", "open", "+60 ask:a ask:b ask:c ask:d", "yyyn", HALF_OPEN,
        under_way=3),
    row("a probe that went well keeps its place", "open", "+60 ask:a a:ok ask:b ask:c ask:d", "yyyn", HALF_OPEN,
        under_way=2),
    row("two that went well are not enough", "half open", "ok ok", "yy", HALF_OPEN),
    row("the third that goes well closes", "half open", "ok ok ok", "yyy", CLOSED),
    row("with one probe the first closes", "open", "+60 ok", "y", CLOSED, probes=1),
    row("one that fails opens, whatever went well before", "half open", "ok ok bad", "yyy", OPEN, left=120),
    row("the first that fails opens, whoever is still out", "half open", "ask:a ask:b ask:c b:bad", "yyy",
        OPEN, left=120),
    row("who was still out then changes nothing by going well", "half open", "ask:a ask:b b:bad a:ok", "yy", OPEN,
        left=120),
    row("nor by failing", "half open", "ask:a ask:b b:bad +30 a:bad", "yy", OPEN, left=90),
    row("nor in the next half-open time", "half open", "ask:a bad +120 ask:b a:ok", "yyy", HALF_OPEN, under_way=1),
    row("there its failure opens nothing", "half open", "ask:a bad +120 ask:b a:bad", "yyy", HALF_OPEN, under_way=1),
    row("an ignored probe gives its place back", "half open", "ask:a ask:b ask:c c:skip ask:d ask:e", "yyyyn",
        HALF_OPEN,
        under_way=3),
    row("an ignored probe neither opens nor closes", "half open", "skip skip skip skip", "yyyy", HALF_OPEN),
    row("an ignored one that is told twice frees one place", "half open",
        "ask:a ask:b ask:c a:skip a:skip ask:d ask:e", "yyyyn", HALF_OPEN, under_way=3),
    row("one that goes well twice counts once", "half open", "ask:a a:ok a:ok a:ok", "y", HALF_OPEN),
    row("a lost probe's place is free when its time is over", "half open", "ask:a ask:b ask:c +120 ask:d", "yyyy",
        HALF_OPEN, under_way=1),
    row("and not before", "half open", "ask:a ask:b ask:c +119.9 ask:d", "yyyn", HALF_OPEN, under_way=3),
    row("a lost probe whose place is taken changes nothing by going well", "half open",
        "ask:a ask:b ask:c +120 ask:d a:ok b:ok c:ok", "yyyy", HALF_OPEN, under_way=1),
    row("nor by failing late", "half open", "ask:a ask:b ask:c +120 ask:d a:bad", "yyyy", HALF_OPEN, under_way=1),
    row("a lost probe whose place nobody took still counts", "half open", "ok ok ask:a +500 a:ok", "yyy", CLOSED),
    row("a call of the closed time before is no probe", "closed",
        "ask:a bad bad bad bad bad +60 ask:b a:bad", "yyyyyyy", HALF_OPEN, under_way=1),
    row("it does not wait half-open for ever: lost probes are followed by others", "half open",
        "ask:a ask:b ask:c +120 ok ok ok", "yyyyyy", CLOSED),
    row("a probe that is sent away opens for as long as it says", "half open", "ask:a a:rest=600", "y", OPEN,
        left=600),
    row("nothing of the time before counts after it closed", "half open", "ok ok ok bad bad bad bad",
        "yyyyyyy", CLOSED,
        failures=4),
    row("it opens again as a new one would", "half open", "ok ok ok bad bad bad bad bad", "yyyyyyyy", OPEN, left=60),
    # How long.
    row("the second opening in a row lasts twice as long", "half open", "bad", "y", OPEN, left=120),
    row("the third four times", "half open", "bad +120 bad", "yy", OPEN, left=240),
    row("the longest time is the end of it", "half open", "bad +120 bad +240 bad +480 bad +900 bad", "yyyyy", OPEN,
        left=900),
    row("without growth all are alike", "half open", "bad +60 bad", "yy", OPEN, left=60, growth=1.0),
    row("once it has closed they begin anew", "half open", "bad +120 ok ok ok bad bad bad bad bad", "yyyyyyyyy", OPEN,
        left=60),
    row("jitter makes it longer by its share", "closed", "bad bad bad bad bad", "yyyyy", OPEN, left=63, jitter=10),
    row("and never longer than the longest", "closed", "bad bad bad bad bad", "yyyyy", OPEN, left=61, jitter=10,
        cap=timedelta(seconds=61)),
    row("with no recovery time the next call is a probe", "closed", "bad bad bad bad bad ask:a", "yyyyyy", HALF_OPEN,
        under_way=1, recovery=timedelta(0)),
    # A person.
    row("isolated, nothing passes", "isolated", "ok ok", "nn", ISOLATED),
    row("not even after a year", "isolated", "+31536000 ok", "n", ISOLATED),
    row("isolated while closed, what was out changes nothing", "closed", "ask:a isolate a:bad a:ok", "y", ISOLATED),
    row("isolated while open, its time does not come", "open", "isolate +3600 ok", "n", ISOLATED),
    row("isolated while half-open, a probe that goes well does not close", "half open", "ok ok ask:a isolate a:ok",
        "yyy", ISOLATED),
    row("isolated twice is isolated", "isolated", "isolate ok", "n", ISOLATED),
    row("reset, an isolated one is closed", "isolated", "reset ok", "y", CLOSED),
    row("reset, an open one is closed", "open", "reset ok", "y", CLOSED),
    row("reset, a half-open one is closed", "half open", "ask:a reset ok", "yy", CLOSED),
    row("a probe from before the reset does not open", "half open", "ask:a reset a:bad", "y", CLOSED),
    row("reset, a closed one has counted nothing", "closed", "bad bad bad bad reset bad", "yyyyy", CLOSED,
        failures=1),
    row("a call from before the reset does not count", "closed", "ask:a reset bad bad bad bad a:bad", "yyyyy", CLOSED,
        failures=4),
    row("reset, the next opening is a first one", "half open", "bad reset bad bad bad bad bad", "yyyyyy", OPEN,
        left=60),
    row("disabled, everything passes", "disabled", "bad bad bad bad bad bad", "yyyyyy", DISABLED),
    row("disabled, nothing is counted", "disabled", "bad bad bad bad bad reset bad", "yyyyyy", CLOSED, failures=1),
    row("disabled, who says when to come back is not heard", "disabled", "ask:a a:rest=600 ok", "yy", DISABLED),
    row("an open one that is disabled lets pass", "open", "disable ok", "y", DISABLED),
    row("a disabled one can be isolated", "disabled", "isolate ok", "n", ISOLATED),
)  # fmt: skip


class Life:
    """A breaker that a row is done with."""

    def __init__(self, rules: Rules) -> None:
        self.rules, self.now = rules, NOW
        self.breaker = Breaker("polly", since=NOW)
        self.passed = ""
        self.out: dict[str, Ticket] = {}

    def live(self, life: str) -> None:
        for word in life.split():
            self.do(word)

    def do(self, word: str) -> None:
        name, _, what = word.partition(":")
        if word.startswith("+"):
            self.now += timedelta(seconds=float(word))
        elif word in RESULTS:
            self.ask("now")
            if self.passed[-1] == "y":
                self.tell(self.out.pop("now"), word)
        elif name == "ask":
            self.ask(what)
        elif what:
            self.tell(self.out[name], what)
        else:
            self.order(word)

    def ask(self, name: str) -> None:
        self.breaker, answer = ours.admit(self.breaker, self.rules, self.now)
        self.passed += "y" if isinstance(answer, Ticket) else "n"
        if isinstance(answer, Ticket):
            self.out[name] = answer

    def tell(self, ticket: Ticket, what: str) -> None:
        told = Report(RESULTS.get(what, Result.FAILURE), "it failed")
        kind, _, seconds = what.partition("=")
        if seconds:
            rest = self.now + timedelta(seconds=float(seconds))
            told = Report(Result.FAILURE, "not now", rest, capped=kind == "busy")
        self.breaker = ours.report(self.breaker, self.rules, ticket, told, now=self.now, dice=0.5)

    def order(self, word: str) -> None:
        if word == "reset":
            self.breaker = ours.reset(self.breaker, self.now, by="ann")
            return
        act = {"isolate": ours.isolate, "disable": ours.disable}[word]
        self.breaker = act(self.breaker, self.now, by="ann", why="maintenance")


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.name)
def test_the_breaker_does_what_its_table_says(case: Row) -> None:
    life = Life(Rules(**PLAIN | dict(case.rules)))
    life.live(BEFORE[case.before])
    life.passed = ""

    life.live(case.life)

    breaker = life.breaker
    assert (case.passed, case.after) == (life.passed, breaker.phase)
    assert timedelta(seconds=case.left) == ours.time_left(breaker, life.now)
    assert (case.failures, case.under_way) == (breaker.failures, len(breaker.permits))


def test_the_table_is_large_and_starts_everywhere() -> None:
    assert len(ROWS) >= 60
    assert len(ROWS) == len({case.name for case in ROWS})
    assert set(BEFORE) == {case.before for case in ROWS}
    assert set(Phase) == {case.after for case in ROWS}
