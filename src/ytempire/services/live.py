"""The live feed: what changed since the last beat, made once for all who listen and serialized once for each view.

Nobody listens: nothing is read. Nothing changed: nothing is said. Who does not keep up is dropped and hurts nobody.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import structlog

from ytempire.domain.callers import Caller, hashed
from ytempire.domain.events import Event
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import Secret
from ytempire.ports import Clock, Filter, Store
from ytempire.services.callers_view import View, seen_events
from ytempire.services.documents import Document, moment
from ytempire.services.meter import Meter

_log = structlog.get_logger(__name__)
BEAT = 0.2
"""Seconds between two looks: so soon is told what happened."""
QUIET_EVERY = 3
"""What changes with every piece that is sent (offsets of uploads, the ledger) is told only every so many beats."""
MOST_LISTENERS = 1_100
MOST_OF_ONE = 1_000
"""So many listen by one token; the rest is for others, that nobody is kept out by one who opens ever more."""

_WAITING = 32
_MOST_EVENTS = 500
_MOST_UPLOADS = 1_000
_ALERTS_EVERY = 3 * QUIET_EVERY
_TOKENS_EVERY = 9
_TOPICS = {
    "publication": "publications", "session": "publications", "extra": "publications", "quota": "quota",
    "fault": "errors", "account": "accounts", "consent": "accounts", "token": "accounts", "grant": "accounts",
    "alert": "alerts", "plan": "plan", "checklist": "checklist", "chain": "services", "breaker": "services",
    "service": "services", "drill": "services", "webhook": "webhooks",
}  # fmt: skip
"""What the first word of an event's kind is about; of others nobody has a page."""

TOPICS = (
    "publications", "uploads", "accounts", "quota", "alerts", "plan", "checklist", "errors", "services", "webhooks",
)  # fmt: skip


class Busy(Exception):
    """More listen already than are let in."""


Push = Callable[[str], bool]
"""Hands a text to somebody at once; False when they do not keep up."""


@dataclass(eq=False, slots=True)
class Listener:
    """Somebody who listens. `next` gives the next text; None when they were dropped or the house closes.

    With `push` texts go there at once, and none waits here.
    """

    caller: Caller
    session: str | None
    push: Push | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    _texts: asyncio.Queue[tuple[int, str] | None] = field(default_factory=lambda: asyncio.Queue(_WAITING))

    async def next(self) -> tuple[int, str] | None:
        """The number of the newest event, and a message."""
        return await self._texts.get()

    def offer(self, number: int, text: str) -> bool:
        """Puts a message down for them; False when too many wait already."""
        if self.push is not None:
            return self.push(text)
        if self._texts.full():
            return False
        self._texts.put_nowait((number, text))
        return True

    def end(self) -> None:
        """Lets them go, whatever still waits for them."""
        self.ended.set()
        while not self._texts.empty():
            self._texts.get_nowait()
        self._texts.put_nowait(None)


@dataclass(slots=True)
class _Past:
    """What was seen at the last beat."""

    rev: int = 0
    number: int = 0
    ledger: object = None
    alerts: object = None
    running: tuple[Publication, ...] = ()
    uploads: list[Document] = field(default_factory=list)
    beats: int = 0


@dataclass(frozen=True, slots=True)
class Live:
    """The feed of a house. `run` beats until it is cancelled."""

    store: Store
    clock: Clock
    meter: Meter
    _listeners: set[Listener] = field(default_factory=set)
    _past: _Past = field(default_factory=_Past)
    _somebody: asyncio.Event = field(default_factory=asyncio.Event)
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by a beat and by who comes in, so that nobody comes in between an event and its telling."""

    async def listen(
        self,
        caller: Caller,
        session: str | None = None,
        *,
        after: int | None = None,
        push: Push | None = None,
    ) -> Listener:
        """Lets somebody listen; the first message is a snapshot, or with `after` all that happened since then. It is
        a snapshot too when that is too much, or some of it is forgotten.

        Raises `Busy`.
        """
        async with self._one_at_a_time:
            theirs = sum(each.caller.key == caller.key for each in self._listeners)
            if len(self._listeners) >= MOST_LISTENERS or theirs >= MOST_OF_ONE:
                raise Busy
            if not self._listeners:
                await self._look((), whole=True)
            listener = Listener(caller, session, push)
            listener.offer(*await self._first(caller.accounts, after))
            self._listeners.add(listener)
        self._somebody.set()
        return listener

    def leave(self, listener: Listener) -> None:
        """Stops listening."""
        self._listeners.discard(listener)
        if not self._listeners:
            self._somebody.clear()

    def listeners(self) -> tuple[Listener, ...]:
        """Who listens now."""
        return tuple(self._listeners)

    def close(self, whom: Callable[[Listener], bool] = lambda _listener: True) -> None:
        """Lets go of all who listen, or of some."""
        for each in [each for each in self._listeners if whom(each)]:
            each.end()
            self.leave(each)

    async def run(self) -> None:
        """Beats."""
        while True:
            await self._somebody.wait()
            self._past.beats += 1
            try:
                async with self._one_at_a_time:
                    await self._look(self.listeners(), whole=self._past.beats % QUIET_EVERY == 0)
                    if self._past.beats % _TOKENS_EVERY == 0:
                        await self._expel()
            except Exception:  # noqa: BLE001  the outermost loop of the feed: told, and tried again at the next beat
                _log.exception("a beat of the live feed failed")
            await self.clock.sleep(BEAT)

    async def _expel(self) -> None:
        """Lets go of those whose token is no good any more, or whose browser signed out."""
        now = self.clock.now()
        valid = {each.id for each in await self.store.api_tokens() if each.state(now) == "valid"}
        sessions = {each.session for each in self._listeners if each.session is not None}
        gone = {
            each for each in sessions if await self.store.token_of_browser(hashed(Secret(each)), now) is None
        }
        self.close(
            lambda each: (
                (each.caller.token is not None and each.caller.token not in valid) or each.session in gone
            )
        )

    async def _first(self, view: View, after: int | None) -> tuple[int, str]:
        past = self._past
        if after is not None and await self.store.events_forgotten() <= after <= past.number:
            events = await self.store.events(after=after, limit=_MOST_EVENTS)
            # What is newer than the last beat is told at the next one.
            told = await self._told([each for each in events if each[0] <= past.number], view)
            if len(events) < _MOST_EVENTS:
                return past.number, _text(self._message("changed", list(TOPICS), told, view))
        message = self._message("snapshot", list(TOPICS), [], view)
        if view is None:
            message["counts"] = {str(state): count for state, count in (await self.store.counts()).items()}
        return past.number, _text(message)

    async def _look(self, listeners: Iterable[Listener], *, whole: bool) -> None:
        """One beat: what changed is told to those who listen. Unless `whole`, only events can be a reason."""
        views = defaultdict[View, list[Listener]](list)
        for each in listeners:
            views[each.caller.accounts].append(each)
        past = self._past
        events = await self._events()
        topics = {topic for _, event in events if (topic := _topic(event))}
        if not events and not whole:
            return
        topics |= await self._quietly_changed(urgent=bool(events))
        running = await self.store.publications(Filter(frozenset({State.UPLOADING}), limit=_MOST_UPLOADS))
        self.meter.forget_all_but(frozenset(each.id for each in running))
        uploads = self._uploads(running, None)
        moved = uploads != past.uploads
        past.running, past.uploads = running, uploads
        if not topics and not moved:
            return
        past.rev += 1
        said = sorted(topics | ({"uploads"} if moved else set()))
        for view, those in views.items():
            text = _text(self._message("changed", said, await self._told(events, view), view))
            for each in those:
                if not each.offer(past.number, text):
                    each.end()
                    self.leave(each)

    async def _events(self) -> tuple[tuple[int, Event], ...]:
        past = self._past
        if not past.number:
            past.number = (await self.store.alert_news(self.clock.now())).newest
        events = await self.store.events(after=past.number, limit=_MOST_EVENTS)
        past.number = events[-1][0] if events else past.number
        return events

    async def _quietly_changed(self, *, urgent: bool) -> set[str]:
        """What changes without an event of its own: the ledger with every request, and alerts."""
        past, found = self._past, set()
        ledger = await self.store.ledger(QuotaDay.of(self.clock.now()))
        if ledger != past.ledger:
            found |= {"quota"} if past.ledger is not None else set()
            past.ledger = ledger
        if urgent or past.beats % _ALERTS_EVERY == 0 or past.alerts is None:
            alerts = await self.store.alerts()
            if alerts != past.alerts:
                found |= {"alerts"} if past.alerts is not None else set()
                past.alerts = alerts
        return found

    def _uploads(self, running: Iterable[Publication], view: View) -> list[Document]:
        now = self.clock.monotonic()
        return [self._upload(each, now) for each in running if view is None or each.account in view]

    def _upload(self, publication: Publication, now: float) -> Document:
        found = self.meter.measured(publication.id, now)
        size = publication.request.video.size
        if found is None:
            offset = publication.session.offset if publication.session else 0
            return {"id": publication.id, "offset": offset, "size": size, "rate": None, "eta": None}
        eta = None if found.eta is None else round(found.eta, 1)
        return {
            "id": publication.id,
            "offset": found.offset,
            "size": size,
            "rate": round(found.rate),
            "eta": eta,
        }

    async def _told(self, events: Iterable[tuple[int, Event]], view: View) -> list[Document]:
        """The events that a view shows."""
        return await seen_events(self.store, events, view)

    def _message(self, kind: str, topics: list[str], events: list[Document], view: View) -> Document:
        return {
            "type": kind,
            "rev": self._past.rev,
            "last": self._past.number,
            "at": moment(self.clock.now()),
            "topics": topics,
            "events": events,
            "uploads": self._uploads(self._past.running, view),
        }


def _topic(event: Event) -> str | None:
    return _TOPICS.get(str(event.kind).partition(".")[0])


def _text(message: Document) -> str:
    return json.dumps(message, separators=(",", ":"))
