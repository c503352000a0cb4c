"""What an intent of the store is made of: a generator that yields statements and is sent their rows.

A program knows neither the database nor the event loop; a driver runs it inside one transaction. Statements
are written once, with `:name` parameters, in the SQL that SQLite >= 3.35 and PostgreSQL >= 14 share.
Programs touch tables in one order (publications, sessions, grants, consents, webhooks, webhook_secrets, letters,
vault_keys, reservations, accounts, account_days, ledger, outcomes, lessons, breakers, vitals, spend, spend_days,
chain_calls, drills, events), so that two of them never wait for each other on a database that locks by row.
"""

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

from ytempire.domain.values import Mendable, StoreGone

T = TypeVar("T")
Row: TypeAlias = Sequence[Any]


NAME = re.compile(r"(?<!:):([a-z_][a-z0-9_]*)")
"""A parameter in a statement."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement and its parameters by name: texts, integers or None.

    Its answer is its rows; that of a change without `RETURNING` is one empty row for each row it changed,
    which is all that most conditions must know and half as dear to ask.
    """

    sql: str
    params: Mapping[str, str | int | None]


Program: TypeAlias = Generator[Statement, Sequence[Row], T]


def whole(value: str | int | None) -> str | int | None:
    """A parameter as every database can hold it: halves of characters (from the name of a file in another coding)
    become question marks.
    """
    return value.encode(errors="replace").decode() if isinstance(value, str) else value


class Undone(Exception):
    """Raised by a program to take back everything it wrote; `answer` is what its caller is told."""

    def __init__(self, answer: object) -> None:
        super().__init__(answer)
        self.answer = answer


class StoreError(Mendable):
    """The store cannot do what was asked; the message says why and what to do."""


class Unreachable(StoreError, StoreGone):
    """The server of the store is not there now; the same works when it is back."""


class Driver(Protocol):
    """Runs programs. Each call makes its program anew, so that it can be run again after a lost race."""

    async def write(self, make: Callable[[], Program[T]]) -> T:
        """Runs a program in one transaction of its own effect; durable when it returns."""
        ...

    async def read(self, make: Callable[[], Program[T]]) -> T:
        """Runs a program that only reads, on one consistent view; never waits for writers."""
        ...

    async def close(self) -> None:
        """Ends what is running and lets go of the database."""
        ...


def run(statement_runner: Callable[[Statement], Sequence[Row]], program: Program[T]) -> T:
    """Runs a program to its end with a function that runs one statement."""
    rows: Sequence[Row] | None = None
    try:
        while True:
            statement = next(program) if rows is None else program.send(rows)
            rows = statement_runner(statement)
    except StopIteration as end:
        answer: T = end.value
        return answer
