"""`ytempire quota`: what is used, promised and left today; days gone by; days that are only supposed."""

from typing import TYPE_CHECKING, Annotated

import typer

from ytempire.entrypoints.cli import console, quota_tables
from ytempire.entrypoints.cli.exits import Exit
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, load

if TYPE_CHECKING:
    from ytempire.domain.quota import Bucket, Profile

app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
_MOST_VIDEOS = 100_000


@app.callback()
def quota(
    context: typer.Context,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Shows what is used, promised and left today (Pacific time).

    With how fast it is used, how many uploads are still possible, and what each account has used.
    """
    if context.invoked_subcommand is not None:
        _nothing_before(context)
        return
    from ytempire.bootstrap import reading
    from ytempire.bootstrap.quota import quota_reports

    async def main() -> None:
        async with reading(load(config, home)) as house:
            document = await quota_reports(house).today()
        if json:
            console.document(document)
        else:
            quota_tables.today(document)

    console.run(main)


def _nothing_before(context: typer.Context) -> None:
    """Options before the name of a command below would be lost; so they are refused."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            command = f"ytempire quota {context.invoked_subcommand}"
            raise typer.BadParameter(f"write --{name} behind `{command}`")


@app.command("history")
def history(
    days: Annotated[
        int, typer.Option(min=1, max=3_660, help="So many quota days, the present one included.")
    ] = 14,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Shows what was used on the last quota days, newest first."""
    from ytempire.bootstrap import reading
    from ytempire.bootstrap.quota import quota_reports

    async def main() -> None:
        async with reading(load(config, home)) as house:
            lines = await quota_reports(house).history(days)
        if json:
            console.document({"days": lines})
        else:
            quota_tables.history(lines)

    console.run(main)


@app.command("what-if")
def what_if(
    videos: Annotated[int, typer.Option(min=0, max=_MOST_VIDEOS, help="Suppose so many videos on a day.")],
    extras: Annotated[
        str | None,
        typer.Option(
            help="What each has: thumbnail,update,playlist,caption:2 for two; none. Else the usual ones."
        ),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="One project at this price list, instead of the configured ones.")
    ] = None,
    limit: Annotated[
        list[str] | None,
        typer.Option(metavar="BUCKET=N", help="Suppose this limit of a bucket; may be repeated."),
    ] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> Exit:
    """Tells what so many videos would cost.

    On a fresh day, and how many fit. Exit code 1 when not all do.
    """
    from ytempire.bootstrap import reading
    from ytempire.bootstrap.quota import quota_reports
    from ytempire.domain.whatif import extras as requests_of
    from ytempire.services.quota_report import of_profile

    async def main() -> dict[str, object]:
        limits = dict(map(_limit, limit or []))
        if profile is not None:
            usual = load(config, home).quota.usual_extras if extras is None else extras
            return of_profile(videos, requests_of(usual), _priced(profile), limits)
        async with reading(load(config, home)) as house:
            reports = quota_reports(house)
            methods = reports.usual if extras is None else requests_of(extras)
            return reports.what_if(videos, methods, limits)

    document = console.run(main)
    if json:
        console.document(document)
    else:
        quota_tables.supposed(document)
    return Exit.DONE if document["fits"] else Exit.FAILED


def _limit(text: str) -> "tuple[Bucket, int]":
    """A limit written as BUCKET=N. Raises `Refused`."""
    from ytempire.domain.quota import Bucket
    from ytempire.domain.values import Refusal, Refused

    name, _, number = text.partition("=")
    sound = number.isascii() and number.isdecimal() and len(number) < 13
    if name not in list(Bucket) or not sound:
        remedy = f"write one of {', '.join(Bucket)}, then = and a whole number, like uploads=300"
        raise Refused(Refusal("--limit", "limit_malformed", f"{text!r} is no limit", remedy))
    return Bucket(name), int(number)


def _priced(name: str) -> "Profile":
    """A price list by its name. Raises `Refused`."""
    from ytempire.domain.quota import PROFILES
    from ytempire.domain.values import Refusal, Refused

    if name not in PROFILES:
        remedy = f"use one of {', '.join(PROFILES)}"
        raise Refused(Refusal("--profile", "profile_unknown", f"there is no profile {name!r}", remedy))
    return PROFILES[name]
