"""`ytempire connect --import`: the token files of others, and what is wrong with some of them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from tests.entrypoints.consenting import (
    FIRST,
    PROJECT,
    SECOND,
    asked,
    nothing_in_clear,
    tokens,
    unconnected,
    visit,
)
from tests.entrypoints.program import Ended, Installation
from ytempire.emulator import Emulator

SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"


@pytest.fixture
def place(tmp_path: Path, google: Emulator) -> Iterator[Installation]:
    made = unconnected(Installation(tmp_path), google)
    yield made
    assert [] == nothing_in_clear(made, google)


def imported(place: Installation, document: object, *words: str) -> Ended:
    """Imports this document as a file; a text is written as it is."""
    text = document if isinstance(document, str) else json.dumps(document)
    (place.folder / "token.json").write_text(text)
    return place.run("connect", FIRST, "--import", "token.json", *words)


def authorized_user(given: Any) -> dict[str, Any]:
    """As `gcloud auth application-default login` writes it."""
    return {name: given[name] for name in ("client_id", "client_secret", "refresh_token")} | {
        "type": "authorized_user"
    }


def google_auth(given: Any) -> dict[str, Any]:
    """As google-auth's `Credentials.to_json` writes it."""
    return {
        "token": "ya29.old",
        "refresh_token": given["refresh_token"],
        "token_uri": given["token_uri"],
        "client_id": given["client_id"],
        "client_secret": given["client_secret"],
        "scopes": [SCOPE],
        "universe_domain": "googleapis.com",
        "account": "",
        "expiry": "2020-01-01T00:00:00.000000Z",
    }


def youtubeuploader(given: Any) -> dict[str, Any]:
    """As youtubeuploader writes its request.token."""
    return {
        "access_token": "ya29.old",
        "token_type": "Bearer",
        "refresh_token": given["refresh_token"],
        "expiry": "2020-01-01T12:00:00.123456789+02:00",
    }


@pytest.mark.parametrize("form", [authorized_user, google_auth, youtubeuploader])
def test_a_token_file_of_others_connects_without_a_browser(
    form: Any, place: Installation, google: Emulator
) -> None:
    ended = imported(place, form(google.grant(FIRST)), "--json")

    assert 0 == ended.code, ended.err
    assert google.channel_of(FIRST) == ended.json()["channel"]
    assert "valid" == tokens(place)[FIRST, "primary"]["state"]


def test_a_file_of_the_first_ytempire_is_opened_with_its_key(place: Installation, google: Emulator) -> None:
    key = Fernet.generate_key()
    (place.folder / "old.key").write_bytes(key + b"\n")
    sealed = Fernet(key).encrypt(json.dumps(google_auth(google.grant(FIRST))).encode()).decode()

    without = imported(place, sealed)
    ended = imported(place, sealed, "--fernet-key", "old.key")

    assert 2 == without.code
    assert "--fernet-key" in without.err
    assert 0 == ended.code, ended.err
    assert (FIRST, "primary") in tokens(place)
    assert key.decode() not in "".join(place.said)


def test_a_wrong_fernet_key_is_said_and_nothing_is_stored(place: Installation, google: Emulator) -> None:
    (place.folder / "old.key").write_bytes(Fernet.generate_key())
    sealed = Fernet(Fernet.generate_key()).encrypt(json.dumps(google.grant(FIRST)).encode()).decode()

    wrong = imported(place, sealed, "--fernet-key", "old.key")
    (place.folder / "old.key").write_text("no key")
    none = imported(place, sealed, "--fernet-key", "old.key")
    gone = imported(place, sealed, "--fernet-key", "gone.key")

    assert [2, 2, 2] == [wrong.code, none.code, gone.code]
    assert "the key does not open the file" in wrong.err
    assert "this is not a Fernet key" in none.err
    assert "gone.key cannot be read" in gone.err
    assert {} == tokens(place)


def test_a_token_file_of_another_client_is_refused_before_google_sees_it(
    place: Installation, google: Emulator
) -> None:
    google.create_project("other")
    google.add_account("elsewhere", "other")
    asked = len(google.journal.since(0))

    ended = imported(place, google.grant("elsewhere"))

    assert 2 == ended.code
    assert "belongs to the client" in ended.err
    assert [] == [event for event in google.journal.since(asked) if event.kind == "request"]


def test_a_token_file_of_another_channel_is_refused(place: Installation, google: Emulator) -> None:
    assert 0 == imported(place, google.grant(FIRST)).code

    ended = imported(place, google.grant(SECOND))

    assert 2 == ended.code
    assert "choose the right channel" in ended.err
    assert google.channel_of(FIRST) == tokens(place)[FIRST, "primary"]["channel"]


def test_a_dead_token_file_is_refused(place: Installation, google: Emulator) -> None:
    grant = google.grant(FIRST)
    google.revoke(FIRST)

    ended = imported(place, grant)

    assert 2 == ended.code
    assert "make a new token file" in ended.err
    assert {} == tokens(place)


def test_a_silent_google_is_upstream(place: Installation, google: Emulator) -> None:
    google.add_fault("token.refresh", "status", status=503)

    ended = imported(place, google.grant(FIRST))

    assert 6 == ended.code
    assert "try again later" in ended.err


def test_a_token_file_may_be_a_backup(place: Installation, google: Emulator) -> None:
    early = imported(place, google.grant(FIRST), "--backup")
    assert 0 == imported(place, google.grant(FIRST)).code
    ended = imported(place, google.grant(FIRST), "--backup")

    assert 2 == early.code
    assert "no grant yet" in early.err
    assert 0 == ended.code, ended.err
    assert {(FIRST, "primary"), (FIRST, "backup")} == set(tokens(place))


def test_a_file_that_is_no_token_file_is_named_with_what_is_wrong(
    place: Installation, google: Emulator
) -> None:
    broken = {**google_auth(google.grant(FIRST)), "refresh_token": ["1//0canary"], "expiry": "soon"}

    client = imported(place, google.client_secrets(PROJECT))
    rubbish = imported(place, "1//0canary-that-is-no-json")
    two_faults = imported(place, broken)
    folder = place.run("connect", FIRST, "--import", ".")

    assert [2, 2, 2, 2] == [each.code for each in (client, rubbish, two_faults, folder)]
    assert "token.json: is a client secrets file" in client.err
    assert "token.json: is not JSON" in rubbish.err
    assert 2 == len(two_faults.lines())
    assert "cannot be read" in folder.err
    assert "canary" not in "".join(each.err for each in (rubbish, two_faults))


@pytest.mark.parametrize("endless", ["/dev/zero", "endless"])
def test_a_file_without_end_is_not_read_to_its_end(
    place: Installation, google: Emulator, endless: str
) -> None:
    with (place.folder / "endless").open("wb") as file:
        file.truncate(2**30)

    ended = place.run("connect", FIRST, "--import", endless)

    assert 2 == ended.code
    assert [f"ytempire: {endless} is longer than 262144 bytes; give a token file"] == ended.lines()


def test_standard_input_without_end_does_not_keep_the_browser_from_coming_back(
    place: Installation, google: Emulator
) -> None:
    with Path("/dev/zero").open() as zeros, asked(place, FIRST, given=zeros) as question:
        assert 200 == visit(google.consent(question.address, account=FIRST)).status
        ended = question.ended()

    assert 0 == ended.code, ended.err


def test_a_client_secrets_file_without_end_is_told_as_too_long(place: Installation) -> None:
    with (place.folder / "client_secrets.json").open("wb") as file:
        file.truncate(2**30)

    ended = place.run("connect", FIRST, "--no-browser")

    assert 2 == ended.code
    assert "is longer than 65536 characters" in ended.err
