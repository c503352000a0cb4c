"""The tools that change something; there only with `--allow-writes`. What cannot be taken back needs `confirm`."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ytempire.bootstrap.assisting import Doing
from ytempire.domain.accounts import Account
from ytempire.domain.drafts import parse
from ytempire.domain.publication import Metadata, Privacy
from ytempire.domain.values import PublicationId, Refusal, Refused
from ytempire.entrypoints.mcp.guard import Answer, Guard
from ytempire.entrypoints.mcp.looking import PublicationName
from ytempire.services.account_report import account_document
from ytempire.services.callers_view import shown_document
from ytempire.services.documents import Document

Confirm = Annotated[bool, Field(description="The person was asked and wants it.")]
Why = Annotated[str, Field(min_length=1, max_length=500, description="Why, for everyone who looks later.")]
AccountName = Annotated[str, Field(max_length=64, description="The id of an account.")]


class Video(BaseModel):
    """A video as a manifest describes it."""

    model_config = ConfigDict(extra="forbid")

    file: str = Field(max_length=4096, description="A video below a folder of [api] roots, or upload:ID.")
    title: str
    description: str | None = None
    tags: list[str] | None = None
    privacy: Literal["private", "unlisted", "public"] = "private"
    publish_at: str | None = Field(None, description="When it becomes public, like 2026-11-22T18:00:00Z.")
    made_for_kids: bool | None = None
    synthetic_media: bool | None = None
    playlists: list[str] | None = None
    thumbnail: str | None = None
    account: str | None = Field(None, description="Only on this account.")
    idempotency_key: str | None = Field(None, description="The same key never publishes twice.")


def _seen_by_others(metadata: Metadata) -> bool:
    """Will anybody but the owner of the channel see it?"""
    return metadata.privacy is not Privacy.PRIVATE or metadata.publish_at is not None


@dataclass(frozen=True, slots=True)
class Deeds:
    """Acts on a house as an operator would."""

    doing: Doing
    guard: Guard

    async def publish(self, video: Video, *, confirm: Confirm = False) -> Answer:
        """Queues a video for publishing.

        Everything that is wrong with it is told at once, and then nothing is queued. Anything but a private video
        that stays private needs confirm=true.
        """
        if video.privacy != "private" or video.publish_at:
            self.guard.confirmed("others will see this video", confirm=confirm)

        async def work() -> Document:
            draft = parse(video.model_dump(exclude_none=True))
            return shown_document(await self.doing.submission.submit(draft))

        return await self.guard.deed(work)

    async def retry(self, publication: PublicationName, *, confirm: Confirm = False) -> Answer:
        """Puts a held or deferred publication back to work; one that has ended is queued anew, under another id.

        Anything but a private video that stays private needs confirm=true.
        """

        async def work() -> Document:
            found = await self.doing.acting.context.store.publication(PublicationId(publication))
            if found is not None and _seen_by_others(found.request.metadata):
                self.guard.confirmed("others will see this video", confirm=confirm)
            return shown_document(await self.doing.acting.operating.retry(PublicationId(publication)))

        return await self.guard.deed(work)

    async def cancel(self, publication: PublicationName, *, confirm: Confirm = False) -> Answer:
        """Gives a publication up for ever. Needs confirm=true."""
        self.guard.confirmed(f"{publication} would be given up for ever", confirm=confirm)

        async def work() -> Document:
            return shown_document(await self.doing.acting.operating.cancel(PublicationId(publication)))

        return await self.guard.deed(work)

    async def pause_account(self, account: AccountName, why: Why) -> Answer:
        """Starts no new upload on an account; those that run are finished."""

        async def work() -> Document:
            return self._told(await self.doing.acting.ordering.pause(await self._account(account), why))

        return await self.guard.deed(work)

    async def resume_account(self, account: AccountName, why: Why) -> Answer:
        """Lets a paused, suspended or capped account take uploads again."""

        async def work() -> Document:
            return self._told(await self.doing.acting.ordering.resume(await self._account(account), why))

        return await self.guard.deed(work)

    def _told(self, account: Account) -> Document:
        return account_document(account, None, None, self.doing.acting.context.clock.now())

    async def _account(self, which: str) -> Account:
        context = self.doing.acting.context
        for account in await context.store.accounts(context.clock.now()):
            if account.id == which:
                return account
        message = f"there is no account {which!r:.80}"
        raise Refused(Refusal("account", "no_such_account", message, "list them to see which are"))
