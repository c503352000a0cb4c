"""Writing down that a fault was met, in the words it came in, for those who look for patterns later.

What follows from a fault has events of its own; this one is the same for all of them, wherever it was met.
"""

from datetime import datetime

from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Fault, Remedy
from ytempire.domain.publication import Publication

_TOLD_BEFORE = ("invalidGrant",)
"""The end of a grant is told by `token.failed`, once, when it is found out."""


def witnessed(fault: Fault, publication: Publication, now: datetime) -> tuple[Event, ...]:
    """The event that this fault struck this publication; one without a remedy of its own is for review."""
    if fault.code in _TOLD_BEFORE:
        return ()
    kind = Kind.FAULT_UNKNOWN if fault.remedy is Remedy.REVIEW else Kind.FAULT_SEEN
    data = {
        "code": fault.code,
        "remedy": str(fault.remedy),
        "scope": str(fault.scope),
        "step": fault.step,
        "status": fault.status,
        "reason": fault.reason,
        "domain": fault.domain,
        "why": fault.detail,
    }
    return (Event(kind, now, fault.level, publication.id, publication.account, publication.project, data),)
