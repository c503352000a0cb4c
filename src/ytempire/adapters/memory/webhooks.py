"""Webhooks in memory: `ports.Webhooks` over the shared tables."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ytempire.adapters.memory.tables import OnTables
from ytempire.domain.events import Event
from ytempire.domain.webhooks import KEPT, Letter, LetterState
from ytempire.ports import Hook, HookSecret, NewLetter, Try


class MemoryWebhooks(OnTables):
    """Receivers by name, messages by number."""

    async def add_webhook(
        self, name: str, secret: HookSecret, now: datetime, events: Sequence[Event]
    ) -> bool:
        if name in self._tables.hooks or not self._tables.in_use(secret.key):
            return False
        self._tables.hooks[name] = Hook(name, now, len(self._tables.events), (secret,))
        self._tables.record(events)
        return True

    async def webhooks(self, now: datetime) -> tuple[Hook, ...]:
        return tuple(_signing(each, now) for _, each in sorted(self._tables.hooks.items()))

    async def webhook(self, name: str, now: datetime) -> Hook | None:
        found = self._tables.hooks.get(name)
        return _signing(found, now) if found is not None else None

    async def remove_webhook(self, name: str, events: Sequence[Event]) -> bool:
        if self._tables.hooks.pop(name, None) is None:
            return False
        kept = {number: each for number, each in self._tables.letters.items() if each.webhook != name}
        self._tables.letters = kept
        self._tables.record(events)
        return True

    async def rotate_webhook(
        self, name: str, secret: HookSecret, until: datetime, events: Sequence[Event]
    ) -> bool:
        hook = self._tables.hooks.get(name)
        if hook is None or not self._tables.in_use(secret.key):
            return False
        before = tuple(replace(each, until=until) for each in hook.secrets if each.until is None)
        self._tables.hooks[name] = replace(hook, secrets=(secret, *before))
        self._tables.record(events)
        return True

    async def disable_webhook(self, name: str, why: str, now: datetime, events: Sequence[Event]) -> bool:
        hook = self._tables.hooks.get(name)
        if hook is None or hook.disabled_at is not None:
            return False
        self._tables.hooks[name] = replace(hook, disabled_at=now, disabled_why=why)
        for letter in self._waiting(name):
            gone = replace(letter, state=LetterState.DEAD, due=None, ended_at=now, error=why)
            self._tables.letters[letter.number] = gone
        self._tables.record(events)
        return True

    async def enable_webhook(self, name: str, events: Sequence[Event]) -> bool:
        hook = self._tables.hooks.get(name)
        if hook is None or hook.disabled_at is None:
            return False
        newest = len(self._tables.events)
        self._tables.hooks[name] = replace(hook, seen=newest, disabled_at=None, disabled_why=None)
        self._tables.record(events)
        return True

    async def follow_for_webhook(
        self, name: str, seen: int, newest: int, new: Sequence[NewLetter], now: datetime
    ) -> bool:
        hook = self._tables.hooks.get(name)
        if hook is None or hook.seen != seen or hook.disabled_at is not None:
            return False
        self._tables.hooks[name] = replace(_signing(hook, now), seen=newest)
        self._forget(name, now - KEPT)
        for each in new:
            number = self._tables.lettered = self._tables.lettered + 1
            self._tables.letters[number] = Letter(
                number, name, each.event, each.id, each.kind, LetterState.PENDING, 0, now, due=now
            )
        return True

    async def claim_letter(self, name: str, now: datetime, until: datetime) -> Letter | None:
        hook = self._tables.hooks.get(name)
        oldest = next(iter(self._waiting(name)), None)
        if hook is None or hook.disabled_at is not None or oldest is None:
            return None
        if oldest.due is None or oldest.due > now:
            return None
        claimed = replace(oldest, due=until, tries=oldest.tries + 1)
        self._tables.letters[claimed.number] = claimed
        return claimed

    async def letter_arrived(
        self, letter: Letter, status: int, now: datetime, events: Sequence[Event]
    ) -> None:
        stored = self._stored(letter)
        if stored is not None:
            self._tables.letters[stored.number] = replace(
                stored, state=LetterState.DELIVERED, due=None, ended_at=now, status=status, error=None
            )
            self._tables.record(events)

    async def letter_failed(
        self, letter: Letter, what: Try, again: datetime | None, now: datetime, events: Sequence[Event]
    ) -> None:
        stored = self._stored(letter)
        if stored is not None:
            state, ended = (LetterState.DEAD, now) if again is None else (LetterState.FAILED, None)
            self._tables.letters[stored.number] = replace(
                stored, state=state, due=again, ended_at=ended, status=what.status, error=what.error
            )
            self._tables.record(events)

    async def letters(
        self, name: str | None = None, *, states: frozenset[LetterState] | None = None, limit: int = 1000
    ) -> tuple[Letter, ...]:
        found = [
            each
            for each in reversed(self._tables.letters.values())
            if name in {None, each.webhook} and (states is None or each.state in states)
        ]
        return tuple(found[:limit])

    async def count_letters(self, name: str) -> Mapping[LetterState, int]:
        return Counter(each.state for each in self._tables.letters.values() if each.webhook == name)

    async def replay_letters(
        self, name: str, ids: frozenset[str] | None, now: datetime, events: Sequence[Event] = ()
    ) -> int:
        dead = [
            each
            for each in self._tables.letters.values()
            if each.webhook == name and each.state is LetterState.DEAD and (ids is None or each.id in ids)
        ]
        for each in dead:
            again = replace(each, state=LetterState.PENDING, due=now, made_at=now, tries=0, ended_at=None)
            self._tables.letters[each.number] = again
        self._tables.record(events if dead else ())
        return len(dead)

    def _waiting(self, name: str) -> list[Letter]:
        found = [
            each for each in self._tables.letters.values() if each.webhook == name and each.due is not None
        ]
        return sorted(found, key=lambda each: each.event)

    def _stored(self, letter: Letter) -> Letter | None:
        """The message as it is now; None when it has ended or is forgotten."""
        stored = self._tables.letters.get(letter.number)
        return stored if stored is not None and stored.due is not None else None

    def _forget(self, name: str, before: datetime) -> None:
        kept = {
            number: each
            for number, each in self._tables.letters.items()
            if each.webhook != name
            or each.state is not LetterState.DELIVERED
            or (each.ended_at is not None and each.ended_at >= before)
        }
        self._tables.letters = kept


def _signing(hook: Hook, now: datetime) -> Hook:
    return replace(
        hook, secrets=tuple(each for each in hook.secrets if each.until is None or each.until > now)
    )
