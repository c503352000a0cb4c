"""Names that were meant, and sentences that go on."""

import pytest

from ytempire.domain.slips import followed, meant


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("lst", "did you mean list?"),
        ("list", "did you mean list?"),
        ("xyzzy", "known are list, show"),
        ("", "known are list, show"),
    ],
)
def test_a_close_name_is_asked_for_and_else_the_names_are_told(name: str, told: str) -> None:
    assert told == meant(name, ("list", "show"), "known are list, show")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("there is no such thing", "there is no such thing; see the list"),
        ("there is none; did you mean it?", "there is none; did you mean it? See the list"),
        ("It is over.", "It is over. See the list"),
        ("stop!", "stop! See the list"),
    ],
)
def test_what_follows_a_question_is_a_sentence_of_its_own(text: str, told: str) -> None:
    assert told == followed(text, "see the list")
