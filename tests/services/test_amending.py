"""A published video is changed as it was asked and in nothing else; what cannot be done changes nothing."""

from dataclasses import replace

import pytest

from tests.builders import SECOND
from tests.services.house import House
from ytempire.adapters.memory.api import error
from ytempire.domain.amendment import Amendment
from ytempire.domain.events import Kind
from ytempire.domain.publication import Publication
from ytempire.domain.quota import Bucket, Method
from ytempire.domain.values import Refused, Unanswered
from ytempire.domain.wire import Answer, NoReply
from ytempire.services.amending import Amending

UPDATE, LOOK = str(Method.VIDEOS_UPDATE), str(Method.VIDEOS_LIST)


def amending(house: House) -> Amending:
    staff = house.staff()
    return Amending(replace(staff.context, actor="ana"), staff.gateway)


async def published(house: House) -> Publication:
    accepted = await house.submit("Before")
    return await house.finish(accepted.id)


async def test_what_is_named_is_changed_and_everything_else_stays(house: House) -> None:
    done = await published(house)
    (video,) = house.youtube.videos.values()
    before, status = dict(video.snippet), dict(video.status)
    spent = await house.spent(Bucket.UNITS)

    await amending(house).amend(done.id, Amendment("After", tags=(), language="de"))

    assert before | {
        "title": "After", "tags": [], "defaultLanguage": "de", "defaultAudioLanguage": "de",
    } == video.snippet  # fmt: skip
    assert status == video.status
    (event,) = await house.events(Kind.AMENDED)
    assert {"title": "After", "tags": [], "language": "de", "by": "ana"} == event.data
    now = await house.spent(Bucket.UNITS)
    assert (spent[0] + 1 + 50, spent[1]) == now


async def test_a_refusal_of_youtube_is_told_and_its_bucket_closed(house: House) -> None:
    done = await published(house)
    house.google.trouble(UPDATE, error(403, "quotaExceeded"))

    with pytest.raises(Refused, match=r"quotaExceeded.*; try again after the reset"):
        await amending(house).amend(done.id, Amendment("After"))

    assert [] == await house.events(Kind.AMENDED)
    assert [Kind.BUCKET_CLOSED] == [each.kind for each in await house.events(Kind.BUCKET_CLOSED)]
    assert (done.state, done.video_id) == ((await house.now(done.id)).state, done.video_id)


@pytest.mark.parametrize(
    ("answer", "kind", "told"),
    [
        (error(400, "invalidCategoryId"), Refused, "does not take this change.*; change what it names"),
        (error(403, "forbidden"), Refused, "does not take this change"),
        (error(503, "backendError"), Unanswered, "try again, the same change twice does no harm"),
        (NoReply("the connection broke"), Unanswered, "try again"),
    ],
)
async def test_whoever_changes_a_video_is_told_what_helps(
    house: House, answer: Answer, kind: type[Exception], told: str
) -> None:
    done = await published(house)
    house.google.trouble(UPDATE, answer)

    with pytest.raises(kind, match=told):
        await amending(house).amend(done.id, Amendment("After"))


async def test_a_dead_grant_is_told_with_the_command_that_mends_it(house: House) -> None:
    done = await published(house)
    house.google.trouble(UPDATE, error(401, "youtubeSignupRequired"), times=5)

    with pytest.raises(Refused, match="run `ytempire connect account_01`"):
        await amending(house).amend(done.id, Amendment("After"))


async def test_a_video_that_is_gone_is_told(house: House) -> None:
    done = await published(house)
    house.youtube.videos.clear()

    with pytest.raises(Refused, match="has no video"):
        await amending(house).amend(done.id, Amendment("After"))

    assert 0 == house.google.count(UPDATE)


@pytest.mark.parametrize(
    ("amendment", "told"),
    [
        (Amendment(), "nothing is to be changed"),
        (Amendment(title=" "), "the title is empty"),
        (Amendment(title="x" * 101), "101 characters"),
        (Amendment(description="<b>"), "< or >"),
        (Amendment(tags=("a" * 501,)), "the tags count"),
        (Amendment(category="music"), "is not a category"),
        (Amendment(language="?"), "not a language"),
    ],
)
async def test_what_youtube_would_not_take_is_refused_before_it_is_asked(
    house: House, amendment: Amendment, told: str
) -> None:
    done = await published(house)
    looked = house.google.count(LOOK)

    with pytest.raises(Refused, match=told):
        await amending(house).amend(done.id, amendment)

    assert (looked, 0) == (house.google.count(LOOK), house.google.count(UPDATE))


async def test_what_is_not_as_it_was_seen_or_is_somebody_elses_stays(house: House) -> None:
    done = await published(house)
    of_another = replace(amending(house), scope=frozenset({SECOND}))

    with pytest.raises(Refused, match="not as you saw it"):
        await amending(house).amend(done.id, Amendment("After"), seen=done.version - 1)
    with pytest.raises(Refused, match="somebody else"):
        await of_another.amend(done.id, Amendment("After"))

    assert 0 == house.google.count(UPDATE)


async def test_what_is_not_published_cannot_be_changed(house: House) -> None:
    waiting = await house.submit()

    with pytest.raises(Refused, match="is queued"):
        await amending(house).amend(waiting.id, Amendment("After"))
