"""The page of services with what the house knows of its chains, and its two buttons."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.entrypoints.http.conftest import House
from tests.entrypoints.pages.conftest import OpenPages
from tests.entrypoints.pages.test_forms import send
from tests.entrypoints.program import Installation
from ytempire.domain.breaker import Phase, Report, Result
from ytempire.domain.chain import VOICE, Attempt, ChainCall, Quality, Step
from ytempire.domain.vitals import Observation
from ytempire.entrypoints.http.pages.words import ahead


@pytest.fixture
async def house(company: Installation, opened: OpenPages) -> AsyncIterator[House]:
    """A house that has called its chains: once well, once by a stand-in, and once into an outage."""
    async with opened(company) as made:
        calls, clock = made.serving.chains.chains, made.serving.acting.context.clock
        now = clock.now()
        for number, degraded in enumerate((False, True)):
            last = Attempt("local_tts", Quality.EMERGENCY, Step.SERVED)
            call = ChainCall(
                f"call_{number}", VOICE, now, "served", "local_tts", Quality.EMERGENCY, 3_100_000,
                degraded=degraded, trail=(last,),
            )  # fmt: skip
            await calls.book.note_call(call, ())
        for _ in range(3):
            seen = Observation("elevenlabs", now, well=False, latency=0.412, error="HTTP 503 <b>")
            await made.serving.chains.vitality.saw(seen)
        ticket = await calls.breakers.admit("elevenlabs")
        report = Report(Result.FAILURE, "503", now + timedelta(hours=1))
        await calls.breakers.report("elevenlabs", ticket, report)  # type: ignore[arg-type]  # it was closed
        yield made


async def test_chains_breakers_and_services_are_told(house: House) -> None:
    text = (await house.ask("GET", "/services")).body.decode()

    for told in (
        "Voice synthesis",
        "it has no key",
        "2 calls in 7 days",
        "50",
        "HTTP 503 &lt;b&gt;",
        "412 ms",
    ):
        assert told in text


async def test_a_chain_is_drilled_by_a_button(house: House) -> None:
    drilled = await send(house, "/services/drills", chain="voice_synthesis")
    unknown = await send(house, "/services/drills", chain="nothing")
    text = (await house.ask("GET", "/services")).body.decode()

    assert "/services?said=drilled" == drilled.headers["location"]
    assert 422 == unknown.status
    assert "by local" in text
    assert "HTTP 503" in text
    assert 2 < text.count('action="/services/drills"')


async def test_a_breaker_is_worked_by_hand(house: House) -> None:
    isolated = await send(house, "/services/local_tts/isolate", why="it mumbles")
    wordless = await send(house, "/services/claude/isolate", why=" ")
    reset = await send(house, "/services/elevenlabs/reset")
    unknown = await send(house, "/services/nobody/reset")

    assert ["/services?said=isolated", "/services?said=reset"] == [
        each.headers["location"] for each in (isolated, reset)
    ]
    found = {each.name: each for each in await house.serving.chains.chains.book.breakers()}
    assert (Phase.ISOLATED, "local") == (found["local_tts"].phase, found["local_tts"].by)
    assert Phase.CLOSED is found["elevenlabs"].phase
    assert unknown.status in (404, 422)
    assert (422, "it mumbles") == (wordless.status, found["local_tts"].why)
    assert "claude" not in found


async def test_everything_that_can_be_isolated_is_listed_with_what_holds_now(house: House) -> None:
    await send(house, "/services/elevenlabs/reset")
    text = (await house.ask("GET", "/services")).body.decode()
    known = house.serving.chains.chains.providers()
    rows = text.partition('id="breakers"')[2].partition("</section>")[0].split("<tr>")[2:]

    assert len(known) == len(rows)
    assert all(f'action="/services/{name}/isolate"' in row for name, row in zip(known, rows, strict=True))
    assert "youtube" in known
    assert not any("503" in row for row in rows), "they are closed"


async def test_what_is_overdue_is_due_now(house: House) -> None:
    now = house.serving.acting.context.clock.now()

    assert "due now" == ahead(now - timedelta(seconds=4), now)
    assert "in 4 s" == ahead(now + timedelta(seconds=4), now)
