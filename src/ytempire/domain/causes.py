"""Why an error happened: the chain of its causes, and the first of them that says something."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

E = TypeVar("E", bound=BaseException)
_DEEPEST = 10
"""Causes behind one another; more tell nothing, and a chain may bite its own tail."""


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what caused it, also the several causes of a failed attempt at several addresses."""
    seen = 0
    while error is not None and seen < _DEEPEST:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for one in error.exceptions:
                yield from causes(one)
        error, seen = error.__cause__ or error.__context__, seen + 1


def first_of(kind: type[E], error: BaseException) -> E | None:
    """The first cause of a kind; None when there is none."""
    return next((cause for cause in causes(error) if isinstance(cause, kind)), None)


def first_told(error: BaseException, words: Sequence[tuple[type[BaseException], str]]) -> str | None:
    """The words for the first cause that has some, of several for it the first; None when none has."""
    return next(
        (text for cause in causes(error) for kind, text in words if isinstance(cause, kind)),
        None,
    )
