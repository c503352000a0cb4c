"""The inbox: what is held, the evidence, and the commands; moving it, retrying all of it, and mending extras."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import FIRST, SECOND, rules
from tests.services.house import House, a_house, two_accounts
from tests.services.test_reconcile import in_doubt, stray
from ytempire.adapters.memory.api import error
from ytempire.adapters.memory.google import SEND
from ytempire.domain.drafts import CaptionDraft
from ytempire.domain.events import Kind
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import ExtraState, Publication, Target
from ytempire.domain.quota import Method
from ytempire.domain.values import AccountId, PublicationId, Refused
from ytempire.domain.wire import NoReply
from ytempire.services.inbox import Inbox

START, THUMBNAIL = str(Method.VIDEOS_INSERT), str(Method.THUMBNAILS_SET)
ENTRY, ENTRIES = str(Method.PLAYLIST_ITEMS_INSERT), str(Method.PLAYLIST_ITEMS_LIST)


async def inbox(house: House, reason: str | None = None) -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = await Inbox(house.store, house.clock).held(reason)
    return documents


async def held(house: House, title: str = "A title", **changes: object) -> Publication:
    """Held because the project is not configured at Google."""
    accepted = await house.submit(title, **changes)
    house.google.trouble(START, error(403, "accessNotConfigured", "Enable the API."))
    return await house.advance(accepted.id)


async def published(house: House) -> Publication:
    """A published one whose thumbnail YouTube forbade."""
    house.media.put("/cover.png")
    house.media.put("/en.srt")
    accepted = await house.submit(
        thumbnail="/cover.png", captions=(CaptionDraft("/en.srt", "en"),), playlists=("shows",)
    )
    house.google.trouble(THUMBNAIL, error(403, "forbidden", "The channel may not."))
    done = await house.finish(accepted.id)
    assert (State.PUBLISHED, ExtraState.FAILED) == (done.state, done.extras[0].state)
    return done


# ------------------------------------------------------------------------------------------------ the list


async def test_a_hold_comes_with_its_faults_its_session_and_what_can_be_done() -> None:
    house = await two_accounts()
    waiting = await held(house)

    (shown,) = await inbox(house)

    assert (waiting.id, "notConfigured", "2026-11-20T18:00:00Z") == (
        shown["id"],
        shown["code"],
        shown["held_at"],
    )
    assert ("no_video", []) == (shown["evidence"]["video"], shown["evidence"]["videos"])
    (fault,) = shown["evidence"]["faults"]
    assert ("videos.insert.start", 403, "accessNotConfigured", "Enable the API.") == (
        fault["step"], fault["status"], fault["reason"], fault["why"],
    )  # fmt: skip
    assert ("opening", 0) == (shown["evidence"]["session"]["state"], shown["evidence"]["session"]["offset"])
    other = SECOND if waiting.account == FIRST else FIRST
    assert [
        f"ytempire jobs retry {waiting.id}",
        f"ytempire jobs resolve {waiting.id} --reassign {other}",
        f"ytempire jobs resolve {waiting.id} --give-up",
    ] == [each["command"] for each in shown["actions"]]


async def test_a_doubtful_one_names_the_videos_it_may_have_become(house: House) -> None:
    doubtful = await in_doubt(house, made=True)
    twin = stray(house, "A title")
    await house.finish(doubtful.id)

    (shown,) = await inbox(house)

    first = next(iter(house.youtube.videos))
    assert ("unknown", {first, twin}) == (shown["evidence"]["video"], set(shown["evidence"]["videos"]))
    assert 2 == sum(each["action"] == "adopt" for each in shown["actions"])


async def test_what_never_left_has_no_session_and_the_longest_waiting_comes_first(house: House) -> None:
    first = await house.submit("late", deadline=house.clock.now() + timedelta(seconds=1))
    house.clock.advance(timedelta(seconds=1))
    await house.advance(first.id)
    house.clock.advance(timedelta(seconds=1))
    second = await held(house)

    late, other = await inbox(house)

    assert (first.id, second.id, None) == (late["id"], other["id"], late["evidence"]["session"])
    assert [second.id] == [each["id"] for each in await inbox(house, "notConfigured")]


async def test_a_video_that_exists_is_its_own_candidate() -> None:
    house = await a_house(looks=10_000)
    accepted = await house.submit()
    await house.advance(accepted.id)
    house.clock.advance(timedelta(hours=13))
    await house.look()
    stuck = await house.now(accepted.id)

    (shown,) = await inbox(house)

    assert ("video", [stuck.video_id]) == (shown["evidence"]["video"], shown["evidence"]["videos"])
    assert ["adopt", "give up"] == [each["action"] for each in shown["actions"]]


# --------------------------------------------------------------------------------------------- moving it


async def test_one_without_a_video_is_moved_and_published_once_on_the_other_account() -> None:
    house = await two_accounts()
    waiting = await held(house)
    other = SECOND if waiting.account == FIRST else FIRST
    operating = house.staff().operating

    moved = await operating.reassign(waiting.id, other)
    again = await operating.reassign(waiting.id, other)

    assert moved == again
    assert Target(account=other) == moved.request.target
    before = await house.now(waiting.id)
    assert before.reason is not None
    assert (State.CANCELLED, "reassigned") == (before.state, before.reason.code)
    done = await house.finish(moved.id)
    assert (State.PUBLISHED, other, 1) == (done.state, done.account, len(house.youtube.videos))
    with pytest.raises(Refused, match="was moved to"):
        await operating.retry(waiting.id)
    with pytest.raises(Refused, match="is not held"):
        await operating.reassign(waiting.id, waiting.account or FIRST)


async def test_an_unknown_outcome_never_moves() -> None:
    house = await two_accounts()
    doubtful = await in_doubt(house, made=False)
    waiting = await house.finish(doubtful.id)
    other = SECOND if waiting.account == FIRST else FIRST

    with pytest.raises(Refused, match="an unknown outcome never moves"):
        await house.staff().operating.reassign(waiting.id, other)
    assert waiting == await house.now(waiting.id)


async def test_a_publication_that_names_its_account_stays_there() -> None:
    house = await two_accounts()
    waiting = await held(house, target=Target(account=FIRST))
    operating = house.staff().operating

    with pytest.raises(Refused, match="its request does not allow that"):
        await operating.reassign(waiting.id, SECOND)
    with pytest.raises(Refused, match="there is no such account"):
        await operating.reassign(waiting.id, AccountId("nobody"))
    assert waiting == await house.now(waiting.id)


# --------------------------------------------------------------------------------------- all of a reason


async def test_everything_held_for_one_reason_goes_back_to_work() -> None:
    house = await a_house(rules(FIRST))
    first, second = await held(house, "one"), await held(house, "two")
    late = await house.submit("late", deadline=house.clock.now() + timedelta(seconds=1))
    house.clock.advance(timedelta(seconds=1))
    await house.advance(late.id)

    done, refused = await house.staff().operating.retry_held("notConfigured")

    assert ([first.id, second.id], []) == ([each.id for each in done], refused)
    assert State.HELD is (await house.now(late.id)).state
    assert State.PUBLISHED is (await house.finish(second.id)).state


async def test_what_cannot_be_retried_is_told_and_stays() -> None:
    house = await a_house(looks=10_000)
    accepted = await house.submit()
    await house.advance(accepted.id)
    house.clock.advance(timedelta(hours=13))
    await house.look()

    done, (refusal,) = await house.staff().operating.retry_held("processing_stuck")

    assert [] == done
    assert "adopt it or cancel" in str(refusal)


# ------------------------------------------------------------------------------------------------ extras


async def test_a_failed_extra_of_a_published_video_is_tried_again_at_once(house: House) -> None:
    done = await published(house)

    mended = await house.staff().mending.retry_extras(done.id)

    assert (State.PUBLISHED, None, [ExtraState.DONE] * 3) == (
        mended.state, mended.due, [each.state for each in mended.extras],
    )  # fmt: skip
    (video,) = house.youtube.videos.values()
    assert "/cover.png" == video.thumbnail
    assert (2, 1) == (house.google.count(THUMBNAIL), house.google.count(ENTRY))
    assert await house.store.next_due() is None


async def test_a_thumbnail_that_is_taken_after_all_is_sent_with_the_next_video_too(house: House) -> None:
    done = await published(house)
    await house.staff().mending.retry_extras(done.id)

    house.media.put("/cover.png")
    following = await house.submit("next", thumbnail="/cover.png")

    assert ExtraState.DONE is (await house.finish(following.id)).extras[0].state


async def test_an_extra_that_fails_again_has_failed_again_and_waits_for_nobody(house: House) -> None:
    done = await published(house)
    house.google.trouble(THUMBNAIL, NoReply("reset"))

    still = await house.staff().mending.retry_extras(done.id)

    assert (State.PUBLISHED, ExtraState.FAILED, "reset") == (
        still.state, still.extras[0].state, still.extras[0].reason,
    )  # fmt: skip
    assert await house.store.next_due() is None


async def test_an_entry_that_may_be_there_is_looked_up_first(house: House) -> None:
    accepted = await house.submit(playlists=("shows",))
    house.google.trouble(ENTRY, error(403, "playlistItemsNotAccessible"), done=True)
    done = await house.finish(accepted.id)
    assert ExtraState.FAILED is done.extras[0].state

    mended = await house.staff().mending.retry_extras(done.id)

    assert ExtraState.DONE is mended.extras[0].state
    assert (1, 1) == (house.google.count(ENTRY), house.google.count(ENTRIES))


async def test_a_failed_extra_of_a_video_in_processing_is_left_to_the_worker() -> None:
    house = await a_house(looks=50)
    house.media.put("/cover.png")
    accepted = await house.submit(thumbnail="/cover.png")
    house.google.trouble(THUMBNAIL, error(403, "forbidden"))
    await house.advance(accepted.id)

    waiting = await house.staff().mending.retry_extras(accepted.id)

    assert (State.PROCESSING, house.clock.now(), None) == (waiting.state, waiting.due, waiting.look_at)
    done = await house.finish(accepted.id)
    assert (State.PUBLISHED, ExtraState.DONE) == (done.state, done.extras[0].state)


async def test_only_what_has_failed_is_mended(house: House) -> None:
    mending = house.staff().mending
    accepted = await house.submit()
    with pytest.raises(Refused, match="has no extras to try"):
        await mending.retry_extras(accepted.id)
    done = await house.finish(accepted.id)
    with pytest.raises(Refused, match="no extra of"):
        await mending.retry_extras(done.id)
    with pytest.raises(Refused, match="there is no"):
        await mending.retry_extras(PublicationId("pub_nobody"))


# ------------------------------------------------------------------------------------------- the witness


async def test_every_fault_of_an_upload_and_its_extras_is_told_in_its_own_words(house: House) -> None:
    house.google.trouble(START, error(503, "backendError", "Later."))
    house.google.trouble(SEND, NoReply("reset"), stored=5)
    await published(house)

    seen = [event.data for event in await house.events(Kind.FAULT_SEEN)]

    assert [("backendError", "videos.insert.start", 503), ("noReply", "videos.insert.put", None)] == [
        (each["code"], each["step"], each["status"]) for each in seen
    ]
    (unknown,) = await house.events(Kind.FAULT_UNKNOWN)
    assert ("forbidden", "thumbnails.set", "The channel may not.") == (
        unknown.data["code"], unknown.data["step"], unknown.data["why"],
    )  # fmt: skip
