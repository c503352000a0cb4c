"""Every secret that passes on its way to Google is known to the log before it could be told."""

from dataclasses import replace

from tests.services.house import CLIENT, two_accounts
from ytempire.domain.values import Secret
from ytempire.domain.wire import Ask, Form
from ytempire.services.discretion import Discreet


async def test_tokens_and_addresses_of_an_upload_are_known() -> None:
    house, seen = await two_accounts(), set[str]()
    publication = await house.submit()
    ports = replace(house.ports(), google=Discreet(house.google, seen.add))
    await house.staff(ports).publishing.advance(publication.id)
    before = set(seen)
    await ports.google.ask(Ask("an address", 1), Secret("another token"))

    assert 2 == len(before)
    assert {"an address", "another token"} == seen - before


async def test_the_secret_fields_of_a_form_are_known_and_the_others_not() -> None:
    house, seen = await two_accounts(), set[str]()
    fields = {
        "grant_type": "refresh_token",
        "refresh_token": "one",
        "client_secret": "two",
        "client_id": "three",
    }
    await Discreet(house.google, seen.add).post(Form(CLIENT.token_uri, fields))

    assert {"one", "two"} == seen
