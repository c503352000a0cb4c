"""The bandwidth that all uploads share. Told the time; waiting is the caller's."""

import threading

BLOCK = 1_048_576
"""Bytes read and sent at a time: larger gains nothing, smaller makes threads fight for the interpreter."""

_SMALLEST = 16_384


class Pace:
    """A shared allowance of bytes per second, first come, first served; None is no limit. Thread-safe."""

    def __init__(self, bytes_per_second: int | None) -> None:
        if bytes_per_second is not None and bytes_per_second < 1:
            raise ValueError("the bandwidth must be at least one byte per second")
        self._rate = bytes_per_second
        self._free_at = float("-inf")
        self._lock = threading.Lock()
        # Eighths of a second: smooth on the line, and a slow one is still shared fairly.
        self.block = BLOCK if bytes_per_second is None else min(BLOCK, max(_SMALLEST, bytes_per_second // 8))

    def claim(self, size: int, now: float) -> float:
        """Takes `size` bytes of the allowance; the answer is how many seconds to wait before sending them."""
        if self._rate is None:
            return 0.0
        with self._lock:
            start = max(now, self._free_at)
            self._free_at = start + size / self._rate
        return start - now
