"""Alerts of what is not configured any more are over, and say why."""

import pytest

from tests.builders import NOW, an_event
from ytempire.domain.alert_rules import changes
from ytempire.domain.alert_subjects import Known, comes_back, why_gone
from ytempire.domain.alerts import Alert, Delivery, DeliveryState, Raise, Resolve, message
from ytempire.domain.events import Kind
from ytempire.domain.faults import Level

KNOWN = Known(
    accounts=frozenset({"channel_1"}),
    projects=frozenset({"main"}),
    providers=frozenset({"polly", "youtube"}),
    services=frozenset({"amazon", "youtube"}),
    chains=frozenset({"voice"}),
    targets=frozenset({"ops"}),
    webhooks=frozenset({"shop"}),
)


@pytest.mark.parametrize(
    "key",
    [
        "account:channel_1:needs_reauth",
        "account:channel_1:grant:backup",
        "quota:main:units",
        "quota:main:units:closed",
        "token:main:client",
        "breaker:polly",
        "breaker:polly:isolated",
        "service:amazon",
        "chain:voice",
        "drill:voice",
        "alerts:ops:delivery",
        "webhook:shop:disabled",
        "publication:pub_1:held",
        "checklist:accounts:2026-11-20",
        "fault:odd",
        "keys:abc:unreadable",
        "youtube:unavailable",
    ],
)
def test_what_is_configured_or_cannot_be_stays(key: str) -> None:
    assert why_gone(key, KNOWN) is None


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("account:channel_12:needs_reauth", "the account channel_12 is no longer configured"),
        ("account:channel:needs_reauth", "the account channel is no longer configured"),
        ("quota:old:units:closed", "the project old is no longer configured"),
        ("token:old:unreachable", "the project old is no longer configured"),
        ("breaker:espeak", "the provider espeak is no longer configured"),
        (
            "breaker:espeak:isolated",
            "the provider espeak is no longer configured; it stays isolated, should it come back",
        ),
        ("service:google", "the service google is no longer configured"),
        ("chain:script", "the chain script is no longer configured"),
        ("drill:script", "the chain script is no longer configured"),
        ("alerts:chat:delivery", "the target chat is no longer configured"),
        ("webhook:crm:delivery", "the webhook crm is no longer configured"),
    ],
)
def test_what_is_configured_no_more_is_over_and_the_sentence_says_why(key: str, why: str) -> None:
    assert why == why_gone(key, KNOWN)


def test_the_event_ends_the_alert_and_its_return_begins_it_with_the_same_words() -> None:
    words = {
        "alert": "breaker:polly:isolated",
        "title": "it is isolated",
        "text": "a bill",
        "remedy": "reset it",
    }
    gone = an_event(Kind.SUBJECT_GONE, data={"alert": "service:x", "why": "it is gone"})
    back = an_event(Kind.SUBJECT_BACK, level=Level.HIGH, data=words)

    assert (Resolve("service:x", why="it is gone"),) == changes(gone)
    assert (Raise("breaker:polly:isolated", Level.HIGH, "it is isolated", "a bill", "reset it"),) == changes(
        back
    )


def test_a_message_of_the_end_says_why_where_all_is_not_well() -> None:
    alert = Alert(
        number=1, key="service:x", level=Level.WARNING, title="x is not well", text="", remedy="", raised_at=NOW,
        until=None, passing=False, times=1, muted=None, resolved_at=NOW, ended_why="x is gone",
    )  # fmt: skip
    over = Delivery(1, 1, "ops", Level.WARNING, True, DeliveryState.PENDING, 0, NOW, None, None)

    assert "Over at 2026-11-20 18:00 UTC: x is gone. It began at" in message(alert, over).body
    assert comes_back(alert)
