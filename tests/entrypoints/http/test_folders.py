"""Files named by path: those below the open folders, and nothing else, whatever is written."""

import os
import random
import socket
from pathlib import Path

import pytest

from tests.entrypoints.http.conftest import Open
from ytempire.adapters.incoming import OpenFolders

PARTS = (
    "..", ".", "", "a", "film.mp4", "secret", "link", "loop", "dir_link", "...", "..\\", "%2e%2e", "%2f", "~",
    "$HOME",
    " ", "é", "\u202e", "\x00", "\n", "C:", "\\", "a/../..", "file:", "proc", "self", "root", "fd", "0", "\ud800",
    "x" * 300, "incoming", "link/..", "open", "opened",
)  # fmt: skip


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """An open folder with links out of it, and secrets beside it."""
    folder = tmp_path / "open"
    (folder / "a").mkdir(parents=True)
    (folder / "film.mp4").write_bytes(b"film")
    (folder / "a" / "film.mp4").write_bytes(b"film")
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "opened").mkdir()
    (tmp_path / "opened" / "film.mp4").write_bytes(b"secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "loop").symlink_to("loop")
    (folder / "dir_link").symlink_to(tmp_path)
    (folder / "inner").symlink_to("film.mp4")
    os.mkfifo(folder / "pipe")
    return folder


def test_what_lies_below_an_open_folder_is_found_by_either_name(tree: Path) -> None:
    folders = OpenFolders([tree])
    for name in ("film.mp4", "a/film.mp4"):
        for path in (name, str(tree / name)):
            place = folders.place(path)
            assert place is not None
            assert (str(tree / name), (tree / name).stat().st_ino) == (place.path, place.identity.inode)


@pytest.mark.parametrize(
    "path", ["link", "inner", "loop", "dir_link/secret", "dir_link/open/film.mp4", "a", "", "pipe", "/", "../secret",
             "a/../film.mp4", "./film.mp4", "film.mp4/", "//film.mp4", "a//film.mp4", "film.mp4\0", "/dev/null"],
)  # fmt: skip
def test_no_link_no_device_and_no_way_round_is_followed(tree: Path, path: str) -> None:
    assert None is OpenFolders([tree]).place(path)
    assert None is OpenFolders([tree]).place(f"{tree}/{path}")


def test_ten_thousand_odd_paths_lead_nowhere_outside(tree: Path) -> None:
    dice, folders, found = random.Random(20261122), OpenFolders([tree]), set()
    for _ in range(10_000):
        path = "/".join(dice.choice(PARTS) for _ in range(dice.randint(1, 7)))
        begin = dice.choice(("", "/", f"{tree}/", f"{tree}", f"{tree}/../", "//", f"{tree.parent}/"))
        place = folders.place(begin + path)
        if place is not None:
            found.add(place.path)

    assert {str(tree / "film.mp4"), str(tree / "a" / "film.mp4")} == found


def test_a_folder_next_to_an_open_one_with_a_longer_name_is_closed(tree: Path) -> None:
    assert None is OpenFolders([tree]).place(str(tree.parent / "opened" / "film.mp4"))


def test_without_open_folders_nothing_is_found(tree: Path) -> None:
    assert None is OpenFolders([]).place(str(tree / "film.mp4"))


def test_a_socket_is_no_file(tree: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        here = Path.cwd()
        os.chdir(tree)  # such a name has at most 107 bytes
        made.bind("socket")
        os.chdir(here)

    assert None is OpenFolders([tree]).place("socket")


async def test_a_film_in_an_open_folder_is_published_by_its_path(opened: Open, films: Path) -> None:
    async with opened(roots=(str(films),)) as house:
        by_path = await house.ask("POST", "/api/v1/publications", given={"file": str(films / "film1.mp4")})
        by_name = await house.ask("POST", "/api/v1/publications", given={"file": "film2.mp4"})

    assert [(201, "film1.mp4"), (201, "film2.mp4")] == [
        (each.status, each.json()["file"]) for each in (by_path, by_name)
    ]


async def test_what_is_refused_says_nothing_of_what_is_there(opened: Open, films: Path) -> None:
    async with opened(roots=(str(films),)) as house:
        paths = (
            "/etc/passwd",
            "/etc/nowhere",
            "../films",
            str(films.parent),
            "upload:upl_nowhere",
            "upload:../x",
        )
        found = [await house.ask("POST", "/api/v1/publications", given={"file": each}) for each in paths]

    assert {(422, "file_not_open")} == {(each.status, each.code) for each in found}
    (remedy,) = {each.json()["problems"][0]["remedy"] for each in found}
    assert "the part after that folder" in remedy


async def test_a_broken_film_is_refused_by_the_name_the_caller_gave_it(opened: Open, tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    (folder / "broken.mp4").write_bytes(b"no film")
    async with opened(roots=(str(folder),)) as house:
        answer = await house.ask("POST", "/api/v1/publications", given={"file": "broken.mp4"})

    assert 422 == answer.status
    assert str(folder) not in answer.body.decode()
