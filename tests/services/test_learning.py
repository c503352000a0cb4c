"""What YouTube's answers teach about an account is kept, heeded, told, and put to the test again."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import FIRST, SECOND, rules
from tests.services.house import CLIENT, House, a_house, code_of
from ytempire.adapters.memory.api import error
from ytempire.domain.accounts import Account, Condition
from ytempire.domain.conditions import Act
from ytempire.domain.decision import CHANNEL_PARKED
from ytempire.domain.events import Kind
from ytempire.domain.lessons import CAP_FOR, REFUSED_FOR, Lesson, Topic
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import ExtraState, Publication
from ytempire.domain.quota import Method
from ytempire.domain.tokenfiles import ImportedGrant
from ytempire.domain.values import AccountId, Secret
from ytempire.ports import AccountChange
from ytempire.services.place import place
from ytempire.services.standing import change_of

START, THUMBNAIL = str(Method.VIDEOS_INSERT), str(Method.THUMBNAILS_SET)
LIMIT = error(400, "uploadLimitExceeded", "no more today")
DAY = timedelta(days=1)


async def account_of(house: House, which: AccountId = FIRST) -> Account:
    return next(each for each in await house.store.accounts(house.clock.now()) if each.id == which)


async def with_thumbnail(house: House, title: str) -> Publication:
    house.media.put("/cover.png")
    accepted = await house.submit(title, thumbnail="/cover.png")
    return await house.finish(accepted.id)


async def reconnected(house: House) -> None:
    imported = ImportedGrant(
        refresh_token=Secret(house.channel().refresh_token),
        access_token=None,
        expires_at=None,
        client_id=CLIENT.client_id,
        client_secret=None,
        token_uri=None,
        scopes=(),
    )
    await house.staff().connecting.import_grant(await account_of(house), imported)


# -------------------------------------------------------------------------------------------- thumbnails


async def test_a_forbidden_thumbnail_is_not_sent_a_second_time(house: House) -> None:
    house.google.trouble(THUMBNAIL, error(403, "forbidden", "not allowed to set thumbnails"))

    first = await with_thumbnail(house, "One")
    second = await with_thumbnail(house, "Two")

    assert [State.PUBLISHED] * 2 == [first.state, second.state]
    assert 1 == house.google.count(THUMBNAIL)
    (extra,) = second.extras
    assert ExtraState.FAILED is extra.state
    assert (
        "YouTube refuses custom thumbnails on this channel since 2026-11-20 (not allowed to set thumbnails); "
        "verify it, then connect it again" == extra.reason
    )
    (learned,) = await house.events(Kind.ACCOUNT_LEARNED)
    assert (FIRST, "thumbnails", "refused") == (learned.account, learned.data["topic"], learned.data["value"])


async def test_another_fault_of_a_thumbnail_teaches_nothing(house: House) -> None:
    house.google.trouble(THUMBNAIL, error(400, "invalidImage"))

    await with_thumbnail(house, "One")

    assert () == (await account_of(house)).lessons


async def test_after_a_month_a_thumbnail_is_tried_again(house: House) -> None:
    house.google.trouble(THUMBNAIL, error(403, "forbidden"))
    await with_thumbnail(house, "One")
    house.clock.set(house.clock.now() + REFUSED_FOR)

    again = await with_thumbnail(house, "Two")

    assert [ExtraState.DONE] == [extra.state for extra in again.extras]


async def test_connecting_again_forgets_the_refusal_and_learns_how_long_videos_may_be(house: House) -> None:
    house.google.trouble(THUMBNAIL, error(403, "forbidden"))
    await with_thumbnail(house, "One")

    await reconnected(house)

    (lesson,) = (await account_of(house)).lessons
    assert (Topic.LONG_UPLOADS, "allowed") == (lesson.topic, lesson.value)


# ------------------------------------------------------------------------------------------- learned cap


async def published(house: House, *titles: str) -> None:
    for title in titles:
        accepted = await house.submit(title)
        assert State.PUBLISHED is (await house.finish(accepted.id)).state


async def refused_after_three() -> House:
    """Three went through, the fourth was refused and waits until the channel is no longer parked."""
    house = await a_house(rules(daily_uploads=5, concurrency=1))
    await published(house, "One", "Two", "Three")
    house.google.trouble(START, LIMIT)
    accepted = await house.submit("Four")
    await house.advance(accepted.id)
    waiting = await house.advance(accepted.id)
    assert (State.DEFERRED, "parked") == (waiting.state, code_of(waiting))
    return house


async def test_the_refusal_of_the_fourth_teaches_a_cap_of_three() -> None:
    house = await refused_after_three()

    account = await account_of(house)

    assert Condition.CAPPED is account.condition
    assert (Lesson(Topic.DAILY_CAP, "3", house.clock.now(), "no more today"),) == account.lessons
    assert 3 == account.cap(house.clock.now())
    (learned,) = await house.events(Kind.ACCOUNT_LEARNED)
    assert ("daily_cap", "3") == (learned.data["topic"], learned.data["value"])


async def test_the_learned_cap_is_kept_to_for_a_week_and_then_proven_wrong() -> None:
    house = await refused_after_three()
    refused_at = house.clock.now()
    house.clock.set(refused_at + CAP_FOR + DAY)
    assert 4 == (await account_of(house)).cap(house.clock.now())

    await house.work()
    await published(house, "Five", "Six", "Seven")

    (lesson,) = (await account_of(house)).lessons
    assert (Topic.DAILY_CAP, "4", refused_at) == (lesson.topic, lesson.value, lesson.at)
    house.clock.set(house.clock.now() + 2 * DAY)
    await published(house, "Eight", "Nine", "Ten", "Eleven", "Twelve")
    assert () == (await account_of(house)).lessons


async def test_a_refusal_before_anything_went_through_teaches_no_cap(house: House) -> None:
    house.google.trouble(START, LIMIT)
    accepted = await house.submit()
    await house.advance(accepted.id)

    account = await account_of(house)

    assert (Condition.CAPPED, ()) == (account.condition, account.lessons)
    assert house.clock.now() + CHANNEL_PARKED == account.parked_until


async def test_a_capped_account_is_active_again_by_itself_or_when_a_person_says_so() -> None:
    house = await refused_after_three()
    assert Condition.ACTIVE is next(
        each.condition for each in await house.store.accounts(house.clock.now() + CHANNEL_PARKED)
    )

    resumed = await house.staff().ordering.resume(await account_of(house), "the limit was raised")

    assert (Condition.ACTIVE, house.clock.now()) == (resumed.condition, resumed.parked_until)
    *_, event = await house.events(Kind.ACCOUNT_CHANGED)
    assert ("capped", "active") == (event.data["from"], event.data["to"])


async def test_to_free_a_capped_account_brings_none_back_that_youtube_has_suspended_meanwhile() -> None:
    house = await refused_after_three()
    capped = (await account_of(house)).id
    freed = await change_of(house.staff().context, capped, Act.RESUMED, "the limit was raised")
    assert freed is not None
    suspended = AccountChange(capped, "suspended", "YouTube's answer", Condition.SUSPENDED)
    await house.store.change_account(suspended, house.clock.now(), ())

    assert not await house.store.change_account(freed, house.clock.now(), ())
    assert Condition.SUSPENDED is (await account_of(house)).condition


# ------------------------------------------------------------------------------- strikes, and one event


@pytest.mark.parametrize(
    ("reason", "condition", "topics"),
    [
        ("authenticatedUserAccountSuspended", "suspended", [Topic.STRIKE]),
        ("insufficientPermissions", "needs_reauth", []),
    ],
)
async def test_two_uploads_that_meet_the_same_end_of_an_account_tell_it_once(
    reason: str, condition: str, topics: list[Topic]
) -> None:
    house = await a_house(rules(FIRST), rules(SECOND))
    await house.store.change_account(_paused(SECOND), house.clock.now(), ())
    videos = [await house.submit(title) for title in ("One", "Two")]
    house.google.trouble(START, error(403, reason), times=2)
    staff = house.staff()
    placed: list[Any] = [await place(staff.context, each) for each in videos]
    for each in placed:
        await house.advance(each.id)

    changes = [each for each in await house.events(Kind.ACCOUNT_CHANGED) if each.account == FIRST]
    assert [condition] == [each.data["condition"] for each in changes]
    account = await account_of(house)
    assert (condition, topics) == (str(account.condition), [each.topic for each in account.lessons])


def _paused(which: AccountId) -> AccountChange:
    return AccountChange(which, "rest", "test", Condition.PAUSED)
