"""Live progress of uploads: bars with rate and remaining time on a terminal, plain lines elsewhere."""

import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ytempire.domain.values import PublicationId
from ytempire.entrypoints.cli.console import note
from ytempire.entrypoints.cli.tables import shown as shown_text

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from ytempire.bootstrap import Working
    from ytempire.settings import Settings


LARGE = 16_000_000
"""Bytes from which on an upload takes long enough to be told of while it runs."""

_ALL = 10


class LiveView:
    """Shows uploads. `progress` may be called from any thread; nothing is shown when nobody looks."""

    def __init__(self, total: int | None = None) -> None:
        self._total = total
        self._lock = threading.Lock()
        self._bars: Progress | None = None
        self._tasks: dict[PublicationId, TaskID] = {}
        self._overall: TaskID | None = None
        self._told: dict[PublicationId, int] = {}

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from ytempire.entrypoints.cli.bars import bars

            self._bars = bars()
            self._bars.start()
            if self._total is not None:
                self._overall = self._bars.add_task("published", total=self._total, kind="videos")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def progress(self, which: PublicationId, offset: int, total: int) -> None:
        """So many bytes of a file were handed to the network."""
        with self._lock:
            if self._bars is not None:
                self._show(self._bars, which, offset, total)
            else:
                self._tell(which, offset, total)

    def _tell(self, which: PublicationId, offset: int, total: int) -> None:
        """A line at the beginning, and one for each tenth of a large file."""
        tenths = 10 * offset // total if total >= LARGE else 0
        before = self._told.get(which)
        if before is None:
            note(f"uploading {which} ({total} bytes)")
        elif tenths > before and tenths < _ALL:
            note(f"uploading {which}: {tenths}0 % of {total / 1e6:.0f} MB")
        self._told[which] = max(tenths, before or 0)

    def _show(self, bars: "Progress", which: PublicationId, offset: int, total: int) -> None:
        if which not in self._tasks:
            self._tasks[which] = bars.add_task(which, total=total, kind="bytes")
        bars.update(self._tasks[which], completed=offset, total=total)
        if offset >= total:
            bars.update(self._tasks[which], visible=False)

    def finished(self, count: int, line: str) -> None:
        """So many publications have come to rest; `line` tells of the latest."""
        if self._bars is not None and self._overall is not None:
            self._bars.update(self._overall, completed=count)
        self.line(line)

    def line(self, text: str) -> None:
        """One line above the bars, or just one line."""
        if self._bars is not None:
            self._bars.console.print(shown_text(text), markup=False, highlight=False)
        else:
            note(shown_text(text))


@asynccontextmanager
async def working_view(settings: "Settings", view: LiveView) -> "AsyncIterator[Working]":
    """A working house whose uploads are shown."""
    from ytempire.bootstrap import working
    from ytempire.entrypoints.cli.logs import to_standard_error

    to_standard_error(settings)
    with shown(view):
        async with working(settings, view.progress) as house:
            yield house


@contextmanager
def shown(view: LiveView) -> Iterator[LiveView]:
    """The view while it is shown."""
    with view:
        yield view
