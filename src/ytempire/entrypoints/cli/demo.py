"""`ytempire demo`: the main job on a fresh machine, without credentials."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ytempire.entrypoints.cli import console, tables
from ytempire.entrypoints.cli.exits import Exit

if TYPE_CHECKING:
    from ytempire.bootstrap.demo import Outcome
    from ytempire.bootstrap.demo_story import Story
    from ytempire.domain.publication import Publication


def demo(
    videos: Annotated[int, typer.Option(min=1, max=60, help="How many videos.")] = 50,
    calm: Annotated[bool, typer.Option("--calm", help="Without the faults that are thrown in.")] = False,
    keep: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Work in this new folder and keep it.")
    ] = None,
) -> None:
    """Publishes fifty videos to a local Google, without credentials.

    Fifteen channels, some faults on the way; in the end the journal of the local Google judges.
    """
    if keep is not None:
        if keep.exists():
            raise console.fail(Exit.USAGE, f"{keep} exists already; name a new folder")
        try:
            keep.mkdir(parents=True, mode=0o700)
        except OSError as error:
            why = console.why(error)
            raise console.fail(Exit.USAGE, f"{keep} cannot be made: {why}; name another folder") from None
        raise SystemExit(_run(keep.absolute(), videos, calm=calm))
    with tempfile.TemporaryDirectory(prefix="ytempire-demo-") as folder:
        raise SystemExit(_run(Path(folder), videos, calm=calm))


def _run(folder: Path, videos: int, *, calm: bool) -> Exit:
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

    return told(console.run(main))


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
    counts = f"{verdict.videos} videos, {verdict.hashes} hashes, {verdict.duplicates} duplicates"
    if verdict.problems:
        for problem in verdict.problems:
            console.note(f"ytempire: {problem}")
        console.say(f"the journal does not agree: {counts}")
        return Exit.FAILED
    if verdict.consents:
        console.say(f"{verdict.consents} consents were exchanged with PKCE, and no token lies about in clear")
    survived = f"; {verdict.faults} faults were survived" if verdict.faults else ""
    console.say(f"the journal agrees: {counts}{survived}")
    return Exit.DONE


def _chains(story: "Story") -> None:
    """What the providers of scripts and voices did, and what it cost."""
    from ytempire.domain.money import usd

    rows = [(each.chain, each.provider, each.served, each.failed, usd(each.cost)) for each in story.rows]
    tables.table(("chain", "provider", "served", "failed", "USD"), rows)
    opened = f"; {story.breaker_events} breakers opened" if story.breaker_events else "; no breaker opened"
    console.say(f"{story.fallbacks} calls fell back to another provider{opened}")
