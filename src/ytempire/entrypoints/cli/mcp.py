"""`ytempire mcp`: tools for assistants over standard input and output."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from ytempire.domain.installed import lacks_extra
from ytempire.entrypoints.cli import console
from ytempire.entrypoints.cli.exits import Exit
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, load

_EXTRA = ("mcp", "mcp_types")


def mcp(
    allow_writes: Annotated[
        bool, typer.Option("--allow-writes", help="Also tools that publish, retry, cancel, pause and resume.")
    ] = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Serves assistants, on standard input and output.

    It speaks the Model Context Protocol, and an assistant starts it. It reads, and changes nothing unless that is
    allowed. It needs the extra `mcp`.
    """
    from ytempire.entrypoints.cli.logs import to_standard_error

    run = _server()
    settings = console.mended(lambda: load(config, home))
    to_standard_error(settings)

    async def main() -> None:
        from ytempire.entrypoints.cli.waiting import on_signal

        stop = asyncio.Event()
        on_signal(stop.set)
        if not await run(settings, stop, writes=allow_writes):
            console.note("ytempire: interrupted")
            os._exit(Exit.INTERRUPTED)  # see `run`: a thread that nobody can end reads standard input

    console.run(main)


def _server() -> Callable[..., Awaitable[bool]]:
    try:
        from ytempire.entrypoints.mcp.server import run
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in _EXTRA:
            raise
        raise console.fail(Exit.USAGE, lacks_extra("`ytempire mcp`", "mcp")) from None
    return run
