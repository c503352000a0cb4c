"""Waiting until publications have come to rest: by working the queue, or by looking on while a worker does."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ytempire.bootstrap import Reading, WorkerBusy, reading
from ytempire.domain.lifecycle import FINAL, State
from ytempire.domain.publication import Publication
from ytempire.domain.values import PublicationId
from ytempire.entrypoints.cli.console import note
from ytempire.entrypoints.cli.live import LiveView, working_view
from ytempire.services.report import publication_document
from ytempire.settings import Settings

_SHORT = timedelta(seconds=90)
"""A deferral that ends sooner is waited for; a longer one is rest."""

_LOOK = 0.3
_LOOKS_ELSEWHERE = 100
"""So often to look on before trying whether the worker with another home is gone."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The publications as they are in the end; `interrupted` when a signal ended the waiting."""

    documents: tuple[dict[str, object], ...]
    interrupted: bool


async def until_at_rest(settings: Settings, wanted: Sequence[PublicationId]) -> Outcome:
    """Waits. A worker that starts or ends meanwhile changes who does the work, not what is waited for."""
    elsewhere = False
    while True:
        async with reading(settings) as house:
            if elsewhere or house.worker_runs():
                outcome = await _look_on(house, wanted, elsewhere=elsewhere)
                if outcome is not None:
                    return outcome
        try:
            return await _work(settings, wanted)
        except WorkerBusy as busy:
            if busy.elsewhere and not elsewhere:
                note("ytempire: a worker with another home works on this database; looking on")
            elsewhere = busy.elsewhere


def on_signal(act: Callable[[], None]) -> None:
    """Calls this on Ctrl-C and SIGTERM, instead of ending at once."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, act)


async def _look_on(house: Reading, wanted: Sequence[PublicationId], *, elsewhere: bool) -> Outcome | None:
    """Looks on while a worker works; None when the worker has gone before all was at rest, or, of one with another
    home, when it may have.
    """
    told: set[PublicationId] = set()
    signals: list[bool] = []
    on_signal(lambda: signals.append(True))
    with LiveView(len(wanted)) as view:
        looks = 0
        while not await _settled(house, wanted, view, told) and not signals:
            looks += 1
            if looks > _LOOKS_ELSEWHERE if elsewhere else not house.worker_runs():
                return None
            await house.clock.sleep(_LOOK)
    return Outcome(await _documents(house, wanted), bool(signals) and len(told) < len(wanted))


async def _work(settings: Settings, wanted: Sequence[PublicationId]) -> Outcome:
    view = LiveView(len(wanted))
    told: set[PublicationId] = set()
    async with working_view(settings, view) as house:
        on_signal(house.halt)

        async def stop() -> bool:
            return await _settled(house.acting.reading, wanted, view, told)

        await house.run(stop)
        documents = await _documents(house.acting.reading, wanted)
        return Outcome(documents, house.halted() and len(told) < len(wanted))


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
    return len(told) == len(set(wanted))


def _rests(house: Reading, publication: Publication) -> bool:
    if publication.state in FINAL or publication.state is State.HELD:
        return True
    later = house.clock.now() + _SHORT
    return publication.state is State.DEFERRED and publication.due is not None and publication.due > later


async def _documents(house: Reading, wanted: Sequence[PublicationId]) -> tuple[dict[str, object], ...]:
    found = [await house.store.publication(which) for which in wanted]
    return tuple(publication_document(each) for each in found if each is not None)
