"""`ytempire plan` as a program: its answers, its documents, its exit codes."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.entrypoints.conftest import Install
from tests.entrypoints.program import Installation

ALL = "thumbnail,update,playlist,caption"
WINDOWS_THAT_OVERLAP = """
windows = [
  { name = "a", start = "06:00", end = "12:00", share = 1 },
  { name = "b", start = "11:00", end = "13:00", share = 1 },
]
"""
CALENDAR = {"video", "account", "window", "start_at"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A folder without any configuration."""
    return Installation(tmp_path_factory.mktemp("nothing"))


def test_a_layout_is_planned_without_an_installation(tmp_path: Path) -> None:
    place = Installation(tmp_path)

    ended = place.run("plan", "--preset", "brief-2025", "--json")

    assert 0 == ended.code, ended.err
    told = ended.json()
    assert (True, 51, 50, 1) == (told["feasible"], told["fits"], told["videos"], told["spare"])
    assert [] == told["remedies"]
    assert CALENDAR == set(told["assignments"][0])
    assert [20, 20, 10] == [window["planned"] for window in told["windows"]]
    assert not place.home.exists()


def test_what_does_not_fit_ends_with_1_its_limit_and_its_remedies(place: Installation) -> None:
    ended = place.run("plan", "--preset", "brief-2025", "--extras", ALL, "--videos", 50, "--json")

    assert 1 == ended.code, ended.err
    told = ended.json()
    assert (False, 39, "units") == (told["feasible"], told["fits"], told["binding_limit"])
    steps = {remedy["steps"][0]["remedy"]: remedy["steps"][0]["amount"] for remedy in told["remedies"]}
    assert {"fewer_extras": 22, "quota_extension": 750, "more_accounts": 4, "fewer_videos": 11} == steps


def test_a_person_reads_the_verdict_first_and_then_the_calendar(place: Installation) -> None:
    ended = place.run("plan", "--date", "2826-12-01", "--preset", "default")

    assert 0 == ended.code, ended.err
    lines = ended.out.splitlines()
    assert "2826-12-01: feasible: all 50 supposed videos fit, 3 more would fit" == lines[0]
    assert lines[1].startswith("what would bind: units: beyond that, the units of ")
    assert re.search(r"^ytempire_prod_01 +production +06:00", ended.out, re.MULTILINE)
    assert "times are of America/Los_Angeles" == lines[-1]


def test_a_person_is_told_what_would_make_it_fit(place: Installation) -> None:
    ended = place.run("plan", "--preset", "default", "--extras", "captions", "--videos", "60")

    assert 1 == ended.code
    assert "what would make it fit: leave out the captions of" in ended.out
    assert "and 30 more" in ended.out


@pytest.mark.parametrize(
    ("words", "row", "cells"),
    [
        (("brief-2025",), "E", [51, 51, 51, 51, 39]),
        (("brief-2025", "--profile", "units-2025-12"), "C", [66, 66, 66, 66, 66]),
        (("default",), "80", [80, 80, 80, 53, 14]),
        (("default", "--profile", "units-2025"), "80", [5, 4, 4, 4, 3]),
    ],
)
def test_the_table_of_readings_is_that_of_the_layout(
    place: Installation, words: tuple[str, ...], row: str, cells: list[int]
) -> None:
    ended = place.run("plan", "--table", "--json", "--preset", *words)

    assert 0 == ended.code, ended.err
    rows = {each["row"]: each["videos"] for each in ended.json()["table"]["rows"]}
    assert cells == rows[row]


def test_the_table_is_shown_with_what_reserves_add(place: Installation) -> None:
    assert "48+3=51" in place.run("plan", "--table", "--preset", "brief-2025").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--preset", "briefest"), "there is no preset 'briefest'; use one of default, brief-2025"),
        (("--preset", "default", "--profile", "free"), "there is no profile 'free'"),
        (("--preset", "default", "--extras", "song"), "'song' is no extra"),
        (("--preset", "default", "--extras", "caption=0"), "'caption=0' is no extra"),
        (
            ("--preset", "default", "--date", "today"),
            "'today' is no date between 2000 and 2900; write it like",
        ),
        (("--preset", "default", "--date", "9999-12-31"), "'9999-12-31' is no date between 2000 and 2900"),
        (
            ("--preset", "default", "--date", "2020-02-03"),
            "2020-02-03 is over, and is not planned any more; name 2",
        ),
        (("--preset", "default", "--videos", "-1"), "videos"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(place: Installation, words: tuple[str, ...], said: str) -> None:
    ended = place.run("plan", *words)

    assert 2 == ended.code
    assert said in ended.err
    assert 1 == len(ended.lines())


def test_several_captions_and_none_are_said_as_they_are_meant(place: Installation) -> None:
    two = place.run(
        "plan", "--preset", "default", "--extras", "thumbnail,captions:2", "--videos", 50, "--json"
    )
    same = place.run(
        "plan", "--preset", "default", "--extras", "thumbnails,caption=2", "--videos", 50, "--json"
    )
    none = place.run("plan", "--preset", "default", "--extras", "none", "--videos", 50, "--json")

    assert 8_000 // 850 == two.json()["fits"] == same.json()["fits"]
    assert 66 == none.json()["fits"]


def test_an_installation_plans_what_is_queued(install: Install, films: Path) -> None:
    place = install()
    rows = "".join(f"{films / f'film{number}.mp4'},Number {number}\n" for number in (1, 2, 3))
    (place.folder / "three.csv").write_text("file,title\n" + rows)
    assert 0 == place.run("publish", "three.csv").code

    ended = place.run("plan", "--json")
    again = place.run("plan")

    assert 0 == ended.code, ended.err
    told = ended.json()
    assert (3, 3, False) == (told["videos"], told["planned"], told["supposed"])
    assert "all 3 videos fit" in again.out
    assert {"Number 1", "Number 2", "Number 3"} == {each["title"] for each in told["assignments"]}
    assert told["id"].startswith("plan_")
    assert 0 == again.code, again.err


def test_a_new_installation_is_planned_as_if_it_were_connected(place: Installation) -> None:
    assert 0 == place.run("init", "--preset", "brief-2025").code
    planned = place.run("plan", "--json")
    told = planned.json()
    table = place.run("plan", "--table", "--json")

    assert (True, 51, True) == (told["feasible"], told["fits"], told["supposed"])
    only = f"nothing waits; this only supposes 50 videos for {told['day']}"
    assert f"{only}, as the windows' shares add up to" in planned.err
    assert [51, 51, 51, 51, 39] == json.loads(table.out)["table"]["rows"][4]["videos"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('zone = "Mars/Base"', "planning.zone: there is no zone 'Mars/Base'"),
        ('windows = [{ name = "a", start = "12:00", end = "06:00", share = 1 }]', "a ends before it begins"),
        (
            WINDOWS_THAT_OVERLAP,
            "a and b overlap",
        ),
        ('windows = [{ name = "a", start = "06:00", end = "12:00", share = 0 }]', "all shares are 0"),
        (
            'windows = [{ name = "a", start = "6", end = "12:00", share = 1 }]',
            "write a time of day like 06:00",
        ),
    ],
)
def test_windows_that_contradict_each_other_are_refused(tmp_path: Path, more: str, said: str) -> None:
    place = Installation(tmp_path)
    place.config.write_text(f"[planning]\n{more}\n")

    ended = place.run("plan")

    assert 2 == ended.code
    assert said in ended.err


def test_a_video_that_waits_for_another_day_is_planned_or_told_of(install: Install, films: Path) -> None:
    place = install(1)
    later = datetime.now(UTC) + timedelta(days=40)
    assert 0 == place.run("publish", films / "film1.mp4", "--not-before", later.isoformat()).code

    ahead = place.run("plan", "--json").json()
    soon = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}"
    supposed = place.run("plan", "--date", soon)

    assert (1, False) == (ahead["videos"], ahead["supposed"])
    assert f"nothing waits for {soon} (1 video waits for later); this only supposes 50 videos" in supposed.err
