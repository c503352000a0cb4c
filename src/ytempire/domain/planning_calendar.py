"""From shapes of windows to the windows of a date: local time, summer time and all."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ytempire.domain.planning import Shape, Window

_CLOCK = 60
_MIDNIGHT = 24 * _CLOCK


def windows_of(day: date, shapes: Iterable[Shape], zone: ZoneInfo) -> tuple[Window, ...]:
    """The windows of a local date in UTC, in order. One that summer time swallows is left out."""
    found = [
        Window(shape.name, _moment(day, shape.starts, zone), _moment(day, shape.ends, zone), shape.share)
        for shape in shapes
    ]
    return tuple(sorted((each for each in found if each.starts < each.ends), key=lambda each: each.starts))


def _moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    days, rest = divmod(minutes, _MIDNIGHT)
    local = time(*divmod(rest, _CLOCK), tzinfo=zone)
    return datetime.combine(day + timedelta(days=days), local).astimezone(UTC)


def minutes_of(text: str) -> int:
    """Minutes since midnight of `HH:MM`, up to 24:00. Raises `ValueError` for what is no time of day."""
    hours, colon, minutes = text.partition(":")
    if not (colon and len(minutes) == len("00") and (hours + minutes).isdecimal()):
        raise ValueError(f"{text!r} is no time of day; write it like 06:00")
    total = int(hours) * _CLOCK + int(minutes)
    if int(minutes) >= _CLOCK or total > _MIDNIGHT:
        raise ValueError(f"{text!r} is no time of day; write it from 00:00 to 24:00")
    return total
