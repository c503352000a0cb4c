"""YouTube is down, or a person shuts the gate: nothing is begun, no try is used up, and all goes on afterwards."""

import json
from typing import Any

import pytest

from benchmarks.campaign.stage import Scene, Stage
from benchmarks.campaign.verdict import violations
from tests.journeys.conftest import SetStage
from tests.journeys.test_commands_and_death import ytempire
from ytempire.bootstrap.house import Acting
from ytempire.domain.events import Event, Kind

START = "videos.insert.start"
QUICK = """
[breakers]
failures = 3
recovery_seconds = 0.4
growth = 1
jitter_percent = 0
"""


def say(stage: Stage, *words: str) -> str:
    """A command to its end; what it said."""
    process = ytempire(stage, *words)
    out, err = process.communicate(timeout=60)
    assert 0 == process.returncode, err
    return out


def states(stage: Stage) -> list[tuple[str, str | None]]:
    """The state of each publication, and why."""
    return [
        (str(each.state), each.reason.code if each.reason else None) for each in stage.publications().values()
    ]


def told(stage: Stage, kind: Kind) -> list[Event]:
    async def look(house: Acting) -> list[Event]:
        return [event for _, event in await house.reading.store.events(limit=10_000) if event.kind is kind]

    return stage.act(look)


def alerts(stage: Stage, key: str) -> list[dict[str, Any]]:
    """Every alert with this key, also those that are over."""
    listed = json.loads(say(stage, "alerts", "list", "--all", "--json"))["alerts"]
    return [each for each in listed if each["key"] == key]


@pytest.mark.waits
def test_isolating_youtube_defers_new_uploads_and_a_reset_lets_them_go_on(house: Stage) -> None:
    house.submit(house.rows(3, 200_000))
    say(house, "services", "isolate", "youtube", "--why", "the strike is being looked at")

    assert 0 == house.work()

    assert [("deferred", "youtube_down")] * 3 == states(house)
    assert [0] * 3 == [each.attempts for each in house.publications().values()]
    assert all("the strike is being looked at" in str(each.reason) for each in house.publications().values())
    assert [] == house.requests(START)

    say(house, "services", "reset", "youtube")
    house.shift(121)
    assert 0 == house.work()

    assert [("published", None)] * 3 == states(house)
    assert [1] * 3 == [each.attempts for each in house.publications().values()]
    assert [] == violations(house)
    (alert,) = alerts(house, "breaker:youtube:isolated")
    assert ("info", True) == (alert["level"], alert["resolved_at"] is not None)


def test_an_outage_of_youtube_opens_its_breaker_and_everything_is_published_after_it(
    set_stage: SetStage,
) -> None:
    stage = set_stage(Scene(accounts=3, more=QUICK))
    stage.submit(stage.rows(8, 200_000))
    stage.emulator.add_fault(START, "status", status=503, reason="backendError", count=None)

    worker = stage.start()
    stage.until(lambda: any(reason == "youtube_down" for _, reason in states(stage)), seconds=40)
    during = len(stage.requests(START))
    assert [] == stage.journal("video_completed")
    stage.emulator.clear_faults()
    assert 0 == worker.wait()
    assert 0 == stage.work()
    assert [("published", None)] * 8 == states(stage)

    assert during < 8 * 3  # the breaker kept most of them from being tried at all
    assert [] == violations(stage)
    (alert,) = alerts(stage, "breaker:youtube")
    assert alert["resolved_at"] is not None
    phases = [(event.data["was"], event.data["phase"]) for event in told(stage, Kind.BREAKER_CHANGED)]
    assert ("closed", "open") == phases[0]
    assert ("half_open", "closed") == phases[-1]


def test_publish_that_waits_does_not_wait_for_a_person(house: Stage) -> None:
    say(house, "services", "isolate", "youtube")

    process = ytempire(house, "publish", house.rows(1, 200_000)[0]["file"], "--wait", "--json")
    out, err = process.communicate(timeout=60)

    assert 6 == process.returncode, err
    (publication,) = json.loads(out)["publications"]
    assert "deferred" == publication["state"]
    assert publication["reason"].startswith("youtube_down: ")
