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
    from ytempire.entrypoints.http.standing import Standing, vetted

    parts = _parts(only)
    standing = Standing(host, tls_cert, tls_key, behind_proxy)
    settings = console.mended(lambda: load(config, home))
    way = console.mended(lambda: vetted(standing, settings))
    to_standard_error(settings)

    async def main() -> None:
        from ytempire.entrypoints.cli.waiting import on_signal
        from ytempire.entrypoints.http.running import Ears, run

        await run(settings, parts, standing, way, port, Ears(on_signal, console.say_now))
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
