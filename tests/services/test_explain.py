"""The choice that `accounts explain` tells is the sum that a person reckons by hand."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import FIRST, MAIN, NOW, TODAY, a_line, a_publication, an_account, an_event
from tests.services.house import House
from ytempire.domain.accounts import Account, Condition, World
from ytempire.domain.decision import Upload, Wait, decide
from ytempire.domain.events import Kind
from ytempire.domain.quota import Bucket, Cost
from ytempire.services.settle import shown

HOURS = timedelta(hours=1)
DAYS = timedelta(days=1)
COST = {MAIN: Cost({Bucket.UPLOADS: 1, Bucket.UNITS: 50})}
NO_UPLOADS: dict[str, int] = {}

# What is known of the account | sent of the day's 100 uploads and 10,000 units | quota, success, rest, age, total.
# The ceiling is 80 % of a limit: 80 uploads, 8,000 units. Fitness: 0.4 quota + 0.3 success + 0.2 rest + 0.1 age.
# Success: (successes + 9) / (trials + 10), so 0.9 for an account without a history.
TABLE: list[tuple[str, dict[str, Any], dict[str, int], dict[str, int], tuple[float, ...] | str]] = [
    ("brand new", {"added_at": NOW}, {}, {}, (1, 0.9, 1, 0, 0.87)),
    ("a month old", {}, {}, {}, (1, 0.9, 1, 1, 0.97)),
    ("a fortnight old", {"added_at": NOW - 15 * DAYS}, {}, {}, (1, 0.9, 1, 0.5, 0.92)),
    ("half of the uploads used", {}, {"used": 40}, {}, (0.5, 0.9, 1, 1, 0.77)),
    ("units are scarcer than uploads", {}, {"used": 40}, {"used": 6_000}, (0.25, 0.9, 1, 1, 0.67)),
    ("three quarters are promised", {}, {"reserved": 60}, {}, (0.25, 0.9, 1, 1, 0.67)),
    ("twelve hours of rest", {"last_upload_at": NOW - 12 * HOURS}, {}, {}, (1, 0.9, 0.5, 1, 0.87)),
    ("no rest at all", {"last_upload_at": NOW}, {"reserved": 60}, {}, (0.25, 0.9, 0, 1, 0.47)),
    ("never failed", {"successes": 50, "trials": 50}, {}, {}, (1, 0.9833, 1, 1, 0.995)),
    ("failed every second time", {"successes": 10, "trials": 20}, {}, {}, (1, 0.6333, 1, 1, 0.89)),
    ("parked by YouTube", {"parked_until": NOW + HOURS, "condition": Condition.CAPPED}, {}, {}, "parked"),
    ("nothing left below the ceiling", {}, {"used": 80}, {}, "quota"),
]  # fmt: skip


def the_world(account: Account, uploads: dict[str, int], units: dict[str, int]) -> World:
    lines = (a_line(Bucket.UPLOADS, 100, **uploads), a_line(Bucket.UNITS, 10_000, **units))
    return World((account,), {(MAIN, line.bucket): line for line in lines}, TODAY.resets)


def test_the_table_has_twelve_worlds() -> None:
    assert 12 == len(TABLE)


@pytest.mark.parametrize(
    ("account", "uploads", "units", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
async def test_twelve_worlds_reckoned_by_hand_are_what_explain_tells(
    house: House,
    account: dict[str, Any],
    uploads: dict[str, int],
    units: dict[str, int],
    expected: tuple[float, ...] | str,
) -> None:
    publication = await house.submit()
    world = the_world(an_account(**account), uploads, units)
    decision = decide(publication, COST, world, NOW)
    assert isinstance(decision, Upload | Wait)
    data = {"candidates": shown(decision.candidates)}
    await house.store.record([an_event(Kind.STARTED, publication=publication.id, data=data)])

    explained: Any = await house.staff().reports.explanation(publication.id)

    (told,) = explained["candidates"]
    assert FIRST == told["account"]
    if isinstance(expected, str):
        assert (expected, None) == (told["obstacle"], told["score"])
    else:
        names = ("quota", "success", "rest", "age", "total")
        assert (None, dict(zip(names, expected, strict=True))) == (told["obstacle"], told["score"])


def test_every_choice_keeps_the_health_of_everyone_beside_their_fitness() -> None:
    well, worn = an_account("well"), an_account("worn", failures_in_a_row=2, trials=2)
    world = replace(the_world(well, NO_UPLOADS, NO_UPLOADS), accounts=(well, worn))

    decision = decide(a_publication(), COST, world, NOW)

    assert isinstance(decision, Upload)
    assert [("well", 1.0), ("worn", 0.6667)] == [
        (each["account"], each["health"]) for each in shown(decision.candidates)
    ]


async def test_an_account_is_told_with_both_numbers_and_its_last_changes(house: House) -> None:
    account = (await house.store.accounts(house.clock.now()))[0]
    await house.staff().ordering.pause(account, "a holiday")
    await house.staff().ordering.resume(account, "back again")

    told: Any = await house.staff().reports.account(FIRST)

    assert told == told | {"state": "active", "why": "back again", "cap": 1000, "lessons": []}
    assert {"quota": 1.0, "success": 0.9, "rest": 1.0, "age": 0.0, "total": 0.87} == told["fitness"]
    assert 1.0 == told["health"]["total"]
    history = [(each["kind"], each["data"]["from"], each["data"]["to"]) for each in told["history"]]
    assert [("account.changed", "active", "paused"), ("account.changed", "paused", "active")] == history
