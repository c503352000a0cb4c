"""From events to receivers: signed, in order, until they arrive; and what operators do about it."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from tests.services.house import House, a_house
from ytempire.adapters.memory.post import MemoryPost
from ytempire.domain.alert_webhooks import trouble
from ytempire.domain.audit import Use
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.values import PublicationId, Refused, Secret
from ytempire.domain.webhooks import PATIENCE, SPANS
from ytempire.ports import Parcel, Post, Try
from ytempire.services.alerting import Alerting
from ytempire.services.webhook_desk import WebhookDesk
from ytempire.services.webhook_keys import WebhookKeys
from ytempire.services.webhook_report import WebhookReports
from ytempire.services.webhooks import BATCH, LEASE, Receiver, Webhooks

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


@pytest.fixture
async def office() -> Office:
    """An office whose shop has a secret."""
    made = Office(await a_house())
    await made.desk().add("shop")
    return made


# ------------------------------------------------------------------------------------------------- sending


async def an_office_of_today() -> tuple[Office, Secret]:
    """An office by the machine's clock, which is the one that the reference library reads."""
    office = Office(await a_house(start=datetime.now(UTC)))
    return office, await office.desk().add("shop")


def verified(secret: Secret, parcel: Parcel) -> Any:
    """What the reference library makes of a message."""
    return Webhook(secret.reveal()).verify(parcel.content, dict(parcel.headers))


async def test_the_reference_library_verifies_what_a_receiver_gets() -> None:
    office, secret = await an_office_of_today()
    await office.happens(title="One", why="not found: /srv/films/one.mp4")

    await office.round()

    (parcel,) = office.taken()
    told = verified(secret, parcel)
    number = told["data"].pop("number")
    assert "publication.published" == told["type"]
    assert {
        "level": "info",
        "publication": "pub_1",
        "account": None,
        "project": None,
        "details": {"title": "One", "why": "not found: one.mp4"},
    } == told["data"]
    assert [Kind.PUBLISHED] == [e.kind for _, e in await office.house.store.events(after=number - 1, limit=1)]
    assert ("application/json", SHOP.url.reveal()) == (parcel.headers["content-type"], parcel.url)


async def test_a_receiver_gets_what_it_asked_for_in_the_order_of_the_events(office: Office) -> None:
    await office.desk().add("crm")
    for number in range(5):
        await office.happens(f"pub_{number}")
        await office.happens(f"pub_{number}", Kind.QUOTA_THRESHOLD)

    await office.round()
    await office.round(name="crm")
    await office.round()

    assert [f"pub_{number}" for number in range(5)] == office.told()
    assert [f"pub_{number}" for number in range(5) for _ in range(2)] == office.told(CRM)
    assert not any(each.private for each in office.taken())
    assert all(each.private for each in office.taken(CRM))


async def test_what_happened_before_is_not_sent() -> None:
    office = Office(await a_house())
    await office.happens("pub_early")
    await office.round()
    await office.desk().add("shop")
    await office.happens("pub_late")

    await office.round()

    assert ["pub_late"] == office.told()


async def test_more_events_than_fit_one_reading_are_all_sent(office: Office) -> None:
    for number in range(BATCH + 3):
        await office.happens(f"pub_{number}")

    await office.round()
    await office.round()

    assert [f"pub_{number}" for number in range(BATCH + 3)] == office.told()


async def test_events_about_webhooks_are_sent_to_nobody(office: Office) -> None:
    await office.desk().add("crm")
    await office.desk().rotate("shop")
    await office.happens(kind=Kind.WEBHOOK_DEAD)

    await office.round(name="crm")

    assert [] == office.taken(CRM)


async def test_no_token_and_no_secret_is_in_what_is_sent(office: Office) -> None:
    await office.desk().add("crm")
    await office.house.submit()
    for which, event in await office.house.store.events():
        assert "refresh" not in str(event.data), which
    await office.round(name="crm")

    sent = b"".join(each.content for each in office.taken(CRM)).decode()
    assert "publication.submitted" in sent
    for secret in ("client-secret", "refresh-", "access-", "whsec_", "canary-path"):
        assert secret not in sent


# ------------------------------------------------------------------------------------------------- trouble


async def test_a_receiver_that_was_down_for_an_hour_gets_everything_later_and_in_order(
    office: Office,
) -> None:
    office.goes_wrong(Try(error="it cannot be reached: ConnectError"))
    start = office.house.clock.now()
    for number in range(60):
        await office.happens(f"pub_{number}")
        await office.round(MINUTE)
    assert [] == office.told()
    assert 4 == office.post.tries
    office.is_well()

    while not office.told():
        await office.round(MINUTE)

    assert office.house.clock.now() - start < timedelta(hours=3)
    assert [f"pub_{number}" for number in range(60)] == office.told()
    assert 60 == len({each.headers["webhook-id"] for each in office.taken()})
    assert [Kind.WEBHOOK_ADDED, Kind.WEBHOOK_FAILING, Kind.WEBHOOK_RESTORED] == await office.kinds()


async def test_every_try_has_the_same_id_and_a_signature_of_its_own_moment() -> None:
    office, secret = await an_office_of_today()
    sent: list[Parcel] = []

    class Witness(MemoryPost):
        """Keeps what it does not deliver too."""

        async def send(self, parcel: Parcel) -> Try:
            sent.append(parcel)
            return Try(503)

    await office.happens()
    for _ in range(2):
        await office.webhooks(Witness()).round("shop")
        office.house.clock.advance(timedelta(seconds=6))

    first, second = sent
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert first.content == second.content
    assert verified(secret, first) == verified(secret, second)


async def test_a_message_is_given_up_after_ten_tries_and_the_next_is_sent(office: Office) -> None:
    office.goes_wrong(Try(500))
    await office.happens("pub_1")
    await office.round()
    for span in SPANS:
        await office.round(span * 1.1)
    assert 10 == office.post.tries
    office.is_well()
    await office.happens("pub_2")

    await office.round()

    assert ["pub_2"] == office.told()
    (dead,) = await office.reports().dead("shop", 10)
    assert ("publication.published", 10, 500, "it answered 500") == (
        dead["kind"], dead["tries"], dead["status"], dead["error"],
    )  # fmt: skip
    assert [Kind.WEBHOOK_ADDED, Kind.WEBHOOK_FAILING, Kind.WEBHOOK_DEAD] == (await office.kinds())[:3]


async def test_a_receiver_that_never_comes_back_does_not_gather_more_than_it_may_wait_for(
    office: Office,
) -> None:
    office.goes_wrong(Try(500))
    for number in range(24 * 6):
        await office.happens(f"pub_{number}")
        await office.round(timedelta(hours=1))
    listed = await office.listed()

    assert listed["waiting"] <= PATIENCE / timedelta(hours=1) + 1
    assert listed["dead"] + listed["waiting"] == 24 * 6


async def test_an_alert_tells_of_half_an_hour_without_success_and_ends_with_the_next(office: Office) -> None:
    store, clock = office.house.store, office.house.clock
    alerting = Alerting(store, clock, post_to_nobody())
    office.goes_wrong(Try(502))
    await office.happens()
    for _ in range(5 * 60):
        await office.round(timedelta(seconds=10))
    await alerting.follow()
    (alert,) = await store.alerts()
    assert (trouble("shop"), Level.WARNING) == (alert.key, alert.level)
    assert "it answered 502" == alert.text
    office.is_well()

    await office.round(timedelta(hours=3))
    await alerting.follow()

    assert () == await store.alerts()
    assert Kind.WEBHOOK_RESTORED == (await office.kinds())[-1]


def post_to_nobody() -> Any:
    from ytempire.adapters.memory.notifier import MemoryNotifier

    return MemoryNotifier()


async def test_410_disables_and_an_alert_says_so(office: Office) -> None:
    store = office.house.store
    office.goes_wrong(Try(410))
    for number in range(3):
        await office.happens(f"pub_{number}")

    await office.round()
    await office.happens("pub_after")
    await office.round(timedelta(days=1))

    assert 1 == office.post.tries
    listed = await office.listed()
    assert ("disabled", 0, 3) == (listed["state"], listed["waiting"], listed["dead"])
    assert [Kind.WEBHOOK_ADDED, Kind.WEBHOOK_DISABLED] == await office.kinds()
    await Alerting(store, office.house.clock, post_to_nobody()).follow()
    (alert,) = await store.alerts()
    assert ("webhook:shop:disabled", Level.HIGH) == (alert.key, alert.level)


async def test_what_was_enabled_again_gets_what_comes_and_on_request_what_died(office: Office) -> None:
    store = office.house.store
    office.goes_wrong(Try(410))
    await office.happens("pub_dead")
    await office.round()
    office.is_well()
    with pytest.raises(Refused, match="is disabled; `ytempire webhook enable shop` first"):
        await office.desk().replay("shop", ())

    await office.desk().enable("shop")
    await office.happens("pub_new")
    assert 1 == await office.desk().replay("shop", ())
    await office.round()

    assert ["pub_dead", "pub_new"] == office.told()
    await Alerting(store, office.house.clock, post_to_nobody()).follow()
    assert () == await store.alerts()


@pytest.mark.parametrize("status", [300, 302, 400, 401, 404, 429, 500, 503])
async def test_other_answers_are_tried_again(office: Office, status: int) -> None:
    office.goes_wrong(Try(status))
    await office.happens()
    await office.round()
    office.is_well()

    await office.round(timedelta(seconds=6))

    assert ["pub_1"] == office.told()


async def test_a_worker_that_died_while_sending_is_followed_by_another(office: Office) -> None:
    class Deadly(MemoryPost):
        """The process ends after the message went out."""

        async def send(self, parcel: Parcel) -> Try:
            await office.post.send(parcel)
            raise KeyboardInterrupt

    await office.happens()
    with pytest.raises(KeyboardInterrupt):
        await office.webhooks(Deadly()).round("shop")

    await office.round(LEASE - timedelta(seconds=1))
    assert 1 == len(office.taken())
    await office.round(timedelta(seconds=1))

    first, second = office.taken()
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


async def test_a_secret_that_cannot_be_opened_sends_nothing_and_is_tried_again(office: Office) -> None:
    await office.happens()
    ring = office.house.vault.key_ids
    office.house.vault.key_ids = ("other",)

    await office.round()

    assert 0 == office.post.tries
    (letter,) = await office.house.store.letters()
    assert (letter.error or "").startswith("its secret cannot be opened")
    office.house.vault.key_ids = ring
    await office.round(timedelta(seconds=6))
    assert ["pub_1"] == office.told()


async def test_a_secret_is_opened_once_and_that_is_written_down(office: Office) -> None:
    served = office.webhooks()
    for _ in range(3):
        await office.happens()
        await served.round("shop")

    trail = [link.entry for link in await office.house.store.audit_trail() if link.entry.use is Use.OPENED]

    assert ["secret of the webhook shop"] == [each.detail for each in trail if each.account is None]


# ------------------------------------------------------------------------------------------------- the desk


async def test_for_a_day_after_a_rotation_both_secrets_verify() -> None:
    office, old = await an_office_of_today()
    new = await office.desk().rotate("shop")
    await office.happens("pub_1")
    await office.round()
    (parcel,) = office.taken()
    assert verified(old, parcel) == verified(new, parcel)
    assert (await office.listed())["old_secret_ends_at"] is not None

    office.house.clock.advance(timedelta(hours=24))
    await office.happens("pub_2")
    await office.round()

    last = office.taken()[-1]
    assert 1 == len(last.headers["webhook-signature"].split())
    assert (await office.listed())["old_secret_ends_at"] is None


async def test_a_secret_that_others_know_ends_at_once() -> None:
    office, old = await an_office_of_today()
    new = await office.desk().rotate("shop", at_once=True)
    await office.happens()
    await office.round()

    (parcel,) = office.taken()
    assert "publication.published" == verified(new, parcel)["type"]
    with pytest.raises(WebhookVerificationError):
        verified(old, parcel)


async def test_a_test_message_is_signed_and_goes_past_what_waits() -> None:
    office, secret = await an_office_of_today()
    office.goes_wrong(Try(500))
    await office.happens()
    await office.round()
    office.is_well()

    told = await office.desk().test("shop")

    assert {"webhook": "shop", "delivered": True, "status": 204, "error": None} == told
    (parcel,) = office.taken()
    assert "webhook.test" == verified(secret, parcel)["type"]
    office.goes_wrong(Try(302))
    assert "it answered 302, and redirects are not followed" == (await office.desk().test("shop"))["error"]
    office.goes_wrong(Try(error="it did not answer within 15 s"))
    assert "it did not answer within 15 s" == (await office.desk().test("shop"))["error"]


async def test_the_list_says_how_each_stands_and_no_path_of_an_address(office: Office) -> None:
    await office.desk().add("crm")
    office.receivers["new"] = replace(SHOP, name="new")
    del office.receivers["crm"]

    listed = {each["webhook"]: each for each in await office.reports().listed()}

    assert {"crm": "not_configured", "new": "no_secret", "shop": "active"} == {
        name: each["state"] for name, each in listed.items()
    }
    assert "https://shop.test" == listed["shop"]["receiver"]
    assert "canary-path" not in str(listed)


async def test_what_is_removed_is_served_no_more(office: Office) -> None:
    await office.happens()
    await office.desk().remove("shop")

    await office.round()

    assert [] == office.taken()
    with pytest.raises(Refused, match="has no secret yet; `ytempire webhook add shop` makes one"):
        await office.desk().rotate("shop")


async def test_names_that_are_none_are_refused_with_the_one_that_was_meant(office: Office) -> None:
    desk = office.desk()
    for act in (desk.add, desk.test):
        with pytest.raises(Refused, match=r"there is no webhook 'shopp'; did you mean shop\?"):
            await act("shopp")
    with pytest.raises(Refused, match=r"add a section \[webhooks.elsewhere\] to the configuration"):
        await desk.add("elsewhere")
    for other in (desk.rotate, desk.remove, desk.enable):
        with pytest.raises(Refused, match="there is no webhook"):
            await other("elsewhere")
    with pytest.raises(Refused, match="has a secret already"):
        await desk.add("shop")
    with pytest.raises(Refused, match="is not disabled"):
        await desk.enable("shop")
    with pytest.raises(Refused, match="no dead message has such an id"):
        await desk.replay("shop", ["msg_none"])
    with pytest.raises(Refused, match="there is no webhook"):
        await office.reports().dead("elsewhere", 10)
    assert [] == await office.reports().dead(None, 10)
    assert 0 == await desk.replay("shop", ())
