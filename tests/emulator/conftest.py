"""One emulator per test, with one project and one channel."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulator.peer import Json, Raw, google_client
from ytempire.emulator import Emulator


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator.in_thread() as running:
        running.create_project("main")
        yield running


@pytest.fixture
def token(emulator: Emulator) -> Json:
    return emulator.create_account("one", "main", title="Channel One")


@pytest.fixture
def raw(emulator: Emulator, token: Json) -> Raw:
    return Raw(emulator, token)


@pytest.fixture
def youtube(emulator: Emulator, token: Json) -> Iterator[Any]:
    service = google_client(emulator, token)
    yield service
    service.close()
