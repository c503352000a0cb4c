"""`ytempire worker`: works on the queue until it is told to stop."""

from typing import Annotated

import typer

from ytempire.entrypoints.cli import console
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, load


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
        view, said = LiveView(), ""
        async with working_view(load(config, home), view) as house:
            on_signal(house.halt)
            console.note("ytempire: working; stop with Ctrl-C")

            async def stop() -> bool:
                nonlocal said
                counts = await house.acting.reading.store.counts()
                now = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
                if now != said:
                    said = now
                    view.line(now)
                return until_idle and await house.idle()

            await house.run(stop)
        console.note("ytempire: stopped; what is not finished goes on at the next start")

    console.run(main)
