"""Files of callers: received, used in publications, and removed when nobody needs them.

A file is named `upload:ID` when it was sent to us, or by its path in a folder that was opened for that.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePath
from typing import TypeVar

from ytempire.domain.callers import Caller
from ytempire.domain.files import FileIdentity, StoredFile
from ytempire.domain.values import Refusal, Refused
from ytempire.domain.wire import storable
from ytempire.ports import Arrived, Clock, Folders, Incoming, Inspected, Media, Place, ReceivedFile, Store
from ytempire.services.documents import Document, moment

SCHEME = "upload:"
UNUSED = timedelta(hours=24)
LOOK = timedelta(minutes=10)
_NAME = 255
_AT_ONCE = 100
_SOME = 5
T = TypeVar("T", Inspected, StoredFile)


@dataclass(frozen=True, slots=True)
class Receiving:
    """Receives files and removes them again. `limit` is the largest, in bytes."""

    store: Store
    clock: Clock
    incoming: Incoming
    limit: int

    async def receive(self, caller: Caller, name: str, blocks: AsyncIterator[bytes]) -> ReceivedFile:
        """A file that is durable when this returns. Raises `Refused`, or `Mendable`, and then nothing is left."""
        which = self.clock.new_id("upl")
        plain = storable(PurePath(name.replace("\\", "/")).name, _NAME) or which

        kept: list[ReceivedFile] = []

        async def noted(arrived: Arrived) -> None:
            now = self.clock.now()
            kept.append(ReceivedFile(which, plain, caller.key, arrived.size, arrived.sha256, now, now))
            await self.store.add_received(kept[0])

        await self.incoming.take(which, blocks, self.limit, noted)
        return kept[0]

    async def tidy(self) -> int:
        """Removes files that no publication needs and nobody touched for a day: how many."""
        before = self.clock.now() - UNUSED
        removed = 0
        for each in await self.store.unused_received(before, _AT_ONCE):
            if await self.store.forget_received(each.id, before):
                await self.incoming.remove(each.id)
                removed += 1
        return removed


def received_document(file: ReceivedFile) -> Document:
    """A received file, and until when it is kept if nothing uses it."""
    return {
        "file": f"{SCHEME}{file.id}",
        "id": file.id,
        "name": file.name,
        "bytes": file.size,
        "sha256": file.sha256,
        "received_at": moment(file.received_at),
        "kept_until": moment(file.touched_at + UNUSED),
    }


@dataclass(frozen=True, slots=True)
class CallersMedia:
    """`ports.Media` for files as a caller names them. What was opened must be what was looked up."""

    media: Media
    store: Store
    clock: Clock
    incoming: Incoming
    folders: Folders
    caller: Caller

    async def video(self, path: str, field: str = "file") -> Inspected:
        return await self._looked_at(path, field, self.media.video, lambda found: found.file.identity)

    async def thumbnail(self, path: str, field: str = "thumbnail") -> StoredFile:
        return await self._looked_at(path, field, self.media.thumbnail, lambda found: found.identity)

    async def caption(self, path: str, field: str = "captions") -> StoredFile:
        return await self._looked_at(path, field, self.media.caption, lambda found: found.identity)

    async def identity(self, path: str) -> FileIdentity | None:
        return await self.media.identity(path)

    async def sha256(self, path: str) -> str | None:
        return await self.media.sha256(path)

    async def name_of(self, path: str) -> str | None:
        """What a received file was called by its sender; None for other files."""
        file = await self._received(path)
        return file.name if file is not None else None

    async def _looked_at(
        self,
        path: str,
        field: str,
        look: Callable[[str, str], Awaitable[T]],
        identity: Callable[[T], FileIdentity],
    ) -> T:
        place = await self._place(path)
        if place is None:
            message = f"there is no file {path!r:.200} to use"
            raise Refused(Refusal(field, "file_not_open", message, _how_to_name(self.caller)))
        try:
            found = await look(place.path, field)
        except Refused as refused:
            raise Refused(*(_as_named(each, place.path, path) for each in refused.refusals)) from None
        if identity(found) != place.identity:
            message = f"{path!r:.200} was exchanged while it was looked at"
            raise Refused(Refusal(field, "changed", message, "send it again when it is completely written"))
        return found

    async def _place(self, path: str) -> Place | None:
        if not path.startswith(SCHEME):
            return await asyncio.to_thread(self.folders.place, path)  # it may be a folder of another machine
        file = await self._received(path)
        return await asyncio.to_thread(self.incoming.place, file.id) if file is not None else None

    async def _received(self, path: str) -> ReceivedFile | None:
        """A caller who is for some accounts only may use what they sent themselves."""
        if not path.startswith(SCHEME):
            return None
        file = await self.store.received(path.removeprefix(SCHEME), self.clock.now())
        if file is None or (self.caller.accounts is not None and file.caller != self.caller.key):
            return None
        return file


def _how_to_name(caller: Caller) -> str:
    """Which folders a caller may name files of, and how: a token for some accounts has those of these accounts."""
    where = "a folder of [api] roots"
    if caller.accounts is not None:
        theirs = ", ".join(sorted(caller.accounts)[:_SOME]) + (
            " and others" if len(caller.accounts) > _SOME else ""
        )
        where = f"a folder of the roots of {theirs} (of [api] roots, where an account has none of its own)"
    return (
        f"send it with PUT /api/v1/files, or name one below {where}: by its whole path, or by the part after that "
        'folder (for roots = ["films"], film.mp4 and not films/film.mp4); no .. and no symbolic link'
    )


def _as_named(refusal: Refusal, real: str, named: str) -> Refusal:
    """A refusal that speaks of the file by the name the caller gave it."""
    message = refusal.message.replace(real, named)
    return Refusal(refusal.field, refusal.code, message, refusal.remedy.replace(real, named))
