"""Tells Alembic to work on the connection it was handed, inside the transaction that is already open."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
