"""A worker that looks after services: what it tells of them, what that costs, and the drills it makes by itself."""

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from benchmarks.campaign.stage import Scene, Stage
from tests.entrypoints.chained import Chained, ended_of
from tests.entrypoints.program import eventually
from tests.fixtures.chains import Chain
from tests.journeys.conftest import SetStage
from tests.journeys.test_commands_and_death import ytempire
from ytempire.bootstrap import guards
from ytempire.bootstrap.chains import chained
from ytempire.bootstrap.checklist import checklist
from ytempire.bootstrap.house import Acting
from ytempire.domain.chain import SCRIPT, UPLOAD, VOICE
from ytempire.domain.quota_day import QuotaDay
from ytempire.services.api_probe import YOUTUBE_API, ApiProbe
from ytempire.services.vitality import Vitality

QUICK = (
    "\n[health]\nprobe_seconds = 0.1\ntimeout_seconds = 2\nconfirmations = 3\n[worker]\nbeat_seconds = 0.05\n"
)
LOOK = "elevenlabs.subscription"


@contextmanager
def working(place: Chained) -> Iterator[None]:
    """A worker beside the test, told to stop at the end; it must do so well."""
    assert 0 == place.run("init", "--config", "unused.toml").code
    stripe: dict[str, Any] = {
        "STRIPE_API_KEY": place.emulator.provider_keys.stripe,
        "YTEMPIRE_HEALTH__STRIPE_BASE_URL": place.emulator.provider_root("stripe"),
    }
    worker = place.start("worker", **stripe)
    try:
        yield
    finally:
        os.kill(worker.pid, signal.SIGTERM)
        ended = ended_of(worker)
    assert 0 == ended.code, ended.err


def health(place: Chained) -> dict[str, str]:
    return {each["service"]: each["health"] for each in place.services()["services"]}


def looked(place: Chained, times: int) -> None:
    """Waits until so many more looks were made."""
    before = len(place.asked(LOOK))
    eventually(lambda: len(place.asked(LOOK)) >= before + times, "a look at a service")


def ill(place: Chained, times: int) -> None:
    """So many looks find the service ill, and then it is looked at three more times."""
    rule = place.emulator.add_fault(LOOK, "status", status=503, count=times)
    assert times == rule.count
    looked(place, times + 3)


def test_a_service_that_flaps_is_told_of_once_for_each_confirmed_change(chain: Chain) -> None:
    place = chain(QUICK)
    with working(place):
        looked(place, 1)
        for _ in range(3):
            ill(place, 2)
        eventually(lambda: health(place)["elevenlabs"] == "healthy", "health")
        assert [] == about(place)

        place.emulator.add_fault(LOOK, "status", status=503, count=None)
        eventually(lambda: health(place)["elevenlabs"] == "unhealthy", "illness")
        looked(place, 4)
        place.emulator.clear_faults()
        eventually(lambda: health(place)["elevenlabs"] == "healthy", "recovery")
        eventually(lambda: all(each["resolved_at"] for each in about(place)), "the end of the alert")
        found = health(place)

    (alert,) = about(place)
    assert ("warning", 1) == (alert["level"], alert["times"])
    assert "service_unavailable" in alert["text"]
    assert {"stripe", "openai_economy", "claude", "google_tts", "aws_polly"} <= set(found)
    assert [] == [name for name, health in found.items() if health != "healthy"], place.services()["services"]
    assert (0, []) == (place.billed(), place.emulator.totals()["charges"])


def about(place: Chained) -> list[dict[str, Any]]:
    """All alerts about the service."""
    listed = place.run("alerts", "list", "--all", "--json").json()["alerts"]
    return [each for each in listed if each["key"] == "service:elevenlabs"]


def charges(stage: Stage) -> Counter[str]:
    """What the emulator charged, by method."""
    charged: Counter[str] = Counter()
    for event in stage.journal("request"):
        charged[str(event.facts["method"])] += sum(event.facts.get("charges", {}).values())
    return +charged


def test_free_looks_at_youtube_spend_no_quota(set_stage: SetStage) -> None:
    more = "\n[health]\nprobe_seconds = 0.1\nyoutube_calls_per_day = 0\n"
    stage = set_stage(Scene(more=more))
    before = charges(stage)

    worker = ytempire(stage, "worker")
    seen: dict[str, Any] = {}

    def both() -> bool:
        process = ytempire(stage, "services", "--json")
        found = json.loads(process.communicate(timeout=60)[0])["services"]
        seen.update({each["service"]: (each["health"], each["source"]) for each in found})
        return ("healthy", "probe") == seen.get("youtube") == seen.get("google_oauth")

    try:
        eventually(both, "a look at YouTube and at its token endpoint")
    finally:
        worker.send_signal(signal.SIGTERM)
        _, err = worker.communicate(timeout=30)
    assert 0 == worker.returncode, err
    assert before == charges(stage)


def test_looks_that_cost_quota_keep_to_their_budget_of_a_day(house: Stage) -> None:
    """Three quota days of rounds every ten minutes, in two workers at once."""
    before = len(house.requests("channels.list"))
    start = (QuotaDay.of(house.now).resets - house.now).total_seconds()

    async def rounds(acting: Acting) -> None:
        store, clock = acting.reading.store, acting.context.clock
        usual = guards.vitality(house.settings, store, clock)
        probe = ApiProbe(acting.context, acting.gateway, usual.manners_of(YOUTUBE_API))
        workers = [Vitality(store, clock, (probe,), usual.manners, usual.own) for _ in range(2)]
        for step in range(3 * 24 * 6):
            house.shift(start + step * 600)
            for each in workers:
                await each.round()

    house.act(rounds)

    asked = house.requests("channels.list")[before:]
    by_day = Counter(QuotaDay.of(event.at) for event in asked)
    assert 3 == len(by_day)
    assert all(20 <= count <= 24 for count in by_day.values()), by_day
    for day, count in by_day.items():
        ledger = {str(line.bucket): line.used + line.overhead for line in house.ledger(day)}
        assert count <= ledger["units"]


def test_a_worker_drills_what_is_due_and_an_overdue_drill_fails_the_checklist(house: Stage) -> None:
    week = timedelta(days=7)

    async def round_of_drills(acting: Acting) -> None:
        store, clock = acting.reading.store, acting.context.clock
        points = checklist(house.settings, store, clock)
        async with chained(house.settings, store, clock, points.upload_links, actor="worker") as services:
            await services.drills.round(week)

    house.shift(-timedelta(days=30).total_seconds())
    house.act(round_of_drills)
    assert {} == drills(house)  # a home is first drilled when it is that old
    house.shift(-timedelta(days=20).total_seconds())
    house.act(round_of_drills)
    house.shift(-timedelta(days=19).total_seconds())
    house.act(round_of_drills)
    assert {VOICE, SCRIPT, UPLOAD} == set(drills(house))
    assert 1 == len({at.date() for at, _ in drills(house).values()})

    house.shift(0)
    code, why = checked(house)
    assert 1 == code
    assert "voice_synthesis: last drilled 20 days ago, and 7 are meant" in why

    worker = ytempire(house, "worker", "--until-idle")  # nothing is queued, and yet it drills to the end
    worker.communicate(timeout=60)
    assert 0 == worker.returncode
    assert all(house.now - at < week for at, _ in drills(house).values())
    assert {"worker"} == {by for _, by in drills(house).values()}
    assert "last drilled" not in checked(house)[1]


def checked(stage: Stage) -> tuple[int, str]:
    """The code of the checklist, and what it says of fallbacks."""
    process = ytempire(stage, "checklist", "--json")
    out, _ = process.communicate(timeout=60)
    (point,) = [each for each in json.loads(out)["points"] if each["point"] == "fallback_chain"]
    return process.returncode, str(point["why"])


def drills(stage: Stage) -> dict[str, tuple[datetime, str]]:
    """When and by whom each chain was last drilled."""

    async def look(house: Acting) -> dict[str, tuple[datetime, str]]:
        return {each.chain: (each.at, each.by) for each in await house.reading.store.drills()}

    return stage.act(look)
