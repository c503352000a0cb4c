"""Which exit code tells how publications came to rest."""

import pytest

from ytempire.entrypoints.cli.exits import Exit, of_publications


@pytest.mark.parametrize(
    ("at_rest", "expected"),
    [
        ([("published", ""), ("duplicate", "")], Exit.DONE),
        ([("published", ""), ("held", "poison: x")], Exit.PARTLY),
        ([("deferred", "not_before: x")], Exit.PARTLY),
        ([("held", "poison: x"), ("deferred", "out_of_quota: x")], Exit.PERSON),
        ([("deferred", "condition: it is paused")], Exit.PERSON),
        ([("deferred", "too_long: verify the channel")], Exit.PERSON),
        ([("refused", "invalidMetadata: x"), ("deferred", "noReply: x")], Exit.FAILED),
        ([("deferred", "out_of_quota: x"), ("deferred", "noReply: x")], Exit.QUOTA),
        ([("deferred", "not_planned: the units are used up")], Exit.QUOTA),
        ([("deferred", "noProgress: x")], Exit.UPSTREAM),
    ],
)
def test_the_worst_that_a_person_can_act_on_is_the_code(
    at_rest: list[tuple[str, str]], expected: Exit
) -> None:
    assert expected is of_publications([{"state": state, "reason": reason} for state, reason in at_rest])
