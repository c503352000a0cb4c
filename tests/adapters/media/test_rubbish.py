"""Whatever bytes a file holds, the door answers: it accepts or refuses. It never crashes and never hangs."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from tests.adapters.media.films import GOOD
from ytempire.adapters.media import MediaCheck
from ytempire.domain.values import Refused

NAMES = ("first.mp4", "last.mp4", *(recipe.name for recipe in GOOD))
ASF = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"
HEADS = (
    b"",
    b"\0\0\0\x18ftypisom",
    b"\x1a\x45\xdf\xa3",
    b"RIFF\0\0\1\0AVI LIST",
    b"FLV\1\5\0\0\0\x09",
    b"OggS\0\2",
    ASF,
    b"\0\0\1\xba",
    b"GGGGGGGG",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"WEBVTT\n\n00:01.000 --> ",
)
"""How files of each kind begin."""

REFUSED = "refused"

patient = settings(
    deadline=5_000,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


async def answers(media: MediaCheck, path: Path, *, deep: bool) -> list[object]:
    """The answer of each door to one file; anything but an acceptance or a refusal is raised."""
    found: list[object] = []
    for ask in (media.thumbnail, media.caption):
        try:
            found.append(await ask(str(path)))
        except Refused:
            found.append(REFUSED)
    try:
        found.append(await media.video(str(path), deep=deep))
    except Refused:
        found.append(REFUSED)
    return found


@patient
@given(head=some.sampled_from(HEADS), rest=some.binary(max_size=4000), deep=some.booleans())
@example(head=ASF, rest=bytes(37) + b"\1", deep=False)
async def test_random_bytes_are_answered(
    media: MediaCheck, tmp_path: Path, head: bytes, rest: bytes, deep: bool
) -> None:
    (tmp_path / "rubbish").write_bytes(head + rest)
    assert len(await answers(media, tmp_path / "rubbish", deep=deep)) == 3


@patient
@given(name=some.sampled_from(NAMES), share=some.floats(0, 1), front=some.booleans(), deep=some.booleans())
async def test_films_cut_anywhere_are_answered(
    media: MediaCheck, films: Path, tmp_path: Path, name: str, share: float, front: bool, deep: bool
) -> None:
    whole = (films / name).read_bytes()
    place = int(len(whole) * share)
    (tmp_path / "cut").write_bytes(whole[place:] if front else whole[:place])
    assert len(await answers(media, tmp_path / "cut", deep=deep)) == 3


@patient
@given(
    name=some.sampled_from(("thumbnail.jpg", *NAMES)),
    places=some.lists(
        some.tuples(some.floats(0, 1, exclude_max=True), some.binary(min_size=1, max_size=60)), max_size=8
    ),
    early=some.booleans(),
    deep=some.booleans(),
)
@example(name="first.mp4", places=[(0.1875, b"\0")], early=True, deep=False)
@example(name="film.flv", places=[(0.5, bytes(6000))], early=False, deep=False)
async def test_films_with_bytes_changed_anywhere_are_answered(
    media: MediaCheck,
    films: Path,
    tmp_path: Path,
    name: str,
    places: list[tuple[float, bytes]],
    early: bool,
    deep: bool,
) -> None:
    whole = bytearray((films / name).read_bytes())
    # Half of the time only the beginning, where the structure is, which a random place would seldom meet.
    reach = 2000 if early else len(whole)
    for share, change in places:
        place = int(reach * share)
        whole[place : place + len(change)] = change
    (tmp_path / "changed").write_bytes(whole)
    assert len(await answers(media, tmp_path / "changed", deep=deep)) == 3


@pytest.mark.parametrize("size", [1, 7, 8, 15, 16, 31, 100])
async def test_tiny_films_are_answered(media: MediaCheck, films: Path, tmp_path: Path, size: int) -> None:
    (tmp_path / "tiny").write_bytes((films / "first.mp4").read_bytes()[:size])
    assert await answers(media, tmp_path / "tiny", deep=False) == [REFUSED] * 3
