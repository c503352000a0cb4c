"""What a person may do about a held publication."""

from typing import Any

import pytest

from tests.builders import FIRST, SECOND, a_publication, a_request, a_session, an_account
from ytempire.domain.accounts import Condition
from ytempire.domain.inbox import Certainty, actions, certainty, elsewhere, may_go_to
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import WRONG_CHANNEL, Publication, Reason, SessionState, Target
from ytempire.domain.values import VideoId

THIRD = "account_03"


def held(state: SessionState | None = None, **changes: Any) -> Publication:
    session = a_session(state) if state else None
    return a_publication(state=State.HELD, account=FIRST, session=session, **changes)


@pytest.mark.parametrize(
    ("publication", "expected"),
    [
        (held(), Certainty.NO_VIDEO),
        (held(SessionState.OPENING), Certainty.NO_VIDEO),
        (held(SessionState.OPEN), Certainty.NO_VIDEO),
        (held(SessionState.GONE), Certainty.NO_VIDEO),
        (held(SessionState.FINISHING), Certainty.UNKNOWN),
        (held(SessionState.DONE), Certainty.VIDEO),
        (held(video_id=VideoId("video1")), Certainty.VIDEO),
    ],
)
def test_only_the_last_bytes_put_the_existence_of_a_video_in_doubt(
    publication: Publication, expected: Certainty
) -> None:
    assert expected is certainty(publication)


def test_it_may_go_elsewhere_only_while_there_is_certainly_no_video_and_its_request_allows_it() -> None:
    second = an_account(SECOND, groups=frozenset({"news"}))

    assert may_go_to(held(SessionState.OPEN), second)
    assert not may_go_to(held(SessionState.FINISHING), second)
    assert not may_go_to(held(video_id=VideoId("video1")), second)
    assert not may_go_to(held(request=a_request(target=Target(account=FIRST))), second)
    assert may_go_to(held(request=a_request(target=Target(group="news"))), second)
    assert not may_go_to(held(request=a_request(target=Target(group="other"))), second)


def test_only_active_accounts_other_than_its_own_are_offered() -> None:
    accounts = (an_account(FIRST), an_account(SECOND), an_account(THIRD, condition=Condition.SUSPENDED))

    assert (SECOND,) == elsewhere(held(), accounts)


def test_without_a_video_it_may_be_retried_moved_or_given_up() -> None:
    found = actions(held(SessionState.OPEN), [an_account(SECOND)])

    assert [
        ("retry", "ytempire jobs retry pub_1"),
        ("reassign", f"ytempire jobs resolve pub_1 --reassign {SECOND}"),
        ("give up", "ytempire jobs resolve pub_1 --give-up"),
    ] == [(each.name, each.command) for each in found]
    assert "cancelled" == found[-1].effect


def test_in_doubt_it_may_be_asked_again_adopted_or_uploaded_again_and_never_moved() -> None:
    accounts = [an_account(SECOND)]
    named = actions(held(SessionState.FINISHING), accounts, [VideoId("one"), VideoId("two")])
    unnamed = actions(held(SessionState.FINISHING), accounts)

    assert [
        "ytempire jobs retry pub_1",
        "ytempire jobs resolve pub_1 --adopt one",
        "ytempire jobs resolve pub_1 --adopt two",
        "ytempire jobs resolve pub_1 --reupload",
        "ytempire jobs resolve pub_1 --give-up",
    ] == [each.command for each in named]
    assert "ytempire jobs resolve pub_1 --adopt VIDEO_ID" == unnamed[1].command


@pytest.mark.parametrize("code", ["deadline_passed", "publish_at_passed"])
def test_what_came_too_late_is_not_offered_what_would_hold_it_again(code: str) -> None:
    late, accounts = Reason(code, "its moment has passed"), [an_account(SECOND)]

    (given_up,) = actions(held(reason=late), accounts)
    in_doubt = actions(held(SessionState.FINISHING, reason=late), accounts)

    assert ("give up", "cancelled; submit it anew with another moment") == (given_up.name, given_up.effect)
    assert ["retry", "adopt", "give up"] == [each.name for each in in_doubt]


def test_a_video_that_exists_is_watched_again_or_left_to_its_fate() -> None:
    watched, given_up = actions(held(SessionState.DONE, video_id=VideoId("video1")), [an_account(SECOND)])

    assert "ytempire jobs resolve pub_1 --adopt video1" == watched.command
    assert "the video video1 stays at YouTube" in given_up.effect


def test_a_session_that_is_done_without_an_id_is_only_given_up() -> None:
    assert ["give up"] == [each.name for each in actions(held(SessionState.DONE))]


def test_a_video_on_a_foreign_channel_is_not_offered_for_adoption() -> None:
    reason = Reason(WRONG_CHANNEL, "the video video1 landed on channel UCother, not on UCmine")
    strayed = held(SessionState.DONE, video_id=VideoId("video1"), reason=reason)

    assert ["give up"] == [each.name for each in actions(strayed, [an_account(SECOND)])]
