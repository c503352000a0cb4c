"""Which reserves step in, for whom, and when they go back."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import MAIN, NOW, TODAY, a_line, a_publication, a_request, a_session, an_account
from ytempire.domain.accounts import Account, Condition, Kind, World
from ytempire.domain.lessons import Lesson, Topic
from ytempire.domain.publication import Publication, Target
from ytempire.domain.quota import Bucket, Cost
from ytempire.domain.reserves import Demand, Policy, Readiness, readiness, to_promote, to_return
from ytempire.domain.values import AccountId, ProjectId

COST = {MAIN: Cost({Bucket.UPLOADS: 1})}
STRUCK = (Lesson(Topic.STRIKE, "accountUnusable", NOW - timedelta(days=3)),)
HOUR = timedelta(hours=1)


def a_reserve(which: str = "reserve_1", **changes: Any) -> Account:
    return an_account(
        which, **{"kind": Kind.RESERVE, "condition": Condition.STANDBY, "daily_uploads": 2} | changes
    )


def a_world(*accounts: Account, uploads_used: int = 0) -> World:
    ledger = {(MAIN, Bucket.UPLOADS): a_line(Bucket.UPLOADS, 100, used=uploads_used)}
    return World(accounts, ledger, TODAY.resets)


def demands(count: int, **request: Any) -> list[Demand]:
    return [
        Demand(a_publication(f"pub_{number}", request=a_request(**request)), COST) for number in range(count)
    ]


def promoted(world: World, wanted: list[Demand], policy: Policy = Policy.STANDBY) -> list[str]:
    return [each.account for each in to_promote(wanted, world, policy, NOW)]


FULL = an_account("full", uploads_today=5)


def test_nobody_steps_in_while_production_can_take_it() -> None:
    assert [] == promoted(a_world(an_account(), a_reserve()), demands(5))


def test_the_sixth_video_of_an_account_with_five_a_day_brings_a_reserve() -> None:
    assert ["reserve_1"] == promoted(a_world(an_account(), a_reserve()), demands(6))


def test_an_account_that_is_only_busy_can_take_it_today() -> None:
    busy = an_account(in_flight=1, uploads_today=1)

    assert [] == promoted(a_world(busy, a_reserve()), demands(4))


@pytest.mark.parametrize(
    "lost",
    [
        {"condition": Condition.NEEDS_REAUTH},
        {"condition": Condition.SUSPENDED},
        {"condition": Condition.PAUSED},
        {"condition": Condition.CAPPED, "parked_until": NOW + HOUR},
        {"uploads_today": 5},
    ],
)
def test_an_account_that_drops_out_is_replaced(lost: dict[str, Any]) -> None:
    (promotion,) = to_promote(demands(1), a_world(an_account(**lost), a_reserve()), Policy.STANDBY, NOW)

    assert "reserve_1" == promotion.account
    assert promotion.publication is not None
    assert "pub_0" == promotion.publication.id
    assert "no other account can take pub_0 today (account_01: " in promotion.why


def test_as_few_as_are_needed_step_in() -> None:
    world = a_world(FULL, *(a_reserve(f"reserve_{n}") for n in (1, 2, 3)))

    assert [1, 1, 2, 2, 3, 3] == [len(promoted(world, demands(count))) for count in (1, 2, 3, 4, 5, 9)]


def test_a_reserve_in_service_is_filled_before_another_steps_in() -> None:
    serving = a_reserve("reserve_1", condition=Condition.ACTIVE, uploads_today=1, promoted_until=TODAY.resets)
    world = a_world(FULL, serving, a_reserve("reserve_2"))

    assert [] == promoted(world, demands(1))
    assert ["reserve_2"] == promoted(world, demands(2))


def test_the_healthiest_steps_in_first() -> None:
    world = a_world(
        FULL, a_reserve("reserve_1", lessons=STRUCK), a_reserve("reserve_2"), a_reserve("reserve_3")
    )

    assert ["reserve_2", "reserve_3"] == promoted(world, demands(4))


@pytest.mark.parametrize(
    "unfit",
    [
        {"condition": Condition.PAUSED},
        {"condition": Condition.NEEDS_REAUTH},
        {"condition": Condition.DISCONNECTED},
        {"grant_dead": "revoked"},
        {"parked_until": NOW + HOUR},
        {"uploads_today": 2},
    ],
)
def test_a_reserve_that_could_not_help_is_left_alone(unfit: dict[str, Any]) -> None:
    assert [] == promoted(a_world(FULL, a_reserve(**unfit)), demands(1))


def test_a_reserve_of_the_same_empty_project_is_no_help() -> None:
    assert [] == promoted(a_world(an_account(), a_reserve(), uploads_used=80), demands(1))


def test_the_quota_that_earlier_ones_take_is_gone() -> None:
    assert ["reserve_1"] == promoted(
        a_world(FULL, a_reserve(), a_reserve("reserve_2"), uploads_used=78), demands(4)
    )


def test_only_who_is_allowed_steps_in() -> None:
    world = a_world(FULL, a_reserve("reserve_1"), a_reserve("reserve_2", groups=frozenset({"news"})))

    assert ["reserve_2"] == promoted(world, demands(1, target=Target(group="news")))
    assert [] == promoted(world, demands(1, target=Target(group="sport")))


def test_a_reserve_that_a_publication_names_serves_it_and_others() -> None:
    world = a_world(FULL, a_reserve("reserve_1"), a_reserve("reserve_2"))
    wanted = [
        *demands(1),
        Demand(a_publication("fixed", request=a_request(target=Target(AccountId("reserve_2")))), COST),
    ]

    assert ["reserve_2"] == promoted(world, wanted)


def test_what_has_begun_on_an_account_moves_to_no_reserve() -> None:
    begun: Publication = a_publication(session=a_session())
    world = a_world(an_account(condition=Condition.NEEDS_REAUTH), a_reserve())

    assert [] == promoted(world, [Demand(begun, COST)])


def test_without_reserves_nobody_is_asked() -> None:
    assert [] == promoted(a_world(FULL), demands(1))


def test_reserves_that_are_off_never_step_in() -> None:
    assert [] == promoted(a_world(FULL, a_reserve()), demands(1), Policy.OFF)


def test_planned_reserves_are_in_service_without_any_need() -> None:
    world = a_world(an_account(), a_reserve("reserve_1"), a_reserve("reserve_2", condition=Condition.PAUSED))

    (promotion,) = to_promote([], world, Policy.DAILY, NOW)

    assert ("reserve_1", None) == (promotion.account, promotion.publication)


# ------------------------------------------------------------------------------- and going back


def returned(policy: Policy, *accounts: Account) -> list[str]:
    return [each.id for each in to_return(accounts, policy)]


@pytest.mark.parametrize("policy", Policy)
def test_a_reserve_goes_back_when_its_day_is_over(policy: Policy) -> None:
    over = a_reserve("over", promoted_until=NOW)
    serving = a_reserve("serving", condition=Condition.ACTIVE, promoted_until=NOW + HOUR)

    assert ["over"] == returned(policy, over, serving, a_reserve(), an_account(promoted_until=None))


@pytest.mark.parametrize(
    ("policy", "expected"), [(Policy.STANDBY, ["kept"]), (Policy.OFF, ["kept"]), (Policy.DAILY, [])]
)
def test_reserves_that_worked_every_day_stand_by_when_that_is_no_longer_wanted(
    policy: Policy, expected: list[str]
) -> None:
    assert expected == returned(policy, a_reserve("kept", condition=Condition.ACTIVE), an_account())


# ------------------------------------------------------------------------------- who is ready


def test_three_reserves_ready_are_enough() -> None:
    three = [a_reserve("a"), a_reserve("b"), a_reserve("c", condition=Condition.ACTIVE)]

    ready = tuple(each.id for each in three)

    assert Readiness(ready, 3, ()) == readiness([an_account(), *three], NOW)
    assert readiness(three, NOW).enough
    assert not readiness(three[:2], NOW).enough


def test_what_is_wrong_with_a_reserve_is_told() -> None:
    found = readiness(
        [
            a_reserve("a", condition=Condition.PAUSED),
            a_reserve("b", grant_dead="revoked"),
            a_reserve("c", lessons=STRUCK),
        ],
        NOW,
        wanted=1,
    )

    assert not found.enough
    assert (
        ("a", "it is paused"),
        ("b", "its grant cannot be used: revoked"),
        ("c", "its health is 0.64"),
    ) == found.not_ready


def test_a_reserve_of_another_project_helps_when_the_first_is_empty() -> None:
    other = ProjectId("other")
    world = a_world(an_account(), a_reserve("reserve_1", project=other), uploads_used=80)
    ledger = dict(world.ledger) | {(other, Bucket.UPLOADS): a_line(Bucket.UPLOADS, 100, project=other)}
    two = World(world.accounts, ledger, world.resets_at)
    demand = Demand(a_publication(), COST | {other: Cost({Bucket.UPLOADS: 1})})

    assert ["reserve_1"] == promoted(two, [demand])
