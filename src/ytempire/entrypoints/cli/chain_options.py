"""What the commands that call a chain have in common: limits, one provider, and how it is told how it went."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from ytempire.entrypoints.cli import console
from ytempire.entrypoints.cli.exits import Exit
from ytempire.entrypoints.cli.options import load

if TYPE_CHECKING:
    from ytempire.bootstrap.chains import Chained
    from ytempire.domain.chain import Attempt, Budget, CallerFault, ChainFailed, Served

T = TypeVar("T")
LanguageOption = Annotated[
    str, typer.Option("--language", metavar="TAG", help="Its language, like de or en-GB.")
]
QualityOption = Annotated[
    str | None,
    typer.Option("--quality", metavar="LEAST", help="At least: emergency, basic, standard, good, premium."),
]
MaxCostOption = Annotated[
    str | None, typer.Option("--max-cost", metavar="USD", help="The most that this call may cost.")
]
ProviderOption = Annotated[
    str | None, typer.Option("--provider", metavar="NAME", help="Ask this provider of the chain alone.")
]


_REMEDY = "change what is asked for or its limits, or set a provider up that can do it"


def budget(quality: str | None, max_cost: str | None) -> "Budget":
    """The limits of one call."""
    from ytempire.domain.chain import Budget, Quality
    from ytempire.domain.money import micro_dollars

    if quality is not None and quality not in list(Quality):
        raise console.fail(Exit.USAGE, f"--quality: {quality!r} is none; use one of {', '.join(Quality)}")
    try:
        most = None if max_cost is None else micro_dollars(max_cost)
    except ValueError as wrong:
        raise console.fail(Exit.USAGE, f"--max-cost: {wrong}; write USD like 0.25") from None
    return Budget(per_call=most, floor=None if quality is None else Quality(quality))


def call(
    ask: "Callable[[Chained], Awaitable[Served[T]]]", *, json: bool, config: Path | None, home: Path | None
) -> "Served[T]":
    """One call of a chain. When nobody served, the end of the command: who was asked, and whose it is to mend."""
    from ytempire.bootstrap.chain_house import chain_house
    from ytempire.domain.chain import CallerFault, ChainFailed

    async def main() -> "Served[T] | ChainFailed | CallerFault":
        async with chain_house(load(config, home, needed=False), make=home is None) as house:
            try:
                return await ask(house)
            except (ChainFailed, CallerFault) as failed:
                return failed

    found = console.run(main)
    if isinstance(found, ChainFailed | CallerFault):
        raise _failed(found, json=json)
    if not json:
        tell(found.trail)
    return found


def _failed(failed: "ChainFailed | CallerFault", *, json: bool) -> SystemExit:
    from ytempire.domain.chain import ChainFailed, is_callers_to_mend
    from ytempire.services.service_report import failed_document

    if json:
        console.document(failed_document(failed))
    elif isinstance(failed, ChainFailed):
        tell(failed.trail)
    if isinstance(failed, ChainFailed) and is_callers_to_mend(failed.trail):
        return console.fail(Exit.USAGE, f"{failed}; {_REMEDY}")
    return console.fail(Exit.UPSTREAM if isinstance(failed, ChainFailed) else Exit.USAGE, str(failed))


def tell(trail: "tuple[Attempt, ...]") -> None:
    """Who was asked or left out, a line each, beside the answer."""
    from ytempire.domain.money import usd

    for each in trail:
        cost = f", {usd(each.cost)} USD" if each.cost else ""
        took = f" in {each.seconds:.1f} s" if each.seconds else ""
        why = f": {each.why}" if each.why else ""
        console.note(f"  {each.provider} ({each.quality}) {each.step}{took}{cost}{why}")
