"""What scripts build upon: the shapes of JSON, one document on standard output, and the exit codes."""

import json
import shutil
import signal
from pathlib import Path

import pytest

from tests.entrypoints.conftest import Install
from tests.entrypoints.program import Ended, Installation, eventually, read_until, stopped
from ytempire.emulator import Emulator, EventKind

SHAPE = {
    "id", "state", "account", "video_id", "url", "reason", "remedies", "attempts", "due", "title", "file", "bytes",
    "priority", "created_at", "updated_at", "extras",
}  # fmt: skip


def only(ended: Ended) -> dict[str, object]:
    """The one publication of a document."""
    (publication,) = ended.json()["publications"]
    return dict(publication)


def completed(google: Emulator) -> int:
    return len(google.journal.of(EventKind.VIDEO_COMPLETED))


def test_a_published_video_is_one_document_and_exit_0(
    install: Install, google: Emulator, films: Path
) -> None:
    place = install()

    ended = place.run(
        "publish", films / "film1.mp4", "--title", "One", "--wait", "--json",
        "--thumbnail", films / "thumbnail.jpg", "--caption", f"en:{films / 'captions.srt'}", "--playlist", "daily",
        "--privacy", "unlisted", "--tags", "a,b c", "--not-made-for-kids",
    )  # fmt: skip

    assert 0 == ended.code, ended.err
    told = only(ended)
    assert SHAPE == set(told)
    assert "published" == told["state"]
    assert f"https://www.youtube.com/watch?v={told['video_id']}" == told["url"]
    assert told["account"] in {"channel_1", "channel_2"}
    assert (None, None, [], 1) == (told["reason"], told["due"], told["remedies"], told["attempts"])
    extras = told["extras"]
    assert isinstance(extras, list)
    assert [("thumbnail", "done"), ("caption", "done"), ("playlist", "done")] == [
        (each["kind"], each["state"]) for each in extras
    ]
    assert any(line.startswith("uploading ") for line in ended.lines())
    assert 1 == completed(google)


def test_publish_without_wait_only_queues(install: Install, google: Emulator, films: Path) -> None:
    place = install()
    before = len(google.journal.since(0))

    ended = place.run("publish", films / "film1.mp4", "--json")

    assert 0 == ended.code
    assert "queued" == only(ended)["state"]
    assert ["no worker runs on this home: start `ytempire worker`, or publish with --wait"] == ended.lines()
    assert before == len(google.journal.since(0))
    listed = place.run("jobs", "list", "--json")
    assert {"publications", "counts"} == set(listed.json())
    assert SHAPE == set(only(listed))
    assert "" == listed.err


def test_publish_with_wait_works_the_queue_when_no_worker_runs(install: Install, films: Path) -> None:
    place = install()
    place.run("publish", films / "film1.mp4")

    ended = place.run("publish", films / "film2.mp4", "--wait")

    assert 0 == ended.code
    assert "published" in ended.out
    assert 0 == place.run("worker", "--until-idle").code
    assert {"published": 2} == place.state()["counts"]


def test_publish_with_wait_looks_on_while_a_worker_runs(
    install: Install, google: Emulator, films: Path
) -> None:
    place = install()
    with place.started("worker") as worker:
        read_until(worker, "working")

        ended = place.run("publish", films / "film1.mp4", "--wait", "--json")

        assert 0 == ended.code
        assert "published" == only(ended)["state"]
        assert not any(line.startswith("uploading") for line in ended.lines())
        assert "1 published" in stopped(worker).err
    assert 1 == completed(google)


def test_a_waiting_publish_takes_over_when_the_worker_is_stopped(install: Install, films: Path) -> None:
    place = install()
    slow = {"YTEMPIRE_GOOGLE__BANDWIDTH_BYTES_PER_SECOND": "200000"}
    with place.started("worker", variables=slow) as worker:
        read_until(worker, "working")
        with place.started("publish", films / "large.mp4", "--wait", "--json") as waiting:
            read_until(worker, "uploading")
            assert 0 == stopped(worker).code
            out, _ = waiting.communicate(timeout=60)

    assert 0 == waiting.returncode
    assert "published" == json.loads(out)["publications"][0]["state"]


def test_every_manifest_publishes_its_rows(install: Install, google: Emulator, films: Path) -> None:
    place = install()
    folder = place.folder
    for number in range(1, 4):
        shutil.copy(films / f"film{number}.mp4", folder)
    (folder / "a.csv").write_text('file,title,tags,made_for_kids\nfilm1.mp4,First,"x,y",no\n')
    (folder / "b.jsonl").write_text('{"file": "film2.mp4", "tags": ["x", "y"], "privacy": "public"}\n')
    (folder / "c.yaml").write_text("publications:\n- file: film3.mp4\n  playlists: [daily]\n")

    ended = place.run("publish", "a.csv", "b.jsonl", "c.yaml", "--language", "en", "--wait", "--json")

    assert 0 == ended.code, ended.err
    told = ended.json()["publications"]
    assert ["First", "film2", "film3"] == [each["title"] for each in told]
    assert {"published"} == {each["state"] for each in told}
    assert 3 == completed(google)


def test_the_same_key_twice_is_one_publication(install: Install, google: Emulator, films: Path) -> None:
    place = install()
    words = ("publish", films / "film1.mp4", "--idempotency-key", "today-1", "--wait", "--json")

    first, second = place.run(*words), place.run(*words)

    assert only(first)["id"] == only(second)["id"]
    assert (0, 0) == (first.code, second.code)
    assert 1 == completed(google)


def test_the_same_key_for_something_else_is_bad_input(install: Install, films: Path) -> None:
    place = install()
    place.run("publish", films / "film1.mp4", "--idempotency-key", "k")

    ended = place.run("publish", films / "film2.mp4", "--idempotency-key", "k")

    assert 2 == ended.code
    assert "the key was used for pub_" in ended.err
    assert {"queued": 1} == place.state()["counts"]


def test_the_same_content_is_a_duplicate_unless_asked_again(
    install: Install, google: Emulator, films: Path
) -> None:
    place = install(1)
    first = only(place.run("publish", films / "film1.mp4", "--wait", "--json"))

    same = place.run("publish", films / "film1.mp4", "--title", "Other", "--wait", "--json")

    assert 0 == same.code
    assert "duplicate" == only(same)["state"]
    assert f"duplicateUpload: the same content is published as {first['id']}" == only(same)["reason"]
    assert 1 == completed(google)
    assert "queued" == only(place.run("publish", films / "film1.mp4", "--again", "--json"))["state"]


def test_a_held_video_that_exists_is_told_with_its_reason(
    install: Install, google: Emulator, films: Path
) -> None:
    google.add_fault("videos.insert.put", "wrong_channel", final=True)
    place = install()

    ended = place.run("publish", films / "film1.mp4", "--wait")
    inbox = place.run("jobs", "held", "--json").json()["publications"]

    assert 4 == ended.code, ended.err
    assert "landed on channel" in ended.out
    assert "youtu" in ended.out
    assert [["give up"]] == [[action["action"] for action in each["actions"]] for each in inbox]


def test_jobs_of_an_account_are_counted_for_that_account(install: Install, films: Path) -> None:
    place = install()
    assert 0 == place.run("publish", films / "film1.mp4", films / "film2.mp4", "--wait").code
    everything = place.run("jobs", "list", "--json").json()
    accounts = {each["account"] for each in everything["publications"]}

    counts = [place.run("jobs", "list", "--account", each, "--json").json()["counts"] for each in accounts]

    assert {"published": 2} == everything["counts"]
    assert 2 == sum(each["published"] for each in counts)


def test_a_refused_video_is_exit_1(install: Install, google: Emulator, films: Path) -> None:
    google.add_fault(
        "videos.insert.start", "status", status=400, reason="invalidTitle", message="no such title"
    )
    place = install()

    ended = place.run("publish", films / "film1.mp4", "--wait", "--json")

    assert 1 == ended.code
    assert ("refused", "invalidMetadata: no such title") == (only(ended)["state"], only(ended)["reason"])


def test_one_of_two_published_is_exit_3(install: Install, google: Emulator, films: Path) -> None:
    google.add_fault("videos.insert.start", "status", status=400, reason="invalidTitle", title="film2")
    place = install()

    ended = place.run("publish", films / "film1.mp4", films / "film2.mp4", "--wait", "--json")

    assert 3 == ended.code
    assert ["published", "refused"] == [each["state"] for each in ended.json()["publications"]]


def test_a_changed_file_is_held_with_what_can_be_done(install: Install, films: Path) -> None:
    place = install()
    shutil.copy(films / "film1.mp4", place.folder / "film.mp4")
    queued = only(place.run("publish", "film.mp4", "--json"))
    shutil.copy(films / "film2.mp4", place.folder / "film.mp4")

    assert 0 == place.run("worker", "--until-idle").code

    shown = place.run("jobs", "show", queued["id"], "--json").json()
    assert "held" == shown["state"]
    assert shown["reason"].startswith("source_changed: ")
    assert shown["remedies"]
    assert "what you can do: " in place.run("jobs", "show", queued["id"]).out


def test_an_account_that_lost_its_grant_is_exit_4(install: Install, google: Emulator, films: Path) -> None:
    place = install(1)
    google.revoke("channel_1")

    ended = place.run("publish", films / "film1.mp4", "--wait", "--json")

    assert 4 == ended.code, ended.err
    assert "needs_reauth" in str(only(ended)["reason"])


def test_nothing_connected_is_exit_4(install: Install, films: Path) -> None:
    place = install(0, '[[accounts]]\nid = "other"\n')

    ended = place.run("publish", films / "film1.mp4", "--wait", "--json")

    assert 4 == ended.code, ended.out
    assert "disconnected" in str(only(ended)["reason"])


def test_a_used_up_quota_is_exit_5_and_queued_for_the_reset(
    install: Install, google: Emulator, films: Path
) -> None:
    place = install()
    google.spend("main", 100, bucket="uploads")

    ended = place.run("publish", films / "film1.mp4", "--wait", "--json")

    assert 5 == ended.code, ended.err
    buckets = place.run("quota", "--json").json()["buckets"]
    uploads = next(each for each in buckets if each["bucket"] == "uploads")
    assert uploads["closed"]
    assert ("deferred", uploads["resets_at"]) == (only(ended)["state"], only(ended)["due"])


def test_an_upstream_that_is_down_is_exit_6(install: Install, google: Emulator, films: Path) -> None:
    place = install()
    google.add_fault("videos.insert.start", "status", status=503, count=None)

    ended = place.run("publish", films / "film1.mp4", "--wait", "--json")

    assert 6 == ended.code, ended.out
    assert "deferred" == only(ended)["state"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_publish_is_exit_130_and_goes_on_next_time(
    install: Install, google: Emulator, films: Path, number: int
) -> None:
    place = install(1)
    slow = {"YTEMPIRE_GOOGLE__BANDWIDTH_BYTES_PER_SECOND": "1000000"}
    with place.started("publish", films / "large.mp4", "--wait", "--json", variables=slow) as process:
        read_until(process, "uploading")
        eventually(lambda: google.journal.of(EventKind.SESSION_OPENED), "an upload")
        ended = stopped(process, number)

    assert 130 == ended.code
    assert "uploading" == only(ended)["state"]
    assert (
        "ytempire: interrupted; what is not finished goes on when `ytempire worker` runs" == ended.lines()[-1]
    )
    assert 0 == place.run("worker", "--until-idle").code
    assert {"published": 1} == place.state()["counts"]
    assert (1, 1) == (completed(google), len(google.journal.of(EventKind.SESSION_OPENED)))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_worker_stops_cleanly(install: Install, number: int) -> None:
    with install().started("worker") as worker:
        read_until(worker, "working")
        ended = stopped(worker, number)

    assert 0 == ended.code
    assert ["ytempire: stopped; what is not finished goes on at the next start"] == ended.lines()


def test_a_second_worker_on_the_same_home_is_told_which_process_works(install: Install) -> None:
    place = install(1)
    with place.started("worker") as first:
        read_until(first, "working")
        second = place.run("worker")
        assert 0 == stopped(first).code

    assert (2, 1) == (second.code, len(second.lines()))
    assert f"process {first.pid}" in second.err


READING = [
    (["jobs", "list"], {"publications", "counts"}),
    (["accounts", "list"], {"accounts"}),
    (["accounts", "show", "channel_1"], {"id", "kind", "state", "channel", "uploads_today", "daily_uploads"}),
    (["quota"], {"buckets"}),
]


@pytest.mark.parametrize(("words", "keys"), READING)
def test_a_reading_command_prints_one_document_and_nothing_else(
    install: Install, words: list[str], keys: set[str]
) -> None:
    ended = install(1).run(*words, "--json")

    assert 0 == ended.code
    assert keys <= set(ended.json())
    assert "" == ended.err


def test_a_publication_is_shown_with_its_history_and_its_choice(install: Install, films: Path) -> None:
    place = install()
    told = only(place.run("publish", films / "film1.mp4", "--wait", "--json"))

    shown = place.run("jobs", "show", told["id"], "--json").json()
    explained = place.run("accounts", "explain", told["id"], "--json").json()

    assert SHAPE | {"sha256", "history", "earlier"} == set(shown)
    kinds = [event["kind"] for event in shown["history"]]
    assert ("publication.submitted", "publication.published") == (kinds[0], kinds[-1])
    assert {"publication", "state", "account", "at", "candidates"} == set(explained)
    assert {"channel_1", "channel_2"} == {each["account"] for each in explained["candidates"]}


def test_connect_tells_what_it_found(install: Install, google: Emulator) -> None:
    place = install(1, '[[accounts]]\nid = "new"\n')
    (place.folder / "new.json").write_text(json.dumps(google.create_account("new", "main", title="News")))

    ended = place.run("connect", "new", "--import", "new.json", "--json")

    assert 0 == ended.code
    told = ended.json()
    assert ("new", google.channel_of("new"), "News", []) == (
        told["account"], told["channel"], told["channel_title"], told["warnings"],
    )  # fmt: skip


def test_a_pipe_that_is_closed_early_is_no_failure(install: Install) -> None:
    place = install(1)
    with place.started("accounts", "list", "--json") as process:
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        _, err = process.communicate(timeout=60)

    assert (0, "") == (process.returncode, err)


def test_a_held_publication_is_resolved_by_a_person(install: Install, google: Emulator, films: Path) -> None:
    place = held(install, google, films)
    (found,) = place.run("jobs", "list", "--state", "held", "--json").json()["publications"]

    assert 2 == place.run("jobs", "resolve", found["id"], "--adopt", "x", "--give-up").code
    ended = place.run("jobs", "resolve", found["id"], "--give-up", "--json")

    assert (0, "cancelled") == (ended.code, ended.json()["state"])
    assert 2 == place.run("jobs", "cancel", found["id"]).code


def held(install: Install, google: Emulator, films: Path) -> Installation:
    """An installation with one publication that is held, because YouTube said what we do not know."""
    place = install(1)
    google.add_fault("videos.insert.start", "status", status=418, reason="teapot")
    ended = place.run("publish", films / "film1.mp4", "--wait", "--json")
    assert 4 == ended.code, ended.err
    assert "held" == only(ended)["state"]
    return place
