"""`ytempire speak`: a text as speech, by the first provider of the voice chain that can."""

import sys
from pathlib import Path
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
from ytempire.entrypoints.cli.exits import Exit
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption


def speak(
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The .wav or .mp3 file to write.")],
    text: Annotated[str | None, typer.Argument(metavar="[TEXT]", help="What is to be said.")] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", metavar="FILE", help="Say what is in this file (UTF-8); - reads standard input."
        ),
    ] = None,
    language: LanguageOption = "en-US",
    ssml: Annotated[bool, typer.Option("--ssml", help="The text is SSML.")] = False,
    quality: QualityOption = None,
    max_cost: MaxCostOption = None,
    provider: ProviderOption = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Says a text, into a file.

    The providers of the voice chain are asked in order; without any key the local voice speaks. Works without a
    configuration. Exits with 6 when no provider could, and with 2 when that is for you to mend.
    """
    from ytempire.domain.speech import SpeechOrder
    from ytempire.services.service_report import served_document

    order = SpeechOrder(_text(text, file), language, ssml)
    limits = budget(quality, max_cost)

    served = call(
        lambda house: house.speaking.speak(order, str(out), limits, only=provider),
        json=json,
        config=config,
        home=home,
    )
    seconds = round(served.value.sound.seconds, 3)
    if json:
        console.document({"file": str(out), "seconds": seconds, **served_document(served)})
    else:
        console.say(f"{out}: {seconds:.1f} s, by {served.provider} ({served.quality})")


def _text(text: str | None, file: Path | None) -> str:
    if (text is None) == (file is None):
        raise console.fail(Exit.USAGE, "give the text, or --file with it")
    if text is not None:
        return text
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else Path(str(file)).read_bytes()
        return data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise console.fail(Exit.USAGE, f"--file: {file} cannot be read: {console.why(error)}") from None
