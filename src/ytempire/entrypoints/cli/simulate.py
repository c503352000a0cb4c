"""`ytempire simulate`: days of the same decision core on a virtual clock, with demand, faults and prices."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ytempire.entrypoints.cli import console
from ytempire.entrypoints.cli.exits import Exit
from ytempire.entrypoints.cli.layouts import layout_settings
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption
from ytempire.entrypoints.dates import date_of

if TYPE_CHECKING:
    from ytempire.settings import Settings
    from ytempire.simulation import Result, Scenario

_MOST_DAYS = 3_660
_MOST_VIDEOS = 1_000
_PICTURES = (".svg", ".png")
_INSTALLATION = "installation"


def simulate(
    days: Annotated[int, typer.Option(min=1, max=_MOST_DAYS, help="How many days videos come in.")] = 30,
    videos: Annotated[int, typer.Option(min=0, max=_MOST_VIDEOS, help="How many come in each day.")] = 50,
    preset: Annotated[
        str | None, typer.Option(help="Simulate a layout of `init` instead of the configuration.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="Suppose this price list: buckets-2026, units-2025-12, units-2025.")
    ] = None,
    faults: Annotated[
        str,
        typer.Option(metavar="RATES", help="none, mixed, bad, or kinds with rates: outages=0.1,bursts=0.2."),
    ] = "none",
    seed: Annotated[int, typer.Option(help="Another seed, other chances; the same seed, the same days.")] = 1,
    start: Annotated[
        str | None, typer.Option("--start", metavar="YYYY-MM-DD", help="The first day; else tomorrow.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the days into a file, .svg or .png.")
    ] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> Exit:
    """Simulates days on a clock of its own.

    What is published, deferred, held, and how full the quota gets. Nothing is sent anywhere and nothing is
    stored. Ends with 1 when a rule of the house was broken.
    """
    from ytempire.entrypoints.cli import simulate_views

    def prepared() -> "Scenario":
        settings = layout_settings(preset, profile, load_from=(config, home))
        return _scenario(settings, preset, days=days, videos=videos, faults=faults, seed=seed, start=start)

    console.mended(lambda: _check_picture(plot))
    result = _result(console.mended(prepared))
    if plot is not None:
        _draw(result, plot)
    if json:
        console.document(result.document())
    else:
        simulate_views.days(result.document())
    return Exit.FAILED if result.broken else Exit.DONE


def _scenario(
    settings: "Settings",
    preset: str | None,
    *,
    days: int,
    videos: int,
    faults: str,
    seed: int,
    start: str | None,
) -> "Scenario":
    """What is asked for. Raises `Refused` for what makes no sense."""
    from ytempire.bootstrap.simulations import scenario, tomorrow
    from ytempire.simulation import Rates

    return scenario(
        settings,
        preset or _INSTALLATION,
        start=date_of("--start", start) or tomorrow(settings),
        days=days,
        videos=videos,
        rates=Rates.parse(faults),
        seed=seed,
    )


def _result(scenario: "Scenario") -> "Result":
    """The simulation; on a terminal it tells how far it is."""
    import sys

    from ytempire.simulation import simulated

    done: list[str] = []

    def told(day: object) -> None:
        done.append(str(day))
        if sys.stderr.isatty():
            sys.stderr.write(f"\rday {len(done)} of {scenario.days} ")

    try:
        return simulated(scenario, told)
    except KeyboardInterrupt:
        raise console.fail(Exit.INTERRUPTED, "interrupted; a simulation leaves nothing behind") from None
    finally:
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")


def _check_picture(plot: Path | None) -> None:
    from ytempire.domain.values import Refusal, Refused

    if plot is not None and plot.suffix.lower() not in _PICTURES:
        remedy = "end its name with .svg or .png"
        raise Refused(Refusal("--plot", "picture_unknown", f"{plot.name!r} is no picture", remedy))
    if plot is not None and not plot.absolute().parent.is_dir():
        message = f"there is no folder {plot.absolute().parent}"
        raise Refused(Refusal("--plot", "folder_missing", message, "make it, or name another"))


def _draw(result: "Result", plot: Path) -> None:
    from ytempire.bootstrap.simulations import plotted

    plot.write_bytes(plotted(result, plot.suffix.lower().removeprefix(".")))
    console.note(f"drawn: {plot}")
