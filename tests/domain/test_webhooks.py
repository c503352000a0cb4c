"""Webhooks: who wants what, what is sent, that the reference library takes it, and how patiently it is tried."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from tests.builders import NOW, an_event
from ytempire.domain.events import Kind
from ytempire.domain.values import PublicationId, Secret
from ytempire.domain.webhooks import (
    PATIENCE,
    SPANS,
    Letter,
    LetterState,
    arrived,
    body,
    headers,
    means_something,
    message_id,
    next_try,
    secret_text,
    wants,
    why_not,
    wish_of,
)

CHANCE = Secret("-_" + "abcd" * 10 + "A")
"""32 bytes as base64url, with the two letters that plain base64 spells otherwise."""


def a_letter(tries: int = 1, made_at: datetime = NOW) -> Letter:
    return Letter(1, "shop", 7, "msg_1", "publication.published", LetterState.PENDING, tries, made_at)


@pytest.mark.parametrize(
    ("patterns", "kind", "wanted"),
    [
        (("publication.*",), Kind.PUBLISHED, True),
        (("publication.published",), Kind.PUBLISHED, True),
        (("publication.published",), Kind.HELD, False),
        (("quota.*", "publication.held"), Kind.HELD, True),
        (("*",), Kind.QUOTA_THRESHOLD, True),
        (("*",), Kind.WEBHOOK_DEAD, False),
        (("webhook.*",), Kind.WEBHOOK_DISABLED, False),
        ((), Kind.PUBLISHED, False),
    ],
)
def test_a_receiver_gets_what_it_asked_for(patterns: tuple[str, ...], kind: Kind, wanted: bool) -> None:
    assert wanted is wants(patterns, kind)


@pytest.mark.parametrize(
    ("pattern", "something"),
    [("publication.*", True), ("*", True), ("publications.*", False), ("webhook.*", False), ("", False)],
)
def test_a_pattern_that_no_event_has_is_known(pattern: str, something: bool) -> None:
    assert something is means_something(pattern)


def test_the_id_of_a_message_is_always_the_same_and_of_one_receiver_and_event() -> None:
    event = an_event(publication=PublicationId("pub_1"))
    ids = {
        message_id("shop", 7, event),
        message_id("shop", 8, event),
        message_id("crm", 7, event),
        message_id("shop", 7, an_event(at=NOW + timedelta(seconds=1))),
    }

    assert message_id("shop", 7, event) == message_id("shop", 7, event)
    assert 4 == len(ids)
    assert all(each.startswith("msg_") and "." not in each for each in ids)


def test_the_reference_library_takes_what_is_signed() -> None:
    now = datetime.now(UTC)
    content = body("publication.published", NOW, {"publication": "pub_1", "title": "ü ✓"})
    secret = secret_text(CHANCE)

    told = Webhook(secret.reveal()).verify(content, headers("msg_1", now, content, (secret,)))

    assert {
        "type": "publication.published",
        "timestamp": "2026-11-20T18:00:00.000Z",
        "data": {"publication": "pub_1", "title": "ü ✓"},
    } == told


def test_while_secrets_overlap_both_verify() -> None:
    now = datetime.now(UTC)
    content = body("publication.held", NOW, {})
    old, new = secret_text(CHANCE), secret_text(Secret("A" * 43))

    signed = headers("msg_1", now, content, (new, old))

    for each in (old, new):
        assert "publication.held" == Webhook(each.reveal()).verify(content, signed)["type"]


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp"])
def test_a_header_that_was_changed_does_not_verify(name: str) -> None:
    now = datetime.now(UTC)
    content = body("publication.held", NOW, {})
    secret = secret_text(CHANCE)
    signed = headers("msg_1", now, content, (secret,))
    changed = signed | {name: "1" if name == "webhook-id" else str(int(signed[name]) + 1)}

    with pytest.raises(WebhookVerificationError):
        Webhook(secret.reveal()).verify(content, changed)


def test_a_secret_is_spelt_as_the_standard_has_it() -> None:
    assert "whsec_+/" + "abcd" * 10 + "A=" == secret_text(CHANCE).reveal()


def test_half_a_character_in_a_message_becomes_a_question_mark() -> None:
    assert {"file": "caf?.mp4"} == json.loads(body("a", NOW, {"file": "caf\udce9.mp4"}))["data"]


def test_the_body_is_json_in_ascii() -> None:
    content = body("a", NOW, {"text": "ü"})

    assert content.isascii()
    assert "ü" == json.loads(content)["data"]["text"]


def test_tries_come_later_and_later_for_three_days() -> None:
    waits = [(next_try(a_letter(tries), NOW, 0.5) or NOW) - NOW for tries in range(1, 11)]

    assert [*SPANS, timedelta()] == waits
    assert [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400, 0] == [
        each.total_seconds() for each in waits
    ]


def test_chance_moves_a_try_by_a_tenth() -> None:
    assert NOW + timedelta(seconds=4.5) == next_try(a_letter(), NOW, 0.0)
    assert NOW + timedelta(seconds=5.5) == next_try(a_letter(), NOW, 1.0)


def test_a_try_waits_at_least_for_as_long_as_the_receiver_wishes() -> None:
    assert NOW + timedelta(minutes=10) == next_try(a_letter(), NOW, 0.5, timedelta(minutes=10))
    assert NOW + SPANS[1] == next_try(a_letter(2), NOW, 0.5, timedelta(minutes=1))
    assert next_try(a_letter(len(SPANS) + 1), NOW, 0.5, timedelta(minutes=1)) is None


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [
        (429, "120", 120),
        (503, "120", 120),
        (503, "Fri, 20 Nov 2026 18:02:00 GMT", 120),
        (503, "Fri, 20 Nov 2026 17:00:00 GMT", 0),
        (429, "99999999", 86_400),
        (429, "Fri, 20 Nov 2099 18:02:00 GMT", 86_400),
        (429, "soon", 0),
        (429, None, 0),
        (500, "120", 0),
        (302, "120", 0),
        (None, None, 0),
    ],
)
def test_a_receiver_that_is_busy_says_when_to_come_back(
    status: int | None, header: str | None, seconds: int
) -> None:
    assert timedelta(seconds=seconds) == wish_of(status, header, NOW)


def test_what_waited_behind_others_for_all_that_time_is_not_tried_on() -> None:
    assert next_try(a_letter(made_at=NOW - PATIENCE), NOW, 0.5) is None
    assert next_try(a_letter(made_at=NOW - PATIENCE + timedelta(seconds=1)), NOW, 0.5) is not None


@pytest.mark.parametrize(
    ("status", "taken"), [(200, True), (204, True), (299, True), (300, False), (404, False), (None, False)]
)
def test_success_is_what_begins_with_two(status: int | None, taken: bool) -> None:
    assert taken is arrived(status)


def test_a_redirect_is_told_as_one_that_is_not_followed() -> None:
    assert "it answered 302, and redirects are not followed" == why_not(302)
    assert "it answered 503" == why_not(503)
