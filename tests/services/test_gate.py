"""The gate to YouTube: nothing new is begun while it is down, no try is used up, and three probes bring it back."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from tests.services.house import House
from ytempire.adapters.memory.google import MemoryGoogle
from ytempire.adapters.memory.store import MemoryStore
from ytempire.domain.breaker import Phase, Refusal, Ticket
from ytempire.domain.breaker_rules import BreakerRules, Rules
from ytempire.domain.events import Event, Kind
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication
from ytempire.domain.quota import Method
from ytempire.domain.values import Secret
from ytempire.domain.vitals import Health, Vital
from ytempire.domain.wire import Call, NoReply, Reply
from ytempire.services.breakers import Breakers
from ytempire.services.gate import OAUTH, YOUTUBE, Gate, Watched
from ytempire.services.publish import Publishing
from ytempire.services.vitality import Vitality

DOWN = Reply(503, {}, b"{}")
LOOK = Call("GET", "youtube/v3/channels", {"mine": "true"})
RULES = Rules(threshold=3, jitter=0)


def a_gate(house: House) -> Gate:
    breakers = Breakers(house.store, house.clock, BreakerRules(RULES))
    return Gate(breakers, Vitality(house.store, house.clock), house.clock)


async def advance(house: House, publication: Publication, gate: Gate) -> Publication:
    """A pass of a worker that watches YouTube."""
    staff = house.staff(replace(house.ports(), google=Watched(house.google, gate)))
    publishing = Publishing(staff.context, staff.tokens, staff.gateway, lambda: False, gate)
    await publishing.advance(publication.id)
    return await house.now(publication.id)


async def break_it(house: House, gate: Gate, *, times: int = 3) -> None:
    google = Watched(house.google, gate)
    house.google.trouble(str(Method.CHANNELS_LIST), DOWN, times=times)
    for _ in range(times):
        await google.call(LOOK, Secret("x"))


async def three(house: House) -> list[Publication]:
    """Publications of three different files."""
    return [await house.submit(f"Number {number}") for number in range(3)]


async def phase(house: House) -> Phase:
    found = await house.store.breaker(YOUTUBE)
    return found.phase if found else Phase.CLOSED


def started(google: MemoryGoogle) -> int:
    return google.count(str(Method.VIDEOS_INSERT))


async def test_while_youtube_is_down_nothing_is_begun_and_no_try_used_up(house: House) -> None:
    gate, accepted = a_gate(house), await house.submit()
    await break_it(house, gate)

    waiting = await advance(house, accepted, gate)

    assert Phase.OPEN is await phase(house)
    assert (State.DEFERRED, 0, 0) == (waiting.state, waiting.attempts, started(house.google))
    assert waiting.reason is not None
    assert "youtube_down" == waiting.reason.code
    assert waiting.due is not None
    assert timedelta(seconds=60) <= waiting.due - house.clock.now() <= timedelta(seconds=72)


async def test_it_goes_on_by_itself_when_youtube_is_back_and_three_probes_close_the_breaker(
    house: House,
) -> None:
    gate = a_gate(house)
    accepted = await three(house)
    await break_it(house, gate)
    await advance(house, accepted[0], gate)

    house.clock.advance(timedelta(seconds=73))
    done = [await advance(house, each, gate) for each in accepted]

    assert [State.PROCESSING] * 3 == [each.state for each in done]
    assert Phase.CLOSED is await phase(house)


async def test_a_probe_that_fails_opens_it_for_longer(house: House) -> None:
    gate, accepted = a_gate(house), await house.submit()
    await break_it(house, gate)
    house.clock.advance(timedelta(seconds=61))
    house.google.trouble(str(Method.VIDEOS_INSERT), DOWN)

    await advance(house, accepted, gate)

    found = await house.store.breaker(YOUTUBE)
    assert found is not None
    assert (Phase.OPEN, 2) == (found.phase, found.openings)
    assert house.clock.now() + timedelta(seconds=120) == found.until


async def test_a_probe_that_comes_to_no_call_gives_its_place_back(house: House) -> None:
    gate, accepted = a_gate(house), await house.submit()
    await break_it(house, gate)
    house.clock.advance(timedelta(seconds=61))
    house.media.remove(accepted.request.video.path)

    held = await advance(house, accepted, gate)

    found = await house.store.breaker(YOUTUBE)
    assert found is not None
    assert (State.HELD, Phase.HALF_OPEN, ()) == (held.state, found.phase, found.permits)


async def test_who_meets_probes_under_way_looks_again_soon_and_not_when_they_would_be_lost(
    house: House,
) -> None:
    gate, accepted = a_gate(house), await house.submit()
    await break_it(house, gate)
    house.clock.advance(timedelta(seconds=61))
    for _ in range(3):
        assert isinstance(await gate.breakers.admit(YOUTUBE), Ticket)

    waiting = await advance(house, accepted, gate)

    assert (State.DEFERRED, 0) == (waiting.state, waiting.attempts)
    assert waiting.due is not None
    assert timedelta(seconds=5) <= waiting.due - house.clock.now() <= timedelta(seconds=6)


async def test_what_a_person_keeps_shut_is_nothing_that_a_command_waits_for(house: House) -> None:
    gate, accepted = a_gate(house), await house.submit()
    await gate.breakers.isolate(YOUTUBE, by="tester", why="a strike")

    waiting = await advance(house, accepted, gate)

    assert State.DEFERRED is waiting.state
    assert waiting.due is not None
    assert waiting.due - house.clock.now() > timedelta(seconds=60)  # who waits, waits for less


async def test_what_has_begun_goes_on_although_the_breaker_is_open(house: House) -> None:
    gate, accepted = a_gate(house), await house.submit()
    house.google.trouble("session.send", NoReply("reset"), stored=1)
    begun = await advance(house, accepted, gate)
    await break_it(house, gate)
    house.clock.advance(timedelta(seconds=5))

    done = await advance(house, begun, gate)

    assert (State.UPLOADING, State.PROCESSING) == (begun.state, done.state)


async def test_the_opening_and_the_closing_are_each_told_once(house: House) -> None:
    gate, accepted = a_gate(house), await three(house)
    await break_it(house, gate, times=5)
    house.clock.advance(timedelta(seconds=61))
    for each in accepted:
        await advance(house, each, gate)

    told = [
        event.data["phase"] for _, event in await house.store.events() if event.kind is Kind.BREAKER_CHANGED
    ]

    assert ["open", "half_open", "closed"] == told


async def test_good_days_write_nothing_into_the_breaker(house: House) -> None:
    gate, google = a_gate(house), Watched(house.google, a_gate(house))
    for _ in range(50):
        await google.call(LOOK, Secret("x"))

    assert await house.store.breaker(YOUTUBE) is None
    assert await gate.enter() is None


async def test_what_went_well_counts_when_something_fails(house: House) -> None:
    gate = a_gate(house)
    google = Watched(house.google, gate)
    for _ in range(50):
        await google.call(LOOK, Secret("x"))
    await break_it(house, gate, times=1)

    found = await house.store.breaker(YOUTUBE)
    assert found is not None
    assert [(51, 1)] == [(each.calls, each.failures) for each in found.tallies]


async def test_every_answer_says_how_youtube_is_and_a_refusal_is_an_answer(house: House) -> None:
    gate = a_gate(house)
    google = Watched(house.google, gate)
    house.google.trouble(str(Method.CHANNELS_LIST), Reply(403, {}, b"{}"))

    await google.call(LOOK, Secret("x"))

    assert (Health.HEALTHY, "") == await gate.vitality.health(YOUTUBE)


async def test_the_token_endpoint_has_a_health_of_its_own_and_no_breaker(house: House) -> None:
    gate, accepted = a_gate(house), await house.submit()
    house.clock.advance(timedelta(hours=2))
    house.google.trouble("oauth.token", NoReply("connection refused", sent=False), times=3)

    await advance(house, accepted, gate)

    vital = await house.store.vital(OAUTH)
    assert vital is not None
    assert "connection refused" == vital.error
    assert Phase.CLOSED is await phase(house)


async def test_what_went_well_long_ago_does_not_drown_what_fails_now(house: House) -> None:
    gate = a_gate(house)
    google = Watched(house.google, gate)
    for _ in range(50):
        await google.call(LOOK, Secret("x"))
    house.clock.advance(timedelta(minutes=5))
    await google.call(LOOK, Secret("x"))
    await break_it(house, gate, times=1)

    found = await house.store.breaker(YOUTUBE)
    assert found is not None
    assert [(2, 1)] == [(each.calls, each.failures) for each in found.tallies]


async def test_a_deadline_is_kept_while_youtube_is_down(house: House) -> None:
    gate = a_gate(house)
    accepted = await house.submit(deadline=house.clock.now() + timedelta(seconds=30))
    await break_it(house, gate)

    waiting = await advance(house, accepted, gate)
    house.clock.advance(timedelta(seconds=31))
    held = await advance(house, waiting, gate)

    assert accepted.request.deadline == waiting.due
    assert (State.HELD, "deadline_passed") == (held.state, held.reason.code if held.reason else None)


async def test_what_we_broke_off_ourselves_says_nothing_of_youtube(house: House) -> None:
    gate = a_gate(house)
    google = Watched(house.google, gate)
    house.google.trouble(str(Method.CHANNELS_LIST), NoReply("closed", sent=False, ours=True), times=9)
    for _ in range(9):
        await google.call(LOOK, Secret("x"))

    assert (None, None) == (await house.store.breaker(YOUTUBE), await house.store.vital(YOUTUBE))


async def test_good_answers_close_the_breaker_when_nothing_new_is_to_be_begun(house: House) -> None:
    gate = a_gate(house)
    google = Watched(house.google, gate)
    await break_it(house, gate)
    for _ in range(4):
        house.clock.advance(timedelta(seconds=61))
        await google.call(LOOK, Secret("x"))

    assert Phase.CLOSED is await phase(house)


class Locked(MemoryStore):
    """A store that cannot be written to as far as health goes."""

    async def swap_vital(self, vital: Vital, events: Sequence[Event]) -> bool:
        raise RuntimeError("database is locked")


async def test_an_answer_is_not_lost_with_the_note_about_it(house: House) -> None:
    breakers = Breakers(Locked(), house.clock, BreakerRules(RULES))
    gate = Gate(breakers, Vitality(Locked(), house.clock), house.clock)

    answer = await Watched(house.google, gate).call(LOOK, Secret("x"))

    assert isinstance(answer, Reply)


@dataclass
class SlowDisk:
    """Files of 20 GB that were touched; hashing one of them takes ten minutes."""

    house: House
    gate: Gate
    meanwhile: list[object] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.house.media, name)

    async def sha256(self, path: str) -> str | None:
        self.house.clock.advance(timedelta(minutes=10))
        self.meanwhile = [type(await self.gate.breakers.admit(YOUTUBE)) for _ in range(3)]
        return await self.house.media.sha256(path)


async def test_a_probe_keeps_its_place_while_a_large_file_is_hashed_before_the_first_call(
    house: House,
) -> None:
    gate, draft = a_gate(house), house.draft()
    house.media.put(draft.file, b"film", size=20_000_000_000)
    accepted = await house.staff().submission.submit(draft)
    house.media.put(draft.file, b"film", size=20_000_000_000)
    await break_it(house, gate)
    house.clock.advance(timedelta(seconds=61))
    disk = SlowDisk(house, gate)
    staff = house.staff(replace(house.ports(), google=Watched(house.google, gate), media=disk))

    await Publishing(staff.context, staff.tokens, staff.gateway, lambda: True, gate).advance(accepted.id)

    assert [Ticket, Ticket, Refusal] == disk.meanwhile
    found = await house.store.breaker(YOUTUBE)
    assert found is not None
    assert (Phase.HALF_OPEN, 1) == (found.phase, found.succeeded)
