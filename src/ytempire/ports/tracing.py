"""Spans: what took how long, within what. For whoever collects traces; nothing depends on them."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Protocol

Attributes = Mapping[str, str | float]


class SpanKind(StrEnum):
    """Which end of a conversation it is."""

    INTERNAL = "internal"
    CLIENT = "client"
    SERVER = "server"


class Span(Protocol):
    """A span that is open. What is told of it holds no secret."""

    def tell(self, name: str, value: str | float) -> None:
        """Something that was learned meanwhile."""
        ...

    def failed(self, why: str) -> None:
        """It did not go well."""
        ...


class Tracer(Protocol):
    """Opens spans."""

    def span(
        self,
        name: str,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AbstractContextManager[Span]:
        """A span within the one that is open. `headers` of a request tell whose trace it belongs to.

        An error that passes through marks it as failed, by its kind alone, and passes on.
        """
        ...
