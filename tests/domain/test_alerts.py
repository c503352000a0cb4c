"""Who is told of an alert, in which words, and how often it is tried."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOW
from ytempire.domain.alerts import (
    RETRY_SPANS,
    Alert,
    Delivery,
    DeliveryState,
    Mute,
    Raise,
    Target,
    loudness,
    message,
    muting,
    next_try,
    recipients,
    several,
)
from ytempire.domain.faults import Level

OPS = Target("ops", frozenset({Level.HIGH, Level.CRITICAL}))
CHAT = Target("chat", frozenset(Level))
HELD = Raise("publication:pub_1:held", Level.HIGH, "pub_1 needs a person", "the file is gone", "put it back")
ALERT = Alert(1, HELD.key, HELD.level, HELD.title, HELD.text, HELD.remedy, NOW, None, False, 1, None, None)
DELIVERY = Delivery(1, 1, "ops", Level.HIGH, False, DeliveryState.PENDING, 1, NOW, None, None)


def test_levels_grow_louder_in_the_order_of_their_names() -> None:
    assert [Level.INFO, Level.WARNING, Level.HIGH, Level.CRITICAL] == sorted(Level, key=loudness)


def test_a_target_is_told_of_its_levels_alone() -> None:
    assert ("ops", "chat") == recipients(HELD, (OPS, CHAT), NOW)
    assert ("chat",) == recipients(replace(HELD, level=Level.WARNING), (OPS, CHAT), NOW)


def test_a_target_is_not_told_that_it_cannot_be_reached() -> None:
    assert ("chat",) == recipients(replace(HELD, spared="ops"), (OPS, CHAT), NOW)


def test_nobody_is_told_of_what_is_over_already() -> None:
    assert () == recipients(replace(HELD, until=NOW), (OPS,), NOW)
    assert ("ops",) == recipients(replace(HELD, until=NOW + timedelta(seconds=1)), (OPS,), NOW)


@pytest.mark.parametrize(
    ("pattern", "covered"),
    [
        ("*", True),
        ("publication:*", True),
        ("publication:pub_?:held", True),
        ("publication:pub_1", False),
        ("Publication:*", False),
        ("quota:*", False),
    ],
)
def test_a_mute_covers_keys_that_match_its_pattern(pattern: str, covered: bool) -> None:
    other = Mute("account:*", NOW, NOW, "somebody", "why")

    assert (pattern if covered else None) == muting(HELD.key, (other, replace(other, pattern=pattern)))


def test_a_message_says_what_happened_and_what_to_do() -> None:
    told = message(ALERT, DELIVERY)

    assert ("high: pub_1 needs a person", Level.HIGH, False) == (told.title, told.level, told.over)
    assert [
        "the file is gone",
        "What you can do: put it back",
        "publication:pub_1:held, since 2026-11-20 18:00 UTC",
    ] == told.body.splitlines()


def test_a_message_says_when_it_ends_by_itself() -> None:
    until = NOW + timedelta(hours=14)
    alert = replace(ALERT, until=until, remedy="", text="")

    assert [
        "Ends by itself at 2026-11-21 08:00 UTC.",
        "publication:pub_1:held, since 2026-11-20 18:00 UTC",
    ] == message(alert, DELIVERY).body.splitlines()
    assert "Ends" not in message(replace(alert, passing=True), DELIVERY).body


def test_a_message_of_the_end_says_when_it_began_and_ended() -> None:
    ended = replace(ALERT, resolved_at=NOW + timedelta(hours=2))

    told = message(ended, replace(DELIVERY, over=True))

    assert ("resolved: pub_1 needs a person", True) == (told.title, told.over)
    assert (
        "Over at 2026-11-20 20:00 UTC. It began at 2026-11-20 18:00 UTC.\npublication:pub_1:held" == told.body
    )
    assert message(ALERT, replace(DELIVERY, over=True)).body.startswith("Over. It began")


def test_five_tries_are_made_within_an_hour_and_never_in_a_busy_loop() -> None:
    waits = [next_try(tries, NOW, 1.0) for tries in range(1, 6)]

    assert [NOW + span for span in RETRY_SPANS] == waits[:4]
    assert waits[4] is None
    assert timedelta(hours=1) == sum(RETRY_SPANS, timedelta())
    assert NOW + timedelta(seconds=6) == next_try(1, NOW, 0.0)


def test_many_at_once_are_told_by_their_titles_the_loudest_first_and_what_is_over_last() -> None:
    quiet = replace(ALERT, level=Level.WARNING, title="quiet")
    loud = replace(ALERT, level=Level.CRITICAL, title="loud")
    over = replace(DELIVERY, over=True)

    told = several([(quiet, DELIVERY), (replace(loud, title="ended"), over), (loud, DELIVERY)])

    assert ("critical: 3 alerts at once", Level.CRITICAL, False) == (told.title, told.level, told.over)
    assert ["critical: loud", "warning: quiet", "resolved: ended"] == told.body.splitlines()[:3]


def test_when_all_of_many_are_over_it_is_good_news() -> None:
    told = several([(ALERT, replace(DELIVERY, over=True))] * 2)

    assert (True, Level.HIGH) == (told.over, told.level)


def test_a_message_about_many_is_short_enough_for_every_service_and_names_the_loudest_first() -> None:
    quiet = replace(ALERT, title="publication " * 50)
    loud = replace(ALERT, level=Level.CRITICAL, title="the key is gone")
    told = several([(quiet, DELIVERY)] * 99 + [(loud, DELIVERY)])

    lines = told.body.splitlines()
    assert ("critical: 100 alerts at once", "critical: the key is gone") == (told.title, lines[0])
    assert f"and {100 - len(lines[:-2])} more" == lines[-2]
    assert len(told.body) <= 1000
