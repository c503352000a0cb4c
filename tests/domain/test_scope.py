"""What a caller for some accounts may act on."""

from typing import Any

import pytest

from tests.builders import FIRST, SECOND, a_publication, a_session, an_account
from ytempire.domain.publication import SessionState, Target
from ytempire.domain.scope import confined, stays
from ytempire.domain.values import AccountId, VideoId

ACCOUNTS = (
    an_account(FIRST, groups=frozenset({"news", "all"})),
    an_account(SECOND, groups=frozenset({"all"})),
)
MINE = frozenset({FIRST})


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (Target(account=FIRST), True),
        (Target(account=FIRST, group="all"), True),
        (Target(account=SECOND), False),
        (Target(group="news"), True),
        (Target(group="all"), False),
        (Target(group="nobody is in it"), False),
        (Target(), False),
    ],
    ids=str,
)
def test_only_what_can_land_nowhere_else_is_confined(target: Target, expected: bool) -> None:
    assert expected is confined(target, MINE, ACCOUNTS)


def test_the_pool_is_not_confined_even_to_all_accounts_there_are() -> None:
    assert not confined(Target(), frozenset({FIRST, SECOND}), ACCOUNTS)
    assert confined(Target(group="all"), frozenset({FIRST, SECOND}), ACCOUNTS)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"account": FIRST, "video_id": VideoId("v")}, True),
        ({"account": FIRST, "session": a_session(SessionState.FINISHING)}, True),
        ({"account": FIRST, "session": a_session(SessionState.OPEN)}, False),
        ({"account": FIRST}, False),
        ({"account": AccountId("other"), "video_id": VideoId("v")}, False),
        ({}, False),
    ],
    ids=str,
)
def test_what_is_a_video_or_may_be_stays_where_it_is(changes: dict[str, Any], expected: bool) -> None:
    assert expected is stays(a_publication(**changes), MINE)
