"""`ytempire quota` as a person uses it: today, days gone by, days that are only supposed."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.builders import a_publication
from tests.entrypoints.program import Installation
from ytempire.bootstrap import reading
from ytempire.bootstrap.layouts import Preset, configuration
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Reason
from ytempire.domain.quota import Bucket, Price
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, ProjectId, PublicationId
from ytempire.ports import Closing
from ytempire.settings import load

MAIN, ONE = ProjectId("main"), AccountId("one")
BUCKET = {
    "project", "bucket", "day", "limit", "used", "used_by_work", "used_by_reads", "reserved", "free", "ceiling",
    "hard_stop", "percent", "colour", "closed", "drift", "resets_at", "per_hour", "empty_at", "percent_at_reset",
}  # fmt: skip
PAST = {
    "day", "project", "bucket", "limit", "used", "used_by_work", "used_by_reads", "percent", "colour", "closed",
    "drift",
}  # fmt: skip
NEED = {"bucket", "each", "total", "limit", "ceiling", "percent", "fits", "room", "limit_needed"}


@pytest.fixture
def place(tmp_path: Path) -> Installation:
    """An installation with a project and an account, connected to nothing."""
    made = Installation(tmp_path)
    made.config.write_text('[projects.main]\n\n[[accounts]]\nid = "one"\n')
    made.home.mkdir(mode=0o700)
    return made


@pytest.fixture
def used(place: Installation) -> Installation:
    """The same with something charged, yesterday too, and a bucket that Google closed."""

    async def use() -> None:
        async with reading(load(place.config, place.home, {})) as house:
            now = house.clock.now()
            day, before = QuotaDay.of(now), QuotaDay.of(now - timedelta(days=1))
            for price, on in (
                (Price(Bucket.UNITS, 7_500), day),
                (Price(Bucket.UNITS, 3, overhead=True), day),
                (Price(Bucket.UPLOADS, 40), day),
                (Price(Bucket.UNITS, 9), before),
            ):
                assert await house.store.charge(MAIN, price, on, at=now, account=ONE)
            await house.store.close_bucket(Closing(MAIN, Bucket.UPLOADS, day, "per day"), ())

    asyncio.run(use())
    return place


def test_what_waits_for_quota_looks_again_when_a_limit_is_raised_and_not_when_nothing_is(
    place: Installation,
) -> None:
    async def due() -> tuple[datetime | None, datetime]:
        async with reading(load(place.config, place.home, {})) as house:
            found = await house.store.publication(PublicationId("pub_waits"))
            return found.due if found else None, house.clock.now()

    async def waits() -> datetime:
        async with reading(load(place.config, place.home, {})) as house:
            reset = QuotaDay.of(house.clock.now()).resets
            reason = Reason("out_of_quota", "one: 100 of 100")
            wanted = a_publication("pub_waits", state=State.DEFERRED, due=reset, reason=reason)
            await house.store.submit(wanted, "a film", ())
            return reset

    reset = asyncio.run(waits())
    unchanged, _ = asyncio.run(due())
    place.config.write_text(place.config.read_text() + "\n[projects.main.limits]\nuploads = 200\n")
    raised, now = asyncio.run(due())

    assert reset == unchanged
    assert raised is not None
    assert raised <= now


def test_today_is_one_document_as_it_is_documented(used: Installation) -> None:
    document = used.run("quota", "--json").json()

    assert {"at", "buckets", "uploads_possible", "usual_extras", "projects", "accounts"} == set(document)
    assert {frozenset(BUCKET)} == set(map(frozenset, document["buckets"]))
    found = {each["bucket"]: each for each in document["buckets"]}
    assert ("yellow", 7_503) == (found["units"]["colour"], found["units"]["used"])
    assert ("red", 60, "per day") == tuple(found["uploads"][name] for name in ("colour", "drift", "closed"))
    assert 0 == document["uploads_possible"]
    assert [
        {"project": "main", "uploads": 0, "by_quota": 0, "by_accounts": 0, "more_on_reserves": 0}
    ] == document["projects"]
    (account,) = document["accounts"]
    assert ("one", 7_500, 75.0) == (account["account"], account["units"], account["percent_of_project"])


def test_today_is_told_to_a_person_with_the_drift_and_what_is_still_possible(used: Installation) -> None:
    told = used.run("quota").out

    assert "Google closed it at 40 of 100 by our count; 60 were used elsewhere" in told
    assert "still possible today: 0 uploads with thumbnail,update,playlist" in told
    assert "main: 0 (quota leaves 0, the daily caps of its accounts 0)" in told
    assert ["one", "main", "disconnected", "0", "5", "0", "7500", "75.0"] == told.splitlines()[-1].split()


def test_history_tells_the_days_newest_first(used: Installation) -> None:
    days = used.run("quota", "history", "--json").json()["days"]

    assert {frozenset(PAST)} == set(map(frozenset, days))
    assert ["units", "uploads", "units"] == [each["bucket"] for each in days]
    assert days[0]["day"] == days[1]["day"] > days[2]["day"]
    assert 2 == len(used.run("quota", "history", "--days", 1, "--json").json()["days"])
    assert "yellow" in used.run("quota", "history").out


def test_a_history_of_nothing_says_so(place: Installation) -> None:
    assert "nothing was charged on these days\n" == place.run("quota", "history").out


def test_a_day_that_fits_is_exit_0_and_one_that_does_not_exit_1(place: Installation) -> None:
    fits = place.run("quota", "what-if", "--videos", 50, "--json")
    captions = place.run("quota", "what-if", "--videos", 50, "--extras", "thumbnail,captions:2", "--json")

    assert (0, True, 53) == (fits.code, fits.json()["fits"], fits.json()["room"])
    assert (1, False, 9) == (captions.code, captions.json()["fits"], captions.json()["room"])
    (project,) = captions.json()["projects"]
    assert {frozenset(NEED)} == set(map(frozenset, project["buckets"]))
    assert ("main", "buckets-2026", "units") == tuple(
        project[name] for name in ("project", "profile", "binding")
    )


def test_limits_and_price_lists_may_be_supposed(place: Installation) -> None:
    more = place.run(
        "quota", "what-if", "--videos", 200, "--extras", "none", "--limit", "uploads=300", "--json"
    )
    old = place.run("quota", "what-if", "--videos", 6, "--profile", "units-2025", "--extras", "none")

    assert (0, 240) == (more.code, more.json()["room"])
    assert 1 == old.code
    assert "6 videos do not fit on a day: 5 do, units being used up first" in old.out


def test_the_usual_extras_are_configured(place: Installation) -> None:
    place.config.write_text('[quota]\nusual_extras = "none"\n' + place.config.read_text())

    assert 80 == place.run("quota", "what-if", "--videos", 1, "--json").json()["room"]
    assert "none" == place.run("quota", "--json").json()["usual_extras"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["what-if", "--videos", "1", "--extras", "sound"], "'sound' is no extra of a video; use thumbnail"),
        (["what-if", "--videos", "1", "--limit", "uploads"], "'uploads' is no limit; write one of uploads"),
        (["what-if", "--videos", "1", "--limit", "bytes=1"], "'bytes=1' is no limit"),
        (["what-if", "--videos", "1", "--profile", "old"], "there is no profile 'old'; use one of"),
        (["what-if", "--videos", "-1"], "a number from 0 to "),
        (["what-if"], "missing option '--videos'"),
        (["history", "--days", "0"], "a whole number from 1 to 3660 is expected"),
        (["--json", "history"], "write --json behind `ytempire quota history`"),
        (["tomorrow"], "no such command 'tomorrow'"),
    ],
)
def test_a_wrong_question_is_one_clear_line(place: Installation, words: list[str], told: str) -> None:
    ended = place.run("quota", *words)

    assert (2, "") == (ended.code, ended.out)
    (line,) = ended.lines()
    assert told in line


def test_usual_extras_that_are_none_are_refused_with_the_key(place: Installation) -> None:
    place.config.write_text('[quota]\nusual_extras = "sound"\n' + place.config.read_text())

    ended = place.run("quota")

    assert 2 == ended.code
    assert "quota.usual_extras: 'sound' is no extra of a video" in ended.err


def test_the_layout_of_the_brief_allows_failover_and_the_default_does_not(tmp_path: Path) -> None:
    allowed = {}
    for preset in Preset:
        path = tmp_path / f"{preset}.toml"
        path.write_text(configuration(preset))
        allowed[preset] = load(path, tmp_path, {}).quota.cross_project_failover

    assert {Preset.DEFAULT: False, Preset.BRIEF_2025: True} == allowed
