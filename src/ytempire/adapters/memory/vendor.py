"""What every vendor in memory is: a row of answers that was said beforehand, and a journal of what was asked."""

import asyncio
from collections import deque
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Generic, NoReturn, TypeVar

from ytempire.adapters.memory.clock import FakeClock
from ytempire.domain.chain import Made, ProviderFault

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Hang:
    """No answer, ever: the call ends when the caller gives up."""


@dataclass(frozen=True, slots=True)
class Late(Generic[T]):
    """An answer after some virtual time."""

    after: timedelta
    answer: "Made[T] | ProviderFault | BaseException"


Answer = Made[T] | ProviderFault | Hang | Late[T] | BaseException
"""What a vendor does when it is asked: it works, tells a fault, hangs, takes its time, or raises."""


@dataclass(frozen=True, slots=True)
class Called:
    """One call as it came in: what was asked, and how it ended (`made`, `fault`, `raised`, `given up`)."""

    asked: object
    ended: str


class Row(Generic[T]):
    """Answers in the order given; after the last of them `always`, and without one what the vendor does when it
    is well.
    """

    def __init__(self, clock: FakeClock) -> None:
        self.journal: list[Called] = []
        self.always: Answer[T] | None = None
        self.reached = asyncio.Event()
        """Set with each call; who waits for the next one clears it."""
        self._clock = clock
        self._answers: deque[Answer[T]] = deque()

    def add(self, *answers: Answer[T]) -> None:
        """The next calls are answered so."""
        self._answers.extend(answers)

    async def next(self, asked: object, well: Made[T]) -> Made[T] | ProviderFault:
        """Answers a call."""
        answer: Answer[T] = self._answers.popleft() if self._answers else (self.always or well)
        place = len(self.journal)
        self.journal.append(Called(asked, "given up"))
        self.reached.set()
        if isinstance(answer, Hang):
            await _for_ever()
        # A vendor is never reached without letting others run.
        await asyncio.sleep(0)
        if isinstance(answer, Late):
            self._clock.advance(answer.after)
            answer = answer.answer
        ended = "made" if isinstance(answer, Made) else "fault"
        ended = "raised" if isinstance(answer, BaseException) else ended
        self.journal[place] = replace(self.journal[place], ended=ended)
        if isinstance(answer, BaseException):
            raise answer
        return answer


async def _for_ever() -> NoReturn:
    while True:
        await asyncio.get_running_loop().create_future()
