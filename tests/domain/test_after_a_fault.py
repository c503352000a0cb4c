"""What follows from a fault during an upload: always one of a closed set of answers."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, TODAY, a_publication, a_session, uploading
from ytempire.domain.decision import (
    CHANNEL_PARKED,
    MAX_ACCOUNTS_TRIED,
    Decision,
    Hold,
    Patience,
    Refuse,
    Skip,
    Upload,
    Wait,
    after,
)
from ytempire.domain.faults import (
    HARD_STOP,
    NO_LOCATION,
    SESSION_LOST,
    STOPPED,
    UNPROVEN,
    Fault,
    Level,
    Remedy,
    Scope,
)
from ytempire.domain.publication import Reason, SessionState

SECOND_OF_TIME = timedelta(seconds=1)
RESET = TODAY.resets
PATIENCE = Patience()
RETRY_OR_CANCEL = ("retry", "cancel")

BURST = Fault("rateLimitExceeded", Remedy.RETRY, Scope.SERVICE, Level.INFO, 5, "slow down")
STALE = Fault("authError", Remedy.REFRESH, Scope.ACCOUNT, Level.HIGH, 1, "bad token")
EMPTY = Fault("quotaExceeded", Remedy.CLOSE_BUCKET, Scope.BUCKET, Level.CRITICAL)
CAPPED = Fault("uploadLimitExceeded", Remedy.PARK_CHANNEL, Scope.ACCOUNT, Level.WARNING)
GONE = Fault("accountUnusable", Remedy.DISABLE_ACCOUNT, Scope.ACCOUNT, Level.CRITICAL)
DEAD = Fault("invalidGrant", Remedy.REAUTHORISE, Scope.ACCOUNT, Level.HIGH)
STARTED = uploading(a_publication(attempts=1))


def follows(
    fault: Fault, *, dice: float = 1.0, session: SessionState | None = None, **changes: Any
) -> Decision:
    publication = replace(STARTED, session=a_session(session) if session else None, **changes)
    return after(publication, fault, now=NOW, dice=dice, patience=PATIENCE)


@pytest.mark.parametrize(("failures", "seconds"), [(0, 1), (1, 2), (2, 4), (4, 16)])
def test_a_passing_fault_is_tried_again_on_the_same_account_later_each_time(
    failures: int, seconds: int
) -> None:
    expected = Wait(
        NOW + timedelta(seconds=seconds),
        Reason("rateLimitExceeded", "slow down", RETRY_OR_CANCEL),
        keep=True,
    )

    assert expected == follows(BURST, failures=failures)


def test_the_wish_of_the_server_is_heeded_when_it_is_longer() -> None:
    for wish, until in (("60", NOW + timedelta(minutes=1)), ("0", NOW + SECOND_OF_TIME)):
        decision = follows(replace(BURST, retry_after=wish))
        assert isinstance(decision, Wait)
        assert until == decision.until


GAVE_UP = "gave up after 6 tries without progress: slow down"


@pytest.mark.parametrize("session", [None, *SessionState])
def test_an_outage_that_does_not_pass_queues_it_anew_in_an_hour(session: SessionState | None) -> None:
    expected = Wait(NOW + timedelta(hours=1), Reason("rateLimitExceeded", GAVE_UP, RETRY_OR_CANCEL))

    assert expected == follows(BURST, failures=5, session=session)


def test_after_so_many_outages_it_is_held() -> None:
    decision = follows(BURST, failures=5, attempts=MAX_ACCOUNTS_TRIED)

    assert Hold(Reason("gave_up", GAVE_UP, RETRY_OR_CANCEL)) == decision


def test_a_fault_of_the_request_that_does_not_pass_is_held() -> None:
    decision = follows(replace(BURST, scope=Scope.REQUEST), failures=5)

    assert Hold(Reason("gave_up", GAVE_UP, RETRY_OR_CANCEL)) == decision


@pytest.mark.parametrize("fault", [SESSION_LOST, UNPROVEN, NO_LOCATION, STOPPED])
def test_our_own_doubts_are_tried_again_too(fault: Fault) -> None:
    decision = follows(fault)

    assert isinstance(decision, Wait)
    assert decision.keep


def test_a_refused_token_is_refreshed_once_and_then_the_account_is_left() -> None:
    first = follows(STALE, session=SessionState.OPEN)
    reason = Reason("authError", "bad token", RETRY_OR_CANCEL)
    assert Wait(NOW, reason, keep=True) == first

    again = follows(STALE, session=SessionState.OPEN, failures=1, reason=reason)
    assert Wait(NOW, reason, elsewhere=True) == again


def test_other_faults_before_it_do_not_use_up_the_refresh() -> None:
    decision = follows(STALE, failures=3, reason=Reason("backendError", "HTTP 503"))

    assert isinstance(decision, Wait)
    assert (NOW, True, False) == (decision.until, decision.keep, decision.elsewhere)


@pytest.mark.parametrize("reason", [None, Reason("authError", "long ago")])
def test_progress_since_the_last_refresh_allows_another(reason: Reason | None) -> None:
    decision = follows(STALE, failures=0, reason=reason)

    assert isinstance(decision, Wait)
    assert decision.keep


def test_faults_that_take_turns_come_to_an_end() -> None:
    publication, decision = STARTED, follows(STALE)
    for turn in range(99):
        fault = STALE if turn % 2 else BURST
        decision = after(publication, fault, now=NOW, dice=0.5, patience=PATIENCE)
        if not isinstance(decision, Wait) or not decision.keep:
            break
        publication = replace(publication, failures=publication.failures + 1, reason=decision.reason)

    assert isinstance(decision, Wait)
    assert (NOW + timedelta(hours=1), False) == (decision.until, decision.keep)


@pytest.mark.parametrize(
    ("session", "until", "keep"),
    [
        (None, NOW, False),
        (SessionState.OPENING, NOW, False),
        (SessionState.GONE, NOW, False),
        (SessionState.OPEN, RESET, True),
        (SessionState.FINISHING, RESET, True),
    ],
)
@pytest.mark.parametrize("fault", [EMPTY, HARD_STOP])
def test_an_empty_bucket_keeps_a_live_session_until_the_reset_and_frees_all_else(
    fault: Fault, session: SessionState | None, until: Any, keep: bool
) -> None:
    decision = follows(fault, session=session)

    assert isinstance(decision, Wait)
    assert (until, keep, False) == (decision.until, decision.keep, decision.elsewhere)


@pytest.mark.parametrize("fault", [CAPPED, GONE, DEAD])
@pytest.mark.parametrize("session", [None, SessionState.OPENING, SessionState.OPEN, SessionState.GONE])
def test_an_account_that_cannot_take_it_is_left_for_another(
    fault: Fault, session: SessionState | None
) -> None:
    expected = Wait(NOW, Reason(fault.code, fault.code, RETRY_OR_CANCEL), elsewhere=True)

    assert expected == follows(fault, session=session)


@pytest.mark.parametrize("fault", [CAPPED, GONE, DEAD])
def test_a_video_that_may_exist_stays_on_its_account_and_a_person_looks(fault: Fault) -> None:
    decision = follows(fault, session=SessionState.FINISHING)

    assert isinstance(decision, Hold)
    assert "its last bytes may have arrived, so it stays on account_01" in decision.reason.message
    assert ("retry", "adopt", "cancel") == decision.reason.remedies


def test_so_many_accounts_are_tried_and_no_more() -> None:
    assert isinstance(follows(CAPPED, attempts=MAX_ACCOUNTS_TRIED - 1), Wait)
    decision = follows(CAPPED, attempts=MAX_ACCOUNTS_TRIED)
    message = "5 accounts were tried: uploadLimitExceeded"

    assert Hold(Reason("gave_up", message, RETRY_OR_CANCEL)) == decision


def test_what_youtube_will_never_take_is_refused_and_what_it_has_is_skipped() -> None:
    title = Fault("invalidMetadata", Remedy.REFUSE, Scope.REQUEST, Level.WARNING, 0, "the title")
    twice = Fault("duplicateUpload", Remedy.REFUSE, Scope.REQUEST, Level.INFO)

    assert Refuse(Reason("invalidMetadata", "the title", RETRY_OR_CANCEL)) == follows(title)
    assert Skip(Reason("duplicateUpload", "duplicateUpload", RETRY_OR_CANCEL)) == follows(twice)


@pytest.mark.parametrize("remedy", [Remedy.CONFIGURE, Remedy.REVIEW, Remedy.ALREADY_DONE, Remedy.SKIP_EXTRA])
def test_what_no_rule_can_mend_is_held(remedy: Remedy) -> None:
    fault = Fault("odd", remedy, Scope.PROJECT, Level.CRITICAL, 0, "look at this")

    assert Hold(Reason("odd", "look at this", RETRY_OR_CANCEL)) == follows(fault)


FAULTS = st.builds(
    Fault,
    st.sampled_from(("duplicateUpload", "authError", "rateLimitExceeded", "unheardOf")),
    st.sampled_from(Remedy),
    st.sampled_from(Scope),
    st.sampled_from(Level),
    st.integers(0, 10),
    st.text(max_size=5),
    st.none() | st.text(max_size=5) | st.sampled_from(("7", "Fri, 20 Nov 2026 18:00:30 GMT")),
)
REASONS = st.none() | st.builds(Reason, st.sampled_from(("authError", "unheardOf")), st.just("why"))


@given(
    FAULTS,
    st.none() | st.sampled_from(SessionState),
    REASONS,
    st.integers(0, 12),
    st.integers(0, 6),
    st.floats(0, 1),
)
def test_every_fault_has_a_consequence_and_an_open_outcome_never_moves(
    fault: Fault,
    session: SessionState | None,
    reason: Reason | None,
    failures: int,
    attempts: int,
    dice: float,
) -> None:
    decision = follows(fault, dice=dice, session=session, reason=reason, failures=failures, attempts=attempts)

    assert isinstance(decision, get_args(Decision))
    assert not isinstance(decision, Upload)
    if isinstance(decision, Wait):
        assert decision.until >= NOW
        assert not (decision.keep and decision.elsewhere)
        if session is SessionState.FINISHING:
            assert not decision.elsewhere


def test_a_channel_that_took_too_many_rests_for_a_day() -> None:
    assert timedelta(hours=24) == CHANNEL_PARKED


def test_sessions_that_are_lost_again_and_again_end_in_a_hold_whatever_progress_they_made() -> None:
    decision = follows(SESSION_LOST, session=SessionState.GONE, attempts=MAX_ACCOUNTS_TRIED + 1)

    assert isinstance(decision, Hold)
    assert ("gave_up", True) == (decision.reason.code, "5 upload sessions" in decision.reason.message)
