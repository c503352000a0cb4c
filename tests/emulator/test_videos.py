"""Metadata as strict as YouTube's, visibility, scheduling, processing, and who sees what."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.emulator.peer import Json, Raw, facts, resource
from ytempire.emulator import Emulator, EventKind
from ytempire.emulator.metadata import tags_length


def at(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def snippet(**fields: object) -> Json:
    return {"snippet": {"title": "T", **fields}, "status": {"privacyStatus": "private"}}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"status": {"privacyStatus": "private"}}, "invalidTitle"),
        (snippet(title=""), "invalidTitle"),
        (snippet(title=" "), "invalidTitle"),
        (snippet(title="x" * 101), "invalidTitle"),
        (snippet(title="\U0001f600" * 51), "invalidTitle"),
        (snippet(title="a < b"), "invalidTitle"),
        (snippet(title=7), "invalidTitle"),
        (snippet(description="é" * 2501), "invalidDescription"),
        (snippet(description="a > b"), "invalidDescription"),
        (snippet(tags=["x" * 501]), "invalidTags"),
        (snippet(tags="not a list"), "invalidTags"),
        (snippet(tags=["a<b"]), "invalidTags"),
        (snippet(categoryId="18"), "invalidCategoryId"),
        (snippet(categoryId="none"), "invalidCategoryId"),
        (resource(privacyStatus="hidden"), "invalidVideoMetadata"),
        (resource(license="mine"), "invalidVideoMetadata"),
        (resource(embeddable="yes"), "invalidVideoMetadata"),
        (resource(publishAt="tomorrow"), "invalidPublishAt"),
        (resource(publishAt="2099-01-01T00:00:00"), "invalidPublishAt"),
        (resource(privacyStatus="public", publishAt="2099-01-01T00:00:00Z"), "invalidPublishAt"),
        (snippet() | {"localizations": {"de": {"title": "T"}}}, "unexpectedPart"),
        ({"snippet": "text"}, "parseError"),
    ],
)
def test_bad_metadata_is_refused_with_googles_word_for_it(raw: Raw, body: Json, reason: str) -> None:
    reply = raw.start(body=body)
    assert (400, reason) == (reply.status, reply.reason)


@pytest.mark.parametrize("body", [b"[]", b"{", b"\xff"])
def test_what_is_no_json_object_is_a_parse_error(raw: Raw, body: bytes) -> None:
    reply = raw.send("POST", "/upload/youtube/v3/videos?uploadType=resumable&part=snippet", body)
    assert (400, "parseError") == (reply.status, reply.reason)


@pytest.mark.parametrize(
    "body",
    [
        snippet(title="x" * 100, description="é" * 2500, tags=["x" * 500]),
        snippet(title="\U0001f600" * 50, tags=["a", "b"] * 50),
        resource(publishAt="2099-01-01T00:00:00Z", containsSyntheticMedia=True, license="creativeCommon"),
    ],
)
def test_metadata_at_the_limit_is_taken(raw: Raw, body: Json) -> None:
    assert 200 == raw.start(body=body).status


def test_tags_are_counted_with_commas_and_quotes() -> None:
    assert 9 == tags_length(["Foo Baz"])
    assert 11 == tags_length(["Foo Baz", "x"])
    assert 0 == tags_length([])


def test_localizations_need_a_default_language(raw: Raw) -> None:
    path = "/upload/youtube/v3/videos?uploadType=resumable&part=snippet,localizations"
    body = b'{"snippet": {"title": "T"%s}, "localizations": {"de": {"title": "T"}}}'
    reply = raw.send("POST", path, body % b"")
    assert (400, "defaultLanguageNotSet") == (reply.status, reply.reason)
    assert 200 == raw.send("POST", path, body % b', "defaultLanguage": "en"').status


@pytest.mark.parametrize(("part", "reason"), [("", "missingRequiredParameter"), ("?part=x", "unknownPart")])
def test_parts_are_checked(raw: Raw, part: str, reason: str) -> None:
    assert reason == raw.call("GET", "videos" + part).reason


def test_a_list_takes_fifty_ids_and_leaves_unknown_ones_out(raw: Raw) -> None:
    video = raw.upload(b"bytes")["id"]
    ids = ",".join([video, *(f"unknown{n}" for n in range(49))])
    assert [video] == [item["id"] for item in raw.call("GET", f"videos?part=id&id={ids}").json["items"]]
    assert "invalidFilters" == raw.call("GET", f"videos?part=id&id={ids},more").reason
    assert "missingRequiredParameter" == raw.call("GET", "videos?part=id").reason


def test_an_omitted_privacy_is_public(emulator: Emulator, raw: Raw) -> None:
    session = raw.start(body={"snippet": {"title": "Open"}}).headers["location"]
    assert "public" == raw.put(session, b"bytes").json["status"]["privacyStatus"]
    assert "public" == facts(emulator, EventKind.VIDEO_COMPLETED)[0]["privacy"]


def test_an_update_replaces_the_whole_part(raw: Raw) -> None:
    video = raw.upload(b"bytes")["id"]
    body: Json = {
        "id": video,
        "snippet": {"title": "Only", "categoryId": "22"},
        "status": {"license": "youtube"},
    }
    answer = raw.call("PUT", "videos?part=snippet,status", body).json
    assert ("public", "") == (answer["status"]["privacyStatus"], answer["snippet"]["description"])
    reply = raw.call("PUT", "videos?part=snippet", {"id": video, "snippet": {"title": "No category"}})
    assert (400, "invalidCategoryId") == (reply.status, reply.reason)
    assert "invalidVideoMetadata" == raw.call("PUT", "videos?part=snippet", {}).reason


def test_an_update_of_one_part_leaves_the_others(raw: Raw) -> None:
    video = raw.upload(b"bytes")["id"]
    raw.call("PUT", "videos?part=snippet", {"id": video, "snippet": {"title": "New", "categoryId": "1"}})
    [found] = raw.call("GET", f"videos?part=snippet,status&id={video}").json["items"]
    assert ("New", "private") == (found["snippet"]["title"], found["status"]["privacyStatus"])


def test_a_scheduled_video_turns_public_when_due(emulator: Emulator, raw: Raw) -> None:
    session = raw.start(body=resource("Soon", publishAt=at(3600))).headers["location"]
    video = raw.put(session, b"bytes").json["id"]

    def privacy(offset: float) -> str:
        emulator.shift_clock(offset)
        raw.access = raw.refresh().json["access_token"]
        [item] = raw.call("GET", f"videos?part=status&id={video}").json["items"]
        return str(item["status"]["privacyStatus"])

    assert ["private", "public"] == [privacy(3500), privacy(3700)]
    assert [video] == [event["video"] for event in facts(emulator, EventKind.VIDEO_PUBLISHED)]
    body = {"id": video, "status": {"privacyStatus": "private", "publishAt": at(9999)}}
    assert "invalidPublishAt" == raw.call("PUT", "videos?part=status", body).reason


def test_a_past_schedule_publishes_at_once(raw: Raw) -> None:
    session = raw.start(body=resource("Past", publishAt=at(-60))).headers["location"]
    assert "public" == raw.put(session, b"bytes").json["status"]["privacyStatus"]


def test_processing_goes_from_uploaded_to_processed(emulator: Emulator, raw: Raw) -> None:
    video = raw.upload(b"bytes")
    assert "uploaded" == video["status"]["uploadStatus"]
    emulator.shift_clock(1)
    [item] = raw.call(
        "GET", f"videos?part=status,processingDetails,fileDetails,contentDetails&id={video['id']}"
    ).json["items"]
    assert ("processed", "succeeded") == (
        item["status"]["uploadStatus"],
        item["processingDetails"]["processingStatus"],
    )
    assert ("5", "false") == (item["fileDetails"]["fileSize"], item["contentDetails"]["caption"])


def test_the_same_file_on_the_same_channel_is_rejected_as_duplicate(emulator: Emulator, raw: Raw) -> None:
    other = Raw(emulator, emulator.create_account("two", "main"))
    assert ["processed", "rejected", "processed"] == [
        facts(emulator, EventKind.VIDEO_COMPLETED)[-1]["fate"]
        for peer in (raw, raw, other)
        if peer.upload(b"same bytes")
    ]


def test_others_see_public_videos_only_and_no_owner_parts(emulator: Emulator, raw: Raw) -> None:
    hidden = raw.upload(b"hidden")["id"]
    session = raw.start(body=resource("Open", privacyStatus="public")).headers["location"]
    public = raw.put(session, b"open").json["id"]
    stranger = Raw(emulator, emulator.create_account("two", "main"))
    items = stranger.call("GET", f"videos?part=status&id={hidden},{public}").json["items"]
    assert [public] == [item["id"] for item in items]
    for part in ("processingDetails", "fileDetails"):
        reply = stranger.call("GET", f"videos?part={part}&id={public}")
        assert (403, "forbidden") == (reply.status, reply.reason)
    assert 403 == stranger.call("DELETE", f"videos?id={public}").status
    uploads = "UU" + emulator.channel_of("one")[2:]
    listed = stranger.call("GET", f"playlistItems?part=contentDetails&playlistId={uploads}").json["items"]
    assert [public] == [entry["contentDetails"]["videoId"] for entry in listed]
    mine = raw.call("GET", f"playlistItems?part=id&playlistId={uploads}&videoId={hidden}").json["items"]
    assert 1 == len(mine)


@pytest.mark.parametrize(
    ("snippet_body", "status", "reason"),
    [
        ({}, 400, "playlistIdRequired"),
        ({"playlistId": "PLnone"}, 404, "playlistNotFound"),
        ({"playlistId": "UUxx"}, 400, "playlistOperationUnsupported"),
        ({"playlistId": "MINE"}, 400, "resourceIdRequired"),
        ({"playlistId": "MINE", "resourceId": {"kind": "x", "videoId": "y"}}, 400, "invalidResourceType"),
        (
            {"playlistId": "MINE", "resourceId": {"kind": "youtube#video", "videoId": "y"}},
            404,
            "videoNotFound",
        ),
        ({"playlistId": "OTHERS", "resourceId": {}}, 403, "playlistItemsNotAccessible"),
    ],
)
def test_playlist_items_are_refused_in_googles_words(
    emulator: Emulator, raw: Raw, snippet_body: Json, status: int, reason: str
) -> None:
    other = Raw(emulator, emulator.create_account("two", "main"))
    made: Json = {"snippet": {"title": "L"}}
    lists = {
        name: peer.call("POST", "playlists?part=id", made).json["id"]
        for name, peer in (("MINE", raw), ("OTHERS", other))
    }
    named = snippet_body.get("playlistId", "")
    body = snippet_body | ({"playlistId": lists.get(named, named)} if named else {})
    reply = raw.call("POST", "playlistItems?part=snippet", {"snippet": body})
    assert (status, reason) == (reply.status, reply.reason)


def test_playlists_are_listed_by_id_channel_and_owner_and_private_ones_stay_hidden(
    emulator: Emulator, raw: Raw
) -> None:
    stranger = Raw(emulator, emulator.create_account("two", "main"))
    made = {
        privacy: raw.call(
            "POST", "playlists?part=id", {"snippet": {"title": privacy}, "status": {"privacyStatus": privacy}}
        ).json["id"]
        for privacy in ("public", "private")
    }

    def listed(peer: Raw, query: str) -> list[str]:
        found = peer.call("GET", f"playlists?part=id&{query}").json["items"]
        return [playlist["id"] for playlist in found]

    both, channel = ",".join(made.values()), emulator.channel_of("one")
    assert list(made.values()) == listed(raw, "mine=true") == listed(raw, f"id={both}")
    assert [made["public"]] == listed(stranger, f"id={both}") == listed(stranger, f"channelId={channel}")
    assert "missingRequiredParameter" == raw.call("GET", "playlists?part=id").reason
    items = f"playlistItems?part=id&playlistId={made['private']}"
    assert "playlistItemsNotAccessible" == stranger.call("GET", items).reason
    assert "playlistNotFound" == raw.call("GET", "playlistItems?part=id&playlistId=PLnone").reason
    assert "playlistNotFound" == raw.call("GET", "playlistItems?part=id&playlistId=UUnone").reason
    assert "missingRequiredParameter" == raw.call("GET", "playlistItems?part=id").reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "playlistTitleRequired"),
        ({"snippet": {"title": "x"}, "status": {"privacyStatus": "x"}}, "invalidPlaylistSnippet"),
    ],
)
def test_bad_playlists_are_refused(raw: Raw, body: Json, reason: str) -> None:
    assert (400, reason) == ((reply := raw.call("POST", "playlists?part=id", body)).status, reply.reason)


def test_a_position_must_be_in_the_list_and_a_deleted_video_leaves_it(raw: Raw) -> None:
    playlist = raw.call("POST", "playlists?part=id", {"snippet": {"title": "L"}}).json["id"]
    videos = [raw.upload(bytes([n]))["id"] for n in range(2)]

    def add(video: str, position: int) -> int:
        named = {"kind": "youtube#video", "videoId": video}
        body = {"snippet": {"playlistId": playlist, "resourceId": named, "position": position}}
        return raw.call("POST", "playlistItems?part=id", body).status

    assert [400, 200, 200] == [add(videos[0], 1), add(videos[0], 0), add(videos[1], 0)]
    path = f"playlistItems?part=contentDetails&playlistId={playlist}"
    assert videos[::-1] == [item["contentDetails"]["videoId"] for item in raw.call("GET", path).json["items"]]
    assert 204 == raw.call("DELETE", f"videos?id={videos[1]}").status
    assert videos[:1] == [item["contentDetails"]["videoId"] for item in raw.call("GET", path).json["items"]]


@pytest.mark.parametrize("query", ["maxResults=51", "maxResults=x", "pageToken=x"])
def test_bad_paging_is_refused(emulator: Emulator, raw: Raw, query: str) -> None:
    uploads = "UU" + emulator.channel_of("one")[2:]
    assert 400 == raw.call("GET", f"playlistItems?part=id&playlistId={uploads}&{query}").status


def test_a_channel_list_needs_exactly_one_filter(emulator: Emulator, raw: Raw) -> None:
    assert "invalidCriteria" == raw.call("GET", "channels?part=id").reason
    assert "invalidCriteria" == raw.call("GET", "channels?part=id&mine=true&id=x").reason
    channel = emulator.channel_of("one")
    [found] = raw.call("GET", f"channels?part=snippet,status&id={channel},UCnone").json["items"]
    assert ("Channel One", "allowed") == (found["snippet"]["title"], found["status"]["longUploadsStatus"])


@pytest.mark.parametrize(
    ("fields", "status", "reason"),
    [
        ({"language": "en"}, 400, "invalidMetadata"),
        ({"videoId": "none", "language": "en"}, 404, "videoNotFound"),
        ({"videoId": "none", "language": "en", "name": "x" * 151}, 400, "nameTooLong"),
    ],
)
def test_captions_are_refused_in_googles_words(raw: Raw, fields: Json, status: int, reason: str) -> None:
    body = str({"snippet": fields}).replace("'", '"').encode()
    reply = raw.send("POST", "/upload/youtube/v3/captions?uploadType=resumable&part=snippet", body)
    assert (status, reason) == (reply.status, reply.reason)


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [("", "required"), ("Bearer nonsense", "authError"), ("Basic eDp5", "authError")],
)
def test_a_call_needs_a_good_token(raw: Raw, authorization: str, reason: str) -> None:
    reply = raw.send("GET", "/youtube/v3/videos?part=id&id=x", b"", {"Authorization": authorization})
    assert (401, reason) == (reply.status, reply.reason)
    assert "UNAUTHENTICATED" == reply.json["error"]["status"]


def test_an_address_that_leads_nowhere_is_404_in_googles_shape(raw: Raw) -> None:
    assert (404, "notFound") == ((reply := raw.call("GET", "nothing")).status, reply.reason)
