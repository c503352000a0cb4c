"""When two publications are the same thing: the same bytes, where they could meet on one channel."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any

from ytempire.domain.files import StoredFile
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication, Request, Target
from ytempire.domain.values import AccountId

_UNSETTLED = frozenset({State.QUEUED, State.PLANNED, State.DEFERRED, State.HELD})


def fingerprint(request: Request) -> str:
    """A hash (hex) of everything asked, for idempotency keys; where the files lie does not count."""
    document = _document(request)
    del document["duration_ms"]  # found in the bytes, not asked
    text = json.dumps(document, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _plain(value: object) -> object:
    """What JSON has no form for: a file is what is in it."""
    match value:
        case datetime():
            return value.isoformat()
        case StoredFile():
            return value.sha256
        case _:
            return _document(value)


def _document(value: Any) -> dict[str, object]:
    """A dataclass by its fields. (`asdict` copies all that is in them, which took most of the time.)"""
    return {each.name: getattr(value, each.name) for each in fields(value)}


def first_duplicate(request: Request, others: Iterable[Publication]) -> Publication | None:
    """The publication this request would repeat, or None; a request made again on purpose repeats nothing."""
    if request.again:
        return None
    return next((other for other in others if _meet(request.target, other)), None)


def _meet(target: Target, other: Publication) -> bool:
    mine, theirs = target.account, _bound_to(other)
    return mine is None or theirs is None or mine == theirs


def _bound_to(publication: Publication) -> AccountId | None:
    """The account it stays with. One that waits without a session may go elsewhere than it was, or is planned."""
    free = (
        publication.state in _UNSETTLED and publication.live_session is None and publication.video_id is None
    )
    return publication.request.target.account if free else publication.account
