"""What the store promises about counting publications, and about one account among all."""

from tests.builders import FIRST, NOW, SECOND, a_project, rules, set_up, submitted
from ytempire.domain.lessons import Lesson, Topic
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


async def test_one_account_is_the_same_as_among_all_and_none_when_not_configured(store: Store) -> None:
    await set_up(store, rules(FIRST), rules(SECOND))
    await store.learn(SECOND, (Lesson(Topic.THUMBNAILS, "refused", NOW),), ())

    first, second = await store.accounts(NOW)

    assert (first, second) == (await store.account(FIRST, NOW), await store.account(SECOND, NOW))
    await store.configure([a_project()], [rules(SECOND)], NOW)
    assert None is await store.account(FIRST, NOW)
    assert None is await store.account(AccountId("nobody"), NOW)
