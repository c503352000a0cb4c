"""Faults put together by what they have in common, and what nobody has a remedy for."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import FIRST, NOW, SECOND, an_event
from tests.strategies import json_values
from ytempire.domain.events import FAULTS, Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.grouping import By
from ytempire.domain.patterns import (
    Trouble,
    key_of,
    patterns,
    quota_day_of,
    trend,
    trouble_of,
    troubles,
    unknowns,
)
from ytempire.domain.values import PublicationId

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEAPOT = "418:teapot:kitchen:videos.list"


def met(code: str = "backendError", *, ago: timedelta = timedelta(0), **changes: Any) -> Trouble:
    return replace(Trouble(NOW - ago, code, Level.INFO, FIRST), **changes)


def unheard(ago: timedelta = timedelta(0), **changes: Any) -> Event:
    data = {"code": "unknown:418:teapot", "status": 418, "reason": "teapot", "domain": "kitchen",
            "step": "videos.list", "why": "No coffee."}  # fmt: skip
    return an_event(Kind.FAULT_UNKNOWN, at=NOW - ago, level=Level.HIGH, account=FIRST, data=data | changes)


def dismissed(key: str, ago: timedelta = timedelta(0)) -> Event:
    return an_event(Kind.FAULT_DISMISSED, at=NOW - ago, data={"key": key})


def test_a_fault_is_read_from_its_event() -> None:
    event = replace(unheard(), publication=PublicationId("pub_1"))

    expected = Trouble(
        NOW, "unknown:418:teapot", Level.HIGH, FIRST, PublicationId("pub_1"), "videos.list", 418, "teapot",
        "kitchen", "No coffee.", unknown=True,
    )  # fmt: skip
    assert expected == trouble_of(event)


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (an_event(Kind.TOKEN_FAILED, level=Level.HIGH, data={"why": "revoked"}), "invalidGrant"),
        (an_event(Kind.DUPLICATE, level=Level.WARNING, data={}), "duplicateUpload"),
        (an_event(Kind.PROCESSING_FAILED, data={"code": "processingFailed"}), "processingFailed"),
        (an_event(Kind.FAULT_SEEN), "fault.seen"),
        (an_event(Kind.DUPLICATE), None),
        (an_event(Kind.HELD, data={"code": "x"}), None),
        (an_event(Kind.FAULT_DISMISSED, data={"code": "x"}), None),
    ],
)
def test_events_that_are_faults_have_a_code_and_others_are_none(event: Event, code: str | None) -> None:
    found = trouble_of(event)

    assert code == (found and found.code)
    assert ([] if found is None else [found]) == list(troubles([event]))


def test_reasons_are_counted_and_compared_with_the_day_before() -> None:
    found = [
        met("a", ago=30 * HOUR),
        met("gone", ago=40 * HOUR, level=Level.CRITICAL),
        met("a", ago=3 * HOUR),
        met("b", ago=2 * HOUR),
        met("a", ago=HOUR, account=SECOND, level=Level.HIGH),
        met("b", account=None),
    ]

    listed = patterns(found, By.REASON, NOW - DAY, DAY)

    assert [("a", 2, 1, 2, Level.HIGH), ("b", 2, 0, 1, Level.INFO), ("gone", 0, 1, 0, Level.CRITICAL)] == [
        (each.name, each.count, each.before, each.others, each.level) for each in listed
    ]
    assert (NOW - 3 * HOUR, NOW - HOUR) == (listed[0].first_at, listed[0].last_at)
    assert (None, None) == (listed[2].first_at, listed[2].last_at)


def test_accounts_are_counted_with_their_reasons() -> None:
    found = [met("a"), met("b"), met("a", account=SECOND), met("a", account=None)]

    listed = patterns(found, By.ACCOUNT, NOW - DAY, DAY)

    assert [(FIRST, 2, 2), (SECOND, 1, 1), ("none", 1, 1)] == [
        (each.name, each.count, each.others) for each in listed
    ]


def test_hours_are_in_order_and_compared_with_the_same_hour_a_span_before() -> None:
    found = [met(ago=DAY), met(ago=DAY + HOUR), met(ago=HOUR), met(), met()]

    listed = patterns(found, By.HOUR, NOW - 2 * HOUR, DAY)

    assert [("2026-11-20T17:00:00Z", 1, 1), ("2026-11-20T18:00:00Z", 2, 1)] == [
        (each.name, each.count, each.before) for each in listed
    ]
    assert "2026-11-20" == str(quota_day_of("2026-11-20T08:00:00Z"))
    assert "2026-11-19" == str(quota_day_of("2026-11-20T07:00:00Z"))


@pytest.mark.parametrize(
    ("count", "before", "word"),
    [
        (0, 0, "same"),
        (1, 0, "new"),
        (0, 1, "gone"),
        (12, 10, "same"),
        (13, 10, "more"),
        (8, 10, "same"),
        (7, 10, "less"),
    ],
)
def test_the_trend_is_one_word(count: int, before: int, word: str) -> None:
    assert word == trend(count, before)


def test_a_combination_is_named_by_status_reason_domain_and_step() -> None:
    assert TEAPOT == key_of(met(status=418, reason="teapot", domain="kitchen", step="videos.list"))
    assert "-:-:-:-" == key_of(met())
    assert "400:two_words:-:-" == key_of(met(status=400, reason="two words"))


def test_what_is_unknown_is_listed_once_with_its_count_and_newest_sample() -> None:
    events = [
        unheard(3 * HOUR),
        replace(unheard(2 * HOUR, why="Again."), account=SECOND),
        unheard(HOUR, step=7),
    ]

    newest, older = unknowns(events)

    assert ("418:teapot:kitchen:-", 1) == (newest.key, newest.count)
    assert (TEAPOT, 2, NOW - 3 * HOUR, "Again.") == (older.key, older.count, older.first_at, older.newest.why)
    assert (FIRST, SECOND) == older.accounts


def test_what_is_dismissed_is_listed_again_when_it_is_met_again() -> None:
    assert () == unknowns([unheard(2 * HOUR), dismissed(TEAPOT, HOUR), dismissed("other")])

    (again,) = unknowns([unheard(2 * HOUR), dismissed(TEAPOT, HOUR), unheard(), an_event(Kind.FAULT_SEEN)])

    assert (1, NOW) == (again.count, again.first_at)


@given(
    st.lists(
        st.builds(
            Event, st.sampled_from(sorted(FAULTS)), st.just(NOW), st.sampled_from(Level),
            data=st.dictionaries(st.sampled_from(["code", "status", "reason", "step", "key", "why"]), json_values()),
        )
    )
)  # fmt: skip
def test_nothing_that_an_event_may_hold_breaks_the_counting(events: list[Event]) -> None:
    found = troubles(events)

    for by in By:
        assert len(found) == sum(each.count for each in patterns(found, by, NOW, DAY))
    assert len(found) >= sum(each.count for each in unknowns(events))
