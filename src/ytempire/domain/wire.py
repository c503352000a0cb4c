"""Requests and replies as values. An adapter turns one into bytes and the bytes back into the other."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ytempire.domain.files import FileIdentity

MAX_REPLY_BYTES = 1_048_576
"""An adapter reads no more of a reply than this; what is longer is not an answer of this API."""


SLOWEST = 32_768
"""Bytes per second: a small call with a file is given this much longer than one without."""


@dataclass(frozen=True, slots=True)
class Media:
    """A whole file sent as the body of one small call, with its MIME type."""

    path: str
    mime: str


@dataclass(frozen=True, slots=True)
class Call:
    """One small request to the API. `path` is relative to the API root and has no leading slash.

    `body` is sent as JSON; `media` alone is sent as it is; both together as multipart/related, the form
    the discovery document calls "multipart". `headers` come on top of those the adapter sets.
    """

    http: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    media: Media | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Form:
    """A form posted to an OAuth endpoint, at an absolute address. Its fields may be secret: never shown."""

    url: str
    fields: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ask:
    """`PUT` with an empty body and `Content-Range: bytes */total`: how far has the session come?"""

    uri: str = field(repr=False)
    total: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes `start` (inclusive) to `end` (exclusive) of a file of `total` bytes, for a session.

    `source` is who the file must be when it is opened; None takes whatever lies at the path.
    """

    uri: str = field(repr=False)
    path: str
    mime: str
    start: int
    end: int
    total: int
    source: FileIdentity | None = None

    @property
    def last(self) -> bool:
        """Does it hold the last byte of the file?"""
        return self.end == self.total


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. Header names are in lower case; the body is cut at `MAX_REPLY_BYTES`.

    Only the status is shown: a header may be the address of a session, and a body may hold tokens.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    def json(self) -> Mapping[str, Any]:
        """The body as a JSON object; empty when it is something else (a proxy's page, half a body)."""
        return self._document() or {}

    @property
    def is_document(self) -> bool:
        """Whether the body is a JSON object; one without any field is, because fields may be optional."""
        return self._document() is not None

    def items(self) -> tuple[Mapping[str, Any], ...] | None:
        """The items of a list, perhaps none; None when the body is no list, for then nothing is known.

        An empty list may come without `items`, but never without the `kind` that says what it is.
        """
        document = self._document() or {}
        empty: list[object] | None = [] if str(document.get("kind", "")).endswith("ListResponse") else None
        listed = document.get("items", empty)
        if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
            return None
        return tuple(listed)

    def _document(self) -> Mapping[str, Any] | None:
        try:
            document = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return document if isinstance(document, dict) else None


_SECRET = re.compile(
    r"(ya29\.|1//|GOCSPX-|Bearer\s+|(?:upload_id|refresh_token|access_token|client_secret|code)=)[^\s\"'&,;<>]+"
)
"""How Google's tokens, secrets and session addresses look (their prefixes are stable, not documented)."""


def storable(text: str, longest: int) -> str:
    """The beginning of a text from outside, fit to be kept and shown.

    A server may repeat what it was sent, so what looks like a secret is left out; half a character would
    break the database.
    """
    return _SECRET.sub(r"\1...", text)[:longest].encode(errors="replace").decode()


def part(resource: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """One part of a resource, like `status`; empty when it is absent or no object."""
    found = resource.get(name)
    return found if isinstance(found, Mapping) else {}


@dataclass(frozen=True, slots=True)
class NoReply:
    """No answer came. `sent` is False only when the request provably never left this machine; `ours` says that we
    did not try, or broke off ourselves: it says nothing of the server.
    """

    why: str
    sent: bool = True
    ours: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Stopped:
    """We broke the transfer off ourselves before its last bytes were sent, because the gate said so."""

    why: str


Answer = Reply | NoReply
