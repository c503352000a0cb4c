"""What a call costs: from the finer prices where they are configured, else nothing is known but the usual cost."""

from ytempire.domain.money import share
from ytempire.domain.scripts import ScriptOrder
from ytempire.ports.chains import Terms

_TOKENS_PER_WORD = 4
"""More than any common language needs; English takes 1.4."""

_THOUGHT = 2_000
"""Tokens that models think with before they write; they count as output."""


def of_characters(terms: Terms, count: int) -> int | None:
    """The price of so many characters; None when no such price is configured."""
    return share(terms.per_thousand_characters, count, 1000) if terms.per_thousand_characters else None


def of_tokens(terms: Terms, read: int, written: int) -> int | None:
    """The price of so many tokens in and out; None when no such prices are configured."""
    if not terms.per_million_input and not terms.per_million_output:
        return None
    return share(terms.per_million_input, read, 1_000_000) + share(
        terms.per_million_output, written, 1_000_000
    )


def most_tokens(terms: Terms, order: ScriptOrder) -> int:
    """The most tokens that a model may write for an order: the option `max_tokens`, or plenty for its words."""
    told = terms.options.get("max_tokens", "")
    return int(told) if told.isdecimal() and int(told) else order.words * _TOKENS_PER_WORD + _THOUGHT


def at_most(terms: Terms, prompt: str, written: int) -> int:
    """The most that a script costs; a token of a prompt has at least three characters, or as many bytes."""
    told = of_tokens(terms, -(-len(prompt.encode()) // 3) + 50, written)
    return terms.cost if told is None else told
