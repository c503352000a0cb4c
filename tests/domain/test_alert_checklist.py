"""Which results of the checklist begin and end which alerts."""

import pytest

from tests.builders import an_event
from ytempire.domain.alert_rules import changes
from ytempire.domain.alerts import Raise, Resolve
from ytempire.domain.events import Kind
from ytempire.domain.faults import Level

BAD = {
    "point": "tokens",
    "title": "valid tokens",
    "value": "14 of 15",
    "target": "100 %",
    "why": "x",
    "remedy": "y",
}


def test_a_failing_point_is_one_alert_of_its_day_and_takes_the_place_of_the_day_it_failed_before() -> None:
    again = BAD | {"before": "2026-11-19"}
    data = {"day": "2026-11-20", "verdicts": {"tokens": "failed"}, "failed": [again]}

    quietly, raised = changes(an_event(Kind.CHECKLIST_FAILED, data=data))

    assert Resolve("checklist:tokens:2026-11-19", quiet=True) == quietly
    assert isinstance(raised, Raise)
    assert ("checklist:tokens:2026-11-20", Level.HIGH, "y") == (raised.key, raised.level, raised.remedy)
    assert "the checklist of 2026-11-20 fails: valid tokens" == raised.title
    assert "14 of 15, wanted 100 %. x" == raised.text


def test_on_the_first_day_there_is_none_to_take_the_place_of() -> None:
    (raised,) = changes(an_event(Kind.CHECKLIST_FAILED, data={"failed": [BAD]}))

    assert isinstance(raised, Raise)
    assert "checklist:tokens:2026-11-20" == raised.key


def test_made_again_on_its_day_it_takes_no_place_of_its_own() -> None:
    again = BAD | {"before": "2026-11-20"}

    assert 1 == len(changes(an_event(Kind.CHECKLIST_FAILED, data={"day": "2026-11-20", "failed": [again]})))


def test_a_good_point_ends_its_alerts_of_all_days_and_one_that_is_not_known_ends_none() -> None:
    data = {"verdicts": {"tokens": "ok", "quota": "unknown"}, "failed": []}

    assert (Resolve("checklist:tokens:", prefix=True),) == changes(an_event(Kind.CHECKLIST_PASSED, data=data))


@pytest.mark.parametrize(
    "data", [{}, {"verdicts": 3, "failed": 7}, {"verdicts": ["x"], "failed": ["x", None]}]
)
def test_no_data_makes_the_rule_raise(data: dict[str, object]) -> None:
    assert () == changes(an_event(Kind.CHECKLIST_FAILED, data=data))
