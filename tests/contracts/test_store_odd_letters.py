"""Letters that not every database can hold break nothing, whoever sends them."""

import pytest

from tests.builders import NOW
from ytempire.domain.alerts import Raise
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.values import AccountId, PublicationId
from ytempire.ports import Alarm, Filter, ReceivedFile, Store

ODD = ("a\0b", "a\udce9b")
"""NUL, which PostgreSQL has not, and half a character, as in the name of a file in another coding."""


@pytest.mark.parametrize("odd", ODD, ids=ascii)
async def test_what_is_asked_for_with_odd_letters_is_not_there(store: Store, odd: str) -> None:
    assert await store.publication(PublicationId(odd)) is None
    assert await store.received(odd, NOW) is None
    assert () == await store.publications(Filter(account=AccountId(odd)))
    assert () == await store.events(publication=PublicationId(odd))


@pytest.mark.parametrize("odd", ODD, ids=ascii)
async def test_what_is_told_with_odd_letters_is_kept(store: Store, odd: str) -> None:
    file = ReceivedFile("upl_1", odd, "anna", 1, "ab" * 32, NOW, NOW)
    alarm = Alarm(Raise("fault:odd", Level.HIGH, odd, odd, odd), NOW, ())

    await store.add_received(file)
    await store.record([Event(Kind.FAULT_SEEN, NOW, data={"why": odd})])
    ((number, event),) = await store.events()
    await store.follow_events(0, number, [alarm], NOW)

    found = await store.received("upl_1", NOW)
    (alert,) = await store.alerts()
    assert found is not None
    may_be = {odd, "a\N{REPLACEMENT CHARACTER}b", "a?b"}
    assert may_be >= {found.name, alert.title, alert.text, str(event.data["why"])}
