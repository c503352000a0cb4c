"""The films and pictures that these tests look at, made once."""

from pathlib import Path

import pytest

from tests.adapters.media.films import AUDIO_ONLY, GOOD, write_film, write_source
from ytempire.adapters.media import MediaCheck
from ytempire.adapters.media.maker import make_thumbnail


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `first.mp4` and `last.mp4` (so lies their index), `sound.mp4`, and all of `GOOD`."""
    folder = tmp_path_factory.mktemp("films")
    source = write_source(folder, "first.mp4", index_first=True)
    write_source(folder, "last.mp4", index_first=False)
    for recipe in (*GOOD, AUDIO_ONLY):
        write_film(folder, source, recipe)
    make_thumbnail(folder / "thumbnail.jpg", seed=41)
    return folder


@pytest.fixture
def media() -> MediaCheck:
    """The checks under test."""
    return MediaCheck()
