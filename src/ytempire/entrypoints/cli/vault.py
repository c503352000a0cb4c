"""`ytempire vault`: backups of the grants, and the trail of their use."""

from pathlib import Path
from typing import Annotated

import typer

from ytempire.domain.counting import are, counted
from ytempire.entrypoints.cli import console, tables
from ytempire.entrypoints.cli.asking import a_passphrase
from ytempire.entrypoints.cli.exits import Exit
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, load

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

BACKUP_PASSPHRASE = "YTEMPIRE_BACKUP_PASSPHRASE"


@app.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.")],
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Writes every grant to an encrypted file.

    It is proven at once that it can be opened. The passphrase is asked for, or taken from
    YTEMPIRE_BACKUP_PASSPHRASE. The file needs neither the key of the vault nor the database to be restored.
    """
    passphrase = a_passphrase(BACKUP_PASSPHRASE, "passphrase of the backup", twice=True)

    async def main() -> Exit:
        from ytempire.bootstrap import acting, packed_backup

        async with acting(load(config, home), actor="vault backup") as house:
            packed = await house.keepsake.pack()
            packed_backup(file, packed.document, passphrase)
        console.say(f"{counted(len(packed.grants), 'grant')} {are(len(packed.grants))} in {file}")
        for each in packed.left_out:
            console.note(f"ytempire: left out: {each}")
        return Exit.PARTLY if packed.left_out else Exit.DONE

    raise SystemExit(console.run(main))


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file made by `vault backup`.")],
    everything: Annotated[
        bool, typer.Option("--replace", help="Also where a grant is that can be used.")
    ] = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Restores the grants of a backup.

    Only where there is none that can be used, unless --replace is given.
    """
    passphrase = a_passphrase(BACKUP_PASSPHRASE, "passphrase of the backup")

    async def main() -> Exit:
        from ytempire.bootstrap import acting, unpacked_backup

        document = unpacked_backup(file, passphrase)
        async with acting(load(config, home), actor="vault restore") as house:
            restored = await house.keepsake.unpack(document, replace_all=everything)
        console.say(
            f"{len(restored.restored)} grants were restored, {len(restored.kept)} were kept as they are"
        )
        for each in restored.not_configured:
            console.note(f"ytempire: {each} is not configured here; add the account and restore again")
        for each in restored.other_channel:
            console.note(f"ytempire: {each} is for another channel than the account has now; it is left out")
        return Exit.PARTLY if restored.not_configured or restored.other_channel else Exit.DONE

    raise SystemExit(console.run(main))


@app.command("audit")
def audit(
    last: Annotated[int, typer.Option("--last", min=1, help="How many entries to show.")] = 20,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Checks the whole trail of credential use, and shows its end."""

    async def main() -> Exit:
        from ytempire.bootstrap import reading

        async with reading(load(config, home)) as house:
            trail = await house.reports.trail(last)
        if json:
            console.document(trail)
        else:
            tables.trail(trail)
        if trail["broken_at"] is not None:
            console.note(
                f"ytempire: the trail was changed at entry {trail['broken_at']}; compare it with a backup"
            )
        return Exit.FAILED if trail["broken_at"] is not None else Exit.DONE

    raise SystemExit(console.run(main))
