"""Every row of the table of faults, sent by the emulator over a real socket and read back from the reply."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.adapters.google.conftest import Connect
from tests.adapters.google.test_against_the_emulator import PATIENT
from ytempire.adapters.google import HttpGoogle
from ytempire.domain.calls import my_channel
from ytempire.domain.faults import TABLE, Fault, Remedy, read
from ytempire.domain.values import Secret
from ytempire.domain.wire import Form, Reply
from ytempire.emulator.server import Emulator

_STATUS = {
    "uploadLimitExceeded": 400, "uploadRateLimitExceeded": 429, "rateLimitExceeded": 429, "authError": 401,
    "videoNotFound": 404, "playlistNotFound": 404, "alreadyDone": 409, "invalidMetadata": 400, "extraRefused": 400,
    "badRequest": 400, "duplicateUpload": 400,
}  # fmt: skip
"""The status that a row's reasons come with; 403 for the others (facts 4.2)."""

ROWS = [
    pytest.param(_STATUS.get(row.code, 403), reason, row.code, row.remedy, id=reason)
    for row in TABLE
    for reason in row.reasons
]
BY_STATUS = [
    (401, "authError", Remedy.REFRESH),
    (408, "backendError", Remedy.RETRY),
    (412, "outOfStep", Remedy.RETRY),
    (413, "invalidMetadata", Remedy.REFUSE),
    (416, "outOfStep", Remedy.RETRY),
    (418, "unknown:418:unheardOf", Remedy.REVIEW),
    (428, "outOfStep", Remedy.RETRY),
    (429, "rateLimitExceeded", Remedy.RETRY),
    (500, "backendError", Remedy.RETRY),
    (502, "backendError", Remedy.RETRY),
    (503, "backendError", Remedy.RETRY),
    (504, "backendError", Remedy.RETRY),
]
PER_DAY = "Quota exceeded for quota metric 'Video Uploads' and limit 'Video Uploads per day'."


@dataclass(frozen=True)
class Google:
    """One emulator for all of them, and the token file of an account of it."""

    emulator: Emulator
    grant: dict[str, Any]


@pytest.fixture(scope="module")
def google() -> Iterator[Google]:
    with Emulator.in_thread() as running:
        running.create_project("main")
        yield Google(running, running.create_account("one", "main"))


Line = tuple[HttpGoogle, Secret]


@pytest.fixture
async def line(connect: Connect, google: Google) -> AsyncIterator[Line]:
    """A connection to the emulator and a token for it."""
    client = connect(google.emulator.base_url + "/", PATIENT)
    fields = {name: google.grant[name] for name in ("client_id", "client_secret", "refresh_token")}
    answer = await client.post(Form(google.grant["token_uri"], {"grant_type": "refresh_token", **fields}))
    assert isinstance(answer, Reply)
    yield client, Secret(answer.json()["access_token"])
    google.emulator.clear_faults()


async def met(
    line: Line,
    google: Google,
    status: int | None,
    kind: str = "status",
    **how: object,
) -> Fault:
    """The fault that a scripted trouble becomes."""
    given = {"status": status, **how} if status else how
    google.emulator.add_fault("channels.list", kind, **given)
    return read(await line[0].call(my_channel(), line[1]), "channels.list")


@pytest.mark.parametrize(("status", "reason", "code", "remedy"), ROWS)
async def test_every_reason_of_the_table_arrives_as_its_fault(
    line: Line, google: Google, status: int, reason: str, code: str, remedy: Remedy
) -> None:
    fault = await met(line, google, status, reason=reason, domain="youtube.test", message="Google says no.")

    assert (code, remedy, "Google says no.") == (fault.code, fault.remedy, fault.detail)
    assert (status, reason, "youtube.test", "channels.list") == (
        fault.status, fault.reason, fault.domain, fault.step,
    )  # fmt: skip


@pytest.mark.parametrize(("status", "code", "remedy"), BY_STATUS)
async def test_a_reason_that_says_nothing_is_judged_by_its_status(
    line: Line, google: Google, status: int, code: str, remedy: Remedy
) -> None:
    fault = await met(line, google, status, reason="unheardOf")

    assert (code, remedy) == (fault.code, fault.remedy)


@pytest.mark.parametrize("status", [403, 429])
async def test_a_burst_per_day_is_the_bucket(line: Line, google: Google, status: int) -> None:
    fault = await met(line, google, status, reason="rateLimitExceeded", message=PER_DAY)

    assert ("quotaExceeded", Remedy.CLOSE_BUCKET) == (fault.code, fault.remedy)


@pytest.mark.parametrize("kind", ["drop", "lost_response"])
async def test_silence_is_tried_again(line: Line, google: Google, kind: str) -> None:
    assert "noReply" == (await met(line, google, None, kind)).code


async def test_the_wish_of_a_server_comes_along(line: Line, google: Google) -> None:
    in_seconds = await met(line, google, 503, retry_after="7")
    on_a_date = await met(line, google, 503, retry_after="Fri, 20 Nov 2026 18:00:00 GMT")

    assert ("7", "Fri, 20 Nov 2026 18:00:00 GMT") == (in_seconds.retry_after, on_a_date.retry_after)
