"""Wrappers around the ports of a house that end, signal or shift their own process at a named moment.

A moment is `before`, `during` or `after` the n-th call with a label. Labels say what is intended, not which
method is called: `settle publication.uploaded`, `charge uploads`, `call POST thumbnails/set`.
"""

import asyncio
import json
import os
import signal
import threading
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, cast

from ytempire.domain.values import Secret
from ytempire.domain.wire import Answer, Ask, Call, Form, Piece, Stopped
from ytempire.ports import Clock, Courier, Google, Settlement, Store

When = Literal["before", "during", "after"]
Action = Literal["kill", "term", "jump"]
_IN_FLIGHT = 0.06
"""Seconds after which a call that is being made has left, and its reply has not come: the emulator hangs."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """The moment, and what happens at it. `share` is how much of a file must have left, for `progress`."""

    when: When
    label: str
    nth: int = 1
    action: Action = "kill"
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Marks:
    """Where a process says what it did to itself: the file of the kill and the file of the clock."""

    died: Path
    clock: Path


class Saboteur:
    """Waits for its triggers, one after the other. Methods may be called from any thread."""

    def __init__(self, name: str, triggers: tuple[Trigger, ...], marks: Marks, control: str) -> None:
        self._name = name
        self._left = list(triggers)
        self._seen = 0
        self._marks = marks
        self._control = control
        self._lock = threading.Lock()

    def at(self, when: When, label: str) -> bool:
        """This moment has come; whether it was the one that is waited for."""
        with self._lock:
            trigger = self._left[0] if self._left else None
            if trigger is None or trigger.when != when or not label.startswith(trigger.label):
                return False
            self._seen += 1
            if self._seen < trigger.nth:
                return False
            self._next()
        if when == "during":
            asyncio.get_running_loop().call_later(_IN_FLIGHT, self._act, trigger)
        else:
            self._act(trigger)
        return True

    def moved(self, offset: int, total: int, *, start: int) -> None:
        """So many bytes of a file have left; told from a sending thread."""
        with self._lock:
            trigger = self._left[0] if self._left else None
            if trigger is None or trigger.label != "progress" or offset < trigger.share * total:
                return
            if start >= trigger.share * total > 0:
                return
            self._next()
        self._act(trigger)

    def _next(self) -> None:
        self._left.pop(0)
        self._seen = 0

    def _act(self, trigger: Trigger) -> None:
        match trigger.action:
            case "kill":
                self._marks.died.write_text(self._name)
                os.kill(os.getpid(), signal.SIGKILL)
            case "term":
                os.kill(os.getpid(), signal.SIGTERM)
            case "jump":
                self._jump()

    def _jump(self) -> None:
        """Ours and the emulator's clock, ten minutes on."""
        ahead = float(self._marks.clock.read_text()) + 600
        body = json.dumps({"offset_seconds": ahead}).encode()
        request = urllib.request.Request(f"{self._control}/emulator/v1/clock", body, method="POST")
        with urllib.request.urlopen(request) as reply:
            reply.read()
        self._marks.clock.write_text(str(ahead))


class ShiftedClock:
    """The clock of a house, shifted by as many seconds as the file says now."""

    def __init__(self, inner: Clock, file: Path) -> None:
        self._inner = inner
        self._file = file

    def now(self) -> datetime:
        return self._inner.now() + timedelta(seconds=float(self._file.read_text() or 0))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def shifted(file: Path) -> Callable[[Clock], Clock]:
    """A fitting for the clock; a file without a shift costs nothing."""

    def fit(clock: Clock) -> Clock:
        return cast(Clock, ShiftedClock(clock, file))

    return fit


class WatchedStore:
    """A store whose every call is a moment before and, where it did something, a moment after."""

    def __init__(self, inner: Store, saboteur: Saboteur) -> None:
        self._inner = inner
        self._saboteur = saboteur

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            label = intent(name, args)
            self._saboteur.at("before", label)
            answer = await method(*args, **kwargs)
            if answer is not False and (answer is not None or name not in ("reserve", "settle", "finishing")):
                self._saboteur.at("after", label)
            return answer

        return call


def intent(name: str, args: tuple[Any, ...]) -> str:
    """What a call of the store is about."""
    match name, args:
        case "settle", (Settlement(events=events, publication=publication), *_):
            return f"settle {events[0].kind if events else publication.state}"
        case "charge", (_, price, *_):
            return f"charge {price.bucket}"
        case "save_grant", (_, _, events):
            return f"save_grant {events[0].kind if events else 'forget'}"
        case _:
            return name


class WatchedGoogle:
    """A Google whose every request is a moment before, during and after, and every block of a file one too."""

    def __init__(self, inner: Google, saboteur: Saboteur) -> None:
        self._inner = inner
        self._saboteur = saboteur

    async def call(self, call: Call, token: Secret) -> Answer:
        label = f"call {call.http} {call.path.rpartition('/v3/')[2]}"
        self._saboteur.at("before", label)
        self._saboteur.at("during", label)
        answer = await self._inner.call(call, token)
        self._saboteur.at("after", label)
        return answer

    async def post(self, form: Form) -> Answer:
        self._saboteur.at("before", "token")
        answer = await self._inner.post(form)
        self._saboteur.at("after", "token")
        return answer

    async def ask(self, ask: Ask, token: Secret) -> Answer:
        self._saboteur.at("before", "ask")
        answer = await self._inner.ask(ask, token)
        self._saboteur.at("after", "ask")
        return answer

    async def send(self, piece: Piece, token: Secret, courier: Courier) -> Answer | Stopped:
        def progress(offset: int) -> None:
            courier.progress(offset)
            self._saboteur.moved(offset, piece.total, start=piece.start)

        self._saboteur.at("before", "send")
        answer = await self._inner.send(piece, token, replace(courier, progress=progress))
        self._saboteur.at("after", "send last" if piece.last else "send piece")
        return answer
