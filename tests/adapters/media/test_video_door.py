"""Videos at the door: every broken kind is refused in one clear line, and every good container comes in."""

import os
from pathlib import Path

import pytest

from tests.adapters.media.films import GOOD, Recipe
from ytempire.adapters.media import MediaCheck
from ytempire.domain.values import Refused

MOOV = ("first.mp4", "last.mp4")


async def refusal_of(media: MediaCheck, path: Path, *, deep: bool = False) -> str:
    """The code of the one refusal of a video; its sentence is one line that names the field and a remedy."""
    with pytest.raises(Refused) as refused:
        await media.video(str(path), deep=deep)
    (refusal,) = refused.value.refusals
    assert "\n" not in refusal.sentence()
    assert refusal.sentence().startswith("file: ")
    assert refusal.message
    assert refusal.remedy
    return refusal.code


@pytest.mark.parametrize("name", MOOV)
async def test_a_good_video_is_accepted_with_its_facts(media: MediaCheck, films: Path, name: str) -> None:
    found = await media.video(str(films / name))
    assert (films / name).stat().st_size == found.file.size
    assert str(films / name) == found.file.path
    assert await media.sha256(str(films / name)) == found.file.sha256
    facts = found.facts
    assert ("mp4", "video/mp4", 320, 180) == (facts.container, facts.mime, facts.width, facts.height)
    assert ("h264", "aac") == (facts.video_codec, facts.audio_codec)
    assert abs(facts.duration_ms - 8000) < 100


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("recipe", GOOD, ids=lambda recipe: recipe.name)
async def test_each_container_people_send_is_accepted(
    media: MediaCheck, films: Path, recipe: Recipe, deep: bool
) -> None:
    facts = (await media.video(str(films / recipe.name), deep=deep)).facts
    assert (recipe.container, recipe.mime) == (facts.container, facts.mime)
    assert (320, 180) == (facts.width, facts.height)
    assert (facts.audio_codec is None) == (recipe.audio is None)
    assert 9500 < facts.duration_ms < 9800


async def test_a_missing_file_is_named(media: MediaCheck, tmp_path: Path) -> None:
    assert await refusal_of(media, tmp_path / "nowhere.mp4") == "missing"


async def test_an_empty_file_is_refused(media: MediaCheck, tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    assert await refusal_of(media, tmp_path / "empty.mp4") == "empty"


@pytest.mark.parametrize(
    "text",
    [
        "Hello, this is my video.\n",
        "the free lunch" * 500,
        "#EXTM3U\n/etc/passwd\n",
        "ffconcat version 1.0\nfile a.mp4\n",
    ],
    ids=["words", "words with a box name", "playlist", "script"],
)
async def test_text_with_the_name_of_a_video_is_refused(media: MediaCheck, tmp_path: Path, text: str) -> None:
    (tmp_path / "notes.mp4").write_text(text)
    assert await refusal_of(media, tmp_path / "notes.mp4") in {"not_video", "truncated"}


async def test_a_playlist_opens_no_other_file(media: MediaCheck, films: Path, tmp_path: Path) -> None:
    (tmp_path / "list.mp4").write_text(f"ffconcat version 1.0\nfile '{films / 'first.mp4'}'\n")
    assert await refusal_of(media, tmp_path / "list.mp4") == "not_video"


async def test_sound_alone_is_no_video(media: MediaCheck, films: Path) -> None:
    assert await refusal_of(media, films / "sound.mp4") == "no_video_stream"


@pytest.mark.parametrize("share", [0.001, 0.05, 0.3, 0.5, 0.8, 0.95, 0.999])
@pytest.mark.parametrize("name", [*MOOV, "fragments.mp4", "film.mov", "film.mkv", "film.webm", "film.avi"])
async def test_a_video_cut_at_its_end_is_refused(
    media: MediaCheck, films: Path, tmp_path: Path, name: str, share: float
) -> None:
    whole = (films / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: int(len(whole) * share)])
    assert await refusal_of(media, tmp_path / name) in {"truncated", "corrupt", "not_video"}


@pytest.mark.parametrize("share", [0.01, 0.3, 0.8])
@pytest.mark.parametrize("name", MOOV)
async def test_a_video_cut_at_its_front_is_refused(
    media: MediaCheck, films: Path, tmp_path: Path, name: str, share: float
) -> None:
    whole = (films / name).read_bytes()
    (tmp_path / name).write_bytes(whole[int(len(whole) * share) :])
    assert await refusal_of(media, tmp_path / name) in {"truncated", "corrupt", "not_video"}


@pytest.mark.parametrize("name", MOOV)
async def test_a_hole_early_in_the_video_is_found_by_the_deep_look(
    media: MediaCheck, films: Path, tmp_path: Path, name: str
) -> None:
    whole = bytearray((films / name).read_bytes())
    whole[len(whole) // 5 : len(whole) * 3 // 10] = bytes(len(whole) * 3 // 10 - len(whole) // 5)
    (tmp_path / name).write_bytes(whole)
    assert await refusal_of(media, tmp_path / name, deep=True) == "damaged"


@pytest.mark.parametrize("name", MOOV)
async def test_a_hole_near_the_end_is_found_by_the_usual_look(
    media: MediaCheck, films: Path, tmp_path: Path, name: str
) -> None:
    whole = bytearray((films / name).read_bytes())
    whole[len(whole) * 8 // 10 : len(whole) * 9 // 10] = bytes(len(whole) * 9 // 10 - len(whole) * 8 // 10)
    (tmp_path / name).write_bytes(whole)
    assert await refusal_of(media, tmp_path / name) == "damaged"


async def test_a_folder_is_no_video(media: MediaCheck, tmp_path: Path) -> None:
    assert await refusal_of(media, tmp_path) == "not_a_file"


async def test_a_pipe_is_refused_without_waiting_for_its_other_end(media: MediaCheck, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    assert await refusal_of(media, tmp_path / "pipe.mp4") == "not_a_file"


async def test_a_device_is_refused(media: MediaCheck) -> None:
    assert await refusal_of(media, Path("/dev/zero")) == "not_a_file"


async def test_a_path_that_cannot_be_a_path_is_refused(media: MediaCheck) -> None:
    assert await refusal_of(media, Path("a\0b.mp4")) == "unreadable"
    assert await refusal_of(media, Path("x" * 5000)) == "unreadable"


async def test_a_link_is_followed_once_and_its_target_is_remembered(
    media: MediaCheck, films: Path, tmp_path: Path
) -> None:
    (tmp_path / "link.mp4").symlink_to(films / "first.mp4")
    found = await media.video(str(tmp_path / "link.mp4"))
    assert str(films / "first.mp4") == found.file.path


async def test_a_link_that_leads_nowhere_or_to_itself_is_refused(media: MediaCheck, tmp_path: Path) -> None:
    (tmp_path / "dangling.mp4").symlink_to(tmp_path / "gone.mp4")
    (tmp_path / "loop.mp4").symlink_to(tmp_path / "loop.mp4")
    assert await refusal_of(media, tmp_path / "dangling.mp4") == "missing"
    assert await refusal_of(media, tmp_path / "loop.mp4") in {"unreadable", "not_a_file"}


async def test_a_refusal_bears_the_name_that_the_person_used(media: MediaCheck, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        await media.video(str(tmp_path / "none.mp4"), "row 7, file")
    assert refused.value.refusals[0].field == "row 7, file"


async def test_music_with_a_cover_picture_is_no_video(media: MediaCheck, films: Path, tmp_path: Path) -> None:
    import av

    target = tmp_path / "song.mkv"
    with av.open(str(films / "sound.mp4")) as given, av.open(str(target), "w") as made:
        sound = made.add_stream_from_template(given.streams.audio[0])
        made.add_attachment("cover.jpg", "image/jpeg", (films / "thumbnail.jpg").read_bytes())
        for packet in given.demux(audio=0):
            if packet.dts is not None:
                packet.stream = sound
                made.mux(packet)
    assert await refusal_of(media, target) == "no_video_stream"
