"""Submission: a draft becomes a durable publication, or every reason why not is told and nothing happens."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ytempire.domain.drafts import Catalogue, Draft, judge
from ytempire.domain.duplicates import fingerprint, first_duplicate
from ytempire.domain.events import Event, Kind
from ytempire.domain.files import StoredFile
from ytempire.domain.lifecycle import State, Step, take
from ytempire.domain.publication import Caption, Publication, Reason, Request, extras_of
from ytempire.domain.values import PublicationId, Refusal, Refused
from ytempire.ports import Added, Clock, Inspected, KeyConflict, Known, Media, Repeats, Store


@dataclass(frozen=True, slots=True)
class Rejected:
    """A draft that was not accepted; `position` is its place among those submitted, from 0."""

    position: int
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Submission:
    """Accepts drafts into the store. It asks nobody outside and spends no quota. `by`: in whose name."""

    store: Store
    media: Media
    clock: Clock
    catalogue: Catalogue
    by: str | None = None

    async def submit(self, draft: Draft) -> Publication:
        """Stores one draft. Durable when it returns. Raises `Refused` with every refusal."""
        return await self._store(await self._request(draft))

    async def examine(self, drafts: Sequence[Draft]) -> tuple[Rejected, ...]:
        """What `submit_all` would refuse in these drafts; nothing is stored."""
        outcome = await self._judgements(drafts)
        return tuple(each for each in outcome if isinstance(each, Rejected))

    async def wrong(
        self, draft: Draft, known: Sequence[Refusal] = (), *, files: bool = True
    ) -> tuple[Refusal, ...]:
        """Everything wrong with a draft at once: what is known already, and what `submit` would refuse of the other
        fields. Without `files` none is looked at.
        """
        if files:
            found = [refusal for each in await self.examine([draft]) for refusal in each.refusals]
        else:
            found = list(judge(draft, self.catalogue, self.clock.now()))
        fields = {each.field for each in known}
        return (*known, *(each for each in found if each.field not in fields))

    async def submit_all(self, drafts: Sequence[Draft]) -> tuple[Publication, ...] | tuple[Rejected, ...]:
        """All drafts or none: when one is refused, every refusal of all of them is told and nothing is stored.

        Raises `Refused` when somebody else takes one of the keys for something else at this very moment; what
        was stored before that stays, and the same drafts can be sent again.
        """
        outcome = await self._judgements(drafts)
        if rejected := tuple(each for each in outcome if isinstance(each, Rejected)):
            return rejected
        return tuple([await self._store(each) for each in outcome if isinstance(each, Request)])

    async def _judgements(self, drafts: Sequence[Draft]) -> list[Request | Rejected]:
        outcome = [await self._judgement(position, draft) for position, draft in enumerate(drafts)]
        taken: dict[str, tuple[str, str]] = {}
        for position, request in enumerate(outcome):
            key = request.idempotency_key if isinstance(request, Request) else None
            if isinstance(request, Request) and key is not None:
                mine = fingerprint(request)
                row = taken.setdefault(key, (f"draft {position + 1}", mine))
                holder, known = await self.store.key_holder(key) or row
                if known != mine:
                    outcome[position] = Rejected(position, (_key_conflict(holder),))
        return outcome

    async def _judgement(self, position: int, draft: Draft) -> Request | Rejected:
        try:
            return await self._request(draft)
        except Refused as refused:
            return Rejected(position, refused.refusals)

    async def _request(self, draft: Draft) -> Request:
        problems = list(judge(draft, self.catalogue, self.clock.now()))
        inspected = await self._video(draft.file, problems)
        thumbnail = await self._thumbnail(draft.thumbnail, problems)
        captions = [await self._caption(each.path, problems) for each in draft.captions]
        if problems or inspected is None:
            raise Refused(*problems)
        tracks = zip(draft.captions, captions, strict=True)
        return Request(
            video=inspected.file,
            mime=inspected.facts.mime,
            metadata=draft.metadata,
            thumbnail=thumbnail,
            captions=tuple(Caption(file, each.language, each.name) for each, file in tracks if file),
            playlists=draft.playlists,
            target=draft.target,
            priority=draft.priority,
            not_before=draft.not_before,
            deadline=draft.deadline,
            idempotency_key=draft.idempotency_key,
            again=draft.again,
            duration_ms=inspected.facts.duration_ms,
        )

    async def _video(self, path: str, problems: list[Refusal]) -> Inspected | None:
        try:
            return await self.media.video(path)
        except Refused as refused:
            problems += refused.refusals
            return None

    async def _thumbnail(self, path: str | None, problems: list[Refusal]) -> StoredFile | None:
        try:
            return await self.media.thumbnail(path) if path is not None else None
        except Refused as refused:
            problems += refused.refusals
            return None

    async def _caption(self, path: str, problems: list[Refusal]) -> StoredFile | None:
        try:
            return await self.media.caption(path)
        except Refused as refused:
            problems += refused.refusals
            return None

    async def _store(self, request: Request) -> Publication:
        publication = await self._judged(self._fresh(request))
        event = _event(publication, self.by)
        once = publication.state is State.QUEUED
        match await self.store.submit(publication, fingerprint(request), (event,), once=once):
            case Added(stored) | Known(stored):
                return stored
            case Repeats():  # of one that was stored since we looked
                return await self._store(request)
            case KeyConflict(other):
                raise Refused(_key_conflict(other))

    def _fresh(self, request: Request) -> Publication:
        now = self.clock.now()
        return Publication(
            id=PublicationId(self.clock.new_id("pub")),
            request=request,
            state=State.QUEUED,
            created_at=now,
            updated_at=now,
            due=now,
            extras=extras_of(request),
        )

    async def _judged(self, publication: Publication) -> Publication:
        """The publication, or its end as a duplicate of one that has the same bytes for the same channel."""
        others = await self.store.same_content(publication.request.video.sha256)
        original = first_duplicate(publication.request, others)
        if original is None:
            return publication
        message = f"the same content is {original.state} as {original.id}"
        reason = Reason("duplicateUpload", message, ("submit it with `again` to publish it once more",))
        state = take(publication.state, Step.SKIP)
        return replace(publication, state=state, reason=reason, due=None, video_id=None)


def _key_conflict(holder: str) -> Refusal:
    message = f"the key was used for {holder}, which asks for something else"
    return Refusal("idempotency_key", "key_conflict", message, "use a new key")


def _event(publication: Publication, by: str | None) -> Event:
    kind = Kind.SUBMITTED if publication.state is State.QUEUED else Kind.DUPLICATE
    data: dict[str, object] = {
        "title": publication.request.metadata.title,
        "bytes": publication.request.video.size,
        "sha256": publication.request.video.sha256,
    }
    if by is not None:
        data["by"] = by
    if publication.reason is not None:
        data["why"] = publication.reason.message
    return Event(kind, publication.created_at, publication=publication.id, data=data)
