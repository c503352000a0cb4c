"""A published video is changed at YouTube, by command, and stays as visible as it was."""

from pathlib import Path

from tests.entrypoints.conftest import Install
from ytempire.emulator import Emulator, EventKind


def test_a_published_video_is_changed_and_its_visibility_stays(
    install: Install, google: Emulator, films: Path
) -> None:
    place = install()
    words = ("--title", "Before", "--privacy", "unlisted", "--not-made-for-kids")
    published = place.run("publish", films / "film1.mp4", *words, "--wait", "--json")
    (told,) = published.json()["publications"]

    done = place.run("jobs", "edit", told["id"], "--title", "After", "--tags", "a, b c")
    shown = place.run("jobs", "show", told["id"])
    nothing = place.run("jobs", "edit", told["id"])

    assert (0, f"{told['id']}: its video has another title and tags now: {told['url']}\n") == (
        done.code,
        done.out,
    ), done.err
    (updated,) = google.journal.of(EventKind.VIDEO_UPDATED)
    assert ("After", "unlisted", told["video_id"]) == (
        updated.facts["title"],
        updated.facts["privacy"],
        updated.facts["video"],
    )
    assert "publication.amended" in shown.out
    assert 2 == nothing.code
    (line,) = nothing.lines()
    assert line.startswith("ytempire: publication: nothing is to be changed; name one of title, description,")
