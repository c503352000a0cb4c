"""What the store promises about accounts, projects, grants, events and facts."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.builders import (
    FIRST,
    NOW,
    SECOND,
    TODAY,
    a_grant,
    a_project,
    account_of,
    an_event,
    rules,
    set_up,
    submitted,
)
from ytempire.domain.accounts import Account, Condition, Kind
from ytempire.domain.events import FAULTS, Event
from ytempire.domain.events import Kind as EventKind
from ytempire.domain.faults import Level
from ytempire.domain.values import AccountId, ChannelId, PlaylistId, ProjectId, PublicationId
from ytempire.ports import AccountChange, AccountRules, Outcome, Settlement, Store

LATER = NOW + timedelta(hours=1)


# ------------------------------------------------------------------------------------------------ configure


async def test_a_new_account_starts_disconnected(store: Store) -> None:
    configured = AccountRules(FIRST, ProjectId("main"), Kind.RESERVE, 2, 3, frozenset({"eu", "news"}))

    await store.configure([a_project()], [configured], NOW)

    expected = Account(
        FIRST,
        ProjectId("main"),
        Kind.RESERVE,
        Condition.DISCONNECTED,
        daily_uploads=2,
        added_at=NOW,
        concurrency=3,
        groups=frozenset({"eu", "news"}),
    )
    assert (expected,) == await store.accounts(NOW)


async def test_accounts_are_given_in_the_order_of_their_ids(store: Store) -> None:
    names = [AccountId(name) for name in ("b", "c", "a")]

    await store.configure([a_project()], [rules(name) for name in names], NOW)

    assert ["a", "b", "c"] == [account.id for account in await store.accounts(NOW)]


async def test_configuring_again_changes_the_rules_and_keeps_the_history(store: Store) -> None:
    await set_up(store, rules(daily_uploads=5))
    before = await account_of(store)

    await store.configure([a_project()], [rules(daily_uploads=7, groups=frozenset({"new"}))], LATER)

    assert replace(before, daily_uploads=7, groups=frozenset({"new"})) == await account_of(store)


async def test_an_account_that_comes_back_has_its_history_again(store: Store) -> None:
    await set_up(store)
    before = await account_of(store)

    await store.configure([a_project()], [rules(SECOND)], LATER)
    assert [SECOND] == [account.id for account in await store.accounts(NOW)]

    await store.configure([a_project()], [rules()], LATER)
    assert (before,) == await store.accounts(NOW)


async def test_what_was_configured_is_not_changed_from_outside(store: Store) -> None:
    project = a_project()
    await store.configure([project], [], NOW)
    before = await store.ledger(TODAY)

    project.limits.clear()

    assert before == await store.ledger(TODAY)


# --------------------------------------------------------------------------------------------------- change


async def test_a_change_says_who_and_why(store: Store) -> None:
    await set_up(store)
    change = AccountChange(FIRST, "strike", "anna", Condition.SUSPENDED, parked_until=LATER)

    await store.change_account(change, NOW, [an_event(EventKind.ACCOUNT_CHANGED, account=FIRST)])

    account = await account_of(store)
    assert (Condition.SUSPENDED, LATER) == (account.condition, account.parked_until)
    assert ("strike", "anna", NOW) == (account.why, account.changed_by, account.changed_at)
    assert [EventKind.ACCOUNT_CHANGED] == [event.kind for _, event in await store.events()]


async def test_what_a_change_does_not_name_stays(store: Store) -> None:
    await set_up(store)
    await store.change_account(AccountChange(FIRST, "limit", "test", parked_until=LATER), NOW, ())
    assert Condition.CAPPED is (await account_of(store)).condition
    assert Condition.ACTIVE is (await account_of(store, now=LATER)).condition

    await store.change_account(AccountChange(FIRST, "rest", "test", Condition.PAUSED), LATER, ())

    account = await account_of(store)
    assert (Condition.PAUSED, LATER, LATER) == (account.condition, account.parked_until, account.changed_at)


async def test_changing_an_unknown_account_makes_none(store: Store) -> None:
    await set_up(store)

    await store.change_account(AccountChange(SECOND, "why", "test", Condition.ACTIVE), NOW, ())

    assert [FIRST] == [account.id for account in await store.accounts(NOW)]


async def test_a_settlement_changes_accounts_at_the_moment_of_its_publication(store: Store) -> None:
    await set_up(store, rules(), rules(SECOND))
    publication = replace(await submitted(store), updated_at=LATER)
    changes = (
        AccountChange(FIRST, "limit", "youtube", parked_until=LATER),
        AccountChange(SECOND, "token", "youtube", Condition.NEEDS_REAUTH),
    )

    await store.settle(Settlement(publication, accounts=changes))

    first, second = await store.accounts(NOW)
    assert (LATER, "limit", LATER) == (first.parked_until, first.why, first.changed_at)
    assert (Condition.NEEDS_REAUTH, "youtube") == (second.condition, second.changed_by)


# ------------------------------------------------------------------------------------------------- outcomes


async def outcomes(store: Store, *rows: tuple[datetime, bool], account: AccountId = FIRST) -> None:
    publication = await submitted(store, f"pub_{account}")
    for at, succeeded in rows:
        settlement = Settlement(publication, outcome=Outcome(account, succeeded, at))
        settled = await store.settle(settlement)
        assert settled is not None
        publication = settled


async def test_outcomes_are_counted_for_their_account(store: Store) -> None:
    await set_up(store, rules(), rules(SECOND))
    await outcomes(store, (NOW, True), (NOW, False), (NOW, True))
    await outcomes(store, (NOW, False), account=SECOND)

    assert [(2, 3), (0, 1)] == [(each.successes, each.trials) for each in await store.accounts(NOW)]


async def test_outcomes_older_than_30_days_no_longer_count(store: Store) -> None:
    await set_up(store)
    edge = NOW - timedelta(days=30)
    await outcomes(store, (edge, True), (edge - timedelta(microseconds=1), True))

    account = await account_of(store)
    assert (1, 1) == (account.successes, account.trials)
    assert 0 == (await account_of(store, now=NOW + timedelta(microseconds=1))).trials


async def test_only_the_newest_50_outcomes_count(store: Store) -> None:
    await set_up(store)
    moments = [NOW - timedelta(minutes=minute) for minute in range(53)]
    await outcomes(store, *((moment, moment < NOW - timedelta(minutes=49)) for moment in moments))

    account = await account_of(store)
    assert (0, 50) == (account.successes, account.trials)


async def test_an_outcome_of_a_settlement_that_lost_does_not_count(store: Store) -> None:
    await set_up(store)
    publication = await submitted(store)
    await store.settle(Settlement(publication))

    assert await store.settle(Settlement(publication, outcome=Outcome(FIRST, True, NOW))) is None
    assert 0 == (await account_of(store)).trials


# ------------------------------------------------------------------------------------------------ playlists


async def test_playlists_are_remembered_per_account_and_name(store: Store) -> None:
    await set_up(store, rules(), rules(SECOND))
    assert await store.playlist(FIRST, "Söngs 🎵") is None

    await store.remember_playlist(FIRST, "Söngs 🎵", PlaylistId("PL1"))
    await store.remember_playlist(FIRST, "Söngs 🎵", PlaylistId("PL2"))

    assert PlaylistId("PL2") == await store.playlist(FIRST, "Söngs 🎵")
    assert await store.playlist(SECOND, "Söngs 🎵") is None
    assert await store.playlist(FIRST, "other") is None


# --------------------------------------------------------------------------------------------------- grants


async def test_a_grant_is_stored_whole(store: Store) -> None:
    await set_up(store)
    grant = a_grant(
        scopes=("one", "two"), refreshed_at=LATER, channel=ChannelId("UC1"), channel_title="Kanal\n🎬"
    )
    bare = a_grant(SECOND, expires_at=None, scopes=())
    await set_up(store, rules(), rules(SECOND))

    assert await store.save_grant(bare, None, ())
    assert await store.save_grant(grant, None, [an_event(EventKind.ACCOUNT_CONNECTED)])

    assert grant == await store.grant(FIRST)
    assert (grant, bare) == await store.grants()
    assert [EventKind.ACCOUNT_CONNECTED] == [event.kind for _, event in await store.events()]
    account = await account_of(store)
    assert ("UC1", "Kanal\n🎬") == (account.channel, account.channel_title)


async def test_an_account_without_a_grant_has_none(store: Store) -> None:
    await set_up(store)

    assert await store.grant(FIRST) is None
    assert () == await store.grants()
    assert (await account_of(store)).channel is None


@pytest.mark.parametrize(("stored", "seen"), [(None, 1), (1, None), (2, 1), (1, 2)])
async def test_a_grant_is_not_stored_over_one_that_was_not_seen(
    store: Store, stored: int | None, seen: int | None
) -> None:
    await set_up(store)
    if stored is not None:
        assert await store.save_grant(a_grant(revision=stored), None, ())
    before = await store.grants()

    assert not await store.save_grant(a_grant(revision=9, sealed="new"), seen, [an_event()])
    assert before == await store.grants()
    assert () == await store.events()


async def test_a_grant_that_was_seen_is_replaced(store: Store) -> None:
    await set_up(store)
    await store.save_grant(a_grant(), None, ())

    assert await store.save_grant(a_grant(revision=2, sealed="new"), 1, ())
    assert (a_grant(revision=2, sealed="new"),) == await store.grants()


@pytest.mark.parametrize("stored", [True, False])
async def test_of_many_writers_of_one_grant_one_wins(store: Store, stored: bool) -> None:
    await set_up(store)
    if stored:
        await store.save_grant(a_grant(), None, ())
    rivals = [a_grant(revision=2, sealed=f"writer {n}") for n in range(16)]

    answers = await asyncio.gather(*(store.save_grant(rival, 1 if stored else None, ()) for rival in rivals))

    assert 1 == sum(answers)
    assert (rivals[answers.index(True)],) == await store.grants()


# ------------------------------------------------------------------------------------------------------ log


async def test_events_are_numbered_in_the_order_they_were_written(store: Store) -> None:
    written = [an_event(data={"n": n}) for n in range(5)]
    await store.record(written[:2])
    await store.record(written[2:])

    numbered = await store.events()

    numbers = [number for number, _ in numbered]
    assert written == [event for _, event in numbered]
    assert sorted(set(numbers)) == numbers
    assert numbers[0] > 0
    assert numbered[3:] == await store.events(after=numbers[2])
    assert numbered[1:3] == await store.events(after=numbers[0], limit=2)
    assert () == await store.events(after=numbers[-1])


async def test_events_of_one_publication_are_picked_out(store: Store) -> None:
    one, two = PublicationId("pub_1"), PublicationId("pub_2")
    await store.record(
        [an_event(publication=which, data={"n": n}) for n, which in enumerate((one, two, None, one))]
    )

    mine = await store.events(publication=one)

    assert [{"n": 0}, {"n": 3}] == [dict(event.data) for _, event in mine]
    assert mine[1:] == await store.events(publication=one, after=mine[0][0])
    assert mine[:1] == await store.events(publication=one, limit=1)


async def test_events_that_tell_of_faults_are_found_by_their_moment(store: Store) -> None:
    hour = timedelta(hours=1)
    told = [replace(an_event(kind), at=NOW + hour * number) for number, kind in enumerate(sorted(FAULTS), -1)]
    await store.record([*reversed(told), an_event(EventKind.STARTED), an_event(EventKind.HELD)])

    found = await store.faults(NOW, NOW + 3 * hour)

    assert told[1:4] == [event for _, event in found]
    assert [5, 4, 3] == [number for number, _ in found]
    narrow = frozenset({EventKind.FAULT_SEEN, EventKind.HELD})
    assert [EventKind.FAULT_SEEN] == [
        event.kind for _, event in await store.faults(NOW - hour, NOW + 9 * hour, kinds=narrow)
    ]
    assert () == await store.faults(NOW + 9 * hour, NOW + 10 * hour)


async def test_an_event_is_stored_whole(store: Store) -> None:
    event = Event(
        EventKind.HELD,
        LATER,
        Level.CRITICAL,
        PublicationId("pub_1"),
        FIRST,
        ProjectId("main"),
        {"text": "a\n🎬", "list": [1, 2.5, None, True], "inner": {"key": "value"}},
    )

    await store.record([event])

    assert [event] == [each for _, each in await store.events()]


async def test_recording_nothing_writes_nothing(store: Store) -> None:
    await store.record([])

    assert () == await store.events()


async def test_the_last_value_of_a_fact_counts(store: Store) -> None:
    assert await store.fact("name") is None

    await store.put_fact("name", "one")
    await store.put_fact("name", "two 🎬\n")
    await store.put_fact("other", "")

    assert "two 🎬\n" == await store.fact("name")
    assert "" == await store.fact("other")
