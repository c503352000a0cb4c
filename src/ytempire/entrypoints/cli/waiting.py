"""Waiting until publications have come to rest: by working the queue, or by looking on while a worker does."""

import asyncio
import signal
from collections.abc import Sequence
from datetime import timedelta

from ytempire.bootstrap import Reading, reading
from ytempire.domain.lifecycle import FINAL, State
from ytempire.domain.publication import Publication
from ytempire.domain.values import PublicationId
from ytempire.entrypoints.cli.live import LiveView, working_view
from ytempire.services.report import publication_document
from ytempire.settings import Settings

_SHORT = timedelta(seconds=60)
"""A deferral that ends sooner is waited for; a longer one is rest."""

_LOOK = 0.3


async def until_at_rest(settings: Settings, wanted: Sequence[PublicationId]) -> list[dict[str, object]]:
    """The publications as they have come to rest. Interrupted, they are told as they are then."""
    async with reading(settings) as house:
        if house.worker_runs():
            return await _look_on(house, wanted)
    return await _work(settings, wanted)


async def _look_on(house: Reading, wanted: Sequence[PublicationId]) -> list[dict[str, object]]:
    told: set[PublicationId] = set()
    with LiveView(len(wanted)) as view:
        while not await _settled(house, wanted, view, told):
            await house.clock.sleep(_LOOK)
    return await _documents(house, wanted)


async def _work(settings: Settings, wanted: Sequence[PublicationId]) -> list[dict[str, object]]:
    view = LiveView(len(wanted))
    told: set[PublicationId] = set()
    async with working_view(settings, view) as house:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, house.halt)

        async def stop() -> bool:
            return await _settled(house.acting.reading, wanted, view, told)

        await house.run(stop)
        return await _documents(house.acting.reading, wanted)


async def _settled(
    house: Reading, wanted: Sequence[PublicationId], view: LiveView, told: set[PublicationId]
) -> bool:
    for which in wanted:
        if which in told:
            continue
        found = await house.store.publication(which)
        if found is not None and _rests(house, found):
            told.add(which)
            account = f" on {found.account}" if found.account else ""
            view.finished(len(told), f"{which} {found.state}{account}: {found.request.metadata.title}")
    return len(told) == len(wanted)


def _rests(house: Reading, publication: Publication) -> bool:
    if publication.state in FINAL or publication.state is State.HELD:
        return True
    later = house.clock.now() + _SHORT
    return publication.state is State.DEFERRED and publication.due is not None and publication.due > later


async def _documents(house: Reading, wanted: Sequence[PublicationId]) -> list[dict[str, object]]:
    found = [await house.store.publication(which) for which in wanted]
    return [publication_document(each) for each in found if each is not None]
