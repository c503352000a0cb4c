"""Finding the video of an upload whose outcome is unknown."""

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import SECOND, a_publication, a_request, a_session
from tests.strategies import json_values
from ytempire.domain.publication import Metadata, Publication, SessionState
from ytempire.domain.reconcile import ROUNDS, Match, matches, page_of, twins
from ytempire.domain.values import VideoId

SESSION = a_session(SessionState.FINISHING)
PUBLICATION = a_publication(session=SESSION)


def a_video(which: str = "vid_1", *, made: object = "2026-11-20T18:00:30Z", **changes: Any) -> dict[str, Any]:
    video = {
        "id": which,
        "snippet": {"title": "A title", "publishedAt": made},
        "fileDetails": {"fileSize": "1000000"},
    }
    return video | changes


def found(*videos: dict[str, Any], taken: frozenset[VideoId] = frozenset()) -> tuple[Match, ...]:
    return matches(PUBLICATION, SESSION, videos, taken)


PROVEN = (Match(VideoId("vid_1"), proven=True),)
POSSIBLE = (Match(VideoId("vid_1"), proven=False),)


def test_size_title_and_time_together_prove_it() -> None:
    assert PROVEN == found(a_video())


@pytest.mark.parametrize(
    "details",
    [{}, None, {"fileSize": None}, {"fileSize": ""}, {"fileSize": "big"}, {"fileSize": "9" * 9_999}, [1]],
)
def test_without_a_size_it_is_possible_and_not_proven(details: object) -> None:
    assert POSSIBLE == found(a_video(fileDetails=details))


def test_a_size_may_be_told_as_a_number() -> None:
    assert PROVEN == found(a_video(fileDetails={"fileSize": 1_000_000}))


@pytest.mark.parametrize(
    "video",
    [
        a_video(fileDetails={"fileSize": "999999"}),
        a_video(snippet={"title": "Another title", "publishedAt": "2026-11-20T18:00:30Z"}),
        a_video(snippet={}),
        a_video(snippet=None),
        a_video(made="2026-11-20T17:49:59Z"),
        a_video(""),
        {"snippet": {"title": "A title"}},
        {},
    ],
)
def test_what_does_not_fit_is_no_match(video: dict[str, Any]) -> None:
    assert () == found(video)


@pytest.mark.parametrize(
    "made", ["2026-11-20T17:50:00Z", "2026-11-27T00:00:00Z", "2026-11-20T17:00:00", "once", None]
)
def test_a_time_that_is_near_or_tells_nothing_does_not_rule_it_out(made: object) -> None:
    assert PROVEN == found(a_video(made=made))


def test_the_videos_of_other_publications_are_left_alone() -> None:
    assert () == found(a_video(), taken=frozenset({VideoId("vid_1")}))


def test_every_match_is_told_so_that_several_can_be_seen() -> None:
    several = found(a_video(), a_video("vid_2", fileDetails={}), a_video("vid_3", snippet={}))

    assert (*PROVEN, Match(VideoId("vid_2"), proven=False)) == several


def test_no_video_gives_no_match() -> None:
    assert () == found()


def an_entry(which: object, made: object = "2026-11-20T18:00:30Z") -> dict[str, Any]:
    return {"snippet": {"publishedAt": made}, "contentDetails": {"videoId": which}}


def test_a_page_is_read_as_far_as_it_is_not_older_than_the_session() -> None:
    recent, old = an_entry("vid_1"), an_entry("vid_2", "2026-11-20T17:00:00Z")

    assert ((VideoId("vid_1"),), True) == page_of(SESSION, [recent])
    assert ((VideoId("vid_1"),), False) == page_of(SESSION, [recent, old])
    assert ((), False) == page_of(SESSION, [old])
    assert ((), True) == page_of(SESSION, [])


@pytest.mark.parametrize("made", ["2026-11-20T17:00:00", "once", None])
def test_an_entry_that_does_not_say_when_is_looked_at(made: object) -> None:
    assert ((VideoId("vid_1"),), True) == page_of(SESSION, [an_entry("vid_1", made), an_entry(None), {}])


PARTS = ("title", "publishedAt", "fileSize")


@given(
    st.lists(
        st.fixed_dictionaries(
            {}, optional=dict.fromkeys(("id", "snippet", "fileDetails"), json_values(*PARTS))
        ),
        max_size=3,
    )
)
def test_no_listing_breaks_the_search(videos: list[dict[str, Any]]) -> None:
    assert len(found(*videos)) <= len(videos)


def test_looks_are_spread_over_an_hour_each_later_than_the_last() -> None:
    assert timedelta(0) == ROUNDS[0]
    assert timedelta(hours=1) == ROUNDS[-1]
    assert all(earlier < later for earlier, later in itertools.pairwise(ROUNDS))


def another(**changes: Any) -> Publication:
    """One of which nobody knows either what became of it, on the same channel, alike in title and size."""
    return replace(a_publication("pub_2", session=SESSION), **changes)


def test_one_that_is_alike_and_in_doubt_as_well_is_a_twin() -> None:
    assert (another(),) == twins(PUBLICATION, SESSION, [PUBLICATION, another()])


@pytest.mark.parametrize(
    "changes",
    [
        {"session": None},
        {"session": a_session(SessionState.OPEN)},
        {"session": replace(SESSION, account=SECOND)},
        {"session": replace(SESSION, size=5)},
        {"request": a_request(metadata=Metadata("Another title"))},
    ],
)
def test_one_that_differs_is_no_twin(changes: dict[str, Any]) -> None:
    assert () == twins(PUBLICATION, SESSION, [another(**changes)])
