"""What of a published video may be told otherwise, and how YouTube is told."""

import pytest

from tests.builders import NOW
from ytempire.domain.amendment import Amendment, snippet, wrong


def test_what_is_not_named_is_not_told() -> None:
    assert {"title": "Another"} == snippet(Amendment(title="Another"))
    assert {"title": "Another"} == Amendment(title="Another").named()


def test_everything_is_told_by_the_names_that_youtube_has_for_it() -> None:
    whole = Amendment("A title", "", ("one", "two"), "22", "pt-BR")

    assert {
        "title": "A title",
        "description": "",
        "tags": ["one", "two"],
        "categoryId": "22",
        "defaultLanguage": "pt-BR",
        "defaultAudioLanguage": "pt-BR",
    } == snippet(whole)


def test_tags_can_be_taken_away() -> None:
    assert {"tags": []} == snippet(Amendment(tags=()))


def test_to_change_nothing_is_refused() -> None:
    (refusal,) = wrong(Amendment(), NOW)

    assert ("publication", "nothing_named") == (refusal.field, refusal.code)


@pytest.mark.parametrize(
    ("amendment", "fields"),
    [
        (Amendment(title="x" * 101), ["title"]),
        (Amendment(title="a < b", description="é" * 2_501), ["title", "description"]),
        (Amendment(tags=("x" * 501,)), ["tags"]),
        (Amendment(title="A title", description="", tags=(), category="22", language="en"), []),
    ],
)
def test_what_youtube_would_not_take_is_refused_by_the_rules_for_new_videos(
    amendment: Amendment, fields: list[str]
) -> None:
    assert fields == [refusal.field for refusal in wrong(amendment, NOW)]
