"""What operators do about webhooks: make a secret, test, rotate, remove, enable, send again what died."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ytempire.domain.events import Event, Kind
from ytempire.domain.values import Refused, Secret
from ytempire.domain.webhooks import OVERLAP, TEST, arrived, body, why_not
from ytempire.ports import Hook, Post
from ytempire.services.context import Context
from ytempire.services.documents import Document, moment
from ytempire.services.webhook_keys import WebhookKeys
from ytempire.services.webhook_report import not_possible, unknown
from ytempire.services.webhooks import Receiver, parcel


@dataclass(frozen=True, slots=True)
class WebhookDesk:
    """Acts on receivers, in the name of the actor of its context. Raises `Refused` with the remedy."""

    context: Context
    post: Post
    keys: WebhookKeys
    receivers: Mapping[str, Receiver]

    async def add(self, name: str) -> Secret:
        """Makes a secret for a receiver of the configuration, and serves it with events from now on."""
        self._configured(name)
        secret, stored = self.keys.made(name)
        now = self.context.clock.now()
        if not await self.context.store.add_webhook(name, stored, now, self._told(Kind.WEBHOOK_ADDED, name)):
            raise not_possible(
                f"the webhook {name} has a secret already", f"`ytempire webhook rotate {name}` for another"
            )
        return secret

    async def rotate(self, name: str, *, at_once: bool = False) -> Secret:
        """Makes a new secret; the one before signs beside it for a day, or with `at_once` no longer."""
        secret, stored = self.keys.made(name)
        now = self.context.clock.now()
        until = now if at_once else now + OVERLAP
        told = self._told(Kind.WEBHOOK_ROTATED, name, old_ends_at=moment(until))
        if not await self.context.store.rotate_webhook(name, stored, until, told):
            raise await self._unknown(name)
        return secret

    async def remove(self, name: str) -> None:
        """Forgets a receiver: its secret, and what waits for it."""
        if not await self.context.store.remove_webhook(name, self._told(Kind.WEBHOOK_REMOVED, name)):
            raise await self._unknown(name)

    async def enable(self, name: str) -> None:
        """Serves a disabled receiver again, with events from now on. It must have a secret."""
        hook = await self._known(name)
        if not hook.secrets:
            raise not_possible(
                f"the secret of the webhook {name} is lost", f"`ytempire webhook rotate {name}` first"
            )
        enabled = await self.context.store.enable_webhook(name, self._told(Kind.WEBHOOK_ENABLED, name))
        if hook.disabled_at is None or not enabled:
            raise not_possible(f"the webhook {name} is not disabled", "there is nothing to do")

    async def test(self, name: str) -> Document:
        """Sends a test message, once: what came back."""
        receiver, hook = self._configured(name), await self._known(name)
        context = self.context
        chance = hashlib.sha256(context.clock.new_id("test").encode()).hexdigest()[:32]
        content = body(TEST, context.clock.now(), {"webhook": name, "by": context.actor})
        secrets = tuple(await self.keys.signing(hook))
        what = await self.post.send(parcel(receiver, f"msg_{chance}", content, context, secrets))
        taken = arrived(what.status)
        error = what.error if what.status is None else None if taken else why_not(what.status)
        return {"webhook": name, "delivered": taken, "status": what.status, "error": error}

    async def replay(self, name: str, ids: Sequence[str]) -> int:
        """Lets dead messages wait again: those with these ids, or all; how many."""
        hook = await self._known(name)
        if hook.disabled_at is not None:
            raise not_possible(f"the webhook {name} is disabled", f"`ytempire webhook enable {name}` first")
        wanted = frozenset(ids) if ids else None
        told = self._told(Kind.WEBHOOK_REPLAYED, name, ids=list(ids))
        found = await self.context.store.replay_letters(name, wanted, self.context.clock.now(), told)
        if ids and not found:
            raise not_possible("no dead message has such an id", f"see `ytempire webhook dead {name}`", "id")
        return found

    def _configured(self, name: str) -> Receiver:
        if name not in self.receivers:
            raise unknown(name, self.receivers, ())
        return self.receivers[name]

    async def _known(self, name: str) -> Hook:
        hook = await self.context.store.webhook(name, self.context.clock.now())
        if hook is None:
            raise await self._unknown(name)
        return hook

    async def _unknown(self, name: str) -> Refused:
        hooks = await self.context.store.webhooks(self.context.clock.now())
        return unknown(name, self.receivers, hooks)

    def _told(self, kind: Kind, name: str, **more: object) -> tuple[Event, ...]:
        data = {"webhook": name, "by": self.context.actor, **more}
        return (Event(kind, self.context.clock.now(), data=data),)
