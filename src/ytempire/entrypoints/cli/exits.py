"""Exit codes: 0 done, 1 failed, 2 usage or bad input, 3 partly done, 4 a person is needed, 5 out of quota
(queued for the reset), 6 upstream is down, 130 interrupted.
"""

from collections.abc import Sequence
from enum import IntEnum

Document = dict[str, object]


class Exit(IntEnum):
    """What a command's exit code means."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    PARTLY = 3
    PERSON = 4
    QUOTA = 5
    UPSTREAM = 6
    INTERRUPTED = 130


_GOOD = ("published", "duplicate")
_PERSON = ("condition", "too_long")
_QUOTA = ("out_of_quota", "quotaExceeded", "hardStop", "parked", "uploadLimitExceeded", "not_planned")
_UPSTREAM = (
    "backendError", "noReply", "tokenEndpoint", "rateLimitExceeded", "sessionLost", "unprovenSuccess", "noSession",
    "noProgress", "youtube_down",
)  # fmt: skip
"""Codes of the reasons of deferred publications."""


def of_publications(publications: Sequence[Document]) -> Exit:
    """The code for publications that have come to rest."""
    good = sum(each["state"] in _GOOD for each in publications)
    if good == len(publications):
        return Exit.DONE
    if good:
        return Exit.PARTLY
    states = {str(each["state"]) for each in publications}
    reasons = {str(each["reason"]).split(":")[0] for each in publications if each["state"] == "deferred"}
    if "held" in states or reasons.intersection(_PERSON):
        return Exit.PERSON
    if states & {"refused", "failed", "cancelled"}:
        return Exit.FAILED
    if reasons.intersection(_QUOTA):
        return Exit.QUOTA
    return Exit.UPSTREAM if reasons.intersection(_UPSTREAM) else Exit.PARTLY
