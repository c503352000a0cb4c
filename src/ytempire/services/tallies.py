"""What this process counts for metrics: what the log tells since it began, bytes on their way, and its own lag.

Counters begin at 0 with the process, as those who read them expect; what a worker elsewhere writes counts too.
"""

import threading
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from ytempire.domain import metrics as table
from ytempire.domain.events import Event, Kind
from ytempire.domain.measures import Count, counted
from ytempire.domain.metrics import Metric, Sample, Spread
from ytempire.domain.values import PublicationId, Secret
from ytempire.domain.wire import Answer, Ask, Call, Form, Piece, Stopped
from ytempire.ports import Clock, Courier, Google

MOST = 100
"""So many different labels a counter may have; what comes after that is counted as `other`."""

BEAT = 0.25
"""Seconds between looks at how late we are."""

_MOST_OPEN = 10_000
_OVER = frozenset({Kind.HELD, Kind.REFUSED, Kind.CANCELLED, Kind.DUPLICATE, Kind.SESSION_GONE})


@dataclass(slots=True)
class Histogram:
    """Counts values by their size."""

    metric: Metric
    _counts: list[int] = field(init=False)
    _total: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._counts = [0] * (len(self.metric.buckets) + 1)

    def note(self, value: float) -> None:
        """One more."""
        self._counts[bisect_left(self.metric.buckets, value)] += 1
        self._total += value

    def sample(self) -> Sample:
        """What was counted so far."""
        return Sample(self.metric, Spread(tuple(self._counts), self._total))


@dataclass(slots=True)
class Tallies:
    """Counts events, in their order."""

    _counts: dict[tuple[Metric, tuple[str, ...]], float] = field(default_factory=dict)
    _duration: Histogram = field(default_factory=lambda: Histogram(table.DURATION))
    _opened: dict[PublicationId, datetime] = field(default_factory=dict)

    def begin(self, counts: Iterable[Count]) -> None:
        """Counters that are there before anything happened."""
        for each in counts:
            self._add(each)

    def note(self, event: Event) -> None:
        """One more event."""
        for each in counted(event):
            self._add(each)
        self._time(event)

    def samples(self) -> list[Sample]:
        """Everything counted so far."""
        found = [Sample(metric, value, labels) for (metric, labels), value in self._counts.items()]
        return [*found, self._duration.sample()]

    def _add(self, more: Count) -> None:
        key = (more.metric, more.labels)
        if key not in self._counts and sum(metric is more.metric for metric, _ in self._counts) >= MOST:
            key = (more.metric, ("other",) * len(more.labels))
        self._counts[key] = self._counts.get(key, 0) + more.amount

    def _time(self, event: Event) -> None:
        """How long uploads take; of those whose beginning was seen."""
        if event.publication is None:
            return
        if event.kind is Kind.SESSION_OPENED:
            self._opened[event.publication] = event.at
            if len(self._opened) > _MOST_OPEN:
                del self._opened[next(iter(self._opened))]
        elif event.kind is Kind.UPLOADED:
            opened = self._opened.pop(event.publication, None)
            if opened is not None:
                self._duration.note(max(0.0, (event.at - opened).total_seconds()))
        elif event.kind in _OVER:
            self._opened.pop(event.publication, None)


@dataclass(slots=True)
class Sent:
    """Counts bytes; from any thread."""

    _bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, count: int) -> None:
        """So many more."""
        with self._lock:
            self._bytes += count

    def sample(self) -> Sample:
        """What was sent so far."""
        return Sample(table.BYTES, self._bytes)


@dataclass(frozen=True, slots=True)
class Metered:
    """`ports.Google`, whose bytes are counted on their way."""

    google: Google
    sent: Sent

    async def call(self, call: Call, token: Secret) -> Answer:
        return await self.google.call(call, token)

    async def post(self, form: Form) -> Answer:
        return await self.google.post(form)

    async def ask(self, ask: Ask, token: Secret) -> Answer:
        return await self.google.ask(ask, token)

    async def send(self, piece: Piece, token: Secret, courier: Courier) -> Answer | Stopped:
        reached = piece.start

        def progress(offset: int) -> None:
            nonlocal reached
            self.sent.add(offset - reached)
            reached = offset
            courier.progress(offset)

        return await self.google.send(piece, token, replace(courier, progress=progress))


@dataclass(frozen=True, slots=True)
class Lag:
    """How late this process is for what it meant to do."""

    clock: Clock
    _seen: Histogram = field(default_factory=lambda: Histogram(table.LAG))

    async def run(self) -> None:
        """Looks, until it is cancelled."""
        while True:
            before = self.clock.monotonic()
            await self.clock.sleep(BEAT)
            self._seen.note(max(0.0, self.clock.monotonic() - before - BEAT))

    def sample(self) -> Sample:
        """What was seen so far."""
        return self._seen.sample()
