"""One emulator per test, with one project and one channel."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulator.peer import Json, Raw, google_client
from tests.emulator.person import Person
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


@pytest.fixture
def person(emulator: Emulator) -> Person:
    emulator.add_account("anna", "main", title="Anna <b>cooks</b>", email="anna@example.com")
    emulator.add_account("bert", "main", title="Bert builds")
    return Person(emulator)


@pytest.fixture
def secrets(emulator: Emulator) -> Json:
    return emulator.client_secrets("main")
