"""Given only api_root and a client secrets file, the program works against any server that speaks the protocol."""

import hashlib
import json
from pathlib import Path

from tests.entrypoints.other_google import CHANNEL, OtherGoogle, other_google
from tests.entrypoints.program import QUICK, Installation


def install(folder: Path, server: OtherGoogle) -> Installation:
    place = Installation(folder)
    (folder / "client_secrets.json").write_text(json.dumps(server.client_secrets()))
    (folder / "token.json").write_text(json.dumps(server.token_file()))
    text = f'[google]\napi_root = "{server.base}"\n\n[projects.main]\n\n[[accounts]]\nid = "one"\n'
    place.config.write_text(text + '\n[playlists.daily]\ntitle = "Today"\n' + QUICK)
    assert 0 == place.run("init", "--config", "unused.toml").code
    return place


def test_another_server_is_connected_and_gets_video_thumbnail_caption_and_playlist(
    tmp_path: Path, films: Path
) -> None:
    with other_google() as server:
        place = install(tmp_path, server)
        connected = place.run("connect", "one", "--import", "token.json", "--json")
        assert 0 == connected.code, connected.err
        found = connected.json()
        assert (CHANNEL, None, []) == (found["channel"], found["channel_title"], found["warnings"])

        ended = place.run(
            "publish", films / "film1.mp4", "--title", "One", "--wait", "--json", "--privacy", "unlisted",
            "--thumbnail", films / "thumbnail.jpg", "--caption", f"en:{films / 'captions.srt'}",
            "--playlist", "daily",
        )  # fmt: skip

    assert 0 == ended.code, ended.out + ended.err
    (told,) = ended.json()["publications"]
    assert ("published", "s.0001__as-video") == (told["state"], told["video_id"])
    assert ["done", "done", "done"] == [each["state"] for each in told["extras"]], told["extras"]
    ledger = server.ledger
    (session,) = ledger.sessions.values()
    assert hashlib.sha256((films / "film1.mp4").read_bytes()).hexdigest() == session["sha256"]
    assert ("One", "unlisted") == (
        session["resource"]["snippet"]["title"], session["resource"]["status"]["privacyStatus"],
    )  # fmt: skip
    assert {told["video_id"]: (films / "thumbnail.jpg").read_bytes()} == ledger.thumbnails
    assert ["en"] == [each["snippet"]["language"] for each in ledger.captions]
    assert [("LIST-1-of-the-other-kind", told["video_id"])] == ledger.entries
    assert "Today" == ledger.playlists["LIST-1-of-the-other-kind"]["snippet"]["title"]
    assert [] == ledger.unknown


def test_a_server_that_does_not_tell_channels_is_connected_with_a_warning(
    tmp_path: Path, films: Path
) -> None:
    with other_google(knows_channels=False) as server:
        place = install(tmp_path, server)

        connected = place.run("connect", "one", "--import", "token.json")

        assert 0 == connected.code, connected.err
        assert ["ytempire: the channel could not be looked up: HTTP 404"] == connected.lines()
        assert "one is connected" in connected.out
        ended = place.run("publish", films / "film1.mp4", "--wait", "--json")

    assert 0 == ended.code, ended.out + ended.err
    assert ["published"] == [each["state"] for each in ended.json()["publications"]]


def test_a_large_file_goes_to_another_server_in_pieces(tmp_path: Path, films: Path) -> None:
    with other_google() as server:
        place = install(tmp_path, server)
        assert 0 == place.run("connect", "one", "--import", "token.json").code

        ended = place.run(
            "publish", films / "film2.mp4", films / "large.mp4", "--wait", "--json",
            variables={"YTEMPIRE_GOOGLE__UPLOAD_PIECE_BYTES": "8388608"},
        )  # fmt: skip

    assert 0 == ended.code, ended.out + ended.err
    expected = {
        hashlib.sha256((films / name).read_bytes()).hexdigest() for name in ("film2.mp4", "large.mp4")
    }
    assert expected == {session["sha256"] for session in server.ledger.sessions.values()}
