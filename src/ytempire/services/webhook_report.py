"""What is told of webhooks: each receiver and how it stands, and the messages that died."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from ytempire.domain.slips import meant
from ytempire.domain.values import Refusal, Refused, Secret
from ytempire.domain.webhooks import Letter, LetterState
from ytempire.ports import Clock, Hook, Store
from ytempire.services.documents import Document, moment
from ytempire.services.webhooks import Receiver

_WAITING = (LetterState.PENDING, LetterState.FAILED)


@dataclass(frozen=True, slots=True)
class WebhookReports:
    """Reads, and changes nothing. Raises `Refused` for a name that is none."""

    store: Store
    clock: Clock
    receivers: Mapping[str, Receiver]

    async def listed(self) -> list[Document]:
        """Every receiver that is configured, or has a secret."""
        hooks = {each.name: each for each in await self.store.webhooks(self.clock.now())}
        return [
            await self._document(name, self.receivers.get(name), hooks.get(name))
            for name in sorted({*hooks, *self.receivers})
        ]

    async def dead(self, name: str | None, limit: int) -> list[Document]:
        """Messages that were given up, the newest first."""
        if name is not None:
            hooks = await self.store.webhooks(self.clock.now())
            if name not in {each.name for each in hooks}:
                raise unknown(name, self.receivers, hooks)
        found = await self.store.letters(name, states=frozenset({LetterState.DEAD}), limit=limit)
        return [letter_document(each) for each in found]

    async def _document(self, name: str, receiver: Receiver | None, hook: Hook | None) -> Document:
        counts = await self.store.count_letters(name)
        ends = [each.until for each in hook.secrets if each.until is not None] if hook else []
        return {
            "webhook": name,
            "state": _state(receiver, hook),
            "receiver": _origin(receiver.url) if receiver else None,
            "events": list(receiver.events) if receiver else [],
            "waiting": sum(counts.get(state, 0) for state in _WAITING),
            "delivered": counts.get(LetterState.DELIVERED, 0),
            "dead": counts.get(LetterState.DEAD, 0),
            "why": hook.disabled_why if hook else None,
            "old_secret_ends_at": moment(min(ends)) if ends else None,
        }


def letter_document(letter: Letter) -> Document:
    """A message."""
    return {
        "id": letter.id,
        "webhook": letter.webhook,
        "event": letter.event,
        "kind": letter.kind,
        "state": str(letter.state),
        "tries": letter.tries,
        "made_at": moment(letter.made_at),
        "ended_at": moment(letter.ended_at),
        "status": letter.status,
        "error": letter.error,
    }


def _state(receiver: Receiver | None, hook: Hook | None) -> str:
    if receiver is None:
        return "not_configured"
    if hook is None:
        return "no_secret"
    return "active" if hook.disabled_at is None else "disabled"


def _origin(url: Secret) -> str:
    """Where a receiver is, without the path, which may be what makes it known."""
    parts = urlsplit(url.reveal())
    return f"{parts.scheme}://{parts.netloc}"


def unknown(name: str, receivers: Mapping[str, Receiver], hooks: Iterable[Hook]) -> Refused:
    """The refusal of a name that no receiver has, or of one that has no secret yet."""
    if name in receivers:
        return not_possible(
            f"the webhook {name} has no secret yet", f"`ytempire webhook add {name}` makes one"
        )
    how = f"add a section [webhooks.{name:.64}] to the configuration"
    remedy = meant(name, (*receivers, *(each.name for each in hooks)), how)
    return Refused(Refusal("webhook", "webhook_unknown", f"there is no webhook {name!r:.80}", remedy))


def not_possible(message: str, remedy: str, field: str = "webhook") -> Refused:
    """A refusal with its remedy."""
    return Refused(Refusal(field, "not_possible", message, remedy))
