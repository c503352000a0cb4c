"""Watching videos after their upload: batches, verdicts, patience, and who is called when it ends."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from tests.builders import FIRST, NOW, SECOND, TODAY, a_project, rules
from tests.services.house import House, a_house, two_accounts
from ytempire.adapters.memory.api import error
from ytempire.adapters.memory.google import TOKEN
from ytempire.domain.events import Kind
from ytempire.domain.faults import Level
from ytempire.domain.lifecycle import State
from ytempire.domain.processing import LONGEST_PROCESSING
from ytempire.domain.publication import Metadata, Privacy, Publication, Target
from ytempire.domain.quota import Bucket, Method
from ytempire.domain.values import Secret
from ytempire.domain.wire import Answer, Call, NoReply, Reply
from ytempire.ports import Google

LIST = str(Method.VIDEOS_LIST)


async def uploaded(house: House, title: str = "A title", **changes: Any) -> Publication:
    """A publication whose bytes have arrived, and a clock at the moment of its first look."""
    accepted = await house.submit(title, **changes)
    done = await house.advance(accepted.id)
    assert done.look_at is not None
    house.clock.set(done.look_at)
    return done


async def test_a_video_that_is_ready_is_published_and_its_address_told(house: House) -> None:
    done = await uploaded(house)

    published = await house.finish(done.id)

    (told,) = await house.events(Kind.PUBLISHED)
    assert (State.PUBLISHED, None, None, None) == (
        published.state,
        published.due,
        published.look_at,
        published.reason,
    )
    assert {"video_id": done.video_id, "url": f"https://www.youtube.com/watch?v={done.video_id}"} == told.data


async def test_looks_come_further_apart_the_longer_it_takes() -> None:
    house = await a_house(looks=100)
    done = await uploaded(house)
    gaps: list[timedelta] = []
    for _ in range(40):
        before = house.clock.now()
        await house.look()
        after = (await house.now(done.id)).look_at
        assert after is not None
        gaps.append(after - before)
        house.clock.set(after)

    assert timedelta(seconds=15) == gaps[0]
    assert gaps == sorted(gaps)
    assert timedelta(minutes=10) == gaps[-1]


async def test_many_videos_of_one_account_are_asked_for_fifty_at_a_time() -> None:
    house = await a_house()
    accepted = [await house.submit(f"video {n}") for n in range(60)]
    for each in accepted:
        await house.advance(each.id)
    house.clock.advance(timedelta(minutes=1))
    calls = house.google.count(LIST)

    assert 60 == await house.staff().watch.look()

    assert 2 == house.google.count(LIST) - calls
    assert (2, 0) == await house.spent(Bucket.UNITS)


async def test_each_account_asks_for_its_own() -> None:
    house = await two_accounts()
    for account in (FIRST, SECOND):
        await uploaded(house, f"of {account}", target=Target(account=account))
    house.clock.advance(timedelta(minutes=1))

    assert 2 == await house.staff().watch.look()

    assert {house.channel(each).id for each in (FIRST, SECOND)} == {
        entry.channel for entry in house.google.journal if entry.name == LIST
    }


class FirstWaitsForSecond:
    """A Google whose first list of videos comes once a second one was asked for."""

    def __init__(self, inner: Google) -> None:
        self._inner = inner
        self._second = asyncio.Event()
        self._asked = 0

    async def call(self, call: Call, token: Secret) -> Answer:
        self._asked += 1
        if self._asked == 1:
            await self._second.wait()
        self._second.set()
        return await self._inner.call(call, token)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


async def test_a_channel_whose_list_hangs_keeps_no_other_from_being_looked_at() -> None:
    house = await two_accounts()
    done = [await uploaded(house, f"of {each}", target=Target(account=each)) for each in (FIRST, SECOND)]
    house.clock.advance(timedelta(minutes=1))
    google = cast(Google, FirstWaitsForSecond(house.google))

    async with asyncio.timeout(10):
        await house.staff(replace(house.ports(), google=google)).watch.look()

    assert not {each.look_at for each in done} & {(await house.now(each.id)).look_at for each in done}


async def test_nothing_due_asks_nothing(house: House) -> None:
    await house.submit()

    assert 0 == await house.staff().watch.look()
    assert [] == house.google.journal


@pytest.mark.parametrize(
    ("verdict", "state", "code"),
    [
        ({"uploadStatus": "failed", "failureReason": "codec"}, State.FAILED, "processingFailed"),
        ({"uploadStatus": "rejected", "rejectionReason": "copyright"}, State.FAILED, "processingFailed"),
        ({"uploadStatus": "rejected", "rejectionReason": "duplicate"}, State.DUPLICATE, "duplicateUpload"),
    ],
    ids=str,
)
async def test_a_verdict_against_it_is_final_and_told(
    house: House, verdict: dict[str, Any], state: State, code: str
) -> None:
    house.youtube.verdicts["A title"] = verdict
    done = await uploaded(house)

    ended = await house.finish(done.id)

    assert ended.reason is not None
    assert (state, code) == (ended.state, ended.reason.code)
    kind = Kind.DUPLICATE if state is State.DUPLICATE else Kind.PROCESSING_FAILED
    (told,) = await house.events(kind)
    assert told.level is (Level.WARNING if state is State.DUPLICATE else Level.HIGH)
    assert (0, "active") == ((await house.spent(Bucket.UPLOADS))[1], (await house.account())[0])


async def test_a_video_that_is_not_yet_listed_is_waited_for(house: House) -> None:
    done = await uploaded(house)
    video = house.youtube.videos.pop(str(done.video_id))
    await house.look()
    assert State.PROCESSING is (await house.now(done.id)).state

    house.youtube.videos[video.id] = video

    assert State.PUBLISHED is (await house.finish(done.id)).state


async def test_a_video_that_is_gone_has_failed(house: House) -> None:
    done = await uploaded(house)
    house.youtube.videos.clear()

    ended = await house.finish(done.id)

    assert ended.reason is not None
    assert (State.FAILED, "video_missing") == (ended.state, ended.reason.code)
    assert house.clock.now() - NOW >= timedelta(minutes=15)


async def test_an_empty_list_or_two_are_a_server_s_slip_and_end_nothing(house: House) -> None:
    done = await uploaded(house)
    video = house.youtube.videos[str(done.video_id)]
    for _ in range(3):
        house.clock.advance(timedelta(hours=1))
        for _ in range(2):
            del house.youtube.videos[video.id]
            await house.look()
            missed = await house.now(done.id)
            assert missed.look_at is not None
            assert (State.PROCESSING, "video_missing") == (missed.state, missed.reason and missed.reason.code)
            house.clock.set(missed.look_at)
            house.youtube.videos[video.id] = video
        video.looks = 5
        await house.look()
        assert 0 == (await house.now(done.id)).failures

    assert State.PUBLISHED is (await house.finish(done.id)).state


async def test_a_stranger_s_answer_does_not_make_a_video_missing(house: House) -> None:
    done = await uploaded(house)
    house.clock.advance(timedelta(hours=1))
    house.google.trouble(LIST, Reply(200, {}, b"<html>a proxy</html>"))

    await house.look()

    assert State.PROCESSING is (await house.now(done.id)).state
    assert State.PUBLISHED is (await house.finish(done.id)).state


@pytest.mark.parametrize("answer", [NoReply("reset"), Reply(503), error(403, "forbidden")], ids=str)
async def test_a_fault_of_the_look_is_not_the_video_s(house: House, answer: Answer) -> None:
    done = await uploaded(house)
    house.google.trouble(LIST, answer)

    await house.look()

    waiting = await house.now(done.id)
    assert waiting.look_at is not None
    assert (State.PROCESSING, True) == (waiting.state, waiting.look_at > house.clock.now())
    assert waiting.reason is not None
    published = await house.finish(done.id)
    assert (State.PUBLISHED, None) == (published.state, published.reason)


async def test_looks_without_quota_wait_for_the_reset() -> None:
    house = await a_house(projects=[a_project(units=0)])
    done = await uploaded(house)

    await house.look()

    assert TODAY.resets == (await house.now(done.id)).look_at
    assert 0 == house.google.count(LIST)


async def test_a_dead_grant_is_asked_once_and_told_once_however_often_we_look(house: House) -> None:
    done = await uploaded(house)
    await house.connect(FIRST, life=timedelta(0))
    house.channel().dead = True
    staff = house.staff()

    for _ in range(10):
        await staff.watch.look()
        house.clock.advance(timedelta(minutes=15))

    assert (1, 1) == (house.google.count(TOKEN), len(await house.events(Kind.TOKEN_FAILED)))
    assert State.PROCESSING is (await house.now(done.id)).state


async def test_processing_without_end_calls_a_person() -> None:
    house = await a_house(looks=100_000)
    done = await uploaded(house)

    held = await house.finish(done.id)

    assert held.reason is not None
    assert (State.HELD, "processing_stuck") == (held.state, held.reason.code)
    assert house.clock.now() - NOW > LONGEST_PROCESSING
    (told,) = await house.events(Kind.HELD)
    assert Level.HIGH is told.level


async def test_a_video_that_is_more_visible_than_asked_is_told_loudly(house: House) -> None:
    house.youtube.verdicts["A title"] = {"privacyStatus": "public"}
    done = await uploaded(house)

    published = await house.finish(done.id)

    assert published.reason is not None
    assert (State.PUBLISHED, "visibility_differs") == (published.state, published.reason.code)
    (told,) = await house.events(Kind.VISIBILITY_DIFFERS)
    assert Level.HIGH is told.level


@pytest.mark.parametrize("privacy", list(Privacy))
async def test_the_visibility_asked_for_is_the_one_sent(house: House, privacy: Privacy) -> None:
    draft = house.draft()
    asked = type(draft)(draft.file, Metadata("A title", privacy=privacy))
    accepted = await house.staff().submission.submit(asked)

    published = await house.finish(accepted.id)

    (video,) = house.youtube.videos.values()
    assert (str(privacy), None) == (video.status["privacyStatus"], published.reason)


@pytest.mark.parametrize("body", [b"{}", b'{"items": null}', b'{"items": 3}', b'{"items": ["x"]}'])
async def test_an_answer_that_is_no_list_does_not_make_a_video_missing(house: House, body: bytes) -> None:
    done = await uploaded(house)
    house.clock.advance(timedelta(hours=1))
    house.google.trouble(LIST, Reply(200, {}, body))

    await house.look()

    assert State.PROCESSING is (await house.now(done.id)).state
    assert State.PUBLISHED is (await house.finish(done.id)).state


async def test_a_failed_look_after_a_long_stop_holds_nothing() -> None:
    house = await a_house(looks=0)
    done = await uploaded(house)
    house.clock.advance(LONGEST_PROCESSING + timedelta(hours=1))
    house.google.trouble(LIST, NoReply("the network is not up yet"))

    await house.look()

    assert State.PROCESSING is (await house.now(done.id)).state
    assert State.PUBLISHED is (await house.finish(done.id)).state


async def test_a_video_of_an_account_no_longer_configured_waits_and_stops_nobody() -> None:
    house = await a_house(rules(FIRST), rules(SECOND), looks=0)
    orphan = await uploaded(house, "orphan", target=Target(FIRST))
    other = await uploaded(house, "other", target=Target(SECOND))
    everyone, house.accounts = house.accounts, house.accounts[1:]
    await house.store.configure([a_project()], house.accounts, house.clock.now())

    await house.look()

    assert State.PUBLISHED is (await house.now(other.id)).state
    waiting = await house.now(orphan.id)
    assert waiting.reason is not None
    assert (State.PROCESSING, "accountUnknown") == (waiting.state, waiting.reason.code)
    house.accounts = everyone
    await house.store.configure([a_project()], everyone, house.clock.now())
    assert State.PUBLISHED is (await house.finish(orphan.id)).state
