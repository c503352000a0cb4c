"""Empty databases on a PostgreSQL server, for measurements and campaigns."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql


@contextmanager
def empty_database(server: str, name: str) -> Iterator[str]:
    """The address of a new database of this name, dropped in the end, as one that was left behind is at first.

    `server` is the address of any database there (`postgresql://user@host:port/postgres`) of one who may make others.
    """
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(drop)
