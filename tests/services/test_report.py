"""Read models: plain JSON documents, the same for every face, without a secret in them."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import FIRST, MAIN, SECOND, TODAY
from tests.services.house import SIZE, House, two_accounts
from ytempire.adapters.memory.api import error
from ytempire.domain.accounts import Condition
from ytempire.domain.lifecycle import State
from ytempire.domain.quota import Bucket, Method
from ytempire.domain.values import AccountId, PublicationId, Refused
from ytempire.ports import AccountChange, Closing, Filter
from ytempire.services.documents import moment

START, THUMBNAIL = str(Method.VIDEOS_INSERT), str(Method.THUMBNAILS_SET)


async def test_a_published_publication_is_told_with_its_history(house: House) -> None:
    house.media.put("/cover.png")
    accepted = await house.submit(thumbnail="/cover.png")
    published = await house.finish(accepted.id)

    document = await house.staff().reports.publication(accepted.id)

    expected: dict[str, object] = {
        "id": accepted.id,
        "state": "published",
        "account": FIRST,
        "video_id": published.video_id,
        "url": f"https://www.youtube.com/watch?v={published.video_id}",
        "reason": None,
        "remedies": [],
        "attempts": 1,
        "due": None,
        "title": "A title",
        "bytes": SIZE,
        "created_at": "2026-11-20T18:00:00Z",
        "sha256": accepted.request.video.sha256,
    }
    assert expected == {name: document[name] for name in expected}
    thumbnail = {"kind": "thumbnail", "index": 0, "state": "done", "tries": 0, "due": None, "reason": None}
    assert [thumbnail] == document["extras"]
    history = document["history"]
    assert isinstance(history, list)
    assert ["publication.submitted", "publication.published"] == [history[0]["kind"], history[-1]["kind"]]
    assert sorted(each["number"] for each in history) == [each["number"] for each in history]


async def test_what_needs_a_person_is_told_with_its_remedies(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(START, error(403, "accessNotConfigured", "enable the API"))
    await house.advance(accepted.id)

    (document,) = await house.staff().reports.publications(Filter(frozenset({State.HELD})))

    assert ("notConfigured: enable the API", ["retry", "cancel"]) == (
        document["reason"],
        document["remedies"],
    )


async def test_the_due_time_is_that_of_the_next_work_or_the_next_look(house: House) -> None:
    accepted = await house.submit(not_before=house.clock.now() + timedelta(hours=1))
    later = await house.submit("later")
    await house.advance(accepted.id)
    await house.advance(later.id)

    documents = {each["id"]: each["due"] for each in await house.staff().reports.publications(Filter())}

    assert {accepted.id: "2026-11-20T19:00:00Z", later.id: "2026-11-20T18:00:15Z"} == documents


async def test_a_choice_is_explained_best_first() -> None:
    house = await two_accounts()
    change = AccountChange(SECOND, "on holiday", "ann", Condition.PAUSED)
    await house.store.change_account(change, house.clock.now(), ())
    accepted = await house.submit()
    reports = house.staff().reports
    assert [] == (await reports.explanation(accepted.id))["candidates"]
    await house.advance(accepted.id)

    document = await reports.explanation(accepted.id)

    candidates = document["candidates"]
    assert isinstance(candidates, list)
    assert [FIRST, SECOND] == [each["account"] for each in candidates]
    assert {"quota", "success", "rest", "age", "total"} == set(candidates[0]["score"])
    assert (FIRST, "processing", "2026-11-20T18:00:00Z") == (
        document["account"],
        document["state"],
        document["at"],
    )


async def test_accounts_are_told_with_the_counts_of_the_day(house: House) -> None:
    await house.finish((await house.submit()).id)

    document = await house.staff().reports.account(FIRST)

    expected: dict[str, object] = {
        "id": FIRST,
        "state": "active",
        "uploads_today": 1,
        "in_flight": 0,
        "successes": 1,
        "trials": 1,
        "channel": house.channel().id,
        "token_expires_at": "2026-11-20T19:00:00Z",
    }
    assert expected == {name: document[name] for name in expected}


async def test_quota_is_told_with_the_day_s_limits_and_its_reset(house: House) -> None:
    await house.finish((await house.submit()).id)
    await house.store.close_bucket(Closing(MAIN, Bucket.SEARCHES, TODAY, "quotaExceeded"), ())

    documents = {each["bucket"]: each for each in await house.staff().reports.quota()}

    uploads, units = documents["uploads"], documents["units"]
    assert (1, 0, 79, 80, 90, 1.0) == tuple(
        uploads[name] for name in ("used", "reserved", "free", "ceiling", "hard_stop", "percent")
    )
    assert (2, 0, 2) == tuple(units[name] for name in ("used", "used_by_work", "used_by_reads"))
    assert "quotaExceeded" == documents["searches"]["closed"]
    assert {"2026-11-21T08:00:00Z"} == {each["resets_at"] for each in documents.values()}


async def test_what_is_not_there_is_said_to_be_unknown(house: House) -> None:
    reports = house.staff().reports
    for asked in (reports.publication(PublicationId("no")), reports.explanation(PublicationId("no"))):
        with pytest.raises(Refused, match="there is no 'no'"):
            await asked
    with pytest.raises(Refused, match="there is no account 'no'"):
        await reports.account(AccountId("no"))


async def test_every_document_is_plain_json_and_shows_no_secret(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(THUMBNAIL, error(403, "forbidden"))
    await house.finish(accepted.id)
    reports = house.staff().reports

    text = json.dumps(
        [
            await reports.publications(Filter()),
            await reports.publication(accepted.id),
            await reports.explanation(accepted.id),
            await reports.accounts(),
            await reports.quota(),
        ]
    )

    secrets = {house.channel().refresh_token, *house.channel().tokens, *house.youtube.uploads}
    assert [] == [secret for secret in secrets if secret in text]
    assert "marked." not in text


def test_moments_are_told_to_the_second_in_utc() -> None:
    assert "2026-11-20T18:00:00Z" == moment(datetime(2026, 11, 20, 18, 0, 0, 999_999, tzinfo=UTC))
    assert moment(None) is None
