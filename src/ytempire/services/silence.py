"""Keeping alerts quiet for a while, and trying the way to those who are told of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ytempire.domain.alerts import Message, Mute
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.slips import meant
from ytempire.domain.values import Refusal, Refused
from ytempire.ports import Clock, Notifier, Store
from ytempire.services.documents import Document

_SPAN = re.compile(r"(\d{1,4})([mhd])")
_UNITS: Mapping[str, timedelta] = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
_LONGEST = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Silence:
    """Mutes alerts, and ends that. Raises `Refused`."""

    store: Store
    clock: Clock

    async def mute(self, pattern: str, span: str | None, why: str | None, who: str) -> None:
        """Alerts whose key matches are written down and not told, for a span like `1d12h`."""
        now = self.clock.now()
        _named_pattern(pattern)
        if span is None or not (why or "").strip():
            raise _wrong(
                "mute", "mute_incomplete", "how long and why are not given", "add --for 2h and --why TEXT"
            )
        it = Mute(pattern, now + span_of(span), now, who, (why or "").strip())
        data = {"pattern": pattern, "until": it.until.isoformat(), "why": it.why, "by": who}
        await self.store.mute(it, (Event(Kind.ALERTS_MUTED, now, data=data),))

    async def end(self, pattern: str, who: str) -> None:
        """Ends the mutes with exactly this pattern."""
        _named_pattern(pattern)
        now = self.clock.now()
        event = Event(Kind.ALERTS_UNMUTED, now, data={"pattern": pattern, "by": who})
        if not await self.store.end_mutes(pattern, now, (event,)):
            raise _no("pattern", f"no mute with the pattern {pattern!r} is running", "see --list")


def span_of(text: str) -> timedelta:
    """A span like `1d12h`. Raises `Refused` for what is none, is nothing, or is too long."""
    parts = _SPAN.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise _wrong(
            "for", "span_malformed", f"{text!r:.80} is no span of time", "write 30m, 2h, 1d or 1d12h"
        )
    total = sum((int(number) * _UNITS[unit] for number, unit in parts), timedelta(0))
    if not timedelta(0) < total <= _LONGEST:
        message = f"{text!r} is not between a minute and {_LONGEST.days} days"
        raise _wrong("for", "span_out_of_range", message, "choose one that is")
    return total


async def tried(way: Notifier, known: Sequence[str], target: str | None, who: str) -> list[Document]:
    """Sends a test message to one target, or to all: who took it, and why somebody did not. Raises `Refused`."""
    body = f"This is a test by {who}. Nothing has happened, and there is nothing to do."
    told: list[Document] = []
    for name in _chosen(known, target):
        message = Message("test: ytempire can reach you", body, Level.INFO, over=False)
        why = await way.send(name, message)
        told.append({"target": name, "delivered": why is None, "error": why})
    return told


def _chosen(known: Sequence[str], target: str | None) -> list[str]:
    if not known:
        raise _no("target", "no targets are configured", "add a section [alerts.targets.NAME]")
    if target is None:
        return list(known)
    if target not in known:
        remedy = meant(target, known, f"known: {', '.join(known)}")
        raise _wrong("target", "target_unknown", f"there is no target {target!r:.80}", remedy)
    return [target]


def _named_pattern(pattern: str) -> None:
    if not pattern:
        remedy = "name one like 'quota:*' or 'account:ID:*', or use --list"
        raise _wrong("pattern", "pattern_missing", "no pattern is given", remedy)


def _wrong(field: str, code: str, message: str, remedy: str) -> Refused:
    """What is asked for cannot be meant."""
    return Refused(Refusal(field, code, message, remedy))


def _no(field: str, message: str, remedy: str) -> Refused:
    """It could be meant, and as things stand it cannot be done."""
    return Refused(Refusal(field, "not_possible", message, remedy))
