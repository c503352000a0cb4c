"""Webhooks: events become messages, messages are sent until they arrive, to each receiver in their order.

Any number of processes may do this on one store: each event is read by one of them in effect, each message is sent
by whoever claims it. A process that dies between sending and writing that down may send it twice, under one id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from ytempire.domain.alert_webhooks import trouble
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.values import Mendable, Secret
from ytempire.domain.webhooks import (
    GONE,
    WORRY,
    Letter,
    arrived,
    body,
    headers,
    message_id,
    next_try,
    wants,
    why_not,
    wish_of,
)
from ytempire.ports import Hook, NewLetter, Parcel, Post, Try
from ytempire.services.callers_view import pathless
from ytempire.services.context import Context
from ytempire.services.webhook_keys import WebhookKeys

BATCH = 500
LEASE = timedelta(seconds=60)
"""Longer than any try takes; a message whose process died is free again after it."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """A webhook as configured. Its address may hold a secret in its path. `private`: see `ports.Parcel`."""

    name: str
    url: Secret
    events: tuple[str, ...]
    private: bool = False


def parcel(
    receiver: Receiver, message: str, content: bytes, context: Context, secrets: tuple[Secret, ...]
) -> Parcel:
    """A message to a receiver, signed for this moment."""
    signed = headers(message, context.clock.now(), content, secrets)
    told = {"content-type": "application/json", **signed}
    return Parcel(receiver.url.reveal(), told, content, receiver.private)


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Follows events and serves the receivers of the configuration."""

    context: Context
    post: Post
    keys: WebhookKeys
    receivers: Mapping[str, Receiver]

    async def round(self, name: str) -> None:
        """Everything there is to do now for one receiver."""
        context = self.context
        hook = await context.store.webhook(name, context.clock.now())
        if hook is not None and hook.disabled_at is None:
            await self._follow(hook)
            await self._deliver(name)

    async def _follow(self, hook: Hook) -> None:
        """Makes messages of what is new."""
        context, seen = self.context, hook.seen
        receiver = self.receivers[hook.name]
        while found := await context.store.events(after=seen, limit=BATCH):
            letters = [
                NewLetter(number, str(event.kind), message_id(hook.name, number, event))
                for number, event in found
                if wants(receiver.events, event.kind)
            ]
            newest = found[-1][0]
            if not await context.store.follow_for_webhook(
                hook.name, seen, newest, letters, context.clock.now()
            ):
                return  # somebody else is reading; what they leave is for the next round
            seen = newest

    async def _deliver(self, name: str) -> None:
        """Sends what waits, one after the other, up to the first that does not arrive."""
        context = self.context
        for _ in range(BATCH):
            now = context.clock.now()
            letter = await context.store.claim_letter(name, now, now + LEASE)
            if letter is None or not await self._run(letter):
                return

    async def _run(self, letter: Letter) -> bool:
        """One try; True when the next message may follow."""
        what = await self._try(letter)
        context, now = self.context, self.context.clock.now()
        if what.status is not None and arrived(what.status):
            await context.store.letter_arrived(letter, what.status, now, await self._good_news(letter))
            return True
        if what.status == GONE:
            why = "the receiver answered 410: it is gone and wants no more"
            event = _event(Kind.WEBHOOK_DISABLED, letter, Level.HIGH, self.context, why=why)
            await context.store.disable_webhook(letter.webhook, why, now, (event,))
            return False
        wish = wish_of(what.status, what.retry_after, now)
        what = what if what.status is None else Try(what.status, why_not(what.status))
        again = next_try(letter, now, context.clock.dice(), wish)
        told = self._bad_news(letter, what.error or "", given_up=again is None)
        await context.store.letter_failed(letter, what, again, now, told)
        return again is None

    async def _try(self, letter: Letter) -> Try:
        context, receiver = self.context, self.receivers[letter.webhook]
        hook = await context.store.webhook(letter.webhook, context.clock.now())
        found = await context.store.events(after=letter.event - 1, limit=1)
        if hook is None or not found or found[0][0] != letter.event:
            return Try(error="the event is no longer there")
        try:
            secrets = tuple(await self.keys.signing(hook))
        except Mendable as closed:
            return Try(error=f"its secret cannot be opened: {closed}")
        content = content_of(*found[0])
        return await self.post.send(parcel(receiver, letter.id, content, context, secrets))

    async def _good_news(self, letter: Letter) -> tuple[Event, ...]:
        store = self.context.store
        if letter.tries > WORRY or await store.alert_is_open(trouble(letter.webhook)):
            return (_event(Kind.WEBHOOK_RESTORED, letter, Level.INFO, self.context),)
        return ()

    def _bad_news(self, letter: Letter, why: str, *, given_up: bool) -> tuple[Event, ...]:
        if given_up:
            return (_event(Kind.WEBHOOK_DEAD, letter, Level.HIGH, self.context, why=why),)
        if letter.tries == WORRY:
            return (_event(Kind.WEBHOOK_FAILING, letter, Level.WARNING, self.context, why=why),)
        return ()


def content_of(number: int, event: Event) -> bytes:
    """What a receiver is sent of an event: no secret, as in every event, and no path of this machine."""
    details = pathless(dict(event.data))
    data: dict[str, object] = {
        "number": number,
        "level": str(event.level),
        "publication": event.publication,
        "account": event.account,
        "project": event.project,
        "details": details,
    }
    return body(str(event.kind), event.at, data)


def _event(kind: Kind, letter: Letter, level: Level, context: Context, **more: object) -> Event:
    data = {
        "webhook": letter.webhook,
        "message": letter.id,
        "event": letter.event,
        "tries": letter.tries,
        **more,
    }
    return Event(kind, context.clock.now(), level, data=data)
