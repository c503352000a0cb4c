"""How long to wait before trying again: exponential with full jitter, the server's wish first."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from ytempire.domain.values import utc

LONGEST_WISH = timedelta(hours=1)
"""A `Retry-After` beyond this is clamped: a garbled header must not park a publication for years."""


def backoff(tries: int, *, base: timedelta, cap: timedelta, dice: float) -> timedelta:
    """The delay before try number `tries` + 1; `dice` is from 0 to 1. Full jitter over the doubled base.

    A tenth of the span is always waited, so that a throw of 0 is not a busy loop.
    """
    doublings = min(max(tries - 1, 0), 20)
    span = min(cap, base * (1 << doublings))
    return span * (0.1 + 0.9 * dice)


def wished_delay(header: str | None, now: datetime, *, longest: timedelta = LONGEST_WISH) -> timedelta | None:
    """What a `Retry-After` header (seconds or an HTTP date) asks for, clamped; None when it says nothing."""
    if header is None:
        return None
    text = header.strip()
    try:
        if text.isdecimal():
            return timedelta(seconds=min(int(text), longest.total_seconds()))
        moment = parsedate_to_datetime(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(timedelta(0), min(utc(aware) - now, longest))
    except (ValueError, TypeError, OverflowError):  # the last for an offset that no clock has
        return None
