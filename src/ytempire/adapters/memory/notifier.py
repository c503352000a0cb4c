"""People in memory: messages are kept by target, and a target may be told to fail."""

from dataclasses import dataclass, field

from ytempire.domain.alerts import Message


@dataclass(slots=True)
class MemoryNotifier:
    """`ports.Notifier` that remembers. `failures` says for a target why it takes nothing."""

    told: dict[str, list[Message]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    tries: int = 0

    async def send(self, target: str, message: Message) -> str | None:
        self.tries += 1
        why = self.failures.get(target)
        if why is None:
            self.told.setdefault(target, []).append(message)
        return why
