"""Who may push bytes right now. The rule that keeps the event loop punctual while many uploads are under way."""

from queue import SimpleQueue
from types import TracebackType

AT_ONCE = 2
"""Threads that push at the same moment. Two encrypt more than a gigabyte in a second. Each one more makes the
event loop wait longer: for the interpreter, which every 16 KiB are handed over with, and for a processor.
"""


class Turns:
    """So many threads at a time hold a turn (`with turns:`), the others wait in line. Thread-safe.

    Nobody may wait for a network, a disk or a person while holding one.
    """

    def __init__(self, at_once: int = AT_ONCE) -> None:
        # Not a Semaphore: that one is written in Python, and makes three times as many switches of threads.
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(at_once):
            self._free.put(None)

    def __enter__(self) -> None:
        self._free.get()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._free.put(None)
