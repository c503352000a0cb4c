"""`ytempire demo`: the main job on a fresh machine, without credentials."""

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ytempire.domain.counting import counted, were
from ytempire.entrypoints.cli import console, tables
from ytempire.entrypoints.cli.exits import Exit

if TYPE_CHECKING:
    from ytempire.bootstrap.demo import Outcome
    from ytempire.bootstrap.demo_story import Story
    from ytempire.domain.publication import Publication

_GONE = "a demo is not gone on with; start it again"


def demo(
    videos: Annotated[int, typer.Option(min=1, max=60, help="How many videos.")] = 50,
    calm: Annotated[bool, typer.Option("--calm", help="Without the faults that are thrown in.")] = False,
    keep: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Work in this new folder and keep it.")
    ] = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="Serve the API and the pages meanwhile, and until Ctrl-C.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="With --serve: the port; 0 takes any free one.")
    ] = 8000,
) -> None:
    """Publishes fifty videos to a local Google, without credentials.

    Fifteen channels, some faults on the way; in the end the journal of the local Google judges. With --serve the API
    and the pages can be looked at meanwhile, and afterwards until Ctrl-C.
    """
    looked_at = port if serve else None
    if keep is not None:
        if keep.exists():
            raise console.fail(Exit.USAGE, f"{keep} exists already; name a new folder")
        try:
            keep.mkdir(parents=True, mode=0o700)
        except OSError as error:
            why = console.why(error)
            raise console.fail(Exit.USAGE, f"{keep} cannot be made: {why}; name another folder") from None
        raise SystemExit(_run(keep.absolute(), videos, looked_at, calm=calm))
    with tempfile.TemporaryDirectory(prefix="ytempire-demo-") as folder:
        raise SystemExit(_run(Path(folder), videos, looked_at, calm=calm))


def _run(folder: Path, videos: int, port: int | None, *, calm: bool) -> Exit:
    if port is not None:
        return _served(folder, videos, port, calm=calm)
    from ytempire.bootstrap.demo import prepared, published
    from ytempire.entrypoints.cli.live import LiveView

    async def main() -> "Outcome":
        async with prepared(folder, videos, console.note, calm=calm) as ready:
            with LiveView(videos) as view:

                def finished(count: int, each: "Publication") -> None:
                    view.finished(
                        count, f"{count:>3} {each.state} {each.request.metadata.title} on {each.account}"
                    )

                return await published(ready, view.progress, finished)

    return told(console.run(main, interrupted=_GONE))


def _served(folder: Path, videos: int, port: int, *, calm: bool) -> Exit:
    """The same, in a house that is served; it goes on until a signal."""
    from ytempire.bootstrap.demo import prepared, watched
    from ytempire.bootstrap.serving import Part, Serving
    from ytempire.entrypoints.cli.logs import to_standard_error
    from ytempire.entrypoints.cli.waiting import on_signal
    from ytempire.entrypoints.http.running import Ears, run
    from ytempire.entrypoints.http.standing import Standing, Way

    to_standard_error()
    codes = [Exit.INTERRUPTED]

    def finished(count: int, each: "Publication") -> None:
        console.note(f"{count:>3} {each.state} {each.request.metadata.title} on {each.account}")

    async def main() -> None:
        async with prepared(folder, videos, console.note, calm=calm) as ready:

            async def watch(house: Serving) -> None:
                if house.working is not None:
                    codes.append(told(await watched(ready, house.working, finished)))
                    sys.stdout.flush()
                    console.note("ytempire: this goes on until Ctrl-C")

            ears = Ears(on_signal, console.say_now, watch)
            await run(ready.settings, frozenset(Part), Standing(), Way(), port, ears)

    console.run(main, interrupted=_GONE)
    return codes[-1]


def told(outcome: "Outcome") -> Exit:
    """Tells the end of the demo; its exit code is what the journal says."""
    rows = [
        (row.account, row.uploads, f"{row.megabytes:.1f}", f"{row.seconds:.1f}", row.retries)
        for row in outcome.rows
    ]
    tables.table(("account", "uploads", "MB", "seconds", "retries"), rows)
    lines = [
        (
            line.project,
            line.bucket,
            line.used + line.overhead,
            line.reserved,
            line.limit,
            f"{line.percent:.0f} %",
        )
        for line in outcome.ledger
    ]
    tables.table(("project", "bucket", "used", "reserved", "limit", "share"), lines)
    _chains(outcome.story)
    verdict = outcome.verdict
    counts = ", ".join(
        (
            counted(verdict.videos, "video"),
            counted(verdict.hashes, "hash", "hashes"),
            counted(verdict.duplicates, "duplicate"),
        )
    )
    if verdict.problems:
        for problem in verdict.problems:
            console.note(f"ytempire: {problem}")
        console.say(f"the journal does not agree: {counts}")
        return Exit.FAILED
    if verdict.consents:
        consents = f"{counted(verdict.consents, 'consent')} {were(verdict.consents)}"
        console.say(f"{consents} exchanged with PKCE, and no token lies about in clear")
    survived = (
        f"; {counted(verdict.faults, 'fault')} {were(verdict.faults)} survived" if verdict.faults else ""
    )
    console.say(f"the journal agrees: {counts}{survived}")
    return Exit.DONE


def _chains(story: "Story") -> None:
    """What the providers of scripts and voices did, and what it cost."""
    from ytempire.domain.money import usd

    rows = [(each.chain, each.provider, each.served, each.failed, usd(each.cost)) for each in story.rows]
    tables.table(("chain", "provider", "served", "failed", "USD"), rows)
    opened = (
        f"; {counted(story.breaker_events, 'breaker')} opened"
        if story.breaker_events
        else "; no breaker opened"
    )
    console.say(f"{counted(story.fallbacks, 'call')} fell back to another provider{opened}")
