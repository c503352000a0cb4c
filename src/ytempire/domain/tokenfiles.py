"""Reads what Google and other uploaders write about OAuth: token files and client secrets files.

Only the text of a file comes in and only frozen values go out. No message ever repeats a value of the file,
because any of them may be a secret; messages name fields.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from ytempire.domain.oauth import OAuthClient
from ytempire.domain.values import Refusal, Refused, Secret, utc

MAX_CHARACTERS = 65_536
"""Real token and client secrets files stay below 4 KB; what is much longer is another kind of file."""

_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]+")
_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_FERNET_START = "gAAAAA"  # version byte 0x80 and the zero bytes of a 64-bit time (Fernet spec), in base64
_TOKEN_FIELDS = ("refresh_token", "access_token", "token")

_GIVE_A_TOKEN_FILE = "give the authorized-user or token file of this channel"
_GIVE_CLIENT_SECRETS = "download the JSON of the OAuth client from the Google Cloud console and give that"


@dataclass(frozen=True, slots=True)
class ImportedGrant:
    """What a token file says of one grant.

    `expires_at` is aware UTC and belongs to `access_token`; `None` means unknown, not "never". A refresh
    token works only with the client that obtained it, so a `client_id` that is present must be compared with
    the project's. `token_uri` is what the file says; it is no reason to send a refresh token there. Empty
    `scopes` means not stated.
    """

    refresh_token: Secret
    access_token: Secret | None
    expires_at: datetime | None
    client_id: str | None
    client_secret: Secret | None
    token_uri: str | None
    scopes: tuple[str, ...]


def parse_token_file(text: str) -> ImportedGrant:
    """The grant in an authorized-user file, a google-auth `token.json` or a youtubeuploader token file.

    Raises `Refused` with every fault of the file at once.
    """
    record = _record(text, _GIVE_A_TOKEN_FILE)
    _refuse_other_credentials(record)
    faults: list[Refusal] = []
    refresh_token = _word(record, "refresh_token", faults)
    access_token = _word(record, "access_token" if record.get("access_token") else "token", faults)
    expires_at = _moment(record, "expiry", faults)
    client_id = _word(record, "client_id", faults)
    client_secret = _word(record, "client_secret", faults)
    token_uri = _address(record, "token_uri", faults)
    scopes = _words(record, "scopes" if record.get("scopes") else "scope", faults)
    if refresh_token is None and not _faulted("refresh_token", faults):
        faults.append(_no_refresh_token())
    if refresh_token is None or faults:
        raise Refused(*faults)
    return ImportedGrant(
        refresh_token=Secret(refresh_token),
        access_token=_secret(access_token),
        expires_at=expires_at,
        client_id=client_id,
        client_secret=_secret(client_secret),
        token_uri=token_uri,
        scopes=scopes,
    )


def is_fernet(text: str) -> bool:
    """Is this a file as the first ytempire stored its grants: a token file encrypted with Fernet?"""
    return text.strip().startswith(_FERNET_START)


def parse_client_secrets(text: str) -> OAuthClient:
    """The OAuth client in a client secrets file. Raises `Refused` with every fault of the file at once."""
    document = _record(text, _GIVE_CLIENT_SECRETS)
    record = _client_record(document)
    faults: list[Refusal] = []
    client_id = _word(record, "client_id", faults)
    client_secret = _word(record, "client_secret", faults)
    auth_uri = _address(record, "auth_uri", faults)
    token_uri = _address(record, "token_uri", faults)
    redirect_uris = _words(record, "redirect_uris", faults)
    needed = {
        "client_id": client_id,
        "client_secret": client_secret,
        "auth_uri": auth_uri,
        "token_uri": token_uri,
    }
    absent = [name for name, found in needed.items() if found is None and not _faulted(name, faults)]
    faults.extend(_missing_from_client(name) for name in absent)
    if client_id is None or client_secret is None or auth_uri is None or token_uri is None or faults:
        raise Refused(*faults)
    web = record is document.get("web")
    return OAuthClient(client_id, Secret(client_secret), auth_uri, token_uri, redirect_uris, web)


def _record(text: str, remedy: str) -> dict[str, object]:
    """The JSON object in a text, or `Refused`: too long, empty, encrypted, no JSON, no object."""
    text = text.removeprefix("\ufeff").strip()
    if len(text) > MAX_CHARACTERS:
        raise Refused(Refusal("file", "too_long", f"is longer than {MAX_CHARACTERS} characters", remedy))
    if not text:
        raise Refused(Refusal("file", "empty", "is empty", remedy))
    if is_fernet(text):
        raise Refused(_fernet())
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"is not JSON (line {error.lineno}, column {error.colno})"
        # `from None`: the error of the parser carries the whole text, secrets included.
        raise Refused(Refusal("file", "not_json", where, remedy)) from None
    except (ValueError, RecursionError):
        raise Refused(Refusal("file", "not_json", "is not JSON that can be read", remedy)) from None
    if not isinstance(found, dict):
        raise Refused(Refusal("file", "not_an_object", "is JSON but not an object with fields", remedy))
    return found


def _refuse_other_credentials(record: dict[str, object]) -> None:
    if _is_client(record):
        problem = "is a client secrets file: it names the program, not a channel's grant"
        remedy = f"put it in the configuration as client_secrets of the project; here {_GIVE_A_TOKEN_FILE}"
        raise Refused(Refusal("file", "client_secrets_file", problem, remedy))
    if _is_service_account(record):
        raise Refused(_service_account(_GIVE_A_TOKEN_FILE))
    if record.get("type") not in (None, "authorized_user"):
        problem = "is a kind of Google credential that cannot act as a channel"
        raise Refused(Refusal("type", "unknown_type", problem, _GIVE_A_TOKEN_FILE))


def _client_record(record: dict[str, object]) -> dict[str, object]:
    if _is_service_account(record):
        raise Refused(_service_account(_GIVE_CLIENT_SECRETS))
    if not _is_client(record):
        if any(name in record for name in _TOKEN_FIELDS):
            problem = "is a token file: it holds a channel's grant, not the OAuth client"
            remedy = f"import it with `ytempire connect ACCOUNT --import FILE`; here {_GIVE_CLIENT_SECRETS}"
            raise Refused(Refusal("file", "token_file", problem, remedy))
        problem = "has neither an `installed` nor a `web` client"
        raise Refused(Refusal("file", "not_client_secrets", problem, _GIVE_CLIENT_SECRETS))
    forms = [form for form in (record.get("installed"), record.get("web")) if isinstance(form, dict)]
    if len(forms) > 1:
        problem = "has an `installed` and a `web` client, so it is unclear which one is meant"
        raise Refused(Refusal("file", "two_clients", problem, "leave one of the two in the file"))
    return forms[0]


def _is_client(record: dict[str, object]) -> bool:
    return isinstance(record.get("installed"), dict) or isinstance(record.get("web"), dict)


def _is_service_account(record: dict[str, object]) -> bool:
    return record.get("type") == "service_account" or "private_key" in record


def _word(record: dict[str, object], name: str, faults: list[Refusal]) -> str | None:
    """The visible ASCII text in a field; `None` when it is absent, null or empty, or when it was faulted."""
    found = record.get(name)
    if found is None or found == "":
        return None
    if isinstance(found, str) and _VISIBLE_ASCII.fullmatch(found):
        return found
    # A line break in a token would break out of the header or form that carries it.
    problem = "is not one word of text" if isinstance(found, str) else "is not text"
    faults.append(_malformed(name, problem))
    return None


def _words(record: dict[str, object], name: str, faults: list[Refusal]) -> tuple[str, ...]:
    """The words of a field: a list of them, or one text with spaces between; none when it is absent."""
    found = record.get(name)
    if found is None:
        return ()
    words = found.split() if isinstance(found, str) else found
    if isinstance(words, list) and all(
        isinstance(word, str) and _VISIBLE_ASCII.fullmatch(word) for word in words
    ):
        return tuple(words)
    faults.append(_malformed(name, "is not a list of words"))
    return ()


def _address(record: dict[str, object], name: str, faults: list[Refusal]) -> str | None:
    """The address in a field, if a secret may be sent there: https, or http to this very machine."""
    found = _word(record, name, faults)
    if found is None:
        return None
    try:
        parts = urlsplit(found)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK_HOSTS)
        whole = bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        safe = whole = False
    if safe and whole:
        return found
    faults.append(_malformed(name, "is not an https address (plain http only to this machine)"))
    return None


def _moment(record: dict[str, object], name: str, faults: list[Refusal]) -> datetime | None:
    """The time in a field as aware UTC. Without a zone it is UTC, as google-auth writes it."""
    found = _word(record, name, faults)
    if found is None:
        return None
    try:
        moment = datetime.fromisoformat(found) if "T" in found else None
        if moment is not None and moment.year == 1:
            return None  # the zero time of Go: golang.org/x/oauth2 writes it for "no expiry known"
        if moment is not None:
            return utc(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        moment = None
    faults.append(_malformed(name, "is not a time like 2026-11-22T08:00:00Z"))
    return None


def _secret(text: str | None) -> Secret | None:
    return None if text is None else Secret(text)


def _faulted(name: str, faults: list[Refusal]) -> bool:
    return any(fault.field == name for fault in faults)


def _malformed(name: str, problem: str) -> Refusal:
    return Refusal(name, "malformed", problem, "the file seems damaged or edited: export it again")


def _no_refresh_token() -> Refusal:
    problem = "is missing, and without it access ends within the hour"
    remedy = "make the token with access_type=offline and prompt=consent, and export it again"
    return Refusal("refresh_token", "no_refresh_token", problem, remedy)


def _missing_from_client(name: str) -> Refusal:
    remedy = _GIVE_CLIENT_SECRETS
    if name == "client_secret":
        remedy = "add a secret to the OAuth client in the Google Cloud console and download its JSON at once"
    return Refusal(name, "missing", "is missing from the client", remedy)


def _service_account(remedy: str) -> Refusal:
    # Answered by NoLinkedYouTubeAccount / youtubeSignupRequired:
    # developers.google.com/youtube/v3/guides/authentication
    problem = "is the key of a service account, and YouTube does not let service accounts own a channel"
    return Refusal("file", "service_account", problem, remedy)


def _fernet() -> Refusal:
    problem = "is encrypted with Fernet, as the first ytempire stored its grants"
    remedy = "give its key too, in a file named with --fernet-key"
    return Refusal("file", "fernet_file", problem, remedy)
