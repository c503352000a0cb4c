"""`ytempire script`: a script about a topic, by the first provider of the script chain that can."""

from typing import Annotated

import typer

from ytempire.entrypoints.cli import console
from ytempire.entrypoints.cli.chain_options import MaxCostOption, ProviderOption, QualityOption, budget, tell
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, load


def script(
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="What the script is about.")],
    minutes: Annotated[float, typer.Option(metavar="N", help="How long it takes to read aloud.")] = 1.0,
    language: Annotated[str, typer.Option(metavar="TAG", help="Its language, like de or en.")] = "en",
    template: Annotated[
        str, typer.Option(metavar="NAME", help="For the template provider: which of its templates.")
    ] = "explainer",
    quality: QualityOption = None,
    max_cost: MaxCostOption = None,
    provider: ProviderOption = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Writes a script, on standard output.

    The providers of the script chain are asked in order; without any key a template writes. Works without a
    configuration. Exits with 6 when no provider could.
    """
    from ytempire.bootstrap.chain_house import chain_house
    from ytempire.domain.chain import ChainFailed, Served
    from ytempire.domain.scripts import Script, ScriptOrder
    from ytempire.services.service_report import served_document

    order = ScriptOrder(topic, minutes, language, template)
    limits = budget(quality, max_cost)

    async def main() -> Served[Script]:
        async with chain_house(load(config, home, needed=False)) as house:
            try:
                return await house.writing.write(order, limits, only=provider)
            except ChainFailed as failed:
                tell(failed.trail)
                raise

    served = console.run(main)
    if json:
        console.document({"text": served.value.text, "words": served.value.words, **served_document(served)})
    else:
        tell(served.trail)
        console.say(served.value.text.rstrip("\n"))
