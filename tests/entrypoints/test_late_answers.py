"""A consent that outlives the `connect` that began it: its answer is good later, for its own account, once."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.entrypoints.consenting import FIRST, SECOND, asked, nothing_in_clear, tokens, unconnected
from tests.entrypoints.program import Installation
from ytempire.emulator import Emulator


@pytest.fixture
def place(tmp_path: Path, google: Emulator) -> Iterator[Installation]:
    made = unconnected(Installation(tmp_path), google)
    yield made
    assert [] == nothing_in_clear(made, google)


def left_unfinished(place: Installation, google: Emulator, account: str = FIRST) -> str:
    """A consent whose program was killed before the browser came back; the address it then ended at."""
    with asked(place, account) as question:
        os.kill(question.process.pid, signal.SIGKILL)
        question.process.wait()
        return google.consent(question.address, account=account)


def test_a_consent_begun_before_a_restart_is_good_after_it(place: Installation, google: Emulator) -> None:
    back = left_unfinished(place, google)

    with asked(place, FIRST) as question:
        ended = question.ended(f"{back}\n")

    assert 0 == ended.code, ended.err
    assert (FIRST, "primary") in tokens(place)


def test_the_answer_may_come_from_a_file(place: Installation, google: Emulator) -> None:
    back = left_unfinished(place, google)
    (place.folder / "answer.txt").write_text(f"not this\n{back}")  # and no line end

    with (
        (place.folder / "answer.txt").open() as file,
        asked(place, FIRST, "--wait", "5", given=file) as question,
    ):
        ended = question.ended()

    assert 0 == ended.code, ended.err


def test_an_answer_for_another_account_is_refused_and_still_good_for_its_own(
    place: Installation, google: Emulator
) -> None:
    back = left_unfinished(place, google)

    with asked(place, SECOND, "--wait", "1") as question:
        foreign = question.ended(f"{back}\n")
    with asked(place, FIRST) as question:
        own = question.ended(f"{back}\n")

    assert 6 == foreign.code
    assert "it was begun for another account" in foreign.err
    assert 0 == own.code, own.err
    assert {(FIRST, "primary")} == set(tokens(place))


def test_an_answer_connects_once(place: Installation, google: Emulator) -> None:
    with asked(place, FIRST) as question:
        back = google.consent(question.address, account=FIRST)
        assert 0 == question.ended(f"{back}\n{back}\n").code

    with asked(place, FIRST, "--wait", "1") as question:
        ended = question.ended(f"{back}\n")

    assert 6 == ended.code
    assert "was used already" in ended.err
    assert 1 == sum(event.kind == "code_exchanged" for event in google.journal.since(0))
