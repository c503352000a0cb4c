"""The checkup behind `ytempire doctor`: facts in, findings out, each with what to do about it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ytempire.domain.oauth import OAuthClient
from ytempire.domain.quota import Profile
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.renewal import End, Forecast

SKEW_TOLD = timedelta(seconds=30)
SKEW_WRONG = timedelta(minutes=5)
"""Tokens live an hour and are renewed half an hour ahead; beyond this much the clock itself is the trouble."""

_ROOM_TOLD = 5 * 2**30
_ROOM_NEEDED = 512 * 2**20
_NAMED = 3


class Grade(StrEnum):
    """How good or bad a finding is. Only problems fail a checkup."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a checkup: what was looked at, what was found, and the remedy where there is something to do."""

    about: str
    grade: Grade
    message: str
    remedy: str = ""


def ok(about: str, message: str) -> Finding:
    """Nothing to do."""
    return Finding(about, Grade.OK, message)


def warning(about: str, message: str, remedy: str) -> Finding:
    """It works today."""
    return Finding(about, Grade.WARNING, message, remedy)


def problem(about: str, message: str, remedy: str) -> Finding:
    """It does not work, or not safely."""
    return Finding(about, Grade.PROBLEM, message, remedy)


def is_nowhere(findings: Iterable[Finding]) -> bool:
    """Is there no installation that could be looked at, as for any other command: no home, no configuration?"""
    return any(each.grade is Grade.PROBLEM and each.about in ("configuration", "home") for each in findings)


def clock(ours: datetime, theirs: datetime | None, why: str = "") -> Finding:
    """Our clock against the `Date` of Google's answer, which is exact to a second. `why`: there was none."""
    if theirs is None:
        remedy = "let this machine reach the token endpoint, then run the checkup again"
        return warning("clock", f"it could not be compared with Google's: {why}", remedy)
    skew = ours - theirs
    seconds = round(abs(skew.total_seconds()))
    side = "ahead of" if skew > timedelta(0) else "behind"
    remedy = "set the clock by NTP (timedatectl set-ntp true)"
    if abs(skew) > SKEW_WRONG:
        message = f"it is {seconds} s {side} Google's: tokens and the quota day are judged wrongly"
        return problem("clock", message, remedy)
    if abs(skew) > SKEW_TOLD:
        return warning("clock", f"it is {seconds} s {side} Google's", remedy)
    return ok("clock", f"it agrees with Google's to {max(seconds, 1)} s")


def quota_day(now: datetime) -> Finding:
    """Whether the rules of Pacific time are here: a day in March and one in November have 23 and 25 hours."""
    days = (QuotaDay.parse("2026-03-08"), QuotaDay.parse("2026-11-01"))
    return zone_rules([(day.resets - day.starts) // timedelta(hours=1) for day in days], now)


def zone_rules(lengths: Sequence[int], now: datetime) -> Finding:
    """The hours that those two days have here."""
    if lengths != [23, 25]:
        message = "the rules of daylight saving time in Pacific time are wrong on this machine"
        return problem("time zones", message, "install the tzdata package anew")
    today = QuotaDay.of(now)
    return ok("time zones", f"the quota day is {today}; it ends {today.resets:%Y-%m-%d %H:%M} UTC")


def client(project: str, found: OAuthClient) -> Finding:
    """The OAuth client of a project."""
    about = f"client of {project}"
    kind = "web server" if found.web else "desktop app"
    return ok(about, f"{found.client_id} ({kind}), tokens from {found.token_uri}")


def profile(projects: Sequence[str], priced: Profile, now: datetime) -> Finding:
    """Whether a price list that these projects use is the one that Google charges by today."""
    about = f"prices of {some(projects)}"
    today = QuotaDay.of(now).date
    if priced.valid_to is not None and today >= priced.valid_to:
        message = f"{priced.name} ended on {priced.valid_to}; Google charges otherwise now"
        return warning(about, message, 'set profile = "buckets-2026", unless your server still charges so')
    if today < priced.valid_from:
        message = f"{priced.name} begins on {priced.valid_from} only"
        return warning(about, message, "choose the profile of today")
    return ok(about, f"{priced.name}, in force since {priced.valid_from}")


def some(names: Sequence[str]) -> str:
    """A few names, and how many more there are."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def one_project(projects: Iterable[str], *, failover: bool = False) -> Finding:
    """Developer Policies III.D.1.c: exactly one project for one API client. `failover`: may quota move what was
    started in one on to another?
    """
    names = sorted(set(projects))
    if len(names) <= 1:
        return ok("policy", "all accounts are in one project, as Developer Policy III.D.1.c wants it")
    message = (
        f"the accounts are in {len(names)} projects; Developer Policy III.D.1.c wants exactly one for one API "
        "client, and takes several for a way round the quota"
    )
    if failover:
        message += "; moving on from one to another because of quota is allowed here"
    remedy = "move the accounts to one project and ask Google for more quota if it is short"
    remedy += "; until then set quota.cross_project_failover = false" if failover else ""
    return warning("policy", message, remedy)


def room(free: int) -> Finding:
    """Free bytes where the home is."""
    told = f"{free / 2**30:.1f} GiB are free"
    remedy = "make room, or move the home with --home"
    if free < _ROOM_NEEDED:
        return problem("disk", f"only {told}: the store may not be able to write soon", remedy)
    return warning("disk", f"only {told}", remedy) if free < _ROOM_TOLD else ok("disk", told)


@dataclass(frozen=True, slots=True)
class GrantFacts:
    """What a checkup knows of an account's grant. `scopes` empty: the server did not tell."""

    account: str
    condition: str
    why: str | None
    connected: bool
    unusable: str | None
    scopes: Sequence[str]
    forecasts: Sequence[Forecast]
    has_backup: bool = False
    backup_unusable: str | None = None


def grant(facts: GrantFacts, needed: str) -> Finding:
    """One account's grant: whether it is there, can be used, and for how long."""
    about = f"account {facts.account}"
    connect = f"run `ytempire connect {facts.account}`"
    if not facts.connected:
        return problem(about, "it is not connected", connect)
    if facts.unusable is not None:
        return problem(about, facts.unusable, connect)
    if facts.scopes and needed not in facts.scopes:
        return problem(about, f"its grant lacks {needed}", f"{connect} and allow all that is asked for")
    if facts.condition in ("suspended", "paused", "needs_reauth"):
        remedy = (
            connect if facts.condition == "needs_reauth" else f"`ytempire accounts resume {facts.account}`"
        )
        return warning(about, f"it is {facts.condition}: {facts.why or 'no reason was given'}", remedy)
    for each in facts.forecasts:
        what = "its project may lose its quota" if each.end is End.IDLE_PROJECT else "its grant ends"
        return warning(about, f"{what} on {each.at:%Y-%m-%d %H:%M} UTC: {each.message}", each.remedy)
    more = sorted(set(facts.scopes) - {needed})
    if more:
        message = f"its grant allows more than is needed: {', '.join(more)}"
        return warning(about, message, f"{connect} anew, and allow no more than is asked for")
    if facts.backup_unusable is not None:
        return warning(about, f"its backup grant is dead: {facts.backup_unusable}", f"{connect} --backup")
    return ok(about, f"{facts.condition}, connected" + (", with a backup grant" if facts.has_backup else ""))


def channel(account: str, ours: str | None, theirs: str | None, why: str = "") -> Finding:
    """Whether a grant still acts as the channel it was connected for. `theirs` None: it could not be told."""
    about = f"channel of {account}"
    if theirs is None:
        return warning(about, f"it could not be looked up: {why}", "run the checkup again later")
    if ours is not None and ours != theirs:
        message = f"the grant acts as {theirs}, and the account is {ours}"
        return problem(about, message, f"run `ytempire connect {account}` and choose the right channel")
    return ok(about, theirs)


def versions(found: Mapping[str, str], *, sqlite: tuple[int, ...], python: tuple[int, ...]) -> Finding:
    """What runs here. SQLite before 3.35 lacks RETURNING, which every race is won with."""
    told = ", ".join(f"{name} {version}" for name, version in found.items())
    if sqlite < (3, 35):
        message = f"SQLite {'.'.join(map(str, sqlite))} is too old: 3.35 is needed ({told})"
        return problem("versions", message, "use a Python that was built with a newer SQLite")
    if python >= (3, 14):
        return warning("versions", f"this Python was not tried yet ({told})", "use Python 3.11, 3.12 or 3.13")
    return ok("versions", told)
