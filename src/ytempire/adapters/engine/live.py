"""Who is being worked on: the publications with a pass that runs or waits, in this process."""

from threading import Condition

from ytempire.domain.values import PublicationId


class Live:
    """The live passes. Safe to use from any thread.

    A publication has at most one live pass, named by its number. Once `close` was called no pass begins.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._numbers: dict[PublicationId, str] = {}
        self._running: set[PublicationId] = set()
        self._open = True

    def __len__(self) -> int:
        with self._changed:
            return len(self._numbers)

    def claim(self, which: PublicationId, number: str) -> bool:
        """Makes this pass the live one of its publication; False when another is, or after `close`."""
        with self._changed:
            return self._open and self._numbers.setdefault(which, number) == number

    def begin(self, which: PublicationId, number: str) -> bool:
        """The live pass starts to run; False when it is not the live one."""
        with self._changed:
            if self._numbers.get(which) != number:
                return False
            self._running.add(which)
            return True

    def end(self, which: PublicationId, number: str) -> None:
        """The pass neither runs nor waits any more. Does nothing for one that is not live."""
        with self._changed:
            if self._numbers.get(which) == number:
                del self._numbers[which]
                self._running.discard(which)
                self._changed.notify_all()

    def is_free(self, which: PublicationId) -> bool:
        """Would a claim succeed now?"""
        with self._changed:
            return self._open and which not in self._numbers

    def is_open(self) -> bool:
        """May passes still begin?"""
        with self._changed:
            return self._open

    def close(self) -> None:
        """From now on no pass begins."""
        with self._changed:
            self._open = False

    def wait_until_quiet(self) -> None:
        """Blocks until no pass runs; those that only wait are not waited for."""
        with self._changed:
            self._changed.wait_for(lambda: not self._running)
