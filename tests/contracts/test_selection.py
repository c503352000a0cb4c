"""Fifty who choose at the same moment never take more than there is: the whole way from the decision to the store."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.builders import MAIN, NOW, TODAY, a_project, a_publication, line_of, rules, set_up
from ytempire.adapters.memory.clock import FakeClock
from ytempire.adapters.memory.google import MemoryGoogle
from ytempire.adapters.memory.media import MemoryMedia
from ytempire.adapters.memory.vault import MemoryVault
from ytempire.adapters.memory.youtube import MemoryYouTube
from ytempire.domain.accounts import Account, Condition, Kind
from ytempire.domain.events import Event
from ytempire.domain.events import Kind as EventKind
from ytempire.domain.lessons import Lesson, Topic
from ytempire.domain.publication import Publication
from ytempire.domain.quota import BUCKETS_2026, Bucket, Purpose
from ytempire.domain.values import AccountId
from ytempire.ports import AccountChange, AccountRules, Store
from ytempire.services.context import Context
from ytempire.services.place import place

A, B, C, R = (AccountId(name) for name in ("a", "b", "c", "reserve"))


def context_of(store: Store) -> Context:
    clock = FakeClock(NOW)
    return Context(
        store=store,
        google=MemoryGoogle(MemoryYouTube(clock)),
        vault=MemoryVault(),
        media=MemoryMedia(),
        clock=clock,
        profiles={MAIN: BUCKETS_2026},
        clients={},
        projects={},
    )


async def fifty(store: Store) -> list[Publication]:
    found = [a_publication(f"pub_{number:02}") for number in range(50)]
    for each in found:
        await store.submit(each, each.id, ())
    return found


async def placed(store: Store, publications: Sequence[Publication]) -> list[Publication]:
    context = context_of(store)
    answers = await asyncio.gather(*(place(context, each) for each in publications))
    return [answer for answer in answers if answer is not None]


async def standing(store: Store) -> dict[str, Account]:
    return {each.id: each for each in await store.accounts(NOW)}


def roomy(which: AccountId, **limits: Any) -> AccountRules:
    return rules(which, **({"daily_uploads": 5, "concurrency": 50} | limits))


async def test_fifty_selections_at_once_never_pick_more_than_caps_and_places(store: Store) -> None:
    await set_up(store, roomy(A), roomy(B, concurrency=2), roomy(C))
    await store.learn(C, (Lesson(Topic.DAILY_CAP, "3", NOW - timedelta(days=1)),), ())

    chosen = await placed(store, await fifty(store))

    accounts = await standing(store)
    assert 10 == len(chosen)
    assert {A: (5, 5), B: (2, 2), C: (3, 3)} == {
        name: (each.uploads_today, each.in_flight) for name, each in accounts.items()
    }


async def test_fifty_selections_at_once_never_pick_more_than_the_quota(store: Store) -> None:
    everyone = [roomy(AccountId(f"account_{n:02}"), daily_uploads=50) for n in range(3)]
    await set_up(store, *everyone, project=a_project(uploads=20))

    chosen = await placed(store, await fifty(store))

    line = await line_of(store, Bucket.UPLOADS, TODAY)
    assert (16, 16, 16) == (len(chosen), line.reserved, line.ceiling)


async def test_fifty_selections_at_once_never_pick_more_than_the_part_of_an_account(store: Store) -> None:
    needed = sum(BUCKETS_2026.cost(a_publication().request.methods()).parts.values())
    part = {Purpose.TOTAL: 7 * needed}
    await set_up(store, roomy(A, allocation=part, daily_uploads=50), roomy(B))

    chosen = await placed(store, await fifty(store))

    accounts = await standing(store)
    assert {A: 7, B: 5} == {name: each.uploads_today for name, each in accounts.items()}
    assert (12, 7 * needed) == (len(chosen), sum(accounts[A].taken.values()))


async def test_fifty_selections_at_once_promote_one_reserve_and_tell_it_once(store: Store) -> None:
    await set_up(store, roomy(A), roomy(R, daily_uploads=2))
    await store.configure(
        [a_project()], [roomy(A), rules(R, kind=Kind.RESERVE, daily_uploads=2, concurrency=50)], NOW
    )
    await store.change_account(AccountChange(R, "connected", "test", Condition.STANDBY), NOW, ())

    chosen = await placed(store, await fifty(store))

    promotions: list[Event] = [
        event for _, event in await store.events(limit=10_000) if event.kind is EventKind.ACCOUNT_PROMOTED
    ]
    assert {A: 5, R: 2} == {name: each.uploads_today for name, each in (await standing(store)).items()}
    assert 7 == len(chosen)
    assert [R] == [event.account for event in promotions]
