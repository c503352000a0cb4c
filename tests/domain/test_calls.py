"""The calls we send, held against Google's own description of the API."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from importlib import resources
from typing import Any

import pytest

from tests.builders import NOW, a_file, a_request
from ytempire.domain import calls
from ytempire.domain.publication import Caption, License, Metadata, Privacy
from ytempire.domain.values import PlaylistId, VideoId
from ytempire.domain.wire import Call, Media

VIDEO, OTHER, LIST = VideoId("vid_1"), VideoId("vid_2"), PlaylistId("PL1")
FULL = Metadata(
    "A title",
    description="About it",
    tags=("a", "b c"),
    category="27",
    language="de",
    privacy=Privacy.PRIVATE,
    publish_at=NOW,
    made_for_kids=False,
    synthetic_media=True,
    license=License.CREATIVE_COMMON,
    notify_subscribers=False,
)
CAPTION = Caption(a_file("/v/en.srt"), "en", "Commentary")
CURRENT = {
    "id": "vid_1",
    "snippet": {"title": "Old", "categoryId": "22", "tags": ["x"], "channelId": "UC1", "publishedAt": "…"},
    "status": {"privacyStatus": "unlisted", "license": "youtube", "uploadStatus": "processed"},
}

DISCOVERY = json.loads(
    (resources.files("googleapiclient") / "discovery_cache/documents/youtube.v3.json").read_text()
)
"""The description that comes with Google's own client."""

SENT = {
    "videos.insert": calls.open_session(a_request(metadata=FULL)),
    "videos.list": calls.list_videos([VIDEO, OTHER]),
    "videos.update": calls.update_video(CURRENT, {"snippet": {"title": "New"}, "status": {"license": "x"}}),
    "videos.delete": calls.delete_video(VIDEO),
    "channels.list": calls.my_channel(),
    "playlistItems.list": calls.playlist_entries(LIST, video=VIDEO, page="second"),
    "playlistItems.insert": calls.add_to_playlist(LIST, VIDEO),
    "playlists.insert": calls.make_playlist("Season one", Privacy.UNLISTED),
    "playlists.list": calls.my_playlists(),
    "thumbnails.set": calls.set_thumbnail(VIDEO, "/v/t.png", "image/png"),
    "captions.insert": calls.insert_caption(VIDEO, CAPTION),
}
METHODS = [
    pytest.param(DISCOVERY["resources"][name.split(".")[0]]["methods"][name.split(".")[1]], call, id=name)
    for name, call in SENT.items()
]


@pytest.mark.parametrize(("method", "call"), METHODS)
def test_each_call_goes_where_google_says(method: Mapping[str, Any], call: Call) -> None:
    path = method["mediaUpload"]["protocols"]["simple"]["path"] if "mediaUpload" in method else method["path"]

    assert (method["httpMethod"], path.removeprefix("/")) == (call.http, call.path)


@pytest.mark.parametrize(("method", "call"), METHODS)
def test_each_call_asks_with_parameters_that_google_knows(method: Mapping[str, Any], call: Call) -> None:
    known = method["parameters"]

    assert set() == set(call.query) - set(known) - {"uploadType"}
    assert {name for name, each in known.items() if each.get("required")} <= set(call.query)
    assert ("uploadType" in call.query) == ("mediaUpload" in method)


@pytest.mark.parametrize(("method", "call"), METHODS)
def test_each_body_holds_only_what_its_resource_has(method: Mapping[str, Any], call: Call) -> None:
    assert (call.body is not None) == ("request" in method)
    if call.body is not None:
        assert [] == strangers(call.body, DISCOVERY["schemas"][method["request"]["$ref"]])


def strangers(body: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """The names in a body that its schema does not know, at any depth."""
    found = []
    for name, value in body.items():
        described = schema["properties"].get(name)
        if described is None:
            found.append(name)
        elif isinstance(value, Mapping):
            found += strangers(value, DISCOVERY["schemas"][described["$ref"]])
    return found


@pytest.mark.parametrize("call", [call for call in SENT.values() if call.body is not None])
def test_each_part_named_is_in_the_body_and_the_other_way_round(call: Call) -> None:
    assert call.body is not None
    assert set(call.query["part"].split(",")) == set(call.body) - {"id"}


def test_a_session_is_opened_for_a_file_of_this_size_and_kind() -> None:
    call = calls.open_session(a_request(metadata=FULL, mime="video/webm"))

    assert {"X-Upload-Content-Length": "1000000", "X-Upload-Content-Type": "video/webm"} == call.headers
    expected = {"uploadType": "resumable", "part": "snippet,status", "notifySubscribers": "false"}
    assert expected == call.query


def test_subscribers_are_told_unless_a_person_says_no() -> None:
    assert "true" == calls.open_session(a_request()).query["notifySubscribers"]


def test_a_bare_video_says_no_more_than_it_must() -> None:
    expected = {
        "snippet": {"title": "A title", "categoryId": "22"},
        "status": {"privacyStatus": "private", "license": "youtube"},
    }

    assert expected == calls.video_body(Metadata("A title"))


def test_a_full_video_says_exactly_what_was_asked() -> None:
    expected = {
        "snippet": {
            "title": "A title",
            "description": "About it",
            "tags": ["a", "b c"],
            "categoryId": "27",
            "defaultLanguage": "de",
            "defaultAudioLanguage": "de",
        },
        "status": {
            "privacyStatus": "private",
            "license": "creativeCommon",
            "selfDeclaredMadeForKids": False,
            "containsSyntheticMedia": True,
            "publishAt": "2026-11-20T18:00:00Z",
        },
    }

    assert expected == calls.video_body(FULL)


@pytest.mark.parametrize("privacy", Privacy)
def test_the_visibility_is_always_sent(privacy: Privacy) -> None:
    status = calls.video_body(Metadata("A title", privacy=privacy))["status"]

    assert str(privacy) == status["privacyStatus"]
    assert "publishAt" not in status


@pytest.mark.parametrize("privacy", Privacy)
def test_a_planned_video_is_private_until_then_whatever_else_was_asked(privacy: Privacy) -> None:
    pacific = datetime(2026, 11, 20, 10, tzinfo=timezone(timedelta(hours=-8)))
    status = calls.video_body(Metadata("A title", privacy=privacy, publish_at=pacific))["status"]

    assert ("private", "2026-11-20T18:00:00Z") == (status["privacyStatus"], status["publishAt"])


def test_many_videos_are_asked_after_in_one_call() -> None:
    assert "vid_1,vid_2" == calls.list_videos([VIDEO, OTHER]).query["id"]
    assert "snippet,status,processingDetails" == calls.list_videos([VIDEO]).query["part"]
    assert "fileDetails" == calls.list_videos([VIDEO], parts="fileDetails").query["part"]


def test_a_list_of_ids_is_not_given_a_size_which_google_does_not_support() -> None:
    assert "maxResults" not in calls.list_videos([VIDEO]).query


def test_entries_are_listed_whole_or_for_one_video() -> None:
    assert "videoId" not in calls.playlist_entries(LIST).query
    assert "vid_1" == calls.playlist_entries(LIST, video=VIDEO).query["videoId"]


def test_a_page_of_entries_is_named_by_its_token() -> None:
    assert "pageToken" not in calls.playlist_entries(LIST).query
    assert "second" == calls.playlist_entries(LIST, page="second").query["pageToken"]


def test_an_entry_names_the_playlist_and_the_video() -> None:
    entry = {"playlistId": "PL1", "resourceId": {"kind": "youtube#video", "videoId": "vid_1"}}

    assert {"snippet": entry} == calls.add_to_playlist(LIST, VIDEO).body


def test_a_playlist_is_made_with_its_title_and_visibility() -> None:
    expected = {"snippet": {"title": "Season one"}, "status": {"privacyStatus": "unlisted"}}

    assert expected == calls.make_playlist("Season one", Privacy.UNLISTED).body


def test_a_thumbnail_is_sent_as_it_is_and_a_caption_with_its_name() -> None:
    assert Media("/v/t.png", "image/png") == SENT["thumbnails.set"].media
    assert None is SENT["thumbnails.set"].body
    assert Media("/v/en.srt", "application/octet-stream") == SENT["captions.insert"].media
    snippet = {"videoId": "vid_1", "language": "en", "name": "Commentary"}
    assert {"snippet": snippet} == SENT["captions.insert"].body


def test_an_update_keeps_what_it_does_not_change() -> None:
    call = calls.update_video(CURRENT, {"status": {"license": "creativeCommon"}})

    assert {"part": "status"} == call.query
    status = {"privacyStatus": "unlisted", "license": "creativeCommon"}
    assert {"id": "vid_1", "status": status} == call.body


def test_an_update_touches_only_the_parts_it_names_and_leaves_out_what_only_youtube_may_write() -> None:
    call = calls.update_video(CURRENT, {"snippet": {"title": "New", "tags": []}})

    snippet = {"title": "New", "categoryId": "22", "tags": []}
    assert {"id": "vid_1", "snippet": snippet} == call.body
