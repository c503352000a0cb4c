"""`Idempotency-Key`: one answer, however often and however many at once ask for it."""

import asyncio
from pathlib import Path

import pytest

from tests.entrypoints.http.asking import Answer
from tests.entrypoints.http.conftest import House, Open
from ytempire.domain.callers import Role
from ytempire.ports import Filter

PATH = "/api/v1/publications"


async def sent(house: House, films: Path, number: int = 1) -> str:
    """A film that the house has received."""
    answer = await house.ask(
        "PUT", f"/api/v1/files?name=film{number}.mp4", body=(films / f"film{number}.mp4").read_bytes()
    )
    return str(answer.json()["file"])


async def queued(house: House, given: object, key: str = "key", **more: str) -> Answer:
    return await house.ask("POST", PATH, given=given, headers={"idempotency-key": key}, **more)


async def test_the_same_request_gets_the_same_answer_and_is_done_once(house: House, films: Path) -> None:
    given = {"file": await sent(house, films)}
    first, second = [await queued(house, given) for _ in range(2)]

    assert (201, first.body, first.headers["location"]) == (
        second.status,
        second.body,
        second.headers["location"],
    )
    assert "true" == second.headers["idempotency-replayed"]
    assert 1 == len(await house.serving.acting.context.store.publications(Filter()))


async def test_of_many_at_once_one_is_done_and_the_others_hear_that_it_is_or_get_its_answer(
    house: House, films: Path
) -> None:
    given = {"file": await sent(house, films), "again": True}
    answers = await asyncio.gather(*(queued(house, given) for _ in range(12)))

    assert {201, 409} >= {each.status for each in answers}
    assert 1 == len({each.json()["id"] for each in answers if each.status == 201})
    assert {"in_flight"} >= {each.code for each in answers if each.status == 409}
    assert 1 == len(await house.serving.acting.context.store.publications(Filter()))


async def test_a_key_is_not_used_for_two_requests(house: House, films: Path) -> None:
    file = await sent(house, films)
    await queued(house, {"file": file})
    other_body = await queued(house, {"file": file, "title": "Other"})
    other_path = await house.ask(
        "POST", "/api/v1/publications/check", given={}, headers={"idempotency-key": "key"}
    )

    assert [(422, "key_reused")] * 2 == [(each.status, each.code) for each in (other_body, other_path)]


async def test_a_refusal_is_kept_too(house: House) -> None:
    first, second = [await queued(house, {"file": "/etc/passwd"}) for _ in range(2)]

    assert (422, "file_not_open") == (first.status, first.code)
    assert first.body == second.body


async def test_keys_of_other_callers_are_others(opened: Open, films: Path) -> None:
    async with opened() as house:
        given = {"file": await sent(house, films), "again": True}
        token = await house.token("one", Role.SUBMITTER)
        first = await queued(house, given)
        second = await queued(house, given, token=token)

    assert (201, 201) == (first.status, second.status)
    assert first.json()["id"] != second.json()["id"]


async def test_an_answer_with_a_secret_is_told_once_and_kept_nowhere(opened: Open) -> None:
    async with opened(local="admin") as house:
        wish = {"name": "ci", "role": "viewer"}
        headers = {"idempotency-key": "key"}
        first, second = [
            await house.ask("POST", "/api/v1/tokens", given=wish, headers=headers) for _ in range(2)
        ]
        begun = [
            await house.ask(
                "POST", "/api/v1/auth/youtube/start?account=channel_1", headers={"idempotency-key": "k2"}
            )
            for _ in range(2)
        ]
        kept = b"".join(each.read_bytes() for each in house.serving.settings.home.glob("ytempire.sqlite*"))

    assert (201, 409, "told_once") == (first.status, second.status, second.code)
    assert (second.headers["x-request-id"], "true") == (
        second.json()["correlation_id"],
        second.headers["idempotency-replayed"],
    )
    assert [200, 409] == [each.status for each in begun]
    assert first.json()["token"].encode() not in kept
    assert begun[0].json()["address"].partition("state=")[2][:40].encode() not in kept


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256])
async def test_a_key_that_is_none_is_refused(house: House, key: str) -> None:
    answer = await house.ask("POST", "/api/v1/publications/check", given={}, headers={"idempotency-key": key})

    assert (400, "bad_key") == (answer.status, answer.code)


async def test_a_right_to_answer_is_given_back_when_the_answer_failed(house: House) -> None:
    """No account is connected to anything that answers, so YouTube is silent."""
    first = await house.ask("POST", "/api/v1/alerts/test", headers={"idempotency-key": "k"})
    second = await house.ask("POST", "/api/v1/alerts/test", headers={"idempotency-key": "k"})

    assert (409, 409) == (first.status, second.status)
    assert first.body == second.body
