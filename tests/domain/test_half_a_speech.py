"""Audio that has lost half of its text, under its own length: only its length can tell."""

from dataclasses import replace

import pytest

from ytempire.domain.speech import Sound, expected_seconds, wrong_sound

GOOD = Sound(4.7, 22_050, 0.1, 0.6, 0.0, 0.1)
TEXT = "The tide is out, and the boats lie on the sand until the water comes back. " * 4


@pytest.mark.parametrize(
    "text", [TEXT, TEXT[:80], "\u6f6e\u6c34\u9000\u4e86\uff0c\u8239\u8eba\u5728\u6c99\u6ee9\u4e0a\u3002" * 9]
)
def test_half_of_what_a_text_suggests_has_lost_some_of_it(text: str) -> None:
    expected = expected_seconds(text)

    assert "the text suggests about" in wrong_sound(text, replace(GOOD, seconds=expected * 0.5))
    assert "the text suggests about" in wrong_sound(text, replace(GOOD, seconds=expected * 0.55))


def test_a_fast_voice_is_not_half_a_speech() -> None:
    assert "" == wrong_sound(TEXT, replace(GOOD, seconds=expected_seconds(TEXT) * 0.65))


def test_a_figure_may_be_one_word_for_many_digits() -> None:
    text = "It cost 5,000,000,000 dollars."

    assert "" == wrong_sound(text, replace(GOOD, seconds=2.2))  # five billion, read aloud
    assert wrong_sound(text, replace(GOOD, seconds=1.0))
