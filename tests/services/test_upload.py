"""The upload of one publication: what each answer of YouTube leads to, for the publication and its account."""

from datetime import timedelta

import pytest

from tests.builders import FIRST, SECOND, rules
from tests.services.house import SIZE, House, a_house, code_of, two_accounts
from ytempire.adapters.memory.api import error
from ytempire.adapters.memory.google import ASK, SEND, TOKEN
from ytempire.domain.decision import MAX_ACCOUNTS_TRIED
from ytempire.domain.events import Kind
from ytempire.domain.faults import Level
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication, SessionState
from ytempire.domain.quota import Bucket, Method
from ytempire.domain.upload import GRANULE
from ytempire.domain.wire import Answer, NoReply, Reply
from ytempire.services.context import Manners

START = str(Method.VIDEOS_INSERT)
SILENCE, UNAUTHORISED = NoReply("reset"), error(401, "authError")


def session_of(publication: Publication) -> tuple[SessionState, int] | None:
    session = publication.session
    return (session.state, session.offset) if session else None


# ---------------------------------------------------------------------------------------------- the way


async def test_a_video_arrives_and_is_told(house: House) -> None:
    accepted = await house.submit()

    uploaded = await house.advance(accepted.id)

    (video,) = house.youtube.videos.values()
    assert (State.PROCESSING, video.id, None) == (uploaded.state, uploaded.video_id, uploaded.reason)
    assert (SessionState.DONE, SIZE) == session_of(uploaded)
    assert (None, house.clock.now() + Manners().poll) == (uploaded.due, uploaded.look_at)
    assert [
        Kind.SUBMITTED,
        Kind.STARTED,
        Kind.SESSION_OPENING,
        Kind.SESSION_OPENED,
        Kind.UPLOADED,
    ] == [event.kind for _, event in await house.store.events()]


async def test_a_new_session_is_not_asked_how_far_it_has_come(house: House) -> None:
    accepted = await house.submit()

    await house.advance(accepted.id)

    assert [START, SEND] == [entry.name for entry in house.google.journal]


async def test_a_video_is_sent_in_pieces_where_a_link_needs_them() -> None:
    house = await a_house(manners=Manners(piece=GRANULE))
    accepted = await house.submit()
    seen: list[int] = []
    house.progress = lambda which, offset, total: seen.append(offset)

    uploaded = await house.advance(accepted.id)

    assert 4 == house.google.count(SEND)
    assert [GRANULE, 2 * GRANULE, 3 * GRANULE, SIZE] == seen
    assert State.PROCESSING is uploaded.state


async def test_the_session_address_is_stored_sealed(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(SEND, SILENCE)

    waiting = await house.advance(accepted.id)

    (uri,) = house.youtube.uploads
    assert waiting.session is not None
    assert waiting.session.sealed_uri is not None
    assert uri == house.vault.open(accepted.id, "session", waiting.session.sealed_uri).decode()
    assert uri not in repr(waiting)


async def test_an_upload_counts_for_its_account_and_its_place_is_given_back(house: House) -> None:
    accepted = await house.submit()

    await house.advance(accepted.id)

    (account,) = await house.store.accounts(house.clock.now())
    assert (1, 0, 1, 1) == (account.uploads_today, account.in_flight, account.successes, account.trials)
    assert (1, 0) == await house.spent(Bucket.UPLOADS)


# ------------------------------------------------------------------------------------ broken transfers


@pytest.mark.parametrize("answer", [SILENCE, Reply(503), Reply(500), UNAUTHORISED], ids=str)
async def test_a_broken_transfer_goes_on_where_the_server_has_come_to(house: House, answer: Answer) -> None:
    accepted = await house.submit()
    house.google.trouble(SEND, answer, stored=2 * GRANULE)

    waiting = await house.advance(accepted.id)
    published = await house.finish(accepted.id)

    assert (State.UPLOADING, 1) == (waiting.state, waiting.failures)
    assert State.PUBLISHED is published.state
    assert (1, 1, 2) == tuple(house.google.count(name) for name in (START, ASK, SEND))
    assert [2 * GRANULE] == [event.data["offset"] for event in await house.events(Kind.RESUMED)]
    assert (1, 0) == await house.spent(Bucket.UPLOADS)


async def test_a_lost_reply_is_adopted(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(SEND, SILENCE, done=True)

    doubtful = await house.advance(accepted.id)
    published = await house.finish(accepted.id)

    (video,) = house.youtube.videos.values()
    assert (SessionState.FINISHING, 0) == session_of(doubtful)
    assert (State.PUBLISHED, video.id) == (published.state, published.video_id)
    assert (1, 1, 1) == tuple(house.google.count(name) for name in (START, ASK, SEND))


async def test_the_server_s_wish_to_wait_is_heard(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(START, Reply(503, {"retry-after": "120"}))

    waiting = await house.advance(accepted.id)

    assert house.clock.now() + timedelta(seconds=120) == waiting.due


async def test_tries_without_progress_end_and_the_work_is_queued_anew(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(START, Reply(503), times=11)

    waiting = accepted
    for _ in range(11):
        house.clock.set(waiting.due or house.clock.now())
        waiting = await house.advance(accepted.id)

    assert (State.DEFERRED, "backendError") == (waiting.state, code_of(waiting))
    assert house.clock.now() + timedelta(hours=1) == waiting.due
    assert ("active", 0) == (await house.account())[::2]
    assert State.PUBLISHED is (await house.finish(accepted.id)).state


async def test_an_outage_without_end_calls_a_person_and_tries_are_bounded(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(START, Reply(503), times=1000)

    held = await house.finish(accepted.id)

    assert (State.HELD, "gave_up") == (held.state, code_of(held))
    assert 11 * MAX_ACCOUNTS_TRIED == house.google.count(START)
    (told,) = await house.events(Kind.HELD)
    assert Level.HIGH is told.level


async def test_progress_gives_a_new_budget_of_tries() -> None:
    house = await a_house(manners=Manners(piece=GRANULE))
    accepted = await house.submit()
    for stored in (GRANULE, 2 * GRANULE, 3 * GRANULE):
        house.google.trouble(SEND, SILENCE, times=8)
        house.google.trouble(SEND, SILENCE, stored=stored)

    published = await house.finish(accepted.id)

    assert (State.PUBLISHED, 1) == (published.state, published.attempts)


async def test_a_session_that_moves_nothing_is_left_to_the_retry_budget(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(SEND, Reply(308), times=6)

    waiting = await house.advance(accepted.id)

    assert (State.UPLOADING, "noProgress") == (waiting.state, code_of(waiting))
    assert State.PUBLISHED is (await house.finish(accepted.id)).state


async def test_bytes_the_server_lost_are_sent_again(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(SEND, SILENCE, stored=2 * GRANULE)
    await house.advance(accepted.id)
    (upload,) = house.youtube.uploads.values()
    upload.stored = GRANULE

    assert State.PUBLISHED is (await house.finish(accepted.id)).state


# -------------------------------------------------------------------------------------------- sessions


async def test_a_start_without_an_answer_is_left_behind_and_both_starts_are_charged(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(START, SILENCE, done=True)

    published = await house.finish(accepted.id)

    assert State.PUBLISHED is published.state
    assert 2 == len(house.youtube.uploads)
    assert 1 == len(house.youtube.videos)
    assert (2, 0) == await house.spent(Bucket.UPLOADS)


async def test_a_start_that_names_no_session_is_tried_again(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(START, Reply(200))

    waiting = await house.advance(accepted.id)

    assert (State.UPLOADING, "noSession") == (waiting.state, code_of(waiting))
    assert State.PUBLISHED is (await house.finish(accepted.id)).state


@pytest.mark.parametrize("status", [404, 410])
async def test_a_session_that_is_gone_before_its_last_bytes_is_replaced(house: House, status: int) -> None:
    accepted = await house.submit()
    house.google.trouble(SEND, SILENCE, stored=GRANULE)
    house.google.trouble(ASK, error(status, "notFound"))
    await house.advance(accepted.id)
    house.clock.advance(timedelta(minutes=1))

    gone = await house.advance(accepted.id)

    assert (State.UPLOADING, "sessionLost", SessionState.GONE) == (
        gone.state,
        code_of(gone),
        gone.session and gone.session.state,
    )
    assert State.PUBLISHED is (await house.finish(accepted.id)).state
    assert (2, 0) == await house.spent(Bucket.UPLOADS)
    assert 1 == len(house.youtube.videos)


async def test_a_success_that_names_no_video_is_asked_about_again(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(SEND, SILENCE, stored=GRANULE)
    house.google.trouble(ASK, Reply(200, {}, b"<html>a proxy</html>"))
    await house.advance(accepted.id)
    house.clock.advance(timedelta(minutes=1))

    waiting = await house.advance(accepted.id)

    assert (State.UPLOADING, "unprovenSuccess") == (waiting.state, code_of(waiting))
    assert State.PUBLISHED is (await house.finish(accepted.id)).state


# ---------------------------------------------------------------------------------------- authorisation


async def test_a_refused_token_is_refreshed_and_the_account_not_blamed(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(START, UNAUTHORISED)

    waiting = await house.advance(accepted.id)
    published = await house.finish(accepted.id)

    assert house.clock.now() >= (waiting.due or house.clock.now())
    assert State.PUBLISHED is published.state
    assert 1 == house.google.count(TOKEN)
    assert ("active", 1, 0) == await house.account()


async def test_a_token_refused_after_an_outage_is_still_refreshed_once(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(SEND, Reply(503), times=3)
    house.google.trouble(SEND, UNAUTHORISED)

    published = await house.finish(accepted.id)

    assert (State.PUBLISHED, FIRST, 1) == (published.state, published.account, published.attempts)
    assert ("active", 1, 0) == await house.account()


async def test_tokens_refused_and_outages_in_turn_come_to_an_end(house: House) -> None:
    accepted = await house.submit()
    for _ in range(100):
        house.google.trouble(START, Reply(503))
        house.google.trouble(START, UNAUTHORISED)

    held = await house.finish(accepted.id)

    assert State.HELD is held.state
    assert house.google.count(START) < 100


async def test_a_token_refused_twice_moves_on_to_another_account() -> None:
    house = await two_accounts()
    accepted = await house.submit()
    house.google.trouble(START, UNAUTHORISED, times=2)

    published = await house.finish(accepted.id)

    conditions = {which: (await house.account(which))[0] for which in (FIRST, SECOND)}
    assert State.PUBLISHED is published.state
    assert "active" == conditions.pop(published.account or FIRST)
    assert ["needs_reauth"] == list(conditions.values())


async def test_a_dead_grant_moves_on_to_another_account_and_is_told() -> None:
    house = await two_accounts()
    for account in (FIRST, SECOND):
        await house.connect(account, life=timedelta(0))
    house.channel(FIRST).dead = True
    accepted = await house.submit()

    published = await house.finish(accepted.id)

    assert (State.PUBLISHED, SECOND) == (published.state, published.account)
    assert "needs_reauth" == (await house.account(FIRST))[0]
    assert 1 == len(await house.events(Kind.TOKEN_FAILED))
    assert 0 == (await house.account(FIRST))[1]


async def test_a_suspended_channel_moves_on_and_takes_no_more() -> None:
    house = await two_accounts()
    accepted = await house.submit()
    house.google.trouble(START, error(403, "channelSuspended"))

    published = await house.finish(accepted.id)

    other = SECOND if published.account == FIRST else FIRST
    assert State.PUBLISHED is published.state
    assert "suspended" == (await house.account(other))[0]


async def test_an_outcome_in_doubt_never_moves_to_another_account() -> None:
    house = await two_accounts()
    accepted = await house.submit()
    house.google.trouble(SEND, SILENCE, done=True)
    house.google.trouble(ASK, UNAUTHORISED, times=2)

    held = await house.finish(accepted.id)

    assert (State.HELD, "authError", SessionState.FINISHING) == (
        held.state,
        code_of(held),
        held.session and held.session.state,
    )
    assert 1 == house.google.count(START)


# ------------------------------------------------------------------------------------------- the house


async def test_a_closing_house_rests_and_the_next_start_goes_on(house: House) -> None:
    accepted = await house.submit()

    def close(which: object, offset: int, total: int) -> None:
        house.halted = offset >= GRANULE

    house.progress = close
    resting = await house.advance(accepted.id)

    assert (State.UPLOADING, house.clock.now(), 0) == (resting.state, resting.due, resting.passes)
    assert {} == house.youtube.videos

    house.halted, house.progress = False, lambda which, offset, total: None
    assert State.PUBLISHED is (await house.finish(accepted.id)).state
    assert (1, 2) == (house.google.count(START), house.google.count(SEND))


async def test_a_closing_house_that_hangs_up_after_the_last_bytes_blames_nobody(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(SEND, NoReply("the transfer was given up", ours=True), done=True)

    def close(which: object, offset: int, total: int) -> None:
        house.halted = offset == total

    house.progress = close
    resting = await house.advance(accepted.id)

    assert (State.UPLOADING, house.clock.now()) == (resting.state, resting.due)
    assert ((SessionState.FINISHING, 0), 0) == (session_of(resting), resting.failures)
    assert [] == [*await house.events(Kind.FAULT_SEEN), *await house.events(Kind.RETRYING)]
    house.halted = False
    assert State.PUBLISHED is (await house.finish(accepted.id)).state
    assert (1, 1, 1) == tuple(house.google.count(name) for name in (START, ASK, SEND))


async def test_an_account_takes_no_more_than_its_concurrency() -> None:
    house = await a_house(rules(FIRST, concurrency=1))
    first, second = await house.submit("one"), await house.submit("two")
    house.google.trouble(SEND, SILENCE)
    await house.advance(first.id)

    waiting = await house.advance(second.id)

    assert (State.QUEUED, "busy") == (waiting.state, code_of(waiting))
    await house.work()
    assert [State.PUBLISHED] * 2 == [(await house.now(each.id)).state for each in (first, second)]
