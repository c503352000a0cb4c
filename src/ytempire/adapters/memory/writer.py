"""A vendor of scripts in memory: `ports.Writer` that answers by a row."""

from itertools import cycle, islice

from ytempire.adapters.memory.clock import FakeClock
from ytempire.adapters.memory.vendor import Row
from ytempire.domain.chain import Made, ProviderFault
from ytempire.domain.scripts import COMMON, Script, ScriptOrder


def a_script(order: ScriptOrder) -> Script:
    """What a writer who is well gives: the words that were asked for, in their language, in two paragraphs."""
    language = order.language.split("-", maxsplit=1)[0].lower()
    words = list(islice(cycle(sorted(COMMON.get(language, COMMON["en"]))), order.words))
    middle = len(words) // 2
    return Script(f"{' '.join(words[:middle])}.\n\n{' '.join(words[middle:])}.")


class MemoryWriter:
    """Writes anything unless its row says otherwise."""

    def __init__(self, clock: FakeClock, *, cost: int = 0) -> None:
        self.row: Row[Script] = Row(clock)
        self._cost = cost

    def price(self, order: ScriptOrder) -> int:
        return self._cost

    async def write(self, order: ScriptOrder) -> Made[Script] | ProviderFault:
        return await self.row.next(order, Made(a_script(order)))
