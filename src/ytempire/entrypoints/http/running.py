"""A house that is served until it is told to stop: nothing new is begun, everybody is let go, then it ends."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass

from ytempire.bootstrap.serving import Part, Serving, serving
from ytempire.entrypoints.http.app import build
from ytempire.entrypoints.http.server import Server, listened, server
from ytempire.entrypoints.http.standing import Standing, Way, front_for, guarded_by_tokens
from ytempire.settings import Settings


@dataclass(frozen=True, slots=True)
class Ears:
    """What a house that is served listens to and tells: signals, and its address once it can be reached."""

    on_signal: Callable[[Callable[[], None]], None]
    ready: Callable[[str], None]


async def run(
    settings: Settings, parts: frozenset[Part], standing: Standing, way: Way, port: int, ears: Ears
) -> None:
    """Serves and works until a signal. Raises `Mendable` when it cannot begin."""
    sockets = [listened(standing.host, port)] if Part.API in parts else []
    try:
        async with serving(settings, parts) as house:
            await guarded_by_tokens(standing, house)
            running = None
            if sockets:
                taken = int(sockets[0].getsockname()[1])
                running = server(build(house, front_for(standing, house, taken)), way)
                ears.ready(standing.address(taken))
            await _until_stopped(house, running, sockets, ears)
    finally:
        for each in sockets:
            each.close()


async def _until_stopped(
    house: Serving, running: Server | None, sockets: list[socket.socket], ears: Ears
) -> None:
    async with asyncio.TaskGroup() as group:
        work = group.create_task(house.work())
        ears.on_signal(lambda: _stop(house, running, work))
        if running is not None:
            group.create_task(running.serve(sockets=sockets))


def _stop(house: Serving, running: Server | None, work: asyncio.Task[None]) -> None:
    if house.working is not None:
        house.working.halt()
    else:
        work.cancel()
    house.live.close()
    if running is not None:
        running.leave()
