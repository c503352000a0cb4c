"""What the commands that call a chain have in common: limits, one provider, and how the trail is told."""

from typing import TYPE_CHECKING, Annotated

import typer

from ytempire.entrypoints.cli import console
from ytempire.entrypoints.cli.exits import Exit

if TYPE_CHECKING:
    from ytempire.domain.chain import Attempt, Budget

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


def tell(trail: "tuple[Attempt, ...]") -> None:
    """Who was asked or left out, a line each, beside the answer."""
    from ytempire.domain.money import usd

    for each in trail:
        cost = f", {usd(each.cost)} USD" if each.cost else ""
        took = f" in {each.seconds:.1f} s" if each.seconds else ""
        why = f": {each.why}" if each.why else ""
        console.note(f"  {each.provider} ({each.quality}) {each.step}{took}{cost}{why}")
