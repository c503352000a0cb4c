"""Files named by path: those below the open folders, and nothing else, whatever is written."""

import os
import random
import shutil
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from tests.entrypoints.http.asking import PORT
from tests.entrypoints.http.conftest import ROOMY, House, Open
from ytempire.adapters.incoming import OpenFolders
from ytempire.bootstrap.roots import roots_of
from ytempire.bootstrap.serving import Part, serving
from ytempire.domain.callers import Caller, Role
from ytempire.domain.values import AccountId
from ytempire.entrypoints.http.app import build
from ytempire.entrypoints.http.front import front
from ytempire.services.api_tokens import Wish
from ytempire.settings import BadSettings, Settings

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


async def test_a_token_for_an_account_names_files_of_its_folders_alone(
    settings: Settings, films: Path, tmp_path: Path
) -> None:
    for name in ("ours", "theirs"):
        (tmp_path / "open" / name).mkdir(parents=True)
        shutil.copy(films / "film1.mp4", tmp_path / "open" / name / "film.mp4")
    first, second = settings.accounts
    accounts = (replace(first, roots=(str(tmp_path / "open" / "ours"),)), second)
    api = replace(settings.api, roots=(str(tmp_path / "open"),))
    async with serving(replace(settings, api=api, accounts=accounts), frozenset({Part.API})) as house:
        roots = house.roots
        one, both = (
            roots.of(Caller("x", Role.SUBMITTER, frozenset(map(AccountId, names))))
            for names in ([first.id], [first.id, second.id])
        )
        everybody = roots.of(Caller("y", Role.SUBMITTER))
        given = {"file": "film.mp4", "account": first.id}
        _, text = await house.tokens.create(Wish("one", Role.SUBMITTER, (first.id,), None), "test")
        made = House(house, front(PORT), build(house, front(PORT), ROOMY))
        named = await made.ask("POST", "/api/v1/publications", given=given, token=text.reveal())
        other = {"file": "ours/film.mp4", "account": first.id}
        refused = await made.ask("POST", "/api/v1/publications", given=other, token=text.reveal())

    paths = ("film.mp4", "ours/film.mp4", "theirs/film.mp4", str(tmp_path / "open" / "theirs" / "film.mp4"))
    found = [[each.place(path) is not None for path in paths] for each in (one, both, everybody)]
    assert [[True, False, False, False], [True, True, True, True], [False, True, True, True]] == found
    assert (201, "film.mp4") == (named.status, named.json()["file"])
    assert (422, "file_not_open") == (refused.status, refused.code)
    assert f"a folder of the roots of {first.id} (" in refused.json()["problems"][0]["remedy"]
    assert None is roots.of(Caller("z", Role.SUBMITTER, frozenset({AccountId("former")}))).place(
        "ours/film.mp4"
    )


def test_folders_of_an_account_lie_below_an_open_one(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    account = replace(settings.accounts[0], roots=(str(tmp_path), str(tmp_path / "nowhere")))
    api = replace(settings.api, roots=(str(tmp_path / "open"),))

    with pytest.raises(BadSettings) as refused:
        roots_of(replace(settings, api=api, accounts=(account,)))

    place, outside = (
        "accounts: channel_1: roots",
        "does not lie below a folder of api.roots; name one that does",
    )
    assert [
        f"{place}: {tmp_path / 'nowhere'} is no folder; make it, or leave it out",
        f"{place}: {tmp_path} {outside}",
        f"{place}: {tmp_path / 'nowhere'} {outside}",
    ] == refused.value.problems
