"""`ytempire script`: a script about a topic, by the first provider of the script chain that can."""

from typing import Annotated

import typer

from ytempire.entrypoints.cli import console
from ytempire.entrypoints.cli.chain_options import (
    LanguageOption,
    MaxCostOption,
    ProviderOption,
    QualityOption,
    budget,
    call,
)
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption


def script(
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="What the script is about.")],
    minutes: Annotated[float, typer.Option(metavar="N", help="How long it takes to read aloud.")] = 1.0,
    language: LanguageOption = "en",
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
    configuration. Exits with 6 when no provider could, and with 2 when that is for you to mend.
    """
    from ytempire.domain.scripts import ScriptOrder
    from ytempire.services.service_report import served_document

    order = ScriptOrder(topic, minutes, language, template)
    limits = budget(quality, max_cost)

    served = call(
        lambda house: house.writing.write(order, limits, only=provider), json=json, config=config, home=home
    )
    if json:
        console.document({"text": served.value.text, "words": served.value.words, **served_document(served)})
    else:
        console.say(served.value.text.rstrip("\n"))
