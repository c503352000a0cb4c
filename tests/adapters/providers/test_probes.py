"""Free looks: at the emulator's vendors, at Google, at this machine, and at servers that are not well."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.adapters.providers.conftest import Serve, answer, terms_of
from ytempire.adapters.providers import PROBES, Web
from ytempire.adapters.providers.probes import stripe_probe, token_probe, youtube_probe
from ytempire.domain.values import Secret
from ytempire.domain.vitals import Observation, Source
from ytempire.emulator import Emulator
from ytempire.ports.chains import Probe, Terms

BUILDERS = {**PROBES, "stripe": stripe_probe}
KEYED = ("openai", "anthropic", "elevenlabs", "google_tts", "polly", "stripe")


def probe(terms: Terms, web: Web) -> Probe:
    made = BUILDERS[terms.kind](terms, web)
    assert made is not None
    return made


@pytest.mark.parametrize("kind", KEYED)
async def test_a_vendor_that_takes_the_key_is_well_and_is_paid_nothing(
    kind: str, emulator: Emulator, web: Web
) -> None:
    before = emulator.world.vendors.totals()[kind]["billed_microdollars"]

    seen = await probe(terms_of(emulator, kind), web).look(5)

    assert (True, "", Source.PROBE, f"our_{kind}") == (seen.well, seen.error, seen.source, seen.service)
    assert seen.latency is not None
    assert 0 < seen.latency < 5
    assert timedelta() <= datetime.now(UTC) - seen.at < timedelta(seconds=5)
    assert before == emulator.world.vendors.totals()[kind]["billed_microdollars"]


@pytest.mark.parametrize("kind", KEYED)
async def test_a_vendor_that_refuses_the_key_is_not_well(kind: str, emulator: Emulator, web: Web) -> None:
    seen = await probe(terms_of(emulator, kind, key=Secret("wrong")), web).look(5)

    assert not seen.well
    assert seen.error.startswith("the key is refused")


@pytest.mark.parametrize("kind", KEYED)
async def test_a_vendor_without_a_key_is_not_looked_at(kind: str, web: Web) -> None:
    assert BUILDERS[kind](Terms(name=kind, kind=kind), web) is None


@pytest.mark.parametrize("kind", KEYED)
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "drop"}, "no_reply"),
        ({"kind": "hang"}, "timeout"),
        ({"kind": "status", "status": 500}, ""),
        ({"kind": "html", "status": 200}, "something else than JSON"),
        ({"kind": "html", "status": 503}, "http_503"),
    ],
    ids=str,
)
async def test_a_vendor_in_trouble_is_not_well(
    kind: str, fault: dict[str, object], expected: str, emulator: Emulator, web: Web
) -> None:
    emulator.add_fault(kind, **fault)  # type: ignore[arg-type]  # the fields of a rule

    seen = await probe(terms_of(emulator, kind), web).look(1.0)

    assert not seen.well
    assert expected in seen.error


async def test_a_vendor_that_we_ask_too_much_at_once_works(emulator: Emulator, web: Web) -> None:
    emulator.add_fault("elevenlabs", "status", reason="too_many_concurrent_requests")

    seen = await probe(terms_of(emulator, "elevenlabs"), web).look(5)

    assert seen.well
    assert "too_many_concurrent_requests" in seen.notes[0]


async def test_the_end_of_a_model_is_told_in_time(emulator: Emulator, web: Web) -> None:
    noted = {
        model: (await probe(terms_of(emulator, "openai", model=model), web).look(5)).notes
        for model in ("gpt-5", "gpt-6-luna", "gpt-4", "")
    }

    # The emulator's list has the vendor's real days; what is near depends on the day of the test.
    soon = datetime.now(UTC).date() + timedelta(days=60) >= datetime(2026, 12, 11, tzinfo=UTC).date()
    gone = datetime.now(UTC).date() >= datetime(2026, 12, 11, tzinfo=UTC).date()
    end = "the model gpt-5 will be shut down on 2026-12-11"
    lacking = "the model {} is not among those it offers"
    expected = (lacking.format("gpt-5"),) if gone else (end,) if soon else ()
    assert {"gpt-5": expected, "gpt-6-luna": (), "gpt-4": (lacking.format("gpt-4"),), "": ()} == noted


@pytest.mark.parametrize(
    ("listed", "days", "noted"),
    [
        ("m", 59, True),
        ("m", 60, True),
        ("m", 61, False),
        ("m-20260101", 1, True),
        ("m-2026-01-01", 1, True),
        ("m-mini", 1, None),
        ("other", 1, None),
    ],
)
@pytest.mark.parametrize("form", ["date", "moment", "seconds"])
async def test_a_day_is_read_in_the_forms_that_vendors_use(
    listed: str, days: int, noted: bool | None, form: str, web: Web, serve: Serve
) -> None:
    end = datetime.now(UTC) + timedelta(days=days)
    told = {"date": end.date().isoformat(), "moment": end.isoformat(), "seconds": int(end.timestamp())}[form]
    body = json.dumps({"data": [{"id": listed, "shutdown_date": told}, {"id": "x"}, 7]}).encode()
    server = await serve(answer("200 OK", body))

    seen = await probe(Terms(name="o", kind="openai", base_url=server.root, model="m"), web).look(5)

    lacking = ("the model m is not among those it offers",)
    ending = (f"the model m will be shut down on {end.date()}",) if noted else ()
    assert seen.well
    assert (lacking if noted is None else ending) == seen.notes
    assert (("m",) if noted is None else ()) == seen.lacking


@pytest.mark.parametrize("end", ["", "soon", True, None, [], 1e300, -1e300])
async def test_a_day_that_is_none_is_no_warning(end: object, web: Web, serve: Serve) -> None:
    server = await serve(answer("200 OK", json.dumps({"data": [{"id": "m", "shutdown_date": end}]}).encode()))

    seen = await probe(Terms(name="o", kind="openai", base_url=server.root, model="m"), web).look(5)

    assert (True, ()) == (seen.well, seen.notes)


async def test_the_credit_that_is_left_is_noted(emulator: Emulator, web: Web) -> None:
    seen = await probe(terms_of(emulator, "elevenlabs"), web).look(5)

    assert 1 == len(seen.notes)
    assert seen.notes[0].endswith("of 10,000,000 characters are left")


async def test_a_balance_is_not_kept(emulator: Emulator, web: Web) -> None:
    seen = await probe(terms_of(emulator, "stripe"), web).look(5)

    assert () == seen.notes


@pytest.mark.parametrize("kind", ["espeak", "template"])
async def test_what_is_on_this_machine_is_well(kind: str, web: Web) -> None:
    seen = await probe(Terms(name="local", kind=kind), web).look(20)

    assert Observation("local", seen.at, well=True, latency=seen.latency) == seen


async def test_a_local_voice_that_does_not_start_in_time_is_not_well(web: Web) -> None:
    seen = await probe(Terms(name="local", kind="espeak"), web).look(0.001)

    assert not seen.well


async def test_google_is_reachable_without_a_key_or_quota(emulator: Emulator, web: Web) -> None:
    units = emulator.totals()

    youtube = await youtube_probe("youtube", f"{emulator.base_url}/", web).look(5)
    token = await token_probe("token", f"{emulator.base_url}/token", web).look(5)

    assert (True, "youtube") == (youtube.well, youtube.service), youtube
    assert (True, "token") == (token.well, token.service), token
    assert units == emulator.totals()


@pytest.mark.parametrize(
    ("reply", "youtube", "token"),
    [
        (answer("200 OK", b"{}"), True, False),
        (answer("400 Bad", b'{"error": "invalid_request"}'), True, True),
        (answer("401 Who", b'{"error": "invalid_client"}'), True, True),
        (answer("404 Where", b"<html>"), True, True),
        (answer("403 No", b"<html>captive portal</html>"), False, False),
        (answer("200 OK", b"<html>captive portal</html>"), False, False),
        (answer("302 Found", b"{}", "Location: /login"), False, False),
        (answer("500 Oops", b"{}"), False, False),
        (b"", False, False),
    ],
)
async def test_a_page_of_a_machine_in_between_is_not_google(
    reply: bytes, youtube: bool, token: bool, web: Web, serve: Serve
) -> None:
    server = await serve(reply, reply)

    seen = (
        await youtube_probe("youtube", f"{server.root}/", web).look(5),
        await token_probe("token", f"{server.root}/token", web).look(5),
    )

    assert (youtube, token) == tuple(each.well for each in seen), seen
    assert b"GET /youtube/v3/i18nRegions?part=id " in server.heard[0]
    assert b"POST /token " in server.heard[1]
