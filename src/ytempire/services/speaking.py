"""Speech through the voice chain: long texts in pieces, the audio checked before it counts, a whole file or none."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ytempire.domain.chain import VOICE, Blame, Budget, Charged, Link, Made, ProviderFault, Served
from ytempire.domain.sentences import pieces
from ytempire.domain.speech import Sound, SpeechOrder, Spoken, pauses, plain, wrong_order, wrong_sound
from ytempire.domain.values import Refused
from ytempire.ports import Sounds, Speaker
from ytempire.services.chains import Chains


@dataclass(frozen=True, slots=True)
class Speaking:
    """Speaks. `speakers` are the vendors by the name of their provider."""

    chains: Chains
    sounds: Sounds
    speakers: Mapping[str, Speaker]

    async def speak(
        self,
        order: SpeechOrder,
        into: str,
        budget: Budget | None = None,
        *,
        only: str | None = None,
        forced: bool = False,
    ) -> Served[Spoken]:
        """Says a text into a .wav or .mp3 file, which is whole or not there at all.

        Raises `Refused` for a text that nobody could say and `Mendable` for a file that could not be written, both
        before anybody is asked; and what `Chains.execute` raises.
        """
        refusals = wrong_order(order)
        if refusals:
            raise Refused(*refusals)
        await self.sounds.target(into)
        scratch = await self.sounds.scratch()
        try:

            async def operation(link: Link) -> Made[Spoken] | ProviderFault:
                return await self._once(order, link, f"{scratch}/{link.provider}", into)

            prices = {name: speaker.price(order) for name, speaker in self.speakers.items()}
            return await self.chains.execute(
                VOICE, operation, budget, prices=prices, only=only, forced=forced
            )
        finally:
            await self.sounds.discard(scratch)

    async def _once(
        self, order: SpeechOrder, link: Link, stem: str, into: str
    ) -> Made[Spoken] | ProviderFault:
        """One provider, piece by piece. What was paid for pieces before one that failed is not forgotten."""
        speaker = self.speakers[link.provider]
        texts = (
            (order.text,) if order.ssml else pieces(order.text, speaker.longest, in_bytes=speaker.in_bytes)
        )
        if order.ssml and len(order.text.encode() if speaker.in_bytes else order.text) > speaker.longest:
            told = f"SSML is not cut, and it takes at most {speaker.longest} in one piece"
            return ProviderFault(Blame.UNFIT, "too_long", told)
        parts: list[str] = []
        paid: list[int] = []
        for text in texts:
            part = f"{stem}-{len(parts)}.wav"
            piece = replace(order, text=text)
            made = await speaker.speak(piece, part)
            if isinstance(made, ProviderFault):
                return _after(made, paid, speaker.price(piece))
            parts.append(part)
            paid.append(speaker.price(piece) if made.cost is None else made.cost)
        return await self._whole(order, parts, stem, into, sum(paid))

    async def _whole(
        self, order: SpeechOrder, parts: list[str], stem: str, into: str, cost: int
    ) -> Made[Spoken] | ProviderFault:
        """The file, when it can be the text."""
        whole = parts[0]
        if len(parts) > 1:
            whole = f"{stem}.wav"
            await self.sounds.join(parts, whole)
        sound = await self.sounds.measure(whole)
        wrong = wrong_sound(plain(order), sound, pauses=pauses(order))
        if wrong:
            return ProviderFault(Blame.OUTPUT, "bad_audio", wrong, Charged.YES, cost=cost)
        await self.sounds.join([whole], into)
        return Made(Spoken(into, await self._placed(into, sound)), cost)

    async def _placed(self, into: str, sound: Sound) -> Sound:
        """What is in the file that was written, which may be of another kind than what was measured."""
        return sound if into.endswith(".wav") else await self.sounds.measure(into)


def _after(fault: ProviderFault, paid: list[int], last: int) -> ProviderFault:
    """The fault of a piece, with what the pieces before it cost."""
    if not paid:
        return fault
    this = 0 if fault.charged is Charged.NO else (last if fault.cost is None else fault.cost)
    charged = Charged.YES if fault.charged is Charged.NO else fault.charged
    return replace(fault, charged=charged, cost=sum(paid) + this)
