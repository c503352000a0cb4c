"""Google's own library walks through the consent page as an independent client."""

import http.client
import threading
import webbrowser
from urllib.parse import urlsplit

import pytest
from google_auth_oauthlib.flow import Flow, InstalledAppFlow
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError, OAuth2Error

from tests.emulator.peer import Json, facts
from tests.emulator.person import (
    FORCE_SSL,
    READONLY,
    REDIRECT,
    UPLOAD,
    Person,
    answer_in,
)
from ytempire.emulator import Emulator, EventKind


def flow_for(emulator: Emulator, scopes: list[str]) -> Flow:
    return Flow.from_client_config(emulator.client_secrets("main"), scopes, redirect_uri=REDIRECT)


def test_google_auth_oauthlib_walks_the_whole_way(
    emulator: Emulator, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    flow = flow_for(emulator, [FORCE_SSL])
    url, state = flow.authorization_url(prompt="select_account consent", include_granted_scopes="true")
    reply = person.press(person.page(url), account="anna")
    assert state == answer_in(reply.headers["location"])["state"]
    flow.fetch_token(authorization_response=reply.headers["location"])
    assert flow.credentials.refresh_token.startswith("1//")
    assert [True] == [fact["pkce"] for fact in facts(emulator, EventKind.CODE_EXCHANGED)]
    flow.oauth2session.close()


class Browser(webbrowser.BaseBrowser):
    """A browser with a person before it, for a client that opens one and listens on a port of its own."""

    def __init__(self, person: Person) -> None:
        super().__init__("person")
        self.person = person
        self.following: threading.Thread

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        address = self.person.press(self.person.page(url), account="anna").headers["location"]
        self.following = threading.Thread(target=self.follow, args=[address])
        self.following.start()
        return True

    def follow(self, address: str) -> None:
        parts = urlsplit(address)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        connection.request("GET", f"{parts.path}?{parts.query}")
        assert 200 == connection.getresponse().status
        connection.close()


def test_googles_flow_for_installed_apps_is_answered_on_its_own_port(
    emulator: Emulator, person: Person, secrets: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    browser = Browser(person)
    webbrowser.register("person", None, browser)
    flow = InstalledAppFlow.from_client_config(secrets, [FORCE_SSL])
    kept = flow.run_local_server(port=0, browser="person", authorization_prompt_message=None)
    browser.following.join()
    assert kept.refresh_token.startswith("1//")
    assert [True] == [fact["pkce"] for fact in facts(emulator, EventKind.CODE_EXCHANGED)]
    flow.oauth2session.close()


def test_google_auth_oauthlib_is_told_of_a_refusal(
    emulator: Emulator, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    flow = flow_for(emulator, [FORCE_SSL])
    url, _ = flow.authorization_url()
    denied = person.press(person.page(url), "deny").headers["location"]
    with pytest.raises(OAuth2Error, match="access_denied"):
        flow.fetch_token(authorization_response=denied)
    back = emulator.consent(url, account="anna")
    flow.code_verifier = "another" * 8
    with pytest.raises(InvalidGrantError, match="Invalid code verifier"):
        flow.fetch_token(authorization_response=back)
    flow.oauth2session.close()


def test_google_auth_oauthlib_sees_a_partial_grant(
    emulator: Emulator, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    flow = flow_for(emulator, [UPLOAD, READONLY])
    url, _ = flow.authorization_url()
    back = emulator.consent(url, account="anna", scopes=[UPLOAD])
    with pytest.raises(Warning, match="Scope has changed"):
        flow.fetch_token(authorization_response=back)
    flow.oauth2session.close()


def test_a_client_that_forgot_its_verifier_is_refused(
    emulator: Emulator, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    first, second = flow_for(emulator, [FORCE_SSL]), flow_for(emulator, [FORCE_SSL])
    url, _ = first.authorization_url()
    code = answer_in(emulator.consent(url, account="anna"))["code"]
    with pytest.raises(InvalidGrantError, match="Missing code verifier"):
        second.fetch_token(code=code)
    for flow in (first, second):
        flow.oauth2session.close()
