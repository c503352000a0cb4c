"""The extras of a video are tried by one at a time: a worker, or somebody by hand, and never by both.

YouTube may take a video into a playlist as often as it is asked to, so what counts here is the requests.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from tests.services.death import Coma, Death, Fate, mortal
from tests.services.house import House, Staff, a_house
from tests.services.test_extras import ENTRY, states
from tests.services.test_patient_extras import worked_until
from ytempire.adapters.memory.api import error
from ytempire.adapters.memory.google import MemoryGoogle
from ytempire.domain.amendment import Amendment
from ytempire.domain.drafts import CaptionDraft
from ytempire.domain.lessons import DAY
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import ExtraState, Publication
from ytempire.domain.quota import Method
from ytempire.domain.values import Refused, Secret
from ytempire.domain.wire import Answer, Call, Reply
from ytempire.services.amending import Amending

MANY = 200


async def waiting_for_its_day() -> tuple[House, Publication]:
    """A published video whose entry in a playlist was put off once, by a day that is over now."""
    house = await a_house()
    accepted = await house.submit(playlists=("shows",))
    house.google.trouble(ENTRY, error(429, "uploadRateLimitExceeded"))
    later = house.clock.now() + DAY
    await worked_until(house, later)
    waiting = await house.now(accepted.id)
    assert (State.PUBLISHED, later, 1) == (waiting.state, waiting.due, house.google.count(ENTRY))
    return house, waiting


async def by_a_worker(staff: Staff, publication: Publication) -> None:
    await staff.publishing.advance(publication.id)


async def by_hand(staff: Staff, publication: Publication) -> None:
    with suppress(Refused):
        await staff.mending.retry_extras(publication.id)


By = Callable[[Staff, Publication], Awaitable[None]]


@pytest.mark.parametrize(
    ("first", "second"), [(by_a_worker, by_hand), (by_hand, by_a_worker), (by_hand, by_hand)]
)
async def test_two_who_try_an_entry_at_the_same_time_send_it_once(first: By, second: By) -> None:
    for moment in range(MANY):
        house, publication = await waiting_for_its_day()

        async def meanwhile(house: House = house, publication: Publication = publication) -> None:
            await second(house.staff(), publication)

        coma = Coma(moment, meanwhile)
        await first(house.staff(mortal(house.ports(), coma)), publication)
        done = await house.finish(publication.id)

        said = f"the other came {coma.last_words}"
        assert 2 == house.google.count(ENTRY), said
        assert (State.PUBLISHED, [ExtraState.DONE], None, 0) == (
            done.state,
            states(done),
            done.due,
            done.passes,
        ), said
        if not coma.met:
            return
    raise AssertionError("it never came to an end")


async def test_what_somebody_died_of_can_be_tried_by_hand_when_a_worker_had_its_turn() -> None:
    house, publication = await waiting_for_its_day()
    fate = Fate(4)
    with suppress(Death):
        await by_hand(house.staff(mortal(house.ports(), fate, everything=False)), publication)
    assert fate.met

    with pytest.raises(Refused, match="tried by somebody else just now"):
        await house.staff().mending.retry_extras(publication.id)

    house.clock.advance(timedelta(minutes=15))
    done = await house.finish(publication.id)
    assert ([ExtraState.DONE], None, 0) == (states(done), done.due, done.passes)


class Meanwhile(MemoryGoogle):
    """Google in memory, where something is done after an entry was made and before that is answered."""

    def __init__(self, house: House, deed: Callable[[], Awaitable[None]]) -> None:
        super().__init__(house.youtube)
        self._deed = deed

    async def call(self, call: Call, token: Secret) -> Answer:
        answer = await super().call(call, token)
        if call.http == "POST" and call.path.endswith("playlistItems"):
            await self._deed()
        return answer


async def test_what_a_worker_sends_in_processing_is_not_asked_for_again_by_hand_meanwhile() -> None:
    house = await a_house()
    house.media.put("/en.srt")
    captions = (CaptionDraft("/en.srt", "en"),)
    accepted = await house.submit(captions=captions, playlists=("shows",))

    async def by_hand_meanwhile() -> None:
        await by_hand(house.staff(), accepted)

    house.google = Meanwhile(house, by_hand_meanwhile)
    house.google.trouble(str(Method.CAPTIONS_INSERT), error(403, "forbidden"))
    house.google.trouble(str(Method.PLAYLIST_ITEMS_LIST), Reply(200, body=b'{"items": []}'))

    done = await house.finish(accepted.id)

    assert 1 == house.google.count(ENTRY)
    assert [ExtraState.FAILED, ExtraState.DONE] == states(done)


async def test_a_change_that_youtube_refuses_takes_nothing_from_the_extras_that_are_tried_meanwhile() -> None:
    house, publication = await waiting_for_its_day()
    tried = house.google.count(ENTRY)

    async def changed_in_vain() -> None:
        staff = house.staff()
        with pytest.raises(Refused):
            await Amending(staff.context, staff.gateway).amend(publication.id, Amendment("After"))

    house.google = Meanwhile(house, changed_in_vain)
    house.google.trouble(str(Method.VIDEOS_UPDATE), error(403, "quotaExceeded"))
    house.google.trouble(str(Method.PLAYLIST_ITEMS_LIST), Reply(200, body=b'{"items": []}'))

    done = await house.finish(publication.id)

    assert (1, 1) == (tried, house.google.count(ENTRY))
    assert [ExtraState.DONE] == states(done)
