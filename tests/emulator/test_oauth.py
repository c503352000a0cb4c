"""Tokens as Google's endpoints give and refuse them, judged by Google's own libraries and by hand."""

import base64
import hashlib
from typing import Any

import google.auth.transport.requests
import pytest
import requests
from google.auth.exceptions import RefreshError
from google_auth_oauthlib.flow import Flow

from tests.emulator.peer import Json, Raw, credentials, facts
from ytempire.emulator import Emulator, EmulatorConfig, EventKind

FORCE_SSL = "https://www.googleapis.com/auth/youtube.force-ssl"
REDIRECT = "http://localhost:1/callback"


def refresh(token: Json) -> Any:
    kept = credentials(token)
    with requests.Session() as session:
        transport = google.auth.transport.requests.Request(session)
        kept.refresh(transport)  # type: ignore[no-untyped-call]  # google-auth types its classes in part only
    return kept


def test_google_auth_refreshes(emulator: Emulator, token: Json) -> None:
    kept = refresh(token)
    assert kept.valid
    assert kept.token in emulator.world.access_tokens
    assert "one" == facts(emulator, EventKind.TOKEN_REFRESHED)[0]["account"]


def test_google_auth_is_told_that_a_grant_was_revoked(emulator: Emulator, token: Json) -> None:
    emulator.revoke("one")
    with pytest.raises(RefreshError) as refused:
        refresh(token)
    assert "invalid_grant" == refused.value.args[1]["error"]
    assert "Token has been expired or revoked." == refused.value.args[1]["error_description"]


def test_google_auth_oauthlib_exchanges_a_code_with_pkce(
    emulator: Emulator, token: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    secrets = emulator.create_project("other")
    emulator.create_account("two", "other")
    flow = Flow.from_client_config(secrets, [FORCE_SSL], redirect_uri=REDIRECT)
    address, _ = flow.authorization_url()
    assert address.startswith(emulator.base_url + "/o/oauth2/v2/auth")
    digest = hashlib.sha256(flow.code_verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    code = emulator.code("two", redirect_uri=REDIRECT, challenge=challenge)
    flow.fetch_token(code=code)
    assert flow.credentials.refresh_token.startswith("1//")
    flow.oauth2session.close()


def exchange(raw: Raw, code: str, **more: str) -> Any:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "client_id": raw.token["client_id"],
        "client_secret": raw.token["client_secret"],
        **more,
    }
    return raw.form("/token", form)


CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(b"verifier").digest()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("form", "said"),
    [({}, "Missing code verifier."), ({"code_verifier": "guess"}, "Invalid code verifier.")],
)
def test_a_code_needs_its_verifier(emulator: Emulator, raw: Raw, form: dict[str, str], said: str) -> None:
    code = emulator.code("one", redirect_uri=REDIRECT, challenge=CHALLENGE)
    reply = exchange(raw, code, **form)
    assert (400, "invalid_grant", said) == (
        reply.status,
        reply.json["error"],
        reply.json["error_description"],
    )
    assert 200 == exchange(raw, code, code_verifier="verifier").status


def test_a_code_used_twice_kills_what_it_gave(emulator: Emulator, raw: Raw) -> None:
    code = emulator.code("one", redirect_uri=REDIRECT)
    raw.token = raw.token | {"refresh_token": exchange(raw, code).json["refresh_token"]}
    assert 200 == raw.refresh().status
    assert "invalid_grant" == exchange(raw, code).json["error"]
    assert "invalid_grant" == raw.refresh().json["error"]


def test_a_code_is_bound_to_its_redirect_address_and_dies_of_age(emulator: Emulator, raw: Raw) -> None:
    code = emulator.code("one", redirect_uri=REDIRECT)
    assert "redirect_uri_mismatch" == exchange(raw, code, redirect_uri="http://localhost:2/").json["error"]
    emulator.shift_clock(601)
    assert "invalid_grant" == exchange(raw, code).json["error"]


def test_a_wrong_client_is_refused(raw: Raw) -> None:
    assert (401, "invalid_client") == ((reply := raw.refresh(client_secret="x")).status, reply.json["error"])
    assert (401, "invalid_client") == ((reply := raw.refresh(client_id="x")).status, reply.json["error"])


def test_the_client_may_authenticate_by_http_basic(raw: Raw) -> None:
    pair = base64.b64encode(f"{raw.token['client_id']}:{raw.token['client_secret']}".encode()).decode()
    body = f"grant_type=refresh_token&refresh_token={raw.token['refresh_token']}".encode()
    assert 200 == raw.send("POST", "/token", body, {"Authorization": f"Basic {pair}"}).status
    assert 401 == raw.send("POST", "/token", body, {"Authorization": "Basic ???"}).status


def test_a_client_cannot_use_another_projects_token(emulator: Emulator, raw: Raw) -> None:
    other = emulator.create_project("other")["installed"]
    reply = raw.refresh(client_id=other["client_id"], client_secret=other["client_secret"])
    assert "unauthorized_client" == reply.json["error"]


def test_a_scope_that_was_not_granted_cannot_be_asked_for(raw: Raw) -> None:
    reply = raw.refresh(scope="https://www.googleapis.com/auth/youtube.upload")
    assert (400, "invalid_scope") == (reply.status, reply.json["error"])
    assert FORCE_SSL == raw.refresh(scope=FORCE_SSL).json["scope"]


def test_an_unknown_grant_type_is_refused(raw: Raw) -> None:
    assert "unsupported_grant_type" == raw.refresh(grant_type="password").json["error"]
    assert "invalid_request" == raw.form("/token", {**raw.token, "scopes": ""}).json["error"]


def test_a_testing_grant_dies_after_its_days(emulator: Emulator, raw: Raw) -> None:
    raw.token = emulator.grant("one", seconds=7 * 86_400)
    assert raw.refresh().json["refresh_token_expires_in"] in range(7 * 86_400 - 60, 7 * 86_400 + 1)
    emulator.shift_clock(7 * 86_400 + 1)
    assert "invalid_grant" == raw.refresh().json["error"]
    assert "expired" == facts(emulator, EventKind.TOKEN_REFUSED)[0]["why"]


def test_a_grant_idle_for_half_a_year_is_dead(emulator: Emulator, raw: Raw) -> None:
    emulator.shift_clock(183 * 86_400)
    assert "invalid_grant" == raw.refresh().json["error"]


def test_the_oldest_grant_dies_silently_above_a_hundred(emulator: Emulator, raw: Raw) -> None:
    newest = [emulator.grant("one") for _ in range(100)][-1]
    assert "invalid_grant" == raw.refresh().json["error"]
    raw.token = newest
    assert 200 == raw.refresh().status


def test_access_tokens_die_on_time(emulator: Emulator, raw: Raw) -> None:
    assert 200 == raw.call("GET", "channels?part=id&mine=true").status
    emulator.shift_clock(3600)
    reply = raw.call("GET", "channels?part=id&mine=true")
    assert (401, "authError") == (reply.status, reply.reason)
    assert "www-authenticate" in reply.headers


def test_revoking_ends_the_grant_and_its_access_tokens(emulator: Emulator, raw: Raw) -> None:
    assert 200 == raw.form("/revoke", {"token": raw.access}).status
    assert 401 == raw.call("GET", "channels?part=id&mine=true").status
    assert "invalid_grant" == raw.refresh().json["error"]
    assert (400, "invalid_token") == (
        (reply := raw.form("/revoke", {"token": raw.token["refresh_token"]})).status,
        reply.json["error"],
    )


def test_a_revoked_grant_may_leave_its_access_tokens_alive(emulator: Emulator, raw: Raw) -> None:
    emulator.revoke("one", keep_access_tokens=True)
    assert 200 == raw.call("GET", "channels?part=id&mine=true").status
    assert "invalid_grant" == raw.refresh().json["error"]


def test_refresh_tokens_can_rotate() -> None:
    with Emulator.in_thread(EmulatorConfig(rotate_refresh_tokens=True, access_token_seconds=10)) as emulator:
        emulator.create_project("main")
        raw = Raw(emulator, emulator.create_account("one", "main"))
        assert "invalid_grant" == raw.refresh().json["error"]
        assert "rotated" == facts(emulator, EventKind.TOKEN_REFUSED)[0]["why"]


@pytest.mark.parametrize(
    ("error", "status"), [("invalid_grant", 400), ("internal_failure", 500), ("invalid_client", 401)]
)
def test_the_token_endpoint_fails_as_told(emulator: Emulator, raw: Raw, error: str, status: int) -> None:
    emulator.add_fault("token.refresh", "status", account="one", status=status, reason=error)
    assert (status, error) == ((reply := raw.refresh()).status, reply.json["error"])
    assert 200 == raw.refresh().status
