"""Counts in sentences."""

import pytest

from ytempire.domain.counting import are, counted, were


@pytest.mark.parametrize(
    ("number", "told"), [(0, "0 videos"), (1, "1 video"), (2, "2 videos"), (1_000, "1,000 videos")]
)
def test_one_is_told_of_in_the_singular(number: int, told: str) -> None:
    assert told == counted(number, "video")


def test_a_noun_may_have_a_plural_of_its_own() -> None:
    assert ("1 entry", "2 entries") == (counted(1, "entry", "entries"), counted(2, "entry", "entries"))


def test_verbs_go_with_their_number() -> None:
    assert ["are", "is", "are"] == [are(number) for number in range(3)]
    assert ["were", "was", "were"] == [were(number) for number in range(3)]
