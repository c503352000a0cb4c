"""What the store promises about counting publications."""

from tests.builders import FIRST, SECOND, submitted
from ytempire.domain.lifecycle import State
from ytempire.domain.values import AccountId
from ytempire.ports import Store


async def test_publications_are_counted_for_one_account_too(store: Store) -> None:
    for name, account in (("pub_1", FIRST), ("pub_2", FIRST), ("pub_3", SECOND), ("pub_4", None)):
        await submitted(store, name, account=account)
    await submitted(store, "pub_5", account=FIRST, state=State.HELD, due=None)

    assert {State.QUEUED: 4, State.HELD: 1} == await store.counts()
    assert {State.QUEUED: 2, State.HELD: 1} == await store.counts(FIRST)
    assert {} == await store.counts(AccountId("nobody"))
