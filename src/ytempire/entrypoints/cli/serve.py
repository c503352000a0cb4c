"""`ytempire serve`: the API, the pages, the worker and the schedulers in one process."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ytempire.entrypoints.cli import console
from ytempire.entrypoints.cli.exits import Exit
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, load

if TYPE_CHECKING:
    from ytempire.bootstrap.serving import Part


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes any free one.")] = 8000,
    only: Annotated[
        str | None, typer.Option(metavar="PARTS", help="Only these: api, worker, scheduler; with commas.")
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option("--tls-cert", metavar="FILE", help="The certificate with its chain, PEM.")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option("--tls-key", metavar="FILE", help="The key of the certificate, PEM.")
    ] = None,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="A proxy in front of it speaks TLS with everybody.")
    ] = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Serves the API and the pages, and works, until it is stopped.

    It stops cleanly on SIGTERM or Ctrl-C, and goes on where it was next time. The address is printed as soon as it
    can be reached.
    """
    from ytempire.entrypoints.cli.logs import to_standard_error

    parts = _parts(only)
    to_standard_error()

    async def main() -> None:
        from ytempire.bootstrap.serving import serving
        from ytempire.entrypoints.cli.waiting import on_signal
        from ytempire.entrypoints.http.running import run
        from ytempire.entrypoints.http.standing import Standing

        standing = Standing(host, tls_cert, tls_key, behind_proxy)
        async with serving(load(config, home), parts) as house:
            await run(house, standing, port, on_signal=on_signal, ready=console.say_now)
        console.note("ytempire: stopped; what is not finished goes on at the next start")

    console.run(main)


def _parts(only: str | None) -> "frozenset[Part]":
    from ytempire.bootstrap.serving import Part

    names = [each.strip() for each in only.split(",")] if only is not None else list(Part)
    try:
        return frozenset(map(Part, names))
    except ValueError:
        problem = f"--only {only!r}: use some of {', '.join(Part)}, with commas"
        raise console.fail(Exit.USAGE, problem) from None
