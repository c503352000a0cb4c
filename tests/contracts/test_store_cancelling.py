"""What the store promises about the last moment to turn back: a stop against the last bytes."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tests.builders import FIRST, MAIN, TODAY, a_publication, a_session, an_event, submitted
from ytempire.domain.events import Kind
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication, SessionState
from ytempire.domain.values import PublicationId
from ytempire.ports import Settlement, Store

NOBODY = PublicationId("nobody")


async def in_upload(
    store: Store, state: SessionState = SessionState.OPEN, *, which: str = "pub_1"
) -> Publication:
    return await submitted(
        store, which, state=State.UPLOADING, account=FIRST, project=MAIN, day=TODAY, session=a_session(state)
    )


async def moved(store: Store, publication: Publication, state: State, **changes: Any) -> Publication:
    settled = await store.settle(Settlement(replace(publication, state=state, **changes)))
    assert settled is not None
    return settled


async def test_finishing_marks_the_session_and_nothing_else(store: Store) -> None:
    publication = await in_upload(store)

    marked = await store.finishing(replace(publication, failures=9))

    assert replace(publication, session=a_session(SessionState.FINISHING), version=2) == marked
    assert marked == await store.publication(publication.id)


async def test_finishing_twice_is_no_harm(store: Store) -> None:
    first = await store.finishing(await in_upload(store))
    assert first is not None

    assert replace(first, version=3) == await store.finishing(first)


async def test_finishing_needs_the_newest_version_an_upload_and_a_session(store: Store) -> None:
    publication = await in_upload(store)
    held = await submitted(store, "pub_2", state=State.HELD, session=a_session())
    bare = await submitted(store, "pub_3", state=State.UPLOADING)

    assert await store.finishing(replace(publication, version=7)) is None
    assert await store.finishing(held) is None
    assert await store.finishing(bare) is None
    assert await store.finishing(a_publication("nobody")) is None
    assert publication == await store.publication(publication.id)


async def test_a_stop_can_be_asked_for_while_uploading(store: Store) -> None:
    publication = await in_upload(store)
    assert not await store.cancel_flagged(publication.id)

    assert await store.flag_cancel(
        publication.id, [an_event(Kind.CANCEL_REQUESTED, publication=publication.id)]
    )

    assert await store.cancel_flagged(publication.id)
    assert replace(publication, cancel_requested=True) == await store.publication(publication.id)
    assert [Kind.CANCEL_REQUESTED] == [
        event.kind for _, event in await store.events(publication=publication.id)
    ]
    assert await store.flag_cancel(publication.id, ())


async def test_no_stop_is_asked_of_an_unknown_publication(store: Store) -> None:
    assert not await store.flag_cancel(NOBODY, [an_event()])
    assert not await store.cancel_flagged(NOBODY)
    assert () == await store.events()


@pytest.mark.parametrize("state", [state for state in State if state is not State.UPLOADING])
async def test_no_stop_is_asked_when_it_is_not_uploading(store: Store, state: State) -> None:
    publication = await submitted(store, state=state)

    assert not await store.flag_cancel(publication.id, [an_event()])
    assert not await store.cancel_flagged(publication.id)
    assert () == await store.events()


@pytest.mark.parametrize("session", list(SessionState))
async def test_a_stop_comes_too_late_once_the_session_is_finishing(
    store: Store, session: SessionState
) -> None:
    publication = await in_upload(store, session)

    too_late = session in {SessionState.FINISHING, SessionState.DONE}
    assert too_late != await store.flag_cancel(publication.id, ())
    assert too_late != await store.cancel_flagged(publication.id)


async def test_a_stop_can_be_asked_for_before_there_is_a_session(store: Store) -> None:
    publication = await submitted(store, state=State.UPLOADING)

    assert await store.flag_cancel(publication.id, ())


async def test_a_worker_can_write_down_how_far_it_came_and_the_stop_stays(store: Store) -> None:
    publication = await in_upload(store)
    await store.flag_cancel(publication.id, ())

    noted = await store.settle(Settlement(replace(publication, session=a_session(offset=5))))

    assert noted is not None
    assert noted.cancel_requested
    assert await store.cancel_flagged(publication.id)
    deferred = await store.settle(Settlement(replace(noted, state=State.DEFERRED, cancel_requested=False)))
    assert deferred is not None
    assert deferred.cancel_requested


async def test_a_stop_can_also_come_with_a_settlement(store: Store) -> None:
    publication = await in_upload(store)

    settled = await moved(store, publication, State.UPLOADING, cancel_requested=True)

    assert settled.cancel_requested
    assert await store.cancel_flagged(publication.id)


async def test_a_person_who_releases_a_hold_takes_the_stop_back(store: Store) -> None:
    publication = await in_upload(store)
    await store.flag_cancel(publication.id, ())
    held = await moved(store, publication, State.HELD)
    assert held.cancel_requested

    released = await moved(store, held, State.QUEUED, cancel_requested=False)

    assert not released.cancel_requested
    assert not await store.cancel_flagged(publication.id)


async def test_after_a_stop_the_last_bytes_are_not_sent(store: Store) -> None:
    publication = await in_upload(store)
    await store.flag_cancel(publication.id, ())

    assert await store.finishing(publication) is None


async def test_after_the_mark_no_stop_is_promised(store: Store) -> None:
    publication = await in_upload(store)
    assert await store.finishing(publication) is not None

    assert not await store.flag_cancel(publication.id, ())


@pytest.mark.parametrize("order", range(2))
async def test_of_a_stop_and_the_last_bytes_exactly_one_wins(store: Store, order: int) -> None:
    publications = [await in_upload(store, which=f"pub_{n:02}") for n in range(20)]

    async def race(publication: Publication) -> tuple[bool, bool]:
        if order:
            stopped, marked = await asyncio.gather(
                store.flag_cancel(publication.id, ()), store.finishing(publication)
            )
        else:
            marked, stopped = await asyncio.gather(
                store.finishing(publication), store.flag_cancel(publication.id, ())
            )
        return stopped, marked is not None

    for stopped, marked in await asyncio.gather(*(race(publication) for publication in publications)):
        assert stopped != marked


@pytest.mark.parametrize("session", list(SessionState))
async def test_the_content_of_a_cancelled_one_counts_while_it_may_be_a_video(
    store: Store, session: SessionState
) -> None:
    await submitted(store, state=State.CANCELLED, session=a_session(session))

    assert (1 if session is SessionState.FINISHING else 0) == len(await store.same_content("ab" * 32))
