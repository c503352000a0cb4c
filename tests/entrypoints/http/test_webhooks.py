"""Webhooks and errors, over the API and on their pages: given a secret, tried, forgotten; reviewed, dismissed."""

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from standardwebhooks import Webhook

from tests.adapters.receiver import Receiver, receiving
from tests.entrypoints.http.conftest import House
from tests.entrypoints.pages.test_forms import FORM, csrf, send
from ytempire.domain.callers import Role
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.settings.sections import WebhookSection

PATH = "/api/v1/webhooks"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def shop(house: House, receiver: Receiver) -> House:
    """A house whose configuration has the receiver `shop`."""
    section = WebhookSection(
        url=f"http://127.0.0.1:{receiver.port}/canary-path", events=("*",), allow_private=True
    )
    settings = house.serving.settings
    return house.upon(settings=replace(settings, webhooks={"shop": section}))


async def test_a_receiver_gets_a_secret_once_and_verifies_its_test(shop: House, receiver: Receiver) -> None:
    boss = await shop.token("boss", Role.ADMIN)
    before = await shop.ask("GET", PATH)
    again = {"idempotency-key": "k"}
    made, replayed = [
        await shop.ask("POST", PATH, given={"webhook": "shop"}, token=boss, headers=again) for _ in range(2)
    ]
    tested = await shop.ask("POST", f"{PATH}/shop/test")
    listed = (await shop.ask("GET", PATH)).json()["webhooks"]

    assert "no_secret" == before.json()["webhooks"][0]["state"]
    assert (201, 409, "told_once") == (made.status, replayed.status, replayed.code)
    assert {"webhook": "shop", "delivered": True, "status": 200, "error": None} == tested.json()
    assert (
        "webhook.test" == Webhook(made.json()["secret"]).verify(receiver.bodies[0], receiver.heads[0])["type"]
    )
    assert ["active"] == [each["state"] for each in listed]
    assert "canary-path" not in str(listed)


async def test_a_receiver_is_rotated_forgotten_and_unknown_by_other_names(shop: House) -> None:
    boss = await shop.token("boss", Role.ADMIN)
    await shop.ask("POST", PATH, given={"webhook": "shop"}, token=boss)
    rotated = await shop.ask("POST", f"{PATH}/shop/rotate", given={"at_once": True}, token=boss)
    twice = await shop.ask("POST", PATH, given={"webhook": "shop"}, token=boss)
    replayed = await shop.ask("POST", f"{PATH}/shop/replay", given={"ids": ["msg_none"]})
    enabled = await shop.ask("POST", f"{PATH}/shop/enable")
    removed = await shop.ask("DELETE", f"{PATH}/shop", token=boss)
    nobody = await shop.ask("POST", f"{PATH}/shopp/test")
    added = await shop.ask("POST", PATH, given={"webhook": "shopp"}, token=boss)
    events = (await shop.ask("GET", "/api/v1/events")).json()["events"]

    assert rotated.json()["secret"].startswith("whsec_")
    assert [409] * 3 == [each.status for each in (twice, replayed, enabled)]
    assert {"webhook": "shop", "state": "removed"} == removed.json()
    assert [(404, "webhook_unknown")] * 2 == [(each.status, each.code) for each in (nobody, added)]
    assert [("webhook.added", "boss"), ("webhook.rotated", "boss"), ("webhook.removed", "boss")] == [
        (each["kind"], each["data"]["by"]) for each in events if each["kind"].startswith("webhook.")
    ]


async def test_the_page_shows_a_secret_once_and_says_how_a_test_went(shop: House, receiver: Receiver) -> None:
    boss = await shop.token("boss", Role.ADMIN)
    made = (await send(shop, "/webhooks/shop/add", token=boss)).body.decode()
    later = (await shop.ask("GET", "/webhooks", token=boss)).body.decode()
    good = await send(shop, "/webhooks/shop/test")
    receiver.status = 500
    bad = await send(shop, "/webhooks/shop/test")
    rotated = (await send(shop, "/webhooks/shop/rotate", token=boss)).body.decode()
    removed = await send(shop, "/webhooks/shop/remove", token=boss)

    assert re.search(r"whsec_[\w+/=]{40}", made) is not None
    assert "whsec_" not in later
    assert "/webhooks?said=hook_tested" == good.headers["location"]
    assert (409, True) == (
        bad.status,
        "shop did not take the test message: it answered 500" in bad.body.decode(),
    )
    assert "whsec_" in rotated
    assert "/webhooks?said=hook_removed" == removed.headers["location"]


async def test_a_secret_on_a_page_is_kept_nowhere_in_clear(shop: House) -> None:
    boss = await shop.token("boss", Role.ADMIN)
    signed = urlencode({"csrf": await csrf(shop, token=boss)}).encode()
    keyed = FORM | {"idempotency-key": "k"}
    made, again = [
        await shop.ask("POST", "/webhooks/shop/add", body=signed, headers=keyed, token=boss) for _ in range(2)
    ]
    secret = re.search(rb"whsec_[\w+/=]{40}", made.body)
    kept = b"".join(each.read_bytes() for each in shop.serving.settings.home.glob("ytempire.sqlite*"))

    assert secret is not None
    assert secret[0] not in kept
    assert (409, "told_once") == (again.status, again.code)


async def test_answers_without_a_remedy_are_reviewed_and_dismissed(house: House) -> None:
    context = house.serving.acting.context
    data = {
        "code": "unknown",
        "status": 418,
        "reason": "<teapot>",
        "domain": "youtube",
        "step": "videos.insert",
    }
    told = {**data, "why": "it is a <teapot>"}
    await context.store.record((Event(Kind.FAULT_UNKNOWN, context.clock.now(), Level.HIGH, data=told),))
    listed = (await house.ask("GET", "/api/v1/errors/unknown")).json()["unknown"]
    page = (await house.ask("GET", "/errors?days=7")).body.decode()
    key = listed[0]["key"]
    gone = await house.ask("POST", "/api/v1/errors/unknown/dismiss", given={"key": key})
    again = await house.ask("POST", "/api/v1/errors/unknown/dismiss", given={"key": key})
    form = await send(house, "/errors/dismiss", key=key)

    assert "it is a &lt;teapot&gt;" in page
    assert "<teapot>" not in page
    assert [] == gone.json()["unknown"]
    assert [404, 404] == [again.status, form.status]
