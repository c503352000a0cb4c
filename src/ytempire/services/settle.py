"""Writing down what was decided about a publication: from a decision to a settlement, one way for all."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from ytempire.domain.accounts import Candidate, Score
from ytempire.domain.decision import Decision, Hold, Reconcile, Refuse, Skip, Upload, Wait
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.lifecycle import State, Step, take
from ytempire.domain.publication import Publication, Reason, SessionState
from ytempire.ports import Settlement

_END = {
    Hold: (Step.HOLD, Kind.HELD, Level.HIGH),
    Refuse: (Step.REFUSE, Kind.REFUSED, Level.WARNING),
    Skip: (Step.SKIP, Kind.DUPLICATE, Level.INFO),
}


def told(
    publication: Publication,
    kind: Kind,
    now: datetime,
    data: Mapping[str, object] | None = None,
    level: Level = Level.INFO,
) -> Event:
    """An event about a publication; `data` holds plain JSON values."""
    return Event(kind, now, level, publication.id, publication.account, publication.project, data or {})


def settlement(publication: Publication, decision: Decision, now: datetime) -> Settlement:
    """The settlement of any decision but an upload, which is a reservation."""
    match decision:
        case Wait(keep=True):
            return _kept(publication, decision, now)
        case Wait():
            return _returned(publication, decision, now)
        case Reconcile():
            return _doubted(publication, decision, now)
        case Hold(reason) | Refuse(reason) | Skip(reason):
            step, kind, level = _END[type(decision)]
            return ended(publication, step, told(publication, kind, now, _why(reason), level), reason)
        case Upload():
            raise TypeError("an upload is reserved, not settled")


def ended(publication: Publication, step: Step, event: Event, reason: Reason | None) -> Settlement:
    """A step after which no worker has anything to do. What no start was sent for counts as no upload of the day."""
    after = replace(
        publication,
        state=take(publication.state, step),
        updated_at=event.at,
        reason=reason,
        due=None,
        look_at=None,
        passes=0,
        day=None,
    )
    unsent = publication.state is State.UPLOADING and publication.session is None
    return Settlement(after, (event,), release=True, uncount=unsent)


def _kept(publication: Publication, wait: Wait, now: datetime) -> Settlement:
    """Same account, same session, later."""
    after = replace(
        publication,
        updated_at=now,
        reason=wait.reason,
        due=wait.until,
        failures=publication.failures + 1,
        passes=0,
    )
    data = {**_why(wait.reason), "until": wait.until.isoformat(), "tries": after.failures}
    event = told(publication, Kind.RETRYING, now, data)
    return Settlement(after, (event,))


def _returned(publication: Publication, wait: Wait, now: datetime) -> Settlement:
    """Back among the waiting, everything to be chosen anew; a session that made no video is left behind."""
    waits = wait.until > now and wait.reason.code != "busy"
    state = take(publication.state, Step.DEFER) if waits else _queued(publication.state)
    session = publication.session
    if session is not None and session.state is not SessionState.FINISHING and wait.elsewhere:
        session = replace(session, state=SessionState.GONE)
    after = replace(
        publication,
        state=state,
        updated_at=now,
        reason=wait.reason,
        due=wait.until,
        passes=0,
        failures=0,
        session=session,
        day=None,
    )
    kind = Kind.DEFERRED if waits else Kind.RETURNED
    data = {**_why(wait.reason), "until": wait.until.isoformat(), "candidates": shown(wait.candidates)}
    same = publication.state is state and publication.reason == wait.reason
    events = () if same else (told(publication, kind, now, data),)
    started = publication.state is State.UPLOADING and session is None
    return Settlement(after, events, release=True, uncount=started)


def _queued(state: State) -> State:
    return state if state is State.QUEUED else take(state, Step.RETURN)


def _doubted(publication: Publication, decision: Reconcile, now: datetime) -> Settlement:
    """The outcome is unknown: stay on this account and look again."""
    session = publication.session
    asked = replace(session, asked=session.asked + 1) if session is not None else None
    after = replace(
        publication, updated_at=now, reason=decision.reason, due=decision.at, passes=0, session=asked
    )
    data = {**_why(decision.reason), "again": decision.at.isoformat()}
    return Settlement(after, (told(publication, Kind.OUTCOME_UNKNOWN, now, data, Level.WARNING),))


def _why(reason: Reason) -> dict[str, object]:
    return {"code": reason.code, "why": reason.message, "remedies": list(reason.remedies)}


def shown(candidates: tuple[Candidate, ...]) -> list[dict[str, object]]:
    """The candidates of a choice as plain data, best first, for `accounts explain`."""

    def row(candidate: Candidate) -> dict[str, object]:
        return {
            "account": candidate.account,
            "score": parts(candidate.score) if candidate.score is not None else None,
            "health": candidate.health,
            "obstacle": candidate.obstacle and str(candidate.obstacle),
            "also": [str(each) for each in candidate.also],
            "why": candidate.why,
            "lacks": candidate.lacks,
        }

    ordered = sorted(candidates, key=lambda each: (-(each.score.total if each.score else -1), each.account))
    return [row(candidate) for candidate in ordered]


def parts(score: Score) -> dict[str, float]:
    """The parts of a fitness score as plain data."""
    names = ("quota", "success", "rest", "age", "total")
    return {name: round(getattr(score, name), 4) for name in names}
