"""Scripts through the script chain, checked before they count."""

from collections.abc import Mapping
from dataclasses import dataclass

from ytempire.domain.chain import SCRIPT, Blame, Budget, Link, Made, ProviderFault, Quote, Served
from ytempire.domain.scripts import Script, ScriptOrder, wrong_order, wrong_script
from ytempire.domain.values import Refused
from ytempire.ports import Writer
from ytempire.services.chains import Chains


@dataclass(frozen=True, slots=True)
class Writing:
    """Writes. `writers` are the vendors by the name of their provider."""

    chains: Chains
    writers: Mapping[str, Writer]

    async def write(
        self,
        order: ScriptOrder,
        budget: Budget | None = None,
        *,
        only: str | None = None,
        forced: bool = False,
    ) -> Served[Script]:
        """Writes a script. Raises `Refused` for an order that nobody could fill, before anybody is asked; and what
        `Chains.execute` raises.
        """
        refusals = wrong_order(order)
        if refusals:
            raise Refused(*refusals)

        async def operation(link: Link) -> Made[Script] | ProviderFault:
            writer = self.writers.get(link.provider)
            if writer is None:
                return ProviderFault(Blame.UNFIT, "no_writer", "it serves operations of your own alone")
            return await writer.write(order)

        quotes = {name: Quote(writer.price(order)) for name, writer in self.writers.items()}
        return await self.chains.execute(
            SCRIPT,
            operation,
            budget,
            check=lambda script: wrong_script(order, script),
            quotes=quotes,
            only=only,
            forced=forced,
        )
