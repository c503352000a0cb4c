"""YouTube's limits on title, description, tags and the rest: everything wrong at once, nothing cut."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW
from ytempire.domain.metadata import counted_tags, language, priority, refusals
from ytempire.domain.publication import Metadata, Privacy

LATER = NOW + timedelta(days=1)
LETTERS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="<>")
"""Any character of any script that may stand in a title."""


def codes(metadata: Metadata) -> list[str]:
    return [refusal.code for refusal in refusals(metadata, now=NOW)]


def tagged(*tags: str) -> list[str]:
    return codes(Metadata("A title", tags=tags))


def test_sound_metadata_is_refused_nothing() -> None:
    metadata = Metadata(
        "Häuser & Gärten",
        description="Zeile eins\nZeile zwei\t→\r\n",
        tags=("haus", "garten und hof"),
        category="27",
        language="de-AT",
        publish_at=LATER,
    )

    assert () == refusals(metadata, now=NOW)


@given(st.text(LETTERS, min_size=100, max_size=100).filter(str.strip))
def test_a_title_of_100_characters_is_accepted_in_any_script(title: str) -> None:
    assert [] == codes(Metadata(title))


@given(st.text(LETTERS, min_size=101, max_size=101).filter(str.strip))
def test_a_title_of_101_characters_is_refused_in_any_script(title: str) -> None:
    assert ["title_too_long"] == codes(Metadata(title))


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("", ["title_empty"]),
        (" \u2003", ["title_empty"]),
        (" " * 101, ["title_empty", "title_too_long"]),
        ("🎬" * 100, []),
        ("a < b", ["angle_brackets"]),
        ("a > b", ["angle_brackets"]),
        ("a\x00b", ["control_characters"]),
        ("a\x1fb", ["control_characters"]),
        ("a\x7fb", ["control_characters"]),
        ("half \ud83d", ["broken_unicode"]),
        ("the other half \udfff", ["broken_unicode"]),
        ("two\nlines", ["title_lines"]),
        ("two\rlines", ["title_lines"]),
        ("tab\there", []),
        ("<\x00\n\ud800", ["angle_brackets", "control_characters", "broken_unicode", "title_lines"]),
    ],
)
def test_a_title_is_refused_for_everything_wrong_with_it(title: str, expected: list[str]) -> None:
    assert expected == codes(Metadata(title))


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("", []),
        ("a" * 5_000, []),
        ("a" * 5_001, ["description_too_long"]),
        ("ä" * 2_500, []),
        ("ä" * 2_500 + "a", ["description_too_long"]),
        ("🎬" * 1_250, []),
        ("🎬" * 1_250 + "a", ["description_too_long"]),
        ("see <here>", ["angle_brackets"]),
        ("bell \x07", ["control_characters"]),
        ("half \ud83d", ["broken_unicode"]),
    ],
)
def test_a_description_is_measured_in_bytes(description: str, expected: list[str]) -> None:
    assert expected == codes(Metadata("A title", description=description))


@pytest.mark.parametrize(
    ("tags", "counted"),
    [
        ((), 0),
        (("foo",), 3),
        (("Foo Baz",), 9),
        (("foo", "bar"), 7),
        (("Foo Baz", "bar"), 13),
        (("a b", "c d", "e"), 13),
        (("🎬",), 1),
    ],
)
def test_tags_are_counted_with_commas_between_and_quotes_around_blanks(
    tags: tuple[str, ...], counted: int
) -> None:
    assert counted == counted_tags(tags)


@given(st.lists(st.text(st.characters(exclude_characters=","), min_size=1)))
def test_tags_count_as_long_as_the_line_youtube_would_write(tags: list[str]) -> None:
    line = ",".join(f'"{tag}"' if " " in tag else tag for tag in tags)

    assert len(line) == counted_tags(tuple(tags))


@given(st.lists(st.text(st.sampled_from("abc ä"), min_size=1, max_size=90).filter(str.strip), max_size=12))
def test_tags_are_too_long_beyond_500_and_only_there(tags: list[str]) -> None:
    assert (["tags_too_long"] if counted_tags(tuple(tags)) > 500 else []) == tagged(*tags)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (("a" * 500,), []),
        (("a" * 501,), ["tags_too_long"]),
        (("a" * 497 + " ",), []),
        (("a" * 498 + " ",), ["tags_too_long"]),
        (("a" * 250, "b" * 249), []),
        (("a" * 250, "b" * 250), ["tags_too_long"]),
        (("fine", ""), ["tag_empty"]),
        ((" ",), ["tag_empty"]),
        (("one, two",), ["tag_comma"]),
        (("<b>",), ["angle_brackets"]),
        (("\x00", "\ud800"), ["control_characters", "broken_unicode"]),
    ],
)
def test_each_tag_is_judged_and_all_together(tags: tuple[str, ...], expected: list[str]) -> None:
    assert expected == tagged(*tags)


@pytest.mark.parametrize("category", ["22", "1", "0027"])
def test_a_category_is_a_number(category: str) -> None:
    assert [] == codes(Metadata("A title", category=category))


@pytest.mark.parametrize("category", ["", "People & Blogs", "-1", "2.0", " 22", "²", "٢٢"])
def test_what_is_no_number_is_no_category(category: str) -> None:
    assert ["category_unknown"] == codes(Metadata("A title", category=category))


@pytest.mark.parametrize("tag", [None, "en", "pt-BR", "zh-Hans-CN", "fil", "sr-Latn", "es-419"])
def test_a_language_is_shaped_like_a_tag(tag: str | None) -> None:
    assert [] == list(language("language", tag))
    assert [] == codes(Metadata("A title", language=tag))


@pytest.mark.parametrize("tag", ["", "e", "english", "en_US", "en-", "en-\n", "ён", "12"])
def test_what_is_no_language_tag_is_refused(tag: str) -> None:
    assert ["language_unknown"] == codes(Metadata("A title", language=tag))
    assert ["captions"] == [refusal.field for refusal in language("captions", tag)]


@pytest.mark.parametrize(
    ("privacy", "after_now", "expected"),
    [
        (Privacy.PRIVATE, timedelta(seconds=1), []),
        (Privacy.PRIVATE, timedelta(0), ["publish_at_past"]),
        (Privacy.PUBLIC, timedelta(hours=1), ["publish_at_contradiction"]),
        (Privacy.UNLISTED, timedelta(hours=1), ["publish_at_contradiction"]),
        (Privacy.PUBLIC, timedelta(hours=-1), ["publish_at_contradiction", "publish_at_past"]),
    ],
)
def test_a_moment_to_appear_lies_ahead_and_the_video_is_private_until_then(
    privacy: Privacy, after_now: timedelta, expected: list[str]
) -> None:
    assert expected == codes(Metadata("A title", privacy=privacy, publish_at=NOW + after_now))


@pytest.mark.parametrize("privacy", Privacy)
def test_without_a_moment_any_visibility_is_fine(privacy: Privacy) -> None:
    assert [] == codes(Metadata("A title", privacy=privacy))


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, ["priority_range"]), (1, []), (5, []), (10, []), (11, ["priority_range"]), (-5, ["priority_range"])],
)
def test_a_priority_is_from_1_to_10(value: int, expected: list[str]) -> None:
    assert expected == [refusal.code for refusal in priority(value)]


def test_everything_wrong_is_told_at_once_and_how_to_mend_it() -> None:
    metadata = Metadata(
        "", "<", tags=("",), category="x", language="?", privacy=Privacy.PUBLIC, publish_at=NOW
    )
    found = refusals(metadata, now=NOW)

    expected = "title description tags category language publish_at publish_at"
    assert expected.split() == [refusal.field for refusal in found]
    assert all(refusal.message and refusal.remedy for refusal in found)
