"""Read models of quota: today with its pace and room, the days gone by, and days that are only supposed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ytempire.domain.accounts import Account
from ytempire.domain.pace import HOUR, Pace, burn_rate, empty_at
from ytempire.domain.quota import Bucket, LedgerLine, Method, Profile
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, ProjectId
from ytempire.domain.whatif import Need, Room, Supposed, job, room, what_if
from ytempire.ports import Clock, Store
from ytempire.services.documents import Document, moment
from ytempire.services.report import line_document


def paced_document(line: LedgerLine, pace: Pace, now: datetime) -> Document:
    """One bucket of one project today, with how fast it is used and where that leads."""
    rate = burn_rate(line, pace, now)
    at_reset = line.sent + rate * ((line.day.resets - now) / HOUR)
    return line_document(line) | {
        "per_hour": round(rate, 1),
        "empty_at": moment(empty_at(line, rate, now)),
        "percent_at_reset": round(100 * at_reset / line.limit, 1) if line.limit else 100.0,
    }


def past_document(line: LedgerLine) -> Document:
    """One bucket of one project on one day, as history tells it."""
    names = ("day", "project", "bucket", "limit", "used", "used_by_work", "used_by_reads", "percent",
             "colour", "closed", "drift")  # fmt: skip
    whole = line_document(line)
    return {name: whole[name] for name in names}


def share_document(account: Account, units: int, limit: int) -> Document:
    """What an account has used today: of its own cap, and of its project's units."""
    return {
        "account": account.id,
        "project": account.project,
        "kind": str(account.kind),
        "state": str(account.condition),
        "uploads_today": account.uploads_today,
        "daily_uploads": account.daily_uploads,
        "in_flight": account.in_flight,
        "units": units,
        "percent_of_project": round(100 * units / limit, 1) if limit else 0.0,
    }


def room_document(found: Room) -> Document:
    """How many more uploads a project can carry today, and which side says so."""
    return {
        "project": found.project,
        "uploads": found.uploads,
        "by_quota": found.by_quota,
        "by_accounts": found.by_accounts,
        "more_on_reserves": found.more_on_reserves,
    }


def supposed_document(project: ProjectId | None, profile: Profile, supposed: Supposed) -> Document:
    """A supposed day of one project."""
    return {
        "project": project,
        "profile": profile.name,
        "fits": supposed.fits,
        "room": supposed.room,
        "binding": str(supposed.binding),
        "buckets": [_need(need) for need in supposed.needs],
    }


def _need(need: Need) -> Document:
    return {
        "bucket": str(need.bucket),
        "each": need.each,
        "total": need.total,
        "limit": need.limit,
        "ceiling": need.ceiling,
        "percent": round(need.percent, 1),
        "fits": need.fits,
        "room": need.room,
        "limit_needed": need.limit_needed,
    }


@dataclass(frozen=True, slots=True)
class QuotaReports:
    """Answers about quota. `usual` are the requests of an ordinary video, `limits` the days' sizes by project."""

    store: Store
    clock: Clock
    profiles: Mapping[ProjectId, Profile]
    limits: Mapping[ProjectId, Mapping[Bucket, int]]
    usual: tuple[Method, ...]
    usual_extras: str

    async def today(self) -> Document:
        """Every bucket with its pace, how many uploads are still possible, and what each account has used."""
        now = self.clock.now()
        day = QuotaDay.of(now)
        lines, paces = await self.store.ledger(day), await self.store.paces(day)
        accounts, spent = await self.store.accounts(now), await self.store.spent(day)
        rooms = [
            room(project, job(profile, self.usual), lines, accounts, now)
            for project, profile in sorted(self.profiles.items())
        ]
        return {
            "at": moment(now),
            "buckets": [
                paced_document(line, paces.get((line.project, line.bucket), Pace()), now) for line in lines
            ],
            "uploads_possible": sum(each.uploads for each in rooms),
            "usual_extras": self.usual_extras,
            "projects": [room_document(each) for each in rooms],
            "accounts": [self._share(account, spent) for account in accounts],
        }

    def _share(self, account: Account, spent: Mapping[AccountId, int]) -> Document:
        limit = self.limits.get(account.project, {}).get(Bucket.UNITS, 0)
        return share_document(account, spent.get(account.id, 0), limit)

    async def history(self, days: int) -> list[Document]:
        """The last so many quota days with the present one, newest first; what was never touched is left out."""
        first = QuotaDay(QuotaDay.of(self.clock.now()).date - timedelta(days=days - 1))
        lines = await self.store.ledger_since(first)
        ordered = sorted(lines, key=lambda line: (-line.day.date.toordinal(), line.project, line.bucket))
        return [past_document(line) for line in ordered]

    def what_if(self, videos: int, methods: tuple[Method, ...], overrides: Mapping[Bucket, int]) -> Document:
        """So many such videos on a fresh day, in each project as if all were its own, and in all together."""
        found = []
        for project, profile in sorted(self.profiles.items()):
            limits = {**self.limits[project], **overrides}
            supposed = what_if(videos, job(profile, methods), limits)
            found.append((supposed, supposed_document(project, profile, supposed)))
        return _together(videos, methods, found)


def of_profile(
    videos: int, methods: tuple[Method, ...], profile: Profile, overrides: Mapping[Bucket, int]
) -> Document:
    """The same for one project that is only supposed, with the limits of its price list."""
    supposed = what_if(videos, job(profile, methods), {**profile.limits, **overrides})
    return _together(videos, methods, [(supposed, supposed_document(None, profile, supposed))])


def _together(videos: int, methods: tuple[Method, ...], found: list[tuple[Supposed, Document]]) -> Document:
    fit = sum(supposed.room for supposed, _ in found)
    return {
        "videos": videos,
        "requests": [str(method) for method in methods],
        "fits": videos <= fit,
        "room": fit,
        "projects": [document for _, document in found],
    }
