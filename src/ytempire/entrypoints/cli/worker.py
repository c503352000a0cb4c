"""`ytempire worker`: works on the queue until it is told to stop."""

from typing import TYPE_CHECKING, Annotated

import typer

from ytempire.domain.events import Kind
from ytempire.entrypoints.cli import console
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, load

if TYPE_CHECKING:
    from ytempire.bootstrap import Working
    from ytempire.entrypoints.cli.live import LiveView

_TOLD = (
    Kind.RETRYING,
    Kind.DEFERRED,
    Kind.HELD,
    Kind.REFUSED,
    Kind.OUTCOME_UNKNOWN,
    Kind.EXTRA_FAILED,
    Kind.PROCESSING_FAILED,
    Kind.VISIBILITY_DIFFERS,
    Kind.ACCOUNT_CHANGED,
    Kind.ACCOUNT_PROMOTED,
    Kind.ACCOUNT_RETURNED,
    Kind.ACCOUNT_LEARNED,
    Kind.BUCKET_CLOSED,
    Kind.DELIVERY_FAILED,
)
"""What a person who watches a worker wants to hear of at once."""


def worker(
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="Stop when nothing is left to do now.")
    ] = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Publishes what is queued, until it is stopped.

    It stops cleanly on SIGTERM or Ctrl-C, and goes on where it was next time.
    """
    from ytempire.entrypoints.cli.live import LiveView, working_view
    from ytempire.entrypoints.cli.waiting import on_signal

    async def main() -> None:
        view, said, seen = LiveView(), "", -1
        async with working_view(load(config, home), view) as house:
            on_signal(house.halt)
            console.note("ytempire: working; stop with Ctrl-C")

            async def stop() -> bool:
                nonlocal said, seen
                counts = await house.acting.reading.store.counts()
                now = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
                if now != said:
                    said = now
                    view.line(now)
                seen = await _troubles(house, seen, view)
                return until_idle and await house.idle()

            await house.run(stop)
        console.note("ytempire: stopped; what is not finished goes on at the next start")

    console.run(main)


async def _troubles(house: "Working", seen: int, view: "LiveView") -> int:
    """Tells what went wrong since the event numbered `seen`; the number of the newest event.

    At first only what is new from now on: the past is in `jobs show`.
    """
    store = house.acting.reading.store
    for number, event in await store.events(after=seen) if seen >= 0 else ():
        if event.kind in _TOLD and event.data.get("why"):
            whose = event.publication or event.account or event.project or event.data.get("target")
            view.line(f"{whose} {event.kind}: {event.data['why']}")
        seen = number
    return seen if seen >= 0 else await _newest(house)


async def _newest(house: "Working") -> int:
    """The number of the newest event, found by halving: a long history is not read for it."""
    store = house.acting.reading.store
    low, high = 0, 1
    while await store.events(after=high, limit=1):
        low, high = high, high * 2
    while low < high:
        middle = (low + high) // 2
        if await store.events(after=middle, limit=1):
            low = middle + 1
        else:
            high = middle
    return low
