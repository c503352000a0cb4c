"""A person with a browser, as far as a consent page needs one: it reads the form, ticks, and presses a button."""

import base64
import hashlib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.emulator.peer import Json, Raw, Reply
from ytempire.emulator import Emulator

AUTH = "/o/oauth2/v2/auth"
ROOT_SCOPE = "https://www.googleapis.com/auth/"
FORCE_SSL = ROOT_SCOPE + "youtube.force-ssl"
UPLOAD = ROOT_SCOPE + "youtube.upload"
READONLY = ROOT_SCOPE + "youtube.readonly"
REDIRECT = "http://localhost:1/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Page(HTMLParser):
    """What can be seen and done on the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str, str]] = []
        self.tags: set[str] = set()
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = dict(attrs)
        if tag in ("input", "button"):
            kind = given.get("type") or tag
            self.fields.append((kind, given.get("name") or "", given.get("value") or ""))

    def handle_data(self, data: str) -> None:
        self.words += data

    def values(self, kind: str, name: str) -> list[str]:
        return [value for one, called, value in self.fields if (one, called) == (kind, name)]


@dataclass
class Person:
    """Somebody who is sent to the consent page of an emulator."""

    emulator: Emulator
    peer: Raw = field(init=False)

    def __post_init__(self) -> None:
        self.peer = object.__new__(Raw)
        self.peer.emulator = self.emulator

    def url(self, secrets: Json, **more: str | None) -> str:
        client = next(iter(secrets.values()))
        query: dict[str, str | None] = {
            "response_type": "code",
            "client_id": client["client_id"],
            "redirect_uri": REDIRECT,
            "scope": FORCE_SSL,
            "state": "a state",
            "access_type": "offline",
            **more,
        }
        kept = {name: value for name, value in query.items() if value is not None}
        return f"{client['auth_uri']}?{urlencode(kept)}"

    def look(self, url: str) -> Reply:
        return self.peer.send("GET", url)

    def page(self, url: str) -> Page:
        reply = self.look(url)
        assert 200 == reply.status, reply.body
        return Page(reply.body.decode())

    def press(
        self, page: Page, choice: str = "allow", *, account: str | None = None, scopes: tuple[str, ...] = ()
    ) -> Reply:
        form = [("ticket", *page.values("hidden", "ticket")), ("choice", choice)]
        form += [] if account is None else [("account", account)]
        return self.post([*form, *(("scope", scope) for scope in scopes)])

    def post(self, form: list[tuple[str, ...]]) -> Reply:
        body = urlencode([(name, value) for name, value in form]).encode()
        return self.peer.send("POST", AUTH, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def allow(self, url: str, account: str, *scopes: str) -> dict[str, str]:
        return sent_back(self.press(self.page(url), account=account, scopes=scopes))

    def exchange(self, secrets: Json, code: str, **more: str) -> Reply:
        client = next(iter(secrets.values()))
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
            **more,
        }
        return self.peer.form("/token", form)


def sent_back(reply: Reply) -> dict[str, str]:
    """What a browser carries back to the redirect address."""
    assert 303 == reply.status, reply.body
    assert reply.headers["location"].startswith(REDIRECT + "?")
    return answer_in(reply.headers["location"])


def answer_in(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


def refused(reply: Reply) -> str:
    """The error that a page shows instead of sending anybody anywhere."""
    assert 400 == reply.status, reply.body
    assert "location" not in reply.headers
    assert "form" not in Page(reply.body.decode()).tags
    return Page(reply.body.decode()).words.partition("Error ")[2].strip()
