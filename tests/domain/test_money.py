"""Money: whole micro-dollars, never a fraction too little."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytempire.domain.money import PER_USD, micro_dollars, share, usd


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0", 0),
        (0.0, 0),
        ("-0", 0),
        ("0.50", 500_000),
        (0.1, 100_000),
        (0.30000000000000004, 300_001),
        ("0.000001", 1),
        ("0.0000001", 1),
        ("1e-400", 1),
        ("1e-99999999", 1),
        ("0.5000000000000000000000000000000000001", 500_001),
        ("1000000000", 10**15),
        (" 1_000.5 ", 1_000_500_000),
        (7, 7_000_000),
    ],
)
def test_an_amount_is_read_to_the_last_digit_and_rounded_up(amount: str | float, expected: int) -> None:
    assert expected == micro_dollars(amount)


@pytest.mark.parametrize(
    "amount",
    ["", "a dollar", "1,50", "$1", "nan", "sNaN", "inf", "1000000000.01", "1e999999", "1e99999999", "0x10"],
)
def test_what_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="is no amount of money"):
        micro_dollars(amount)


@pytest.mark.parametrize("amount", ["-1", -0.5, "-0.0000001", "-inf", "-1e-400", "-1e99999999"])
def test_less_than_nothing_is_refused(amount: str | float) -> None:
    with pytest.raises(ValueError, match="is below 0"):
        micro_dollars(amount)


@given(st.integers(0, 10**15))
def test_an_amount_that_is_told_is_read_as_the_same(micro: int) -> None:
    assert micro == micro_dollars(usd(micro))


@pytest.mark.parametrize(
    ("price", "units", "per", "expected"),
    [
        (0, 5, 1000, 0),
        (15, 0, 1000, 0),
        (15, 1, 1000, 1),
        (15, 1000, 1000, 15),
        (15, 1001, 1000, 16),
        (1, 1, 10**6, 1),
    ],
)
def test_a_share_is_rounded_up(price: int, units: int, per: int, expected: int) -> None:
    assert expected == share(price, units, per)


@given(st.integers(0, 10**9), st.integers(0, 10**7), st.sampled_from([1_000, 1_000_000]))
def test_a_share_is_never_too_small_and_less_than_one_too_large(price: int, units: int, per: int) -> None:
    assert 0 <= share(price, units, per) - Decimal(price) * units / per < 1


@pytest.mark.parametrize(
    ("micro", "expected"),
    [
        (0, "0.00"),
        (1, "0.000001"),
        (400, "0.0004"),
        (500_000, "0.50"),
        (1_230_000, "1.23"),
        (10 * PER_USD, "10.00"),
        (123_456_789_000_000, "123456789.00"),
        (-500_000, "-0.50"),
    ],
)
def test_an_amount_is_told_with_at_least_cents(micro: int, expected: str) -> None:
    assert expected == usd(micro)
