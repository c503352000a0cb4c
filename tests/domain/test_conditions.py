"""How the condition of an account changes: the whole table."""

import pytest

from ytempire.domain.accounts import Condition, Kind
from ytempire.domain.conditions import Act, NotPossible, after, home

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
}  # fmt: skip
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
    brought_back = expected is ACTIVE and condition is not ACTIVE

    assert (STANDBY if brought_back else expected) == then(condition, act, Kind.RESERVE, grant=True)


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


def test_what_cannot_happen_is_said_in_a_sentence() -> None:
    with pytest.raises(NotPossible, match="an account that is disconnected cannot be paused"):
        after(DISCONNECTED, Act.PAUSED, Kind.PRODUCTION, grant=True)
