"""Trying failed extras again: a thumbnail after the channel was verified, a caption after a new consent.

A failed extra never undid the video, and neither does this: the publication keeps its state. One that is still in
processing is left to the worker; for one that is published everything is tried here and now, and only what YouTube
wants later is left to the worker, with all that is left behind by somebody who dies while they try.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Extra, ExtraState, Publication
from ytempire.domain.values import PublicationId, Refusal, Refused
from ytempire.ports import Settlement
from ytempire.services.context import Context
from ytempire.services.extras import Extras, waits_long
from ytempire.services.gateway import Gateway
from ytempire.services.operate import changed_meanwhile
from ytempire.services.playlists import Playlists

_TRIES = 10
_MOMENT = timedelta(minutes=1)
_TAKEN_OVER = timedelta(minutes=15)
"""So long from each try no worker tries what somebody tries here; it goes on with it if they died of it."""


@dataclass(frozen=True, slots=True)
class Mending:
    """Puts failed extras back to work. Raises `Refused` when there is nothing to mend, and then changes nothing."""

    context: Context
    gateway: Gateway

    async def retry_extras(self, which: PublicationId, *, seen: int | None = None) -> Publication:
        """Tries every failed extra of a publication again; gives the publication as it is then.

        `seen`: as in `Operating`.
        """
        for _ in range(_TRIES):
            publication = await self.context.store.publication(which)
            if publication is None:
                raise _refused("publication_unknown", f"there is no {which}", "see `ytempire jobs list`")
            if seen is not None and publication.version != seen:
                raise changed_meanwhile(which)
            stored = await self._reset(publication)
            if stored is not None:
                return stored if stored.state is State.PROCESSING else await self._now(stored)
        raise _refused("not_possible", f"{which} is changing too fast", "try again")

    async def _reset(self, publication: Publication) -> Publication | None:
        """Its failed extras, and those that an earlier try left behind, pending again."""
        final = publication.state is State.PUBLISHED
        if not final and publication.state is not State.PROCESSING:
            raise _refused("not_possible", f"{publication.id} is {publication.state} and has no extras to try",
                           f"see `ytempire jobs show {publication.id}`")  # fmt: skip
        if publication.passes:
            # Whoever began may be sending now. What two send at the same time may be there twice, and so may what
            # is looked for too early because nobody wrote down that it was sent.
            raise _refused("not_possible", f"the extras of {publication.id} are tried by somebody else just now",
                           "try again in a while; a worker goes on with them if whoever tried died")  # fmt: skip
        fresh = tuple(_again(extra, left_behind=final) for extra in publication.extras)
        if fresh == publication.extras and not (final and publication.pending_extras()):
            raise _refused("not_possible", f"no extra of {publication.id} has failed",
                           f"see `ytempire jobs show {publication.id}`")  # fmt: skip
        now = self.context.clock.now()
        after = replace(publication, extras=fresh, due=now, look_at=None, updated_at=now)
        if not final:
            return await self.context.store.settle(Settlement(after))
        return await self.context.store.settle(Settlement(_taken_over(replace(after, passes=1), now)))

    async def _now(self, publication: Publication) -> Publication:
        """Each extra of a published video once; what could not be done has failed again, or has to wait long."""
        extras = Extras(self.context, self.gateway, Playlists(self.context, self.gateway))
        current: Publication | None = publication
        for extra in publication.pending_extras():
            if current is not None:
                current = await self._still(current)
            if current is not None:
                current = await extras.attempt(current, extra)
        if current is None:
            raise _refused("not_possible", f"{publication.id} was changed by somebody else", "try again")
        now = self.context.clock.now()
        after = replace(current, extras=tuple(_left(extra, now) for extra in current.extras))
        after = replace(after, due=after.next_extra(now), passes=0)
        return await self.context.store.settle(Settlement(after)) or after

    async def _still(self, publication: Publication) -> Publication | None:
        """The publication, still taken over by us; None when somebody else has it by now."""
        now = self.context.clock.now()
        if publication.due is not None and publication.due > now + _TAKEN_OVER - _MOMENT:
            return publication
        return await self.context.store.settle(Settlement(_taken_over(publication, now)))


def _taken_over(publication: Publication, now: datetime) -> Publication:
    """Not due for a worker while it is tried here; `passes` tells that it is, as with a pass of a worker."""
    return replace(publication, due=now + _TAKEN_OVER, updated_at=now)


def _again(extra: Extra, *, left_behind: bool) -> Extra:
    """Asked for by a person: it is looked up before it is sent again, what was learned of the channel is tested, and
    its budget of tries begins anew.
    """
    if extra.state is ExtraState.FAILED:
        return replace(extra, state=ExtraState.PENDING, asked=extra.tries, due=None, reason=None)
    if left_behind and extra.state is not ExtraState.DONE:
        return replace(extra, asked=extra.tries, due=None)
    return extra


def _left(extra: Extra, now: datetime) -> Extra:
    """An extra that was tried in vain has failed; one that has to wait long does."""
    if extra.state in (ExtraState.DONE, ExtraState.FAILED) or waits_long(extra, now):
        return extra
    return replace(extra, state=ExtraState.FAILED, due=None)


def _refused(code: str, message: str, remedy: str) -> Refused:
    return Refused(Refusal("publication", code, message, remedy))
