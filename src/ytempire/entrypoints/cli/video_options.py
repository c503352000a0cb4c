"""The options of `ytempire publish`: one for each field a video may have, with its help."""

from pathlib import Path
from typing import Annotated

import typer

from ytempire.domain.publication import License, Privacy

FilesArgument = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="Videos, and manifests (.csv, .jsonl, .yaml).")
]
TitleOption = Annotated[str | None, typer.Option(help="Title; without one, the name of the file.")]
DescriptionOption = Annotated[str | None, typer.Option(help="Up to 5,000 bytes of UTF-8.")]
TagsOption = Annotated[str | None, typer.Option(help="Separated by commas.")]
CategoryOption = Annotated[str | None, typer.Option(help="Category id, 22 if not given.")]
LanguageOption = Annotated[str | None, typer.Option(help="BCP-47, like en or pt-BR.")]
PrivacyOption = Annotated[Privacy | None, typer.Option(help="Private if not given.")]
PublishAtOption = Annotated[str | None, typer.Option(help="Private until then; ISO 8601 with a zone.")]
MadeForKidsOption = Annotated[
    bool | None,
    typer.Option(
        "--made-for-kids/--not-made-for-kids", help="Declare whether it is for children; sent as declared."
    ),
]
SyntheticMediaOption = Annotated[
    bool | None,
    typer.Option(
        "--synthetic-media/--no-synthetic-media", help="Declare realistic altered or synthetic content."
    ),
]
LicenseOption = Annotated[License | None, typer.Option(help="youtube if not given.")]
NotifySubscribersOption = Annotated[
    bool | None,
    typer.Option("--notify-subscribers/--no-notify-subscribers", help="Notified if not given."),
]
ThumbnailOption = Annotated[Path | None, typer.Option(metavar="FILE", help="JPEG or PNG.")]
CaptionOption = Annotated[list[str] | None, typer.Option(metavar="LANGUAGE:FILE", help="May be repeated.")]
PlaylistOption = Annotated[
    list[str] | None,
    typer.Option(metavar="PLAYLIST", help="A configured name, or an id. May be repeated."),
]
PriorityOption = Annotated[int | None, typer.Option(help="1 is most urgent, 10 least; 5 if not given.")]
NotBeforeOption = Annotated[str | None, typer.Option(help="Do not upload before; ISO 8601 with a zone.")]
DeadlineOption = Annotated[str | None, typer.Option(help="Hold it if not uploaded by then.")]
AccountOption = Annotated[str | None, typer.Option(help="Only this account.")]
GroupOption = Annotated[str | None, typer.Option(help="Only accounts of this group.")]
IdempotencyKeyOption = Annotated[str | None, typer.Option(help="The same key never queues twice.")]
AgainOption = Annotated[bool, typer.Option("--again", help="Publish the same content once more on purpose.")]
WaitOption = Annotated[bool, typer.Option("--wait", help="Work until all of it has come to rest.")]
