"""`ytempire serve`: the API, the pages, the worker and the schedulers in one process."""

from typing import TYPE_CHECKING, Annotated

import typer

from ytempire.entrypoints.cli import console
from ytempire.entrypoints.cli.exits import Exit
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, load

if TYPE_CHECKING:
    from ytempire.bootstrap.serving import Part, Serving


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes any free one.")] = 8000,
    only: Annotated[
        str | None, typer.Option(metavar="PARTS", help="Only these: api, worker, scheduler; with commas.")
    ] = None,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Serves the API and the pages, and works, until it is stopped.

    It stops cleanly on SIGTERM or Ctrl-C, and goes on where it was next time.
    """
    from ytempire.bootstrap.serving import serving
    from ytempire.entrypoints.cli.waiting import on_signal

    parts = _parts(only)

    async def main() -> None:
        import asyncio

        from ytempire.entrypoints.http.app import build
        from ytempire.entrypoints.http.server import listened, server

        async with serving(load(config, home), parts) as house:
            socket = listened(host, port)
            running = server(build(house))

            def stop() -> None:
                running.should_exit = True
                if house.working is not None:
                    house.working.halt()

            on_signal(stop)
            console.say_now(f"http://{host}:{socket.getsockname()[1]}/")
            async with asyncio.TaskGroup() as group:
                group.create_task(running.serve(sockets=[socket]))
                if house.working is not None:
                    group.create_task(_work(house))
        console.note("ytempire: stopped; what is not finished goes on at the next start")

    console.run(main)


async def _work(house: "Serving") -> None:
    async def never() -> bool:
        return False

    if house.working is not None:
        await house.working.run(never)


def _parts(only: str | None) -> "frozenset[Part]":
    from ytempire.bootstrap.serving import Part

    names = [each.strip() for each in only.split(",")] if only is not None else list(Part)
    try:
        return frozenset(map(Part, names))
    except ValueError:
        raise console.fail(
            Exit.USAGE, f"--only {only!r}: use some of {', '.join(Part)}, with commas"
        ) from None
