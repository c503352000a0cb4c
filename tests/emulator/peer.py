"""Independent peers for the emulator: Google's own client and libraries, and plain sockets."""

import functools
import http.client
import io
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build_from_document
from googleapiclient.discovery_cache import get_static_doc
from googleapiclient.http import MediaIoBaseUpload

from ytempire.emulator import Emulator, EventKind

BLOCK = 262_144
START = "/upload/youtube/v3/videos?uploadType=resumable&part=snippet,status"
Json = dict[str, Any]


@functools.cache
def discovery_document() -> Json:
    document: Json = json.loads(get_static_doc("youtube", "v3"))
    return document


def credentials(token: Json) -> Credentials:
    return Credentials(  # type: ignore[no-untyped-call]  # google-auth types its classes in part only
        None,
        refresh_token=token["refresh_token"],
        token_uri=token["token_uri"],
        client_id=token["client_id"],
        client_secret=token["client_secret"],
    )


def google_client(emulator: Emulator, token: Json) -> Any:
    root = emulator.base_url + "/"
    document = {**discovery_document(), "rootUrl": root, "baseUrl": root}
    return build_from_document(document, credentials=credentials(token))


def media(data: bytes, kind: str = "video/mp4", *, chunk: int = BLOCK, resumable: bool = True) -> Any:
    return MediaIoBaseUpload(io.BytesIO(data), kind, chunksize=chunk, resumable=resumable)


def resource(title: str = "A video", **status: object) -> Json:
    return {"snippet": {"title": title, "categoryId": "22"}, "status": {"privacyStatus": "private", **status}}


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        content: Json = json.loads(self.body)
        return content

    @property
    def reason(self) -> str:
        return str(self.json["error"]["errors"][0]["reason"])


class Raw:
    """Requests over plain http.client, as one account."""

    def __init__(self, emulator: Emulator, token: Json) -> None:
        self.emulator = emulator
        self.token = token
        self.access = self.refresh().json["access_token"]

    def refresh(self, **more: str) -> Reply:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self.token["refresh_token"],
            "client_id": self.token["client_id"],
            "client_secret": self.token["client_secret"],
            **more,
        }
        return self.form("/token", form)

    def form(self, path: str, form: dict[str, str]) -> Reply:
        return self.send(
            "POST",
            path,
            urlencode(form).encode(),
            {"Content-Type": "application/x-www-form-urlencoded", "Authorization": ""},
        )

    def send(
        self, verb: str, address: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Reply:
        parts = urlsplit(address)
        root = urlsplit(self.emulator.base_url)
        connection = http.client.HTTPConnection(root.hostname or "", root.port, timeout=10)
        sent = {} if not hasattr(self, "access") else {"Authorization": f"Bearer {self.access}"}
        sent |= headers or {}
        if not sent.get("Authorization"):
            sent.pop("Authorization", None)
        try:
            connection.request(
                verb, parts.path + (f"?{parts.query}" if parts.query else ""), body=body, headers=sent
            )
            response = connection.getresponse()
            return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def call(self, verb: str, path: str, body: Json | None = None) -> Reply:
        data = b"" if body is None else json.dumps(body).encode()
        return self.send(verb, "/youtube/v3/" + path, data, {"Content-Type": "application/json"})

    def start(self, title: str = "A video", *, size: int | None = None, body: Json | None = None) -> Reply:
        headers = {"Content-Type": "application/json", "X-Upload-Content-Type": "video/mp4"}
        if size is not None:
            headers["X-Upload-Content-Length"] = str(size)
        return self.send("POST", START, json.dumps(body or resource(title)).encode(), headers)

    def open(self, title: str = "A video", *, size: int | None = None) -> str:
        reply = self.start(title, size=size)
        assert reply.status == 200, reply.body
        return reply.headers["location"]

    def put(self, session: str, data: bytes, first: int = 0, total: int | None = None) -> Reply:
        total = first + len(data) if total is None else total
        return self.send(
            "PUT", session, data, {"Content-Range": f"bytes {first}-{first + len(data) - 1}/{total}"}
        )

    def query(self, session: str, total: int | str = "*") -> Reply:
        return self.send("PUT", session, b"", {"Content-Range": f"bytes */{total}", "Content-Length": "0"})

    def upload(self, data: bytes, title: str = "A video") -> Json:
        reply = self.put(self.open(title, size=len(data)), data)
        assert reply.status == 200, reply.body
        return reply.json

    def broken_put(
        self,
        session: str,
        data: bytes,
        *,
        announced: int,
        first: int = 0,
        verb: str = "PUT",
        kind: str = "video/mp4",
    ) -> None:
        """Announce more bytes than are sent, then leave."""
        parts, root = urlsplit(session), urlsplit(self.emulator.base_url)
        head = (
            f"{verb} {parts.path}?{parts.query} HTTP/1.1\r\nHost: {root.netloc}\r\nContent-Type: {kind}\r\n"
            f"Authorization: Bearer {self.access}\r\nContent-Length: {announced}\r\n"
            f"Content-Range: bytes {first}-{first + announced - 1}/{first + announced}\r\n\r\n"
        )
        with socket.create_connection((root.hostname or "", root.port or 0), timeout=10) as connection:
            connection.sendall(head.encode() + data)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                continue


def until(true: Callable[[], bool]) -> None:
    """Wait for the other side to get there; the test's own time-out is the limit."""
    while not true():
        threading.Event().wait(0.002)


def facts(emulator: Emulator, *kinds: EventKind) -> list[Json]:
    return [dict(event.facts) for event in emulator.journal.of(*kinds)]


def fired(emulator: Emulator) -> list[str]:
    return [event["fault"] for event in facts(emulator, EventKind.FAULT_FIRED)]
