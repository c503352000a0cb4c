"""What documents for people and programs are made of: plain JSON values, and moments as text."""

from datetime import datetime

Document = dict[str, object]


def moment(value: datetime | None) -> str | None:
    """RFC 3339 in UTC to the second, or None."""
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if value is not None else None
