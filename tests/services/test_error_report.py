"""Errors over time, and the review list."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import FIRST
from tests.services.house import House
from ytempire.adapters.memory.api import error
from ytempire.domain.events import Event, Kind
from ytempire.domain.quota import Method
from ytempire.domain.values import Refused
from ytempire.services.error_report import ErrorReports

START, DETAILS = str(Method.VIDEOS_INSERT), str(Method.VIDEOS_LIST)
KEY = "418:teapot:youtube:videos.insert.start"


def reports(house: House) -> ErrorReports:
    return ErrorReports(house.store, house.clock)


async def errors(house: House, days: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = await reports(house).errors(days)
    return found


async def review(house: House) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await reports(house).review()
    return found


async def test_errors_of_the_day_are_counted_beside_those_of_the_day_before(house: House) -> None:
    await house.submit("yesterday")
    house.google.trouble(START, error(503, "backendError", "upload_id=secret is late"))
    await house.work()
    house.clock.advance(timedelta(hours=24))
    await house.submit("today")
    house.google.trouble(START, error(503, "backendError", "upload_id=secret is late"), times=3)
    await house.work()

    found = await errors(house)

    assert (3, 1, "more") == (found["count"], found["before"], found["trend"])
    (reason,) = found["by_reason"]
    assert ("backendError", 3, 1, 1) == (
        reason["reason"],
        reason["count"],
        reason["before"],
        reason["accounts"],
    )
    assert [FIRST] == [each["account"] for each in found["by_account"]]
    (hour,) = found["by_hour"]
    assert ("2026-11-21T18:00:00Z", "2026-11-21") == (hour["hour"], hour["quota_day"])
    assert ["upload_id=... is late"] * 3 == [each["why"] for each in found["samples"]]
    week = await errors(house, 7)
    assert (4, "new") == (week["count"], week["trend"])


async def test_a_quiet_house_has_no_patterns(house: House) -> None:
    found = await errors(house)

    assert (0, 0, "same", [], []) == tuple(
        found[name] for name in ("count", "before", "trend", "by_reason", "samples")
    )
    assert [] == await review(house)


async def test_an_answer_that_is_in_no_table_is_for_review_until_it_is_dismissed(house: House) -> None:
    for title in ("one", "two"):
        await house.submit(title)
        house.google.trouble(START, error(418, "teapot", "code=secret No coffee."))
        await house.work()

    (unknown,) = await review(house)

    assert (KEY, 2, [FIRST]) == (unknown["key"], unknown["count"], unknown["accounts"])
    assert "code=... No coffee." == unknown["sample"]["why"]

    assert [] == await reports(house).dismiss(KEY)
    (told,) = await house.events(Kind.FAULT_DISMISSED)
    assert ("unknown:418:teapot", "command") == (told.data["code"], told.data["by"])
    with pytest.raises(Refused, match="is not on the list"):
        await reports(house).dismiss(KEY)


async def test_an_answer_to_a_look_at_processing_is_told_too_and_retry_after_is_honoured(
    house: House,
) -> None:
    accepted = await house.submit()
    await house.advance(accepted.id)
    refusal = error(503, "backendError", "busy")
    house.google.trouble(DETAILS, type(refusal)(503, {"retry-after": "1800"}, refusal.body))
    house.clock.advance(timedelta(minutes=1))

    await house.look()

    (told,) = await house.events(Kind.FAULT_SEEN)
    assert ("videos.list", accepted.id) == (told.data["step"], told.publication)
    assert house.clock.now() + timedelta(minutes=30) == (await house.now(accepted.id)).look_at


async def test_a_clock_that_is_ahead_hides_nothing(house: House) -> None:
    ahead = house.clock.now() + timedelta(minutes=5)
    await house.store.record((Event(Kind.FAULT_SEEN, ahead, data={"code": "x"}),))

    assert 1 == (await errors(house))["count"]
