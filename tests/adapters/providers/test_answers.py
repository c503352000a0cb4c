"""Successes that are none: answers with status 200 that hold nothing of use, or less than they promise."""

import base64
import json
import wave
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.providers.conftest import Serve, answer
from ytempire.adapters.providers import SPEAKERS, WRITERS, Web
from ytempire.adapters.providers.wav import head, new_recording, samples_of
from ytempire.domain.chain import Blame, Charged, Made, ProviderFault
from ytempire.domain.scripts import ScriptOrder
from ytempire.domain.speech import SpeechOrder
from ytempire.domain.values import Secret
from ytempire.ports.chains import Terms

SAMPLES = bytes(range(256)) * 200


def terms(kind: str, root: str, **changes: Any) -> Terms:
    return Terms(name=kind, kind=kind, key=Secret("k"), key_id="AKIA", base_url=root, model="m", **changes)


def wav(channels: int = 1, width: int = 2, samples: bytes = SAMPLES) -> bytes:
    made = BytesIO()
    with wave.open(made, "wb") as file:
        file.setparams((channels, width, 24_000, 0, "NONE", "NONE"))
        file.writeframes(samples)
    return made.getvalue()


def google(sound: bytes) -> bytes:
    return json.dumps({"audioContent": base64.b64encode(sound).decode()}).encode()


@pytest.mark.parametrize(
    ("kind", "body", "headers"),
    [
        ("elevenlabs", b"", ()),
        ("elevenlabs", b"x", ()),
        ("elevenlabs", b"xyz", ()),
        ("elevenlabs", b"<!doctype html><html>down</html>", ()),
        ("elevenlabs", b"<html>even</html>", ("Content-Type: application/octet-stream",)),
        ("elevenlabs", SAMPLES, ("Content-Type: text/html; charset=utf-8",)),
        ("elevenlabs", b'{"audio": "later"}', ("Content-Type: application/json",)),
        ("elevenlabs", wav(), ("Content-Type: audio/wav",)),
        ("elevenlabs", b"ID3\x04" + SAMPLES, ("Content-Type: audio/mpeg",)),
        ("polly", b"", ()),
        ("polly", b"OggS" + SAMPLES, ()),
        ("google_tts", b"", ()),
        ("google_tts", b"<html></html>", ()),
        ("google_tts", b"[]", ()),
        ("google_tts", b"{}", ()),
        ("google_tts", b'{"audioContent": 7}', ()),
        ("google_tts", b'{"audioContent": ""}', ()),
        ("google_tts", b'{"audioContent": "no base64!"}', ()),
        ("google_tts", b'{"audioContent": "\xc3\xbc"}', ()),
        ("google_tts", google(b"RIFF"), ()),
        ("google_tts", google(SAMPLES), ()),
        ("google_tts", google(wav()[:20]), ()),
        ("google_tts", google(wav()[:5000]), ()),
        ("google_tts", google(wav(samples=b"")), ()),
        ("google_tts", google(wav(channels=2)), ()),
        ("google_tts", google(wav(width=1)), ()),
        ("google_tts", google(b"ID3\x04" + SAMPLES), ()),
    ],
)
async def test_what_is_no_sound_was_paid_for_and_leaves_nothing(
    kind: str, body: bytes, headers: tuple[str, ...], serve: Serve, web: Web, tmp_path: Path
) -> None:
    server = await serve(answer("200 OK", body, *headers))

    made = await SPEAKERS[kind](terms(kind, server.root), web).speak(
        SpeechOrder("Hi."), str(tmp_path / "a.wav")
    )

    assert isinstance(made, ProviderFault)
    assert (Blame.OUTPUT, Charged.YES) == (made.blame, made.charged)
    assert made.message
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["elevenlabs", "polly", "google_tts"])
async def test_sound_is_kept_as_it_came(kind: str, serve: Serve, web: Web, tmp_path: Path) -> None:
    server = await serve(answer("200 OK", google(wav()) if kind == "google_tts" else SAMPLES))
    into = tmp_path / "a.wav"

    made = await SPEAKERS[kind](terms(kind, server.root), web).speak(SpeechOrder("Hi."), str(into))

    assert Made(None) == made
    assert SAMPLES == samples_of(into.read_bytes())[1]


@pytest.mark.parametrize("kind", ["elevenlabs", "polly", "google_tts"])
async def test_a_folder_that_is_not_there_is_not_the_vendors_fault(
    kind: str, serve: Serve, web: Web, tmp_path: Path
) -> None:
    server = await serve(answer("200 OK", google(wav()) if kind == "google_tts" else SAMPLES))
    into = tmp_path / "nowhere" / "a.wav"

    made = await SPEAKERS[kind](terms(kind, server.root), web).speak(SpeechOrder("Hi."), str(into))

    assert isinstance(made, ProviderFault)
    assert (Blame.CALLER, "cannot_write") == (made.blame, made.code)
    assert (Charged.YES if kind == "google_tts" else Charged.NO) == made.charged


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("openai", {}),
        ("openai", {"choices": []}),
        ("openai", {"choices": [7]}),
        ("openai", {"choices": "no"}),
        ("openai", {"choices": [{"message": None}]}),
        ("openai", {"choices": [{"message": {"content": None}}]}),
        ("openai", {"choices": [{"message": {"content": [1]}}]}),
        ("anthropic", {}),
        ("anthropic", {"content": None}),
        ("anthropic", {"content": []}),
        ("anthropic", {"content": [{"type": "tool_use"}, 7]}),
        ("responses", {}),
        ("responses", {"status": "completed", "output": []}),
        ("responses", {"output": [{"type": "reasoning"}, {"type": "message", "content": [{"type": "x"}]}]}),
    ],
)
async def test_an_answer_without_text_was_paid_for(
    kind: str, found: dict[str, Any], serve: Serve, web: Web
) -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 4, "input_tokens": 3, "output_tokens": 4}
    server = await serve(answer("200 OK", json.dumps({**found, "usage": usage}).encode()))
    options = {"api": kind} if kind == "responses" else {}
    told = terms(
        "anthropic" if kind == "anthropic" else "openai",
        server.root,
        options=options,
        per_million_output=1_000_000,
    )

    made = await WRITERS[told.kind](told, web).write(ScriptOrder("tea"))

    assert isinstance(made, ProviderFault)
    assert (Blame.OUTPUT, "no_text", Charged.YES, 4) == (made.blame, made.code, made.charged, made.cost)


@pytest.mark.parametrize(
    ("error", "blame"),
    [
        ({"code": "server_error", "message": "Oops."}, Blame.OUTAGE),
        ({"code": "rate_limit_exceeded", "message": "Slow."}, Blame.BUSY),
        (None, Blame.OUTAGE),
    ],
)
async def test_a_response_that_failed_is_no_answer(
    error: dict[str, str] | None, blame: Blame, serve: Serve, web: Web
) -> None:
    server = await serve(answer("200 OK", json.dumps({"status": "failed", "error": error}).encode()))
    told = terms("openai", server.root, options={"api": "responses"})

    made = await WRITERS["openai"](told, web).write(ScriptOrder("tea"))

    assert isinstance(made, ProviderFault)
    assert blame == made.blame


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("openai", {"choices": [{"finish_reason": "content_filter", "message": {"content": "half"}}]}),
        (
            "openai",
            {"choices": [{"finish_reason": "stop", "message": {"content": None, "refusal": "I can't."}}]},
        ),
        ("responses", {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}),
        ("anthropic", {"content": [], "stop_reason": "refusal"}),
    ],
)
async def test_a_model_that_declines_ends_the_call(
    kind: str, found: dict[str, Any], serve: Serve, web: Web
) -> None:
    server = await serve(answer("200 OK", json.dumps(found).encode()))
    options = {"api": kind} if kind == "responses" else {}
    told = terms("anthropic" if kind == "anthropic" else "openai", server.root, options=options)

    made = await WRITERS[told.kind](told, web).write(ScriptOrder("tea"))

    assert isinstance(made, ProviderFault)
    assert (Blame.CALLER, "declined", Charged.YES) == (made.blame, made.code, made.charged)


async def test_a_recording_has_a_head_that_others_can_read(tmp_path: Path) -> None:
    into = tmp_path / "a.wav"
    with new_recording(str(into), 16_000) as tape:
        for start in range(0, len(SAMPLES), 777):
            await tape.write(SAMPLES[start : start + 777])
        await tape.keep(str(into))

    with wave.open(str(into)) as file:
        assert (1, 2, 16_000, len(SAMPLES) // 2) == file.getparams()[:4]
    assert (16_000, SAMPLES) == samples_of(into.read_bytes())
    assert wav() == head(24_000, len(SAMPLES)) + SAMPLES


async def test_a_recording_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    with new_recording(str(tmp_path / "a.wav"), 16_000) as tape:
        await tape.write(SAMPLES * 20)
        assert [tmp_path / "a.wav.part"] == list(tmp_path.iterdir())

    assert [] == list(tmp_path.iterdir())
