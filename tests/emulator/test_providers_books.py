"""The providers' books: keys, totals, credits, and that they are none of YouTube's."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.emulator.buyer import chat, google, speak
from tests.emulator.peer import Json, Raw
from tests.emulator.voices import TEXT
from ytempire.emulator import Emulator, EventKind


def control(emulator: Emulator, verb: str, path: str, body: Json | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{emulator.base_url}/emulator/v1{path}", data, method=verb)
    with urllib.request.urlopen(request) as reply:
        return json.loads(reply.read())


def test_keys_and_roots_are_told_by_the_control_api(emulator: Emulator) -> None:
    told = control(emulator, "GET", "/providers")

    assert emulator.provider_keys.openai == told["keys"]["openai"]
    assert emulator.provider_keys.polly_secret == told["keys"]["polly_secret"]
    assert f"{emulator.base_url}/providers/polly" == told["roots"]["polly"]
    assert f"{emulator.base_url}/providers/openai/v1" == told["roots"]["openai"]
    assert {"openai", "anthropic", "elevenlabs", "google_tts", "polly", "stripe"} == set(told["roots"])


def test_keys_are_canaries_and_differ_between_emulators(emulator: Emulator) -> None:
    with Emulator.in_thread() as other:
        assert set() == set(emulator.world.vendors.secrets()) & set(other.world.vendors.secrets())
    assert emulator.provider_keys.elevenlabs in emulator.secrets()
    assert 6 == len(emulator.world.vendors.secrets())


def test_totals_add_up_by_provider(emulator: Emulator) -> None:
    chat(emulator)
    speak(emulator)
    speak(emulator)
    emulator.add_fault("google_tts", "status", reason="UNAVAILABLE")
    google(emulator)

    totals = control(emulator, "GET", "/totals")["providers"]
    assert (1, 1) == (totals["openai"]["calls"], totals["openai"]["served"])
    assert (2, 2 * len(TEXT)) == (totals["elevenlabs"]["calls"], totals["elevenlabs"]["characters"])
    assert 2 * len(TEXT) * 100 == totals["elevenlabs"]["billed_microdollars"]
    assert (1, 0, 0) == tuple(
        totals["google_tts"][name] for name in ("calls", "served", "billed_microdollars")
    )
    assert emulator.totals()["providers"] == totals


def test_the_journal_and_the_totals_agree(emulator: Emulator) -> None:
    for _ in range(3):
        speak(emulator)
        chat(emulator)

    called = emulator.journal.of(EventKind.PROVIDER_CALLED)
    totals = emulator.totals()["providers"]
    assert sum(event.facts["billed_microdollars"] for event in called) == sum(
        row["billed_microdollars"] for row in totals.values()
    )


def test_neither_keys_nor_words_are_in_the_journal(emulator: Emulator) -> None:
    chat(emulator)
    speak(emulator)
    google(emulator)

    written = json.dumps([event.as_json() for event in emulator.journal.since()])
    assert [] == [secret for secret in emulator.secrets() if secret in written]
    assert "beekeeping" not in written
    assert TEXT[:20] not in written


def test_providers_cost_no_youtube_quota(emulator: Emulator, raw: Raw) -> None:
    raw.upload(b"x" * 1000)
    before = emulator.totals()["charges"]
    chat(emulator)
    speak(emulator)
    emulator.add_fault("openai", "status", status=500)
    chat(emulator)

    assert before == emulator.totals()["charges"]


def test_credits_are_set_at_the_controls(emulator: Emulator) -> None:
    assert {"credits": 10} == control(emulator, "PATCH", "/providers/elevenlabs", {"credits": 10})
    refused = speak(emulator)

    assert 401 == refused.status
    assert "quota_exceeded" == refused.json["detail"]["status"]
    with pytest.raises(urllib.error.HTTPError, match="400") as raised:
        control(emulator, "PATCH", "/providers/elevenlabs", {"credits": -1})
    raised.value.close()
