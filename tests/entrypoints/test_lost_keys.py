"""A key ring that is lost: every command names the way out, and by that way the installation publishes again."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.entrypoints.consenting import (
    FIRST,
    SECOND,
    connected,
    connected_with_files,
    key_file,
    nothing_in_clear,
    unconnected,
)
from tests.entrypoints.program import Installation
from ytempire.adapters.vault import Vault
from ytempire.emulator import Emulator

WAY_OUT = "`ytempire keys forget`"


@pytest.fixture
def place(tmp_path: Path, google: Emulator) -> Iterator[Installation]:
    """Two accounts that are connected."""
    made = connected_with_files(unconnected(Installation(tmp_path), google), google, [FIRST, SECOND])
    yield made
    assert [] == nothing_in_clear(made, google)


def gone(ring: Path) -> None:
    shutil.rmtree(ring.parent)


def another(ring: Path) -> None:
    ring.unlink()
    Vault.create(ring)


@pytest.mark.parametrize("lose", [gone, another])
def test_by_what_the_program_says_it_publishes_again(
    place: Installation, google: Emulator, films: Path, lose: Callable[[Path], None]
) -> None:
    assert 0 == place.run("publish", films / "film1.mp4", "--wait").code
    lose(key_file(place))

    checkup = place.run("doctor")
    refused = [place.run("publish", films / "film2.mp4"), place.run("tokens", "refresh")]
    unsure, nobody = place.run("keys", "forget", given="n\n"), place.run("keys", "forget")
    still = place.run("tokens", "refresh")
    done = place.run("keys", "forget", "--yes")
    again = connected(place, google, FIRST)
    published = place.run("publish", films / "film2.mp4", "--wait", "--json")

    assert (1, True) == (checkup.code, WAY_OUT in checkup.out)
    assert [2, 2, 2] == [each.code for each in (*refused, still)]
    assert all(WAY_OUT in each.err for each in (*refused, still))
    assert (1, "") == (unsure.code, unsure.out.strip())
    assert (2, True) == (nobody.code, nobody.lines()[-1].endswith("say --yes if you mean it"))
    assert f"the grants of {FIRST}, {SECOND}, which are to be connected again" in unsure.err
    assert 0 == done.code
    assert "3 sealed texts forgotten" in done.out
    assert "`ytempire connect --all`" in done.out
    assert (0, 0) == (again.code, published.code), again.err + published.err
    assert [("published", FIRST)] == [
        (each["state"], each["account"]) for each in published.json()["publications"]
    ]
    assert "there is nothing to forget" in place.run("keys", "forget").out


def test_a_ring_that_is_no_ring_is_left_to_a_person(place: Installation) -> None:
    key_file(place).write_text("{}")

    refused = place.run("keys", "forget", "--yes")

    assert 2 == refused.code
    assert f"if it is lost for ever, move {key_file(place)} away and do this again" in refused.err
    assert "{}" == key_file(place).read_text()
    key_file(place).unlink()
    assert 0 == place.run("keys", "forget", "--yes").code


def test_where_nothing_is_sealed_a_new_ring_is_all_that_is_needed(tmp_path: Path, google: Emulator) -> None:
    place = unconnected(Installation(tmp_path), google)
    key_file(place).unlink()

    refused = place.run("tokens", "refresh")
    done = place.run("init")

    assert (2, True) == (refused.code, "create one with `ytempire init`" in refused.err)
    assert (0, True) == (done.code, f"kept {place.config} as it is\n" in done.out)
    assert 0 == place.run("keys", "list").code
    key_file(place).unlink()
    assert f"a new key ring is {key_file(place)}; back it up\n" == place.run("keys", "forget").out


def test_while_a_worker_runs_nothing_is_forgotten(place: Installation) -> None:
    with place.started("worker") as worker:
        assert worker.stderr is not None
        while "working" not in worker.stderr.readline():
            assert worker.poll() is None
        refused = place.run("keys", "forget", "--yes")

    assert 2 == refused.code
    assert "a worker runs on this home, and may still have the key; stop it first" in refused.err
