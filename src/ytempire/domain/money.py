"""Money as whole micro-dollars: 1 USD is 1,000,000. Fractions of one are rounded up, so that no sum is too small."""

from decimal import ROUND_CEILING, Context, Decimal, InvalidOperation

PER_USD = 1_000_000
_MOST = 1_000_000_000
"""A billion USD: whoever writes more means something else, and sums of it would not fit into a database."""

_UP = Context(prec=50, rounding=ROUND_CEILING)


def micro_dollars(usd: str | float) -> int:
    """So many micro-dollars is an amount in USD. Raises `ValueError` for what is no amount, or below 0."""
    try:
        amount = Decimal(str(usd))
    except InvalidOperation:
        raise ValueError(f"{usd!r} is no amount of money") from None
    if amount.is_nan() or amount > _MOST:
        raise ValueError(f"{usd!r} is no amount of money")
    if amount < 0:
        raise ValueError(f"{usd!r} is below 0")
    scaled = _UP.multiply(amount, Decimal(PER_USD))
    return int(scaled.to_integral_value(rounding=ROUND_CEILING))


def share(price: int, units: int, per: int) -> int:
    """What so many units cost at a price for `per` of them, rounded up."""
    return -(-price * units // per)


def usd(micro: int) -> str:
    """An amount for a person, with at least cents: `0.50`, `0.0004`."""
    cents = f"{Decimal(micro) / PER_USD:.6f}".rstrip("0")
    whole, _, fraction = cents.partition(".")
    return f"{whole}.{fraction.ljust(2, '0')}"
