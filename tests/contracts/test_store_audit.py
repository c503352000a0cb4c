"""What the store promises about the trail of credential use: durable, in order, without a gap, chained."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.builders import FIRST, NOW
from ytempire.domain.audit import Entry, Use, first_break, linked
from ytempire.ports import Store

OPENED = Entry(NOW, "worker 1", Use.OPENED, FIRST, "before a refresh")


async def test_a_new_trail_is_empty(store: Store) -> None:
    assert (0, "") == await store.audit_head()
    assert () == await store.audit_trail()


@pytest.mark.parametrize(
    "entry",
    [
        OPENED,
        Entry(NOW, "anna", Use.KEY_ADDED),
        Entry(datetime(2026, 1, 1, 1, 2, 3, 456_789, tzinfo=UTC), "", Use.ERASED, FIRST, "é 🎬\n'\"\\%s :x"),
    ],
)
async def test_an_entry_comes_back_whole_and_chained(store: Store, entry: Entry) -> None:
    await store.audit(entry)

    expected = linked(entry, 1, "")
    assert (expected,) == await store.audit_trail()
    assert (1, expected.hash) == await store.audit_head()


async def test_an_entry_in_another_zone_keeps_its_moment_and_its_hash(store: Store) -> None:
    await store.audit(replace(OPENED, at=NOW.astimezone(timezone(timedelta(hours=-8)))))

    assert (linked(OPENED, 1, ""),) == await store.audit_trail()


async def test_a_trail_is_read_in_pages(store: Store) -> None:
    for use in Use:
        await store.audit(replace(OPENED, use=use))

    trail = await store.audit_trail()

    assert list(Use) == [link.entry.use for link in trail]
    assert list(range(1, len(Use) + 1)) == [link.number for link in trail]
    assert trail[4:] == await store.audit_trail(4)
    assert trail[4:6] == await store.audit_trail(4, limit=2)
    assert () == await store.audit_trail(len(Use))
    assert first_break(await store.audit_trail(4), 4, trail[3].hash) is None


async def test_200_entries_at_once_make_one_chain_without_a_gap(store: Store) -> None:
    entries = [replace(OPENED, detail=f"use {n}") for n in range(200)]

    await asyncio.gather(*(store.audit(entry) for entry in entries))

    trail = await store.audit_trail()
    assert list(range(1, 201)) == [link.number for link in trail]
    assert {entry.detail for entry in entries} == {link.entry.detail for link in trail}
    assert first_break(trail) is None
    assert (200, trail[-1].hash) == await store.audit_head()


async def test_what_others_fail_to_write_meanwhile_leaves_no_gap_in_the_trail(store: Store) -> None:
    naive = replace(OPENED, at=datetime(2026, 1, 1))  # noqa: DTZ001  a moment that cannot be chained

    answers = await asyncio.gather(
        *(store.audit(naive if n % 5 == 0 else OPENED) for n in range(50)), return_exceptions=True
    )

    assert 10 == sum(isinstance(answer, ValueError) for answer in answers)
    trail = await store.audit_trail()
    assert 40 == len(trail)
    assert first_break(trail) is None
    assert (40, trail[-1].hash) == await store.audit_head()
