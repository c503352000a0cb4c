"""Long texts in pieces: nothing lost, nothing too long, cut where a voice would pause."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytempire.domain.sentences import pieces

ASKED = "\u0645\u0631\u062d\u0628\u0627 \u0628\u0643\u0645\u061f"
BEGUN = "\u0646\u0628\u062f\u0623 \u0627\u0644\u0622\u0646."
FINE = "\u4eca\u5929\u5929\u6c14\u5f88\u597d\u3002"
CHINESE = f"{FINE}\u6211\u4eec\u53bb\u516c\u56ed\u5427\uff01\u4f60\u6765\u5417\uff1f"
QUOTED = "\u597d\u3002\u300d"


def bare(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        ("", 10, ()),
        (" \n\t\u3000 ", 10, ()),
        ("Short.", 10, ("Short.",)),
        ("  Short.  ", 10, ("Short.",)),
        ("exactly 10", 10, ("exactly 10",)),
        ("One two.\n\nThree four.", 12, ("One two.", "Three four.")),
        ("One two.\n\nThree.", 16, ("One two.\n\nThree.",)),
        ("One two. Three four. Five.", 15, ("One two.", "Three four.", "Five.")),
        ("One. Two. Three. Four.", 11, ("One. Two.", "Three.", "Four.")),
        ('He said "no." She left.', 14, ('He said "no."', "She left.")),
        ("Wait... what?! Yes.", 14, ("Wait... what?!", "Yes.")),
        ("One two, three four", 10, ("One two,", "three four")),
        ("one two three four", 9, ("one two", "three", "four")),
        ("abcdefghijklmnop", 8, ("abcdefgh", "ijklmnop")),
        ("Hi abcdefghijklmnop yes", 8, ("Hi", "abcdefgh", "ijklmnop", "yes")),
        ("One.\n\n   two three four", 10, ("One.", "two three", "four")),
        ("Version 3.14 is out", 12, ("Version 3.14", "is out")),
        ("A.B.C.D.E.F.G.H", 8, ("A.B.C.D.", "E.F.G.H")),
        (CHINESE, 8, (CHINESE[:7], CHINESE[7:14], CHINESE[14:])),
        (f"{QUOTED}{FINE}", 8, (QUOTED, FINE)),
        (f"\u597d\uff0c{FINE}", 8, ("\u597d\uff0c", FINE)),
        (f"{ASKED} {BEGUN}", 12, (ASKED, BEGUN)),
    ],
)  # fmt: skip
def test_a_text_is_cut_where_a_voice_pauses(text: str, longest: int, expected: tuple[str, ...]) -> None:
    assert expected == pieces(text, longest)


def test_the_largest_pause_that_is_enough_is_taken() -> None:
    text = "First one. And more.\n\nSecond one, with a comma. The end."

    assert ("First one. And more.", "Second one, with a comma. The end.") == pieces(text, 34)
    assert ("First one. And more.", "Second one, with a comma.", "The end.") == pieces(text, 25)


def test_a_limit_in_bytes_counts_bytes_and_cuts_no_character() -> None:
    emoji = "\U0001f600" * 10

    assert ("\U0001f600\U0001f600",) * 5 == pieces(emoji, 8, in_bytes=True)
    assert ("\u00e9" * 4,) * 2 + ("\u00e9" * 2,) == pieces("\u00e9" * 10, 16, in_bytes=True)


@pytest.mark.parametrize("longest", [7, 0, -1])
def test_pieces_that_are_too_small_for_text_are_refused(longest: int) -> None:
    with pytest.raises(ValueError, match="too small for text"):
        pieces("text", longest)


SOME_TEXT = st.text(
    alphabet=st.sampled_from(
        "ab .,!?;:\"')\n\t\r\u3002\uff01\uff1f\u300d\u2014\u2026\u00e9\u4f60\U0001f600\u0645\u061f"
        "\u200f\u00a0\u0301"
    ),
    max_size=300,
)  # fmt: skip


@given(SOME_TEXT, st.integers(8, 60), st.booleans())
def test_nothing_is_lost_but_blanks_and_nothing_is_too_long(text: str, longest: int, in_bytes: bool) -> None:
    found = pieces(text, longest, in_bytes=in_bytes)

    assert bare(text) == bare("".join(found))
    assert all((len(each.encode()) if in_bytes else len(each)) <= longest for each in found)
    assert all(each.strip() for each in found)


@given(st.lists(st.text(alphabet="abc", min_size=1, max_size=9), max_size=60), st.integers(9, 40))
def test_no_word_that_fits_is_cut(words: list[str], longest: int) -> None:
    assert words == " ".join(pieces(" ".join(words), longest)).split()


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "a " * 200_000,
        "\n" * 500_000 + "a" + "\n" * 500_000,
        "\n \t" * 300_000 + "end",
        "." * 1_000_000,
        ".'\"" * 300_000,
        "." + "'" * 1_000_000,
        "\u3002" * 300_000,
        ", " * 200_000,
        "\u4f60" * 300_000,
    ],
    ids=lambda text: repr(text[:4]),
)
def test_a_megabyte_of_anything_is_cut_in_a_few_seconds(text: str) -> None:
    began = time.process_time()

    found = pieces(text, 4_000, in_bytes=True)

    assert time.process_time() - began < 20
    assert bare(text) == bare("".join(found))
