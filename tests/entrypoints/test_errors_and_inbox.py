"""`errors`, `errors review`, `jobs held` and the ways out of a hold, as commands."""

from pathlib import Path
from typing import Any

import pytest

from tests.entrypoints.conftest import Install
from tests.entrypoints.program import Installation
from ytempire.emulator import Emulator

START = "videos.insert.start"


def refusing(google: Emulator, status: int, reason: str, **how: Any) -> None:
    google.add_fault(START, "status", status=status, reason=reason, **how)


@pytest.fixture
def held(install: Install, google: Emulator, films: Path) -> tuple[Installation, dict[str, Any]]:
    """An installation with one publication that is held because the API is not enabled."""
    home = install()
    refusing(google, 403, "accessNotConfigured", message="Enable the API, code=4/0secret says.")
    done = home.run("publish", films / "film1.mp4", "--wait", "--json")
    assert 4 == done.code
    return home, done.json()["publications"][0]


def test_a_hold_is_listed_with_evidence_and_commands_that_work(
    held: tuple[Installation, dict[str, Any]],
) -> None:
    home, publication = held
    listed = home.run("jobs", "held", "--json")

    (shown,) = listed.json()["publications"]
    assert (0, publication["id"], "notConfigured") == (listed.code, shown["id"], shown["code"])
    assert "secret" not in listed.out
    other = {"channel_1", "channel_2"} - {shown["account"]}
    commands = [each["command"].split() for each in shown["actions"]]
    assert [["retry"], ["resolve", "--reassign", *other], ["resolve", "--give-up"]] == [
        [word for word in command[2:] if word != publication["id"]] for command in commands
    ]
    text = home.run("jobs", "held").out
    assert publication["id"] in text
    assert f"ytempire jobs retry {publication['id']}" in text
    assert text.endswith("1 publication waits for a person\n")
    assert [] == home.run("jobs", "held", "--reason", "poison", "--json").json()["publications"]

    program, *words = commands[1]
    assert "ytempire" == program
    moved = home.run(*words, "--json").json()
    assert ("queued", True) == (moved["state"], moved["id"] != publication["id"])
    assert 0 == home.run("worker", "--until-idle").code
    assert {"cancelled": 1, "published": 1} == home.state()["counts"]


def test_all_that_is_held_for_a_reason_is_retried_with_one_command(
    install: Install, google: Emulator, films: Path
) -> None:
    home = install()
    refusing(google, 403, "accessNotConfigured", count=2)
    videos = [films / "film1.mp4", films / "film2.mp4"]
    assert 4 == home.run("publish", *videos, "--wait", "--json").code

    done = home.run("jobs", "retry", "--held", "--reason", "notConfigured", "--json")

    assert (0, []) == (done.code, done.json()["refused"])
    assert ["queued", "queued"] == [each["state"] for each in done.json()["publications"]]
    none = home.run("jobs", "retry", "--held", "--reason", "poison")
    assert (0, "0 of 0 are back at work") == (none.code, none.out.strip())
    assert "ytempire: nothing is held for 'poison'; nothing is held at all\n" == none.err


def test_a_reason_for_which_nothing_is_held_is_told_with_those_that_there_are(
    install: Install, google: Emulator, films: Path
) -> None:
    home = install()
    refusing(google, 403, "accessNotConfigured", count=1)
    assert 4 == home.run("publish", films / "film1.mp4", "--wait").code

    told = home.run("jobs", "retry", "--held", "--reason", "notConfigurd").err

    assert "nothing is held for 'notConfigurd'; the reasons there are: notConfigured (1)" in told


@pytest.mark.parametrize(
    "words",
    [(), ("--held",), ("pub_1", "--held", "--reason", "x"), ("pub_1", "--reason", "x"), ("--reason", "x"),
     ("--held", "--reason", "x", "--extras")],
)  # fmt: skip
def test_a_retry_that_is_not_clear_is_refused(install: Install, words: tuple[str, ...]) -> None:
    done = install().run("jobs", "retry", *words)

    assert (2, "") == (done.code, done.out)
    assert "say either PUBLICATION" in done.err


def test_a_failed_thumbnail_is_done_after_all(install: Install, google: Emulator, films: Path) -> None:
    home = install()
    google.add_fault("thumbnails.set", "status", status=403, reason="forbidden", count=2)
    done = home.run(
        "publish", films / "film1.mp4", "--thumbnail", films / "thumbnail.jpg", "--wait", "--json"
    )
    (publication,) = done.json()["publications"]
    assert ("published", "failed") == (publication["state"], publication["extras"][0]["state"])

    still = home.run("jobs", "retry", publication["id"], "--extras", "--json")
    mended = home.run("jobs", "retry", publication["id"], "--extras", "--json")

    assert (3, "failed") == (still.code, still.json()["extras"][0]["state"])
    assert (0, "published", "done") == (
        mended.code,
        mended.json()["state"],
        mended.json()["extras"][0]["state"],
    )
    assert 2 == home.run("jobs", "retry", publication["id"], "--extras").code


def test_what_a_published_video_still_lacks_is_told(install: Install, google: Emulator, films: Path) -> None:
    home = install()
    google.add_fault("thumbnails.set", "status", status=429, reason="uploadRateLimitExceeded")
    google.add_fault("thumbnails.set", "status", status=400, reason="invalidImage")
    done = home.run("publish", films / "film1.mp4", "--thumbnail", films / "thumbnail.jpg", "--wait")
    which = done.out.split()[0]

    failed = home.run("jobs", "retry", which, "--extras")
    mended = home.run("jobs", "retry", which, "--extras")

    assert (0, 3, 0) == (done.code, failed.code, mended.code)
    assert f"{which}: the thumbnail follows at " in done.err
    assert f"{which}: the thumbnail failed: " in failed.err
    assert ("", f"{which} is published\n") == (mended.err, mended.out)


def test_errors_are_counted_by_reason_account_and_hour(held: tuple[Installation, dict[str, Any]]) -> None:
    home, publication = held

    found = home.run("errors", "--days", "2", "--json").json()

    assert (1, 0, "new", 2) == (found["count"], found["before"], found["trend"], found["days"])
    assert ["notConfigured"] == [each["reason"] for each in found["by_reason"]]
    assert [publication["account"]] == [each["account"] for each in found["by_account"]]
    assert [1] == [each["count"] for each in found["by_hour"]]
    (sample,) = found["samples"]
    assert ("Enable the API, code=... says.", START) == (sample["why"], sample["step"])
    only = home.run("errors", "--by", "account", "--json").json()
    assert ("by_account" in only, "by_reason" in only) == (True, False)
    text = home.run("errors").out
    assert text.startswith("1 error in the last day, 0 in as long before: new")
    assert "notConfigured" in text
    assert "secret" not in text
    assert "by hour" not in home.run("errors", "--by", "reason").out


def test_a_quiet_installation_says_so(install: Install) -> None:
    home = install()

    assert "0 errors in the last day, 0 in as long before: same\n" == home.run("errors").out
    assert "nothing to review\n" == home.run("errors", "review").out
    assert "0 publications wait for a person\n" == home.run("jobs", "held").out
    assert 2 == home.run("errors", "review", "--dismiss", "nothing").code
    assert 2 == home.run("errors", "--by", "moon").code
    assert 2 == home.run("errors", "--days", "0").code


def test_an_unknown_answer_is_reviewed_and_dismissed(install: Install, google: Emulator, films: Path) -> None:
    home = install()
    refusing(google, 418, "teapot", message="No coffee, Bearer abc.def")
    assert 4 == home.run("publish", films / "film1.mp4", "--wait").code

    (unknown,) = home.run("errors", "review", "--json").json()["unknown"]

    assert ("418:teapot:global:videos.insert.start", 1) == (unknown["key"], unknown["count"])
    assert "No coffee, Bearer ..." == unknown["sample"]["why"]
    assert unknown["key"] in home.run("errors", "review").out
    assert [] == home.run("errors", "review", "--dismiss", unknown["key"], "--json").json()["unknown"]
    assert "nothing to review\n" == home.run("errors", "review").out
