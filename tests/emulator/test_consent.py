"""The consent page: what a person sees and decides, and what goes back to the asking client."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.emulator.peer import Json, facts
from tests.emulator.person import (
    CHALLENGE,
    FORCE_SSL,
    READONLY,
    REDIRECT,
    UPLOAD,
    VERIFIER,
    Page,
    Person,
    answer_in,
    refused,
    sent_back,
)
from ytempire.emulator import ConsentRefused, Emulator, EmulatorConfig, EventKind
from ytempire.emulator.authorize import OpenPages
from ytempire.emulator.consent import read_question

SHOWN, ALLOWED, DENIED = EventKind.CONSENT_SHOWN, EventKind.CONSENT_ALLOWED, EventKind.CONSENT_DENIED


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


def test_earlier_scopes_are_added_where_asked(emulator: Emulator, person: Person, secrets: Json) -> None:
    person.allow(person.url(secrets, scope=UPLOAD), "anna")
    assert READONLY == person.allow(person.url(secrets, scope=READONLY), "anna")["scope"]
    both = person.allow(person.url(secrets, scope=READONLY, include_granted_scopes="true"), "anna")
    assert {READONLY, UPLOAD} == set(both["scope"].split())
    emulator.narrow("anna", [READONLY])
    left = person.allow(person.url(secrets, scope=READONLY, include_granted_scopes="true"), "anna")
    assert READONLY == left["scope"]


def test_of_very_many_open_pages_the_oldest_is_forgotten(person: Person, secrets: Json) -> None:
    query = parse_qsl(urlsplit(person.url(secrets)).query)
    question = read_question(person.emulator.world, query)
    now = person.emulator.world.clock.now()
    pages = OpenPages()
    for number in range(1001):
        pages.show(str(number), question, now=now)
    assert question == pages.take("1", now=now)
    with pytest.raises(ConsentRefused):
        pages.take("0", now=now)


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


def test_a_google_account_may_have_no_channel(emulator: Emulator, person: Person, secrets: Json) -> None:
    emulator.add_account("nora", "main", has_channel=False)
    page = person.page(person.url(secrets, login_hint="nora"))
    assert "no YouTube channel" in page.words
    code = sent_back(person.press(page, account="nora"))["code"]
    person.peer.access = person.exchange(secrets, code).json["access_token"]
    reply = person.peer.call("GET", "channels?part=id&mine=true")
    assert (200, []) == (reply.status, reply.json["items"])
    assert [] == person.peer.call("GET", "channels?part=id&id=").json["items"]
    reply = person.peer.start()
    assert (401, "youtubeSignupRequired") == (reply.status, reply.reason)
