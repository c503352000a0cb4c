"""A home that is not there: who only looks makes none, and says what to name instead."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.entrypoints.conftest import installation
from tests.entrypoints.program import Installation
from ytempire.emulator import Emulator

LOOKING = (
    "jobs list", "jobs held", "jobs show pub_1", "accounts list", "quota", "quota history", "tokens status",
    "token list", "errors", "alerts list", "checklist", "plan", "webhook list", "vault audit",
)  # fmt: skip
ACTING = (
    "jobs retry pub_1",
    "worker --until-idle",
    "serve --port 0",
    "keys list",
    "disconnect channel_1 --yes",
    "services isolate youtube",
    "services reset youtube",
    "drill",
    "script tides",
    "speak tides -o a.wav",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation whose home is elsewhere than the commands of the tests say."""
    with Emulator.in_thread() as google:
        yield installation(tmp_path_factory.mktemp("place"), google, 1)


@pytest.mark.parametrize("command", [*LOOKING, *ACTING])
def test_a_home_that_is_not_there_is_told_and_not_made(place: Installation, command: str) -> None:
    wrong = place.folder / "hmoe"

    ended = place.run(*command.split(), variables={"YTEMPIRE_HOME": str(wrong)})

    (line,) = ended.lines()
    assert (2, "") == (ended.code, ended.out)
    assert f"there is no home at {wrong}; name the right one with --home or YTEMPIRE_HOME" in line
    assert "`ytempire init`" in line
    assert not wrong.exists()


def test_the_checkup_says_that_the_home_is_not_there_and_makes_none(place: Installation) -> None:
    ended = place.run("doctor", "--home", place.folder / "hmoe")

    assert 2 == ended.code
    assert f"{place.folder / 'hmoe'} does not exist" in ended.out
    assert not (place.folder / "hmoe").exists()


def test_init_makes_the_home_of_a_configuration_that_is_there(tmp_path: Path) -> None:
    place = Installation(tmp_path)
    place.config.write_text("[projects.main]\n")

    before = place.run("jobs", "list")
    made = place.run("init")
    after = place.run("jobs", "list")

    assert [2, 0, 0] == [each.code for each in (before, made, after)]
    assert f"kept {place.config} as it is" in made.out
    assert "[projects.main]\n" == place.config.read_text()
    again = place.run("init")
    assert (2, True) == (again.code, "exists already and was left as it is" in again.err)


def test_where_the_key_comes_from_the_environment_the_first_act_makes_the_home(place: Installation) -> None:
    new = place.folder / "new"
    variables = {"YTEMPIRE_HOME": str(new), "YTEMPIRE_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}

    looked = place.run("jobs", "list", variables=variables)
    acted = place.run("keys", "list", variables=variables)

    assert (2, 0) == (looked.code, acted.code), acted.err
    assert new.is_dir()
    assert 0 == place.run("jobs", "list", variables=variables).code


@pytest.mark.parametrize("command", ["jobs list", "services", "init", "script tides", "worker --until-idle"])
@pytest.mark.parametrize("how", ["option", "variable"])
def test_an_empty_name_is_no_home_and_not_the_working_folder(tmp_path: Path, command: str, how: str) -> None:
    place = Installation(tmp_path)
    named = ["--home", ""] if how == "option" else []

    ended = place.run(*command.split(), *named, variables={"YTEMPIRE_HOME": ""})

    (line,) = ended.lines()
    assert (2, "") == (ended.code, ended.out)
    assert "empty; name a folder" in line if named else "YTEMPIRE_HOME is empty; set it to a folder" in line
    assert [] == list(tmp_path.iterdir())
