"""A vendor of speech in memory: `ports.Speaker` that answers by a row, and writes what would be heard."""

from ytempire.adapters.memory.clock import FakeClock
from ytempire.adapters.memory.sounds import MemorySounds, a_voice
from ytempire.adapters.memory.vendor import Row
from ytempire.domain.chain import Made, ProviderFault
from ytempire.domain.speech import Sound, SpeechOrder, plain


class MemorySpeaker:
    """Says anything unless its row says otherwise. An answer `Made(sound)` writes that sound, whatever the text."""

    def __init__(
        self,
        clock: FakeClock,
        sounds: MemorySounds,
        *,
        cost: int = 0,
        per_character: int = 0,
        longest: int = 5_000,
        in_bytes: bool = False,
    ) -> None:
        self.row: Row[Sound] = Row(clock)
        self._sounds = sounds
        self._cost = cost
        self._per_character = per_character
        self._longest = longest
        self._in_bytes = in_bytes

    @property
    def longest(self) -> int:
        return self._longest

    @property
    def in_bytes(self) -> bool:
        return self._in_bytes

    @property
    def said(self) -> list[str]:
        """The texts it was asked to say, in order."""
        return [str(each.asked) for each in self.row.journal]

    def price(self, order: SpeechOrder) -> int:
        return self._cost + self._per_character * len(order.text)

    async def speak(self, order: SpeechOrder, into: str) -> Made[None] | ProviderFault:
        # As a stream does: the file is begun before it is known how it ends.
        self._sounds.put(into, Sound(0.1, 22_050, 0.1, 0.6, 0.0, 0.1, decoded=False))
        made = await self.row.next(order.text, Made(a_voice(plain(order))))
        if isinstance(made, ProviderFault):
            return made
        self._sounds.put(into, made.value)
        return Made(None, made.cost)
