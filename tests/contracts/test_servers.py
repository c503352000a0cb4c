"""The servers that the port suites run on are real and answer."""

import asyncpg

from tests.fixtures.postgres import PostgresServer
from tests.fixtures.valkey import ValkeyServer


async def test_postgres_answers_through_asyncpg(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    try:
        assert 1 == await connection.fetchval("SELECT 1")
    finally:
        await connection.close()


async def test_a_database_made_from_a_template_holds_what_the_template_held(
    postgres_server: PostgresServer,
) -> None:
    template = postgres_server.create_database()
    connection = await asyncpg.connect(postgres_server.url(template))
    await connection.execute("CREATE TABLE kept (word text); INSERT INTO kept VALUES ('here')")
    await connection.close()

    copy = postgres_server.create_database(template=template)

    connection = await asyncpg.connect(postgres_server.url(copy))
    assert "here" == await connection.fetchval("SELECT word FROM kept")
    await connection.close()


def test_valkey_answers_on_a_raw_socket(valkey_server: ValkeyServer) -> None:
    assert "+PONG" == valkey_server.ask("PING")


def test_each_test_finds_valkey_empty(valkey_server: ValkeyServer, valkey_url: str) -> None:
    assert valkey_url.startswith("unix:///")
    assert ":0" == valkey_server.ask("DBSIZE")
