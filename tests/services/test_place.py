"""Finding an account: the world is read, the domain decides, the store reserves; what cannot go now waits exactly."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.builders import FIRST, MAIN, NOW, SECOND, TODAY, a_project, rules
from tests.services.house import House, Ports, a_house, code_of, two_accounts
from ytempire.adapters.memory.google import SEND
from ytempire.domain.accounts import RECHECK, Condition
from ytempire.domain.accounts import Kind as AccountKind
from ytempire.domain.drafts import CaptionDraft
from ytempire.domain.events import Event, Kind
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Metadata, Publication, Target
from ytempire.domain.quota import UNITS_2025, Bucket, Cost
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import Refused
from ytempire.domain.wire import NoReply
from ytempire.ports import AccountChange, Settlement, Store
from ytempire.services.place import place
from ytempire.services.world import costs


def with_store(house: House, store: object) -> Ports:
    ports = house.ports()
    return Ports(store, ports.google, ports.vault, ports.media, ports.clock)  # type: ignore[arg-type]  # below


class Rivals:
    """A store where others are faster the first times somebody reserves."""

    def __init__(self, store: Store, times: int) -> None:
        self._store = store
        self.left = times
        self.tries = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    async def reserve(
        self, publication: Publication, cost: Cost, events: Sequence[Event], **more: Any
    ) -> Publication | None:
        self.tries += 1
        if self.left > 0:
            self.left -= 1
            return None
        return await self._store.reserve(publication, cost, events, **more)


class Meddler(Rivals):
    """A store where somebody else changes the publication just before it is reserved."""

    async def reserve(
        self, publication: Publication, cost: Cost, events: Sequence[Event], **more: Any
    ) -> Publication | None:
        current = await self._store.publication(publication.id)
        assert current is not None
        await self._store.settle(Settlement(replace(current, failures=7)))
        return await super().reserve(publication, cost, events, **more)


# -------------------------------------------------------------------------------------- reserving


async def test_the_whole_job_is_reserved_at_once(house: House) -> None:
    for path in ("/cover.png", "/en.srt", "/de.srt"):
        house.media.put(path)
    accepted = await house.submit(
        thumbnail="/cover.png",
        captions=(CaptionDraft("/en.srt", "en"), CaptionDraft("/de.srt", "de")),
        playlists=("shows",),
    )

    placed = await place(house.staff().context, accepted)

    assert placed is not None
    assert (State.UPLOADING, FIRST, MAIN, TODAY, 1) == (
        placed.state,
        placed.account,
        placed.project,
        placed.day,
        placed.attempts,
    )
    assert (0, 1) == await house.spent(Bucket.UPLOADS)
    assert (0, 50 + 400 + 400 + 50) == await house.spent(Bucket.UNITS)
    assert ("active", 1, 1) == await house.account()


async def test_what_is_not_spent_is_given_back_when_it_is_published(house: House) -> None:
    house.media.put("/cover.png")
    accepted = await house.submit(thumbnail="/cover.png")

    await house.finish(accepted.id)

    assert (1, 0) == await house.spent(Bucket.UPLOADS)
    assert (52, 0) == await house.spent(Bucket.UNITS)


async def test_the_price_is_the_project_s(house: House) -> None:
    old = await a_house(profile=UNITS_2025)
    accepted = await old.submit()

    assert {MAIN: Cost({Bucket.UNITS: 1600})} == costs(old.staff().context, accepted)


async def test_an_insert_that_is_charged_at_both_ends_is_reserved_and_charged_twice() -> None:
    house = await a_house(profile=replace(UNITS_2025, inserts_charged_twice=True))
    accepted = await house.submit()

    await house.advance(accepted.id)

    assert (3200, 0) == await house.spent(Bucket.UNITS)


async def test_the_choice_is_told_with_everyone_who_was_weighed() -> None:
    house = await two_accounts()
    await house.store.change_account(
        AccountChange(SECOND, "on holiday", "ann", Condition.PAUSED), house.clock.now(), ()
    )
    accepted = await house.submit()

    await house.advance(accepted.id)

    (told,) = await house.events(Kind.STARTED)
    candidates = told.data["candidates"]
    assert isinstance(candidates, list)
    assert [(FIRST, None), (SECOND, "condition")] == [
        (each["account"], each["obstacle"]) for each in candidates
    ]
    assert {"uploads": 1} == told.data["cost"]
    assert "the account is paused (on holiday)" == candidates[1]["why"]


async def test_a_named_account_is_the_only_one() -> None:
    house = await two_accounts()
    accepted = await house.submit(target=Target(account=SECOND))

    assert SECOND == (await house.advance(accepted.id)).account


async def test_a_group_keeps_to_its_accounts() -> None:
    house = await a_house(rules(FIRST), rules(SECOND, groups=frozenset({"news"})))
    accepted = [await house.submit(f"news {n}", target=Target(group="news")) for n in range(3)]

    await house.work()

    assert {SECOND} == {(await house.now(each.id)).account for each in accepted}


async def test_reserves_step_in_only_when_production_cannot() -> None:
    house = await a_house(rules(FIRST, daily_uploads=1), rules(SECOND, kind=AccountKind.RESERVE))
    first, second = await house.submit("one"), await house.submit("two")

    await house.work()

    assert [FIRST, SECOND] == [(await house.now(each.id)).account for each in (first, second)]


# ------------------------------------------------------------------------------------------ races


async def test_a_lost_race_is_decided_again_at_once(house: House) -> None:
    accepted = await house.submit()
    rivals = Rivals(house.store, 19)

    placed = await place(house.staff(with_store(house, rivals)).context, accepted)

    assert placed is not None
    assert (20, State.UPLOADING) == (rivals.tries, placed.state)


async def test_who_loses_every_race_waits_a_moment(house: House) -> None:
    accepted = await house.submit()
    rivals = Rivals(house.store, 1000)

    assert await place(house.staff(with_store(house, rivals)).context, accepted) is None

    waiting = await house.now(accepted.id)
    assert (State.QUEUED, "busy", house.clock.now() + timedelta(seconds=1)) == (
        waiting.state,
        code_of(waiting),
        waiting.due,
    )
    assert 20 == rivals.tries


async def test_a_publication_that_somebody_else_changed_is_let_go(house: House) -> None:
    accepted = await house.submit()
    meddler = Meddler(house.store, 0)

    assert await place(house.staff(with_store(house, meddler)).context, accepted) is None

    assert (1, 7, State.QUEUED) == (
        meddler.tries,
        (await house.now(accepted.id)).failures,
        (await house.now(accepted.id)).state,
    )
    assert (0, 0) == await house.spent(Bucket.UPLOADS)


# ----------------------------------------------------------------------------------------- waiting

DAYS = [
    ("winter", datetime(2026, 12, 10, 20, 0, tzinfo=UTC), datetime(2026, 12, 11, 8, 0, tzinfo=UTC)),
    ("summer", datetime(2026, 7, 10, 20, 0, tzinfo=UTC), datetime(2026, 7, 11, 7, 0, tzinfo=UTC)),
    ("the short day", datetime(2027, 3, 14, 9, 0, tzinfo=UTC), datetime(2027, 3, 15, 7, 0, tzinfo=UTC)),
    ("before it", datetime(2027, 3, 14, 7, 30, tzinfo=UTC), datetime(2027, 3, 14, 8, 0, tzinfo=UTC)),
    ("the long day", datetime(2026, 11, 1, 8, 30, tzinfo=UTC), datetime(2026, 11, 2, 8, 0, tzinfo=UTC)),
    ("before that", datetime(2026, 11, 1, 6, 30, tzinfo=UTC), datetime(2026, 11, 1, 7, 0, tzinfo=UTC)),
]


@pytest.mark.parametrize(("now", "reset"), [day[1:] for day in DAYS], ids=[day[0] for day in DAYS])
async def test_out_of_quota_waits_for_the_very_moment_of_the_reset(now: datetime, reset: datetime) -> None:
    house = await a_house(start=now, projects=[a_project(uploads=2)])
    first, second = await house.submit("one"), await house.submit("two")

    assert State.PROCESSING is (await house.advance(first.id)).state
    waiting = await house.advance(second.id)

    assert (State.DEFERRED, "out_of_quota", reset) == (waiting.state, code_of(waiting), waiting.due)
    house.clock.set(reset - timedelta(microseconds=1))
    assert State.DEFERRED is (await house.advance(second.id)).state
    house.clock.set(reset)
    assert State.PROCESSING is (await house.advance(second.id)).state
    assert (1, 0) == await house.spent(Bucket.UPLOADS, now)
    assert (1, 0) == await house.spent(Bucket.UPLOADS, reset)


@pytest.mark.parametrize(("now", "reset"), [day[1:] for day in DAYS], ids=[day[0] for day in DAYS])
async def test_an_account_at_its_daily_cap_waits_for_the_reset(now: datetime, reset: datetime) -> None:
    house = await a_house(rules(FIRST, daily_uploads=1), start=now)
    first, second = await house.submit("one"), await house.submit("two")
    await house.advance(first.id)

    waiting = await house.advance(second.id)

    assert (State.DEFERRED, reset) == (waiting.state, waiting.due)
    house.clock.set(reset)
    assert State.PROCESSING is (await house.advance(second.id)).state


async def test_waiting_is_told_once_and_not_at_every_look() -> None:
    house = await a_house(projects=[a_project(uploads=2)])
    first, second = await house.submit("one"), await house.submit("two")
    await house.advance(first.id)
    await house.advance(second.id)

    await house.staff().operating.retry(second.id)
    for _ in range(5):
        await house.advance(second.id)

    assert 2 == len(await house.events(Kind.DEFERRED))


async def test_fifty_videos_are_spread_and_none_is_lost() -> None:
    house = await a_house(
        *(rules(replace_id, daily_uploads=4, concurrency=1) for replace_id in (FIRST, SECOND)),
        projects=[a_project(uploads=100)],
    )
    accepted = [await house.submit(f"video {n}") for n in range(20)]

    await house.work()

    assert {State.PUBLISHED} == {(await house.now(each.id)).state for each in accepted}
    assert 20 == len(house.youtube.videos)
    for day in range(3):
        moment = NOW + timedelta(days=day)
        lines = await house.store.ledger(QuotaDay.of(moment))
        assert max(line.used for line in lines if line.bucket is Bucket.UPLOADS) <= 8


async def test_a_job_that_no_day_can_pay_is_held_at_once() -> None:
    house = await a_house(projects=[a_project(uploads=1)])
    accepted = await house.submit()

    held = await house.finish(accepted.id)

    assert (State.HELD, "no_account") == (held.state, code_of(held))


async def test_no_allowed_account_is_held(house: House) -> None:
    await house.store.configure([a_project()], [], house.clock.now())
    accepted = await house.submit()

    held = await house.finish(accepted.id)

    assert (State.HELD, "no_account") == (held.state, code_of(held))


async def test_an_account_that_a_person_may_bring_back_is_looked_at_again(house: House) -> None:
    change = AccountChange(FIRST, "a holiday", "ann", Condition.PAUSED)
    await house.store.change_account(change, house.clock.now(), ())
    accepted = await house.submit()

    waiting = await house.advance(accepted.id)

    assert (State.DEFERRED, "condition", house.clock.now() + RECHECK) == (
        waiting.state,
        code_of(waiting),
        waiting.due,
    )


async def test_it_waits_until_it_was_asked_to_start(house: House) -> None:
    start = house.clock.now() + timedelta(hours=3)
    accepted = await house.submit(not_before=start)

    waiting = await house.advance(accepted.id)

    assert (State.DEFERRED, "not_before", start) == (waiting.state, code_of(waiting), waiting.due)
    assert State.PUBLISHED is (await house.finish(accepted.id)).state


async def test_a_passed_deadline_is_held(house: House) -> None:
    accepted = await house.submit(deadline=house.clock.now() + timedelta(minutes=1))
    house.clock.advance(timedelta(minutes=1))

    held = await house.finish(accepted.id)

    assert (State.HELD, "deadline_passed") == (held.state, code_of(held))
    with pytest.raises(Refused, match="would be held again at once"):
        await house.staff().operating.retry(accepted.id)


async def test_a_passed_publish_at_is_held_for_youtube_would_publish_at_once(house: House) -> None:
    moment = house.clock.now() + timedelta(minutes=1)
    house.media.put("/late.mp4", b"late", size=5)
    draft = replace(house.draft("late"), metadata=Metadata("late", publish_at=moment))
    accepted = await house.staff().submission.submit(draft)
    house.clock.set(moment)

    held = await house.finish(accepted.id)

    assert (State.HELD, "publish_at_passed") == (held.state, code_of(held))


# ---------------------------------------------------------------------------------------- midnight


async def test_an_upload_across_midnight_charges_both_days(house: House) -> None:
    house.clock.set(TODAY.resets - timedelta(minutes=1))
    accepted = await house.submit()

    def late(which: object, offset: int, total: int) -> None:
        house.clock.set(TODAY.resets + timedelta(minutes=1))

    house.progress = late
    assert State.PROCESSING is (await house.advance(accepted.id)).state

    assert (1, 0) == await house.spent(Bucket.UPLOADS, TODAY.starts)
    assert (1, 0) == await house.spent(Bucket.UPLOADS, TODAY.resets)


async def test_an_upload_resumed_after_midnight_charges_both_days(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(SEND, NoReply("reset"), stored=5)
    await house.advance(accepted.id)
    house.clock.set(TODAY.resets + timedelta(minutes=1))

    assert State.PUBLISHED is (await house.finish(accepted.id)).state

    assert (1, 0) == await house.spent(Bucket.UPLOADS, TODAY.starts)
    assert (1, 0) == await house.spent(Bucket.UPLOADS, TODAY.resets)


async def test_an_upload_that_the_new_day_cannot_pay_stops_before_its_last_bytes() -> None:
    house = await a_house(projects=[a_project(uploads=2)])
    tomorrow = TODAY.resets
    accepted, other = await house.submit("one"), await house.submit("two")
    house.google.trouble(SEND, NoReply("reset"), stored=5)
    await house.advance(accepted.id)
    house.clock.set(tomorrow)
    assert State.PROCESSING is (await house.advance(other.id)).state

    waiting = await house.advance(accepted.id)

    assert (State.UPLOADING, "hardStop") == (waiting.state, code_of(waiting))
    assert QuotaDay.of(tomorrow).resets == waiting.due
    assert 1 == len(house.youtube.videos)
    assert State.PUBLISHED is (await house.finish(accepted.id)).state
    assert 2 == len(house.youtube.videos)


async def test_a_wait_ends_at_the_deadline_so_that_a_person_hears_of_it_then() -> None:
    house = await a_house(rules(FIRST, daily_uploads=0))
    deadline = NOW + timedelta(hours=1)
    accepted = await house.submit(deadline=deadline)

    waiting = await house.advance(accepted.id)
    house.clock.set(deadline)
    held = await house.advance(accepted.id)

    assert (State.DEFERRED, deadline) == (waiting.state, waiting.due)
    assert (State.HELD, "deadline_passed") == (held.state, code_of(held))
