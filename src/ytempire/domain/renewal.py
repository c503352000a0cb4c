"""Keeping grants alive: when a token is renewed ahead of its end, and which ends can be seen coming."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

AHEAD = timedelta(minutes=30)
"""A token with no more life than this is renewed; the brief's `refresh_buffer`."""

ROUND = timedelta(minutes=5)
"""How often grants are looked through; the brief's `check_interval`."""

BACKUP_EVERY = timedelta(days=7)
"""How often a backup grant is used, which nobody needs until the day it is all there is."""

IDLE_GRANT = timedelta(days=180)
"""Google ends a refresh token that was not used for six months (facts 5.2)."""

IDLE_PROJECT = timedelta(days=90)
"""YouTube may take the quota of a project that sent nothing for 90 days (facts 1.6)."""

TESTING_LIFE = timedelta(days=7)
"""How long a refresh token lives while the consent screen is in the status Testing (facts 5.2)."""

_SOON = timedelta(days=14)
"""An end is told of this long before."""


def is_due(expires_at: datetime | None, now: datetime) -> bool:
    """Is it time to renew a token that ends then? One without a known end is renewed at once."""
    return expires_at is None or expires_at - now <= AHEAD


class End(StrEnum):
    """How a grant can come to its end without anybody doing anything."""

    TESTING = "testing"
    LIMITED = "limited"
    IDLE_GRANT = "idle_grant"
    IDLE_PROJECT = "idle_project"


@dataclass(frozen=True, slots=True)
class Forecast:
    """An end that can be seen coming: when, why in a sentence, and what prevents it."""

    end: End
    at: datetime
    message: str
    remedy: str


def forecasts(
    *,
    connected_at: datetime,
    refreshed_at: datetime | None,
    ends_at: datetime | None,
    project_used_at: datetime | None,
    now: datetime,
) -> tuple[Forecast, ...]:
    """The ends of a grant that lie within a fortnight or behind us, soonest first.

    `ends_at` is what Google said of the refresh token; `project_used_at` when its project last sent
    anything, None when that is not known.
    """
    found = [_announced(connected_at, ends_at)] if ends_at is not None else []
    idle = (refreshed_at or connected_at) + IDLE_GRANT
    message = "a grant that is not used for six months ends"
    found.append(Forecast(End.IDLE_GRANT, idle, message, "run `ytempire tokens refresh`, or a worker"))
    if project_used_at is not None:
        message = "YouTube may take the quota of a project that sends nothing for 90 days"
        remedy = "publish through the project, or run `ytempire doctor --online` now and then"
        found.append(Forecast(End.IDLE_PROJECT, project_used_at + IDLE_PROJECT, message, remedy))
    return tuple(sorted((each for each in found if each.at - now <= _SOON), key=lambda each: each.at))


def _announced(connected_at: datetime, ends_at: datetime) -> Forecast:
    if ends_at - connected_at <= TESTING_LIFE + timedelta(hours=1):
        message = "the consent screen is in the status Testing, where a grant lives for seven days"
        remedy = "publish the app in the Cloud console (OAuth consent screen), then connect the account anew"
        return Forecast(End.TESTING, ends_at, message, remedy)
    message = "access was given for a limited time"
    return Forecast(End.LIMITED, ends_at, message, "connect the account anew before then")
