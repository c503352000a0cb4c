"""From events to receivers: signed, in order, and tried until they arrive."""

from datetime import timedelta

import pytest

from tests.services.house import a_house
from tests.services.office import CRM, MINUTE, SHOP, Office, an_office_of_today, verified
from ytempire.adapters.memory.notifier import MemoryNotifier
from ytempire.adapters.memory.post import MemoryPost
from ytempire.domain.alert_webhooks import trouble
from ytempire.domain.audit import Use
from ytempire.domain.events import Kind
from ytempire.domain.faults import Level
from ytempire.domain.values import Refused
from ytempire.domain.webhooks import PATIENCE, SPANS
from ytempire.ports import Parcel, Try
from ytempire.services.alerting import Alerting
from ytempire.services.webhooks import BATCH, LEASE


@pytest.fixture
async def office() -> Office:
    """An office whose shop has a secret."""
    made = Office(await a_house())
    await made.desk().add("shop")
    return made


# ------------------------------------------------------------------------------------------------- sending


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
    alerting = Alerting(store, clock, MemoryNotifier())
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
    await Alerting(store, office.house.clock, MemoryNotifier()).follow()
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
    await Alerting(store, office.house.clock, MemoryNotifier()).follow()
    assert () == await store.alerts()


@pytest.mark.parametrize("status", [300, 302, 400, 401, 404, 429, 500, 503])
async def test_other_answers_are_tried_again(office: Office, status: int) -> None:
    office.goes_wrong(Try(status))
    await office.happens()
    await office.round()
    office.is_well()

    await office.round(timedelta(seconds=6))

    assert ["pub_1"] == office.told()


@pytest.mark.parametrize(
    ("status", "header", "waits"),
    [
        (429, "600", timedelta(minutes=10)),
        (503, "Fri, 20 Nov 2026 18:10:00 GMT", timedelta(minutes=10)),
        (429, "999999999", SPANS[-1]),
    ],
)
async def test_a_busy_receiver_is_left_alone_for_as_long_as_it_asks_and_the_order_is_kept(
    office: Office, status: int, header: str, waits: timedelta
) -> None:
    office.goes_wrong(Try(status, retry_after=header))
    await office.happens("pub_1")
    await office.round()
    office.is_well()
    await office.happens("pub_2")

    await office.round(waits - timedelta(seconds=1))
    assert ([], 1) == (office.told(), office.post.tries)
    await office.round(timedelta(seconds=1))

    assert ["pub_1", "pub_2"] == office.told()


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
