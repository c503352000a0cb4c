"""Where a person is sent, what may come back from there, and what is asked for the code."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ytempire.domain.consent import (
    STATE_BYTES,
    VERIFIER_BYTES,
    Answered,
    Denied,
    Landing,
    challenge,
    check_issuer,
    consent_address,
    exchange_request,
    landing,
    read_address,
    read_answer,
    revoke_request,
    state_hash,
)
from ytempire.domain.oauth import SCOPE, OAuthClient
from ytempire.domain.values import Refused, Secret

CLIENT = OAuthClient(
    "client-1", Secret("shh"), "https://accounts.example/o/oauth2/auth", "https://oauth2.example/token"
)
STATE = Secret("state-1")
VERIFIER = Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
REDIRECT = "http://127.0.0.1:8123/"
GOOD = "state=state-1&iss=https://accounts.example&code=4/0Ab_32-x&scope=https://www.googleapis.com/auth/a"


def code_of(caught: pytest.ExceptionInfo[Refused]) -> str:
    (refusal,) = caught.value.refusals
    assert refusal.remedy
    return refusal.code


def asked(client: OAuthClient = CLIENT, hint: str | None = None) -> dict[str, list[str]]:
    address = consent_address(client, redirect_uri=REDIRECT, state=STATE, verifier=VERIFIER, hint=hint)
    return parse_qs(urlsplit(address).query, strict_parsing=True)


# ------------------------------------------------------------------------------------ the way there


def test_the_challenge_is_that_of_appendix_b_of_rfc_7636() -> None:
    assert "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" == challenge(VERIFIER)


def test_the_verifier_has_a_length_that_rfc_7636_allows_and_the_state_cannot_be_guessed() -> None:
    characters = -(-VERIFIER_BYTES * 8 // 6)

    assert 43 <= characters <= 128
    assert STATE_BYTES * 8 >= 128


def test_the_address_asks_for_everything_and_holds_no_verifier() -> None:
    expected = {
        "response_type": ["code"],
        "client_id": ["client-1"],
        "redirect_uri": [REDIRECT],
        "scope": [SCOPE],
        "state": ["state-1"],
        "access_type": ["offline"],
        "prompt": ["select_account consent"],
        "code_challenge": [challenge(VERIFIER)],
        "code_challenge_method": ["S256"],
    }

    assert expected == asked()


def test_the_address_names_the_person_when_they_are_known() -> None:
    assert ["me@example.org"] == asked(hint="me@example.org")["login_hint"]


@pytest.mark.parametrize(
    ("auth_uri", "kept"),
    [
        ("https://accounts.example/o/oauth2/auth", []),
        ("https://accounts.example/o/oauth2/auth?tenant=7", ["7"]),
        ("https://accounts.example/o/oauth2/auth?tenant=7#part", ["7"]),
    ],
)
def test_the_address_is_that_of_the_client_file_with_what_it_says_already(
    auth_uri: str, kept: list[str]
) -> None:
    client = replace(CLIENT, auth_uri=auth_uri)
    address = consent_address(client, redirect_uri=REDIRECT, state=STATE, verifier=VERIFIER)

    assert address.startswith("https://accounts.example/o/oauth2/auth?")
    assert "#" not in address
    assert kept == asked(client).get("tenant", [])


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_whatever_state_and_client_are_the_address_says_them_back(state: str, client: str, hint: str) -> None:
    try:
        (state + client + hint).encode()
    except UnicodeEncodeError:
        return  # no text that could be sent
    address = consent_address(
        replace(CLIENT, client_id=client),
        redirect_uri=REDIRECT,
        state=Secret(state),
        verifier=VERIFIER,
        hint=hint,
    )
    found = parse_qs(urlsplit(address).query, strict_parsing=True)

    assert ([state], [client], [hint]) == (found["state"], found["client_id"], found["login_hint"])


# ------------------------------------------------------------------------------------ where to land


@pytest.mark.parametrize(
    ("found", "uri"),
    [
        (Landing("127.0.0.1", 0, "/"), "http://127.0.0.1:8123/"),
        (Landing("::1", 0, "/back"), "http://[::1]:8123/back"),
        (Landing("localhost", 0, "/api"), "http://localhost:8123/api"),
    ],
)
def test_a_landing_has_an_address_once_its_port_is_known(found: Landing, uri: str) -> None:
    assert uri == found.uri(8123)


@pytest.mark.parametrize("port", [0, 8123])
def test_a_desktop_client_may_land_at_any_port(port: int) -> None:
    assert Landing("127.0.0.1", port, "/") == landing(CLIENT, port)


@pytest.mark.parametrize(
    ("registered", "port", "expected"),
    [
        (("http://localhost:8000/back",), 0, Landing("localhost", 8000, "/back")),
        (("https://example.org/back", "http://127.0.0.1/b"), 0, Landing("127.0.0.1", 80, "/b")),
        (("http://localhost:8000/a", "http://[::1]:9000/b"), 9000, Landing("::1", 9000, "/b")),
    ],
)
def test_a_web_client_lands_where_it_is_registered(
    registered: tuple[str, ...], port: int, expected: Landing
) -> None:
    assert expected == landing(replace(CLIENT, web=True, redirect_uris=registered), port)


@pytest.mark.parametrize(
    ("registered", "port", "wanted"),
    [
        ((), 0, "http://localhost:8000/api/v1/auth/youtube/callback"),
        (("https://localhost:8000/back",), 0, "http://localhost:8000"),
        (("http://example.org/back",), 0, "http://localhost:8000"),
        (("http://localhost:8000/back",), 9000, "http://localhost:9000"),
    ],
)
def test_a_web_client_that_cannot_land_here_is_refused_with_what_to_register(
    registered: tuple[str, ...], port: int, wanted: str
) -> None:
    with pytest.raises(Refused, match=wanted) as caught:
        landing(replace(CLIENT, web=True, redirect_uris=registered), port)
    assert "no_loopback_redirect" == code_of(caught)


# ------------------------------------------------------------------------------------ the way back


@pytest.mark.parametrize(
    "pasted",
    [
        f"http://127.0.0.1:8123/?{GOOD}",
        f"  http://127.0.0.1:8123/?{GOOD}\n",
        f"http://127.0.0.1:8123/?{GOOD}#",
        f"127.0.0.1:8123/?{GOOD}",
        f"http://[oops/?{GOOD}",
        f"?{GOOD}",
        GOOD,
    ],
)
def test_the_final_address_is_read_however_it_was_copied(pasted: str) -> None:
    assert GOOD == read_address(pasted)


@pytest.mark.parametrize(
    "pasted", ["", "  ", "http://127.0.0.1:8123/", "http://127.0.0.1/?", "4/0Ab", "#a=b"]
)
def test_what_is_no_final_address_is_told_at_once(pasted: str) -> None:
    with pytest.raises(Refused, match="code=") as caught:
        read_address(pasted)
    assert "no_answer" == code_of(caught)


def test_a_yes_is_read_with_its_state_its_code_and_who_sent_it() -> None:
    expected = Answered(STATE, Secret("4/0Ab_32-x"), "https://accounts.example")

    assert expected == read_answer(GOOD)
    assert "4/0Ab" not in repr(read_answer(GOOD))


def test_a_yes_need_not_say_who_sent_it() -> None:
    assert Answered(STATE, Secret("a b&c"), None) == read_answer("code=a+b%26c&state=state-1")


def test_a_no_is_read_with_its_reason() -> None:
    assert Denied(STATE, "access_denied", None) == read_answer("error=access_denied&state=state-1")


def test_a_no_with_a_long_reason_is_cut() -> None:
    answer = read_answer(f"error={'e' * 999}&state=state-1")

    assert Denied(STATE, "e" * 100) == answer


NEAR_MISSES = [
    "",
    "&",
    "=",
    "state",
    "state=state-1",
    "code=a",
    "error=access_denied",
    "state=&code=a",
    "state=state-1&code=",
    "state=state-1&error=",
    "state=state-1&code=&error=",
    "state=state-1&code=a&error=access_denied",
    "state=state-1&state=state-1&code=a",
    "state=state-1&state=state-2&code=a",
    "state=state-1&code=a&code=b",
    "state=state-1&error=a&error=b",
    "state=state-1&code=a&scope=x&scope=y",
    "state=state-1&code=a&iss=x&iss=y",
    "State=state-1&Code=a",
    " state=state-1&code=a",
    "state=state-1;code=a",
    "state=state-1%26code=a",
    "state%3Dstate-1&code=a",
    "state=st\u00e4te&code=a",
    "state=\ud800&code=a",
    "state=state-1&code=" + "a" * 8192,
]


@pytest.mark.parametrize("query", NEAR_MISSES, ids=range(len(NEAR_MISSES)))
def test_what_google_would_not_send_is_refused(query: str) -> None:
    with pytest.raises(Refused) as caught:
        read_answer(query)
    assert "malformed" == code_of(caught)


@given(st.text(max_size=60) | st.text("stacoder=&%+/?#;0 ", max_size=60))
@example("state=%ED%A0%80&code=%FF")
def test_no_text_breaks_the_reading(text: str) -> None:
    try:
        answer = read_answer(text)
    except Refused:
        return
    assert 64 == len(state_hash(answer.state))


@given(st.text(max_size=60) | st.text("htp:/[]?#=&@ \n", max_size=60))
@example("http://[?a=b")
def test_no_pasted_text_breaks_the_reading(text: str) -> None:
    try:
        query = read_address(text)
    except Refused:
        return
    assert "=" in query


@pytest.mark.parametrize(
    "issuer",
    [None, "https://accounts.example", "https://accounts.example/", "https://ACCOUNTS.example/elsewhere"],
)
def test_an_answer_from_where_the_person_was_sent_is_taken(issuer: str | None) -> None:
    check_issuer(Answered(STATE, Secret("a"), issuer), CLIENT)
    check_issuer(Denied(STATE, "access_denied", issuer), CLIENT)


@pytest.mark.parametrize(
    "issuer",
    [
        "",
        "accounts.example",
        "http://accounts.example",
        "https://accounts.example.evil",
        "https://accounts.example:444",
        "https://accounts.example@evil",
        "https://[accounts.example",
        "\x00",
    ],
)
def test_an_answer_from_another_server_is_refused(issuer: str) -> None:
    with pytest.raises(Refused) as caught:
        check_issuer(Answered(STATE, Secret("a"), issuer), CLIENT)
    assert "other_issuer" == code_of(caught)


# ------------------------------------------------------------------------------ what follows from it


def test_a_state_is_stored_as_its_sha_256() -> None:
    assert "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" == state_hash(Secret("abc"))


def test_the_exchange_proves_that_we_began_it() -> None:
    form = exchange_request(CLIENT, code=Secret("4/0Ab"), verifier=VERIFIER, redirect_uri=REDIRECT)

    expected = {
        "grant_type": "authorization_code",
        "code": "4/0Ab",
        "code_verifier": VERIFIER.reveal(),
        "redirect_uri": REDIRECT,
        "client_id": "client-1",
        "client_secret": "shh",
    }
    assert ("https://oauth2.example/token", expected) == (form.url, form.fields)
    assert VERIFIER.reveal() not in repr(form)


def test_a_grant_is_revoked_beside_the_token_endpoint() -> None:
    form = revoke_request(CLIENT, Secret("refresh-1"))

    assert ("https://oauth2.example/revoke", {"token": "refresh-1"}) == (form.url, form.fields)
    assert "refresh-1" not in repr(form)


def test_an_address_without_a_port_stays_one() -> None:
    client = OAuthClient(
        "id", Secret("x"), "https://a.test", "https://t.test/token", ("http://localhost/back",), True
    )

    place = landing(client)

    assert ("http://localhost/back", "http://localhost:8080/back") == (place.uri(place.port), place.uri(8080))
