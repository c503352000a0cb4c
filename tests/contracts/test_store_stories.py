"""A long story is told from its end, and says how much came before."""

from datetime import timedelta

from tests.builders import NOW, an_event, set_up, submitted
from ytempire.domain.events import Event, Kind
from ytempire.domain.values import PublicationId
from ytempire.ports import Store

ONE, OTHER = PublicationId("pub_1"), PublicationId("pub_2")


async def lived(store: Store, count: int) -> list[int]:
    """A publication to which so much happened, beside another; the numbers of its events."""
    await set_up(store)
    await submitted(store, ONE)
    for minute in range(count):
        at = NOW + timedelta(minutes=minute)
        await store.record([an_event(Kind.RETRYING, publication=which, at=at) for which in (ONE, OTHER)])
    return [number for number, _ in await store.events(publication=ONE, limit=10_000)]


def numbers(found: tuple[tuple[int, Event], ...]) -> list[int]:
    return [number for number, _ in found]


async def test_the_newest_come_in_their_order_with_how_many_came_before(store: Store) -> None:
    every = await lived(store, 7)

    found, earlier = await store.story(ONE, limit=3)

    assert (every[-3:], 4) == (numbers(found), earlier)
    assert {ONE} == {event.publication for _, event in found}


async def test_what_came_before_is_told_page_by_page_to_the_beginning(store: Store) -> None:
    every = await lived(store, 7)

    pages = []
    before, earlier = None, 1
    while earlier:
        found, earlier = await store.story(ONE, before=before, limit=3)
        before = found[0][0]
        pages.append((numbers(found), earlier))

    assert [(every[4:], 4), (every[1:4], 1), (every[:1], 0)] == pages


async def test_a_short_story_and_none_have_nothing_before(store: Store) -> None:
    every = await lived(store, 3)

    assert 0 == (await store.story(ONE, limit=3))[1]
    assert (every, 0) == (numbers((await store.story(ONE))[0]), (await store.story(ONE))[1])
    assert ((), 0) == await store.story(PublicationId("pub_none"))
    assert ((), 0) == await store.story(ONE, before=every[0])
