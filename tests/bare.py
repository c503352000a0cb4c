"""Servers of a few lines that say what a test tells them, and leave nothing open when they end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(talk: Talk) -> AsyncIterator[int]:
    """Serves `talk` to whoever connects, on the yielded port of 127.0.0.1.

    A connection is closed when its talk ends. At the end of all, talks that still go on are cancelled and every
    connection is cut and gone: asyncio's own server leaves them to the garbage collector, which complains of them
    in the midst of some later test.
    """
    talks: set[asyncio.Task[None]] = set()
    writers: list[asyncio.StreamWriter] = []

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        talks.add(task := asyncio.ensure_future(_until_it_went_away(talk, reader, writer)))
        await asyncio.wait([task])
        writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in talks:
            task.cancel()
        ended = await asyncio.gather(*talks, return_exceptions=True)
        for writer in writers:
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()
    for error in ended:
        if error is not None and not isinstance(error, asyncio.CancelledError):
            raise error


async def _until_it_went_away(talk: Talk, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A talk. That the other side leaves in its midst is no error here."""
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        await talk(reader, writer)
