"""What happened since a moment, however long the history before it is."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from ytempire.domain.events import Event
from ytempire.ports import Store

_PAGE = 1000
_SKEW = timedelta(hours=1)
"""Events are numbered as they are written; by the clocks of several machines they may be this much out of order."""


async def happened(store: Store, since: datetime, now: datetime) -> AsyncIterator[Event]:
    """The events from `since` on, in the order they were written."""
    after = await last_before(store, since, (await store.alert_news(now)).newest)
    while page := await store.events(after=after, limit=_PAGE):
        for number, event in page:
            after = number
            if event.at >= since:
                yield event


async def last_before(store: Store, moment: datetime, newest: int) -> int:
    """A number up to which everything is older than a moment, whoever's clock wrote it; 0 when nothing is.

    It is found by halving: a long history is not read for it.
    """
    low, high = 0, newest
    moment -= _SKEW
    while low < high:
        middle = (low + high) // 2
        found = await store.events(after=middle, limit=1)
        if found and found[0][1].at < moment:
            low = found[0][0]
        else:
            high = middle
    return low
