"""How fast uploads run, measured at the beats of the live feed from what the sending threads tell."""

from dataclasses import dataclass, field

from ytempire.domain.values import PublicationId

_SHORTEST = 0.2
"""Seconds; over less than this a rate is noise."""

_WEIGHT = 0.3
"""How much the newest beat counts in a rate, so that it follows quickly and does not flicker."""


@dataclass(frozen=True, slots=True)
class Progress:
    """An upload as of a beat: bytes sent of so many, bytes a second, seconds left (None: not known)."""

    offset: int
    size: int
    rate: float
    eta: float | None


@dataclass(frozen=True, slots=True)
class Meter:
    """Listens to uploads. `note` may be called from any thread; everything else from one."""

    _told: dict[PublicationId, tuple[int, int]] = field(default_factory=dict)
    _seen: dict[PublicationId, tuple[int, float, float]] = field(default_factory=dict)

    def note(self, which: PublicationId, offset: int, total: int) -> None:
        """As `services.context.Progress`."""
        self._told[which] = (offset, total)

    def measured(self, which: PublicationId, now: float) -> Progress | None:
        """An upload as it is now; None when nobody tells of it in this process. `now` in seconds that only grow."""
        told = self._told.get(which)
        if told is None:
            return None
        offset, size = told
        before, at, rate = self._seen.get(which, (offset, now, 0.0))
        if offset < before:  # a new session, from its beginning
            before, rate = offset, 0.0
        if now - at >= _SHORTEST:
            newest = (offset - before) / (now - at)
            rate = newest if not rate else rate + _WEIGHT * (newest - rate)
        if now - at >= _SHORTEST or which not in self._seen:
            self._seen[which] = (offset, now, rate)
        return Progress(offset, size, rate, (size - offset) / rate if rate > 1 else None)

    def forget_all_but(self, those: frozenset[PublicationId]) -> None:
        """Forgets uploads that are over."""
        for known in (self._told, self._seen):
            for which in [each for each in known if each not in those]:
                known.pop(which, None)
