"""Every way in which a refresh token ends, and what Google's endpoint says of each, by hand and over control."""

from typing import Any

import google.auth.transport.requests
import pytest
import requests
from google.auth.exceptions import RefreshError

from tests.emulator.peer import Json, Raw, credentials, facts
from tests.emulator.person import FORCE_SSL, UPLOAD
from ytempire.emulator import Death, Emulator, EmulatorConfig, EventKind

DEAD = "Token has been expired or revoked."
WORDS: list[tuple[str, int, str, str, str | None]] = [
    ("revoked", 400, "invalid_grant", DEAD, None),
    ("expired", 400, "invalid_grant", DEAD, None),
    ("idle", 400, "invalid_grant", DEAD, None),
    ("superseded", 400, "invalid_grant", DEAD, None),
    ("session_control", 400, "invalid_grant", "reauth related error (invalid_rapt)", "invalid_rapt"),
    ("deleted_client", 401, "deleted_client", "The OAuth client was deleted.", None),
    ("disabled_client", 401, "disabled_client", "The OAuth client was disabled.", None),
    ("unauthorized_client", 401, "unauthorized_client", "Unauthorized", None),
    ("secret_changed", 401, "invalid_client", "Unauthorized", None),
]
POLICY = "admin_policy_enforced"


def said(raw: Raw) -> tuple[int, str, str, str | None]:
    reply = raw.refresh()
    body = reply.json
    return reply.status, body["error"], body["error_description"], body.get("error_subtype")


@pytest.mark.parametrize("row", WORDS, ids=[row[0] for row in WORDS])
def test_each_death_has_googles_own_words(
    emulator: Emulator, raw: Raw, row: tuple[str, int, str, str, str | None]
) -> None:
    death, *expected = row
    emulator.end_grants("one", death)
    assert tuple(expected) == said(raw)
    [refusal] = facts(emulator, EventKind.TOKEN_REFUSED)
    assert ("token.refresh", "one", expected[1]) == (refusal["point"], refusal["account"], refusal["error"])
    uri = raw.refresh().json.get("error_uri", "")
    assert (death == "session_control") == uri.startswith("https://support.google.com/")
    assert refusal["why"] == (row[0] if expected[1] == "invalid_grant" else expected[1])


def test_every_death_is_tried() -> None:
    assert {str(death) for death in Death} == {row[0] for row in WORDS} | {POLICY}


def test_an_administrators_policy_strikes_one_account_and_can_be_lifted(emulator: Emulator, raw: Raw) -> None:
    other = Raw(emulator, emulator.create_account("two", "main"))
    emulator.end_grants("one", Death.ADMIN_POLICY)
    assert (400, POLICY) == said(raw)[:2]
    assert 200 == other.refresh().status
    emulator.cure("one")
    assert 200 == raw.refresh().status


@pytest.mark.parametrize("death", ["deleted_client", "disabled_client", "unauthorized_client"])
def test_a_clients_death_strikes_all_its_accounts_and_can_be_undone(
    emulator: Emulator, raw: Raw, death: str
) -> None:
    other = Raw(emulator, emulator.create_account("two", "main"))
    emulator.end_grants("one", death)
    assert death == said(other)[1]
    emulator.cure("one")
    assert [200, 200] == [raw.refresh().status, other.refresh().status]


def test_with_the_new_secret_all_works_again(emulator: Emulator, raw: Raw) -> None:
    emulator.end_grants("one", "secret_changed")
    fresh = emulator.client_secrets("main")["installed"]["client_secret"]
    assert fresh != raw.token["client_secret"]
    assert 200 == raw.refresh(client_secret=fresh).status


@pytest.mark.parametrize("death", ["expired", "idle", "superseded", "session_control", "secret_changed"])
def test_an_access_token_outlives_its_refresh_token(emulator: Emulator, raw: Raw, death: str) -> None:
    emulator.end_grants("one", death)
    assert 200 == raw.call("GET", "channels?part=id&mine=true").status


def test_one_token_can_die_while_its_twin_lives(emulator: Emulator, raw: Raw) -> None:
    twin = Raw(emulator, emulator.grant("one"))
    emulator.end_grants("one", "revoked", refresh_token=raw.token["refresh_token"])
    assert "invalid_grant" == said(raw)[1]
    assert 401 == raw.call("GET", "channels?part=id&mine=true").status
    assert 200 == twin.call("GET", "channels?part=id&mine=true").status
    assert 200 == twin.refresh().status


def test_a_single_token_dies_no_death_of_many(emulator: Emulator, raw: Raw) -> None:
    with pytest.raises(ValueError, match="single token"):
        emulator.end_grants("one", "deleted_client", refresh_token=raw.token["refresh_token"])
    with pytest.raises(KeyError):
        emulator.end_grants("one", "idle", refresh_token="1//unknown")


def test_narrowed_scopes_show_at_the_next_refresh(emulator: Emulator) -> None:
    emulator.create_account("wide", "main", scopes=[FORCE_SSL, UPLOAD])
    raw = Raw(emulator, emulator.grant("wide", scopes=[FORCE_SSL, UPLOAD]))
    emulator.narrow("wide", [UPLOAD])
    assert 200 == raw.call("GET", "channels?part=id&mine=true").status
    reply = raw.refresh()
    assert (200, UPLOAD) == (reply.status, reply.json["scope"])
    raw.access = reply.json["access_token"]
    assert "insufficientPermissions" == raw.call("GET", "channels?part=id&mine=true").reason
    assert "invalid_scope" == raw.refresh(scope=FORCE_SSL).json["error"]
    assert [UPLOAD] == facts(emulator, EventKind.TOKEN_REFRESHED)[-1]["scopes"]


def test_a_project_in_testing_gives_tokens_for_a_week(emulator: Emulator) -> None:
    emulator.create_project("try", publishing="testing")
    raw = Raw(emulator, emulator.create_account("two", "try"))
    assert raw.refresh().json["refresh_token_expires_in"] in range(604_700, 604_801)
    emulator.change_client("try", publishing="production")
    emulator.shift_clock(604_801)
    assert (400, "invalid_grant", DEAD, None) == said(raw)
    raw.token = emulator.grant("two")
    assert "refresh_token_expires_in" not in raw.refresh().json


def test_a_rotated_token_lives_no_longer_than_its_consent() -> None:
    with Emulator.in_thread(EmulatorConfig(rotate_refresh_tokens=True)) as emulator:
        emulator.create_project("try", publishing="testing")
        raw = Raw(emulator, emulator.create_account("one", "try"))
        emulator.shift_clock(604_000)
        fresh = raw.refresh(refresh_token=emulator.grant("one", seconds=900)["refresh_token"]).json
        emulator.shift_clock(604_901)
        assert "invalid_grant" == raw.refresh(refresh_token=fresh["refresh_token"]).json["error"]


def test_a_code_used_twice_takes_the_access_token_too(emulator: Emulator, raw: Raw) -> None:
    code = emulator.code("one", redirect_uri="http://localhost/")
    form = {
        **{name: raw.token[name] for name in ("client_id", "client_secret")},
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "http://localhost/",
    }
    taken = Raw(emulator, raw.token)
    taken.access = raw.form("/token", form).json["access_token"]
    assert "invalid_grant" == raw.form("/token", form).json["error"]
    assert 401 == taken.call("GET", "channels?part=id&mine=true").status
    assert 200 == raw.call("GET", "channels?part=id&mine=true").status


def test_a_code_is_no_use_once_an_administrator_forbids_the_app(emulator: Emulator, raw: Raw) -> None:
    code = emulator.code("one", redirect_uri="http://localhost/")
    emulator.end_grants("one", POLICY)
    form = {name: raw.token[name] for name in ("client_id", "client_secret")}
    more = {"grant_type": "authorization_code", "code": code, "redirect_uri": "http://localhost/"}
    assert POLICY == raw.form("/token", {**form, **more}).json["error"]


@pytest.mark.parametrize(
    ("death", "error"),
    [("expired", "invalid_grant"), ("deleted_client", "deleted_client"), (POLICY, POLICY)],
)
def test_google_auth_does_not_try_a_dead_token_again(
    emulator: Emulator, token: Json, death: str, error: str
) -> None:
    emulator.end_grants("one", death)
    kept: Any = credentials(token)
    with requests.Session() as session, pytest.raises(RefreshError) as refused:
        kept.refresh(google.auth.transport.requests.Request(session))
    assert (error, False) == (refused.value.args[1]["error"], refused.value.retryable)
    assert 1 == len(facts(emulator, EventKind.TOKEN_REFUSED))


def test_google_auth_knows_session_control(emulator: Emulator, token: Json) -> None:
    emulator.end_grants("one", "session_control")
    kept: Any = credentials(token)
    with (
        requests.Session() as session,
        pytest.raises(RefreshError, match="Reauthentication is needed"),
    ):
        kept.refresh(google.auth.transport.requests.Request(session))


def test_a_revocation_and_its_refusal_are_written_down(emulator: Emulator, raw: Raw) -> None:
    raw.form("/revoke", {"token": raw.token["refresh_token"]})
    raw.form("/revoke", {"token": raw.token["refresh_token"]})
    assert [("one", "revoked")] == [
        (fact["account"], fact["why"]) for fact in facts(emulator, EventKind.GRANT_REVOKED)
    ]
    [refusal] = facts(emulator, EventKind.TOKEN_REFUSED)
    assert ("revoke", "invalid_token") == (refusal["point"], refusal["error"])
    wrong = raw.refresh(client_secret="wrong")
    assert 401 == wrong.status
    assert "invalid_client" == facts(emulator, EventKind.TOKEN_REFUSED)[-1]["error"]
