"""Files: who they are, what they hash to, and that a change is seen."""

import hashlib
from pathlib import Path

import pytest

from ytempire.adapters.media import MediaCheck, files
from ytempire.domain.files import MAX_VIDEO_BYTES
from ytempire.domain.values import Refused


async def test_the_hash_covers_every_byte_across_blocks(media: MediaCheck, tmp_path: Path) -> None:
    data = bytes(range(256)) * 12_345
    (tmp_path / "data").write_bytes(data)
    assert hashlib.sha256(data).hexdigest() == await media.sha256(str(tmp_path / "data"))


async def test_the_identity_changes_with_content_and_with_replacement(
    media: MediaCheck, tmp_path: Path
) -> None:
    path = tmp_path / "film"
    path.write_bytes(b"one")
    first = await media.identity(str(path))
    assert first is not None
    assert first == await media.identity(str(path))
    path.write_bytes(b"three")
    second = await media.identity(str(path))
    assert first != second
    (tmp_path / "other").write_bytes(b"three")
    (tmp_path / "other").replace(path)
    assert second != await media.identity(str(path))


async def test_what_is_gone_or_no_regular_file_has_no_identity(media: MediaCheck, tmp_path: Path) -> None:
    (tmp_path / "film").write_bytes(b"one")
    (tmp_path / "link").symlink_to(tmp_path / "film")
    assert await media.identity(str(tmp_path / "gone")) is None
    assert await media.identity(str(tmp_path)) is None
    assert await media.identity(str(tmp_path / "link")) is None
    assert await media.identity("a\0b") is None


def test_a_file_that_grew_since_it_was_looked_at_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "film"
    path.write_bytes(b"one")
    with files.open_regular(str(path), field="file") as file:
        before = files.identity_of(file)
        with path.open("ab") as writer:
            writer.write(b" and more")
        with pytest.raises(Refused) as refused:
            files.store(file, str(path), field="file", before=before)
    assert refused.value.refusals[0].code == "changed"


def test_a_file_put_in_the_place_of_the_open_one_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "film"
    path.write_bytes(b"one")
    with files.open_regular(str(path), field="file") as file:
        before = files.identity_of(file)
        (tmp_path / "other").write_bytes(b"two")
        (tmp_path / "other").replace(path)
        with pytest.raises(Refused) as refused:
            files.store(file, str(path), field="file", before=before)
    assert refused.value.refusals[0].code == "changed"


def test_a_link_put_at_a_resolved_path_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "film").write_bytes(b"one")
    (tmp_path / "link").symlink_to(tmp_path / "film")
    with pytest.raises(Refused) as refused:
        files.open_regular(str(tmp_path / "link"), field="file")
    assert refused.value.refusals[0].code == "not_a_file"


async def test_a_file_above_the_limit_is_refused_unread(media: MediaCheck, tmp_path: Path) -> None:
    path = tmp_path / "huge.mp4"
    with path.open("wb") as file:
        file.truncate(MAX_VIDEO_BYTES + 1)  # a hole: it takes no space
    for ask in (media.video, media.thumbnail, media.caption):
        with pytest.raises(Refused) as refused:
            await ask(str(path))
        assert refused.value.refusals[0].code == "too_large"


async def test_a_relative_path_becomes_absolute(
    media: MediaCheck, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(films)
    found = await media.video("first.mp4")
    assert str(films / "first.mp4") == found.file.path
