"""While nothing can be sealed no upload is begun, for its address could not be kept; what has one goes on."""

from tests.builders import TODAY
from tests.services.house import House
from ytempire.domain.decision import KEY_GONE
from ytempire.domain.events import Kind
from ytempire.domain.lifecycle import State
from ytempire.domain.quota import Bucket, Method


async def test_nothing_is_begun_and_nothing_spent_without_a_key(house: House) -> None:
    waiting = accepted = await house.submit()
    house.vault.lose_keys()

    for _ in range(10):
        waiting = await house.advance(accepted.id)
        assert waiting.due is not None
        house.clock.set(waiting.due)

    assert (State.DEFERRED, 0, 0) == (waiting.state, waiting.attempts, waiting.passes)
    assert waiting.reason is not None
    assert (KEY_GONE, "the keys were taken away; bring them back") == (
        waiting.reason.code,
        waiting.reason.message,
    )
    assert 0 == house.google.count(str(Method.VIDEOS_INSERT))
    assert (0, 0) == await house.spent(Bucket.UPLOADS)
    assert ("active", 0, 0) == await house.account()
    assert 1 == len(await house.events(Kind.DEFERRED))


async def test_it_begins_by_itself_when_the_key_is_back(house: House) -> None:
    accepted = await house.submit()
    house.vault.lose_keys()
    await house.advance(accepted.id)

    house.vault.find_keys()

    assert State.PUBLISHED is (await house.finish(accepted.id)).state
    assert TODAY.starts <= house.clock.now() < TODAY.resets
