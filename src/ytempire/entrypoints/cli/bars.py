"""Progress bars for terminals: each upload with bytes, rate and remaining time, and all videos together."""

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

VIDEOS = "videos"
BYTES = "bytes"


class _Amount(DownloadColumn):
    def render(self, task: Task) -> Text:
        if task.fields["kind"] == VIDEOS:
            return Text(f"{int(task.completed)}/{int(task.total or 0)} videos")
        return super().render(task)


class _Rate(TransferSpeedColumn):
    def render(self, task: Task) -> Text:
        return Text("") if task.fields["kind"] == VIDEOS else super().render(task)


def bars() -> Progress:
    """Bars on standard error; they are gone when they are stopped. Each task has a `kind`."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        _Amount(),
        _Rate(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True)
