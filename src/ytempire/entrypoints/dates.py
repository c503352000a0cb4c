"""Dates as every face takes them: commands, the API, pages and assistants."""

from datetime import date

from ytempire.domain.values import Refusal, Refused

_FIRST, _LAST = date(2000, 1, 1), date(2900, 1, 1)
"""Far enough from the ends of the calendar to reckon with."""


def date_of(field: str, text: str | None) -> date | None:
    """The date that was given for an option or a field, None for none. Raises `Refused` for what is no date."""
    return None if text is None else date_in(field, text)


def date_in(field: str, text: str) -> date:
    """The date of a text. Raises `Refused`."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not _FIRST <= found <= _LAST:
        message = f"{text!r} is no date between {_FIRST.year} and {_LAST.year}"
        raise Refused(Refusal(field, "date_malformed", message, "write it like 2026-11-22"))
    return found
