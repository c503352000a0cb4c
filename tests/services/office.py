"""An office for the tests of webhooks: a house in memory, receivers, and the post between them."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from standardwebhooks import Webhook

from tests.services.house import House, a_house
from ytempire.adapters.memory.post import MemoryPost
from ytempire.domain.events import Event, Kind
from ytempire.domain.values import PublicationId, Secret
from ytempire.ports import Parcel, Post, Try
from ytempire.services.webhook_desk import WebhookDesk
from ytempire.services.webhook_keys import WebhookKeys
from ytempire.services.webhook_report import WebhookReports
from ytempire.services.webhooks import Receiver, Webhooks

SHOP = Receiver("shop", Secret("https://shop.test/hook/canary-path"), ("publication.*",))
CRM = Receiver("crm", Secret("https://crm.test/hook"), ("*",), private=True)
MINUTE = timedelta(minutes=1)


@dataclass
class Office:
    """A house with receivers, the post, and a worker that does a round when it is told."""

    house: House
    post: MemoryPost = field(default_factory=MemoryPost)
    receivers: dict[str, Receiver] = field(default_factory=lambda: {"shop": SHOP, "crm": CRM})

    def keys(self) -> WebhookKeys:
        staff = self.house.staff()
        return WebhookKeys(staff.context, staff.safe)

    def webhooks(self, post: Post | None = None) -> Webhooks:
        keys = self.keys()
        return Webhooks(keys.context, post or self.post, keys, self.receivers)

    def desk(self) -> WebhookDesk:
        keys = self.keys()
        return WebhookDesk(keys.context, self.post, keys, self.receivers)

    def reports(self) -> WebhookReports:
        return WebhookReports(self.house.store, self.house.clock, self.receivers)

    async def round(self, later: timedelta = timedelta(), name: str = "shop") -> None:
        self.house.clock.advance(later)
        await self.webhooks().round(name)

    async def happens(self, which: str = "pub_1", kind: Kind = Kind.PUBLISHED, **data: object) -> None:
        now = self.house.clock.now()
        await self.house.store.record([Event(kind, now, publication=PublicationId(which), data=data)])

    def taken(self, receiver: Receiver = SHOP) -> list[Parcel]:
        return self.post.taken.get(receiver.url.reveal(), [])

    def told(self, receiver: Receiver = SHOP) -> list[str]:
        """The publications that a receiver was told of, in order."""
        return [json.loads(each.content)["data"]["publication"] for each in self.taken(receiver)]

    def goes_wrong(self, what: Try, receiver: Receiver = SHOP) -> None:
        self.post.answers[receiver.url.reveal()] = what

    def is_well(self, receiver: Receiver = SHOP) -> None:
        self.post.answers.pop(receiver.url.reveal(), None)

    async def kinds(self) -> list[Kind]:
        found = await self.house.store.events()
        return [event.kind for _, event in found if event.kind.startswith("webhook.")]

    async def listed(self, name: str = "shop") -> dict[str, Any]:
        return next(each for each in await self.reports().listed() if each["webhook"] == name)


async def an_office_of_today() -> tuple[Office, Secret]:
    """An office by the machine's clock, which is the one that the reference library reads."""
    office = Office(await a_house(start=datetime.now(UTC)))
    return office, await office.desk().add("shop")


def verified(secret: Secret, parcel: Parcel) -> Any:
    """What the reference library makes of a message."""
    return Webhook(secret.reveal()).verify(parcel.content, dict(parcel.headers))
