"""While nothing can be sealed no upload is begun, for its address could not be kept; what has one goes on."""

from datetime import timedelta

from tests.builders import TODAY
from tests.services.house import House
from ytempire.adapters.memory.google import SEND, TOKEN
from ytempire.domain.decision import KEY_GONE
from ytempire.domain.events import Kind
from ytempire.domain.lifecycle import State
from ytempire.domain.quota import Bucket, Method
from ytempire.domain.wire import NoReply


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


async def test_what_is_under_way_waits_for_the_key_when_its_token_has_to_be_renewed(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(SEND, NoReply("reset"), stored=5)
    current = await house.advance(accepted.id)
    house.vault.lose_keys()
    house.clock.advance(timedelta(hours=2))

    for _ in range(10):
        current = await house.advance(accepted.id)
        assert current.due is not None
        house.clock.set(current.due)

    assert (State.UPLOADING, 0, "keyMissing") == (
        current.state,
        current.passes,
        current.reason and current.reason.code,
    )
    assert 0 == house.google.count(TOKEN)
    house.vault.find_keys()
    assert State.PUBLISHED is (await house.finish(accepted.id)).state
    assert 1 == len(house.youtube.videos)


async def test_a_token_that_still_lives_is_used_while_it_cannot_be_renewed(house: House) -> None:
    accepted = await house.submit()
    done = await house.advance(accepted.id)
    house.vault.lose_keys()
    house.clock.advance(timedelta(minutes=57))

    await house.look()

    looked = house.google.journal[-1]
    assert (State.PROCESSING, "videos.list", 200) == (done.state, looked.name, looked.status)
    assert 0 == house.google.count(TOKEN)
