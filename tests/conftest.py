"""Fixtures for every tier. Servers start when a test first asks for one, never before."""

pytest_plugins = ["tests.fixtures.postgres", "tests.fixtures.valkey"]
