"""Consent as values: where a person is sent, what may come back from there, and the exchange of the code.

OAuth 2.0 for installed and web apps with PKCE (RFC 6749, 7636, 8252, 9207), as Google documents it. State
and verifier are chance and therefore arguments.
"""

import base64
import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ytempire.domain.oauth import SCOPE, OAuthClient
from ytempire.domain.values import Refusal, Refused, Secret
from ytempire.domain.wire import Form, storable

LIFE = timedelta(minutes=10)
"""How long a person has, from the moment the address was made."""

STATE_BYTES = 32
VERIFIER_BYTES = 64
"""Random bytes; as base64url the verifier has 86 characters of the 43 to 128 allowed (RFC 7636, 4.1)."""

CALLBACK_PATH = "/api/v1/auth/youtube/callback"
"""Where the HTTP API takes the answer; a web client must have it registered."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST = 8192
_HTTP = 80
_LONGEST_ERROR = 100
_START_ANEW = "start anew with `ytempire connect`"


@dataclass(frozen=True, slots=True)
class Landing:
    """Where the person's browser is to come back to on this machine. Port 0: any free one."""

    host: str
    port: int
    path: str

    def uri(self, port: int) -> str:
        """The redirect address once the port is known, letter by letter as it would be registered."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}{self.path}" if port == _HTTP else f"http://{host}:{port}{self.path}"


@dataclass(frozen=True, slots=True)
class Answered:
    """The person said yes: a code to be exchanged once, for the state it belongs to.

    `issuer` is who says that it sent the answer (RFC 9207), or None.
    """

    state: Secret
    code: Secret
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class Denied:
    """The person, or Google in their place, said no. `error` is the code of RFC 6749 4.1.2.1."""

    state: Secret
    error: str
    issuer: str | None = None


def consent_address(
    client: OAuthClient, *, redirect_uri: str, state: Secret, verifier: Secret, hint: str | None = None
) -> str:
    """Where to send the person.

    `select_account` because without it the chooser of brand channels can be skipped and the wrong channel
    be connected; `consent` because Google gives a refresh token with the first consent only (facts 5.1, 5.3).
    """
    fields = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": redirect_uri,
        "scope": SCOPE,
        "state": state.reveal(),
        "access_type": "offline",
        "prompt": "select_account consent",
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
    }
    if hint:
        fields["login_hint"] = hint
    scheme, host, path, query, _ = urlsplit(client.auth_uri)
    return urlunsplit((scheme, host, path, "&".join(filter(None, (query, urlencode(fields)))), ""))


def challenge(verifier: Secret) -> str:
    """The S256 challenge of a verifier (RFC 7636, 4.2)."""
    digest = hashlib.sha256(verifier.reveal().encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def state_hash(state: Secret) -> str:
    """What is stored of a state."""
    return hashlib.sha256(state.reveal().encode()).hexdigest()


def landing(client: OAuthClient, port: int = 0) -> Landing:
    """Where a command can wait for the answer.

    A client for desktop apps may come back to any port of this machine (RFC 8252, 7.3); one for web servers
    only to an address registered with it, which must then be on this machine. Raises `Refused`.
    """
    if not client.web:
        return Landing("127.0.0.1", port, "/")
    for uri in client.redirect_uris:
        parts = urlsplit(uri)
        if parts.scheme == "http" and parts.hostname in _LOOPBACK and port in (0, parts.port or _HTTP):
            return Landing(parts.hostname, parts.port or _HTTP, parts.path)
    wanted = f"http://localhost:{port or 8000}{CALLBACK_PATH}"
    message = "the OAuth client is one for web servers, and none of its redirect addresses is on this machine"
    remedy = f"register {wanted} for it in the Cloud console, or make a client of the type Desktop app"
    raise Refused(Refusal("client", "no_loopback_redirect", message, remedy))


def read_address(text: str) -> str:
    """The query of the final address as a person pastes it. Raises `Refused` when there is none."""
    text = text.strip()
    query = (text.partition("?")[2] if "?" in text else text).partition("#")[0]
    if "=" not in query:
        message = "this is not the address that the browser ended at"
        remedy = "paste the whole address from the browser's address line; it contains `code=`"
        raise Refused(Refusal("address", "no_answer", message, remedy))
    return query


def read_answer(query: str) -> Answered | Denied:
    """What the query of a redirect says. Raises `Refused` for anything that Google would not send."""
    if len(query) > _LONGEST:
        raise _odd(f"it is longer than {_LONGEST} characters")
    if not query.isascii():
        raise _odd("it holds characters that stand in no address")
    pairs = parse_qsl(query, keep_blank_values=True)
    if max(Counter(name for name, _ in pairs).values(), default=0) > 1:
        raise _odd("it names something twice")
    fields = dict(pairs)
    state, code, error = (fields.get(name, "") for name in ("state", "code", "error"))
    if not state or bool(code) == bool(error):
        raise _odd("it has not one state, and one code or one error")
    issuer = fields.get("iss")
    if code:
        return Answered(Secret(state), Secret(code), issuer)
    return Denied(Secret(state), storable(error, _LONGEST_ERROR), issuer)


def check_issuer(answer: Answered | Denied, client: OAuthClient) -> None:
    """An answer that says who sent it must come from where the person was sent (RFC 9207). Raises `Refused`."""
    if answer.issuer is not None and _origin(answer.issuer) != _origin(client.auth_uri):
        message = "the answer that came back is of another server than the person was sent to"
        raise Refused(Refusal("answer", "other_issuer", message, _START_ANEW))


def exchange_request(client: OAuthClient, *, code: Secret, verifier: Secret, redirect_uri: str) -> Form:
    """The exchange of a code for tokens (RFC 6749, 4.1.3; RFC 7636, 4.5)."""
    fields = {
        "grant_type": "authorization_code",
        "code": code.reveal(),
        "code_verifier": verifier.reveal(),
        "redirect_uri": redirect_uri,
        "client_id": client.client_id,
        "client_secret": client.client_secret.reveal(),
    }
    return Form(client.token_uri, fields)


def revoke_request(client: OAuthClient, token: Secret) -> Form:
    """The revocation of a grant (RFC 7009). All grants of that person to this client end with it (facts 5.1)."""
    return Form(client.revoke_uri, {"token": token.reveal()})


def _origin(address: str) -> tuple[str, str] | None:
    """Scheme and host of an address; None for what is no address."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return parts.scheme, parts.netloc.lower()


def _odd(why: str) -> Refused:
    message = f"the answer that came back is not one of Google's: {why}"
    return Refused(Refusal("answer", "malformed", message, _START_ANEW))
