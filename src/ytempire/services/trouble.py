"""Trouble of a loop that goes on all the same: told when it begins, now and then while it lasts, and at its end."""

from dataclasses import dataclass, field

import structlog

_log = structlog.get_logger(__name__)
AGAIN = 60.0
"""Seconds after which trouble that lasts is told again: a loop comes round twice a second, and logs are read."""


@dataclass(slots=True)
class Trouble:
    """What one loop has trouble with. `what` is the sentence it is told in."""

    what: str
    _kind: str = field(default="", init=False)
    _told_at: float = field(default=0.0, init=False)

    def met(self, error: Exception, now: float) -> None:
        """It met this error, at this moment of the monotonic clock. Told unless the same kind was told lately."""
        kind = type(error).__name__
        if kind != self._kind or now - self._told_at >= AGAIN:
            self._kind, self._told_at = kind, now
            _log.error(self.what, exc_info=error)

    def over(self) -> None:
        """It went well. Told if it had not before."""
        if self._kind:
            self._kind = ""
            _log.info("it works again", after=self.what)
