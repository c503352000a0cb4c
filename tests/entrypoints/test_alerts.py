"""`ytempire alerts` as a person uses it, and a worker that tells a real server what happened."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.receiver import Receiver, receiving
from tests.entrypoints.conftest import Install
from tests.entrypoints.program import Installation
from ytempire.emulator import Emulator

LISTED = {
    "number", "key", "level", "title", "text", "remedy", "raised_at", "until", "resolved_at", "ended_why", "times",
    "muted", "deliveries",
}  # fmt: skip
SECRET = "tok-0123456789"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def target(receiver: Receiver, name: str = "ops", more: str = "") -> str:
    """The section of a target."""
    return f'\n[alerts.targets.{name}]\nurl = "json://127.0.0.1:{receiver.port}/{SECRET}"\n{more}\n'


@pytest.fixture
def bare(tmp_path: Path) -> Installation:
    """A home with a configuration and nothing else."""
    made = Installation(tmp_path)
    made.config.write_text("[projects.main]\n")
    made.home.mkdir(mode=0o700)
    return made


def add(place: Installation, text: str) -> None:
    place.config.write_text(place.config.read_text() + text)


def test_what_happens_to_a_publication_is_told_to_a_real_server(
    install: Install, google: Emulator, films: Path, receiver: Receiver
) -> None:
    place = install(more=target(receiver))
    gone = place.folder / "gone.mp4"
    gone.write_bytes((films / "film1.mp4").read_bytes())
    queued = place.run("publish", gone, "--title", "One", "--json").json()["publications"][0]["id"]
    gone.unlink()

    assert 0 == place.run("worker", "--until-idle").code

    assert [f"high: {queued} needs a person: source_missing"] == [each["title"] for each in receiver.taken]
    place.run("jobs", "cancel", queued)
    assert 0 == place.run("worker", "--until-idle").code

    assert f"resolved: {queued} needs a person: source_missing" == receiver.taken[-1]["title"]
    (alert,) = place.run("alerts", "list", "--all", "--json").json()["alerts"]
    assert LISTED == set(alert)
    assert (f"publication:{queued}:held", "high") == (alert["key"], alert["level"])
    assert alert["resolved_at"] is not None
    assert [("beginning", "sent"), ("end", "sent")] == [
        (each["tells"], each["state"]) for each in alert["deliveries"]
    ]


def test_a_failed_delivery_is_seen_in_the_list_and_keeps_nothing_from_being_done(
    install: Install, films: Path, receiver: Receiver
) -> None:
    receiver.status = 503
    place = install(more=target(receiver))
    lost = place.folder / "lost.mp4"
    lost.write_bytes((films / "film1.mp4").read_bytes())
    place.run("publish", lost, "--title", "Lost")
    lost.unlink()

    ended = place.run("publish", films / "film2.mp4", "--wait")

    assert 0 == ended.code, ended.err
    shown = place.run("alerts", "list").out
    assert "ops failed (1 try:" in shown
    assert "503" in shown
    assert SECRET not in shown + ended.err


def test_a_test_reaches_every_target_whatever_its_levels(bare: Installation, receiver: Receiver) -> None:
    add(bare, target(receiver) + target(receiver, "chat", 'levels = ["critical"]'))

    ended = bare.run("alerts", "test")

    assert (0, "ops: delivered\nchat: delivered\n") == (ended.code, ended.out)
    assert ["test: ytempire can reach you"] * 2 == [each["title"] for each in receiver.taken]
    assert [] == bare.run("alerts", "list", "--json").json()["alerts"]


def test_a_test_of_one_target_that_fails_is_exit_1_and_of_some_exit_3(
    bare: Installation, receiver: Receiver
) -> None:
    with receiving() as gone:
        add(bare, target(gone, "gone") + target(receiver))

    one, both = bare.run("alerts", "test", "gone"), bare.run("alerts", "test", "--json")

    assert (1, 3) == (one.code, both.code)
    assert one.out.startswith("gone: A Connection error occurred")
    assert [("gone", False), ("ops", True)] == [
        (each["target"], each["delivered"]) for each in both.json()["targets"]
    ]
    assert SECRET not in one.out + one.err + both.out + both.err


def test_an_address_may_come_from_a_variable_or_a_file(bare: Installation, receiver: Receiver) -> None:
    url = f"json://127.0.0.1:{receiver.port}/{SECRET}"
    (bare.folder / "chat.url").write_text(url + "\n")
    add(
        bare,
        '\n[alerts.targets.chat]\nurl_file = "chat.url"\n[alerts.targets.ops]\nurl_env = "OPS_ADDRESS"\n',
    )

    assert 0 == bare.run("alerts", "test", variables={"OPS_ADDRESS": url}).code

    missing = bare.run("alerts", "test")
    assert 2 == missing.code
    assert [
        "ytempire: alerts.targets.ops.url_env: the variable OPS_ADDRESS is not set; set it"
    ] == missing.lines()


@pytest.mark.parametrize(
    ("section", "said"),
    [
        (
            "levels = []\nurl_env = 'X'",
            "alerts.targets.ops.levels: the list is empty; write at least one value",
        ),
        (
            "levels = ['loud']\nurl_env = 'X'",
            "alerts.targets.ops.levels.0: use one of info, warning, high, critical (found 'loud')",
        ),
        ("", "alerts.targets.ops: give its address in exactly one of url_env, url_file and url"),
        (
            f"url = 'json://x/{SECRET}'\nurl_env = 'X'",
            "alerts.targets.ops: give its address in exactly one of url_env, url_file and url",
        ),
        (
            f"url = 'nosuch://x/{SECRET}'",
            "see the list of services in Apprise's documentation, like `slack://` or `mailtos://`",
        ),
        (f'url = "json://x/{SECRET}\\u0000"', "alerts.targets.ops.url: it holds a zero byte; remove it"),
        ("url_file = 'gone'", "cannot be read (No such file or directory); write the address into it"),
    ],
)
def test_a_target_that_cannot_be_used_is_said_without_its_address(
    bare: Installation, section: str, said: str
) -> None:
    add(bare, f"\n[alerts.targets.ops]\n{section}\n")

    ended = bare.run("alerts", "test")

    assert 2 == ended.code
    assert ended.err.endswith(said + "\n")
    assert SECRET not in ended.err


def test_a_target_that_is_not_there_is_said_with_the_one_that_was_meant(
    bare: Installation, receiver: Receiver
) -> None:
    none = bare.run("alerts", "test")
    add(bare, target(receiver))
    other = bare.run("alerts", "test", "opps")

    assert (2, 2) == (none.code, other.code)
    assert [
        "ytempire: target: no targets are configured; add a section [alerts.targets.NAME]"
    ] == none.lines()
    assert ["ytempire: target: there is no target 'opps'; did you mean ops?"] == other.lines()


def test_a_mute_is_made_listed_and_ended(bare: Installation) -> None:
    made = bare.run("alerts", "mute", "quota:*", "--for", "1d12h", "--why", "a load test")

    assert 0 == made.code, made.err
    assert "a load test" in made.out
    (listed,) = bare.run("alerts", "mute", "--list", "--json").json()["mutes"]
    assert {"pattern", "until", "made_at", "made_by", "why"} == set(listed)
    assert ("quota:*", "tester", "a load test") == (listed["pattern"], listed["made_by"], listed["why"])

    ended = bare.run("alerts", "mute", "quota:*", "--end")

    assert (0, "nothing is muted\n") == (ended.code, ended.out)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "pattern: no pattern is given"),
        (("*",), "mute: how long and why are not given"),
        (("*", "--for", "2h", "--why", " "), "mute: how long and why are not given"),
        (("*", "--for", "soon", "--why", "x"), "for: 'soon' is no span of time"),
        (("*", "--for", "0m", "--why", "x"), "for: '0m' is not between a minute and 90 days"),
        (("*", "--for", "91d", "--why", "x"), "for: '91d' is not between a minute and 90 days"),
        (("*", "--end"), "pattern: no mute with the pattern '*' is running"),
    ],
)
def test_a_mute_that_makes_no_sense_is_refused(bare: Installation, words: tuple[str, ...], said: str) -> None:
    ended = bare.run("alerts", "mute", *words)

    assert 2 == ended.code
    assert ended.err.startswith(f"ytempire: {said}; "), ended.err


def test_a_look_at_alerts_does_not_load_what_sends_them(bare: Installation, receiver: Receiver) -> None:
    add(bare, target(receiver))

    ended = bare.run("alerts", "list", "--json", variables={"PYTHONPROFILEIMPORTTIME": "1"})

    assert {"alerts": []} == json.loads(ended.out)
    assert "sqlite3" in ended.err
    assert "| apprise" not in ended.err.replace("ytempire.adapters.apprise", "")
