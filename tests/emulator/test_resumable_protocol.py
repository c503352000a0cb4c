"""The resumable protocol over plain sockets, rule by rule."""

import hashlib
import threading
from urllib.parse import urlsplit

import pytest

from tests.emulator.peer import BLOCK, START, Json, Raw, facts, until
from ytempire.emulator import Emulator, EmulatorConfig, EventKind

THREE = bytes(range(256)) * (3 * BLOCK // 256)


def test_the_session_address_is_absolute_and_on_the_emulator(emulator: Emulator, raw: Raw) -> None:
    session = raw.open(size=10)
    assert session.startswith(emulator.base_url + "/upload/youtube/v3/videos?")
    assert "upload_id=" in session


def test_the_other_upload_root_works_too(emulator: Emulator, raw: Raw) -> None:
    reply = raw.send(
        "POST", "/resumable" + START, b'{"snippet": {"title": "T"}}', {"X-Upload-Content-Type": "video/mp4"}
    )
    assert 200 == raw.put(reply.headers["location"], b"bytes").status


def test_nothing_stored_is_308_without_a_range(raw: Raw) -> None:
    reply = raw.query(raw.open(size=10), 10)
    assert 308 == reply.status
    assert "range" not in reply.headers


def test_a_piece_is_kept_in_whole_blocks(raw: Raw) -> None:
    session = raw.open(size=len(THREE))
    reply = raw.put(session, THREE[: BLOCK + 100], total=len(THREE))
    assert (308, f"bytes=0-{BLOCK - 1}") == (reply.status, reply.headers["range"])
    reply = raw.put(session, THREE[BLOCK:], BLOCK)
    assert 200 == reply.status


def test_a_finished_session_repeats_its_answer(raw: Raw) -> None:
    session = raw.open(size=5)
    first = raw.put(session, b"bytes")
    assert first.json == raw.query(session, 5).json
    assert first.json == raw.query(session).json
    assert first.json == raw.put(session, b"bytes").json


def test_a_block_from_the_wrong_offset_is_refused_with_the_right_one(emulator: Emulator, raw: Raw) -> None:
    session = raw.open(size=len(THREE))
    raw.put(session, THREE[:BLOCK], total=len(THREE))
    for wrong in (0, BLOCK - 1, BLOCK + 1, 2 * BLOCK):
        reply = raw.put(session, THREE[wrong:], wrong)
        assert (308, f"bytes=0-{BLOCK - 1}") == (reply.status, reply.headers["range"])
    assert 200 == raw.put(session, THREE[BLOCK:], BLOCK).status
    assert hashlib.sha256(THREE).hexdigest() == facts(emulator, EventKind.VIDEO_COMPLETED)[0]["sha256"]


def test_a_whole_file_without_a_content_range_is_taken(emulator: Emulator, raw: Raw) -> None:
    assert 200 == raw.send("PUT", raw.open(), b"all of it").status
    assert 9 == facts(emulator, EventKind.VIDEO_COMPLETED)[0]["size"]


def test_an_empty_file_is_a_video_that_fails(raw: Raw) -> None:
    video = raw.query(raw.open(size=0), 0).json["id"]
    raw.emulator.shift_clock(5)
    [found] = raw.call("GET", f"videos?part=status&id={video}").json["items"]
    assert ("failed", "emptyFile") == (found["status"]["uploadStatus"], found["status"]["failureReason"])


@pytest.mark.parametrize(
    "content_range",
    ["bytes 0-4/4", "bytes 4-0/5", "bytes 0-9/10", "chunk 0-4/5", "bytes 0-4/99", "bytes=0-4/5"],
)
def test_a_range_that_lies_is_refused_and_stores_nothing(raw: Raw, content_range: str) -> None:
    session = raw.open(size=5)
    assert 400 == raw.send("PUT", session, b"bytes", {"Content-Range": content_range}).status
    assert "range" not in raw.query(session, 5).headers


def test_an_unknown_size_is_settled_by_the_last_piece(emulator: Emulator, raw: Raw) -> None:
    session = raw.open()
    reply = raw.send("PUT", session, THREE[:BLOCK], {"Content-Range": f"bytes 0-{BLOCK - 1}/*"})
    assert f"bytes=0-{BLOCK - 1}" == reply.headers["range"]
    assert 200 == raw.put(session, THREE[BLOCK:], BLOCK).status
    assert len(THREE) == facts(emulator, EventKind.VIDEO_COMPLETED)[0]["size"]


def test_an_unknown_session_is_404_and_an_expired_one_too(emulator: Emulator, raw: Raw) -> None:
    session = raw.open(size=5)
    assert 404 == raw.query(session.replace("upload_id=", "upload_id=x"), 5).status
    emulator.shift_clock(8 * 86_400)
    raw.access = raw.refresh().json["access_token"]
    assert 404 == raw.query(session, 5).status


def test_each_put_needs_a_good_token(emulator: Emulator, raw: Raw) -> None:
    session = raw.open(size=len(THREE))
    raw.put(session, THREE[:BLOCK], total=len(THREE))
    emulator.expire_access_tokens("one")
    reply = raw.put(session, THREE[BLOCK:], BLOCK)
    assert (401, "authError") == (reply.status, reply.reason)
    assert 401 == raw.send("PUT", session, b"", {"Authorization": ""}).status
    raw.access = raw.refresh().json["access_token"]
    assert 200 == raw.put(session, THREE[BLOCK:], BLOCK).status


def test_a_session_belongs_to_its_channel(emulator: Emulator, raw: Raw) -> None:
    other = Raw(emulator, emulator.create_account("two", "main"))
    assert (403, "forbidden") == ((reply := other.put(raw.open(size=5), b"bytes")).status, reply.reason)


def test_what_arrived_on_a_broken_connection_counts_in_whole_blocks(emulator: Emulator, raw: Raw) -> None:
    session = raw.open(size=len(THREE))
    raw.broken_put(session, THREE[: BLOCK + 777], announced=len(THREE))
    assert f"bytes=0-{BLOCK - 1}" == raw.query(session, len(THREE)).headers["range"]
    assert 200 == raw.put(session, THREE[BLOCK:], BLOCK).status
    assert hashlib.sha256(THREE).hexdigest() == facts(emulator, EventKind.VIDEO_COMPLETED)[0]["sha256"]


def test_what_arrived_can_be_kept_to_the_byte() -> None:
    with Emulator.in_thread(EmulatorConfig(commit="exact")) as emulator:
        emulator.create_project("main")
        raw = Raw(emulator, emulator.create_account("one", "main"))
        session = raw.open(size=len(THREE))
        raw.broken_put(session, THREE[: BLOCK + 777], announced=len(THREE))
        assert f"bytes=0-{BLOCK + 776}" == raw.query(session, len(THREE)).headers["range"]
        raw.broken_put(
            session, THREE[BLOCK + 777 : -5], announced=len(THREE) - BLOCK - 777, first=BLOCK + 777
        )
        assert 200 == raw.put(session, THREE[-5:], len(THREE) - 5).status
        assert hashlib.sha256(THREE).hexdigest() == facts(emulator, EventKind.VIDEO_COMPLETED)[0]["sha256"]


def test_a_new_request_takes_over_from_a_put_that_hangs(emulator: Emulator, raw: Raw) -> None:
    session = raw.open(size=len(THREE))
    emulator.add_fault("videos.insert.put", "slow", amount=8 * BLOCK)
    broken: list[type[Exception]] = []

    def slow_put() -> None:
        try:
            raw.put(session, THREE)
        except OSError as error:
            broken.append(type(error))

    writer = threading.Thread(target=slow_put)
    writer.start()
    [upload] = emulator.world.uploads.values()
    until(lambda: upload.sink.length > BLOCK)
    stored = int(raw.query(session, len(THREE)).headers["range"].rpartition("-")[2]) + 1
    assert stored in (BLOCK, 2 * BLOCK)
    assert 200 == raw.put(session, THREE[stored:], stored).status
    writer.join()
    assert 1 == len(broken)
    [video] = facts(emulator, EventKind.VIDEO_COMPLETED)
    assert hashlib.sha256(THREE).hexdigest() == video["sha256"]


def test_the_final_status_can_be_201() -> None:
    with Emulator.in_thread(EmulatorConfig(final_status=201)) as emulator:
        emulator.create_project("main")
        raw = Raw(emulator, emulator.create_account("one", "main"))
        session = raw.open(size=5)
        assert [201, 201] == [raw.put(session, b"bytes").status, raw.query(session, 5).status]


def test_what_is_no_video_is_refused_at_the_start(raw: Raw) -> None:
    headers = {"X-Upload-Content-Type": "image/png"}
    reply = raw.send("POST", START, b'{"snippet": {"title": "T"}}', headers)
    assert (400, "badContent") == (reply.status, reply.reason)
    headers = {"X-Upload-Content-Type": "video/mp4", "X-Upload-Content-Length": str(256 * 1024**3 + 1)}
    reply = raw.send("POST", START, b'{"snippet": {"title": "T"}}', headers)
    assert (413, "uploadTooLarge") == (reply.status, reply.reason)


def test_an_insert_without_media_is_refused(raw: Raw) -> None:
    body: Json = {"snippet": {"title": "T"}}
    reply = raw.call("POST", "videos?part=snippet", body)
    assert (400, "mediaBodyRequired") == (reply.status, reply.reason)


@pytest.mark.parametrize(
    ("path", "kind", "body", "answer"),
    [
        ("videos?uploadType=multipart&part=snippet", "multipart/related", b"", (400, "badRequest")),
        ("videos?uploadType=multipart&part=snippet", "text/plain", b"", (400, "badRequest")),
        ("videos?uploadType=strange&part=snippet", "video/mp4", b"x", (400, "mediaBodyRequired")),
        ("videos?uploadType=multipart&part=snippet", "multipart/related; boundary=b",
         b'--b\n\n{"snippet": {"title": "T"}}\n--b\nContent-Type: video/mp4\n\n\n--b--',
         (400, "mediaBodyRequired")),
        ("thumbnails/set?uploadType=media", "image/png", b"x", (400, "missingRequiredParameter")),
        ("captions?uploadType=multipart&part=snippet", "multipart/related; boundary=b",
         b"--b\n\n{\n--b\n\ntext\n--b--", (400, "parseError")),
    ],
)  # fmt: skip
def test_a_bad_upload_in_one_request_is_refused(
    raw: Raw, path: str, kind: str, body: bytes, answer: tuple[int, str]
) -> None:
    reply = raw.send("POST", "/upload/youtube/v3/" + path, body, {"Content-Type": kind})
    assert answer == (reply.status, reply.reason)


def test_a_declared_size_must_be_a_number(raw: Raw) -> None:
    reply = raw.send("POST", START, b'{"snippet": {"title": "T"}}', {"X-Upload-Content-Length": "-5"})
    assert (400, "badRequest") == (reply.status, reply.reason)


def test_a_huge_json_body_is_refused(raw: Raw) -> None:
    reply = raw.send("PUT", "/youtube/v3/videos?part=snippet", b" " * (4 * 1024 * 1024 + 1))
    assert (413, "requestTooLarge") == (reply.status, reply.reason)


def test_a_peer_that_leaves_before_its_words_are_whole_changes_nothing(emulator: Emulator, raw: Raw) -> None:
    for path in (
        START,
        "/upload/youtube/v3/thumbnails/set?uploadType=multipart",
        "/token",
        "/youtube/v3/playlists",
    ):
        raw.broken_put(path, b"{", announced=100, verb="POST", kind="multipart/related; boundary=b")
    assert [] == emulator.totals()["charges"]
    assert [] == facts(emulator, EventKind.SESSION_OPENED)


def test_expect_continue_is_honoured(emulator: Emulator, raw: Raw) -> None:
    reply = raw.send("PUT", raw.open(size=5), b"bytes", {"Expect": "100-continue"})
    assert 200 == reply.status


def test_the_address_that_a_client_used_is_the_one_it_is_sent_back_to(raw: Raw) -> None:
    headers = {"Host": "localhost:9", "X-Upload-Content-Type": "video/mp4"}
    reply = raw.send("POST", START, b'{"snippet": {"title": "T"}}', headers)
    assert "localhost:9" == urlsplit(reply.headers["location"]).netloc
