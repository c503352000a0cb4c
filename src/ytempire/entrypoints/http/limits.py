"""How often one caller may ask, and how often one address may show a token that is no good."""

import math
from collections import OrderedDict
from dataclasses import dataclass, field

from ytempire.domain.allowance import Allowance, Rate, fresh, take
from ytempire.entrypoints.http.problems import Problem

_CALLS = Rate(10, 50)
_LOCAL_CALLS = Rate(100, 200)
_FAILED_LOGINS = Rate(5 / 60, 5)


@dataclass(frozen=True, slots=True)
class Limits:
    """How often: one caller, somebody on this machine without a token, and logins that fail from one address."""

    calls: Rate = _CALLS
    local_calls: Rate = _LOCAL_CALLS
    failed_logins: Rate = _FAILED_LOGINS


_REMEMBERED = 10_000


@dataclass(slots=True)
class Counter:
    """Counts by key at one rate. The longest unused are forgotten, so that nobody can fill the memory."""

    rate: Rate
    code: str
    _left: OrderedDict[str, Allowance] = field(default_factory=OrderedDict)

    def count(self, key: str, now: float) -> None:
        """One more. Raises `Problem` with when to come back when it is one too many."""
        before = self._left.get(key, fresh(self.rate, now))
        self._left[key], wait = take(before, self.rate, now)
        self._left.move_to_end(key)
        if len(self._left) > _REMEMBERED:
            self._left.popitem(last=False)
        if wait:
            seconds = math.ceil(wait)
            detail = f"too many; try again in {seconds} seconds"
            raise Problem(429, self.code, detail, {"Retry-After": str(seconds)})
