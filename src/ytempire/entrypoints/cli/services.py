"""`ytempire services`: the health of services, breakers and chains; a breaker by hand; the newest calls."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ytempire.domain.counting import counted
from ytempire.entrypoints.cli import console, tables
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, load

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ytempire.domain.breaker import Breaker
    from ytempire.services.breakers import Breakers
    from ytempire.settings import Settings

app = typer.Typer(rich_markup_mode=None)
WhyOption = Annotated[str, typer.Option("--why", metavar="TEXT", help="Why, for whoever looks later.")]
ProviderArgument = Annotated[str, typer.Argument(metavar="PROVIDER", help="The provider, by its name.")]


def _looked_at(config: Path | None, home: Path | None) -> "Settings":
    """The settings; a home that is not there is told of, for it may have been misspelt."""
    settings = load(config, home, needed=False)
    if not settings.database.url and not settings.home.exists():
        console.note(f"ytempire: there is no home at {settings.home} yet, so this is only what is configured")
    return settings


@app.callback(invoke_without_command=True)
def services(
    context: typer.Context, json: JsonOption = False, config: ConfigOption = None, home: HomeOption = None
) -> None:
    """Shows services with their health, breakers and chains. Asks nobody anything."""
    if context.invoked_subcommand is not None:
        return
    from ytempire.bootstrap.chain_house import chain_view

    async def main() -> dict[str, Any]:
        async with chain_view(_looked_at(config, home)) as house:
            return await house.reports.services()

    found = console.run(main)
    if json:
        console.document(found)
    else:
        _show(found)


@app.command("calls")
def calls(
    chain: Annotated[str | None, typer.Option(metavar="CHAIN", help="Only of this chain.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many, newest first.")] = 20,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Lists the newest calls of chains.

    Who served, for how much, and who was left out or failed.
    """
    from ytempire.bootstrap.chain_house import chain_view

    async def main() -> dict[str, Any]:
        async with chain_view(_looked_at(config, home)) as house:
            return await house.reports.calls(chain, limit)

    found = console.run(main)
    if json:
        console.document(found)
        return
    tables.table(
        ("at", "chain", "outcome", "provider", "usd", "trail"),
        [
            (each["at"], each["chain"], each["outcome"], each["provider"], each["cost_usd"], _trail(each))
            for each in found["calls"]
        ],
    )


@app.command("isolate")
def isolate(
    provider: ProviderArgument,
    why: WhyOption = "by hand",
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Lets no call to a provider pass, until it is reset. `youtube` stops all new uploads.

    One that is isolated already keeps its first reason.
    """
    found = _by_hand(provider, lambda breakers, by: breakers.isolate(provider, by=by, why=why), config, home)
    told = "isolated" if found.why == why else f"isolated already, by {found.by}: {found.why}"
    console.say(f"{provider}: {told}; `ytempire services reset {provider}` lets calls pass again")


@app.command("disable")
def disable(
    provider: ProviderArgument,
    why: WhyOption = "by hand",
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Lets every call to a provider pass until its breaker is reset.

    Whatever becomes of them: nothing is counted.
    """
    _by_hand(provider, lambda breakers, by: breakers.disable(provider, by=by, why=why), config, home)
    console.say(
        f"{provider}: its breaker is disabled; `ytempire services reset {provider}` puts it to work again"
    )


@app.command("reset")
def reset(provider: ProviderArgument, config: ConfigOption = None, home: HomeOption = None) -> None:
    """Closes the breaker of a provider: calls pass again.

    Nothing that was counted before counts any more.
    """
    _by_hand(provider, lambda breakers, by: breakers.reset(provider, by=by), config, home)
    console.say(f"{provider}: closed; calls pass")


def _by_hand(
    provider: str,
    act: "Callable[[Breakers, str], Awaitable[Breaker]]",
    config: Path | None,
    home: Path | None,
) -> "Breaker":
    import getpass

    from ytempire.bootstrap.chain_house import chain_house

    async def main() -> "Breaker":
        async with chain_house(load(config, home, needed=False), make=False) as house:
            await house.chains.known_provider(provider)
            return await act(house.chains.breakers, getpass.getuser())

    return console.run(main)


def _show(found: dict[str, Any]) -> None:
    if found["services"]:
        tables.table(
            ("service", "health", "ms", "seen", "next probe", "last error", "note"),
            [
                (
                    each["service"],
                    each["health"],
                    each["latency_ms"],
                    each["seen_at"],
                    each["next_probe"],
                    each["last_error"],
                    "; ".join(each["notes"]),
                )
                for each in found["services"]
            ],
        )
    phases = {each["provider"]: each for each in found["breakers"]}
    for chain in found["chains"]:
        rate = f", {chain['fallback_rate']:.1%} fell back or failed" if chain["calls"] else ""
        spent = f", {chain['spent_today_usd']} USD today"
        console.say(
            f"\n{chain['chain']}: {counted(chain['calls'], 'call')} in {counted(chain['days'], 'day')}{rate}{spent}"
        )
        tables.table(
            ("provider", "quality", "usd", "breaker", "why"),
            [
                (
                    each["provider"],
                    each["quality"],
                    each["cost_usd"],
                    each["breaker"] if each["ready"] or each["breaker"] != "closed" else "not set up",
                    "; ".join(filter(None, (phases[each["provider"]]["why"], each["why"]))),
                )
                for each in chain["links"]
            ],
        )
    _other_breakers(found)


def _other_breakers(found: dict[str, Any]) -> None:
    """Breakers of what is in no chain, like YouTube, when they are not as they should be."""
    chained = {link["provider"] for chain in found["chains"] for link in chain["links"]}
    for each in found["breakers"]:
        if each["provider"] not in chained and each["phase"] != "closed":
            console.say(f"\n{each['provider']}: its breaker is {each['phase']}: {each['why']}")


def _trail(call: dict[str, Any]) -> str:
    """What went otherwise than meant; who was left out on purpose is in the JSON."""
    steps = [each for each in call["trail"] if not each["expected"] and each["step"] != "served"]
    return "; ".join(f"{each['provider']} {each['step']}: {each['why']}" for each in steps)
