"""A house that is served until it is told to stop: nothing new is begun, everybody is let go, then it ends."""

import asyncio
from collections.abc import Callable

from ytempire.bootstrap.serving import Part, Serving
from ytempire.entrypoints.http.app import build
from ytempire.entrypoints.http.server import Server, listened, server
from ytempire.entrypoints.http.standing import Standing, checked, front_for


async def run(
    serving: Serving,
    standing: Standing,
    port: int,
    *,
    on_signal: Callable[[Callable[[], None]], None],
    ready: Callable[[str], None],
) -> None:
    """Serves and works until a signal. `ready` is told the address as soon as it can be reached."""
    running, sockets = None, []
    if Part.API in serving.parts:
        way = await checked(standing, serving)
        sockets = [listened(standing.host, port)]
        taken = int(sockets[0].getsockname()[1])
        running = server(build(serving, front_for(standing, serving, taken)), way)
        scheme = "https" if standing.certificate else "http"
        name = f"[{standing.host}]" if ":" in standing.host else standing.host
        ready(f"{scheme}://{name}:{taken}/")
    async with asyncio.TaskGroup() as group:
        work = group.create_task(serving.work())
        on_signal(lambda: _stop(serving, running, work))
        if running is not None:
            group.create_task(running.serve(sockets=sockets))


def _stop(serving: Serving, running: Server | None, work: asyncio.Task[None]) -> None:
    if serving.working is not None:
        serving.working.halt()
    else:
        work.cancel()
    serving.live.close()
    if running is not None:
        running.leave()
