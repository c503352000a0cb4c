"""What operators do about webhooks: secrets, tests, lists, replays, and names that are none."""

from dataclasses import replace
from datetime import timedelta

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from tests.services.house import a_house
from tests.services.office import SHOP, Office, an_office_of_today, verified
from ytempire.domain.values import Mendable, Refused
from ytempire.ports import Try


@pytest.fixture
async def office() -> Office:
    """An office whose shop has a secret."""
    made = Office(await a_house())
    await made.desk().add("shop")
    return made


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


async def test_where_the_secret_is_lost_nothing_is_sent_before_there_is_another() -> None:
    office, _ = await an_office_of_today()
    store, now = office.house.store, office.house.clock.now()
    await store.forget_key("memory", now, ())
    await store.register_keys({"memory": "check"}, now)
    await office.happens()
    await office.round()
    await store.disable_webhook("shop", "its secret is lost", now, ())

    with pytest.raises(Refused, match=r"the secret of the webhook shop is lost.*webhook rotate shop"):
        await office.desk().enable("shop")
    with pytest.raises(Mendable, match=r"shop has no secret.*webhook rotate shop"):
        await office.desk().test("shop")
    assert [] == office.taken()
    secret = await office.desk().rotate("shop")
    await office.desk().enable("shop")
    await office.desk().test("shop")
    (parcel,) = office.taken()
    assert "webhook.test" == verified(secret, parcel)["type"]


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
