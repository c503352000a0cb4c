"""`ytempire emulator`: the local Google, for trying things out."""

from pathlib import Path
from typing import Annotated

import typer

from ytempire.entrypoints.cli import console
from ytempire.entrypoints.cli.exits import Exit


def emulator(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    host: Annotated[str, typer.Option(help="Loopback addresses only.")] = "127.0.0.1",
    profile: Annotated[str, typer.Option(help="buckets-2026, units-2025-12 or units-2025.")] = "buckets-2026",
    charging: Annotated[str, typer.Option(help="session_start, completion or both.")] = "session_start",
    processing_seconds: Annotated[float, typer.Option(min=0, help="How long a video is processed.")] = 0.2,
    journal: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Append every event to this file (JSON lines).")
    ] = None,
) -> None:
    """Runs a local Google for trying things out.

    It speaks OAuth and the YouTube API with quota, faults and a journal, until it is stopped. Loopback only.
    """
    from ytempire.emulator import Emulator, EmulatorConfig, run_emulator

    def ready(running: Emulator) -> None:
        console.say_now(f"listening at {running.base_url}/ (control: {running.base_url}/emulator/v1/)")

    try:
        config = EmulatorConfig(
            host=host,
            port=port,
            profile=profile,
            charging=charging,  # type: ignore[arg-type]  # any word: the configuration judges it
            processing_seconds=processing_seconds,
            journal_path=journal,
        )
        run_emulator(config, on_ready=ready)
    except ValueError as wrong:
        raise console.fail(Exit.USAGE, str(wrong)) from None
    except OSError as error:
        if error.filename is not None:
            raise console.fail(
                Exit.USAGE,
                f"the journal {journal} cannot be written: {console.why(error)}; name another file",
            ) from None
        remedy = "choose another with --port, or 0 for a free one"
        raise console.fail(
            Exit.USAGE, f"cannot listen on {host} port {port}: {console.why(error)}; {remedy}"
        ) from None
    except KeyboardInterrupt:
        console.note("ytempire: the emulator stopped")
