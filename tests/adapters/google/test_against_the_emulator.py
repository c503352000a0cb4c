"""The adapter and the upload conversation against the local Google, with faults; its journal is believed."""

import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.google.conftest import Connect, whole
from ytempire.adapters.google import HttpGoogle, Timeouts
from ytempire.domain.upload import Finished, Going, Transfer, Troubled, next_request, read_reply
from ytempire.domain.values import Secret
from ytempire.domain.wire import Ask, Call, Form, Media, Reply, Stopped
from ytempire.emulator.journal import EventKind
from ytempire.emulator.server import Emulator
from ytempire.ports import Courier

MIB = 1_048_576
SIZE = 9 * MIB + 321
Video = Callable[[int], Path]
PATIENT = Timeouts(connect=5.0, call=5.0, stall=2.0)


async def opened() -> bool:
    return True


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    with Emulator.in_thread() as running:
        running.create_project("main")
        yield running


async def token_of(emulator: Emulator, google: HttpGoogle) -> Secret:
    grant = emulator.create_account("one", "main")
    fields = {name: grant[name] for name in ("client_id", "client_secret", "refresh_token")}
    answer = await google.post(Form(grant["token_uri"], {"grant_type": "refresh_token", **fields}))
    assert isinstance(answer, Reply)
    return Secret(answer.json()["access_token"])


async def open_session(google: HttpGoogle, token: Secret, path: Path) -> Transfer:
    size = whole("", path).total
    headers = {"X-Upload-Content-Length": str(size), "X-Upload-Content-Type": "video/mp4"}
    body: dict[str, Any] = {
        "snippet": {"title": f"A video of {datetime.now(UTC)}", "categoryId": "22"},
        "status": {"privacyStatus": "private"},
    }
    query = {"uploadType": "resumable", "part": "snippet,status"}
    call = Call("POST", "upload/youtube/v3/videos", query, body=body, headers=headers)
    answer = await google.call(call, token)
    assert isinstance(answer, Reply)
    assert 200 == answer.status, answer.body
    return Transfer(answer.headers["location"], str(path), "video/mp4", size, offset=0)


async def converse(google: HttpGoogle, token: Secret, transfer: Transfer) -> Finished:
    """Goes on until the video exists, at most twenty turns."""
    for _ in range(20):
        request = next_request(transfer)
        if isinstance(request, Ask):
            answer = await google.ask(request, token)
        else:
            sent = await google.send(request, token, Courier(opened))
            assert not isinstance(sent, Stopped)
            answer = sent
        turn = read_reply(transfer, answer)
        if isinstance(turn, Finished):
            return turn
        assert isinstance(turn, Going | Troubled), turn
        transfer = turn.transfer
    raise AssertionError("the conversation goes round in circles")


FAULTS: list[dict[str, Any]] = [
    {},
    {"kind": "drop_after_bytes", "amount": 3 * MIB},
    {"kind": "drop_after_bytes", "amount": SIZE - 1},
    {"kind": "lost_response"},
    {"kind": "short_308", "amount": 2 * MIB},
    {"kind": "no_range"},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 401},
    {"kind": "html", "status": 502},
    {"kind": "drop"},
    {"kind": "odd_308_at_end"},
]


@pytest.mark.parametrize("fault", FAULTS, ids=[str(fault.get("kind", "none")) for fault in FAULTS])
async def test_one_whole_video_arrives_whatever_happens(
    emulator: Emulator, connect: Connect, video: Video, fault: dict[str, Any]
) -> None:
    google, path = connect(emulator.base_url + "/", PATIENT), video(SIZE)
    token = await token_of(emulator, google)
    if fault:
        emulator.add_fault("videos.insert.put", **fault)

    finished = await converse(google, token, await open_session(google, token, path))

    made = emulator.journal.of(EventKind.VIDEO_COMPLETED)
    assert [finished.video_id] == [event.facts["video"] for event in made]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == made[0].facts["sha256"]
    assert (1 if fault else 0) == len(emulator.journal.of(EventKind.FAULT_FIRED))


async def test_a_closed_gate_makes_no_video_and_the_session_goes_on_later(
    emulator: Emulator, connect: Connect, video: Video
) -> None:
    google, path = connect(emulator.base_url + "/", PATIENT), video(SIZE)
    token = await token_of(emulator, google)
    transfer = await open_session(google, token, path)
    request = next_request(transfer)
    assert not isinstance(request, Ask)

    async def closed() -> bool:
        return False

    assert isinstance(await google.send(request, token, Courier(closed)), Stopped)
    assert [] == emulator.journal.of(EventKind.VIDEO_COMPLETED)

    await converse(google, token, Transfer(transfer.uri, transfer.path, transfer.mime, transfer.total))
    assert 1 == len(emulator.journal.of(EventKind.VIDEO_COMPLETED))


async def test_thumbnail_and_captions_arrive(
    emulator: Emulator, connect: Connect, video: Video, tmp_path: Path
) -> None:
    google, path = connect(emulator.base_url + "/", PATIENT), video(MIB)
    token = await token_of(emulator, google)
    finished = await converse(google, token, await open_session(google, token, path))
    picture, words = tmp_path / "thumbnail.png", tmp_path / "captions.srt"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(2000))
    words.write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")

    query = {"videoId": finished.video_id, "uploadType": "media"}
    media = Media(str(picture), "image/png")
    thumbnail = Call("POST", "upload/youtube/v3/thumbnails/set", query, media=media)
    snippet = {"videoId": finished.video_id, "language": "en", "name": ""}
    query = {"part": "snippet", "uploadType": "multipart"}
    media = Media(str(words), "application/octet-stream")
    caption = Call("POST", "upload/youtube/v3/captions", query, body={"snippet": snippet}, media=media)

    answers = [await google.call(call, token) for call in (thumbnail, caption)]

    assert [200, 200] == [answer.status for answer in answers if isinstance(answer, Reply)], answers
    assert 1 == len(emulator.journal.of(EventKind.THUMBNAIL_SET))
    assert 1 == len(emulator.journal.of(EventKind.CAPTION_INSERTED))
