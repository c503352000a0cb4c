"""How the condition of an account changes: the whole table."""

from datetime import timedelta

import pytest

from tests.builders import NOW
from ytempire.domain.accounts import Condition, Kind
from ytempire.domain.conditions import Act, NotPossible, after, home, moved_by, seen

ACTIVE, STANDBY, PAUSED, CAPPED = Condition.ACTIVE, Condition.STANDBY, Condition.PAUSED, Condition.CAPPED
NEEDS_REAUTH, SUSPENDED = Condition.NEEDS_REAUTH, Condition.SUSPENDED
DISCONNECTED = Condition.DISCONNECTED
NO = None

# From each condition: what follows for a production account that holds a grant. NO: it cannot happen.
TABLE: dict[Act, dict[Condition, Condition | None]] = {
    Act.CONNECTED: {
        ACTIVE: ACTIVE, STANDBY: STANDBY, PAUSED: PAUSED, CAPPED: CAPPED,
        NEEDS_REAUTH: ACTIVE, SUSPENDED: SUSPENDED, DISCONNECTED: ACTIVE,
    },
    Act.GRANT_DIED: {
        ACTIVE: NEEDS_REAUTH, STANDBY: NEEDS_REAUTH, PAUSED: PAUSED, CAPPED: NEEDS_REAUTH,
        NEEDS_REAUTH: NEEDS_REAUTH, SUSPENDED: SUSPENDED, DISCONNECTED: DISCONNECTED,
    },
    Act.DISCONNECTED: dict.fromkeys(Condition, DISCONNECTED),
    Act.PAUSED: {
        ACTIVE: PAUSED, STANDBY: PAUSED, PAUSED: PAUSED, CAPPED: PAUSED,
        NEEDS_REAUTH: PAUSED, SUSPENDED: NO, DISCONNECTED: NO,
    },
    Act.RESUMED: {
        ACTIVE: NO, STANDBY: NO, PAUSED: ACTIVE, CAPPED: ACTIVE,
        NEEDS_REAUTH: NO, SUSPENDED: ACTIVE, DISCONNECTED: NO,
    },
    Act.SUSPENDED: dict.fromkeys(Condition, SUSPENDED),
    Act.CAPPED: {each: CAPPED if each is ACTIVE else each for each in Condition},
    Act.PROMOTED: {each: ACTIVE if each is STANDBY else NO for each in Condition},
    Act.RETURNED: {each: each if each in (ACTIVE, STANDBY, CAPPED) else NO for each in Condition},
}  # fmt: skip
RESERVE_ONLY: dict[tuple[Act, Condition], Condition] = {
    (Act.RESUMED, CAPPED): ACTIVE,
    (Act.PROMOTED, STANDBY): ACTIVE,
    (Act.RETURNED, ACTIVE): STANDBY,
    (Act.RETURNED, CAPPED): STANDBY,
    (Act.RETURNED, STANDBY): STANDBY,
}
CASES = [(act, condition, TABLE[act][condition]) for act in Act for condition in Condition]


def then(condition: Condition, act: Act, kind: Kind, *, grant: bool) -> Condition | None:
    try:
        return after(condition, act, kind, grant=grant)
    except NotPossible:
        return None


def test_the_table_is_whole() -> None:
    assert [set(Condition)] * len(Act) == [set(TABLE[act]) for act in Act]


@pytest.mark.parametrize(("act", "condition", "expected"), CASES)
def test_a_production_account_with_a_grant(
    act: Act, condition: Condition, expected: Condition | None
) -> None:
    assert expected == then(condition, act, Kind.PRODUCTION, grant=True)


@pytest.mark.parametrize(("act", "condition", "expected"), CASES)
def test_a_reserve_comes_back_to_standing_by(
    act: Act, condition: Condition, expected: Condition | None
) -> None:
    brought_back = STANDBY if expected is ACTIVE and condition is not ACTIVE else expected

    assert RESERVE_ONLY.get((act, condition), brought_back) == then(condition, act, Kind.RESERVE, grant=True)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(("act", "condition", "expected"), CASES)
def test_without_a_grant_only_going_on_ends_elsewhere(
    act: Act, condition: Condition, expected: Condition | None, kind: Kind
) -> None:
    if act is Act.RESUMED:
        expected = NEEDS_REAUTH if expected is ACTIVE else None
        assert expected == then(condition, act, kind, grant=False)
    else:
        assert then(condition, act, kind, grant=True) == then(condition, act, kind, grant=False)


def test_production_works_and_reserves_stand_by() -> None:
    assert (ACTIVE, STANDBY) == (home(Kind.PRODUCTION), home(Kind.RESERVE))


def test_an_act_moves_the_conditions_that_it_changes() -> None:
    assert {ACTIVE, STANDBY, CAPPED} == moved_by(Act.GRANT_DIED)
    assert set(Condition) - {SUSPENDED} == moved_by(Act.SUSPENDED)
    assert {STANDBY} == moved_by(Act.PROMOTED, Kind.RESERVE)
    assert {ACTIVE, CAPPED} == moved_by(Act.RETURNED, Kind.RESERVE)


AN_HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("stored", "parked", "promoted", "expected"),
    [
        (ACTIVE, None, None, ACTIVE),
        (ACTIVE, AN_HOUR, None, CAPPED),
        (ACTIVE, timedelta(0), None, ACTIVE),
        (ACTIVE, None, AN_HOUR, ACTIVE),
        (ACTIVE, None, timedelta(0), STANDBY),
        (ACTIVE, AN_HOUR, timedelta(0), STANDBY),
        (ACTIVE, AN_HOUR, AN_HOUR, CAPPED),
        (PAUSED, AN_HOUR, None, PAUSED),
        (NEEDS_REAUTH, None, timedelta(0), NEEDS_REAUTH),
    ],
)
def test_a_cap_and_a_promotion_end_by_themselves(
    stored: Condition, parked: timedelta | None, promoted: timedelta | None, expected: Condition
) -> None:
    found = seen(
        stored,
        parked_until=None if parked is None else NOW + parked,
        promoted_until=None if promoted is None else NOW + promoted,
        now=NOW,
    )

    assert expected is found


def test_what_cannot_happen_is_said_in_a_sentence() -> None:
    with pytest.raises(NotPossible, match="an account that is disconnected cannot be paused"):
        after(DISCONNECTED, Act.PAUSED, Kind.PRODUCTION, grant=True)
