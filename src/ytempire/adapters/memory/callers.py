"""Callers of the API in memory: `ports.Callers`, `ports.Answers` and `ports.Received` over the shared tables."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ytempire.adapters.memory.tables import AnswerRow, OnTables
from ytempire.domain.callers import ApiToken
from ytempire.domain.events import Event
from ytempire.domain.lifecycle import FINAL
from ytempire.ports import (
    Asked,
    AskedOtherwise,
    Browser,
    Claim,
    Claimed,
    InFlight,
    KeptAnswer,
    ReceivedFile,
)

_KEPT = timedelta(days=1)


class MemoryCallers(OnTables):
    """Tokens by id, browsers by their hash."""

    async def add_api_token(self, token: ApiToken, events: Sequence[Event]) -> bool:
        tokens = self._tables.api_tokens
        if any(each.name == token.name and each.revoked_at is None for each in tokens.values()):
            return False
        tokens[token.id] = token
        self._tables.record(events)
        return True

    async def api_tokens(self) -> tuple[ApiToken, ...]:
        return tuple(sorted(self._tables.api_tokens.values(), key=lambda each: (each.created_at, each.id)))

    async def api_token(self, hashed: str) -> ApiToken | None:
        return next((each for each in self._tables.api_tokens.values() if each.hashed == hashed), None)

    async def note_token_use(self, token: str, now: datetime) -> None:
        found = self._tables.api_tokens.get(token)
        if found is not None and (found.used_at is None or found.used_at < now):
            self._tables.api_tokens[token] = replace(found, used_at=now)

    async def revoke_api_token(self, token: str, now: datetime, events: Sequence[Event]) -> bool:
        found = self._tables.api_tokens.get(token)
        if found is None or found.revoked_at is not None:
            return False
        self._tables.api_tokens[token] = replace(found, revoked_at=now)
        browsers = self._tables.browsers
        self._tables.browsers = {name: each for name, each in browsers.items() if each.token != token}
        self._tables.record(events)
        return True

    async def add_browser(self, browser: Browser) -> None:
        kept = {
            name: each
            for name, each in self._tables.browsers.items()
            if each.expires_at >= browser.created_at
        }
        self._tables.browsers = kept | {browser.hashed: browser}

    async def token_of_browser(self, hashed: str, now: datetime) -> ApiToken | None:
        found = self._tables.browsers.get(hashed)
        if found is None or found.expires_at <= now:
            return None
        return self._tables.api_tokens.get(found.token)

    async def drop_browser(self, hashed: str) -> None:
        self._tables.browsers.pop(hashed, None)


class MemoryAnswers(OnTables):
    """Answers by caller and key."""

    async def claim_answer(self, asked: Asked, holder: str, now: datetime, until: datetime) -> Claim:
        rows = self._tables.answers
        self._tables.answers = rows = {key: row for key, row in rows.items() if row.until >= now - _KEPT}
        row = rows.get((asked.caller, asked.key))
        if row is None or row.until <= now:
            rows[asked.caller, asked.key] = AnswerRow(asked.fingerprint, holder, until)
            return Claimed()
        if row.fingerprint != asked.fingerprint:
            return AskedOtherwise()
        return row.answer or InFlight()

    async def prolong_answer(self, asked: Asked, holder: str, until: datetime) -> None:
        row = self._ours(asked, holder)
        if row is not None:
            self._tables.answers[asked.caller, asked.key] = replace(row, until=until)

    async def keep_answer(self, asked: Asked, holder: str, answer: KeptAnswer, until: datetime) -> bool:
        row = self._ours(asked, holder)
        if row is not None:
            self._tables.answers[asked.caller, asked.key] = replace(row, until=until, answer=answer)
        return row is not None

    async def drop_answer(self, asked: Asked, holder: str) -> None:
        if self._ours(asked, holder) is not None:
            del self._tables.answers[asked.caller, asked.key]

    def _ours(self, asked: Asked, holder: str) -> AnswerRow | None:
        row = self._tables.answers.get((asked.caller, asked.key))
        return row if row is not None and row.holder == holder and row.answer is None else None


class MemoryReceived(OnTables):
    """Received files by id."""

    async def add_received(self, file: ReceivedFile) -> None:
        self._tables.received[file.id] = file

    async def received(self, which: str, now: datetime) -> ReceivedFile | None:
        found = self._tables.received.get(which)
        if found is None:
            return None
        self._tables.received[which] = replace(found, touched_at=max(found.touched_at, now))
        return self._tables.received[which]

    async def unused_received(self, before: datetime, limit: int) -> tuple[ReceivedFile, ...]:
        old = [each for each in self._tables.received.values() if each.touched_at <= before]
        unused = [each for each in old if not self._is_needed(each)]
        return tuple(sorted(unused, key=lambda each: (each.touched_at, each.id))[:limit])

    async def forget_received(self, which: str, before: datetime) -> bool:
        found = self._tables.received.get(which)
        if found is None or found.touched_at > before:
            return False
        del self._tables.received[which]
        return True

    def _is_needed(self, file: ReceivedFile) -> bool:
        for each in self._tables.publications.values():
            request = each.request
            files = (request.video, request.thumbnail, *(caption.file for caption in request.captions))
            if each.state not in FINAL and any(file.id in part.path for part in files if part is not None):
                return True
        return False
