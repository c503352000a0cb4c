"""Where a browser may come back to: the port that was asked for, and what the client has registered."""

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.entrypoints.consenting import (
    FIRST,
    PROJECT,
    asked,
    nothing_in_clear,
    unconnected,
    visit,
    write_client,
)
from tests.entrypoints.program import Installation
from ytempire.emulator import Emulator


@pytest.fixture
def place(tmp_path: Path, google: Emulator) -> Iterator[Installation]:
    """Two accounts that are not connected. At its end nothing of any secret is to be read anywhere."""
    made = unconnected(Installation(tmp_path), google)
    yield made
    assert [] == nothing_in_clear(made, google)


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def test_the_browser_comes_back_to_the_port_that_was_asked_for(place: Installation, google: Emulator) -> None:
    port = free_port()
    with asked(place, FIRST, "--port", port) as question:
        back = google.consent(question.address, account=FIRST)
        visit(back)
        ended = question.ended()

    assert 0 == ended.code
    assert port == urlsplit(back).port


def test_a_port_that_is_taken_is_said_before_anybody_is_sent_to_google(place: Installation) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ended = place.run("connect", FIRST, "--no-browser", "--port", other.getsockname()[1])

    assert 2 == ended.code
    assert "cannot be listened on" in ended.err
    assert "--port" in ended.err
    assert 1 == len(ended.lines())


def test_a_web_client_comes_back_to_its_registered_address(place: Installation, google: Emulator) -> None:
    address = f"http://localhost:{free_port()}/api/v1/auth/youtube/callback"
    google.change_client(PROJECT, kind="web", redirect_uris=("https://example.com/back", address))
    write_client(place, google)

    with asked(place, FIRST) as question:
        back = google.consent(question.address, account=FIRST)
        visit(back)
        ended = question.ended()

    assert 0 == ended.code, ended.err
    assert back.startswith(f"{address}?")


def test_a_web_client_that_cannot_come_back_here_is_told_what_to_register(
    place: Installation, google: Emulator
) -> None:
    google.change_client(PROJECT, kind="web", redirect_uris=("https://example.com/back",))
    write_client(place, google)

    ended = place.run("connect", FIRST, "--no-browser", "--wait", "1")

    assert 2 == ended.code
    assert "register http://localhost:8000/api/v1/auth/youtube/callback" in ended.err
    assert "Desktop app" in ended.err


def test_who_is_told_to_end_while_waiting_ends_as_with_ctrl_c(place: Installation) -> None:
    with asked(place, FIRST) as question:
        question.process.terminate()
        ended = question.ended()

    assert 130 == ended.code
    assert "interrupted" in ended.err
