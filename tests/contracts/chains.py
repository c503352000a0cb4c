"""Builders of what the book of chains keeps: valid by default, changed by keyword."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from tests.builders import NOW, an_event
from ytempire.domain.breaker import Breaker
from ytempire.domain.chain import ChainCall
from ytempire.domain.events import Kind
from ytempire.ports import DrillReport, Spending, Store

TODAY = date(2026, 11, 20)
VOICE, SCRIPT = "voice_synthesis", "script_generation"
SECOND = timedelta(seconds=1)
UNWRITABLE = (an_event(data={"at": NOW}),)
"""Events whose data no document can hold."""


def a_breaker(name: str = "polly", **changes: Any) -> Breaker:
    return replace(Breaker(name, NOW), **changes)


def a_try(which: str, amount: int = 10, **changes: Any) -> Spending:
    spending = Spending(which, "call_1", VOICE, "polly", TODAY, NOW, amount)
    return replace(spending, **changes)


def a_call(which: str, **changes: Any) -> ChainCall:
    return replace(ChainCall(which, VOICE, NOW, "served", "polly"), **changes)


def a_drill(chain: str = VOICE, **changes: Any) -> DrillReport:
    report = DrillReport(chain, NOW, "worker", passed=True, links=(("polly", "ok", "0.4 s"),))
    return replace(report, **changes)


async def told(store: Store) -> list[Kind]:
    return [event.kind for _, event in await store.events()]
