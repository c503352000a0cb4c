"""The history of the schema, run by Alembic. Each revision stays as it was released."""
