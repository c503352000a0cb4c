"""Token and client secrets files: what is accepted, what is refused, and that no refusal shows a secret."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.oauth2.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from ytempire.domain.oauth import OAuthClient
from ytempire.domain.tokenfiles import MAX_CHARACTERS, ImportedGrant, parse_client_secrets, parse_token_file
from ytempire.domain.values import Refused, Secret

REFRESH = "1//0gCANARYrefresh"
ACCESS = "ya29.CANARYaccess"
CLIENT_SECRET = "GOCSPX-CANARYclient"
CLIENT_ID = "123-abc.apps.googleusercontent.com"
TOKEN_URI = "https://oauth2.googleapis.com/token"
AUTH_URI = "https://accounts.google.com/o/oauth2/auth"
SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"

AUTHORIZED_USER = {
    "account": "",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "refresh_token": REFRESH,
    "type": "authorized_user",
    "universe_domain": "googleapis.com",
}
YOUTUBEUPLOADER = {
    "access_token": ACCESS,
    "token_type": "Bearer",
    "refresh_token": REFRESH,
    "expiry": "2026-11-22T10:00:00.123456789+02:00",
}
CLIENT = {
    "client_id": CLIENT_ID,
    "project_id": "tidy-channel-1",
    "auth_uri": AUTH_URI,
    "token_uri": TOKEN_URI,
    "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
    "client_secret": CLIENT_SECRET,
    "redirect_uris": ["http://localhost"],
}
SERVICE_ACCOUNT = {
    "type": "service_account",
    "private_key": "CANARY",
    "client_email": "x@y.iam.gserviceaccount.com",
}


def refusals(parse: Callable[[str], object], document: object) -> list[tuple[str, str]]:
    """Field and code of every refusal; fails when a message shows a value that may be a secret."""
    text = document if isinstance(document, str) else json.dumps(document)
    with pytest.raises(Refused) as caught:
        parse(text)
    assert "CANARY" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert all(refusal.message and refusal.remedy for refusal in caught.value.refusals)
    return [(refusal.field, refusal.code) for refusal in caught.value.refusals]


def token_file(**changes: Any) -> str:
    return json.dumps({"refresh_token": REFRESH, **changes})


# --- token files ---


def test_an_authorized_user_file_is_read() -> None:
    expected = ImportedGrant(
        refresh_token=Secret(REFRESH),
        access_token=None,
        expires_at=None,
        client_id=CLIENT_ID,
        client_secret=Secret(CLIENT_SECRET),
        token_uri=None,
        scopes=(),
    )
    assert expected == parse_token_file(json.dumps(AUTHORIZED_USER))


def test_what_google_auth_writes_is_read() -> None:
    written = Credentials(  # type: ignore[no-untyped-call]  # google-auth has no types for it
        token=ACCESS,
        refresh_token=REFRESH,
        token_uri=TOKEN_URI,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        scopes=[SCOPE],
        expiry=datetime(2026, 11, 22, 9, 30, 15, 250000),  # noqa: DTZ001  # google-auth wants naive UTC
    ).to_json()
    expected = ImportedGrant(
        refresh_token=Secret(REFRESH),
        access_token=Secret(ACCESS),
        expires_at=datetime(2026, 11, 22, 9, 30, 15, 250000, UTC),
        client_id=CLIENT_ID,
        client_secret=Secret(CLIENT_SECRET),
        token_uri=TOKEN_URI,
        scopes=(SCOPE,),
    )
    assert expected == parse_token_file(written)


def test_a_youtubeuploader_token_file_is_read() -> None:
    expected = ImportedGrant(
        refresh_token=Secret(REFRESH),
        access_token=Secret(ACCESS),
        expires_at=datetime(2026, 11, 22, 8, 0, 0, 123456, UTC),
        client_id=None,
        client_secret=None,
        token_uri=None,
        scopes=(),
    )
    assert expected == parse_token_file(json.dumps(YOUTUBEUPLOADER) + "\n")


@pytest.mark.parametrize(
    ("expiry", "expected"),
    [
        ("2026-11-22T08:00:00", datetime(2026, 11, 22, 8, tzinfo=UTC)),
        ("2026-11-22T08:00:00Z", datetime(2026, 11, 22, 8, tzinfo=UTC)),
        ("2026-11-22T08:00:00.5-08:00", datetime(2026, 11, 22, 16, 0, 0, 500000, UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+02:00", None),
        ("", None),
        (None, None),
    ],
)
def test_an_expiry_is_read_as_utc(expiry: str | None, expected: datetime | None) -> None:
    assert expected == parse_token_file(token_file(expiry=expiry)).expires_at


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9999, 1, 1)))  # noqa: DTZ001  # a strategy's bounds
def test_a_naive_expiry_means_the_same_as_its_utc_form(moment: datetime) -> None:
    expected = moment.replace(tzinfo=UTC)
    assert expected == parse_token_file(token_file(expiry=moment.isoformat())).expires_at
    assert expected == parse_token_file(token_file(expiry=moment.isoformat() + "Z")).expires_at
    elsewhere = expected.astimezone(tz=datetime.strptime("-0330", "%z").tzinfo)
    assert expected == parse_token_file(token_file(expiry=elsewhere.isoformat())).expires_at
    assert timedelta(0) == expected.utcoffset()


@pytest.mark.parametrize(
    "expiry", ["soon", "2026-11-22", 1795334400, "9999-12-31T23:59:59-08:00", "2026-13-01T00:00:00Z"]
)
def test_an_expiry_that_is_no_time_is_refused(expiry: object) -> None:
    assert [("expiry", "malformed")] == refusals(parse_token_file, token_file(expiry=expiry))


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("scopes", [SCOPE, "openid"], (SCOPE, "openid")),
        ("scopes", f"{SCOPE} openid", (SCOPE, "openid")),
        ("scope", f"{SCOPE} openid", (SCOPE, "openid")),
        ("scopes", None, ()),
        ("scopes", [], ()),
    ],
)
def test_scopes_are_read_as_a_list_or_as_one_text(
    field: str, value: object, expected: tuple[str, ...]
) -> None:
    assert expected == parse_token_file(token_file(**{field: value})).scopes


@pytest.mark.parametrize("scopes", [5, {"a": 1}, [1], ["two words"], True])
def test_scopes_that_are_no_list_of_words_are_refused(scopes: object) -> None:
    assert [("scopes", "malformed")] == refusals(parse_token_file, token_file(scopes=scopes))


@pytest.mark.parametrize(
    "document",
    [{}, {"refresh_token": None}, {"refresh_token": ""}, {"access_token": ACCESS, "expires_in": 3599}],
)
def test_a_file_without_a_refresh_token_is_refused(document: object) -> None:
    assert [("refresh_token", "no_refresh_token")] == refusals(parse_token_file, document)


@pytest.mark.parametrize(
    "value", [0, 5, [], ["CANARY"], {"CANARY": 1}, False, "CANARY\nX: y", "CANARY CANARY", "CANARY\u00e9"]
)
@pytest.mark.parametrize(
    "field", ["refresh_token", "access_token", "client_id", "client_secret", "token_uri", "expiry"]
)
def test_a_value_that_is_not_one_word_is_refused_once_under_its_field(field: str, value: object) -> None:
    if field == "access_token" and not value:
        field = "token"  # an empty access_token stands back for token
    assert [(field, "malformed")] == refusals(parse_token_file, token_file(**{field: value}))


def test_all_faults_of_a_token_file_are_told_at_once() -> None:
    document = {"refresh_token": "", "token": 5, "expiry": "soon", "token_uri": "ftp://x", "scopes": 7}
    expected = ["token", "expiry", "token_uri", "scopes", "refresh_token"]
    assert expected == [field for field, _ in refusals(parse_token_file, document)]


@pytest.mark.parametrize(
    "address",
    [
        "http://oauth2.googleapis.com/token",
        "https://",
        "https://user@accounts.google.com/token",
        "https://[::1/token",
        "https://example.test:99999/",
        "ftp://localhost/",
        "token",
    ],
)
def test_an_address_where_no_secret_should_go_is_refused(address: str) -> None:
    assert [("token_uri", "malformed")] == refusals(parse_token_file, token_file(token_uri=address))


@pytest.mark.parametrize(
    "address", [TOKEN_URI, "http://127.0.0.1:9000/token", "http://localhost/token", "http://[::1]:80/token"]
)
def test_https_and_this_machine_are_accepted_as_addresses(address: str) -> None:
    assert address == parse_token_file(token_file(token_uri=address)).token_uri


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"installed": CLIENT}, ("file", "client_secrets_file")),
        ({"web": CLIENT}, ("file", "client_secrets_file")),
        (SERVICE_ACCOUNT, ("file", "service_account")),
        ({"private_key": "CANARY"}, ("file", "service_account")),
        ({**AUTHORIZED_USER, "type": "external_account"}, ("type", "unknown_type")),
        ({**AUTHORIZED_USER, "type": 7}, ("type", "unknown_type")),
    ],
)
def test_another_kind_of_credential_is_refused_by_name(document: object, expected: tuple[str, str]) -> None:
    assert [expected] == refusals(parse_token_file, document)


def test_the_first_ytempires_encrypted_file_is_told_apart_from_garbage() -> None:
    from cryptography.fernet import Fernet

    sealed = Fernet(Fernet.generate_key()).encrypt(b'{"refresh_token": "x"}').decode()
    assert [("file", "fernet_file")] == refusals(parse_token_file, sealed)
    with pytest.raises(Refused, match=r"give its key too"):
        parse_token_file(sealed)


@pytest.mark.parametrize("parse", [parse_token_file, parse_client_secrets])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \r\n", "empty"),
        ("\ufeff", "empty"),
        ("CANARY", "not_json"),
        ('{"refresh_token": "CANARY"', "not_json"),
        ("[" * 60_000, "not_json"),
        ("9" * 10_000, "not_json"),
        ("[]", "not_an_object"),
        ('"CANARY"', "not_an_object"),
        ("null", "not_an_object"),
        ("x" * (MAX_CHARACTERS + 1), "too_long"),
    ],
)
def test_a_text_that_is_no_json_object_is_refused(
    parse: Callable[[str], object], text: str, code: str
) -> None:
    assert [("file", code)] == refusals(parse, text)


def test_the_place_of_a_slip_in_the_json_is_told() -> None:
    with pytest.raises(Refused, match=r"line 2, column 18"):
        parse_token_file('{\n"refresh_token": CANARY}')


def test_a_byte_order_mark_does_no_harm() -> None:
    assert Secret(REFRESH) == parse_token_file("\ufeff" + token_file()).refresh_token


def test_no_representation_shows_a_secret() -> None:
    grant = parse_token_file(json.dumps({**AUTHORIZED_USER, **YOUTUBEUPLOADER}))
    client = parse_client_secrets(json.dumps({"web": CLIENT}))
    for shown in (repr(grant), str(grant), f"{grant}", repr(client), str(client)):
        assert "CANARY" not in shown


def outcome(parse: Callable[[str], object], text: str) -> object:
    """What was read, or the fields that were refused."""
    try:
        return parse(text)
    except Refused as refused:
        return [refusal.field for refusal in refused.refusals]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.text(), lambda values: st.dictionaries(st.text(), values)
)


@given(st.text() | ANY_JSON.map(json.dumps))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    assert outcome(parse_token_file, text)
    assert outcome(parse_client_secrets, text)


FIELDS = [
    "refresh_token",
    "token",
    "access_token",
    "expiry",
    "token_uri",
    "scopes",
    "scope",
    "type",
    "installed",
]
ANY_VALUE = st.none() | st.just(REFRESH) | st.text() | st.integers() | st.lists(st.text())


@given(st.dictionaries(st.sampled_from(FIELDS), ANY_VALUE))
def test_any_values_of_known_fields_are_read_or_refused_once_each(document: dict[str, object]) -> None:
    found = outcome(parse_token_file, json.dumps(document))
    if isinstance(found, ImportedGrant):
        assert found.refresh_token.reveal() == document["refresh_token"]
    else:
        assert isinstance(found, list)
        assert len(found) == len(set(found)) > 0


# --- client secrets ---


@pytest.mark.parametrize("form", ["installed", "web"])
def test_both_forms_of_client_secrets_are_read(form: str) -> None:
    web = form == "web"
    expected = OAuthClient(CLIENT_ID, Secret(CLIENT_SECRET), AUTH_URI, TOKEN_URI, ("http://localhost",), web)
    assert expected == parse_client_secrets(json.dumps({form: CLIENT}))


def test_a_web_client_without_redirect_addresses_is_read() -> None:
    client = {name: value for name, value in CLIENT.items() if name != "redirect_uris"}
    assert () == parse_client_secrets(json.dumps({"web": client})).redirect_uris


@pytest.mark.parametrize("field", ["client_id", "client_secret", "auth_uri", "token_uri"])
def test_a_client_that_lacks_a_field_is_refused(field: str) -> None:
    client = {name: value for name, value in CLIENT.items() if name != field}
    assert [(field, "missing")] == refusals(parse_client_secrets, {"installed": client})


def test_all_faults_of_a_client_are_told_at_once() -> None:
    client = {"client_id": 5, "auth_uri": "http://accounts.google.com/", "redirect_uris": [1]}
    expected = [
        ("client_id", "malformed"),
        ("auth_uri", "malformed"),
        ("redirect_uris", "malformed"),
        ("client_secret", "missing"),
        ("token_uri", "missing"),
    ]
    assert expected == refusals(parse_client_secrets, {"web": client})


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (AUTHORIZED_USER, "token_file"),
        (YOUTUBEUPLOADER, "token_file"),
        ({"token": ACCESS}, "token_file"),
        (SERVICE_ACCOUNT, "service_account"),
        ({"installed": CLIENT, "web": CLIENT}, "two_clients"),
        ({}, "not_client_secrets"),
        ({"installed": "CANARY"}, "not_client_secrets"),
    ],
)
def test_what_is_not_client_secrets_is_refused_by_name(document: object, code: str) -> None:
    assert [("file", code)] == refusals(parse_client_secrets, document)
