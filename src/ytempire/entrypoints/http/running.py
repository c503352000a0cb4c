"""A house that is served until it is told to stop: nothing new is begun, everybody is let go, then it ends."""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from ytempire.bootstrap.serving import Part, Serving, serving
from ytempire.entrypoints.http.app import build
from ytempire.entrypoints.http.server import Server, listened, server, take_files
from ytempire.entrypoints.http.standing import Standing, Way, front_for, guarded_by_tokens
from ytempire.settings import Settings


@dataclass(frozen=True, slots=True)
class Ears:
    """What a house that is served listens to and tells: signals, and its address once it can be reached.

    `beside` is done while it is served, and broken off when it stops.
    """

    on_signal: Callable[[Callable[[], None]], None]
    ready: Callable[[str], None]
    beside: Callable[[Serving], Coroutine[Any, Any, None]] | None = None


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
                take_files()
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
        beside = group.create_task(ears.beside(house)) if ears.beside is not None else None
        ears.on_signal(lambda: _stop(house, running, work, beside))
        if running is not None:
            group.create_task(running.serve(sockets=sockets))


def _stop(
    house: Serving, running: Server | None, work: asyncio.Task[None], beside: asyncio.Task[None] | None
) -> None:
    if beside is not None:
        beside.cancel()
    if house.working is not None:
        house.working.halt()
    else:
        work.cancel()
    house.live.close()
    if running is not None:
        running.leave()
