"""The inbox: everything that waits for a person, with the evidence and the commands that are possible."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ytempire.domain.accounts import Account
from ytempire.domain.events import Event, Kind
from ytempire.domain.inbox import actions, certainty
from ytempire.domain.lifecycle import State
from ytempire.domain.patterns import troubles
from ytempire.domain.publication import Publication, Session
from ytempire.domain.values import VideoId
from ytempire.ports import Clock, Filter, Store
from ytempire.services.documents import Document, moment
from ytempire.services.error_report import trouble_document
from ytempire.services.report import publication_document

_FAULTS = 5
_MOST = 10_000
_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Inbox:
    """Held publications, as documents."""

    store: Store
    clock: Clock

    async def held(self, reason: str | None = None, limit: int = _MOST) -> list[Document]:
        """Everything that is held (for this reason), longest waiting first."""
        accounts = await self.store.accounts(self.clock.now())
        found = await waiting(self.store, reason, limit)
        return [await self._document(each, accounts) for each in found]

    async def _document(self, publication: Publication, accounts: Sequence[Account]) -> Document:
        history = await self._history(publication)
        videos = _videos(publication, history)
        possible = actions(publication, accounts, map(VideoId, videos))
        return publication_document(publication) | {
            "code": publication.reason.code if publication.reason else None,
            "held_at": moment(_held_at(publication, history)),
            "evidence": {
                "video": str(certainty(publication)),
                "faults": [trouble_document(each) for each in troubles(history)[-_FAULTS:]],
                "session": _session_document(publication.session),
                "videos": videos,
            },
            "actions": [
                {"action": each.name, "command": each.command, "effect": each.effect} for each in possible
            ],
        }

    async def _history(self, publication: Publication) -> list[Event]:
        found: list[Event] = []
        after = 0
        while page := await self.store.events(publication=publication.id, after=after, limit=_PAGE):
            found += [event for _, event in page]
            after = page[-1][0]
        return found


async def waiting(store: Store, reason: str | None = None, limit: int = _MOST) -> tuple[Publication, ...]:
    """Held publications (for this reason), longest waiting first; of very many, the newest."""
    found = await store.publications(Filter(frozenset({State.HELD}), limit=limit))
    chosen = [each for each in found if reason is None or (each.reason and each.reason.code == reason)]
    return tuple(sorted(chosen, key=lambda each: (each.updated_at, each.id)))


def _session_document(session: Session | None) -> Document | None:
    if session is None:
        return None
    return {
        "state": str(session.state),
        "account": session.account,
        "project": session.project,
        "offset": session.offset,
        "bytes": session.size,
        "opened_at": moment(session.opened_at),
        "rounds": session.asked,
    }


def _held_at(publication: Publication, history: Sequence[Event]) -> datetime:
    return max((event.at for event in history if event.kind is Kind.HELD), default=publication.updated_at)


def _videos(publication: Publication, history: Sequence[Event]) -> list[str]:
    """The videos that the last look at the channel found, or its own."""
    if publication.video_id is not None:
        return [publication.video_id]
    for event in reversed(history):
        if event.kind is Kind.HELD:
            listed = event.data.get("videos")
            return [str(each) for each in listed] if isinstance(listed, list) else []
    return []
