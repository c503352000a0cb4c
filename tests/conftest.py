"""Fixtures for every tier. Servers start when a test first asks for one, never before."""

import os
import signal
import sys
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.entrypoints.forked import MEASURE

pytest_plugins = ["tests.fixtures.postgres", "tests.fixtures.valkey", "tests.fixtures.chains"]

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

# A shell has what it starts in the background ignore Ctrl-C, and so would every program that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config: pytest.Config) -> None:
    """Of what tests start only that is measured which asks for it, as `forked` does: it doubles the cost."""
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        os.environ[MEASURE] = os.environ.pop("COVERAGE_PROCESS_CONFIG", "")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Runs a test that is `unmeasured` without the tracer, which doubles what it costs and would add no line."""
    if item.get_closest_marker("unmeasured") is None:
        return (yield)
    measuring = sys.gettrace()
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(measuring)
