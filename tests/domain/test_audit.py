"""The chain of the trail: what follows follows, and whatever was changed or taken out shows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import FIRST, NOW, SECOND
from ytempire.domain.audit import Entry, Link, Use, first_break, linked

ENTRY = Entry(NOW, "worker 1", Use.REFRESHED, FIRST, "before its request")

ENTRIES = st.builds(
    Entry,
    st.datetimes(timezones=st.just(UTC)),
    st.text(max_size=5),
    st.sampled_from(Use),
    st.none() | st.just(FIRST),
    st.text(max_size=5),
)


def chain(entries: Sequence[Entry]) -> list[Link]:
    links: list[Link] = []
    for number, entry in enumerate(entries, start=1):
        links.append(linked(entry, number, links[-1].hash if links else ""))
    return links


def test_nothing_is_broken_in_an_empty_trail() -> None:
    assert first_break([]) is None


def test_the_first_link_follows_nothing() -> None:
    link = linked(ENTRY, 1, "")

    assert (1, ENTRY, "", 64) == (link.number, link.entry, link.before, len(link.hash))


@given(st.lists(ENTRIES, max_size=8), st.integers(0, 8))
def test_a_chain_holds_whole_and_from_any_link_on(entries: list[Entry], start: int) -> None:
    links = chain(entries)

    assert first_break(links) is None
    if 0 < start <= len(links):
        assert first_break(links[start:], start, links[start - 1].hash) is None


@pytest.mark.parametrize(
    "change",
    [
        {"at": NOW + timedelta(microseconds=1)},
        {"actor": "worker 2"},
        {"use": Use.ERASED},
        {"account": SECOND},
        {"account": None},
        {"detail": ""},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_entry_that_was_changed_shows(change: dict[str, object]) -> None:
    links = chain([ENTRY] * 5)
    changed = replace(links[2], entry=replace(ENTRY, **change))  # type: ignore[arg-type]  # one field of many types

    assert 3 == first_break([*links[:2], changed, *links[3:]])


def test_an_entry_that_was_changed_and_hashed_anew_shows_at_the_next() -> None:
    links = chain([ENTRY] * 5)
    changed = linked(replace(ENTRY, detail="other"), 3, links[1].hash)

    assert 4 == first_break([*links[:2], changed, *links[3:]])


@given(st.integers(0, 3))
def test_an_entry_that_was_taken_out_shows(gone: int) -> None:
    links = chain([ENTRY] * 5)

    assert gone + 1 == first_break(links[:gone] + links[gone + 1 :])


def test_two_entries_that_changed_places_show() -> None:
    links = chain([replace(ENTRY, detail=f"{n}") for n in range(3)])

    assert 1 == first_break([links[1], links[0], links[2]])


def test_an_entry_put_in_between_shows() -> None:
    links = chain([ENTRY] * 3)
    planted = linked(ENTRY, 2, links[0].hash)

    assert 3 == first_break([links[0], planted, *links[1:]])


def test_an_end_that_was_cut_off_does_not_show() -> None:
    assert first_break(chain([ENTRY] * 5)[:3]) is None


def test_no_account_and_an_account_without_a_name_are_not_the_same() -> None:
    nobody, nameless = replace(ENTRY, account=None), replace(ENTRY, account=type(FIRST)(""))

    assert linked(nobody, 1, "").hash != linked(nameless, 1, "").hash


def test_a_moment_is_the_same_in_every_zone() -> None:
    elsewhere = replace(ENTRY, at=NOW.astimezone(timezone(timedelta(hours=-8))))

    assert linked(ENTRY, 1, "") == linked(elsewhere, 1, "")


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        linked(replace(ENTRY, at=datetime(2026, 1, 1)), 1, "")  # noqa: DTZ001  that is the point


def test_the_hash_stays_what_it_was_when_trails_were_first_written() -> None:
    expected = "f75d63cd74081ce01e7a8e6f84603eca00d2817590052db691999dffe0dc9ebf"

    assert expected == linked(ENTRY, 1, "").hash
