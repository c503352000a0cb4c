"""What goes wrong on the way, in words that carry no address, header or reply: those may be secret."""

import http.client
import socket
import ssl
import zlib
from dataclasses import dataclass

from ytempire.domain.causes import first_of, first_told
from ytempire.domain.values import Secret
from ytempire.domain.wire import NoReply


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `connect`: to reach a server, TLS included. `call`: one small call from end to end.

    `stall`: without a single byte going or coming while a file is sent or its reply awaited.
    """

    connect: float = 10.0
    call: float = 30.0
    stall: float = 60.0


class Closed(Exception):
    """The transfer was given up from outside: its task was cancelled, or the adapter is closing."""


class Truncated(Exception):
    """The reply ended before all that it promised."""


def no_reply(error: BaseException, *, sent: bool) -> NoReply:
    """The mishap as an answer."""
    return NoReply(why(error), sent=sent)


def why(error: BaseException) -> str:
    """One clause that says what happened, from the most telling error in the chain of causes."""
    untrusted = first_of(ssl.SSLCertVerificationError, error)
    if untrusted is not None:
        return f"the server's certificate is not trusted: {untrusted.verify_message}"
    told = first_told(error, _WORDS)
    if told is not None:
        return told
    name = type(error).__name__
    return _WORDS_BY_NAME.get(name, f"the connection failed ({name})")


_WORDS_BY_NAME = {  # those of httpx2, which is not imported here: it is slow to
    "PoolTimeout": "too many calls are waiting",
    "ReadError": "the connection was reset",
    "RemoteProtocolError": "the reply broke off or was not HTTP",
    "WriteError": "the connection was reset",
    "LocalProtocolError": "the file changed its length while it was sent",
}

_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (zlib.error, "the reply could not be unpacked"),
    (ssl.SSLError, "the secure connection failed"),
    (socket.gaierror, "the server's name could not be resolved"),
    (ConnectionRefusedError, "the connection was refused"),
    (Closed, "the transfer was given up"),
    (Truncated, "the reply broke off"),
    (http.client.IncompleteRead, "the reply broke off"),
    (http.client.RemoteDisconnected, "the server closed the connection without a reply"),
    (http.client.HTTPException, "the reply was not HTTP"),
    (ConnectionError, "the connection was reset"),
    (TimeoutError, "the server was silent for too long"),
)


def bearer(token: Secret) -> str | None:
    """The value of the Authorization header; None when the token could not be one header.

    Checked here because the libraries below would show the value in their complaint.
    """
    text = token.reveal()
    return f"Bearer {text}" if text and all("!" <= letter <= "~" for letter in text) else None
