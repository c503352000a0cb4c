"""Rows of tables to values of the domain and back. Columns are read by position, as written here."""

from typing import TypeAlias

from ytempire.adapters.sql.documents import (
    document,
    extras_document,
    extras_of_document,
    moment,
    moment_text,
    optional_moment,
    optional_text,
    plain,
    reason_document,
    reason_of,
    request_of,
)
from ytempire.adapters.sql.program import Row
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication, Session, SessionState
from ytempire.domain.quota import Bucket, LedgerLine, Purpose
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import SessionId

Params: TypeAlias = dict[str, str | int | None]

PARTS = {
    Purpose.UPLOADS: "part_uploads",
    Purpose.METADATA: "part_metadata",
    Purpose.THUMBNAILS: "part_thumbnails",
}
"""The columns for what is taken of an account's own part of the quota, by purpose; `total` is their sum."""

PUBLICATION = """
SELECT p.id, p.request, p.state, p.created_at, p.updated_at, p.version, p.account, p.project, p.video_id,
  p.reason, p.due, p.look_at, p.uploaded_at, p.attempts, p.failures, p.passes, p.day,
  p.cancel_requested, p.extras, p.session_id,
  s.account, s.project, s.state, s.size, s.opened_at, s.sealed_uri, s.acknowledged, s.asked
FROM publications p LEFT JOIN sessions s ON s.publication = p.id AND s.id = p.session_id
"""
"""Reads publications with their present sessions, for `publication_of`."""

_SESSION_AT = 19


def publication_of(row: Row) -> Publication:
    """A publication from a row of `PUBLICATION`."""
    return Publication(
        id=row[0],
        request=request_of(row[1]),
        state=State(row[2]),
        created_at=moment(row[3]),
        updated_at=moment(row[4]),
        version=row[5],
        account=row[6],
        project=row[7],
        video_id=row[8],
        reason=reason_of(row[9]),
        due=optional_moment(row[10]),
        look_at=optional_moment(row[11]),
        uploaded_at=optional_moment(row[12]),
        attempts=row[13],
        failures=row[14],
        passes=row[15],
        day=None if row[16] is None else QuotaDay.parse(row[16]),
        cancel_requested=bool(row[17]),
        extras=extras_of_document(row[18]),
        session=_session_of(row[_SESSION_AT:]),
    )


def _session_of(row: Row) -> Session | None:
    if row[0] is None:
        return None
    return Session(
        id=SessionId(row[0]),
        account=row[1],
        project=row[2],
        state=SessionState(row[3]),
        size=row[4],
        opened_at=moment(row[5]),
        sealed_uri=row[6],
        offset=row[7],
        asked=row[8],
    )


def publication_params(it: Publication) -> Params:
    """Everything of a publication that can change, by the names of its columns."""
    return {
        "id": it.id,
        "state": it.state.value,
        "updated_at": moment_text(it.updated_at),
        "version": it.version,
        "account": it.account,
        "project": it.project,
        "video_id": it.video_id,
        "reason": reason_document(it.reason),
        "due": optional_text(it.due),
        "look_at": optional_text(it.look_at),
        "uploaded_at": optional_text(it.uploaded_at),
        "attempts": it.attempts,
        "failures": it.failures,
        "passes": it.passes,
        "day": None if it.day is None else str(it.day),
        "cancel_requested": int(it.cancel_requested),
        "extras": extras_document(it.extras) if it.extras else "[]",
        "session_id": it.session.id if it.session else None,
        "session_state": it.session.state.value if it.session else None,
    }


def session_params(publication: str, it: Session) -> Params:
    """A session by the names of its columns, without its address."""
    return {
        "publication": publication,
        "id": it.id,
        "account": it.account,
        "project": it.project,
        "state": it.state.value,
        "size": it.size,
        "opened_at": moment_text(it.opened_at),
        "acknowledged": it.offset,
        "asked": it.asked,
    }


def event_params(it: Event) -> Params:
    """An event by the names of its columns."""
    return {
        "kind": it.kind.value,
        "at": moment_text(it.at),
        "level": it.level.value,
        "publication": it.publication,
        "account": it.account,
        "project": it.project,
        "data": document(dict(it.data)) if it.data else "{}",
    }


def event_of(row: Row) -> tuple[int, Event]:
    """A numbered event from number, kind, at, level, publication, account, project, data."""
    number, kind, at, level, publication, account, project, data = row
    return number, Event(Kind(kind), moment(at), Level(level), publication, account, project, plain(data))


def line_of(row: Row) -> LedgerLine:
    """A line of the ledger from project, bucket, day, allowance, used, overhead, reserved, closed."""
    project, bucket, day, allowance, used, overhead, reserved, closed = row
    return LedgerLine(
        project, Bucket(bucket), QuotaDay.parse(day), allowance, used, overhead, reserved, closed
    )
