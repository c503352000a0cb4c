"""What the store promises about publications at rest."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.builders import (
    FIRST,
    NOW,
    SECOND,
    a_file,
    a_publication,
    a_request,
    a_session,
    an_event,
    submitted,
)
from ytempire.domain.events import Kind
from ytempire.domain.lifecycle import ATTENDED, FINAL, WORKABLE, State
from ytempire.domain.publication import Extra, ExtraKind, ExtraState, Publication, Reason
from ytempire.domain.values import PublicationId, VideoId
from ytempire.ports import Added, Filter, KeyConflict, Known, Repeats, Settlement, Store

SECOND_LATER = NOW + timedelta(seconds=1)
NOBODY = PublicationId("nobody")


def keyed(which: str, key: str | None = "key") -> Publication:
    return a_publication(which, request=a_request(idempotency_key=key))


async def moved(store: Store, publication: Publication, state: State, **changes: Any) -> Publication:
    settled = await store.settle(Settlement(replace(publication, state=state, **changes)))
    assert settled is not None
    return settled


async def kinds(store: Store, which: str = "pub_1") -> list[Kind]:
    return [event.kind for _, event in await store.events(publication=PublicationId(which))]


# --------------------------------------------------------------------------------------------------- submit


async def test_what_was_submitted_is_found_as_it_was(store: Store) -> None:
    publication = a_publication()

    assert Added(publication) == await store.submit(publication, "f", ())
    assert publication == await store.publication(publication.id)


async def test_an_unknown_publication_is_none(store: Store) -> None:
    assert await store.publication(NOBODY) is None


async def test_a_submission_is_written_with_its_events(store: Store) -> None:
    event = an_event(Kind.SUBMITTED, publication=PublicationId("pub_1"), data={"by": "me"})

    await store.submit(a_publication(), "f", [event])

    assert [event] == [each for _, each in await store.events()]


async def test_the_same_key_with_the_same_request_is_known(store: Store) -> None:
    await store.submit(keyed("pub_1"), "same", ())

    answer = await store.submit(keyed("pub_2"), "same", [an_event(Kind.SUBMITTED)])

    assert Known(keyed("pub_1")) == answer
    assert await store.publication(PublicationId("pub_2")) is None
    assert () == await store.events()


async def test_the_same_key_with_another_request_is_a_conflict(store: Store) -> None:
    await store.submit(keyed("pub_1"), "one", ())

    answer = await store.submit(keyed("pub_2"), "other", [an_event(Kind.SUBMITTED)])

    assert KeyConflict(PublicationId("pub_1")) == answer
    assert await store.publication(PublicationId("pub_2")) is None
    assert () == await store.events()


async def test_a_known_publication_is_given_as_it_is_now(store: Store) -> None:
    first = keyed("pub_1")
    await store.submit(first, "same", ())
    held = await moved(store, first, State.HELD)

    assert Known(held) == await store.submit(keyed("pub_2"), "same", ())


async def test_a_key_stays_taken_after_its_publication_ended(store: Store) -> None:
    first = keyed("pub_1")
    await store.submit(first, "one", ())
    await moved(store, first, State.CANCELLED)

    assert KeyConflict(PublicationId("pub_1")) == await store.submit(keyed("pub_2"), "other", ())


async def test_the_same_content_many_times_at_once_is_stored_once(store: Store) -> None:
    many = [a_publication(f"pub_{number}") for number in range(10)]

    answers = await asyncio.gather(*(store.submit(each, each.id, (), once=True) for each in many))

    (added,) = [answer.publication for answer in answers if isinstance(answer, Added)]
    assert [Repeats(added.id)] * 9 == [answer for answer in answers if not isinstance(answer, Added)]
    assert (added,) == await store.publications(Filter())


async def test_the_holder_of_a_key_is_known_with_its_fingerprint(store: Store) -> None:
    assert await store.key_holder("key") is None
    await store.submit(keyed("pub_1"), "one", ())
    await store.submit(keyed("pub_2"), "other", ())

    assert (PublicationId("pub_1"), "one") == await store.key_holder("key")
    assert await store.key_holder("another key") is None


async def test_publications_without_a_key_are_all_new(store: Store) -> None:
    await store.submit(keyed("pub_1", None), "same", ())

    assert Added(keyed("pub_2", None)) == await store.submit(keyed("pub_2", None), "same", ())


async def test_of_many_submissions_with_one_key_one_is_added(store: Store) -> None:
    answers = await asyncio.gather(*(store.submit(keyed(f"pub_{n:02}"), "same", ()) for n in range(20)))

    added = [answer for answer in answers if isinstance(answer, Added)]
    assert 1 == len(added)
    assert [Known(added[0].publication)] * 19 == [each for each in answers if isinstance(each, Known)]


# -------------------------------------------------------------------------------------------------- listing


async def test_the_same_content_is_found_oldest_first(store: Store) -> None:
    younger = await submitted(store, "pub_1", created_at=SECOND_LATER)
    older = await submitted(store, "pub_2")
    await submitted(store, "pub_3", request=a_request(video=a_file(sha256="cd" * 32)))

    assert (older, younger) == await store.same_content("ab" * 32)
    assert () == await store.same_content("ef" * 32)


@pytest.mark.parametrize("state", list(State))
async def test_content_that_came_to_nothing_does_not_count(store: Store, state: State) -> None:
    await submitted(store, state=state)

    came_to_nothing = state in {State.REFUSED, State.CANCELLED, State.FAILED, State.DUPLICATE}
    assert (0 if came_to_nothing else 1) == len(await store.same_content("ab" * 32))


async def test_publications_are_listed_newest_first(store: Store) -> None:
    old = await submitted(store, "pub_9")
    new = await submitted(store, "pub_2", created_at=SECOND_LATER)
    twin = await submitted(store, "pub_3", created_at=SECOND_LATER)

    assert (twin, new, old) == await store.publications(Filter())


async def test_a_list_is_filtered_by_states_and_account(store: Store) -> None:
    queued = await submitted(store, "pub_1")
    held = await submitted(store, "pub_2", state=State.HELD, account=FIRST)
    other = await submitted(store, "pub_3", state=State.HELD, account=SECOND)

    assert (other, held) == await store.publications(Filter(states=frozenset({State.HELD})))
    assert (held,) == await store.publications(Filter(account=FIRST))
    both = Filter(states=frozenset({State.QUEUED, State.HELD}))
    assert (other, held, queued) == await store.publications(both)
    assert () == await store.publications(Filter(states=frozenset({State.QUEUED}), account=FIRST))


async def test_a_list_is_paged(store: Store) -> None:
    all_of_them = [await submitted(store, f"pub_{n}") for n in range(5)]
    newest_first = tuple(reversed(all_of_them))

    first = await store.publications(Filter(limit=2))
    second = await store.publications(Filter(limit=2, before=first[-1].id))
    third = await store.publications(Filter(limit=2, before=second[-1].id))

    assert newest_first == first + second + third
    assert () == await store.publications(Filter(before=third[-1].id))


async def test_a_page_before_an_unknown_publication_is_empty(store: Store) -> None:
    await submitted(store)

    assert () == await store.publications(Filter(before=NOBODY))


async def test_states_are_counted_and_empty_ones_left_out(store: Store) -> None:
    assert {} == await store.counts()
    await submitted(store, "pub_1")
    await submitted(store, "pub_2")
    await submitted(store, "pub_3", state=State.HELD)

    assert {State.QUEUED: 2, State.HELD: 1} == await store.counts()


async def test_videos_of_an_account_are_those_of_its_publications(store: Store) -> None:
    await submitted(store, "pub_1", account=FIRST, video_id=VideoId("v1"))
    await submitted(store, "pub_2", account=FIRST, video_id=VideoId("v2"), state=State.FAILED)
    await submitted(store, "pub_3", account=SECOND, video_id=VideoId("v3"))
    await submitted(store, "pub_4", account=FIRST)

    assert frozenset({VideoId("v1"), VideoId("v2")}) == await store.videos_of(FIRST)


# ------------------------------------------------------------------------------------------------------ due


async def test_due_work_comes_by_priority_then_due_time_then_age(store: Store) -> None:
    urgent = a_request(priority=1)
    await submitted(store, "pub_1", due=NOW)
    await submitted(store, "pub_2", due=NOW - timedelta(seconds=1))
    await submitted(store, "pub_3", due=NOW, created_at=NOW - timedelta(days=1))
    await submitted(store, "pub_4", due=NOW, request=urgent)
    await submitted(store, "pub_5", due=NOW, request=a_request(priority=10))
    await submitted(store, "pub_0", due=NOW)

    expected = ("pub_4", "pub_2", "pub_3", "pub_0", "pub_1", "pub_5")
    assert expected == await store.due(NOW, 100)
    assert expected[:3] == await store.due(NOW, 3)


@pytest.mark.parametrize("state", list(State))
async def test_only_what_a_worker_attends_to_is_due(store: Store, state: State) -> None:
    await submitted(store, state=state)

    assert (("pub_1",) if state in ATTENDED else ()) == await store.due(NOW, 1)
    assert (NOW if state in ATTENDED else None) == await store.next_due()
    assert (state in ATTENDED) == (await store.begin(PublicationId("pub_1"), NOW) is not None)


async def test_what_is_due_later_or_never_is_not_due(store: Store) -> None:
    await submitted(store, "pub_1", due=NOW + timedelta(microseconds=1))
    await submitted(store, "pub_2", due=None)

    assert () == await store.due(NOW, 100)
    assert ("pub_1",) == await store.due(NOW + timedelta(microseconds=1), 100)


async def test_the_next_due_moment_is_the_earliest_of_both_kinds(store: Store) -> None:
    assert await store.next_due() is None
    await submitted(store, "pub_1", due=NOW + timedelta(hours=2))
    assert NOW + timedelta(hours=2) == await store.next_due()
    await submitted(store, "pub_2", state=State.PROCESSING, due=None, look_at=NOW + timedelta(hours=1))
    assert NOW + timedelta(hours=1) == await store.next_due()


async def test_a_look_that_is_left_over_in_another_state_is_not_due(store: Store) -> None:
    await submitted(store, state=State.PUBLISHED, due=None, look_at=NOW)

    assert await store.next_due() is None
    assert () == await store.to_look_at(NOW, 10)


async def test_videos_in_processing_are_looked_at_longest_waiting_first(store: Store) -> None:
    processing = State.PROCESSING
    late = await submitted(store, "pub_1", state=processing, look_at=NOW)
    early = await submitted(store, "pub_2", state=processing, look_at=NOW - timedelta(minutes=1))
    await submitted(store, "pub_3", state=processing, look_at=NOW + timedelta(minutes=1))
    await submitted(store, "pub_4", state=processing)

    assert (early, late) == await store.to_look_at(NOW, 10)
    assert (early,) == await store.to_look_at(NOW, 1)


async def test_beginning_counts_a_pass_and_nothing_else(store: Store) -> None:
    publication = await submitted(store, passes=2, failures=3)

    begun = await store.begin(publication.id, SECOND_LATER)

    assert replace(publication, passes=3, version=2) == begun
    assert begun == await store.publication(publication.id)


async def test_what_is_unknown_or_not_due_cannot_be_begun(store: Store) -> None:
    await submitted(store, "pub_1", due=SECOND_LATER)
    never = await submitted(store, "pub_2", due=None)

    assert await store.begin(NOBODY, NOW) is None
    assert await store.begin(PublicationId("pub_1"), NOW) is None
    assert await store.begin(PublicationId("pub_2"), NOW) is None
    assert never == await store.publication(never.id)


# --------------------------------------------------------------------------------------------------- settle


async def test_a_settlement_stores_the_value_with_session_and_extras(store: Store) -> None:
    publication = await submitted(store)
    changed = replace(
        publication,
        state=State.UPLOADING,
        session=a_session(offset=7),
        extras=(
            Extra(ExtraKind.CAPTION, 0),
            Extra(ExtraKind.CAPTION, 1, ExtraState.DONE, 2, NOW, "because", 1),
        ),
        reason=Reason("code", "message", ("retry", "cancel")),
        updated_at=SECOND_LATER,
    )

    settled = await store.settle(
        Settlement(changed, events=(an_event(Kind.RESUMED, publication=publication.id),))
    )

    assert replace(changed, version=2) == settled
    assert settled == await store.publication(publication.id)
    assert [Kind.RESUMED] == await kinds(store)


async def test_a_settlement_can_take_session_and_extras_away(store: Store) -> None:
    publication = await submitted(store, session=a_session(), extras=(Extra(ExtraKind.THUMBNAIL, 0),))

    await store.settle(Settlement(replace(publication, session=None, extras=())))

    assert replace(publication, session=None, extras=(), version=2) == await store.publication(publication.id)


async def test_a_settlement_never_changes_the_request_or_the_birth(store: Store) -> None:
    publication = await submitted(store)

    settled = await store.settle(
        Settlement(replace(publication, request=a_request(priority=1), created_at=SECOND_LATER))
    )

    assert replace(publication, version=2) == settled == await store.publication(publication.id)


async def test_a_settlement_of_an_old_version_writes_nothing(store: Store) -> None:
    publication = await submitted(store)
    newer = await moved(store, publication, State.HELD)

    late = Settlement(replace(publication, state=State.CANCELLED), events=(an_event(Kind.CANCELLED),))

    assert await store.settle(late) is None
    assert newer == await store.publication(publication.id)
    assert () == await store.events()


async def test_a_publication_that_was_never_submitted_cannot_be_settled(store: Store) -> None:
    assert await store.settle(Settlement(a_publication())) is None
    assert await store.publication(PublicationId("pub_1")) is None


async def test_of_many_settlements_of_one_version_one_wins(store: Store) -> None:
    publication = await submitted(store)
    rivals = [replace(publication, failures=n) for n in range(1, 33)]

    answers = await asyncio.gather(
        *(store.settle(Settlement(rival, events=(an_event(data={"n": rival.failures}),))) for rival in rivals)
    )

    winners = [answer for answer in answers if answer is not None]
    assert 1 == len(winners)
    assert winners[0] == await store.publication(publication.id)
    assert [{"n": winners[0].failures}] == [dict(event.data) for _, event in await store.events()]


async def test_of_many_workers_that_settle_and_read_again_none_is_lost(store: Store) -> None:
    publication = await submitted(store)

    async def add_one() -> None:
        while True:
            read = await store.publication(publication.id)
            assert read is not None
            if await store.settle(Settlement(replace(read, failures=read.failures + 1))) is not None:
                return
            await asyncio.sleep(0)

    await asyncio.gather(*(add_one() for _ in range(16)))

    settled = await store.publication(publication.id)
    assert settled is not None
    assert (16, 17) == (settled.failures, settled.version)


async def test_moments_at_the_edges_of_time_are_ordered(store: Store) -> None:
    first = datetime.min.replace(tzinfo=UTC)
    last = datetime.max.replace(tzinfo=UTC)
    await submitted(store, "pub_1", due=last, created_at=last)
    await submitted(store, "pub_2", due=first, created_at=first)

    assert ("pub_2",) == await store.due(NOW, 10)
    assert ("pub_2", "pub_1") == await store.due(last, 10)
    assert first == await store.next_due()
    assert ["pub_1", "pub_2"] == [each.id for each in await store.publications(Filter())]


def test_every_final_state_is_left_alone_by_workers() -> None:
    assert frozenset() == FINAL & WORKABLE
