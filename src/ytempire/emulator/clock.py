"""The emulator's only source of time and chance: nothing else here may read a clock or roll dice."""

import secrets
import string
from datetime import UTC, datetime, timedelta

_LETTERS = string.ascii_letters + string.digits


class Clock:
    """Wall time in UTC, shifted by a settable number of seconds; and fresh identifiers."""

    def __init__(self, *, offset_seconds: float = 0.0) -> None:
        """Start at real time plus the offset."""
        self.offset_seconds = offset_seconds

    def now(self) -> datetime:
        """The emulator's present moment: aware, UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.offset_seconds)

    def letters(self, count: int) -> str:
        """That many random letters and digits: ids that nobody guesses."""
        return "".join(secrets.choice(_LETTERS) for _ in range(count))
