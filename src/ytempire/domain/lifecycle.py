"""The life of a publication as one table of (state, step) -> state.

A step that is not in the table raises `IllegalStep` and changes nothing. The diagram in
docs/lifecycle.md is drawn from this table; final states have no way out.
"""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a publication is at rest."""

    QUEUED = "queued"
    PLANNED = "planned"
    UPLOADING = "uploading"
    PROCESSING = "processing"
    PUBLISHED = "published"
    DEFERRED = "deferred"
    HELD = "held"
    REFUSED = "refused"
    DUPLICATE = "duplicate"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Step(StrEnum):
    """What may happen to a publication."""

    PLAN = "plan"
    START = "start"
    RETURN = "return"
    DEFER = "defer"
    UPLOADED = "uploaded"
    PUBLISH = "publish"
    HOLD = "hold"
    REFUSE = "refuse"
    SKIP = "skip"
    CANCEL = "cancel"
    RELEASE = "release"
    ADOPT = "adopt"
    FAIL = "fail"


class IllegalStep(Exception):
    """A step that the table does not know; the publication stays as it was."""

    def __init__(self, state: State, step: Step) -> None:
        super().__init__(f"a publication that is {state} cannot {step}")
        self.state = state
        self.step = step


_WAITING = (State.QUEUED, State.PLANNED, State.DEFERRED)

TABLE: Mapping[tuple[State, Step], State] = {
    (State.QUEUED, Step.PLAN): State.PLANNED,
    (State.PLANNED, Step.RETURN): State.QUEUED,
    **{(state, Step.START): State.UPLOADING for state in _WAITING},
    **{(state, Step.DEFER): State.DEFERRED for state in (*_WAITING, State.UPLOADING)},
    (State.UPLOADING, Step.RETURN): State.QUEUED,
    (State.DEFERRED, Step.RETURN): State.QUEUED,
    (State.UPLOADING, Step.UPLOADED): State.PROCESSING,
    (State.PROCESSING, Step.PUBLISH): State.PUBLISHED,
    (State.PROCESSING, Step.FAIL): State.FAILED,
    **{(state, Step.HOLD): State.HELD for state in (*_WAITING, State.UPLOADING, State.PROCESSING)},
    **{(state, Step.REFUSE): State.REFUSED for state in (*_WAITING, State.UPLOADING)},
    **{(state, Step.SKIP): State.DUPLICATE for state in (*_WAITING, State.UPLOADING, State.PROCESSING)},
    **{(state, Step.CANCEL): State.CANCELLED for state in (*_WAITING, State.UPLOADING, State.HELD)},
    (State.HELD, Step.RELEASE): State.QUEUED,
    (State.HELD, Step.ADOPT): State.PROCESSING,
    (State.HELD, Step.FAIL): State.FAILED,
}
"""Every step there is."""

FINAL: frozenset[State] = frozenset(State) - {state for state, _ in TABLE}
WORKABLE: frozenset[State] = frozenset({*_WAITING, State.UPLOADING, State.PROCESSING})
"""The states in which a worker has something to do, now or when due."""
ATTENDED: frozenset[State] = WORKABLE | {State.PUBLISHED}
"""Those in which a `due` is kept to: a video may be published while an extra of it still waits for its day."""


def take(state: State, step: Step) -> State:
    """The state after a step. Raises `IllegalStep` when the table has no such step."""
    try:
        return TABLE[state, step]
    except KeyError:
        raise IllegalStep(state, step) from None


def mermaid() -> str:
    """The table as a Mermaid state diagram, for the documentation."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.QUEUED}: submit"]
    lines += [f"    {before} --> {after}: {step}" for (before, step), after in TABLE.items()]
    lines += [f"    {state} --> [*]" for state in State if state in FINAL]
    return "\n".join(lines)
