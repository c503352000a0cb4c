"""The append-only journal: what the emulator did, in order. It is believed, and it holds no secret.

Events are kept in memory and, where asked, written to a JSONL file. Each line goes to the operating system in
one write before the reply that it describes leaves, so killing either process loses none that somebody acted
upon.
"""

import hashlib
import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from ytempire.emulator.clock import Clock


class EventKind(StrEnum):
    """Everything that can be written down."""

    REQUEST = "request"
    FAULT_FIRED = "fault_fired"
    SESSION_OPENED = "session_opened"
    BYTES_COMMITTED = "bytes_committed"
    SESSION_ENDED = "session_ended"
    VIDEO_COMPLETED = "video_completed"
    VIDEO_UPDATED = "video_updated"
    VIDEO_PUBLISHED = "video_published"
    VIDEO_DELETED = "video_deleted"
    THUMBNAIL_SET = "thumbnail_set"
    CAPTION_INSERTED = "caption_inserted"
    PLAYLIST_INSERTED = "playlist_inserted"
    PLAYLIST_ITEM_INSERTED = "playlist_item_inserted"
    CONSENT_SHOWN = "consent_shown"
    CONSENT_ALLOWED = "consent_allowed"
    CONSENT_DENIED = "consent_denied"
    CONSENT_REFUSED = "consent_refused"
    CODE_EXCHANGED = "code_exchanged"
    TOKEN_ISSUED = "token_issued"
    TOKEN_REFRESHED = "token_refreshed"
    TOKEN_REFUSED = "token_refused"
    GRANT_REVOKED = "grant_revoked"
    PROVIDER_CALLED = "provider_called"
    SIDE_SPEND = "side_spend"
    CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the journal. `at` is aware UTC on the emulator's (shiftable) clock."""

    seq: int
    at: datetime
    kind: EventKind
    facts: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The event as the JSONL file and the control API show it."""
        return {"seq": self.seq, "at": self.at.isoformat(), "kind": self.kind.value, **self.facts}


def fingerprint(secret: str) -> str:
    """A short one-way name for a token or session address, so that the journal can tell them apart."""
    return hashlib.sha256(secret.encode()).hexdigest()[:12]


class Journal:
    """Events in order of happening, numbered from 1 without gaps."""

    def __init__(self, clock: Clock, *, path: Path | None = None) -> None:
        """Keep events in memory; append them to `path` too where given (created 0600).

        Raises:
            OSError: The file cannot be opened for appending.
        """
        self._clock = clock
        self._lock = threading.Lock()
        self._events: list[Event] = []
        self._file = None if path is None else os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def record(self, kind: EventKind, **facts: Any) -> Event:
        """Append one event; when this returns, a killed process no longer loses it."""
        with self._lock:
            event = Event(seq=len(self._events) + 1, at=self._clock.now(), kind=kind, facts=facts)
            if self._file is not None:
                _write_whole(self._file, json.dumps(event.as_json(), separators=(",", ":")).encode() + b"\n")
            self._events.append(event)
        return event

    def since(self, seq: int = 0) -> list[Event]:
        """All events numbered above `seq`."""
        return self._events[seq:]

    def of(self, *kinds: EventKind) -> list[Event]:
        """All events of these kinds, oldest first."""
        return [event for event in list(self._events) if event.kind in kinds]

    def close(self) -> None:
        """Close the file; memory stays readable."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _write_whole(file: int, line: bytes) -> None:
    """Hand every byte of the line to the operating system; a short write continues."""
    view = memoryview(line)
    while view:
        view = view[os.write(file, view) :]
