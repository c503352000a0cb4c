"""Questions that the consent page does not answer, and addresses to which it sends nobody."""

import re
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.emulator.peer import Json, facts
from tests.emulator.person import (
    AUTH,
    CHALLENGE,
    FORCE_SSL,
    READONLY,
    REDIRECT,
    ROOT_SCOPE,
    UPLOAD,
    Page,
    Person,
    refused,
)
from ytempire.emulator import Emulator, EventKind


def test_an_address_that_a_policy_cannot_name_is_allowed_by_its_scheme(person: Person, secrets: Json) -> None:
    reply = person.look(person.url(secrets, redirect_uri="http://[::1]:7/"))
    assert "form-action 'self' http:;" in reply.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"client_id": None}, "400: invalid_request"),
        ({"client_id": "nobody"}, "401: invalid_client"),
        ({"redirect_uri": None}, "400: invalid_request"),
        ({"response_type": None}, "400: invalid_request"),
        ({"response_type": ""}, "400: invalid_request"),
        ({"response_type": "token"}, "400: unsupported_response_type"),
        ({"response_type": "code token"}, "400: unsupported_response_type"),
        ({"scope": None}, "400: invalid_request"),
        ({"scope": f"{FORCE_SSL} {ROOT_SCOPE}gmail"}, "400: invalid_scope"),
        ({"access_type": "sometimes"}, "400: invalid_request"),
        ({"prompt": "none consent"}, "400: invalid_request"),
        ({"prompt": "please"}, "400: invalid_request"),
        ({"include_granted_scopes": "maybe"}, "400: invalid_request"),
        ({"code_challenge": CHALLENGE}, "400: invalid_request"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "400: invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "400: invalid_request"),
        ({"code_challenge_method": "S256"}, "400: invalid_request"),
    ],
)
def test_a_malformed_question_is_refused_and_nobody_is_sent_anywhere(
    emulator: Emulator, person: Person, secrets: Json, more: dict[str, str | None], error: str
) -> None:
    reply = person.look(person.url(secrets, **more))
    assert error == refused(reply)
    assert "form-action 'none'" in reply.headers["content-security-policy"]
    assert [error.partition(": ")[2]] == [
        fact["error"] for fact in facts(emulator, EventKind.CONSENT_REFUSED)
    ]


def test_a_parameter_that_comes_twice_is_refused(person: Person, secrets: Json) -> None:
    url = person.url(secrets) + "&" + urlencode({"redirect_uri": "http://evil.example/"})
    assert "400: invalid_request" == refused(person.look(url))


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:1",
        "http://127.0.0.1:65535/",
        "http://localhost",
        "http://localhost:8000/api/v1/auth/youtube/callback",
        "http://[::1]:4/deep/path?with=query",
        "http://localhost:5?with=query",
    ],
)
def test_an_installed_client_is_answered_on_any_loopback_address(
    person: Person, secrets: Json, uri: str
) -> None:
    reply = person.press(person.page(person.url(secrets, redirect_uri=uri)), account="anna")
    assert reply.headers["location"].startswith(uri + ("&" if "?" in uri else "?"))
    assert urlsplit(uri)[:3] == urlsplit(reply.headers["location"])[:3]


ODD_ADDRESSES = [
    "https://evil.example/",
    "http://evil.example/",
    "http://localhost.evil.example/",
    "http://localhost@evil.example/",
    "http://localhost:80@evil.example/",
    "http://127.0.0.1:1\\@evil.example/",
    "http://127.0.0.1:99999/",
    "http://127.0.0.1:0/",
    "http://127.0.0.1:\u0663/",
    "http://127.0.0.2/",
    "http://127.1/",
    "http://[::2]/",
    "http://LOCALHOST/",
    "https://localhost/",
    "//localhost/",
    "localhost",
    "urn:ietf:wg:oauth:2.0:oob",
    "javascript:alert(1)//http://localhost/",
    "http://localhost/#fragment",
    "http://localhost/ space",
    "http://localhost/\r\nX: y",
    "http://localhost/\n",
    "http://localhost/\u00fc",
    'http://localhost/"><script>',
]


@pytest.mark.parametrize("uri", ODD_ADDRESSES)
def test_nobody_is_sent_to_an_odd_or_foreign_address(person: Person, secrets: Json, uri: str) -> None:
    assert "400: redirect_uri_mismatch" == refused(person.look(person.url(secrets, redirect_uri=uri)))


def test_a_web_client_is_answered_at_its_registered_addresses_only(
    emulator: Emulator, person: Person
) -> None:
    registered = ("https://team.example/callback", "http://localhost:8000/callback")
    web = emulator.create_project("web", kind="web", redirect_uris=registered)
    emulator.add_account("wim", "web")
    assert list(registered) == web["web"]["redirect_uris"]
    for uri in registered:
        reply = person.press(person.page(person.url(web, redirect_uri=uri)), account="wim")
        assert reply.headers["location"].startswith(uri + "?")
    for uri in ("http://localhost:8000/callback/", "http://localhost:8001/callback", "https://team.example/"):
        assert "400: redirect_uri_mismatch" == refused(person.look(person.url(web, redirect_uri=uri)))


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[Person]:
    """One emulator for all of the fuzzing, with an installed client."""
    with Emulator.in_thread() as emulator:
        emulator.create_project("main")
        emulator.add_account("anna", "main")
        yield Person(emulator)


ANY = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["", "code", "consent", "S256", CHALLENGE, FORCE_SSL, REDIRECT, "anna", "allow", "deny"]),
    st.sampled_from(ODD_ADDRESSES),
)


QUESTION = st.dictionaries(
    st.sampled_from(
        [
            "response_type", "client_id", "redirect_uri", "scope", "state", "access_type", "prompt",
            "code_challenge", "code_challenge_method", "include_granted_scopes", "login_hint", "odd",
        ]
    ),
    ANY,
    max_size=5,
)  # fmt: skip


CALM = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@CALM
@given(more=QUESTION)
def test_no_question_breaks_the_page_or_sends_anybody_astray(fuzzed: Person, more: dict[str, str]) -> None:
    reply = fuzzed.look(fuzzed.url(fuzzed.emulator.client_secrets("main"), **more))
    assert reply.status in {200, 303, 400}
    assert "script" not in Page(reply.body.decode()).tags
    if reply.status == 303:
        assert re.match(r"http://(localhost|127\.0\.0\.1|\[::1\])[:/?]", reply.headers["location"])


@CALM
@given(
    form=st.lists(
        st.tuples(st.sampled_from(["choice", "account", "scope", "ticket", "odd"]), ANY), max_size=6
    ),
    with_ticket=st.booleans(),
)
def test_no_form_breaks_the_page_or_sends_anybody_astray(
    fuzzed: Person, form: list[tuple[str, ...]], with_ticket: bool
) -> None:
    page = fuzzed.page(fuzzed.url(fuzzed.emulator.client_secrets("main"), scope=f"{UPLOAD} {READONLY}"))
    ticket = [("ticket", *page.values("hidden", "ticket"))] if with_ticket else []
    reply = fuzzed.post([*form, *ticket])
    assert reply.status in {303, 400}
    if reply.status == 303:
        assert with_ticket
        assert reply.headers["location"].startswith(REDIRECT + "?")


@settings(CALM, max_examples=40)
@given(
    body=st.binary(max_size=200), kind=st.sampled_from(["application/x-www-form-urlencoded", "text/plain"])
)
def test_no_bytes_break_the_form(fuzzed: Person, body: bytes, kind: str) -> None:
    assert 400 == fuzzed.peer.send("POST", AUTH, body, {"Content-Type": kind}).status


@pytest.mark.parametrize(
    "uri",
    ["http://team.example/", "javascript:x", "https://user@team.example/", "https://team.example/#x", 7],
)
def test_an_address_that_google_would_not_register_is_refused(emulator: Emulator, uri: str) -> None:
    with pytest.raises(ValueError, match=r"https nor|list of texts"):
        emulator.create_project("web", kind="web", redirect_uris=[uri])
