"""Watching what YouTube makes of uploaded videos: one question for up to fifty of an account at a time."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ytempire.domain.calls import list_videos
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Fault, Level, Remedy
from ytempire.domain.lifecycle import Step
from ytempire.domain.processing import (
    LONGEST_PROCESSING,
    MAX_IDS,
    Ready,
    Rejected,
    Verdict,
    Working,
    judge,
    poll_delay,
)
from ytempire.domain.publication import Publication, Reason
from ytempire.domain.quota import Method, reset_after
from ytempire.domain.retry import wished_delay
from ytempire.domain.values import AccountId, ProjectId
from ytempire.ports import Settlement
from ytempire.services import blame
from ytempire.services.context import Context
from ytempire.services.gateway import Gateway
from ytempire.services.settle import ended, told
from ytempire.services.witness import witnessed

_BATCH = 500
_LISTING_LAG = timedelta(minutes=15)
"""A video that is not listed so soon after its upload is taken to be on its way."""

_ABSENCES = 3
"""So many looks in a row must not find it before it is taken to be gone: that is final, and one empty list may be a
server's slip.
"""


class Watch:
    """Looks at all videos whose time has come."""

    def __init__(self, context: Context, gateway: Gateway) -> None:
        self._context = context
        self._gateway = gateway

    async def look(self) -> int:
        """Looks at what is due, and answers how many publications that were."""
        due = await self._context.store.to_look_at(self._context.clock.now(), _BATCH)
        by_account: defaultdict[AccountId, list[Publication]] = defaultdict(list)
        for publication in due:
            if publication.account is not None:
                by_account[publication.account].append(publication)
        # Together, and each to its end: a channel whose list hangs, or fails, keeps no other from being looked at.
        looks = [self._look_at(account, publications) for account, publications in by_account.items()]
        for fault in await asyncio.gather(*looks, return_exceptions=True):
            if fault is not None:
                raise fault
        return len(due)

    async def _look_at(self, account: AccountId, publications: list[Publication]) -> None:
        for start in range(0, len(publications), MAX_IDS):
            await self._ask(account, publications[start : start + MAX_IDS])

    async def _ask(self, account: AccountId, publications: list[Publication]) -> None:
        ids = [publication.video_id for publication in publications if publication.video_id is not None]
        answer = await self._gateway.listed(account, Method.VIDEOS_LIST, list_videos(ids))
        now = self._context.clock.now()
        if isinstance(answer, Fault):
            await self._unanswered(publications, answer, now)
            return
        videos = {str(item.get("id")): item for item in answer}
        for publication in publications:
            video = videos.get(publication.video_id or "")
            await self._context.store.settle(self._judged(publication, video, now))

    async def _unanswered(self, publications: list[Publication], fault: Fault, now: datetime) -> None:
        """All of them later; what the fault means for others is told once, with the first."""
        first, *others = [self._later(replace(each, updated_at=now), now, fault) for each in publications]
        profile = self._context.profiles.get(first.publication.project or ProjectId(""))
        seen = replace(first, events=(*first.events, *witnessed(fault, first.publication, now)))
        await self._context.store.settle(blame.applied(seen, fault, profile, Method.VIDEOS_LIST))
        for settled in others:
            await self._context.store.settle(settled)

    def _judged(self, publication: Publication, video: Mapping[str, Any] | None, now: datetime) -> Settlement:
        waited = now - (publication.uploaded_at or publication.updated_at)
        verdict: Verdict = judge(video, publication.request.metadata, now=now)
        if video is not None:
            publication = replace(publication, failures=0)
        elif waited < _LISTING_LAG:
            verdict = Working()
        elif publication.failures + 1 < _ABSENCES:
            return self._absent(publication, waited, now)
        match verdict:
            case Ready(differs):
                return _published(publication, differs, now)
            case Rejected(reason, duplicate):
                step, kind = (Step.SKIP, Kind.DUPLICATE) if duplicate else (Step.FAIL, Kind.PROCESSING_FAILED)
                level = Level.WARNING if duplicate else Level.HIGH
                event = told(publication, kind, now, {"code": reason.code, "why": reason.message}, level)
                return ended(publication, step, event, reason)
            case Working():
                return self._later(publication, now, None)

    def _absent(self, publication: Publication, waited: timedelta, now: datetime) -> Settlement:
        """It is not listed any more; that is looked at again before it is believed."""
        look_at = now + poll_delay(waited, base=self._context.manners.poll)
        reason = Reason("video_missing", "YouTube does not list the video now; it is looked for again")
        missed = publication.failures + 1
        return Settlement(replace(publication, look_at=look_at, reason=reason, failures=missed))

    def _later(self, publication: Publication, now: datetime, fault: Fault | None) -> Settlement:
        """Not now: look again after a while, or call a person when YouTube says that it has taken too long.

        A look that failed says nothing about the video: after a night without network none is held for it.
        """
        waited = now - (publication.uploaded_at or publication.updated_at)
        if fault is None and waited > LONGEST_PROCESSING:
            message = f"YouTube has been processing it for {waited}"
            reason = Reason("processing_stuck", message, ("look at YouTube Studio", "adopt", "cancel"))
            event = told(publication, Kind.HELD, now, {"code": reason.code, "why": message}, Level.HIGH)
            return ended(publication, Step.HOLD, event, reason)
        look_at = now + poll_delay(waited, base=self._context.manners.poll)
        if fault is not None and fault.remedy is Remedy.CLOSE_BUCKET:
            look_at = reset_after(now)
        elif fault is not None:
            look_at = max(look_at, now + (wished_delay(fault.retry_after, now) or timedelta(0)))
        reason_now = Reason(fault.code, fault.detail) if fault is not None else None
        return Settlement(replace(publication, look_at=look_at, reason=reason_now))


def _published(publication: Publication, differs: str | None, now: datetime) -> Settlement:
    data = {"video_id": publication.video_id, "url": publication.url}
    events: tuple[Event, ...] = (told(publication, Kind.PUBLISHED, now, data),)
    reason = None
    if differs is not None:
        reason = Reason("visibility_differs", differs, ("set the visibility in YouTube Studio",))
        events += (told(publication, Kind.VISIBILITY_DIFFERS, now, {"why": differs, **data}, Level.HIGH),)
    settled = ended(publication, Step.PUBLISH, events[0], reason)
    due = publication.next_extra(now)
    # A pass that is under way stays counted: what it tries now nobody else may try beside it.
    waiting = replace(settled.publication, due=due, passes=publication.passes if due is not None else 0)
    return replace(settled, publication=waiting, events=events)
