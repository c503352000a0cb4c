"""Uploads that YouTube's limits and refusals end or put off: for how long, for whom, and what is given back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import FIRST, SECOND, TODAY, rules
from tests.services.house import House, a_house, code_of, two_accounts
from ytempire.adapters.memory.api import error
from ytempire.adapters.memory.google import ASK, SEND
from ytempire.domain.decision import CHANNEL_PARKED
from ytempire.domain.events import Kind
from ytempire.domain.faults import Level
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Metadata
from ytempire.domain.quota import Bucket, Method
from ytempire.domain.upload import GRANULE
from ytempire.domain.values import ChannelId
from ytempire.domain.wire import Answer, NoReply, Reply

START = str(Method.VIDEOS_INSERT)


# ---------------------------------------------------------------------------------------------- limits


async def test_quota_exceeded_at_the_start_closes_the_bucket_and_waits_for_the_reset(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(START, error(403, "quotaExceeded"))

    await house.advance(accepted.id)
    waiting = await house.advance(accepted.id)

    assert (State.DEFERRED, "out_of_quota", TODAY.resets) == (waiting.state, code_of(waiting), waiting.due)
    (told,) = await house.events(Kind.BUCKET_CLOSED)
    assert (Level.CRITICAL, "uploads") == (told.level, told.data["bucket"])
    assert (1, 100, 99) == tuple(told.data[name] for name in ("used", "limit", "drift"))
    assert 1 == house.google.count(START)
    assert State.PUBLISHED is (await house.finish(accepted.id)).state
    assert (1, 0) == await house.spent(Bucket.UPLOADS, TODAY.resets)


async def test_a_daily_429_is_a_closed_bucket_and_a_burst_is_not(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(START, error(429, "rateLimitExceeded", "slow down"))
    house.google.trouble(START, error(429, "rateLimitExceeded", "Quota 'Video Uploads per day' exceeded"))

    burst = await house.advance(accepted.id)
    house.clock.set(burst.due or house.clock.now())
    await house.advance(accepted.id)
    daily = await house.advance(accepted.id)

    assert (State.UPLOADING, "rateLimitExceeded") == (burst.state, code_of(burst))
    assert (State.DEFERRED, TODAY.resets) == (daily.state, daily.due)


async def test_quota_exceeded_in_the_middle_keeps_the_session_until_the_reset(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(SEND, error(403, "quotaExceeded"), stored=GRANULE)

    waiting = await house.advance(accepted.id)

    assert (State.UPLOADING, "quotaExceeded", TODAY.resets) == (
        waiting.state,
        code_of(waiting),
        waiting.due,
    )
    published = await house.finish(accepted.id)
    assert State.PUBLISHED is published.state
    assert 1 == house.google.count(START)


async def test_a_channel_at_its_own_limit_is_parked_and_another_takes_over() -> None:
    house = await two_accounts()
    accepted = await house.submit()
    house.google.trouble(START, error(400, "uploadLimitExceeded"))

    published = await house.finish(accepted.id)

    parked = [each for each in await house.store.accounts(house.clock.now()) if each.parked_until]
    assert State.PUBLISHED is published.state
    assert [(FIRST if published.account == SECOND else SECOND, "capped")] == [
        (each.id, str(each.condition)) for each in parked
    ]


async def test_a_channel_at_its_own_limit_without_another_is_waited_for(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(START, error(400, "uploadLimitExceeded"))

    await house.advance(accepted.id)
    waiting = await house.advance(accepted.id)

    assert (State.DEFERRED, "parked", house.clock.now() + CHANNEL_PARKED) == (
        waiting.state,
        code_of(waiting),
        waiting.due,
    )
    assert State.PUBLISHED is (await house.finish(accepted.id)).state


# ----------------------------------------------------------------------------------------------- final


@pytest.mark.parametrize(
    ("answer", "state", "code", "kind"),
    [
        (error(400, "invalidTitle"), State.REFUSED, "invalidMetadata", Kind.REFUSED),
        (error(400, "duplicateUpload"), State.DUPLICATE, "duplicateUpload", Kind.DUPLICATE),
        (error(403, "accessNotConfigured"), State.HELD, "notConfigured", Kind.HELD),
        (error(418, "teapot"), State.HELD, "unknown:418:teapot", Kind.HELD),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_an_answer_that_ends_it_gives_everything_back(
    house: House, answer: Reply, state: State, code: str, kind: Kind
) -> None:
    accepted = await house.submit()
    house.google.trouble(START, answer)

    ended = await house.finish(accepted.id)

    assert (state, code) == (ended.state, code_of(ended))
    assert 1 == len(await house.events(kind))
    assert (1, 0) == await house.spent(Bucket.UPLOADS)
    assert ("active", 0) == (await house.account())[::2]
    assert 1 == house.google.count(START)


async def test_a_video_that_landed_on_another_channel_is_held_and_its_id_known(house: House) -> None:
    accepted = await house.submit()
    body = b'{"id": "stray", "snippet": {"channelId": "UCsomebody"}}'
    house.google.trouble(SEND, Reply(200, {}, body), done=True)
    # The house's uploads carry no channel in their snippet, so only this answer does.
    held = await house.finish(accepted.id)

    assert (State.HELD, "wrong_channel", "stray") == (held.state, code_of(held), held.video_id)
    (told,) = await house.events(Kind.HELD)
    assert Level.CRITICAL is told.level


async def test_the_channel_expected_is_that_of_the_grant(house: House) -> None:
    (account,) = await house.store.accounts(house.clock.now())

    assert ChannelId(house.channel().id) == account.channel


async def test_an_insert_started_just_before_midnight_is_charged_on_both_days() -> None:
    reset = datetime(2026, 12, 11, 8, 0, tzinfo=UTC)
    house = await a_house(start=reset - timedelta(minutes=1))
    accepted = await house.submit()

    assert State.PROCESSING is (await house.advance(accepted.id)).state

    assert (1, 0) == await house.spent(Bucket.UPLOADS, reset - timedelta(hours=1))
    assert (1, 0) == await house.spent(Bucket.UPLOADS, reset)


async def test_sessions_that_are_lost_again_and_again_come_to_an_end() -> None:
    house = await a_house()
    accepted = await house.submit()
    house.google.trouble(SEND, NoReply("connection reset"), times=99, stored=GRANULE)
    house.google.trouble(ASK, Reply(404), times=99)

    current = accepted
    while current.due is not None:
        house.clock.set(current.due)
        current = await house.advance(accepted.id)

    assert (State.HELD, "gave_up") == (current.state, code_of(current))
    assert house.google.count("videos.insert") <= 8


async def test_a_session_lost_over_midnight_begins_anew_within_the_new_day_s_cap() -> None:
    reset = datetime(2026, 12, 11, 8, 0, tzinfo=UTC)
    house = await a_house(rules(FIRST, daily_uploads=1), start=reset - timedelta(minutes=30))
    first = await house.submit("first")
    house.google.trouble(SEND, error(403, "quotaExceeded"), stored=GRANULE)
    await house.advance(first.id)
    house.clock.set(reset)
    house.youtube.uploads.clear()
    second = await house.submit("second")
    await house.advance(second.id)

    await house.advance(first.id)
    house.clock.advance(timedelta(minutes=1))
    await house.advance(first.id)
    waiting = await house.advance(first.id)

    assert (State.DEFERRED, "out_of_quota") == (waiting.state, code_of(waiting))
    assert 1 == len(house.youtube.videos)
    assert 1 == (await house.account())[1]
    assert State.PUBLISHED is (await house.finish(first.id)).state


async def test_a_start_that_never_left_this_machine_starts_no_insert(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(START, NoReply("the connection was refused", sent=False))

    waiting = await house.advance(accepted.id)

    assert (State.UPLOADING, "noReply", None) == (waiting.state, code_of(waiting), waiting.session)
    assert (0, 1) == await house.spent(Bucket.UPLOADS)


# ----------------------------------------------------------------------------------- what comes too late


@pytest.mark.parametrize("limit", ["deadline", "publish_at"])
@pytest.mark.parametrize(
    "answer",
    [Reply(503, {"retry-after": "3000"}), NoReply("reset"), NoReply("no route", sent=False)],
    ids=str,
)
async def test_no_upload_is_started_again_after_its_time(house: House, limit: str, answer: Answer) -> None:
    moment = house.clock.now() + timedelta(minutes=30)
    draft = house.draft("late") if limit == "publish_at" else house.draft("late", deadline=moment)
    if limit == "publish_at":
        draft = replace(draft, metadata=Metadata("late", publish_at=moment))
    accepted = await house.staff().submission.submit(draft)
    house.google.trouble(START, answer)

    waiting = await house.advance(accepted.id)
    house.clock.set(moment)
    held = await house.finish(accepted.id)

    assert waiting.due is not None
    assert waiting.due <= moment
    assert (State.HELD, f"{limit}_passed", 1) == (held.state, code_of(held), house.google.count(START))
    assert (0, 0) == ((await house.spent(Bucket.UPLOADS))[1], (await house.account())[2])


async def test_what_may_be_a_video_already_is_found_out_whatever_the_time_is(house: House) -> None:
    deadline = house.clock.now() + timedelta(hours=1)
    accepted = await house.submit(deadline=deadline)
    house.google.trouble(SEND, NoReply("reset"), done=True)
    house.google.trouble(ASK, Reply(503), times=15)
    current = await house.advance(accepted.id)
    while current.due is not None and current.due < deadline:
        house.clock.set(current.due)
        current = await house.advance(accepted.id)
    assert (State.DEFERRED, "backendError") == (current.state, code_of(current))

    found = await house.finish(accepted.id)

    assert deadline < house.clock.now()
    assert (State.PUBLISHED, list(house.youtube.videos)) == (found.state, [found.video_id])


async def test_what_may_be_a_video_already_waits_for_its_account_beyond_its_deadline(house: House) -> None:
    deadline = house.clock.now() + timedelta(hours=1)
    accepted = await house.submit(deadline=deadline)
    house.google.trouble(SEND, NoReply("reset"), done=True)
    house.google.trouble(ASK, Reply(503), times=10)
    current = await house.advance(accepted.id)
    while current.state is State.UPLOADING and current.due is not None:
        house.clock.set(current.due)
        current = await house.advance(accepted.id)
    (account,) = await house.store.accounts(house.clock.now())
    await house.staff().ordering.pause(account, "a test")
    house.clock.set(deadline)

    waiting = await house.advance(accepted.id)
    assert current.due is not None
    house.clock.set(max(current.due, deadline))
    waiting = await house.advance(accepted.id)

    assert waiting.due is not None
    assert (State.DEFERRED, "condition", True) == (
        waiting.state,
        code_of(waiting),
        waiting.due > house.clock.now(),
    )
    await house.staff().ordering.resume(account, "a test")
    assert State.PUBLISHED is (await house.finish(accepted.id)).state
