"""Secrets, refusals and moments."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ytempire.domain.values import Refusal, Refused, Secret, sealed_by, utc


def test_a_secret_shows_itself_only_when_asked() -> None:
    secret = Secret("hunter2")

    assert "hunter2" not in f"{secret} {secret!r} {[secret]}"
    assert "hunter2" == secret.reveal()
    assert Secret("hunter2") == secret
    assert Secret("other") != secret


def test_a_refusal_says_what_is_wrong_and_what_to_do() -> None:
    refusal = Refusal("title", "too_long", "it has 101 characters", "use at most 100")

    assert "title: it has 101 characters; use at most 100" == refusal.sentence()


def test_refused_carries_every_refusal() -> None:
    first = Refusal("title", "a", "wrong", "mend it")
    second = Refusal("tags", "b", "wrong too", "mend them")

    error = Refused(first, second)

    assert (first, second) == error.refusals
    assert "title: wrong; mend it\ntags: wrong too; mend them" == str(error)


def test_a_moment_becomes_the_same_moment_in_utc() -> None:
    moment = datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))

    assert datetime(2025, 12, 31, 23, tzinfo=UTC) == utc(moment)
    assert UTC is utc(moment).tzinfo


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="2026-01-01T01:00:00"):
        utc(datetime(2026, 1, 1, 1))  # noqa: DTZ001  the mistake under test


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"])
def test_a_moment_that_utc_has_no_year_for_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="outside the calendar"):
        utc(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("yt1.0123456789ab.body", "0123456789ab"),
        ("a.b.c", "b"),
        ("marked:bWFya2Vk", ""),
        ("", ""),
        ("a.b", ""),
        ("a.b.c.d", ""),
        ("..", ""),
    ],
)
def test_a_sealed_text_tells_its_key_in_the_middle_of_three(text: str, key: str) -> None:
    assert key == sealed_by(text)
