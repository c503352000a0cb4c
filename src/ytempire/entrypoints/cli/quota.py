"""`ytempire quota`: what is used, promised and left today."""

from ytempire.entrypoints.cli import console, tables
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, load


def quota(json: JsonOption = False, config: ConfigOption = None, home: HomeOption = None) -> None:
    """Shows what is used, promised and left today (Pacific time)."""
    from ytempire.bootstrap import reading

    async def main() -> None:
        async with reading(load(config, home)) as house:
            lines = await house.reports.quota()
        if json:
            console.document({"buckets": lines})
        else:
            tables.quota(lines)

    console.run(main)
