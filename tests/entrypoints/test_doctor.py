"""`ytempire doctor` on installations with one thing wrong, and on one with nothing wrong."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.entrypoints.consenting import (
    FIRST,
    PROJECT,
    SECOND,
    connected_with_files,
    key_file,
    nothing_in_clear,
    unconnected,
)
from tests.entrypoints.program import Ended, Installation
from ytempire.adapters.vault import Vault
from ytempire.emulator import Emulator


@pytest.fixture
def place(tmp_path: Path, google: Emulator) -> Iterator[Installation]:
    """Two accounts that are connected."""
    made = connected_with_files(unconnected(Installation(tmp_path), google), google, [FIRST, SECOND])
    yield made
    assert [] == nothing_in_clear(made, google)


def examined(place: Installation, *words: str) -> tuple[Ended, dict[str, dict[str, Any]]]:
    ended = place.run("doctor", "--json", *words)
    document = ended.json()
    findings = {each["about"]: each for each in document["findings"]}
    grades = [each["grade"] for each in document["findings"]]
    assert (document["problems"], document["warnings"]) == (grades.count("problem"), grades.count("warning"))
    assert (1 if document["problems"] else 0) == ended.code
    assert all(each["remedy"] for each in document["findings"] if each["grade"] != "ok")
    assert "" == ended.err
    return ended, findings


def not_ok(
    findings: dict[str, dict[str, Any]], *, but: tuple[str, ...] = ("disk", "versions")
) -> dict[str, str]:
    """What is not in order, the machine that the tests run on left aside."""
    return {
        about: each["grade"] for about, each in findings.items() if each["grade"] != "ok" and about not in but
    }


def test_without_accounts_the_clock_is_not_looked_at_and_it_says_what_is_missing(tmp_path: Path) -> None:
    made = Installation(tmp_path)
    assert 0 == made.run("init").code
    made.config.write_text("")

    _, findings = examined(made)

    assert "add [[accounts]] to the configuration" == findings["clock"]["remedy"]
    assert "no account" in findings["clock"]["message"]


def test_a_home_that_is_a_file_is_called_that(place: Installation) -> None:
    file = place.folder / "film.mp4"
    file.write_text("no folder")

    _, findings = examined(place, "--home", str(file))

    assert ("problem", f"{file} is a file") == (findings["home"]["grade"], findings["home"]["message"])


def spent(google: Emulator) -> int:
    return sum(int(page["spent"]) for page in google.totals()["charges"])


def test_a_healthy_home_is_in_order_and_no_quota_is_spent(place: Installation, google: Emulator) -> None:
    before = spent(google)

    _, findings = examined(place)

    assert {} == not_ok(findings)
    assert {
        "configuration", "home", "disk", "versions", "time zones", "client of main", "prices of main", "policy",
        "database", "trail", "key", "clock", f"account {FIRST}", f"account {SECOND}",
    } == set(findings)  # fmt: skip
    assert before == spent(google)
    client = google.client_secrets(PROJECT)["installed"]
    assert client["client_id"] in findings["client of main"]["message"]


def test_online_the_channels_are_looked_up_for_one_unit_each(place: Installation, google: Emulator) -> None:
    before = spent(google)

    _, findings = examined(place, "--online")

    assert {} == not_ok(findings)
    assert google.channel_of(FIRST) == findings[f"channel of {FIRST}"]["message"]
    assert 2 == spent(google) - before


def test_the_table_has_a_line_for_each_finding_and_a_remedy_below(
    place: Installation, google: Emulator
) -> None:
    (place.folder / "client_secrets.json").unlink()

    ended = place.run("doctor")

    lines = ended.out.splitlines()
    (number,) = [number for number, line in enumerate(lines) if line.startswith("PROBLEM")]
    assert "client_secrets.json does not exist" in lines[number]
    assert "Cloud console" in lines[number + 1]
    assert lines[-1].endswith("findings: 1 problem, 1 warning")
    assert 1 == ended.code


def test_a_fresh_installation_lacks_its_client_and_nothing_else(tmp_path: Path) -> None:
    fresh = Installation(tmp_path)
    assert 0 == fresh.run("init").code

    _, findings = examined(fresh)

    assert {"clients": "problem", "accounts": "warning"} == not_ok(findings)
    assert "client_secrets.json does not exist" in findings["clients"]["message"]


def test_accounts_that_were_never_connected_are_problems(tmp_path: Path, google: Emulator) -> None:
    _, findings = examined(unconnected(Installation(tmp_path), google))

    assert {f"account {FIRST}": "problem", f"account {SECOND}": "problem"} == not_ok(findings)
    assert f"run `ytempire connect {FIRST}`" == findings[f"account {FIRST}"]["remedy"]


def test_a_wrong_key_is_one_problem_and_nothing_is_put_in_quarantine(place: Installation) -> None:
    right = key_file(place).read_bytes()
    key_file(place).unlink()
    Vault.create(key_file(place))

    _, findings = examined(place)

    assert {"key": "problem", "accounts": "warning"} == not_ok(findings)
    assert "key" in findings["key"]["message"]
    key_file(place).write_bytes(right)
    assert {} == not_ok(examined(place)[1])


def test_a_missing_key_is_a_problem(place: Installation) -> None:
    key_file(place).unlink()

    _, findings = examined(place)

    assert {"key": "problem", "accounts": "warning"} == not_ok(findings)


def test_a_key_that_others_may_read_is_a_problem(place: Installation) -> None:
    key_file(place).chmod(0o644)

    _, findings = examined(place)

    assert "problem" == not_ok(findings)["key"]


def test_a_home_that_others_may_look_into_is_a_warning(place: Installation) -> None:
    place.home.chmod(0o755)

    _, findings = examined(place)

    assert {"home": "warning"} == not_ok(findings)
    assert f"chmod 700 {place.home}" == findings["home"]["remedy"]


@pytest.mark.parametrize(("seconds", "side"), [(-600, "ahead of"), (600, "behind")])
def test_a_clock_that_is_off_by_ten_minutes_is_a_problem(
    seconds: int, side: str, place: Installation, google: Emulator
) -> None:
    google.shift_clock(seconds)

    _, findings = examined(place)

    assert {"clock": "problem"} == not_ok(findings)
    assert side in findings["clock"]["message"]
    assert "NTP" in findings["clock"]["remedy"]


def test_a_clock_that_is_off_by_a_minute_is_a_warning(place: Installation, google: Emulator) -> None:
    google.shift_clock(60)

    _, findings = examined(place)

    assert {"clock": "warning"} == not_ok(findings)


def test_a_google_that_cannot_be_reached_is_a_warning(tmp_path: Path) -> None:
    with Emulator.in_thread() as google:
        place = connected_with_files(unconnected(Installation(tmp_path), google), google, [FIRST, SECOND])

    _, findings = examined(place)

    assert {"clock": "warning"} == not_ok(findings)


def test_the_layout_of_the_brief_works_and_the_policy_is_explained(tmp_path: Path, google: Emulator) -> None:
    place = Installation(tmp_path)
    assert 0 == place.run("init", "--preset", "brief-2025").code
    text = place.config.read_text().replace("https://youtube.googleapis.com/", f"{google.base_url}/")
    place.config.write_text(text)

    _, bare = examined(place)
    for number, name in enumerate(
        [line[10:-1] for line in text.splitlines() if line.startswith("[projects.")]
    ):
        secrets = google.create_project(f"p{number}")
        (place.folder / f"client_secrets_{name}.json").write_text(str(secrets).replace("'", '"'))
    _, findings = examined(place)

    assert "and 12 more" in bare["clients"]["message"]
    assert "problem" == bare["clients"]["grade"]
    assert "warning" == findings["policy"]["grade"]
    assert "15 projects; Developer Policy III.D.1.c wants exactly one" in findings["policy"]["message"]
    (prices,) = [each for about, each in findings.items() if about.startswith("prices of")]
    assert ("warning", True) == (prices["grade"], "units-2025 ended on" in prices["message"])
    assert 15 == sum(about.startswith("client of ") for about in findings)
    assert 15 == sum(about.startswith("account ") for about in findings)


def test_a_consent_that_died_is_a_problem_with_its_reason(place: Installation, google: Emulator) -> None:
    google.end_grants(FIRST, "expired")
    assert 1 == place.run("tokens", "refresh", FIRST).code

    _, findings = examined(place)

    assert {f"account {FIRST}": "problem"} == not_ok(findings)
    assert "no longer accepts the grant" in findings[f"account {FIRST}"]["message"]


def test_a_consent_in_testing_is_a_warning_with_its_end(tmp_path: Path, google: Emulator) -> None:
    google.create_project(PROJECT, publishing="testing")
    place = connected_with_files(unconnected(Installation(tmp_path), google), google, [FIRST, SECOND])

    _, findings = examined(place)

    assert {f"account {FIRST}": "warning", f"account {SECOND}": "warning"} == not_ok(findings)
    assert "Testing" in findings[f"account {FIRST}"]["message"]
    assert "publish the app" in findings[f"account {FIRST}"]["remedy"]


def test_a_paused_account_is_a_warning(place: Installation) -> None:
    assert 0 == place.run("accounts", "pause", FIRST, "--why", "a strike").code

    _, findings = examined(place)

    assert {f"account {FIRST}": "warning"} == not_ok(findings)
    assert "a strike" in findings[f"account {FIRST}"]["message"]


def test_a_trail_that_was_changed_is_a_problem(place: Installation) -> None:
    with closing(sqlite3.connect(place.home / "ytempire.sqlite")) as database, database:
        database.execute("UPDATE audit SET actor = 'nobody' WHERE number = 2")

    _, findings = examined(place)

    assert {"trail": "problem"} == not_ok(findings)
    assert "entry 2" in findings["trail"]["message"]


def _whole(place: Installation) -> Path:
    """The database as one file."""
    path = place.home / "ytempire.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def test_a_database_that_is_none_is_a_problem(place: Installation) -> None:
    _whole(place).write_bytes(b"this is no database" * 1000)

    _, findings = examined(place)

    assert "problem" == findings["database"]["grade"]
    assert "is not a database" in findings["database"]["message"]


@pytest.mark.parametrize("what", ["a page", "every page", "the end"])
def test_a_damaged_database_is_a_problem_and_the_rest_is_still_told(what: str, place: Installation) -> None:
    path = _whole(place)
    content = bytearray(path.read_bytes())
    if what == "a page":
        content[4096 * 3 : 4096 * 4] = b"\xa5" * 4096
    elif what == "every page":
        content[4096:] = b"\xa5" * (len(content) - 4096)
    else:
        del content[len(content) // 2 :]
    path.write_bytes(content)

    _, findings = examined(place)

    assert "problem" == findings["database"]["grade"]
    assert "restore" in findings["database"]["remedy"]
    assert "ok" == findings["client of main"]["grade"]


def test_a_damaged_database_is_said_in_one_line_by_every_command(place: Installation) -> None:
    path = _whole(place)
    path.write_bytes(path.read_bytes()[:4096] + b"\xa5" * 100_000)

    for words in (("jobs", "list"), ("tokens", "refresh"), ("worker", "--until-idle")):
        ended = place.run(*words)
        assert 2 == ended.code
        assert "the database is damaged" in ended.err
        assert 1 == len(ended.lines())


def test_a_wrong_configuration_is_told_with_the_line_that_is_wrong(place: Installation) -> None:
    place.config.write_text(place.config.read_text() + "\n[gogle]\n")

    _, findings = examined(place)

    assert {"configuration": "problem"} == not_ok(findings)
    assert "gogle" in findings["configuration"]["message"]


def test_a_reader_that_has_heard_enough_is_no_fault(place: Installation) -> None:
    ended = subprocess.run(
        ["sh", "-c", '"$0" -m ytempire doctor | grep -qm1 database', sys.executable],
        cwd=place.folder,
        env=place.variables({"PYTHONUNBUFFERED": "1"}),
        capture_output=True,
        text=True,
        check=False,
    )

    assert "" == ended.stderr


def test_a_server_that_may_forget_what_it_wrote_is_a_problem(place: Installation, postgres_url: str) -> None:
    with place.config.open("a") as config:
        config.write(f'\n[database]\nurl = "{postgres_url}"\n')

    _, findings = examined(place)

    assert "problem" == findings["database"]["grade"]
    assert "fsync and full_page_writes off" in findings["database"]["message"]
