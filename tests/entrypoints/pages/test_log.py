"""The log: every kind of event has its place among the filters."""

from ytempire.domain.events import Kind
from ytempire.entrypoints.http.pages.log import ABOUT


def test_every_kind_of_event_is_found_under_one_word() -> None:
    listed = [word for words in ABOUT.values() for word in words]

    assert {str(each).partition(".")[0] for each in Kind} <= set(listed)
    assert sorted(set(listed)) == sorted(listed)
