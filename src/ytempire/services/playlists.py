"""The playlist a name stands for on one channel: configured, remembered, found there by its title, or made."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from ytempire.domain.calls import make_playlist, my_playlists
from ytempire.domain.drafts import PLAYLIST_ID
from ytempire.domain.faults import UNPROVEN, Fault, Level, Remedy, Scope
from ytempire.domain.quota import Method
from ytempire.domain.values import AccountId, PlaylistId
from ytempire.domain.wire import part
from ytempire.services.context import Context, PlaylistRules
from ytempire.services.gateway import Gateway

_MAX_PAGES = 20
"""A thousand playlists: so many are looked through, at a unit of quota a page."""


class Playlists:
    """Playlists of all channels; a missing one is made once."""

    def __init__(self, context: Context, gateway: Gateway) -> None:
        self._context = context
        self._gateway = gateway
        self._turns: defaultdict[tuple[AccountId, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def find(self, account: AccountId, name: str) -> PlaylistId | Fault:
        """The playlist, made on the channel when it is not there yet."""
        if PLAYLIST_ID.fullmatch(name):
            return PlaylistId(name)
        rules = self._context.playlists.get(name)
        if rules is None:
            message = f"the playlist {name!r} is no longer configured"
            return Fault("playlistUnknown", Remedy.SKIP_EXTRA, Scope.REQUEST, Level.WARNING, 0, message)
        if account in rules.ids:
            return rules.ids[account]
        async with self._turns[account, name]:
            known = await self._context.store.playlist(account, name)
            return known or await self._look_or_make(account, name, rules)

    async def _look_or_make(self, account: AccountId, name: str, rules: PlaylistRules) -> PlaylistId | Fault:
        playlist = await self._look(account, rules.title)
        if isinstance(playlist, Fault):
            return playlist
        if playlist is None:
            call = make_playlist(rules.title, rules.privacy)
            made = await self._gateway.call(account, Method.PLAYLISTS_INSERT, call)
            if isinstance(made, Fault):
                return made
            playlist = PlaylistId(str(made.json().get("id", "")))
            if not playlist:
                return UNPROVEN
        await self._context.store.remember_playlist(account, name, playlist)
        return playlist

    async def _look(self, account: AccountId, title: str) -> PlaylistId | Fault | None:
        """The playlist of this title on the channel, looked for page by page; None when there is none."""
        page = None
        for _ in range(_MAX_PAGES):
            listed = await self._gateway.page(account, Method.PLAYLISTS_LIST, my_playlists(page))
            if isinstance(listed, Fault):
                return listed
            found, page = _titled(listed[0], title), listed[1]
            if found is not None or page is None:
                return found
        message = (
            f"the channel has too many playlists to look for {title!r}; name its id in the configuration"
        )
        return Fault("tooManyPlaylists", Remedy.SKIP_EXTRA, Scope.REQUEST, Level.WARNING, 0, message)


def _titled(listed: Sequence[Mapping[str, Any]], title: str) -> PlaylistId | None:
    found = (item.get("id", "") for item in listed if part(item, "snippet").get("title") == title)
    return next((PlaylistId(str(playlist)) for playlist in found if playlist), None)
