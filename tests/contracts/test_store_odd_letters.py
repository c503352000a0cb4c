"""Letters that not every database can hold break nothing, whoever sends them."""

from tests.builders import NOW
from ytempire.domain.alerts import Raise
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.values import AccountId, PublicationId
from ytempire.ports import Alarm, Filter, ReceivedFile, Store

ODD = "a\0b"
MAY_BE = {ODD, "a\N{REPLACEMENT CHARACTER}b"}


async def test_what_is_asked_for_with_a_nul_is_not_there(store: Store) -> None:
    assert await store.publication(PublicationId(ODD)) is None
    assert await store.received(ODD, NOW) is None
    assert () == await store.publications(Filter(account=AccountId(ODD)))
    assert () == await store.events(publication=PublicationId(ODD))


async def test_what_is_told_with_a_nul_is_kept(store: Store) -> None:
    file = ReceivedFile("upl_1", ODD, "anna", 1, "ab" * 32, NOW, NOW)
    alarm = Alarm(Raise("fault:odd", Level.HIGH, ODD, ODD, ODD), NOW, ())

    await store.add_received(file)
    await store.record([Event(Kind.FAULT_SEEN, NOW, data={"why": ODD})])
    ((number, event),) = await store.events()
    await store.follow_events(0, number, [alarm], NOW)

    found = await store.received("upl_1", NOW)
    (alert,) = await store.alerts()
    assert found is not None
    assert MAY_BE >= {found.name, alert.title, alert.text, str(event.data["why"])}
