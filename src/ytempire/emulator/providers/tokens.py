"""Counting tokens and money: four bytes are a token, and prices are in micro-dollars for a million of something."""

_BYTES_A_TOKEN = 4
_MILLION = 1_000_000


def tokens(text: str) -> int:
    """How many tokens a text is; none for an empty one."""
    return -(-len(text.encode()) // _BYTES_A_TOKEN)


def cut_to(text: str, most: int) -> str:
    """The beginning of a text that is no more than this many tokens."""
    return text.encode()[: most * _BYTES_A_TOKEN].decode(errors="ignore")


def price(amount: int, microdollars_a_million: int) -> int:
    """The price of an amount in whole micro-dollars, rounded up."""
    return -(-amount * microdollars_a_million // _MILLION)


def dollars(whole: float) -> int:
    """A list price in dollars as micro-dollars."""
    return round(whole * _MILLION)
