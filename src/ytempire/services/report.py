"""Read models: publications, accounts, quota and events as plain JSON documents, the same for every face."""

from dataclasses import dataclass
from datetime import datetime

from ytempire.domain.accounts import Account
from ytempire.domain.events import Event
from ytempire.domain.oauth import Slot
from ytempire.domain.publication import Publication
from ytempire.domain.quota import LedgerLine
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, PublicationId, Refusal, Refused
from ytempire.ports import Clock, Filter, SealedGrant, Store

Document = dict[str, object]


def moment(value: datetime | None) -> str | None:
    """RFC 3339 in UTC to the second, or None."""
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if value is not None else None


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


def account_document(account: Account, grant: SealedGrant | None) -> Document:
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
        "in_flight": account.in_flight,
        "last_upload_at": moment(account.last_upload_at),
        "parked_until": moment(account.parked_until),
        "successes": account.successes,
        "trials": account.trials,
        "token_expires_at": moment(grant.expires_at) if grant else None,
        "connected_at": moment(grant.connected_at) if grant else None,
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
        "closed": line.closed,
        "resets_at": moment(line.day.resets),
    }


@dataclass(frozen=True, slots=True)
class Reports:
    """Answers for people and programs who only look."""

    store: Store
    clock: Clock

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
        """The last choice made for a publication: every account weighed, best first."""
        found = await self._find(which)
        chosen: Document = {"at": None, "candidates": []}
        for _, event in await self.store.events(publication=which):
            if event.data.get("candidates"):
                chosen = {"at": moment(event.at), "candidates": event.data["candidates"]}
        return {"publication": which, "state": str(found.state), "account": found.account, **chosen}

    async def accounts(self) -> list[Document]:
        """All accounts."""
        grants = {grant.account: grant for grant in await self.store.grants() if grant.slot is Slot.PRIMARY}
        accounts = await self.store.accounts(self.clock.now())
        return [account_document(each, grants.get(each.id)) for each in accounts]

    async def account(self, which: AccountId) -> Document:
        """One account. Raises `Refused` when it is not configured."""
        for document in await self.accounts():
            if document["id"] == which:
                return document
        remedy = "see `ytempire accounts list`"
        raise Refused(Refusal("account", "account_unknown", f"there is no account {which!r}", remedy))

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
