"""What a person wrote becomes a draft, or everything that makes no sense is told at once."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW
from tests.strategies import json_values
from ytempire.domain.drafts import FIELDS, CaptionDraft, Catalogue, Draft, judge, parse
from ytempire.domain.publication import License, Metadata, Privacy, Target
from ytempire.domain.values import AccountId, Refused

HOUR = timedelta(hours=1)
CATALOGUE = Catalogue(frozenset({"main", "second"}), frozenset({"news"}), frozenset({"Season one"}))
PLAYLIST = "PLabcdefghij0123456789"


def read(**fields: object) -> Draft:
    """A row with a file and these fields."""
    return parse({"file": "/v/one.mp4", **fields})


def complaints(row: dict[str, object]) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        parse(row)
    assert all(refusal.message and refusal.remedy for refusal in refused.value.refusals)
    return [(refusal.field, refusal.code) for refusal in refused.value.refusals]


def complaint(**fields: object) -> list[tuple[str, str]]:
    return complaints({"file": "/v/one.mp4", **fields})


def test_a_file_alone_is_a_draft_with_its_name_as_title() -> None:
    assert Draft("/v/My film.final.mp4", Metadata("My film.final")) == parse({"file": "/v/My film.final.mp4"})


@pytest.mark.parametrize(
    ("file", "title"),
    [("a.mp4", "a"), ("C:\\films\\b.mov", "b"), ("/v/c", "c"), ("d.e/f.g.mp4", "f.g"), ("/v/.mp4", "")],
)
def test_the_title_is_the_name_of_the_file_without_its_ending(file: str, title: str) -> None:
    assert title == parse({"file": file}).metadata.title


def test_every_field_is_read() -> None:
    row = {
        "file": "/v/one.mp4",
        "title": "One",
        "description": "About one",
        "tags": "a, b c ,,",
        "category": "27",
        "language": "de",
        "privacy": "private",
        "publish_at": "2026-12-24T18:00:00-08:00",
        "made_for_kids": "no",
        "synthetic_media": "yes",
        "license": "creativeCommon",
        "notify_subscribers": "off",
        "thumbnail": "/v/one.png",
        "captions": "en:/v/en.srt, de:C:\\v\\de.srt",
        "playlists": ["Season one", PLAYLIST],
        "priority": "2",
        "not_before": "2026-12-01T00:00:00Z",
        "deadline": "2026-12-20T00:00:00+00:00",
        "account": "main",
        "group": "news",
        "idempotency_key": "key-1",
        "again": "1",
    }
    assert set(FIELDS) == set(row)

    metadata = Metadata(
        "One", "About one", ("a", "b c"), "27", "de", Privacy.PRIVATE, datetime(2026, 12, 25, 2, tzinfo=UTC),
        made_for_kids=False, synthetic_media=True, license=License.CREATIVE_COMMON, notify_subscribers=False,
    )  # fmt: skip
    expected = Draft(
        "/v/one.mp4",
        metadata,
        "/v/one.png",
        (CaptionDraft("/v/en.srt", "en"), CaptionDraft("C:\\v\\de.srt", "de")),
        ("Season one", PLAYLIST),
        Target(AccountId("main"), "news"),
        2,
        datetime(2026, 12, 1, tzinfo=UTC),
        datetime(2026, 12, 20, tzinfo=UTC),
        "key-1",
        again=True,
    )
    assert expected == parse(row)


@pytest.mark.parametrize("nothing", [None, ""])
def test_an_empty_field_is_one_that_was_not_given(nothing: object) -> None:
    assert read() == read(**dict.fromkeys(FIELDS[1:], nothing))


def test_a_text_is_kept_as_it_was_written() -> None:
    assert " Häuser 🎬 " == read(title=" Häuser 🎬 ").metadata.title
    assert "2001" == read(title=2001).metadata.title
    assert "1.5" == read(title=1.5).metadata.title
    assert "0" == read(title=0).metadata.title


@pytest.mark.parametrize("tags", ["a, b c", " a ,b c,", ["a", "b c"], ("a", " b c "), ["a", "", "b c", " "]])
def test_a_list_may_be_written_with_commas_or_as_a_list(tags: object) -> None:
    assert ("a", "b c") == read(tags=tags).metadata.tags


def test_numbers_may_stand_in_a_list() -> None:
    assert ("2026", "7") == read(tags=[2026, "7"]).metadata.tags


@pytest.mark.parametrize("tags", [{"a": 1}, 7, True, [None], [["a"]], [1.5], [True], ["news", False]])
def test_what_is_no_list_of_texts_is_refused(tags: object) -> None:
    assert [("tags", "tags_unreadable")] == complaint(tags=tags)


@pytest.mark.parametrize("word", ["true", "Yes", " ON ", "1", 1, True])
def test_yes_is_said_in_several_words(word: object) -> None:
    assert read(made_for_kids=word).metadata.made_for_kids is True


@pytest.mark.parametrize("word", ["false", "No", " off ", "0", 0, False])
def test_so_is_no(word: object) -> None:
    assert read(made_for_kids=word).metadata.made_for_kids is False


def test_what_nobody_declared_is_not_declared() -> None:
    assert None is read().metadata.made_for_kids
    assert None is read().metadata.synthetic_media
    assert read().metadata.notify_subscribers
    assert not read().again


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-20T18:00:00Z",
        "2026-11-20 19:00+01:00",
        "20261120T100000-0800",
        NOW,
        NOW.astimezone(timezone(5 * HOUR)),
    ],
)
def test_a_moment_is_read_in_any_zone_and_kept_in_utc(moment: object) -> None:
    found = read(not_before=moment).not_before

    assert NOW == found
    assert found is not None
    assert UTC is found.tzinfo


@pytest.mark.parametrize(
    "moment",
    [
        "tomorrow", "2026-11-20", "2026-11-20T18:00:00", "2026-13-01T00:00:00Z", 20261120, True, [NOW],
        date(2026, 11, 20), datetime(2026, 11, 20), "0001-01-01T00:00:00+01:00", "9999-12-31T23:00:00-08:00",  # noqa: DTZ001
        datetime.max.replace(tzinfo=timezone(-HOUR)),
    ],
)  # fmt: skip
def test_what_is_no_certain_moment_is_refused(moment: object) -> None:
    assert [("deadline", "deadline_unreadable")] == complaint(deadline=moment)


@pytest.mark.parametrize(
    "captions",
    ["en:a.srt", " en:a.srt ", ["en:a.srt"], [{"file": "a.srt", "language": "en"}]],
)
def test_a_caption_is_a_language_and_a_file(captions: object) -> None:
    assert (CaptionDraft("a.srt", "en"),) == read(captions=captions).captions


def test_a_caption_may_have_a_name() -> None:
    row = {"file": "a.srt", "language": "en", "name": "Commentary"}

    assert (CaptionDraft("a.srt", "en", "Commentary"),) == read(captions=[row]).captions


@pytest.mark.parametrize(
    "captions",
    [
        7, {"file": "a.srt", "language": "en"}, "a.srt", "en:", ":a.srt", "en:a.srt,", [7], [{"file": "a.srt"}],
        [{"language": "en"}], [{"file": 7, "language": "en"}], [{"file": "a", "language": "en", "name": None}],
    ],
)  # fmt: skip
def test_a_caption_without_language_or_file_is_refused(captions: object) -> None:
    assert [("captions", "captions_unreadable")] == complaint(captions=captions)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ["One"]),
        ("title", True),
        ("description", {"text": "One"}),
        ("priority", "high"),
        ("priority", 2.5),
        ("priority", True),
        ("priority", "9" * 9_999),
        ("privacy", "Private"),
        ("privacy", 7),
        ("license", "mine"),
        ("made_for_kids", "maybe"),
        ("again", 2),
        ("thumbnail", ["a.png"]),
        ("playlists", {"Season": "one"}),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(field: str, value: object) -> None:
    assert [(field, f"{field}_unreadable")] == complaint(**{field: value})


@pytest.mark.parametrize(
    ("name", "remedy"), [("titel", "did you mean title?"), ("xyzzy", "the fields are file, title,")]
)
def test_an_unknown_field_is_refused_with_a_guess(name: str, remedy: str) -> None:
    with pytest.raises(Refused, match="there is no such field") as refused:
        read(**{name: ""})

    assert refused.value.refusals[0].remedy.startswith(remedy)


@pytest.mark.parametrize("row", [{}, {"file": ""}, {"file": None}])
def test_a_draft_needs_a_file(row: dict[str, object]) -> None:
    assert [("file", "file_missing")] == complaints(row)


def test_everything_wrong_is_told_at_once() -> None:
    row: dict[str, object] = {"title": [], "tags": 7, "priority": "x", "colour": "red"}

    expected = {
        ("colour", "field_unknown"),
        ("file", "file_missing"),
        ("title", "title_unreadable"),
        ("tags", "tags_unreadable"),
        ("priority", "priority_unreadable"),
    }
    assert expected == set(complaints(row))


@given(
    st.dictionaries(
        st.sampled_from(FIELDS) | st.text(max_size=8),
        json_values("file", "language", "name") | st.datetimes() | st.datetimes(timezones=st.timezones()),
    )
)
def test_no_row_raises_anything_but_refused(row: dict[str, object]) -> None:
    outcome = parsed(row)

    if isinstance(outcome, Draft):
        assert outcome.file
        assert isinstance(judge(outcome, CATALOGUE, NOW), tuple)
    else:
        assert outcome.refusals


def parsed(row: dict[str, object]) -> Draft | Refused:
    try:
        return parse(row)
    except Refused as refused:
        return refused


def judged(**changes: Any) -> list[tuple[str, str]]:
    return [(each.field, each.code) for each in judge(read(**changes), CATALOGUE, NOW)]


def test_a_sound_draft_is_refused_nothing() -> None:
    fields = {
        "account": "main",
        "playlists": ["Season one", PLAYLIST],
        "captions": ["en:a.srt", "de:b.srt"],
        "not_before": NOW + HOUR,
        "deadline": NOW + 2 * HOUR,
        "idempotency_key": "k" * 255,
    }
    assert [] == judged(**fields)
    assert [] == judged(group="news", playlists=["Season one"])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"title": "<"}, [("title", "angle_brackets")]),
        ({"priority": 11}, [("priority", "priority_range")]),
        ({"deadline": NOW}, [("deadline", "deadline_past")]),
        ({"deadline": NOW + HOUR, "not_before": NOW + HOUR}, [("deadline", "deadline_contradiction")]),
        (
            {"deadline": NOW - HOUR, "not_before": NOW},
            [("deadline", "deadline_past"), ("deadline", "deadline_contradiction")],
        ),
        ({"deadline": NOW + HOUR, "not_before": NOW}, []),
        ({"account": "main", "group": "news"}, [("account", "target_contradiction")]),
        ({"account": "mian"}, [("account", "account_unknown")]),
        ({"group": "xyzzy"}, [("group", "group_unknown")]),
        ({"playlists": ["Season two"]}, [("playlists", "playlists_unknown")]),
        ({"playlists": [PLAYLIST]}, [("playlists", "playlist_needs_account")]),
        ({"playlists": [PLAYLIST], "group": "news"}, [("playlists", "playlist_needs_account")]),
        ({"captions": ["english:a.srt"]}, [("captions", "language_unknown")]),
        ({"captions": ["en:a.srt", "en:b.srt"]}, [("captions", "caption_twice")]),
        (
            {"captions": [{"file": "a", "language": "en", "name": "n" * 151}]},
            [("captions", "caption_name_too_long")],
        ),
        ({"captions": [{"file": "a", "language": "en", "name": "n" * 150}]}, []),
        (
            {"captions": [{"file": "a", "language": "en", "name": "n"}, {"file": "b", "language": "en"}]},
            [],
        ),
        ({"idempotency_key": "k" * 256}, [("idempotency_key", "key_too_long")]),
    ],
)
def test_what_cannot_be_is_refused_before_any_file_is_opened(
    fields: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert expected == judged(**fields)


@pytest.mark.parametrize(
    ("account", "remedy"),
    [("mian", "did you mean main?"), ("xyzzy", "see the accounts list of the configuration")],
)
def test_an_unknown_name_is_refused_with_a_guess(account: str, remedy: str) -> None:
    (refusal,) = judge(read(account=account), CATALOGUE, NOW)

    assert remedy == refusal.remedy


@pytest.mark.parametrize("odd", ["\ud800", "a\x00b"])
def test_a_key_or_caption_name_that_cannot_be_stored_is_refused(odd: str) -> None:
    captions = [{"file": "a.srt", "language": "en", "name": odd}]
    draft = parse({"file": "a.mp4", "idempotency_key": odd, "captions": captions})

    found = judge(draft, Catalogue(frozenset(), frozenset(), frozenset()), NOW)

    assert {"idempotency_key", "captions"} == {refusal.field for refusal in found}
