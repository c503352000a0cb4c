"""How long to wait before trying again."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW
from ytempire.domain.retry import LONGEST_WISH, backoff, wished_delay

SECOND = timedelta(seconds=1)
CAP = timedelta(minutes=5)


@pytest.mark.parametrize(
    ("tries", "span"),
    [(0, 1), (1, 1), (2, 2), (3, 4), (9, 256), (10, 300), (1_000, 300)],
)
def test_the_span_doubles_up_to_the_cap(tries: int, span: int) -> None:
    assert timedelta(seconds=span) == backoff(tries, base=SECOND, cap=CAP, dice=1.0)


def test_the_lowest_throw_still_waits_a_tenth() -> None:
    assert timedelta(seconds=0.4) == backoff(3, base=SECOND, cap=CAP, dice=0.0)
    assert timedelta(seconds=2.2) == backoff(3, base=SECOND, cap=CAP, dice=0.5)


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_a_delay_is_never_nothing_and_never_beyond_the_cap(tries: int, dice: float) -> None:
    assert SECOND / 10 <= backoff(tries, base=SECOND, cap=CAP, dice=dice) <= CAP


@pytest.mark.parametrize(
    ("header", "delay"),
    [
        (None, None),
        ("0", timedelta(0)),
        ("7", timedelta(seconds=7)),
        (" 120 ", timedelta(minutes=2)),
        ("3600", LONGEST_WISH),
        ("3601", LONGEST_WISH),
        ("9" * 400, LONGEST_WISH),
        ("9" * 9_999, None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        ("Fri, 20 Nov 2026 18:00:30 +" + "9" * 20, None),
        ("Fri, 20 Nov 2026 " + "9" * 20 + ":00:30 GMT", None),
        ("-1", None),
        ("1.5", None),
        ("", None),
        ("soon", None),
        ("Fri, 99 Foo 2026 18:00:00 GMT", None),
        ("Fri, 20 Nov 2026 18:00:30 GMT", timedelta(seconds=30)),
        ("Fri, 20 Nov 2026 18:00:30 -0000", timedelta(seconds=30)),
        ("Fri, 20 Nov 2026 19:00:30 +0100", timedelta(seconds=30)),
        ("Fri, 20 Nov 2026 17:00:00 GMT", timedelta(0)),
        ("Fri, 20 Nov 2099 17:00:00 GMT", LONGEST_WISH),
    ],
)
def test_a_wish_is_read_and_clamped(header: str | None, delay: timedelta | None) -> None:
    assert delay == wished_delay(header, NOW)


@given(st.text(max_size=40))
def test_no_header_breaks_it(header: str) -> None:
    delay = wished_delay(header, NOW)

    assert delay is None or timedelta(0) <= delay <= LONGEST_WISH


@given(st.datetimes(datetime(1971, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_any_date_is_a_wish(moment: datetime) -> None:
    delay = wished_delay(format_datetime(moment, usegmt=True), NOW)

    assert max(timedelta(0), min(moment.replace(microsecond=0) - NOW, LONGEST_WISH)) == delay


def test_who_may_be_waited_for_longer_says_how_long() -> None:
    day = timedelta(days=1)

    assert timedelta(hours=5) == wished_delay("18000", NOW, longest=day)
    assert day == wished_delay("9" * 400, NOW, longest=day)
    assert day == wished_delay("Fri, 20 Nov 2099 17:00:00 GMT", NOW, longest=day)
