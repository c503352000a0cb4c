"""Submission: durable when it returns, every refusal at once, keys for ever, manifests whole or not at all."""

from dataclasses import replace

import pytest

from tests.builders import FIRST, SECOND
from tests.services.house import House, two_accounts
from ytempire.domain.drafts import CaptionDraft, Draft
from ytempire.domain.events import Kind
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import ExtraKind, Metadata, Publication, Target
from ytempire.domain.values import Refusal, Refused
from ytempire.ports import Filter
from ytempire.services.submit import Rejected

BROKEN = Refusal("file", "video_broken", "it cannot be decoded", "export it again")


async def stored(house: House) -> tuple[Publication, ...]:
    return await house.store.publications(Filter())


async def refusals(house: House, draft: Draft) -> list[tuple[str, str]]:
    """What it is refused for; nothing is stored then."""
    before = await stored(house)
    with pytest.raises(Refused) as caught:
        await house.staff().submission.submit(draft)
    assert before == await stored(house)
    return [(each.field, each.code) for each in caught.value.refusals]


async def test_what_is_accepted_is_stored_due_and_told(house: House) -> None:
    for path in ("/cover.png", "/en.srt"):
        house.media.put(path)
    accepted = await house.submit(
        thumbnail="/cover.png",
        captions=(CaptionDraft("/en.srt", "en", "English"),),
        playlists=("shows",),
        priority=2,
    )

    assert accepted == await house.now(accepted.id)
    assert (State.QUEUED, house.clock.now(), 2) == (accepted.state, accepted.due, accepted.request.priority)
    assert [ExtraKind.THUMBNAIL, ExtraKind.CAPTION, ExtraKind.PLAYLIST] == [
        each.kind for each in accepted.extras
    ]
    (told,) = await house.events(Kind.SUBMITTED)
    assert (accepted.id, accepted.request.video.sha256) == (told.publication, told.data["sha256"])


async def test_nobody_outside_is_asked_and_nothing_is_spent(house: House) -> None:
    await house.submit()

    assert [] == house.google.journal


async def test_everything_that_is_wrong_is_told_at_once(house: House) -> None:
    house.media.spoil("/broken.mp4", BROKEN)
    draft = Draft(
        "/broken.mp4",
        Metadata("<" * 101, category="news"),
        thumbnail="/no.png",
        captions=(CaptionDraft("/no.srt", "not a language"),),
        playlists=("shwos",),
        target=Target(account=FIRST, group="nobody"),
        priority=11,
    )

    assert [
        ("title", "title_too_long"),
        ("title", "angle_brackets"),
        ("category", "category_unknown"),
        ("priority", "priority_range"),
        ("account", "target_contradiction"),
        ("group", "group_unknown"),
        ("playlists", "playlists_unknown"),
        ("captions", "language_unknown"),
        ("file", "video_broken"),
        ("thumbnail", "file_missing"),
        ("captions", "file_missing"),
    ] == await refusals(house, draft)


async def test_a_missing_file_is_refused(house: House) -> None:
    assert [("file", "file_missing")] == await refusals(house, Draft("/no.mp4", Metadata("A title")))


# ------------------------------------------------------------------------------------- idempotency keys


async def test_the_same_request_under_the_same_key_is_the_same_publication(house: House) -> None:
    first = await house.submit(idempotency_key="key")
    again = await house.submit(idempotency_key="key")

    assert first == again
    assert 1 == len(await stored(house))
    assert 1 == len(await house.events(Kind.SUBMITTED))
    assert [] == await house.events(Kind.DUPLICATE)


async def test_a_key_is_known_for_ever(house: House) -> None:
    first = await house.submit(idempotency_key="key")
    published = await house.finish(first.id)

    assert published == await house.submit(idempotency_key="key")


async def test_another_request_under_the_same_key_is_refused(house: House) -> None:
    await house.submit(idempotency_key="key")

    assert [("idempotency_key", "key_conflict")] == await refusals(
        house, house.draft("Another title", idempotency_key="key")
    )


async def test_the_same_file_at_another_place_is_the_same_request(house: House) -> None:
    first = await house.submit(idempotency_key="key")
    house.media.put("/copy.mp4", b"A title", size=first.request.video.size)

    again = await house.staff().submission.submit(
        Draft("/copy.mp4", Metadata("A title"), idempotency_key="key")
    )

    assert first == again


# -------------------------------------------------------------------------------------------- duplicates


async def test_the_same_content_again_is_a_duplicate_and_names_the_first(house: House) -> None:
    first = await house.submit()

    again = await house.submit()

    assert again.reason is not None
    assert (State.DUPLICATE, None, "duplicateUpload") == (again.state, again.due, again.reason.code)
    assert first.id in again.reason.message
    assert [again.id] == [event.publication for event in await house.events(Kind.DUPLICATE)]
    assert [State.PUBLISHED, State.DUPLICATE] == [
        (await house.finish(each.id)).state for each in (first, again)
    ]
    assert 1 == len(house.youtube.videos)


async def test_the_same_content_again_on_purpose_is_published_twice(house: House) -> None:
    await house.submit()
    await house.submit(again=True)

    await house.work()

    assert 2 == len(house.youtube.videos)


async def test_the_same_content_for_another_channel_is_no_duplicate() -> None:
    house = await two_accounts()
    accepted = [await house.submit(target=Target(account=which)) for which in (FIRST, SECOND)]

    await house.work()

    assert [State.PUBLISHED] * 2 == [(await house.now(each.id)).state for each in accepted]


async def test_the_same_content_where_they_could_meet_is_a_duplicate() -> None:
    house = await two_accounts()
    await house.submit(target=Target(account=FIRST))

    assert State.DUPLICATE is (await house.submit()).state


async def test_what_was_cancelled_does_not_stand_in_the_way(house: House) -> None:
    first = await house.submit()
    await house.staff().operating.cancel(first.id)

    assert State.QUEUED is (await house.submit()).state


# --------------------------------------------------------------------------------------------- manifests


async def test_a_manifest_is_stored_in_its_order(house: House) -> None:
    drafts = [house.draft(f"video {n}") for n in range(20)]

    accepted = await house.staff().submission.submit_all(drafts)

    assert [f"video {n}" for n in range(20)] == [
        each.request.metadata.title for each in accepted if isinstance(each, Publication)
    ]
    assert 20 == len(await stored(house))


async def test_one_bad_row_refuses_the_whole_manifest_and_every_bad_row_is_told(house: House) -> None:
    drafts = [house.draft(f"video {n}") for n in range(5)]
    drafts[1] = replace(drafts[1], priority=0)
    drafts[3] = replace(drafts[3], file="/no.mp4")

    rejected = await house.staff().submission.submit_all(drafts)

    assert [(1, "priority_range"), (3, "file_missing")] == [
        (each.position, each.refusals[0].code) for each in rejected if isinstance(each, Rejected)
    ]
    assert () == await stored(house)


async def test_the_same_file_twice_in_a_manifest_is_published_once(house: House) -> None:
    accepted = await house.staff().submission.submit_all([house.draft(), house.draft()])

    assert [State.QUEUED, State.DUPLICATE] == [
        each.state for each in accepted if isinstance(each, Publication)
    ]


async def test_a_manifest_that_was_sent_before_with_its_keys_stores_nothing_new(house: House) -> None:
    drafts = [house.draft(f"video {n}", idempotency_key=f"key {n}") for n in range(5)]
    submission = house.staff().submission

    assert await submission.submit_all(drafts) == await submission.submit_all(drafts)
    assert 5 == len(await stored(house))


async def test_a_key_that_two_rows_use_for_different_things_refuses_the_whole_manifest(
    house: House,
) -> None:
    drafts = [house.draft(f"video {n}", idempotency_key="key") for n in range(2)]

    rejected = await house.staff().submission.submit_all(drafts)

    assert [(1, "key_conflict")] == [
        (each.position, each.refusals[0].code) for each in rejected if isinstance(each, Rejected)
    ]
    assert () == await stored(house)


async def test_a_key_that_was_used_for_something_else_refuses_the_whole_manifest(house: House) -> None:
    first = await house.submit("before", idempotency_key="key")
    drafts = [house.draft("one"), house.draft("two", idempotency_key="key")]

    rejected = await house.staff().submission.submit_all(drafts)

    assert [(1, "key_conflict")] == [
        (each.position, each.refusals[0].code) for each in rejected if isinstance(each, Rejected)
    ]
    assert (first,) == await stored(house)


async def test_examining_tells_the_same_refusals_and_stores_nothing(house: House) -> None:
    drafts = [house.draft(f"video {n}", idempotency_key="key" if n else None) for n in range(3)]
    drafts[0] = replace(drafts[0], priority=0)
    submission = house.staff().submission

    examined = await submission.examine(drafts)

    assert [(0, "priority_range"), (2, "key_conflict")] == [
        (each.position, each.refusals[0].code) for each in examined
    ]
    assert examined == await submission.submit_all(drafts)
    assert () == await submission.examine([house.draft("fine")])
    assert () == await stored(house)
