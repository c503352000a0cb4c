"""The worker's loop: what is due is given to the engine, by priority and no more than fits; else it sleeps."""

from collections.abc import Awaitable, Callable

from tests.builders import FIRST, rules
from tests.services.death import Death, Fate, mortal
from tests.services.house import House, Ports, Staff, a_house
from ytempire.adapters.memory.engine import MemoryEngine
from ytempire.adapters.memory.google import SEND
from ytempire.bootstrap.seat import Seat
from ytempire.domain.lifecycle import State
from ytempire.domain.values import PublicationId
from ytempire.domain.wire import NoReply
from ytempire.ports import Filter
from ytempire.services.work import Work


class Slow(MemoryEngine):
    """An engine that is told what to say is running, and remembers what it was given."""

    def __init__(self, running: int = 0) -> None:
        super().__init__()
        self.running = running
        self.given: list[PublicationId] = []

    def active(self) -> int:
        return self.running

    async def dispatch(self, which: PublicationId) -> bool:
        if which in self.given:
            return False
        self.given.append(which)
        self.running += 1
        return True


def published(house: House, wanted: int) -> Callable[[], Awaitable[bool]]:
    async def stop() -> bool:
        return wanted == len(
            await house.store.publications(Filter(frozenset({State.PUBLISHED}), limit=1_000))
        )

    return stop


async def run(house: House, staff: Staff, wanted: int, *, capacity: int = 4) -> None:
    """A worker with an engine, until so many are published."""
    engine = MemoryEngine(capacity)
    await engine.start(staff.publishing.advance)
    await Work(staff.context, engine, staff.watch, capacity).run(published(house, wanted))
    await engine.stop()


async def test_a_day_s_videos_are_published_by_several_at_once() -> None:
    house = await a_house(rules(FIRST, concurrency=3))
    accepted = [await house.submit(f"video {n}") for n in range(50)]

    await run(house, house.staff(), 50)

    assert {State.PUBLISHED} == {(await house.now(each.id)).state for each in accepted}
    assert 50 == len(house.youtube.videos)
    assert ("active", 50, 0) == await house.account()


async def test_the_urgent_go_first_then_the_oldest() -> None:
    house = await a_house()
    late = await house.submit("late", priority=9)
    first, second = await house.submit("first"), await house.submit("second")
    urgent = await house.submit("urgent", priority=1)
    engine = Slow()
    staff = house.staff()

    assert await Work(staff.context, engine, staff.watch, capacity=3).round()

    assert [urgent.id, first.id, second.id] == engine.given
    assert late.id not in engine.given


async def test_a_full_engine_is_given_nothing_and_the_loop_may_sleep(house: House) -> None:
    await house.submit()
    engine, staff = Slow(running=2), house.staff()

    assert not await Work(staff.context, engine, staff.watch, capacity=2).round()

    assert [] == engine.given


async def test_what_is_being_worked_on_takes_nobody_s_place() -> None:
    house = await a_house()
    accepted = [await house.submit(f"video {n}") for n in range(4)]
    engine, staff = Slow(), house.staff()
    work = Work(staff.context, engine, staff.watch, capacity=2)
    await work.round()
    engine.running = 1

    assert await work.round()

    assert [each.id for each in accepted[:3]] == engine.given


async def test_videos_are_looked_at_even_when_the_engine_is_full(house: House) -> None:
    accepted = await house.submit()
    done = await house.advance(accepted.id)
    house.clock.set(done.look_at or house.clock.now())
    staff = house.staff()

    assert await Work(staff.context, Slow(running=9), staff.watch, capacity=2).round()


async def test_nothing_due_is_a_reason_to_sleep_for_a_beat(house: House) -> None:
    staff, began = house.staff(), house.clock.monotonic()
    answers = iter([False, False, True])

    async def stop() -> bool:
        return next(answers)

    await Work(staff.context, Slow(), staff.watch, capacity=2, beat=0.5).run(stop)

    assert 1.0 == house.clock.monotonic() - began


async def test_what_a_dead_worker_left_is_found_by_the_next_whoever_queued_it() -> None:
    house = await a_house(rules(FIRST, concurrency=2))
    accepted = [await house.submit(f"video {n}") for n in range(3)]
    house.google.trouble(SEND, NoReply("reset"), done=True)
    for each, fatal in zip(accepted, (3, 40, 62), strict=True):
        fate = Fate(fatal)
        try:
            await house.staff(mortal(house.ports(), fate)).publishing.advance(each.id)
        except Death:
            continue

    await run(house, house.staff(), 3)

    assert 3 == len(house.youtube.videos)


async def test_nothing_is_begun_while_it_may_not_be_and_all_of_it_afterwards() -> None:
    house = await a_house(rules(FIRST))
    accepted = await house.submit()
    staff, engine, held = house.staff(), Slow(), [False]
    work = Work(staff.context, engine, staff.watch, 4, may=lambda: held[0])
    seat = Seat(lambda: held[0])
    passes = seat.guarding(staff.publishing.advance)

    await passes(accepted.id)
    assert (False, []) == (await work.round(), engine.given)
    assert accepted == await house.now(accepted.id)

    held[0] = True
    assert (True, [accepted.id]) == (await work.round(), engine.given)
    await passes(accepted.id)
    assert State.PROCESSING is (await house.now(accepted.id)).state


class Broken:
    """A store of which one question is never answered."""

    def __init__(self, house: House, question: str) -> None:
        self.house = house
        self.question = question

    def __getattr__(self, name: str) -> object:
        if name == self.question:
            raise LookupError(f"nobody thought of {name}")
        return getattr(self.house.store, name)


async def test_a_look_that_fails_again_and_again_keeps_nothing_from_being_started(house: House) -> None:
    accepted = await house.submit()
    ports = house.ports()
    store: object = Broken(house, "to_look_at")
    watch = house.staff(Ports(store, ports.google, ports.vault, ports.media, ports.clock)).watch  # type: ignore[arg-type]  # broken
    engine, staff, answers = Slow(), house.staff(), iter([False, True])

    async def stop() -> bool:
        return next(answers)

    await Work(staff.context, engine, watch, capacity=2).run(stop)

    assert [accepted.id] == engine.given
