"""Google's own Python client works against the emulator, unchanged but for the root address."""

import hashlib
from typing import Any

import pytest
from googleapiclient.errors import HttpError, ResumableUploadError

from tests.emulator.peer import BLOCK, Json, facts, google_client, media, resource
from ytempire.emulator import Emulator, EventKind

PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 100
SUBTITLES = b"1\n00:00:00,000 --> 00:00:01,000\nHello\n"


def upload(youtube: Any, data: bytes = b"video bytes", *, chunk: int = BLOCK, **status: object) -> Json:
    body = resource("Uploaded", **status)
    request = youtube.videos().insert(part="snippet,status", body=body, media_body=media(data, chunk=chunk))
    answer: Json = request.execute()
    return answer


def reason_of(error: HttpError) -> str:
    return str(error.error_details[0]["reason"])


def test_a_video_uploads_in_chunks_and_arrives_whole(emulator: Emulator, youtube: Any) -> None:
    data = bytes(range(256)) * 4096 + b"tail"
    request = youtube.videos().insert(
        part="snippet,status", body=resource("In chunks"), media_body=media(data, chunk=BLOCK)
    )
    seen, answer = [], None
    while answer is None:
        progress, answer = request.next_chunk()
        if progress is not None:
            seen.append(progress.resumable_progress)
    assert [BLOCK, 2 * BLOCK, 3 * BLOCK, 4 * BLOCK] == seen
    [video] = facts(emulator, EventKind.VIDEO_COMPLETED)
    assert answer["id"] == video["video"]
    assert (hashlib.sha256(data).hexdigest(), len(data)) == (video["sha256"], video["size"])
    assert ("In chunks", "private", "one") == (video["title"], video["privacy"], video["account"])


@pytest.mark.parametrize("with_body", [True, False])
def test_a_video_in_one_request_needs_a_title(emulator: Emulator, youtube: Any, with_body: bool) -> None:
    data = b"\r\n--===" * 1000 + b"\r\n"
    body = resource("At once") if with_body else None
    request = youtube.videos().insert(
        part="snippet,status", body=body, media_body=media(data, resumable=False)
    )
    if not with_body:
        with pytest.raises(HttpError) as refused:
            request.execute()
        assert "invalidTitle" == reason_of(refused.value)
        return
    request.execute()
    [video] = facts(emulator, EventKind.VIDEO_COMPLETED)
    assert hashlib.sha256(data).hexdigest() == video["sha256"]


def test_the_resource_can_be_read_updated_and_deleted(youtube: Any) -> None:
    video = upload(youtube, selfDeclaredMadeForKids=False)
    changed = resource("Renamed", privacyStatus="unlisted") | {"id": video["id"]}
    assert (
        "Renamed"
        == youtube.videos().update(part="snippet,status", body=changed).execute()["snippet"]["title"]
    )
    [found] = youtube.videos().list(part="snippet,status,fileDetails", id=video["id"]).execute()["items"]
    assert ("unlisted", "11") == (found["status"]["privacyStatus"], found["fileDetails"]["fileSize"])
    assert "" == youtube.videos().delete(id=video["id"]).execute()
    assert [] == youtube.videos().list(part="id", id=video["id"]).execute()["items"]


@pytest.mark.parametrize("resumable", [True, False])
def test_a_thumbnail_is_set(emulator: Emulator, youtube: Any, resumable: bool) -> None:
    video = upload(youtube)
    picture = media(PNG, "image/png", resumable=resumable)
    answer = youtube.thumbnails().set(videoId=video["id"], media_body=picture).execute()
    assert "default" in answer["items"][0]
    [event] = facts(emulator, EventKind.THUMBNAIL_SET)
    assert (video["id"], hashlib.sha256(PNG).hexdigest()) == (event["video"], event["sha256"])


@pytest.mark.parametrize("resumable", [True, False])
def test_a_thumbnail_that_is_no_picture_is_refused(youtube: Any, resumable: bool) -> None:
    video = upload(youtube)
    text = media(b"not a picture", "image/png", resumable=resumable)
    with pytest.raises(HttpError) as refused:
        youtube.thumbnails().set(videoId=video["id"], media_body=text).execute()
    assert (400, "invalidImage") == (refused.value.status_code, reason_of(refused.value))


@pytest.mark.parametrize("resumable", [True, False])
def test_a_caption_is_inserted_once(emulator: Emulator, youtube: Any, resumable: bool) -> None:
    video = upload(youtube)
    body = {"snippet": {"videoId": video["id"], "language": "en", "name": "English"}}

    def insert() -> Any:
        track = media(SUBTITLES, "application/octet-stream", resumable=resumable)
        return youtube.captions().insert(part="snippet", body=body, media_body=track).execute()

    made = insert()
    [listed] = youtube.captions().list(part="snippet", videoId=video["id"]).execute()["items"]
    assert made["id"] == listed["id"]
    assert hashlib.sha256(SUBTITLES).hexdigest() == facts(emulator, EventKind.CAPTION_INSERTED)[0]["sha256"]
    with pytest.raises(HttpError) as refused:
        insert()
    assert (409, "captionExists") == (refused.value.status_code, reason_of(refused.value))


def test_captions_need_the_scope_that_google_asks_for(emulator: Emulator) -> None:
    scopes = ["https://www.googleapis.com/auth/youtube"]
    service = google_client(emulator, emulator.create_account("narrow", "main", scopes=scopes))
    with pytest.raises(HttpError) as refused:
        service.captions().list(part="snippet", videoId="whatever").execute()
    assert 403 == refused.value.status_code
    assert "ACCESS_TOKEN_SCOPE_INSUFFICIENT" == reason_of(refused.value)
    assert b"insufficientPermissions" in refused.value.content
    service.close()


def test_videos_go_into_playlists_once_and_are_listed_by_page(youtube: Any) -> None:
    videos = [upload(youtube, bytes([n]) * 10)["id"] for n in range(3)]
    playlist = youtube.playlists().insert(
        part="snippet,status", body={"snippet": {"title": "List"}, "status": {"privacyStatus": "private"}}
    ).execute()["id"]  # fmt: skip

    def add(video: str) -> None:
        named = {"kind": "youtube#video", "videoId": video}
        item = {"snippet": {"playlistId": playlist, "resourceId": named}}
        youtube.playlistItems().insert(part="snippet", body=item).execute()

    for video in videos:
        add(video)
    with pytest.raises(HttpError) as refused:
        add(videos[0])
    assert (409, "videoAlreadyInPlaylist") == (refused.value.status_code, reason_of(refused.value))
    items = youtube.playlistItems()
    page = items.list(part="contentDetails", playlistId=playlist, maxResults=2)
    seen = []
    while page is not None:
        answer = page.execute()
        seen += [entry["contentDetails"]["videoId"] for entry in answer["items"]]
        page = items.list_next(page, answer)
    assert videos == seen
    [mine] = youtube.playlists().list(part="contentDetails", mine=True).execute()["items"]
    assert (playlist, 3) == (mine["id"], mine["contentDetails"]["itemCount"])


def test_the_uploads_playlist_shows_the_newest_first(youtube: Any) -> None:
    videos = [upload(youtube, bytes([n]) * 10)["id"] for n in range(3)]
    [channel] = youtube.channels().list(part="contentDetails", mine=True).execute()["items"]
    uploads = channel["contentDetails"]["relatedPlaylists"]["uploads"]
    assert "UU" + channel["id"][2:] == uploads
    listed = youtube.playlistItems().list(part="snippet", playlistId=uploads).execute()["items"]
    assert videos[::-1] == [entry["snippet"]["resourceId"]["videoId"] for entry in listed]


def test_search_finds_ones_own_video(youtube: Any) -> None:
    video = upload(youtube)
    found = youtube.search().list(part="snippet", forMine=True, type="video", q="uploaded").execute()
    assert [video["id"]] == [entry["id"]["videoId"] for entry in found["items"]]


def test_a_refused_start_is_a_resumable_upload_error(emulator: Emulator, youtube: Any) -> None:
    emulator.change_project("main", limits={"uploads": 0})
    with pytest.raises(ResumableUploadError) as refused:
        upload(youtube)
    assert 429 == refused.value.status_code
    assert "Video Uploads per day" in str(refused.value)


def test_the_client_recovers_by_asking_where_it_stands(emulator: Emulator, youtube: Any) -> None:
    data = b"x" * (2 * BLOCK + 5)
    emulator.add_fault("videos.insert.put", "status", status=503, skip=1)
    request = youtube.videos().insert(part="snippet,status", body=resource(), media_body=media(data))
    answer = None
    failures = []
    while answer is None:
        try:
            _, answer = request.next_chunk()
        except HttpError as error:
            failures.append(error.status_code)
    assert [503] == failures
    assert hashlib.sha256(data).hexdigest() == facts(emulator, EventKind.VIDEO_COMPLETED)[0]["sha256"]
