"""`ytempire doctor`: is everything in order here?"""

from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated

import typer

from ytempire.domain.counting import counted
from ytempire.entrypoints.cli import console, tables
from ytempire.entrypoints.cli.exits import Exit
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption

if TYPE_CHECKING:
    from ytempire.domain.checkup import Finding


def doctor(
    online: Annotated[
        bool,
        typer.Option("--online", help="Ask YouTube for each account's channel too: one unit of quota each."),
    ] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Looks at all that this installation stands on.

    What is wrong is told with what to do about it. Exits with 1 when there is a problem; warnings are only
    told. Spends no quota without --online.
    """
    from ytempire import settings
    from ytempire.bootstrap.checkup import examined
    from ytempire.domain import checkup

    def told(finding: "Finding") -> "Finding":
        if not json:
            tables.finding(finding.about, finding.grade, finding.message, finding.remedy)
        return finding

    async def main() -> "list[Finding]":
        try:
            loaded = settings.load(config, home)
        except settings.BadSettings as wrong:
            remedy = "correct the configuration, or make one with `ytempire init`"
            return [told(checkup.problem("configuration", each, remedy)) for each in wrong.problems]
        async with aclosing(examined(loaded, online=online)) as findings:
            return [told(finding) async for finding in findings]

    found = console.run(main)
    problems = sum(each.grade is checkup.Grade.PROBLEM for each in found)
    warnings = sum(each.grade is checkup.Grade.WARNING for each in found)
    if json:
        lines = [
            {"about": each.about, "grade": each.grade, "message": each.message, "remedy": each.remedy}
            for each in found
        ]
        console.document({"findings": lines, "problems": problems, "warnings": warnings})
    else:
        console.say(
            f"{counted(len(found), 'finding')}: {counted(problems, 'problem')}, {counted(warnings, 'warning')}"
        )
    raise SystemExit(Exit.FAILED if problems else Exit.DONE)
