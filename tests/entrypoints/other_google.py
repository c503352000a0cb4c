"""Another server that speaks the same protocol, written from its description alone and unlike ours where it may be.

Its tokens come from a path of its own, its ids and session addresses look different, it answers 201 when a video
is whole, closes each connection, leaves out every optional field, and has no file details. It knows nothing of
the emulator, so what works against both depends on neither.
"""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

CHANNEL = "UC-other-channel-000000001"
ACCESS = "opaque-access-1"
REFRESH = "opaque-refresh-1"


@dataclass
class Ledger:
    """What this server was sent. `knows_channels` is whether channels.list exists here."""

    knows_channels: bool = True
    videos: dict[str, dict[str, Any]] = field(default_factory=dict)
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    thumbnails: dict[str, bytes] = field(default_factory=dict)
    captions: list[dict[str, Any]] = field(default_factory=list)
    playlists: dict[str, dict[str, Any]] = field(default_factory=dict)
    entries: list[tuple[str, str]] = field(default_factory=list)
    refreshes: int = 0
    unknown: list[str] = field(default_factory=list)


class OtherGoogle:
    """The running server: where it is, what an operator downloads from it, and its ledger."""

    def __init__(self, base: str, ledger: Ledger) -> None:
        self.base = base
        self.ledger = ledger

    def client_secrets(self) -> dict[str, Any]:
        """A client secrets file whose token_uri points here."""
        client = {"client_id": "client-7", "client_secret": "secret-7", "redirect_uris": ["http://localhost"]}
        ours = {"auth_uri": f"{self.base}/consent", "token_uri": f"{self.base}/very/own/token-service"}
        return {"installed": {**client, **ours}}

    def token_file(self) -> dict[str, Any]:
        """A token file as small as it may be."""
        return {"refresh_token": REFRESH, "client_id": "client-7", "client_secret": "secret-7"}


@contextmanager
def other_google(*, knows_channels: bool = True) -> Iterator[OtherGoogle]:
    """Runs the server until the block ends."""
    ledger = Ledger(knows_channels=knows_channels)
    desk = type("Desk", (_Desk,), {"ledger": ledger})
    server = ThreadingHTTPServer(("127.0.0.1", 0), desk)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield OtherGoogle(f"http://127.0.0.1:{server.server_port}", ledger)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Desk(BaseHTTPRequestHandler):
    """One request a connection: HTTP/1.0, as some proxies still speak it."""

    protocol_version = "HTTP/1.0"
    ledger: Ledger

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's own name
        """Says nothing."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = parse_qs(parts.query)
        if not self._is_allowed():
            return
        if parts.path == "/youtube/v3/channels" and self.ledger.knows_channels:
            self._answer(200, {"items": [{"id": CHANNEL}]})
        elif parts.path == "/youtube/v3/videos":
            wanted = ",".join(asked.get("id", [])).split(",")
            self._answer(
                200, {"items": [self.ledger.videos[id_] for id_ in wanted if id_ in self.ledger.videos]}
            )
        elif parts.path == "/youtube/v3/playlists":
            self._answer(200, {"items": list(self.ledger.playlists.values())})
        elif parts.path == "/youtube/v3/playlistItems":
            ids = [
                video for playlist, video in self.ledger.entries if playlist in asked.get("playlistId", [])
            ]
            items = [
                {"snippet": {"resourceId": {"videoId": id_}}, "contentDetails": {"videoId": id_}}
                for id_ in ids
            ]
            self._answer(200, {"items": items})
        elif parts.path == "/youtube/v3/captions":
            self._answer(200, {"items": self.ledger.captions})
        else:
            self._unknown()

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        asked = parse_qs(parts.query)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if parts.path == "/very/own/token-service":
            self._token(dict(parse_qsl(body.decode())))
        elif not self._is_allowed():
            return
        elif parts.path == "/upload/youtube/v3/videos" and asked.get("uploadType") == ["resumable"]:
            self._open(json.loads(body))
        elif parts.path == "/upload/youtube/v3/thumbnails/set":
            self.ledger.thumbnails[asked["videoId"][0]] = body
            self._answer(200, {})
        elif parts.path == "/upload/youtube/v3/captions":
            self.ledger.captions.append(_first_part(body, self.headers["Content-Type"]))
            self._answer(200, {"id": f"caption_{len(self.ledger.captions)}"})
        elif parts.path == "/youtube/v3/playlists":
            id_ = f"LIST-{len(self.ledger.playlists) + 1}-of-the-other-kind"
            self.ledger.playlists[id_] = {**json.loads(body), "id": id_}
            self._answer(200, {"id": id_})
        elif parts.path == "/youtube/v3/playlistItems":
            snippet = json.loads(body)["snippet"]
            self.ledger.entries.append((snippet["playlistId"], snippet["resourceId"]["videoId"]))
            self._answer(200, {"id": f"entry_{len(self.ledger.entries)}"})
        else:
            self._unknown()

    def do_PUT(self) -> None:
        name = urlsplit(self.path).path.removeprefix("/bytes-go-here/")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        session = self.ledger.sessions.get(name)
        if session is None:
            self._unknown()
            return
        span = re.fullmatch(r"bytes (?:(\d+)-\d+|\*)/\d+", self.headers.get("Content-Range") or "")
        if span is None or (span[1] is not None and int(span[1]) == len(session["bytes"])):
            session["bytes"] += body
        if len(session["bytes"]) < session["size"]:
            kept = len(session["bytes"])
            self._answer(308, None, {"Range": f"bytes=0-{kept - 1}"} if kept else {})
            return
        self._answer(201, self._video(name, session))

    def _video(self, name: str, session: dict[str, Any]) -> dict[str, Any]:
        """The finished video; asked again, the same answer."""
        id_ = f"{name}__as-video"
        status = {**session["resource"].get("status", {}), "uploadStatus": "processed"}
        snippet = {**session["resource"].get("snippet", {}), "channelId": CHANNEL}
        self.ledger.videos[id_] = {"id": id_, "snippet": snippet, "status": status}
        session["sha256"] = hashlib.sha256(session["bytes"]).hexdigest()
        return {"id": id_}

    def _open(self, resource: dict[str, Any]) -> None:
        name = f"s.{len(self.ledger.sessions) + 1:04d}"
        size = int(self.headers["X-Upload-Content-Length"])
        self.ledger.sessions[name] = {"resource": resource, "size": size, "bytes": b""}
        self._answer(200, None, {"Location": f"http://{self.headers['Host']}/bytes-go-here/{name}"})

    def _token(self, form: dict[str, str]) -> None:
        if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != REFRESH:
            self._answer(400, {"error": "invalid_grant"})
            return
        self.ledger.refreshes += 1
        self._answer(200, {"access_token": ACCESS, "token_type": "bearer", "expires_in": 900})

    def _is_allowed(self) -> bool:
        if self.headers.get("Authorization") == f"Bearer {ACCESS}":
            return True
        self._answer(401, {"error": {"code": 401, "errors": [{"reason": "authError"}]}})
        return False

    def _unknown(self) -> None:
        self.ledger.unknown.append(f"{self.command} {urlsplit(self.path).path}")
        self._answer(404, {"error": {"code": 404}})

    def _answer(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        text = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if body is not None:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def _first_part(body: bytes, kind: str) -> dict[str, Any]:
    """The JSON of a multipart/related body."""
    found = re.search(r'boundary="?([^";]+)', kind)
    assert found is not None
    head = body.split(b"--" + found[1].encode())[1]
    text = head.partition(b"\r\n\r\n")[2]
    return dict(json.loads(text))
