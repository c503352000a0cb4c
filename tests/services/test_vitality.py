"""Health of services: calls tell first, probes where they are silent; changes are confirmed and told once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW
from tests.services.desk import Desk
from ytempire.adapters.memory.clock import FakeClock
from ytempire.adapters.memory.probe import MemoryProbe
from ytempire.adapters.memory.store import MemoryStore
from ytempire.adapters.memory.vendor import Hang, Late
from ytempire.domain.chain import Blame, Made, ProviderFault
from ytempire.domain.events import Kind
from ytempire.domain.vitals import Health, Manners, Observation, Source, Vital
from ytempire.services.vitality import Vitality

MINT = "mint"
OUT = ProviderFault(Blame.OUTAGE, "http_503", "try later")
BRISK = Manners(timeout=timedelta(milliseconds=1))
"""Who hangs is given up at once."""


@dataclass
class Ward:
    """Services that are looked after, in memory."""

    services: tuple[str, ...] = (MINT,)
    manners: Manners = field(default_factory=Manners)
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW, dice=[0.5] * 10_000))
    store: MemoryStore = field(default_factory=MemoryStore)

    def __post_init__(self) -> None:
        self.probes = {name: MemoryProbe(name, self.clock) for name in self.services}

    def worker(self) -> Vitality:
        """As another process has it."""
        return Vitality(self.store, self.clock, tuple(self.probes.values()), self.manners)

    async def vital(self) -> Vital:
        found = await self.store.vital(MINT)
        assert found is not None
        return found

    async def changes(self) -> list[tuple[object, object]]:
        found = [each for _, each in await self.store.events(limit=100_000)]
        return [
            (each.data["was"], each.data["health"]) for each in found if each.kind is Kind.SERVICE_CHANGED
        ]

    def seen(self, *, well: bool, at: datetime | None = None) -> Observation:
        error = "" if well else "it is down"
        return Observation(MINT, at or self.clock.now(), well, Source.CALL, 0.2, error)


@pytest.fixture
def ward() -> Ward:
    return Ward()


# ------------------------------------------------------------------------------------------------ calls first


async def test_calls_that_go_well_make_a_service_healthy_without_a_probe(ward: Ward) -> None:
    worker = ward.worker()
    for _ in range(120):
        await worker.saw(ward.seen(well=True))
        await worker.round()
        ward.clock.advance(timedelta(seconds=1))

    assert 0 == ward.probes[MINT].looks
    assert (Health.HEALTHY, "") == await worker.health(MINT)
    assert [] == await ward.changes()


async def test_no_probe_comes_within_the_pace_after_a_call_and_one_when_calls_fall_silent(ward: Ward) -> None:
    worker = ward.worker()
    await worker.saw(ward.seen(well=True))

    ward.clock.advance(timedelta(seconds=29))
    assert 0 == await worker.round()
    ward.clock.advance(timedelta(seconds=1))
    assert 1 == await worker.round()


async def test_more_of_the_same_is_not_written_down(ward: Ward) -> None:
    worker = ward.worker()
    for _ in range(50):
        await worker.saw(ward.seen(well=True))

    assert 1 == (await ward.vital()).version


async def test_every_failed_call_and_the_first_good_one_after_it_are_written_down(ward: Ward) -> None:
    worker = ward.worker()
    for well in (True, True, False, False, True, True, False):
        await worker.saw(ward.seen(well=well))

    assert 5 == (await ward.vital()).version


async def test_three_failed_calls_make_a_service_unhealthy_and_are_one_event_and_one_alert(
    ward: Ward,
) -> None:
    worker, desk = ward.worker(), Desk(clock=ward.clock, store=ward.store)
    await worker.saw(ward.seen(well=True))
    for _ in range(10):
        await worker.saw(ward.seen(well=False))

    assert [("healthy", "unhealthy")] == await ward.changes()
    assert (Health.UNHEALTHY, "it is down") == await worker.health(MINT)
    await desk.round()
    assert ["service:mint"] == [each.key for each in await desk.open()]


async def test_an_ill_service_that_only_its_calls_told_of_is_probed_at_its_pace(ward: Ward) -> None:
    worker = ward.worker()
    for _ in range(3):
        await worker.saw(ward.seen(well=False))
    looks = []
    for _ in range(12):
        ward.clock.advance(timedelta(seconds=10))
        await worker.round()
        looks.append(ward.probes[MINT].looks)

    assert [0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4] == looks
    assert [("unknown", "unhealthy"), ("unhealthy", "healthy")] == await ward.changes()


# ---------------------------------------------------------------------------------------------------- probes


async def test_a_probe_keeps_its_pace_and_tells_the_time_it_took(ward: Ward) -> None:
    ward.probes[MINT].row.always = Late(timedelta(milliseconds=120), Made(None))
    worker = ward.worker()
    assert 1 == await worker.round()
    assert 0 == await worker.round()
    ward.clock.advance(timedelta(seconds=30))
    assert 1 == await worker.round()

    assert ((120, 120), Source.PROBE) == ((await ward.vital()).latencies, (await ward.vital()).source)


async def test_workers_never_probe_one_service_at_once(ward: Ward) -> None:
    workers = [ward.worker() for _ in range(8)]
    for _ in range(10):
        rounds = await asyncio.gather(*(each.round() for each in workers))
        assert 1 == sum(rounds)
        ward.clock.advance(timedelta(seconds=30))

    assert 10 == ward.probes[MINT].looks


async def test_a_probe_that_hangs_holds_up_neither_the_others_nor_the_next_round() -> None:
    ward = Ward(("mint", "mine", "foundry"), BRISK)
    ward.probes["mint"].row.always = Hang()
    worker = ward.worker()

    for _ in range(3):
        assert 3 == await worker.round()
        ward.clock.advance(timedelta(seconds=30))

    assert (Health.UNHEALTHY, "no answer within 0.002 s") == await worker.health("mint")
    assert Health.HEALTHY is (await worker.health("mine"))[0]
    assert Health.HEALTHY is (await worker.health("foundry"))[0]
    assert ["given up"] * 3 == [each.ended for each in ward.probes["mint"].row.journal]


async def test_a_probe_that_cannot_reach_the_network_found_its_service_unwell(ward: Ward) -> None:
    ward.probes[MINT].row.always = ConnectionRefusedError(111, "Connection refused")
    worker = ward.worker()
    for _ in range(3):
        await worker.round()
        ward.clock.advance(timedelta(seconds=30))

    assert (Health.UNHEALTHY, "[Errno 111] Connection refused") == await worker.health(MINT)


class Slow(MemoryProbe):
    """A probe that takes many turns."""

    async def look(self, seconds: float) -> Observation:
        for _ in range(50):
            await asyncio.sleep(0)
        return await super().look(seconds)


async def test_a_probe_that_is_broken_costs_the_others_nothing_and_is_not_hushed_up() -> None:
    ward = Ward(("mint", "mine"))
    ward.probes["mint"].row.add(KeyError("status"))
    ward.probes["mine"] = Slow("mine", ward.clock)
    worker = ward.worker()

    with pytest.raises(KeyError):
        await worker.round()

    assert [asyncio.current_task()] == list(asyncio.all_tasks())
    assert Health.HEALTHY is (await worker.health("mine"))[0]
    assert Health.UNKNOWN is (await worker.health("mint"))[0]
    ward.clock.advance(timedelta(seconds=30))
    assert 2 == await worker.round()
    assert Health.HEALTHY is (await worker.health("mint"))[0]


async def test_a_service_may_be_looked_at_now_whatever_its_time(ward: Ward) -> None:
    worker = ward.worker()
    await worker.round()
    ward.probes[MINT].row.add(OUT)

    seen = await worker.look(MINT)

    assert seen is not None
    assert (False, "http_503: try later") == (seen.well, seen.error)
    assert None is await worker.look("nowhere")
    assert 2 == ward.probes[MINT].looks


# ------------------------------------------------------------------------------------------- stale, flapping


async def test_what_was_not_seen_for_long_is_unknown(ward: Ward) -> None:
    worker = ward.worker()
    await worker.saw(ward.seen(well=True))
    ward.clock.advance(timedelta(seconds=120))
    assert Health.HEALTHY is (await worker.health(MINT))[0]

    ward.clock.advance(timedelta(seconds=1))

    assert Health.UNKNOWN is (await worker.health(MINT))[0]
    assert Health.UNKNOWN is (await worker.health("nowhere"))[0]


async def test_a_look_that_comes_late_changes_nothing(ward: Ward) -> None:
    worker = ward.worker()
    await worker.saw(ward.seen(well=False))
    before = await ward.vital()

    await ward.worker().saw(ward.seen(well=True, at=ward.clock.now() - timedelta(seconds=5)))

    assert before == await ward.vital()


def confirmed(row: Sequence[bool], confirmations: int) -> int:
    """How many changes a row of looks really shows, each seen so often in a row; the first good look is news to
    nobody, and a service that is never silent.
    """
    believed, run, changes = "", 0, 0
    last: bool | None = None
    for well in row:
        run = run + 1 if well is last else 1
        last = well
        if not believed and well:
            believed = "healthy"
        elif run >= confirmations and believed != ("healthy" if well else "unhealthy"):
            believed = "healthy" if well else "unhealthy"
            changes += 1
    return changes


LOOKS = st.lists(st.booleans() | st.just(True), max_size=40)


@given(row=LOOKS, confirmations=st.integers(1, 5), pace=st.integers(1, 40))
async def test_a_service_that_flaps_is_told_once_for_each_confirmed_change(
    row: list[bool], confirmations: int, pace: int
) -> None:
    ward = Ward(manners=Manners(confirmations=confirmations))
    ward.probes[MINT].row.add(*(Made(None) if well else OUT for well in row))
    worker = ward.worker()
    for _ in row:
        await worker.look(MINT)
        ward.clock.advance(timedelta(seconds=pace))

    changes = await ward.changes()

    assert confirmed(row, confirmations) == len(changes)
    assert [] == [each for each, following in pairwise(changes) if each == following]
    assert all(was != now for was, now in changes)


@given(row=LOOKS)
async def test_calls_that_flap_tell_no_more_than_probes_that_do(row: list[bool]) -> None:
    ward = Ward()
    worker = ward.worker()
    for well in row:
        await worker.saw(ward.seen(well=well))
        ward.clock.advance(timedelta(seconds=1))

    assert len(await ward.changes()) <= confirmed(row, ward.manners.confirmations)


@given(row=LOOKS)
async def test_alerts_open_at_most_once_for_each_change(row: list[bool]) -> None:
    ward = Ward()
    desk, worker = Desk(clock=ward.clock, store=ward.store), ward.worker()
    opened: set[int] = set()
    for well in row:
        await worker.saw(ward.seen(well=well))
        await desk.round(timedelta(seconds=20))
        opened |= {each.number for each in await desk.open()}

    ill = [each for each in await ward.changes() if each[1] == "unhealthy"]
    assert len(opened) <= len(ill)
