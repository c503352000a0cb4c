"""Files sent to us: whole and durable, or not there at all."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.entrypoints.http.conftest import House, Open
from ytempire.adapters.incoming import IncomingFolder
from ytempire.domain.values import NoRoom, Refused
from ytempire.ports import Arrived

PATH = "/api/v1/files"


async def nothing(_: Arrived) -> None:
    """Notes nothing."""


def left(house: House) -> list[str]:
    return sorted(each.name for each in (house.serving.settings.home / "incoming").iterdir())


async def test_a_file_arrives_as_it_was_sent(house: House) -> None:
    whole = bytes(range(256)) * 10_000
    answer = await house.ask("PUT", f"{PATH}?name=My%20film.mp4", body=whole)
    told = answer.json()
    kept = house.serving.settings.home / "incoming" / told["id"]

    assert (201, len(whole), hashlib.sha256(whole).hexdigest()) == (
        answer.status,
        told["bytes"],
        told["sha256"],
    )
    assert ("My film.mp4", f"upload:{told['id']}") == (told["name"], told["file"])
    assert whole == kept.read_bytes()
    assert (0o600, 0o700) == (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777)


async def test_of_a_file_that_breaks_off_nothing_is_kept(house: House) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 3_000_000
        raise ConnectionError

    answer = await house.ask("PUT", PATH, body=broken())

    assert (400, "broken_off") == (answer.status, answer.code)
    assert [] == left(house)


async def test_a_file_that_is_too_long_is_refused_at_once_or_as_soon_as_it_is_known(opened: Open) -> None:
    async with opened(max_file_bytes=1000) as house:
        declared = await house.ask("PUT", PATH, body=b"x" * 1001, headers={"content-length": "1001"})
        found_out = await house.ask("PUT", PATH, body=b"x" * 1001)

        assert [(413, "too_large"), (422, "too_large")] == [
            (each.status, each.code) for each in (declared, found_out)
        ]
        assert [] == left(house)


async def test_an_empty_file_is_refused(house: House) -> None:
    answer = await house.ask("PUT", PATH, body=b"")

    assert (422, "empty") == (answer.status, answer.code)
    assert [] == left(house)


@pytest.mark.parametrize(
    ("name", "kept"),
    [("../../etc/passwd", "passwd"), ("C:%5Cfilms%5Ca.mp4", "a.mp4"), ("a%0Ab.mp4", "a\nb.mp4")],
)
async def test_a_name_is_a_name_and_no_path(house: House, name: str, kept: str) -> None:
    assert kept == (await house.ask("PUT", f"{PATH}?name={name}", body=b"x")).json()["name"]


async def test_what_a_crash_left_half_made_is_removed_unless_somebody_writes_it(tmp_path: Path) -> None:
    folder = IncomingFolder(tmp_path / "incoming")
    (tmp_path / "incoming" / "upl_dead.partial").write_bytes(b"half")

    async def slow() -> AsyncIterator[bytes]:
        yield b"one"
        IncomingFolder(tmp_path / "incoming")  # another process starts meanwhile
        yield b"two"

    arrived = await folder.take("upl_1", slow(), 100, nothing)

    assert 6 == arrived.size
    assert ["upl_1"] == [each.name for each in (tmp_path / "incoming").iterdir()]


@pytest.mark.parametrize("which", ["", ".", "..", "../x", "a/b", "upl_1.partial", "x" * 65])
async def test_nothing_but_an_id_names_a_received_file(tmp_path: Path, which: str) -> None:
    (tmp_path / "x").write_bytes(b"secret")
    folder = IncomingFolder(tmp_path / "incoming")

    assert None is folder.place(which)
    await folder.remove(which)
    assert (tmp_path / "x").exists()


async def test_a_file_that_nobody_uses_is_removed_after_a_day(house: House, films: Path) -> None:
    used = (await house.ask("PUT", PATH, body=(films / "film1.mp4").read_bytes())).json()
    unused = (await house.ask("PUT", PATH, body=b"x")).json()
    await house.ask("POST", "/api/v1/publications", given={"file": used["file"]})
    receiving = house.serving.receiving
    clock = house.serving.acting.context.clock

    class Later:
        def now(self):  # type: ignore[no-untyped-def]  # the clock a day on
            return clock.now() + timedelta(hours=25)

    assert 0 == await receiving.tidy()
    assert 1 == await replace(receiving, clock=Later()).tidy()  # type: ignore[arg-type]  # it asks for nothing else
    assert [used["id"]] == left(house)
    gone = await house.ask("POST", "/api/v1/publications", given={"file": unused["file"]})
    assert "file_not_open" == gone.code


async def test_a_folder_that_refuses_leaves_nothing(tmp_path: Path) -> None:
    folder = IncomingFolder(tmp_path / "incoming")

    async def blocks() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"x" * 1_000_000

    with pytest.raises(Refused):
        await folder.take("upl_1", blocks(), 2_000_000, nothing)
    assert [] == list((tmp_path / "incoming").iterdir())


async def test_a_disk_is_never_filled_to_its_end(tmp_path: Path) -> None:
    folder = IncomingFolder(tmp_path / "incoming", spare=1 << 60)

    async def blocks() -> AsyncIterator[bytes]:
        yield b"x"

    with pytest.raises(NoRoom, match="the disk has no room"):
        await folder.take("upl_1", blocks(), 100, nothing)
    assert [] == list((tmp_path / "incoming").iterdir())


async def test_a_full_disk_is_told_as_one(house: House) -> None:
    full = IncomingFolder(house.serving.settings.home / "incoming", spare=1 << 60)
    receiving = replace(house.serving.receiving, incoming=full)
    answer = await house.upon(receiving=receiving).ask("PUT", PATH, body=b"x")

    assert (507, "no_room") == (answer.status, answer.code)


async def test_a_file_that_cannot_be_written_down_is_not_there(tmp_path: Path) -> None:
    folder = IncomingFolder(tmp_path / "incoming")

    async def blocks() -> AsyncIterator[bytes]:
        yield b"x"

    async def failing(_: Arrived) -> None:
        assert None is folder.place("upl_1")
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await folder.take("upl_1", blocks(), 100, failing)
    assert [] == list((tmp_path / "incoming").iterdir())


async def test_only_what_is_put_there_is_a_file(house: House) -> None:
    answer = await house.ask("POST", PATH, given={}, headers={"idempotency-key": "k"})

    assert 405 == answer.status
