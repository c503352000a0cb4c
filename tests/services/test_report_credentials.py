"""What is shown of grants and of the trail of their use, and that no secret is in it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import FIRST, SECOND
from tests.services.around import (
    THIRD,
    Around,
    a_house_with_a_new_account,
    account_of,
    backed_up,
    held,
    tamper,
)
from tests.services.house import House, two_accounts
from ytempire.domain.audit import Entry, Link, Use
from ytempire.domain.oauth import SCOPE
from ytempire.ports import Store
from ytempire.services.documents import Document, moment
from ytempire.services.report import Reports


async def tokens(house: House) -> list[Document]:
    return await house.staff().reports.tokens()


async def test_every_grant_of_every_account_is_shown() -> None:
    house = await a_house_with_a_new_account()
    await backed_up(house)
    stored = await held(house)

    lines = await tokens(house)

    now = moment(house.clock.now())
    assert [(FIRST, "primary"), (FIRST, "backup"), (THIRD, None)] == [
        (line["account"], line["slot"]) for line in lines
    ]
    assert {
        "account": FIRST,
        "slot": "primary",
        "state": "valid",
        "why": None,
        "account_state": "active",
        "channel": "UCaccount_01",
        "expires_at": moment(stored.expires_at),
        "refreshed_at": None,
        "connected_at": now,
        "ends_at": None,
        "scopes": [SCOPE],
        "key": "memory",
        "forecasts": [],
    } == lines[0]
    assert ("to be renewed", "not connected", "disconnected") == (
        lines[1]["state"],
        lines[2]["state"],
        lines[2]["account_state"],
    )
    assert [set(lines[0])] * 3 == [set(line) for line in lines]


async def test_the_state_of_a_grant_says_what_is_next() -> None:
    house = await two_accounts()
    await house.connect(FIRST, life=timedelta(0))
    await house.store.condemn_grant(await held(house, SECOND), "Google no longer accepts it", ())

    assert [("to be renewed", None), ("unusable", "Google no longer accepts it")] == [
        (line["state"], line["why"]) for line in await tokens(house)
    ]


async def test_ends_that_can_be_seen_coming_are_told_with_what_prevents_them() -> None:
    house = await two_accounts()
    ends = house.clock.now() + timedelta(days=7)
    tamper(house, replace(await held(house), ends_at=ends))
    published = await house.submit()
    assert FIRST == (await house.finish(published.id)).account
    house.clock.advance(timedelta(days=80))

    first, second = await tokens(house)

    assert isinstance(first["forecasts"], list)
    assert isinstance(second["forecasts"], list)
    assert ["testing", "idle_project"] == [each["end"] for each in first["forecasts"]]
    assert ["idle_project"] == [each["end"] for each in second["forecasts"]]
    assert moment(ends) == first["forecasts"][0]["at"]
    assert all(each["message"] and each["remedy"] for each in first["forecasts"])


async def test_an_account_that_was_let_go_says_why() -> None:
    house = await two_accounts()
    await house.staff().disconnecting.disconnect(await account_of(house), "sold")

    line = next(line for line in await tokens(house) if line["account"] == FIRST)

    assert ("not connected", "sold", "UCaccount_01") == (line["state"], line["why"], line["channel"])


async def test_no_secret_is_shown(house: House) -> None:
    await backed_up(house)
    token = await house.staff().tokens.fresh(FIRST)
    reports = house.staff().reports

    text = json.dumps([await reports.tokens(), await reports.trail(100), await reports.accounts()])

    assert house.channel().refresh_token not in text
    assert token.reveal() not in text  # type: ignore[union-attr]  # it is fresh
    assert "marked." not in text


# ------------------------------------------------------------------------------------------ the trail


async def written(house: House, count: int) -> None:
    for number in range(count):
        await house.store.audit(Entry(house.clock.now(), "test", Use.OPENED, FIRST, f"entry {number}"))


async def test_the_end_of_the_trail_is_shown_and_all_of_it_checked(house: House) -> None:
    await written(house, 2500)

    trail = await house.staff().reports.trail(3)

    number, head = await house.store.audit_head()
    assert (2500, head, None) == (number, trail["head"], trail["broken_at"])
    assert 2500 == trail["length"]
    entries = trail["entries"]
    assert isinstance(entries, list)
    assert [2498, 2499, 2500] == [entry["number"] for entry in entries]
    assert {
        "number": 2500,
        "at": moment(house.clock.now()),
        "actor": "test",
        "use": "opened",
        "account": FIRST,
        "detail": "entry 2499",
        "hash": head,
    } == entries[-1]


async def test_an_empty_trail_is_whole(house: House) -> None:
    assert {"entries": [], "length": 0, "head": "", "broken_at": None} == await house.staff().reports.trail(5)


@pytest.mark.parametrize("broken", [1, 2, 1000, 1001, 1500])
async def test_the_first_entry_that_was_changed_is_named(house: House, broken: int) -> None:
    await written(house, 1500)
    trail = house.store._tables.trail
    link = trail[broken - 1]
    trail[broken - 1] = replace(link, entry=replace(link.entry, actor="nobody"))

    assert broken == (await house.staff().reports.trail(5))["broken_at"]


@pytest.mark.parametrize("missing", [1, 2, 1499])
async def test_an_entry_that_was_taken_out_is_named(house: House, missing: int) -> None:
    await written(house, 1500)
    del house.store._tables.trail[missing - 1]

    assert missing == (await house.staff().reports.trail(5))["broken_at"]


class Elsewhere(Around):
    """A store whose head is known from elsewhere."""

    def __init__(self, port: Store, head: tuple[int, str]) -> None:
        super().__init__(port)
        self.head = head

    async def audit_head(self) -> tuple[int, str]:
        return self.head


async def test_an_end_that_was_cut_off_is_noticed_when_the_head_is_known(house: House) -> None:
    await written(house, 20)
    known = await house.store.audit_head()
    del house.store._tables.trail[-3:]
    store: Store = Elsewhere(house.store, known)

    assert 18 == (await Reports(store, house.clock).trail(5))["broken_at"]


async def test_a_head_that_is_another_is_noticed(house: House) -> None:
    await written(house, 20)
    store: Store = Elsewhere(house.store, (20, "another"))

    assert 20 == (await Reports(store, house.clock).trail(5))["broken_at"]


async def test_a_trail_that_is_written_meanwhile_is_not_called_broken(house: House) -> None:
    await written(house, 1500)

    class Busy(Around):
        async def audit_trail(self, after: int = 0, limit: int = 1000) -> tuple[Link, ...]:
            await written(house, 7)
            links: tuple[Link, ...] = await self.port.audit_trail(after, limit)
            return links

    store: Store = Busy(house.store)
    trail = await Reports(store, house.clock).trail(5)

    assert (1500, None) == (trail["length"], trail["broken_at"])
