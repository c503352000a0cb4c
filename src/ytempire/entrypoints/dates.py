"""Dates as options take them."""

from datetime import date

_FIRST, _LAST = date(2000, 1, 1), date(2900, 1, 1)
"""Far enough from the ends of the calendar to reckon with."""


def date_of(option: str, text: str | None) -> date | None:
    """The date that was given for an option, None for none. Raises `Refused` for what is no date."""
    from ytempire.domain.values import Refusal, Refused

    if text is None:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not _FIRST <= found <= _LAST:
        message = f"{text!r} is no date between {_FIRST.year} and {_LAST.year}"
        raise Refused(Refusal(option, "date_malformed", message, "write it like 2026-11-22"))
    return found
