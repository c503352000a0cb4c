"""Read models: publications, accounts, quota and events as plain JSON documents, the same for every face."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ytempire.domain.accounts import Account, Score, World, fitness
from ytempire.domain.audit import Link, first_break
from ytempire.domain.events import Event
from ytempire.domain.oauth import Slot
from ytempire.domain.publication import Publication
from ytempire.domain.quota import LedgerLine, Method, Profile, reset_after
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.renewal import forecasts
from ytempire.domain.thresholds import colour
from ytempire.domain.values import AccountId, ProjectId, PublicationId, Refusal, Refused
from ytempire.ports import Clock, Filter, SealedGrant, Store
from ytempire.services.account_report import account_document
from ytempire.services.documents import Document, moment

_LINKS = 1000

_CHANGES = 20
"""So many of the last things that happened to an account are told with it."""


def publication_document(publication: Publication) -> Document:
    """A publication as `jobs list` and `publish --wait` tell it. `reason` is `code: sentence` or null."""
    reason = publication.reason
    return {
        "id": publication.id,
        "state": str(publication.state),
        "account": publication.account,
        "video_id": publication.video_id,
        "url": publication.url,
        "reason": f"{reason.code}: {reason.message}" if reason else None,
        "remedies": list(reason.remedies) if reason else [],
        "attempts": publication.attempts,
        "due": moment(publication.due or publication.look_at),
        "title": publication.request.metadata.title,
        "file": publication.request.video.path,
        "bytes": publication.request.video.size,
        "priority": publication.request.priority,
        "created_at": moment(publication.created_at),
        "updated_at": moment(publication.updated_at),
        "extras": [
            {
                "kind": str(extra.kind),
                "index": extra.index,
                "state": str(extra.state),
                "tries": extra.tries,
                "due": moment(extra.due),
                "reason": extra.reason,
            }
            for extra in publication.extras
        ],
    }


def event_document(number: int, event: Event) -> Document:
    """An event with its number."""
    return {
        "number": number,
        "at": moment(event.at),
        "kind": str(event.kind),
        "level": str(event.level),
        "publication": event.publication,
        "account": event.account,
        "project": event.project,
        "data": dict(event.data),
    }


def line_document(line: LedgerLine) -> Document:
    """One bucket of one project today."""
    return {
        "project": line.project,
        "bucket": str(line.bucket),
        "day": str(line.day),
        "limit": line.limit,
        "used": line.used + line.overhead,
        "used_by_work": line.used,
        "used_by_reads": line.overhead,
        "reserved": line.reserved,
        "free": line.free,
        "ceiling": line.ceiling,
        "hard_stop": line.hard_stop,
        "percent": round(line.percent, 1),
        "colour": str(colour(line)),
        "closed": line.closed,
        "drift": line.drift,
        "resets_at": moment(line.day.resets),
    }


def grant_document(
    grant: SealedGrant, account: Account, project_used_at: datetime | None, now: datetime
) -> Document:
    """What may be shown of a grant."""
    coming = forecasts(
        connected_at=grant.connected_at,
        refreshed_at=grant.refreshed_at,
        ends_at=grant.ends_at,
        project_used_at=project_used_at,
        now=now,
    )
    return {
        "account": account.id,
        "slot": str(grant.slot),
        "state": "unusable" if grant.unusable else "valid" if _lives(grant, now) else "to be renewed",
        "why": grant.unusable,
        "account_state": str(account.condition),
        "channel": grant.channel,
        "expires_at": moment(grant.expires_at),
        "refreshed_at": moment(grant.refreshed_at),
        "connected_at": moment(grant.connected_at),
        "ends_at": moment(grant.ends_at),
        "scopes": list(grant.scopes),
        "key": grant.key,
        "forecasts": [
            {"end": str(each.end), "at": moment(each.at), "message": each.message, "remedy": each.remedy}
            for each in coming
        ],
    }


def link_document(link: Link) -> Document:
    """One entry of the trail."""
    entry = link.entry
    return {
        "number": link.number,
        "at": moment(entry.at),
        "actor": entry.actor,
        "use": str(entry.use),
        "account": entry.account,
        "detail": entry.detail,
        "hash": link.hash,
    }


def _lives(grant: SealedGrant, now: datetime) -> bool:
    return grant.expires_at is not None and grant.expires_at > now


def _no_grant(account: Account) -> Document:
    nothing: Document = dict.fromkeys(
        ("slot", "expires_at", "refreshed_at", "connected_at", "ends_at", "key")
    )
    state = {"state": "not connected", "why": account.why, "account_state": str(account.condition)}
    return {
        "account": account.id,
        **nothing,
        **state,
        "channel": account.channel,
        "scopes": [],
        "forecasts": [],
    }


def last_use(accounts: Iterable[Account]) -> dict[ProjectId, datetime]:
    """When each project last uploaded anything: a lower bound of its last use."""
    found: dict[ProjectId, datetime] = {}
    for account in accounts:
        if account.last_upload_at is not None:
            before = found.get(account.project, account.last_upload_at)
            found[account.project] = max(before, account.last_upload_at)
    return found


@dataclass(frozen=True, slots=True)
class Reports:
    """Answers for people and programs who only look."""

    store: Store
    clock: Clock
    profiles: Mapping[ProjectId, Profile] = field(default_factory=dict)

    async def publications(self, wanted: Filter) -> list[Document]:
        """Publications, newest first."""
        return [publication_document(each) for each in await self.store.publications(wanted)]

    async def publication(self, which: PublicationId) -> Document:
        """One publication with its history. Raises `Refused` when there is none."""
        found = await self._find(which)
        history = await self.store.events(publication=which)
        events = [event_document(number, event) for number, event in history]
        return publication_document(found) | {"sha256": found.request.video.sha256, "history": events}

    async def explanation(self, which: PublicationId) -> Document:
        """The last choice made for a publication: every account weighed, best first, with its health then."""
        found = await self._find(which)
        chosen: Document = {"at": None, "candidates": []}
        for _, event in await self.store.events(publication=which):
            if event.data.get("candidates"):
                chosen = {"at": moment(event.at), "candidates": event.data["candidates"]}
        return {"publication": which, "state": str(found.state), "account": found.account, **chosen}

    async def accounts(self) -> list[Document]:
        """All accounts, each with its fitness for a plain upload now and its health."""
        now = self.clock.now()
        everything = await self.store.grants()
        grants = {grant.account: grant for grant in everything if grant.slot is Slot.PRIMARY}
        ledger = {(each.project, each.bucket): each for each in await self.store.ledger(QuotaDay.of(now))}
        world = World(await self.store.accounts(now), ledger, reset_after(now))
        return [
            account_document(each, grants.get(each.id), self._fitness(each, world, now), now)
            for each in world.accounts
        ]

    def _fitness(self, account: Account, world: World, now: datetime) -> Score | None:
        """For a video without extras; None when the prices of its project are not known."""
        profile = self.profiles.get(account.project)
        if profile is None:
            return None
        cost = profile.cost((Method.VIDEOS_INSERT, *profile.more_inserts))
        known = all((account.project, bucket) in world.ledger for bucket in cost.units)
        return fitness(account, cost, world, now) if known else None

    async def account(self, which: AccountId) -> Document:
        """One account and what happened to it lately. Raises `Refused` when it is not configured."""
        for document in await self.accounts():
            if document["id"] == which:
                changes = await self.store.account_history(which, _CHANGES)
                return document | {"history": [event_document(number, event) for number, event in changes]}
        remedy = "see `ytempire accounts list`"
        raise Refused(Refusal("account", "account_unknown", f"there is no account {which!r}", remedy))

    async def tokens(self) -> list[Document]:
        """Every grant of every configured account, and the ends of it that can be seen coming."""
        now = self.clock.now()
        accounts = {each.id: each for each in await self.store.accounts(now)}
        used = last_use(accounts.values())
        grants = [grant for grant in await self.store.grants() if grant.account in accounts]
        lines = [
            grant_document(grant, accounts[grant.account], used.get(accounts[grant.account].project), now)
            for grant in grants
        ]
        held = {grant.account for grant in grants}
        return lines + [_no_grant(account) for name, account in accounts.items() if name not in held]

    async def trail(self, last: int) -> Document:
        """The trail of credential use: its end, its head, and the number of the first broken entry or None."""
        number, head = await self.store.audit_head()
        broken, seen, before = None, 0, ""
        end: deque[Link] = deque(maxlen=last)
        while broken is None and seen < number:
            # No further than the head as it was, for others go on writing meanwhile.
            links = await self.store.audit_trail(seen, min(_LINKS, number - seen))
            if not links:
                break
            broken = first_break(links, seen, before)
            seen, before = links[-1].number, links[-1].hash
            end.extend(links)
        if broken is None and (seen, before) != (number, head):
            broken = min(seen + 1, number)
        if broken is None:
            # What others wrote meanwhile follows from the head; what does not was put there by somebody.
            broken = first_break(await self.store.audit_trail(number, 1), number, head)
        entries = [link_document(link) for link in end]
        return {"entries": entries, "length": number, "head": head, "broken_at": broken}

    async def quota(self) -> list[Document]:
        """Every bucket of every project today."""
        lines = await self.store.ledger(QuotaDay.of(self.clock.now()))
        return [line_document(line) for line in lines]

    async def _find(self, which: PublicationId) -> Publication:
        found = await self.store.publication(which)
        if found is None:
            remedy = "see `ytempire jobs list`"
            raise Refused(Refusal("publication", "publication_unknown", f"there is no {which!r}", remedy))
        return found
