"""From what was read to samples of the table of metrics, and from what happened to what is counted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ytempire.domain import metrics as table
from ytempire.domain.accounts import Condition
from ytempire.domain.breaker import Breaker, Phase, phase_at
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.lifecycle import State
from ytempire.domain.metrics import Metric, Sample
from ytempire.domain.money import PER_USD
from ytempire.domain.quota import CEILING_PERCENT, HARD_STOP_PERCENT, LedgerLine
from ytempire.domain.thresholds import THRESHOLDS
from ytempire.domain.values import AccountId
from ytempire.domain.vitals import Health, Manners, Vital, current, latency

OUTCOMES = {
    Kind.CHAIN_SERVED: "served",
    Kind.CHAIN_FELL_BACK: "fell_back",
    Kind.CHAIN_FAILED: "failed",
}
_ARRIVED = frozenset({Kind.UPLOADED, Kind.ADOPTED})
_LOST = frozenset({Kind.HELD, Kind.REFUSED, Kind.PROCESSING_FAILED})
_MET = frozenset({Kind.FAULT_SEEN, Kind.FAULT_UNKNOWN})


@dataclass(frozen=True, slots=True)
class Count:
    """So much more of a counter."""

    metric: Metric
    labels: tuple[str, ...]
    amount: float = 1


def counted(event: Event) -> tuple[Count, ...]:
    """What an event adds to counters."""
    kind, data = event.kind, event.data
    if kind in _ARRIVED and event.account is not None:
        return (Count(table.FINISHED, (event.account,)),)
    if kind in _LOST and event.account is not None:
        return (Count(table.FAILED, (event.account,)),)
    if kind is Kind.RETRYING:
        return (Count(table.RETRIES, (_word(data, "code"),)),)
    if kind in _MET:
        return (Count(table.FAULTS, (_word(data, "code"), _word(data, "scope"))),)
    return _of_chain(event) if kind in OUTCOMES else ()


def _of_chain(event: Event) -> tuple[Count, ...]:
    chain, cost = _word(event.data, "chain"), event.data.get("cost")
    found = [Count(table.CALLS, (chain, OUTCOMES[event.kind]))]
    if isinstance(cost, int) and cost > 0:
        found.append(Count(table.SPEND, (chain,), cost / PER_USD))
    if event.kind is Kind.CHAIN_FELL_BACK:
        found.append(Count(table.FALLBACKS, (chain, _word(event.data, "provider"))))
    return tuple(found)


def _word(data: Mapping[str, object], key: str) -> str:
    return str(data.get(key) or "unknown")[:64]


def from_nothing(accounts: Iterable[AccountId], chains: Iterable[str]) -> tuple[Count, ...]:
    """Counters that are there from the beginning at 0, so that their first step is seen as one."""
    names = tuple(chains)
    found = [Count(each, (account,), 0) for account in accounts for each in (table.FINISHED, table.FAILED)]
    found += [Count(table.CALLS, (name, outcome), 0) for name in names for outcome in OUTCOMES.values()]
    return (*found, *(Count(table.SPEND, (name,), 0) for name in names))


def of_publications(
    counts: Mapping[State, int], waiting: int, oldest: datetime | None, now: datetime
) -> list[Sample]:
    """How many are where, and the queue."""
    waited = _seconds(now - oldest) if oldest is not None else 0.0
    found = [Sample(table.PUBLICATIONS, counts.get(state, 0), (state.value,)) for state in State]
    return [*found, Sample(table.QUEUE_DEPTH, waiting), Sample(table.QUEUE_WAIT, max(0.0, waited))]


def of_quota(lines: Iterable[LedgerLine], resets: datetime, now: datetime) -> list[Sample]:
    """The ledger of today, and by what it is judged."""
    found = [Sample(table.QUOTA_RESET, _seconds(resets - now))]
    for line in lines:
        labels = (line.project, line.bucket.value)
        found += [
            Sample(table.QUOTA_USED, line.sent, labels),
            Sample(table.QUOTA_RESERVED, line.reserved, labels),
            Sample(table.QUOTA_LIMIT, line.limit, labels),
            Sample(table.QUOTA_FREE, line.free, labels),
            Sample(table.QUOTA_CLOSED, float(line.closed is not None), labels),
        ]
    found += [Sample(table.THRESHOLD, percent / 100, (level.value,)) for percent, level in THRESHOLDS.items()]
    return [
        *found,
        Sample(table.CEILING, CEILING_PERCENT / 100),
        Sample(table.HARD_STOP, HARD_STOP_PERCENT / 100),
    ]


def of_account(document: Mapping[str, Any]) -> list[Sample]:
    """An account as every face tells it."""
    name = (str(document["id"]),)
    fitness = document["fitness"]
    found = [
        Sample(table.HEALTH, document["health"]["total"], name),
        Sample(table.UPLOADS_TODAY, document["uploads_today"], name),
        Sample(table.UPLOADS_CAP, document["cap"], name),
        Sample(table.IN_FLIGHT, document["in_flight"], name),
    ]
    found += [Sample(table.FITNESS, fitness["total"], name)] if fitness is not None else []
    return found + _one_of(table.ACCOUNT_STATE, name, document["state"], Condition)


def of_token(account: AccountId, expires: datetime | None, now: datetime, *, usable: bool) -> list[Sample]:
    """The grant of an account; without one there is no end to tell of."""
    found = [Sample(table.TOKEN_USABLE, float(usable), (account,))]
    if expires is not None:
        found.append(Sample(table.TOKEN_EXPIRY, _seconds(expires - now), (account,)))
    return found


def of_alerts(levels: Iterable[Level]) -> list[Sample]:
    """Open alerts."""
    there = list(levels)
    return [Sample(table.ALERTS, there.count(level), (level.value,)) for level in Level]


def of_breaker(breaker: Breaker, now: datetime) -> list[Sample]:
    """The phase of a breaker."""
    return _one_of(table.BREAKER, (breaker.name,), phase_at(breaker, now), Phase)


def of_spending(chain: str, provider: str, amount: int) -> Sample:
    """What a provider took today, in micro-dollars."""
    return Sample(table.SPEND_TODAY, amount / PER_USD, (chain, provider))


def of_service(vital: Vital, now: datetime, manners: Manners) -> list[Sample]:
    """How a service is, and how fast."""
    name, middle = (vital.service,), latency(vital)
    found = [Sample(table.LATENCY, middle / 1000, name)] if middle is not None else []
    return found + _one_of(table.SERVICE, name, current(vital, now, manners), Health)


def _one_of(metric: Metric, name: tuple[str, ...], it: str, known: Iterable[str]) -> list[Sample]:
    return [Sample(metric, float(str(each) == str(it)), (*name, str(each))) for each in known]


def _seconds(span: timedelta) -> float:
    return round(span.total_seconds(), 3)
