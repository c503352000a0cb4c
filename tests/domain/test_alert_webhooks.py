"""Which events of webhooks begin and end which alerts."""

import pytest

from tests.builders import an_event
from ytempire.domain.alert_parts import Change
from ytempire.domain.alert_rules import changes
from ytempire.domain.alerts import Raise, Resolve
from ytempire.domain.events import Kind
from ytempire.domain.faults import Level

DELIVERY, DISABLED = "webhook:shop:delivery", "webhook:shop:disabled"


def meant(kind: Kind, **data: object) -> tuple[Change, ...]:
    return changes(an_event(kind, data={"webhook": "shop", **data}))


@pytest.mark.parametrize(
    ("kind", "key", "level", "title", "remedy"),
    [
        (
            Kind.WEBHOOK_FAILING,
            DELIVERY,
            Level.WARNING,
            "the webhook shop takes no messages",
            "webhook test shop",
        ),
        (
            Kind.WEBHOOK_DEAD,
            DELIVERY,
            Level.HIGH,
            "the webhook shop has missed messages",
            "webhook replay shop",
        ),
        (Kind.WEBHOOK_DISABLED, DISABLED, Level.HIGH, "the webhook shop is disabled", "webhook enable shop"),
    ],
)
def test_a_receiver_in_trouble_is_told_with_its_reason_and_what_to_do(
    kind: Kind, key: str, level: Level, title: str, remedy: str
) -> None:
    (found,) = [each for each in meant(kind, why="HTTP 500") if isinstance(each, Raise)]

    assert (key, level, title, "HTTP 500") == (found.key, found.level, found.title, found.text)
    assert remedy in found.remedy


def test_a_receiver_that_takes_messages_again_ends_its_trouble() -> None:
    assert (Resolve(DELIVERY),) == meant(Kind.WEBHOOK_RESTORED)


def test_a_receiver_that_is_gone_for_good_is_no_longer_in_trouble() -> None:
    assert Resolve(DELIVERY, quiet=True) in meant(Kind.WEBHOOK_DISABLED, why="410")


def test_a_person_ends_what_is_told_of_a_receiver() -> None:
    assert (Resolve(DISABLED),) == meant(Kind.WEBHOOK_ENABLED)
    assert (Resolve("webhook:shop:", prefix=True),) == meant(Kind.WEBHOOK_REMOVED)
