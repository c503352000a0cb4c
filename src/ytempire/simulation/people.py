"""The people around the house: they connect accounts, deliver videos, plan the day, and bring accounts back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ytempire.adapters.memory.media import MemoryMedia
from ytempire.domain.accounts import Account, Condition
from ytempire.domain.tokenfiles import ImportedGrant
from ytempire.domain.upload import GRANULE
from ytempire.domain.values import Mendable, Secret
from ytempire.simulation.demand import THUMBNAIL, drafts_of
from ytempire.simulation.house import PLAYLIST, House
from ytempire.simulation.weather import channel_of

_SIZE = GRANULE + 5
"""Two blocks for the network in memory; how long they take is the pretended Google's."""

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class People:
    """Everybody, doing what a command of the program would do, through its services."""

    house: House

    async def connect_all(self) -> None:
        """The first day: every account gets its grant."""
        for account in await self._accounts():
            await self._connect(account)

    async def deliver(self, day: date) -> Document | None:
        """The videos of a local day come in, and the day is planned: its document, None without videos."""
        drafts = drafts_of(self.house.scenario, day, PLAYLIST)
        media = self.house.world.media
        _put(media, [draft.file for draft in drafts])
        for draft in drafts:
            stored = await self.house.submission.submit(draft)
            self.house.world.ordered[draft.metadata.title] = stored.request
        return await self.house.planning.queued(day)

    async def look_after_accounts(self) -> None:
        """Once a day: a new consent where one is needed, and back to work whatever YouTube gave back."""
        world = self.house.world
        patience = timedelta(days=self.house.scenario.suspended_days)
        for account in await self._accounts():
            struck = world.weather.suspended.get(account.id)
            if struck is not None and world.clock.now() - struck >= patience:
                world.weather.lift(account.id)
                struck = None
            if account.condition is Condition.SUSPENDED and struck is None:
                await self.house.ordering.resume(account, "YouTube gave the channel back")
            elif account.condition is Condition.NEEDS_REAUTH and struck is None:
                await self._connect_if_possible(account)

    async def _connect_if_possible(self, account: Account) -> None:
        """Google may be down at this moment; then they try again the next day."""
        try:
            await self._connect(account)
        except Mendable:
            self.house.world.weather.faults["consents_put_off"] += 1

    async def _connect(self, account: Account) -> None:
        channel = self.house.world.inner.youtube.channels[channel_of(account.id)]
        channel.dead = False
        grant = ImportedGrant(Secret(channel.refresh_token), None, None, None, None, None, ())
        await self.house.connecting.import_grant(account, grant)

    async def _accounts(self) -> tuple[Account, ...]:
        world = self.house.world
        return await world.store.accounts(world.clock.now())


def _put(media: MemoryMedia, paths: list[str]) -> None:
    media.put(THUMBNAIL)
    for path in paths:
        media.put(path, size=_SIZE)
