"""What is told of an account: its state, its day, its two numbers, and what was learned of it."""

from datetime import datetime

from ytempire.domain.accounts import Account, Score
from ytempire.domain.health import Health, health
from ytempire.domain.lessons import Lesson
from ytempire.ports import SealedGrant
from ytempire.services.documents import Document, moment
from ytempire.services.settle import parts


def account_document(
    account: Account, grant: SealedGrant | None, fitness: Score | None, now: datetime
) -> Document:
    """An account with its counts of the day and what may be shown of its grant."""
    return {
        "id": account.id,
        "kind": str(account.kind),
        "project": account.project,
        "state": str(account.condition),
        "why": account.why,
        "changed_by": account.changed_by,
        "changed_at": moment(account.changed_at),
        "groups": sorted(account.groups),
        "channel": account.channel,
        "channel_title": account.channel_title,
        "uploads_today": account.uploads_today,
        "daily_uploads": account.daily_uploads,
        "cap": account.cap(now),
        "in_flight": account.in_flight,
        "last_upload_at": moment(account.last_upload_at),
        "parked_until": moment(account.parked_until),
        "promoted_until": moment(account.promoted_until),
        "successes": account.successes,
        "trials": account.trials,
        "failures_in_a_row": account.failures_in_a_row,
        "fitness": parts(fitness) if fitness is not None else None,
        "health": _health(health(account, now)),
        "lessons": [_lesson(each) for each in account.lessons],
        "token_expires_at": moment(grant.expires_at) if grant else None,
        "connected_at": moment(grant.connected_at) if grant else None,
    }


def _health(found: Health) -> Document:
    names = ("condition", "errors", "streak", "token", "strikes", "total")
    return {name: round(getattr(found, name), 4) for name in names} | {"well": found.well}


def _lesson(lesson: Lesson) -> Document:
    return {
        "topic": str(lesson.topic),
        "value": lesson.value,
        "at": moment(lesson.at),
        "why": lesson.why,
    }
