"""The maker: real films and pictures, the same for the same seed."""

from pathlib import Path

import pytest
from PIL import Image

from ytempire.adapters.media import MediaCheck
from ytempire.adapters.media.maker import make_thumbnail, make_video


async def test_the_same_seed_gives_the_same_film_and_another_seed_another(
    media: MediaCheck, tmp_path: Path
) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        make_video(tmp_path / name, seed=seed, seconds=1, width=160, height=90)
    a, b, c = [await media.sha256(str(tmp_path / name)) for name in "abc"]
    assert a == b
    assert a != c


@pytest.mark.parametrize(
    ("seconds", "width", "height"), [(0.1, 16, 16), (1.5, 320, 180), (2, 180, 320), (1, 640, 360)]
)
async def test_films_of_many_sizes_pass_the_deep_look(
    media: MediaCheck, tmp_path: Path, seconds: float, width: int, height: int
) -> None:
    make_video(tmp_path / "film.mp4", seed=123, seconds=seconds, width=width, height=height)
    facts = (await media.video(str(tmp_path / "film.mp4"), deep=True)).facts
    assert (width, height) == (facts.width, facts.height)
    assert abs(facts.duration_ms - seconds * 1000) < 100


async def test_padding_makes_a_film_larger_and_leaves_it_good(media: MediaCheck, tmp_path: Path) -> None:
    make_video(tmp_path / "plain", seed=5, seconds=1, width=160, height=90)
    make_video(tmp_path / "padded", seed=5, seconds=1, width=160, height=90, padding=3_000_000)
    plain, padded = await media.video(str(tmp_path / "plain")), await media.video(str(tmp_path / "padded"))
    assert plain.file.size + 3_000_000 == padded.file.size
    assert plain.facts == padded.facts


def test_padding_beyond_four_gigabytes_takes_a_long_size(tmp_path: Path) -> None:
    make_video(tmp_path / "film", seed=5, seconds=1, width=160, height=90)
    short = (tmp_path / "film").stat().st_size
    make_video(tmp_path / "film", seed=5, seconds=1, width=160, height=90, padding=5 << 30)
    with (tmp_path / "film").open("rb") as file:
        file.seek(short)
        assert b"\0\0\0\1free" + (5 << 30).to_bytes(8) == file.read(16)
    assert short + (5 << 30) == (tmp_path / "film").stat().st_size


@pytest.mark.parametrize(
    "wrong",
    [{"width": 161}, {"height": 14}, {"seconds": 0}, {"seed": -1}, {"padding": 7}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_film_that_cannot_be_is_not_begun(tmp_path: Path, wrong: dict[str, int]) -> None:
    sizes = {"seed": 1, "seconds": 1, "width": 160, "height": 90, "padding": 0} | wrong
    with pytest.raises(ValueError, match="no video can be made"):
        make_video(
            tmp_path / "film",
            seed=sizes["seed"],
            seconds=sizes["seconds"],
            width=sizes["width"],
            height=sizes["height"],
            padding=sizes["padding"],
        )
    assert not (tmp_path / "film").exists()


def test_a_thumbnail_is_small_and_has_the_recommended_size(tmp_path: Path) -> None:
    make_thumbnail(tmp_path / "a.jpg", seed=123_456)
    with Image.open(tmp_path / "a.jpg") as image:
        assert ("JPEG", (1280, 720)) == (image.format, image.size)
    assert (tmp_path / "a.jpg").stat().st_size < 100_000
