"""When two publications are the same thing: the same bytes, where they could meet on one channel."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from ytempire.domain.publication import Publication, Request, Target
from ytempire.domain.values import AccountId


def fingerprint(request: Request) -> str:
    """A hash (hex) of everything asked, for idempotency keys; where the files lie does not count."""
    document = asdict(request)
    del document["duration_ms"]  # found in the bytes, not asked
    for name in ("video", "thumbnail"):
        document[name] = document[name] and document[name]["sha256"]
    for caption in document["captions"]:
        caption["file"] = caption["file"]["sha256"]
    text = json.dumps(document, sort_keys=True, default=datetime.isoformat)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def first_duplicate(request: Request, others: Iterable[Publication]) -> Publication | None:
    """The publication this request would repeat, or None; a request made again on purpose repeats nothing."""
    if request.again:
        return None
    return next((other for other in others if _meet(request.target, other)), None)


def _meet(target: Target, other: Publication) -> bool:
    mine = target.account
    theirs: AccountId | None = other.account or other.request.target.account
    return mine is None or theirs is None or mine == theirs
