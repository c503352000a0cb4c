"""Each rule is found broken when it is broken: proofs that cannot fail prove nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import FIRST, MAIN, NOW, SECOND, TODAY, a_line, a_publication, a_request, an_account
from tests.simulation.layouts import a_scenario
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Metadata, Privacy, Target
from ytempire.domain.quota import BUCKETS_2026, Bucket, Method
from ytempire.domain.quota_day import QuotaDay
from ytempire.simulation.books import Planned
from ytempire.simulation.house import House, built
from ytempire.simulation.loop import VirtualClock, VirtualLoop
from ytempire.simulation.meter import Landed, Meter
from ytempire.simulation.people import People
from ytempire.simulation.proofs import Proofs, as_asked, capacity, forgotten, quota

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
PROFILES = {MAIN: BUCKETS_2026}


def a_meter(*, twice: bool = False) -> Meter:
    profile = replace(BUCKETS_2026, inserts_charged_twice=twice)
    return Meter({MAIN: profile}, {FIRST: MAIN, SECOND: MAIN})


def in_a_house(ask: Callable[[House], Awaitable[None]]) -> None:
    """Asks in a house on virtual time, with all accounts connected."""

    async def asked() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        house = await built(a_scenario(videos=1), VirtualClock(loop, START, 1))
        await People(house).connect_all()
        await ask(house)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(asked())


def test_a_charge_that_is_not_in_the_ledger_is_found() -> None:
    meter = a_meter()
    meter.received(Method.VIDEOS_INSERT, FIRST, NOW)

    assert [] == quota([a_line(Bucket.UPLOADS, 100, used=1)], meter)
    assert ["ledger"] == rules_of(quota([a_line(Bucket.UPLOADS, 100)], meter))


@pytest.mark.parametrize(("twice", "charged"), [(False, 1), (True, 2)])
def test_an_insert_is_charged_at_its_start_or_its_end_or_at_both(twice: bool, charged: int) -> None:
    meter = a_meter(twice=twice)

    meter.received(Method.VIDEOS_INSERT, FIRST, NOW)
    meter.completed(Landed("a", FIRST, TODAY, "public"), NOW)

    assert charged == meter.charged(MAIN, Bucket.UPLOADS, TODAY)


def test_more_than_the_hard_stop_is_found() -> None:
    assert [] == quota([a_line(limit=100, used=70, overhead=20)], a_meter())
    assert ["hard stop"] == rules_of(quota([a_line(limit=100, used=70, overhead=21)], a_meter()))


def test_more_than_the_cap_or_at_once_is_found() -> None:
    meter = a_meter()
    meter.began(FIRST)
    meter.ended(FIRST)
    account = an_account(daily_uploads=5, concurrency=1)

    assert [] == capacity([replace(account, uploads_today=5)], meter)
    assert ["cap"] == rules_of(capacity([replace(account, uploads_today=6)], meter))
    meter.began(FIRST)
    meter.began(FIRST)
    assert ["concurrency"] == rules_of(capacity([account], meter))


def test_a_video_elsewhere_or_more_visible_than_asked_is_found() -> None:
    request = a_request(target=Target(FIRST), metadata=Metadata("a", privacy=Privacy.PRIVATE))

    assert [] == as_asked(Landed("a", FIRST, TODAY, "private"), request)
    assert ["target"] == rules_of(as_asked(Landed("a", SECOND, TODAY, "private"), request))
    assert ["visibility"] == rules_of(as_asked(Landed("a", FIRST, TODAY, "public"), request))


def test_what_nothing_brings_on_or_what_is_long_due_is_found() -> None:
    assert forgotten(a_publication(due=NOW), NOW) is None
    assert "has nothing that brings it on" == forgotten(a_publication(due=None), NOW)
    assert "has been due for 2:00:00" == forgotten(a_publication(due=NOW), NOW + timedelta(hours=2))


def test_a_second_video_of_one_publication_and_one_beyond_the_cap_are_found() -> None:
    async def ask(house: House) -> None:
        proofs, account = Proofs(house), house.scenario.layout.accounts[0]
        house.world.ordered["a"] = a_request(metadata=Metadata("a", privacy=Privacy.PUBLIC))
        landed = Landed("a", account.id, QuotaDay.of(START), "public")
        house.world.meter.landed += [landed] * (account.daily_uploads + 1)

        await proofs.close(QuotaDay.of(START))

        assert ["twice"] * account.daily_uploads + ["cap"] == rules_of(proofs.broken, dated=True)

    in_a_house(ask)


def test_what_is_left_half_done_or_lost_is_found_at_the_end() -> None:
    async def ask(house: House) -> None:
        proofs = Proofs(house)
        for number, state in enumerate((State.PROCESSING, State.PUBLISHED)):
            await house.world.store.submit(a_publication(f"pub_{number}", state=state), str(number), ())

        await proofs.end([QuotaDay.of(START)])

        assert ["unfinished", "lost"] == rules_of(proofs.broken, dated=True)

    in_a_house(ask)


def test_a_plan_above_the_ceiling_is_found() -> None:
    async def ask(house: House) -> None:
        proofs = Proofs(house)
        proofs.plan(Planned(1, fits=True, percent=80.0), "a day")
        assert [] == proofs.broken
        proofs.plan(Planned(1, fits=True, percent=80.01), "a day")
        assert ["ceiling"] == rules_of(proofs.broken, dated=True)

    in_a_house(ask)


def rules_of(sentences: list[str], *, dated: bool = False) -> list[str]:
    """The names of the rules that the sentences begin with."""
    return [sentence.split(": ")[int(dated)] for sentence in sentences]
