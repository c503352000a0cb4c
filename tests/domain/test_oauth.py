"""When a token is stale, and what the token endpoint says."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW
from tests.strategies import json_values
from ytempire.domain.oauth import (
    ClientRefused,
    Grant,
    GrantDead,
    OAuthClient,
    Refreshed,
    RefreshOutcome,
    Unreachable,
    merged,
    read_refresh,
    refresh_request,
)
from ytempire.domain.values import Secret
from ytempire.domain.wire import NoReply, Reply

MINUTE = timedelta(minutes=1)
OLD = Grant(Secret("refresh-1"), Secret("access-1"), NOW, ("scope-1",), revision=7)


def told(status: int, document: Any) -> RefreshOutcome:
    return read_refresh(Reply(status, {}, json.dumps(document).encode()), NOW)


@pytest.mark.parametrize(
    ("grant", "fresh"),
    [
        (Grant(Secret("r"), Secret("a"), NOW + 6 * MINUTE), True),
        (Grant(Secret("r"), Secret("a"), NOW + 5 * MINUTE), False),
        (Grant(Secret("r"), Secret("a"), NOW - MINUTE), False),
        (Grant(Secret("r"), Secret("a"), None), False),
        (Grant(Secret("r"), None, NOW + 60 * MINUTE), False),
        (Grant(Secret("r")), False),
    ],
)
def test_a_token_is_fresh_while_it_has_some_life_left(grant: Grant, fresh: bool) -> None:
    assert fresh == grant.fresh(NOW)


def test_how_much_life_is_asked_for_is_the_callers_choice() -> None:
    grant = Grant(Secret("r"), Secret("a"), NOW + 20 * MINUTE)

    assert grant.fresh(NOW, margin=19 * MINUTE)
    assert not grant.fresh(NOW, margin=30 * MINUTE)


def test_a_refresh_is_asked_for_where_the_client_file_says() -> None:
    client = OAuthClient("id", Secret("shh"), "https://a.example/auth", "https://t.example/token")
    form = refresh_request(client, Secret("refresh-1"))

    assert "https://t.example/token" == form.url
    expected = {
        "grant_type": "refresh_token",
        "refresh_token": "refresh-1",
        "client_id": "id",
        "client_secret": "shh",
    }
    assert expected == form.fields
    assert "refresh-1" not in repr(form)
    assert "shh" not in repr(client)


def test_a_new_token_lives_from_the_moment_it_was_asked_for() -> None:
    expected = Refreshed(Secret("access-2"), NOW + timedelta(seconds=3599), None, ("one", "two"))

    assert expected == told(200, {"access_token": "access-2", "expires_in": 3599, "scope": "one two"})


@pytest.mark.parametrize(
    ("life", "seconds"),
    [(60, 60), (None, 3599), ("3599", 3599), (0, 3599), (-1, 3599), (True, 3599), (10**30, 86_400)],
)
def test_a_life_that_makes_no_sense_is_not_believed(life: object, seconds: int) -> None:
    outcome = told(200, {"access_token": "a", "expires_in": life})

    assert Refreshed(Secret("a"), NOW + timedelta(seconds=seconds)) == outcome


@pytest.mark.parametrize(("sent", "kept"), [("refresh-2", Secret("refresh-2")), ("", None), (7, None)])
def test_a_new_refresh_token_counts_only_when_there_is_one(sent: object, kept: Secret | None) -> None:
    outcome = told(200, {"access_token": "a", "refresh_token": sent})

    assert isinstance(outcome, Refreshed)
    assert kept == outcome.refresh_token


@pytest.mark.parametrize(
    ("life", "ends_at"),
    [
        (604_799, NOW + timedelta(seconds=604_799)),
        (None, None),
        (0, None),
        ("7", None),
        (10**30, NOW + timedelta(days=3660)),
    ],
)
def test_the_end_of_the_refresh_token_is_kept_when_google_says_it(life: object, ends_at: object) -> None:
    outcome = told(200, {"access_token": "a", "refresh_token_expires_in": life})

    assert isinstance(outcome, Refreshed)
    assert ends_at == outcome.ends_at


def test_grants_are_revoked_beside_the_token_endpoint() -> None:
    client = OAuthClient("id", Secret("shh"), "https://a.example/auth", "https://t.example/oauth/token")

    assert "https://t.example/oauth/revoke" == client.revoke_uri


@pytest.mark.parametrize(
    ("status", "error", "outcome"),
    [
        (400, "invalid_grant", GrantDead("why")),
        (401, "invalid_client", ClientRefused("invalid_client: why")),
        (401, "deleted_client", ClientRefused("deleted_client: why")),
        (401, "unauthorized_client", ClientRefused("unauthorized_client: why")),
        (403, "disabled_client", ClientRefused("disabled_client: why")),
        (400, "admin_policy_enforced", ClientRefused("admin_policy_enforced: why")),
        (403, "org_internal", ClientRefused("org_internal: why")),
        (400, "invalid_scope", ClientRefused("invalid_scope: why")),
        (500, "internal_failure", Unreachable("HTTP 500: why")),
        (503, "temporarily_unavailable", Unreachable("HTTP 503: why")),
        (400, "unheard_of", Unreachable("HTTP 400: why")),
    ],
)
def test_a_refused_refresh_says_who_must_act(status: int, error: str, outcome: RefreshOutcome) -> None:
    assert outcome == told(status, {"error": error, "error_description": "why"})


@pytest.mark.parametrize(
    ("document", "outcome"),
    [
        ({"error": "invalid_grant"}, GrantDead("invalid_grant")),
        ({"error": "invalid_grant", "error_description": "w" * 999}, GrantDead("w" * 200)),
        ({}, Unreachable("HTTP 400: HTTP 400")),
        ([], Unreachable("HTTP 400: HTTP 400")),
        ({"error": {"code": 400}}, Unreachable("HTTP 400: {'code': 400}")),
    ],
)
def test_a_refusal_that_says_little_still_has_a_reason(document: Any, outcome: RefreshOutcome) -> None:
    assert outcome == told(400, document)


@pytest.mark.parametrize("document", [{}, {"access_token": ""}, {"access_token": 7}, {"expires_in": 3599}])
def test_a_success_without_a_token_is_no_answer(document: Any) -> None:
    assert isinstance(told(200, document), Unreachable)


def test_a_token_beside_an_error_status_is_not_taken() -> None:
    assert isinstance(told(500, {"access_token": "a"}), Unreachable)


def test_silence_says_nothing_about_the_grant() -> None:
    assert Unreachable("timed out") == read_refresh(NoReply("timed out"), NOW)


FIELDS = ("access_token", "expires_in", "refresh_token", "scope", "error")


@given(
    st.sampled_from((200, 400, 401, 500)),
    st.binary()
    | st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, json_values())).map(
        lambda document: json.dumps(document).encode()
    ),
)
def test_no_answer_breaks_the_reading(status: int, body: bytes) -> None:
    outcome = read_refresh(Reply(status, {}, body), NOW)

    assert not isinstance(outcome, Refreshed) or outcome.expires_at > NOW


def test_a_refresh_replaces_what_it_brought_and_nothing_else() -> None:
    later = NOW + 60 * MINUTE

    all_new = Refreshed(Secret("access-2"), later, Secret("refresh-2"), ("scope-2",))
    assert Grant(Secret("refresh-2"), Secret("access-2"), later, ("scope-2",), 7) == merged(OLD, all_new)

    little = Refreshed(Secret("access-2"), later)
    assert Grant(Secret("refresh-1"), Secret("access-2"), later, ("scope-1",), 7) == merged(OLD, little)
