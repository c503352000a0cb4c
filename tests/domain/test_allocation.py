"""An account with a part of its project's quota of its own: what it may still take, and what is said of it."""

import pytest

from tests.builders import FIRST, MAIN, NOW, SECOND, TODAY, a_line, a_publication, an_account
from ytempire.domain.accounts import Account, Obstacle, World
from ytempire.domain.decision import Decision, Hold, Upload, Wait, decide
from ytempire.domain.quota import UNITS_2025, Allotment, Bucket, Method, Purpose

RESET = TODAY.resets


def a_world(*accounts: Account) -> World:
    return World(accounts, {(MAIN, Bucket.UNITS): a_line()}, RESET)


A_VIDEO = UNITS_2025.cost([Method.VIDEOS_INSERT, Method.THUMBNAILS_SET, Method.PLAYLIST_ITEMS_INSERT])


def allotted(taken: dict[Purpose, int], limits: dict[Purpose, int]) -> Decision:
    account = an_account(allocation=limits, taken=taken)
    return decide(a_publication(), {MAIN: A_VIDEO}, a_world(account), NOW)


@pytest.mark.parametrize(
    ("taken", "limits", "why"),
    [
        (
            {Purpose.UPLOADS: 6400},
            {Purpose.UPLOADS: 7000},
            "its part of the quota of main for uploads is used up (6400 of 7000, 1600 are needed)",
        ),
        (
            {Purpose.THUMBNAILS: 460},
            {Purpose.UPLOADS: 7000, Purpose.THUMBNAILS: 500},
            "its part of the quota of main for thumbnails is used up (460 of 500, 50 are needed)",
        ),
        (
            {Purpose.UPLOADS: 1600, Purpose.METADATA: 50, Purpose.THUMBNAILS: 50},
            {Purpose.TOTAL: 3000},
            "its part of the quota of main for everything is used up (1700 of 3000, 1700 are needed)",
        ),
    ],
)
def test_an_account_whose_part_is_used_up_is_waited_for_to_the_reset(
    taken: dict[Purpose, int], limits: dict[Purpose, int], why: str
) -> None:
    decision = allotted(taken, limits)

    assert isinstance(decision, Wait)
    assert ("out_of_quota", RESET) == (decision.reason.code, decision.until)
    assert f"{FIRST}: {why}; it resets at {RESET:%Y-%m-%d %H:%M} UTC" == decision.reason.message
    assert [Obstacle.ALLOCATION] == [each.obstacle for each in decision.candidates]


def test_another_account_of_the_project_takes_what_the_part_of_one_does_not() -> None:
    full = an_account(allocation={Purpose.UPLOADS: 1600}, taken={Purpose.UPLOADS: 1600})
    decision = decide(a_publication(), {MAIN: A_VIDEO}, a_world(full, an_account(SECOND)), NOW)

    assert isinstance(decision, Upload)
    assert (SECOND, None) == (decision.account, decision.allotment)


def test_an_upload_says_what_it_takes_of_the_part_of_its_account() -> None:
    decision = allotted({Purpose.UPLOADS: 5400}, {Purpose.UPLOADS: 7000})

    assert isinstance(decision, Upload)
    needs = {Purpose.UPLOADS: 1600, Purpose.METADATA: 50, Purpose.THUMBNAILS: 50}
    assert Allotment(needs, {Purpose.UPLOADS: 7000}) == decision.allotment


def test_a_part_that_is_too_small_for_the_job_on_any_day_needs_a_person() -> None:
    decision = allotted({}, {Purpose.UPLOADS: 1599})

    assert isinstance(decision, Hold)
    assert "no_account" == decision.reason.code
    assert "1600 are needed and its part of the quota of main for uploads is only 1599 a day" in (
        decision.reason.message
    )
