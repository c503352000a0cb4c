"""`ytempire checklist` on a healthy home, and on homes of which each is sick in one point."""

import asyncio
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.entrypoints.conftest import connect_with_files
from tests.entrypoints.program import QUICK, Installation, eventually, stopped
from ytempire.bootstrap import reading
from ytempire.domain.events import Event, Kind
from ytempire.domain.quota import Bucket, Price
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import ProjectId
from ytempire.emulator import Emulator
from ytempire.ports import Closing, Store
from ytempire.settings import load

MAIN = ProjectId("main")
PRODUCTION = ("prod_1", "prod_2")
RESERVES = ("reserve_1", "reserve_2", "reserve_3")
METRICS = ["health", "quota", "tokens", "upload_success", "fallback_rate"]
OF_THE_DAY = ["accounts", "token_check", "quota_patterns", "fallback_chain", "error_patterns", "rotation"]
TARGET = '\n[alerts.targets.ops]\nurl = "json://127.0.0.1:9/none"\n'


@pytest.fixture(scope="module")
def local_google() -> Iterator[Emulator]:
    with Emulator.in_thread() as running:
        yield running


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory, local_google: Emulator, films: Path) -> Path:
    """A folder with an installation that has published a video; tests work on copies of it."""
    made = Installation(tmp_path_factory.mktemp("healthy"))
    (made.folder / "client_secrets.json").write_text(json.dumps(local_google.create_project("main")))
    text = f'[google]\napi_root = "{local_google.base_url}/"\n\n[projects.main]\n\n'
    text += "".join(f'[[accounts]]\nid = "{each}"\ndaily_uploads = 2\n\n' for each in PRODUCTION)
    text += "".join(f'[[accounts]]\nid = "{each}"\nkind = "reserve"\n\n' for each in RESERVES)
    made.config.write_text(text + QUICK + TARGET)
    assert 0 == made.run("init", "--config", made.folder / "unused.toml").code
    for name in (*PRODUCTION, *RESERVES):
        (made.folder / f"{name}.json").write_text(json.dumps(local_google.create_account(name, "main")))
    asyncio.run(connect_with_files(made, [*PRODUCTION, *RESERVES]))
    assert 0 == made.run("publish", films / "film1.mp4", "--title", "One", "--wait").code
    for chain in ("voice_synthesis", "script_generation"):
        assert 0 == made.run("drill", chain).code
    return made.folder


@pytest.fixture
def place(tmp_path: Path, healthy: Path) -> Installation:
    """An installation of this test's own, in good health."""
    return Installation(Path(shutil.copytree(healthy, tmp_path / "place")))


def test_a_healthy_home_passes_with_exit_0(place: Installation) -> None:
    ended = place.run("checklist", "--json")

    assert 0 == ended.code, ended.out
    told = ended.json()
    assert (True, [], []) == (told["passed"], told["failed"], told["unknown"])
    kinds = {
        kind: [each["point"] for each in told["points"] if each["kind"] == kind]
        for kind in ("metric", "daily")
    }
    assert {"metric": METRICS, "daily": OF_THE_DAY} == kinds
    assert all(each["value"] and each["target"] and each["title"] for each in told["points"])
    assert [1.0, 1.0, 1.0, 0.0] == [told["points"][number]["measure"] for number in (0, 2, 3, 4)]


def test_the_home_of_a_demo_passes_though_faults_were_thrown_in(tmp_path: Path) -> None:
    made = Installation(tmp_path)
    assert 0 == made.run("demo", "--videos", 20, "--keep", "kept").code
    kept = made.folder / "kept"

    ended = made.run("checklist", "--config", kept / "ytempire.toml", "--home", kept / "home", "--json")

    # Nobody is told of alerts in a demo, which is said and fails nothing.
    assert (0, ["fallback_chain"]) == (ended.code, ended.json()["unknown"]), ended.out


def test_a_person_reads_the_verdict_first_and_which_drills_passed(place: Installation) -> None:
    ended = place.run("checklist")

    lines = ended.out.splitlines()
    assert lines[0].endswith(": no point of 11 fails")
    assert 11 == sum(line.startswith("ok ") for line in lines)
    assert "drills of voice_synthesis, script_generation passed" in ended.out


def prepared(place: Installation, act: Callable[[Store], object]) -> None:
    """Does something to the store of a home."""

    async def main() -> None:
        async with reading(load(place.config, place.home, {})) as house:
            await act(house.store)  # type: ignore[misc]  # whatever the store answers

    asyncio.run(main())


def now() -> datetime:
    return datetime.now(UTC)


def reserve_paused(place: Installation, google: Emulator, films: Path) -> None:
    del google, films
    assert 0 == place.run("accounts", "pause", "reserve_1", "--why", "a test").code


def grant_revoked(place: Installation, google: Emulator, films: Path) -> None:
    del films
    google.revoke("prod_2")
    place.run("tokens", "refresh", "prod_2")


def bucket_full(place: Installation, google: Emulator, films: Path) -> None:
    del google, films
    prepared(
        place, lambda store: store.charge(MAIN, Price(Bucket.UNITS, 8_000), QuotaDay.of(now()), at=now())
    )


def bucket_closed(place: Installation, google: Emulator, films: Path) -> None:
    del google, films
    closing = Closing(MAIN, Bucket.SEARCHES, QuotaDay.of(now()), "quotaExceeded")
    prepared(place, lambda store: store.close_bucket(closing, ()))


def production_paused(place: Installation, google: Emulator, films: Path) -> None:
    del google, films
    for name in PRODUCTION:
        assert 0 == place.run("accounts", "pause", name, "--why", "a test").code


def unknown_answer(place: Installation, google: Emulator, films: Path) -> None:
    google.add_fault("videos.insert.start", "status", status=418, count=1)
    ended = place.run("publish", films / "film2.mp4", "--title", "Two", "--wait", "--json")
    which = ended.json()["publications"][0]["id"]
    place.run("jobs", "cancel", which)


def queue_too_long(place: Installation, google: Emulator, films: Path) -> None:
    del google
    rows = "".join(f"{films / f'film{number}.mp4'},Copy {number}\n" for number in range(1, 7))
    (place.folder / "many.csv").write_text("file,title\n" + rows)
    capped = place.config.read_text().replace("daily_uploads = 2", "daily_uploads = 1")
    place.config.write_text(capped.replace('kind = "reserve"', 'kind = "reserve"\ndaily_uploads = 1'))
    place.run("publish", "many.csv", "--again")


def file_gone(place: Installation, google: Emulator, films: Path) -> None:
    del google
    film = place.folder / "gone.mp4"
    shutil.copy(films / "film3.mp4", film)
    place.run("publish", film, "--title", "Gone")
    film.unlink()
    place.run("worker", "--until-idle")


SICK = [
    (reserve_paused, {"accounts"}),
    (grant_revoked, {"health", "tokens", "accounts", "token_check"}),
    (bucket_full, {"quota"}),
    (bucket_closed, {"quota_patterns"}),
    (production_paused, {"fallback_chain"}),
    (unknown_answer, {"error_patterns"}),
    (queue_too_long, {"rotation"}),
    (file_gone, {"upload_success"}),
]


@pytest.mark.parametrize(("prepare", "expected"), SICK, ids=[each.__name__ for each, _ in SICK])
def test_a_sick_home_fails_with_exit_1_and_names_its_sick_point(
    prepare: Callable[[Installation, Emulator, Path], None],
    expected: set[str],
    place: Installation,
    local_google: Emulator,
    films: Path,
) -> None:
    prepare(place, local_google, films)

    ended = place.run("checklist", "--json")

    told = ended.json()
    assert (1, expected) == (ended.code, set(told["failed"])), ended.out
    wrong = [each for each in told["points"] if each["verdict"] == "failed"]
    assert expected == {each["point"] for each in wrong}
    assert all(each["why"] and each["remedy"] for each in wrong)


def test_the_sick_point_is_said_in_words_with_its_remedy_below(place: Installation) -> None:
    assert 0 == place.run("accounts", "pause", "reserve_1", "--why", "a test").code

    ended = place.run("checklist")

    lines = ended.out.splitlines()
    (number,) = [number for number, line in enumerate(lines) if line.startswith("FAILED")]
    assert "2 of 3 reserves are ready; reserve_1 is not: it is paused" in lines[number]
    assert "connect or resume reserves" in lines[number + 1]
    assert lines[0].endswith(": 1 of 11 points fail")


def test_a_new_home_fails_for_its_accounts_and_the_rest_is_not_known(tmp_path: Path) -> None:
    fresh = Installation(tmp_path)
    assert 0 == fresh.run("init").code

    ended = fresh.run("checklist", "--json")

    told = ended.json()
    assert 1 == ended.code
    assert {"health", "tokens", "accounts", "token_check", "fallback_chain"} == set(told["failed"])
    assert {"upload_success", "fallback_rate", "quota_patterns"} == set(told["unknown"])


def test_the_result_of_a_day_is_kept(place: Installation) -> None:
    made = place.run("checklist", "--json").json()

    kept = place.run("checklist", "--day", made["day"], "--json")
    never = place.run("checklist", "--day", "2001-01-01")
    wrong = place.run("checklist", "--day", "today")

    assert (0, made) == (kept.code, kept.json())
    assert (2, ["ytempire: no checklist was made on 2001-01-01; make one with `ytempire checklist`"]) == (
        never.code,
        never.lines(),
    )
    told = "ytempire: --day: 'today' is no date between 2000 and 2900; write it like 2026-11-22"
    assert (2, [told]) == (wrong.code, wrong.lines())


def test_a_worker_makes_it_when_the_last_one_is_of_another_day(place: Installation) -> None:
    prepared(place, lambda store: store.put_fact("checklist.scheduled", "2026-01-01"))
    made: list[Event] = []

    async def look(store: Store) -> None:
        events = [event for _, event in await store.events(limit=10_000)]
        made[:] = [each for each in events if each.kind in (Kind.CHECKLIST_PASSED, Kind.CHECKLIST_FAILED)]

    def is_made() -> bool:
        prepared(place, look)
        return bool(made)

    with place.started("worker") as process:
        eventually(is_made, "the checklist")
        stopped(process)

    assert ["worker"] == [each.data["by"] for each in made]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('at = "24:00"', "checklist.at: write a time of day like 06:00"),
        ('zone = "Mars/Base"', "checklist.zone: there is no zone 'Mars/Base'"),
        ("window_days = 0", "checklist.window_days: it must be at least 1"),
        ("reserves_ready = -1", "checklist.reserves_ready: it must be at least 0"),
    ],
)
def test_what_cannot_be_configured_is_refused(tmp_path: Path, more: str, said: str) -> None:
    bare = Installation(tmp_path)
    bare.config.write_text(f"[checklist]\n{more}\n")

    ended = bare.run("checklist")

    assert 2 == ended.code
    assert said in ended.err
