"""The gate to YouTube: whether an upload may be begun there now, and what every answer says of its health.

New uploads ask at the gate; what has begun goes on, for its own retries cost less than a new beginning. What went
well is counted here and written down with the next failure, so that a good day writes nothing.
"""

from collections.abc import Coroutine
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from ytempire.domain.breaker import Phase, Refusal, Report, Result, Ticket, phase_at
from ytempire.domain.decision import Wait
from ytempire.domain.publication import Reason
from ytempire.domain.values import Secret
from ytempire.domain.vitals import Observation, Source
from ytempire.domain.wire import Answer, Ask, Call, Form, NoReply, Piece, Stopped
from ytempire.ports import Clock, Courier, Google
from ytempire.services.breakers import Breakers
from ytempire.services.vitality import Vitality

_log = structlog.get_logger(__name__)
YOUTUBE = "youtube"
OAUTH = "google_oauth"
DOWN = "youtube_down"
_DOWN = Reason(DOWN, "YouTube is not asked for now; `ytempire services` says why")
_SPREAD = 0.2
_LOOK = timedelta(seconds=15)
"""How often a good answer is held against the breaker's phase."""

_BY_HAND = timedelta(minutes=2)
"""How often to look whether a person has let calls pass again. Longer than a command waits for what is soon due, or
`publish --wait` would wait as long as that person does.
"""

_PROBING = timedelta(seconds=5)
"""How long to wait while others find out whether YouTube is back."""

_SERVER_ERROR = 500
_ticket: ContextVar[Ticket | None] = ContextVar("ticket", default=None)
"""The probe that the pass of this task is, when it is one."""


@dataclass(slots=True)
class Gate:
    """Keeps the breaker and the health of YouTube."""

    breakers: Breakers
    vitality: Vitality
    clock: Clock
    _good: int = field(default=0, init=False)
    _since: datetime = field(default=datetime.min.replace(tzinfo=UTC), init=False)
    _failing: bool = field(default=False, init=False)
    _looked: datetime = field(default=datetime.min.replace(tzinfo=UTC), init=False)

    async def enter(self, seconds: float = 0.0) -> Wait | None:
        """Asked before an upload is placed: a wait when YouTube does not work now. `seconds` is how long it may take
        until YouTube is called, where that is long.
        """
        answer = await self.breakers.admit(YOUTUBE, seconds)
        if isinstance(answer, Refusal):
            # All of a queue must not come back at one moment; and its reason must not change with each probe,
            # for every change of it is an event of every publication that waits.
            until = self.clock.now() + await self._pause(answer) * (1 + _SPREAD * self.clock.dice())
            if answer.retry_after is None:
                return Wait(until, Reason(DOWN, f"YouTube is not asked for now: it is {answer.why}"))
            return Wait(until, _DOWN)
        _ticket.set(answer if answer.number else None)
        return None

    async def _pause(self, refusal: Refusal) -> timedelta:
        """How long to wait. Probes that are under way mostly end long before they count as lost."""
        if refusal.retry_after is None:
            return _BY_HAND
        breaker = await self.breakers.book.breaker(YOUTUBE)
        probing = breaker is not None and breaker.phase is Phase.HALF_OPEN
        return min(refusal.retry_after, _PROBING) if probing else refusal.retry_after

    async def leave(self) -> None:
        """The pass is over: a probe that came to no call gives its place back."""
        ticket = _ticket.get()
        if ticket is not None:
            _ticket.set(None)
            await self.breakers.report(YOUTUBE, ticket, Report(Result.IGNORED))

    async def saw(self, answer: Answer | Stopped, seconds: float | None) -> None:
        """What an answer of YouTube says of it."""
        if isinstance(answer, Stopped) or _is_ours(answer):
            return
        error = illness(answer)
        await self.vitality.saw(
            Observation(YOUTUBE, self.clock.now(), not error, Source.CALL, seconds, error=error)
        )
        ticket = _ticket.get()
        if ticket is not None:
            _ticket.set(None)
            result = Report(Result.FAILURE, error) if error else Report(Result.SUCCESS)
            await self.breakers.report(YOUTUBE, ticket, result)
        elif error:
            await self._tell_good()
            self._failing = True
            await self.breakers.pulse(YOUTUBE, Report(Result.FAILURE, error))
        else:
            self._count_good()
            if self._failing:
                self._failing = False
                await self._tell_good()
            await self._recovering()

    async def saw_oauth(self, answer: Answer, seconds: float) -> None:
        """What an answer of the token endpoint says of it."""
        if _is_ours(answer):
            return
        error = illness(answer)
        await self.vitality.saw(
            Observation(OAUTH, self.clock.now(), not error, Source.CALL, seconds, error=error)
        )

    async def _recovering(self) -> None:
        """What goes well when the breaker's time is over counts as a probe: a queue may have nothing new for days."""
        now = self.clock.now()
        if timedelta(0) <= now - self._looked < _LOOK:
            return
        self._looked = now
        seen = await self.breakers.book.breaker(YOUTUBE)
        if seen is None or phase_at(seen, now) is not Phase.HALF_OPEN:
            return
        answer = await self.breakers.admit(YOUTUBE)
        if isinstance(answer, Ticket):
            await self.breakers.report(YOUTUBE, answer, Report(Result.SUCCESS))

    def _count_good(self) -> None:
        """What went well long ago must not drown what fails now."""
        now, window = self.clock.now(), self.breakers.rules.of(YOUTUBE).window
        if not timedelta(0) <= now - self._since < window:
            self._good, self._since = 0, now
        self._good += 1

    async def _tell_good(self) -> None:
        good, self._good = self._good, 0
        if good:
            await self.breakers.pulse(YOUTUBE, Report(Result.SUCCESS, calls=good))


def _is_ours(answer: Answer) -> bool:
    return isinstance(answer, NoReply) and answer.ours


def illness(answer: Answer) -> str:
    """What is wrong with whoever answered so; empty for every answer that a service that works may give."""
    if isinstance(answer, NoReply):
        return answer.why
    return f"status {answer.status}" if answer.status >= _SERVER_ERROR else ""


@dataclass(frozen=True, slots=True)
class Watched:
    """`ports.Google`, whose every answer is also seen at the gate."""

    google: Google
    gate: Gate

    async def call(self, call: Call, token: Secret) -> Answer:
        started = self.gate.clock.monotonic()
        answer = await self.google.call(call, token)
        await self._noted(self.gate.saw(answer, self.gate.clock.monotonic() - started))
        return answer

    async def post(self, form: Form) -> Answer:
        started = self.gate.clock.monotonic()
        answer = await self.google.post(form)
        await self._noted(self.gate.saw_oauth(answer, self.gate.clock.monotonic() - started))
        return answer

    async def ask(self, ask: Ask, token: Secret) -> Answer:
        started = self.gate.clock.monotonic()
        answer = await self.google.ask(ask, token)
        await self._noted(self.gate.saw(answer, self.gate.clock.monotonic() - started))
        return answer

    async def send(self, piece: Piece, token: Secret, courier: Courier) -> Answer | Stopped:
        answer = await self.google.send(piece, token, courier)
        # How long a file takes says nothing about how quickly YouTube answers, so it is not noted.
        await self._noted(self.gate.saw(answer, None))
        return answer

    async def _noted(self, noting: Coroutine[Any, Any, None]) -> None:
        """An answer may hold the only address of a paid upload: no trouble with writing about it may lose it."""
        try:
            await noting
        except Exception:  # noqa: BLE001  as said; the trouble itself is told
            _log.exception("what an answer says of the health of YouTube was not written down")
