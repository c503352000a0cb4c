"""A publication that was started in one project, when that project is out of quota."""

from typing import Any

import pytest

from tests.builders import FIRST, MAIN, SECOND, TODAY, a_project, rules
from tests.services.house import House, a_house, code_of
from ytempire.adapters.memory.api import error
from ytempire.domain.events import Kind
from ytempire.domain.faults import Level
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication
from ytempire.domain.quota import Bucket, Method, Price
from ytempire.domain.values import ProjectId
from ytempire.services.context import Manners

START = str(Method.VIDEOS_INSERT)
OTHER = ProjectId("other")


async def two_projects(*, failover: bool) -> House:
    return await a_house(
        rules(FIRST),
        rules(SECOND, project=OTHER),
        projects=(a_project(MAIN), a_project(OTHER)),
        manners=Manners(cross_project_failover=failover),
    )


async def refused_at_the_start(house: House) -> Publication:
    """A publication whose first start was refused for quota, decided upon anew."""
    accepted = await house.submit()
    house.google.trouble(START, error(403, "quotaExceeded"))
    await house.advance(accepted.id)
    return await house.advance(accepted.id)


async def test_it_waits_for_the_reset_and_the_choice_says_why() -> None:
    house = await two_projects(failover=False)

    waiting = await refused_at_the_start(house)

    assert (State.DEFERRED, "out_of_quota", TODAY.resets) == (waiting.state, code_of(waiting), waiting.due)
    document: dict[str, Any] = await house.staff().reports.explanation(waiting.id)
    rows = {each["account"]: each for each in document["candidates"]}
    assert {FIRST: "bucket_closed", SECOND: "other_project"} == {
        name: row["obstacle"] for name, row in rows.items()
    }
    assert "moving on to another project because of quota is off" in rows[SECOND]["why"]
    assert 1 == house.google.count(START)


async def test_after_the_reset_it_is_published() -> None:
    house = await two_projects(failover=False)

    waiting = await refused_at_the_start(house)

    assert State.PUBLISHED is (await house.finish(waiting.id)).state
    assert house.clock.now() >= TODAY.resets


async def test_where_it_is_allowed_another_project_takes_it_at_once() -> None:
    house = await two_projects(failover=True)

    moved = await refused_at_the_start(house)

    assert (State.PROCESSING, SECOND, OTHER) == (moved.state, moved.account, moved.project)


@pytest.mark.parametrize("failover", [True, False])
async def test_new_work_goes_where_there_is_quota(failover: bool) -> None:
    house = await two_projects(failover=failover)
    await refused_at_the_start(house)

    fresh = await house.submit("Another")

    assert SECOND == (await house.advance(fresh.id)).account


async def test_a_channel_at_its_own_limit_is_no_matter_of_quota_and_is_left_for_another_project() -> None:
    house = await two_projects(failover=False)
    accepted = await house.submit()
    house.google.trouble(START, error(400, "uploadLimitExceeded"))

    await house.advance(accepted.id)
    moved = await house.advance(accepted.id)

    assert (State.PROCESSING, SECOND, OTHER) == (moved.state, moved.account, moved.project)


async def test_the_calls_of_a_publication_tell_crossings_and_count_for_their_account(house: House) -> None:
    assert await house.store.charge(MAIN, Price(Bucket.UNITS, 6_960), TODAY, at=house.clock.now())
    house.media.put("/cover.png")

    done = await house.finish((await house.submit(thumbnail="/cover.png")).id)

    (told,) = await house.events(Kind.QUOTA_THRESHOLD)
    assert (Level.INFO, 70, 7_010) == (told.level, told.data["percent"], told.data["used"])
    assert {FIRST: 50} == await house.store.spent(TODAY)
    assert State.PUBLISHED is done.state
