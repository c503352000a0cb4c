"""Speech through the voice chain: long texts in pieces, the audio checked before it counts, a whole file or none."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ytempire.domain.chain import VOICE, Blame, Budget, Charged, Link, Made, ProviderFault, Quote, Served
from ytempire.domain.sentences import pieces
from ytempire.domain.speech import (
    Sound,
    SpeechOrder,
    Spoken,
    expected_seconds,
    pauses,
    plain,
    wrong_order,
    wrong_sound,
)
from ytempire.domain.values import Refused
from ytempire.ports import Sounds, Speaker
from ytempire.services.chains import Chains
from ytempire.services.unbroken import finished, taken


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
        scratch = await taken(self.sounds.scratch(), self.sounds.discard)
        try:

            async def operation(link: Link) -> Made[Spoken] | ProviderFault:
                speaker = self.speakers.get(link.provider)
                if speaker is None:
                    return ProviderFault(Blame.UNFIT, "no_voice", "it serves operations of your own alone")
                return await self._once(order, speaker, f"{scratch}/{link.provider}")

            quotes = {name: _quote(order, speaker) for name, speaker in self.speakers.items()}
            served = await self.chains.execute(
                VOICE, operation, budget, quotes=quotes, only=only, forced=forced
            )
            # After the call: a time-out within it must not leave a file behind that nobody counts on.
            return replace(served, value=await self._placed(served.value, into))
        finally:
            await finished(self.sounds.discard(scratch))

    async def _once(self, order: SpeechOrder, speaker: Speaker, stem: str) -> Made[Spoken] | ProviderFault:
        """One provider, piece by piece. What was paid for pieces before one that failed is not forgotten, and
        nothing more is bought after one that cannot be used.
        """
        if order.ssml and len(order.text.encode() if speaker.in_bytes else order.text) > speaker.longest:
            told = f"SSML is not cut, and it takes at most {speaker.longest} in one piece"
            return ProviderFault(Blame.UNFIT, "too_long", told)
        texts = _texts(order, speaker)
        parts: list[str] = []
        paid = 0
        for text in texts:
            part, piece = f"{stem}-{len(parts)}.wav", replace(order, text=text)
            made = await speaker.speak(piece, part)
            if isinstance(made, ProviderFault):
                return _after(made, paid, speaker.price(piece))
            parts.append(part)
            paid += speaker.price(piece) if made.cost is None else made.cost
            wrong = _wrong(piece, await self.sounds.measure(part))
            if wrong:
                told = f"piece {len(parts)} of {len(texts)}: {wrong}" if len(texts) > 1 else wrong
                return ProviderFault(Blame.OUTPUT, "bad_audio", told, Charged.YES, cost=paid)
        whole = parts[0]
        if len(parts) > 1:
            whole = f"{stem}.wav"
            await self.sounds.join(parts, whole)
        return Made(Spoken(whole, await self.sounds.measure(whole)), paid)

    async def _placed(self, spoken: Spoken, into: str) -> Spoken:
        """The file where it was asked for, which may be of another kind than what was measured."""
        await self.sounds.join([spoken.path], into)
        return Spoken(into, spoken.sound if into.endswith(".wav") else await self.sounds.measure(into))


def _texts(order: SpeechOrder, speaker: Speaker) -> tuple[str, ...]:
    """What a vendor is asked to say, one after the other."""
    return (order.text,) if order.ssml else pieces(order.text, speaker.longest, in_bytes=speaker.in_bytes)


def _wrong(piece: SpeechOrder, sound: Sound) -> str:
    """Why audio cannot be this piece; empty when it can. One without a word may well be silent."""
    words = plain(piece)
    if sound.decoded and not expected_seconds(words):
        return ""
    return wrong_sound(words, sound, pauses=pauses(piece))


def _quote(order: SpeechOrder, speaker: Speaker) -> Quote:
    """What saying all of it takes, piece by piece."""
    texts = _texts(order, speaker)
    return Quote(sum(speaker.price(replace(order, text=text)) for text in texts), len(texts))


def _after(fault: ProviderFault, paid: int, last: int) -> ProviderFault:
    """The fault of a piece, with what the pieces before it cost."""
    this = 0 if fault.charged is Charged.NO else last
    charged = Charged.YES if fault.charged is Charged.NO and paid else fault.charged
    return replace(fault, charged=charged, cost=paid + (this if fault.cost is None else fault.cost))
