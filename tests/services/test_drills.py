"""Drills: each link alone, nothing bought unless that is asked for, kept, told, and due in time."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.services.desk import Desk
from tests.services.studio import CLERK, FORM, FREE, HIGH, LOW, POET, Studio
from ytempire.adapters.memory.sounds import MemorySounds
from ytempire.adapters.memory.vendor import Hang
from ytempire.domain.chain import SCRIPT, UPLOAD, VOICE, Blame, Budget, Made, ProviderFault, Quality
from ytempire.domain.chain_drill import Link as UploadLink
from ytempire.domain.checklist import Verdict
from ytempire.domain.events import Kind
from ytempire.domain.speech import Sound
from ytempire.domain.values import Mendable
from ytempire.ports import DrillReport

WEEK = timedelta(days=7)
KEY = ProviderFault(Blame.CREDENTIAL, "invalid_api_key", "Your key is not known.")
SILENT = Sound(4.0, 22_050, 0.0, 0.0, 0.0, 1.0)


@pytest.fixture
def studio() -> Studio:
    return Studio()


def verdicts(report: DrillReport) -> dict[str, str]:
    return {name: verdict for name, verdict, _ in report.links}


def told(report: DrillReport, link: str) -> str:
    return next(words for name, _, words in report.links if name == link)


def bought(studio: Studio) -> int:
    """How often somebody was asked who is paid."""
    speakers = [len(studio.speakers[name].said) for name in (HIGH, LOW)]
    return sum(speakers) + sum(len(studio.writers[name].row.journal) for name in (POET, CLERK))


async def test_without_paying_paid_links_are_looked_at_and_free_ones_really_run(studio: Studio) -> None:
    report = await studio.drills().run(VOICE)

    assert {HIGH: "ok", LOW: "skipped", FREE: "ok"} == verdicts(report)
    assert "it answers and takes our key; nothing was bought (--paid buys)" == told(report, HIGH)
    assert "it costs money and nothing can look at it for free; --paid tries it" == told(report, LOW)
    assert told(report, FREE).startswith("spoke for 4.")
    assert (True, "ana", studio.clock.now()) == (report.passed, report.by, report.at)
    assert (0, 0, 1) == (bought(studio), await studio.spent(), len(studio.speakers[FREE].said))
    assert set() == studio.sounds.scratches
    assert {} == studio.sounds.files


async def test_paid_every_link_is_forced_in_turn_and_the_cost_told(studio: Studio) -> None:
    report = await studio.drills().run(SCRIPT, paid=True)

    assert {POET: "ok", CLERK: "ok", FORM: "ok"} == verdicts(report)
    assert "wrote 75 words, for 0.40 USD" == told(report, CLERK)
    assert 1_200_000 == await studio.spent() == await studio.trails()
    assert [True] * 3 == [call.forced for call in await studio.store.chain_calls()]
    assert {} == await studio.store.usage(studio.clock.now())
    assert [Kind.DRILL_DONE] == [event.kind for _, event in await studio.store.events()]


async def test_a_key_that_is_not_taken_fails_the_drill_before_it_is_needed(studio: Studio) -> None:
    studio.probes["opera"].row.add(KEY)

    report = await studio.drills().run(VOICE)

    assert {HIGH: "failed", LOW: "skipped", FREE: "ok"} == verdicts(report)
    assert not report.passed
    assert "invalid_api_key: Your key is not known." == told(report, HIGH)
    desk = Desk(clock=studio.clock, store=studio.store)
    await desk.round()
    assert [f"drill:{VOICE}"] == [each.key for each in await desk.open()]

    assert (await studio.drills().run(VOICE)).passed
    await desk.round()
    assert [] == await desk.open()


async def test_one_link_that_fails_does_not_keep_the_others_from_their_turn(studio: Studio) -> None:
    studio.hurry(SCRIPT, POET)
    studio.writers[POET].row.always = Hang()
    studio.writers[CLERK].row.always = ProviderFault(Blame.CALLER, "content_policy")

    report = await studio.drills().run(SCRIPT, paid=True)

    assert {POET: "failed", CLERK: "failed", FORM: "ok"} == verdicts(report)
    assert "content_policy" == told(report, CLERK)


async def test_an_emergency_voice_that_became_silent_is_found_out(studio: Studio) -> None:
    studio.speakers[FREE].row.always = Made(SILENT)

    report = await studio.drills().run(VOICE)

    assert "failed" == verdicts(report)[FREE]
    assert "silent" in told(report, FREE)
    assert set() == studio.sounds.scratches


async def test_who_was_never_set_up_is_skipped_and_does_not_fail_the_drill(studio: Studio) -> None:
    for name in (HIGH, LOW):
        studio.change(VOICE, name, unready="it has no key: set HIGH_KEY")

    report = await studio.drills().run(VOICE)

    assert {HIGH: "skipped", LOW: "skipped", FREE: "ok"} == verdicts(report)
    assert report.passed
    assert 0 == studio.probes["opera"].looks


async def test_a_chain_of_which_nothing_could_be_tried_does_not_pass(studio: Studio) -> None:
    for name in (HIGH, LOW, FREE):
        studio.change(VOICE, name, unready="it has no key")

    assert not (await studio.drills().run(VOICE)).passed


async def test_a_floor_of_quality_keeps_no_link_from_its_drill(studio: Studio) -> None:
    studio.limit(VOICE, Budget(floor=Quality.PREMIUM))

    assert "ok" == verdicts(await studio.drills().run(VOICE))[FREE]


async def test_an_isolated_link_fails_its_drill_and_says_who_isolated_it(studio: Studio) -> None:
    await studio.calls().breakers.isolate(FREE, by="ana", why="it stutters")

    report = await studio.drills().run(VOICE)

    assert "its breaker is isolated by ana: it stutters" == told(report, FREE)
    assert "failed" == verdicts(report)[FREE]


class NoRoom(MemorySounds):
    """A disk without room for any file."""

    async def join(self, parts: Any, into: str) -> None:
        raise Mendable(f"{into} cannot be written: no space left on device")


async def test_a_disk_without_room_is_told_as_what_failed_and_the_drill_is_kept(studio: Studio) -> None:
    full = NoRoom("videos")
    full.files = studio.sounds.files
    studio.sounds = full

    report = await studio.drills().run(VOICE)

    assert "no space left" in told(report, FREE)
    assert (report,) == await studio.store.drills()


@pytest.mark.parametrize(
    ("verdict", "found", "passed"),
    [(Verdict.OK, "ok", True), (Verdict.FAILED, "failed", False), (Verdict.UNKNOWN, "skipped", True)],
)
async def test_the_upload_chain_is_drilled_by_its_own_links(
    verdict: Verdict, found: str, passed: bool, studio: Studio
) -> None:
    studio.upload = (UploadLink("production", Verdict.OK, "takes it"), UploadLink("reserve", verdict, "hm"))

    report = await studio.drills().run(UPLOAD)

    assert {"production": "ok", "reserve": found} == verdicts(report)
    assert passed is report.passed
    assert 0 == bought(studio)


async def test_a_chain_that_cannot_be_drilled_is_told_with_those_that_can(studio: Studio) -> None:
    with pytest.raises(
        Mendable, match=f"there is no chain x to drill; known are {VOICE}, {SCRIPT}, {UPLOAD}"
    ):
        await studio.drills().run("x")

    studio.chains = {VOICE: studio.chains[VOICE]}
    assert (VOICE, UPLOAD) == studio.drills().known()


async def test_a_worker_drills_each_chain_once_a_week_and_buys_nothing(studio: Studio) -> None:
    ran = []
    for _ in range(15 * 24):
        await studio.drills().round(WEEK)
        ran.append(len([each for each in await studio.store.events() if each[1].kind is Kind.DRILL_DONE]))
        studio.clock.advance(timedelta(hours=1))

    assert (0, 3, 3, 6) == (ran[7 * 24 - 1], ran[7 * 24], ran[14 * 24 - 1], ran[14 * 24])
    assert (0, 0) == (bought(studio), await studio.spent())
    assert {VOICE, SCRIPT, UPLOAD} == {each.chain for each in await studio.store.drills()}


async def test_a_drill_by_a_person_puts_the_next_one_off(studio: Studio) -> None:
    await studio.drills().round(WEEK)
    studio.clock.advance(timedelta(days=6))
    await studio.drills().run(VOICE)
    studio.clock.advance(timedelta(days=1))
    await studio.drills().round(WEEK)

    at = {each.chain: studio.clock.now() - each.at for each in await studio.store.drills()}
    assert {VOICE: timedelta(days=1), SCRIPT: timedelta(0), UPLOAD: timedelta(0)} == at


async def test_a_schedule_of_no_time_drills_nothing(studio: Studio) -> None:
    for _ in range(3):
        await studio.drills().round(timedelta(0))
        studio.clock.advance(timedelta(days=30))

    assert () == await studio.store.drills()


async def test_of_two_workers_on_one_store_one_drills(studio: Studio) -> None:
    await studio.drills().round(WEEK)
    studio.clock.advance(WEEK)

    await asyncio.gather(*(studio.drills().round(WEEK) for _ in range(3)))

    done = [event for _, event in await studio.store.events() if event.kind is Kind.DRILL_DONE]
    assert 3 == len(done)
    assert 1 == len(studio.speakers[FREE].said)


async def test_a_worker_that_died_at_its_drill_keeps_it_from_the_others_for_minutes_and_no_longer(
    studio: Studio,
) -> None:
    await studio.drills().round(WEEK)
    studio.clock.advance(WEEK)
    at_work = asyncio.create_task(studio.drills().round(WEEK))
    await asyncio.sleep(0)
    holder, now = "dead worker", studio.clock.now()
    assert await studio.store.take_lease(f"drill:{SCRIPT}", holder, now, now + timedelta(minutes=8))
    await at_work
    assert {VOICE, UPLOAD} == {each.chain for each in await studio.store.drills()}

    studio.clock.advance(timedelta(minutes=8))
    await studio.drills().round(WEEK)

    assert {VOICE, SCRIPT, UPLOAD} == {each.chain for each in await studio.store.drills()}
