"""Where plans are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from ytempire.domain.events import Event


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan as it was told: the local date it is for, when it was made, and its document of plain JSON values."""

    id: str
    day: date
    made_at: datetime
    document: Mapping[str, Any]


class Plans(Protocol):
    """The plans of dates, the last of each as it was made. Days are planned anew too often to keep every plan."""

    async def save_plan(self, plan: StoredPlan, events: Sequence[Event]) -> None:
        """Stores a plan and events in one transaction, and forgets those made for its date before it.

        An id that is there already stays as it is.
        """
        ...

    async def latest_plan(self, day: date) -> StoredPlan | None:
        """The plan for a date that was made last, or None; of two made at one moment the one with the larger id."""
        ...
