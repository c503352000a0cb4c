"""`ytempire simulate` as a program: its document, its table, its pictures, its refusals."""

from pathlib import Path
from typing import Any

import pytest

from tests.entrypoints.program import Installation
from ytempire.entrypoints.cli import simulate_views

QUICK = ("simulate", "--preset", "default", "--days", 2, "--videos", 6, "--start", "2026-11-23")
BAD = (*QUICK, "--faults", "bad", "--json")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A folder without any configuration."""
    return Installation(tmp_path_factory.mktemp("nothing"))


def test_the_same_seed_tells_the_same_to_the_byte(place: Installation) -> None:
    first, second = place.run(*BAD), place.run(*BAD)

    assert 0 == first.code, first.err
    assert first.out == second.out
    assert first.out != place.run(*BAD, "--seed", 2).out
    assert not place.home.exists()


def test_the_document_tells_scenario_totals_days_and_broken_rules(place: Installation) -> None:
    told = place.run(*QUICK, "--json").json()

    assert {"scenario", "totals", "days", "broken"} == set(told)
    assert [] == told["broken"]
    assert {"published": 12} == told["totals"]["states"]
    assert ["2026-11-23", "2026-11-24"] == [day["day"] for day in told["days"]]
    assert {"project", "bucket", "sent", "limit", "closed", "percent"} == set(told["days"][0]["lines"][0])


def test_a_person_reads_a_row_for_each_day_and_how_it_ended(place: Installation) -> None:
    ended = place.run(*QUICK)

    assert 0 == ended.code, ended.err
    lines = ended.out.splitlines()
    assert lines[0].startswith("day ")
    assert lines[1].startswith("2026-11-23  6 ")
    assert "12 videos: 12 published" in lines
    assert "no rule was broken" == lines[-1]


def test_the_configuration_of_the_home_is_simulated_unless_a_layout_is_named(place: Installation) -> None:
    made = Installation(place.folder / "home of one")
    made.folder.mkdir()
    text = '[projects.main]\n\n[[accounts]]\nid = "only"\ndaily_uploads = 3\n'
    made.config.write_text(text)

    told = made.run(*QUICK[:1], *QUICK[3:], "--json").json()

    assert "installation" == told["scenario"]["layout"]
    assert {"daily_cap": 3} == told["days"][0]["deferred"]
    assert {"published": 12} == told["totals"]["states"]


@pytest.mark.parametrize(("name", "begins"), [("days.svg", b"<svg "), ("days.png", b"\x89PNG")])
def test_a_picture_is_drawn(place: Installation, name: str, begins: bytes) -> None:
    ended = place.run(*QUICK, "--plot", name)

    assert 0 == ended.code, ended.err
    assert (place.folder / name).read_bytes().startswith(begins)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--faults", "storms"), "use none, mixed, bad"),
        (("--faults", "outages=2"), "use none, mixed, bad"),
        (("--preset", "none"), "use one of default, brief-2025"),
        (("--profile", "none"), "use one of buckets-2026"),
        (("--start", "tomorrow"), "'tomorrow' is no date between 2000 and 2900; write it like 2026-11-22"),
        (("--plot", "days.gif"), "end its name with .svg or .png"),
        (("--plot", "nowhere/days.svg"), "make it, or name another"),
        (("--days", 0), "--days"),
        (("--videos", -1), "--videos"),
    ],
)
def test_what_makes_no_sense_is_one_clear_line(
    place: Installation, words: tuple[object, ...], told: str
) -> None:
    ended = place.run("simulate", "--preset", "default", *words)

    assert 2 == ended.code
    assert told in ended.err
    assert "" == ended.out


def test_broken_rules_are_named_and_the_rest_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    totals: dict[str, Any] = {
        "submitted": 0, "states": {}, "reasons": {}, "faults": {}, "most_planned_percent": 0, "most_sent_percent": {}
    }  # fmt: skip
    broken = [f"2026-11-23: twice: video {number}" for number in range(22)]

    simulate_views.days({"totals": totals, "days": [], "broken": broken})

    said = capsys.readouterr().out
    assert "BROKEN: 2026-11-23: twice: video 19\nand 2 more\n22 times a rule was broken\n" in said


def test_nothing_is_written_but_the_picture(place: Installation, tmp_path: Path) -> None:
    made = Installation(tmp_path)

    assert 0 == made.run(*QUICK, "--plot", "days.svg").code

    assert ["days.svg"] == [file.name for file in tmp_path.iterdir()]
