"""Receivers in memory: what was sent is kept by address, and an address may be told how to answer."""

from dataclasses import dataclass, field

from ytempire.ports import Parcel, Try


@dataclass(slots=True)
class MemoryPost:
    """`ports.Post` that remembers. `answers` says for an address how a try ends; without it, 204."""

    taken: dict[str, list[Parcel]] = field(default_factory=dict)
    answers: dict[str, Try] = field(default_factory=dict)
    tries: int = 0

    async def send(self, parcel: Parcel) -> Try:
        """As the port says."""
        self.tries += 1
        answer = self.answers.get(parcel.url, Try(204))
        if answer.status is not None and 200 <= answer.status < 300:
            self.taken.setdefault(parcel.url, []).append(parcel)
        return answer
