"""The consent page: who may ask, what a person sees and decides, and what goes back to the asking client."""

import http.client
import re
import threading
import webbrowser
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import pytest
from google_auth_oauthlib.flow import Flow, InstalledAppFlow
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError, OAuth2Error

from tests.emulator.peer import Json, facts
from tests.emulator.person import (
    AUTH,
    CHALLENGE,
    FORCE_SSL,
    READONLY,
    REDIRECT,
    ROOT_SCOPE,
    UPLOAD,
    VERIFIER,
    Page,
    Person,
    answer_in,
    refused,
    sent_back,
)
from ytempire.emulator import ConsentRefused, Emulator, EmulatorConfig, EventKind

SHOWN, ALLOWED, DENIED = EventKind.CONSENT_SHOWN, EventKind.CONSENT_ALLOWED, EventKind.CONSENT_DENIED


@pytest.fixture
def person(emulator: Emulator) -> Person:
    emulator.add_account("anna", "main", title="Anna <b>cooks</b>", email="anna@example.com")
    emulator.add_account("bert", "main", title="Bert builds")
    return Person(emulator)


@pytest.fixture
def secrets(emulator: Emulator) -> Json:
    return emulator.client_secrets("main")


def test_a_person_chooses_a_channel_and_a_code_goes_back(
    emulator: Emulator, person: Person, secrets: Json
) -> None:
    page = person.page(person.url(secrets))
    assert ["anna", "bert"] == page.values("radio", "account")
    assert ["allow", "deny"] == page.values("button", "choice")
    assert "Anna <b>cooks</b>" in page.words
    back = sent_back(person.press(page, account="bert"))
    assert ("a state", FORCE_SSL, emulator.base_url) == (back["state"], back["scope"], back["iss"])
    token = person.exchange(secrets, back["code"]).json
    assert token["refresh_token"].startswith("1//")
    person.peer.access = token["access_token"]
    items = person.peer.call("GET", "channels?part=id&mine=true").json["items"]
    assert [emulator.channel_of("bert")] == [item["id"] for item in items]


def test_the_page_runs_nothing_and_tells_nobody(person: Person, secrets: Json) -> None:
    reply = person.look(person.url(secrets))
    text = reply.body.decode()
    assert not {"script", "img", "link", "iframe", "b"} & Page(text).tags
    assert ("DENY", "no-store", "no-referrer", "nosniff") == tuple(
        reply.headers[name]
        for name in ("x-frame-options", "cache-control", "referrer-policy", "x-content-type-options")
    )
    policy = reply.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://localhost:1;" in policy
    assert "unsafe" not in policy


def test_an_address_that_a_policy_cannot_name_is_allowed_by_its_scheme(person: Person, secrets: Json) -> None:
    reply = person.look(person.url(secrets, redirect_uri="http://[::1]:7/"))
    assert "form-action 'self' http:;" in reply.headers["content-security-policy"]


def test_who_denies_is_sent_back_without_a_code(emulator: Emulator, person: Person, secrets: Json) -> None:
    back = sent_back(person.press(person.page(person.url(secrets)), "deny"))
    assert {"state": "a state", "iss": emulator.base_url, "error": "access_denied"} == back
    assert ["access_denied"] == [fact["error"] for fact in facts(emulator, DENIED)]
    assert [] == facts(emulator, ALLOWED)


def test_a_page_is_answered_once(person: Person, secrets: Json) -> None:
    page = person.page(person.url(secrets))
    assert 303 == person.press(page, account="anna").status
    assert "400: invalid_request" == refused(person.press(page, account="anna"))


def test_a_form_that_was_never_shown_or_is_too_old_is_refused(
    emulator: Emulator, person: Person, secrets: Json
) -> None:
    assert "400: invalid_request" == refused(person.post([("choice", "allow"), ("account", "anna")]))
    page = person.page(person.url(secrets))
    emulator.shift_clock(601)
    assert "400: invalid_request" == refused(person.press(page, account="anna"))


@pytest.mark.parametrize(("choice", "account"), [("allow", None), ("allow", "nobody"), ("perhaps", "anna")])
def test_a_form_without_a_decision_is_refused(
    person: Person, secrets: Json, choice: str, account: str | None
) -> None:
    page = person.page(person.url(secrets))
    assert "400: invalid_request" == refused(person.press(page, choice, account=account))


def test_an_account_of_another_project_cannot_be_chosen(
    emulator: Emulator, person: Person, secrets: Json
) -> None:
    emulator.create_project("other")
    emulator.add_account("carl", "other")
    page = person.page(person.url(secrets))
    assert "carl" not in page.values("radio", "account")
    assert "400: invalid_request" == refused(person.press(page, account="carl"))


@pytest.mark.parametrize("hint", ["anna", "ANNA@example.com"])
def test_a_hint_leaves_the_channels_of_that_login(person: Person, secrets: Json, hint: str) -> None:
    assert ["anna"] == person.page(person.url(secrets, login_hint=hint)).values("radio", "account")


def test_a_hint_that_means_nobody_hides_nobody(person: Person, secrets: Json) -> None:
    page = person.page(person.url(secrets, login_hint="zoe@example.com"))
    assert ["anna", "bert"] == page.values("radio", "account")


def test_two_scopes_are_granted_one_by_one(emulator: Emulator, person: Person, secrets: Json) -> None:
    url = person.url(secrets, scope=f"{UPLOAD} {READONLY}")
    page = person.page(url)
    assert [UPLOAD, READONLY] == page.values("checkbox", "scope")
    back = sent_back(person.press(page, account="anna", scopes=(READONLY,)))
    assert READONLY == back["scope"]
    assert READONLY == person.exchange(secrets, back["code"]).json["scope"]


def test_one_scope_has_no_box_and_is_granted_whole(person: Person, secrets: Json) -> None:
    assert [] == person.page(person.url(secrets)).values("checkbox", "scope")
    assert FORCE_SSL == person.allow(person.url(secrets), "anna")["scope"]


def test_who_ticks_no_scope_has_denied(person: Person, secrets: Json) -> None:
    back = person.allow(person.url(secrets, scope=f"{UPLOAD} {READONLY}"), "anna")
    assert "access_denied" == back["error"]


def test_a_scope_that_was_not_asked_for_cannot_be_slipped_in(person: Person, secrets: Json) -> None:
    page = person.page(person.url(secrets, scope=f"{UPLOAD} {READONLY}"))
    assert "400: invalid_request" == refused(person.press(page, account="anna", scopes=(FORCE_SSL,)))


def test_earlier_scopes_are_added_where_asked(person: Person, secrets: Json) -> None:
    person.allow(person.url(secrets, scope=UPLOAD), "anna")
    assert READONLY == person.allow(person.url(secrets, scope=READONLY), "anna")["scope"]
    both = person.allow(person.url(secrets, scope=READONLY, include_granted_scopes="true"), "anna")
    assert {READONLY, UPLOAD} == set(both["scope"].split())


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


@pytest.mark.parametrize(
    "uri",
    ["http://team.example/", "javascript:x", "https://user@team.example/", "https://team.example/#x", 7],
)
def test_an_address_that_google_would_not_register_is_refused(emulator: Emulator, uri: str) -> None:
    with pytest.raises(ValueError, match=r"https nor|list of texts"):
        emulator.create_project("web", kind="web", redirect_uris=[uri])


def test_nobody_is_asked_where_no_page_may_be_shown(
    emulator: Emulator, person: Person, secrets: Json
) -> None:
    back = sent_back(person.look(person.url(secrets, prompt="none")))
    assert "interaction_required" == back["error"]
    assert [] == facts(emulator, SHOWN)


def refresh_tokens(person: Person, secrets: Json, *more: dict[str, str]) -> list[bool]:
    """Consent again and again; whether each exchange gave a refresh token."""
    given = []
    for each in more:
        code = person.allow(person.url(secrets, **each), "anna")["code"]
        given.append("refresh_token" in person.exchange(secrets, code).json)
    return given


def test_a_refresh_token_comes_at_the_first_offline_consent_or_when_insisted_upon(
    emulator: Emulator, person: Person, secrets: Json
) -> None:
    insisted = {"prompt": "select_account consent"}
    online = {"access_type": "online", "prompt": "consent"}
    assert [True, False, True, False] == refresh_tokens(person, secrets, {}, {}, insisted, online)
    emulator.revoke("anna")
    assert [True] == refresh_tokens(person, secrets, {})


def test_an_online_first_consent_uses_up_the_first(person: Person, secrets: Json) -> None:
    assert [False, False] == refresh_tokens(person, secrets, {"access_type": "online"}, {})


def test_a_challenge_once_sent_is_enforced(emulator: Emulator, person: Person, secrets: Json) -> None:
    url = person.url(secrets, code_challenge=CHALLENGE, code_challenge_method="S256")
    code = person.allow(url, "anna")["code"]
    assert "Missing code verifier." == person.exchange(secrets, code).json["error_description"]
    assert 200 == person.exchange(secrets, code, code_verifier=VERIFIER).status
    [exchange] = facts(emulator, EventKind.CODE_EXCHANGED)
    [issued] = facts(emulator, EventKind.TOKEN_ISSUED)
    assert (True, issued["grant"], "anna") == (exchange["pkce"], exchange["grant"], exchange["account"])
    assert ["no code verifier"] == [fact["why"] for fact in facts(emulator, EventKind.TOKEN_REFUSED)]


def test_pkce_can_be_required() -> None:
    with Emulator.in_thread(EmulatorConfig(require_pkce=True)) as emulator:
        secrets = emulator.create_project("main")
        emulator.add_account("anna", "main")
        person = Person(emulator)
        assert "400: invalid_request" == refused(person.look(person.url(secrets)))
        url = person.url(secrets, code_challenge=CHALLENGE, code_challenge_method="S256")
        assert "code" in person.allow(url, "anna")


def test_in_testing_only_listed_people_consent_and_their_tokens_live_a_week(
    emulator: Emulator, person: Person, secrets: Json
) -> None:
    emulator.change_client("main", publishing="testing", test_users=["anna@example.com"])
    page = person.page(person.url(secrets))
    assert "in testing" in page.words
    assert "403: access_denied" == refused(person.press(page, account="bert"))
    code = person.allow(person.url(secrets), "anna")["code"]
    token = person.exchange(secrets, code).json
    assert token["refresh_token_expires_in"] in range(604_700, 604_801)
    emulator.change_client("main", publishing="production")
    assert "code" in person.allow(person.url(secrets), "bert")


def test_a_google_account_may_have_no_channel(emulator: Emulator, person: Person, secrets: Json) -> None:
    emulator.add_account("nora", "main", has_channel=False)
    page = person.page(person.url(secrets, login_hint="nora"))
    assert "no YouTube channel" in page.words
    code = sent_back(person.press(page, account="nora"))["code"]
    person.peer.access = person.exchange(secrets, code).json["access_token"]
    reply = person.peer.call("GET", "channels?part=id&mine=true")
    assert (200, []) == (reply.status, reply.json["items"])
    reply = person.peer.start()
    assert (401, "youtubeSignupRequired") == (reply.status, reply.reason)


@pytest.mark.parametrize("death", ["deleted_client", "disabled_client", "unauthorized_client"])
def test_a_client_that_is_gone_cannot_ask(
    emulator: Emulator, person: Person, secrets: Json, death: str
) -> None:
    page = person.page(person.url(secrets))
    emulator.end_grants("anna", death)
    assert f"401: {death}" == refused(person.look(person.url(secrets)))
    assert f"401: {death}" == refused(person.press(page, account="anna"))
    emulator.cure("anna")
    assert "code" in person.allow(person.url(secrets), "anna")


def test_an_administrator_can_forbid_the_app(emulator: Emulator, person: Person, secrets: Json) -> None:
    emulator.end_grants("anna", "admin_policy_enforced")
    page = person.page(person.url(secrets))
    assert "400: admin_policy_enforced" == refused(person.press(page, account="anna"))
    assert "code" in person.allow(person.url(secrets), "bert")


def test_the_journal_tells_the_story_and_no_secret(emulator: Emulator, person: Person, secrets: Json) -> None:
    url = person.url(secrets, state="hush-state", redirect_uri=REDIRECT + "?hush=query")
    page = person.page(url)
    reply = person.press(page, account="anna")
    code = answer_in(reply.headers["location"])["code"]
    token = person.exchange(secrets, code, redirect_uri=REDIRECT + "?hush=query").json
    story = [event.kind.value for event in emulator.journal.since() if event.kind is not EventKind.CONTROL]
    assert [
        "consent_shown", "request", "consent_allowed", "request", "token_issued", "code_exchanged", "request"
    ] == story  # fmt: skip
    [shown], [allowed] = facts(emulator, SHOWN), facts(emulator, ALLOWED)
    assert (REDIRECT, [FORCE_SSL], False) == (shown["redirect_uri"], shown["scopes"], shown["pkce"])
    assert ("anna", emulator.channel_of("anna"), True) == (
        allowed["account"],
        allowed["channel"],
        allowed["offline"],
    )
    requests = facts(emulator, EventKind.REQUEST)
    assert ["authorize.show", "authorize.answer", "token.code"] == [fact["point"] for fact in requests]
    text = str([event.as_json() for event in emulator.journal.since()])
    hidden = ["hush", code, token["access_token"], token["refresh_token"], *page.values("hidden", "ticket")]
    assert [] == [secret for secret in hidden if secret in text]


def test_a_script_consents_without_a_browser(emulator: Emulator, person: Person, secrets: Json) -> None:
    url = person.url(secrets, scope=f"{UPLOAD} {READONLY}")
    back = answer_in(emulator.consent(url, account="anna", scopes=[UPLOAD]))
    assert (UPLOAD, "a state") == (back["scope"], back["state"])
    assert 200 == person.exchange(secrets, back["code"]).status
    assert "access_denied" == answer_in(emulator.consent(url, account="anna", allow=False))["error"]
    both = answer_in(emulator.consent(url, account="anna"))["scope"]
    assert f"{UPLOAD} {READONLY}" == both
    silent = person.url(secrets, prompt="none")
    assert "interaction_required" == answer_in(emulator.consent(silent, account="anna"))["error"]


def test_a_script_is_told_what_a_person_would_read(emulator: Emulator, person: Person, secrets: Json) -> None:
    with pytest.raises(ConsentRefused) as met:
        emulator.consent(person.url(secrets, redirect_uri="http://evil.example/"), account="anna")
    assert (400, "redirect_uri_mismatch") == (met.value.number, met.value.error)
    with pytest.raises(KeyError):
        emulator.consent(person.url(secrets), account="nobody")
    with pytest.raises(ValueError, match="a consent page is at"):
        emulator.consent(emulator.base_url + "/elsewhere", account="anna")


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
