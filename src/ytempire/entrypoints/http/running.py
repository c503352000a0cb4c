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

Beside = Callable[[Serving], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Ears:
    """What a house that is served listens to and tells: signals, and its address once it can be reached.

    `beside` is done while it is served, and broken off when it stops.
    """

    on_signal: Callable[[Callable[[], None]], None]
    ready: Callable[[str], None]
    beside: Beside | None = None


async def run(
    settings: Settings, parts: frozenset[Part], standing: Standing, way: Way, port: int, ears: Ears
) -> None:
    """Serves and works until a signal, which may come before it has begun. Raises `Mendable` when it cannot begin."""
    asked = asyncio.Event()
    ears.on_signal(asked.set)
    sockets = [listened(standing.host, port)] if Part.API in parts else []
    try:
        async with serving(settings, parts) as house:
            await guarded_by_tokens(standing, house)
            running = None
            if sockets:
                take_files()
                taken = int(sockets[0].getsockname()[1])
                running = server(build(house, front_for(standing, house, taken)), way)
                ears.ready(standing.address(taken, settings.api.hosts))
            await _until_asked(house, running, sockets, ears.beside, asked)
    finally:
        for each in sockets:
            each.close()


async def _until_asked(
    house: Serving,
    running: Server | None,
    sockets: list[socket.socket],
    beside: Beside | None,
    asked: asyncio.Event,
) -> None:
    async with asyncio.TaskGroup() as group:
        work = group.create_task(house.work())
        more = group.create_task(beside(house)) if beside is not None else None
        if running is not None:
            group.create_task(running.serve(sockets=sockets))
        work.add_done_callback(lambda _: asked.set())  # without it the rest is of no use
        await asked.wait()
        _stop(house, running, work, more)


def _stop(
    house: Serving, running: Server | None, work: asyncio.Task[None], more: asyncio.Task[None] | None
) -> None:
    if more is not None:
        more.cancel()
    if house.working is not None:
        house.working.halt()
    else:
        work.cancel()
    house.live.close()
    if running is not None:
        running.leave()
