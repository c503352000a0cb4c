"""Canary keys: whatever a vendor answers, and however a call fails, no form of the key is in what is kept."""

import base64
import json
import logging
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.adapters.providers.conftest import CANARY, Serve, answer
from tests.canaries import leaks
from ytempire.adapters.providers import PROBES, SPEAKERS, WRITERS, Web
from ytempire.adapters.providers.probes import stripe_probe
from ytempire.domain.scripts import ScriptOrder
from ytempire.domain.speech import SpeechOrder
from ytempire.domain.values import Secret
from ytempire.ports.chains import Terms

KEYED = ("openai", "anthropic", "elevenlabs", "google_tts", "polly")
STATUSES = (
    "200 OK",
    "302 Found",
    "400 Bad",
    "401 Who",
    "403 No",
    "404 Where",
    "429 Slow",
    "500 Oops",
    "529 Full",
)


def echoes() -> list[bytes]:
    """Bodies in which a vendor repeats the key in every way that it could."""
    raw = CANARY.encode()
    forms = [CANARY, raw.hex(), base64.b64encode(raw).decode(), quote(CANARY, safe=""), f"Bearer {CANARY}"]
    texts = [" and ".join(forms), f"{'x' * 290} {CANARY}"]
    bodies: list[object] = []
    for text in texts:
        bodies += [
            {"error": {"message": text, "type": text, "code": text, "status": text}},
            {"detail": {"status": text, "message": text, "code": text}},
            {"detail": text},
            {"detail": [{"msg": text}]},
            {"message": text, "__type": text},
            {"error": text},
        ]
    return [json.dumps(body).encode() for body in bodies] + [CANARY.encode(), b""]


def terms(kind: str, root: str) -> Terms:
    return Terms(name=kind, kind=kind, key=Secret(CANARY), key_id="AKIA", base_url=root, model="m", seconds=5)


async def outcomes(kind: str, root: str, web: Web, into: Path) -> list[str]:
    """Everything that can be kept of a call and of a look."""
    told = terms(kind, root)
    probe = PROBES[kind](told, web) if kind in PROBES else stripe_probe(told, web)
    assert probe is not None
    said: list[object] = [told, await probe.look(5)]
    if kind in SPEAKERS:
        said.append(await SPEAKERS[kind](told, web).speak(SpeechOrder("Hello."), str(into)))
    if kind in WRITERS:
        said.append(await WRITERS[kind](told, web).write(ScriptOrder("tea")))
    return [each for one in said for each in (repr(one), str(one))]


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("kind", [*KEYED, "stripe"])
async def test_no_answer_brings_the_key_out(
    kind: str,
    status: str,
    web: Web,
    serve: Serve,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    head = (f"x-amzn-ErrorType: {CANARY}", f"Content-Type: text/{CANARY}", "X-Request: 1")
    bodies = [body for body in echoes() if not (status == "200 OK" and body)] or [b""]
    server = await serve(*(answer(status, body, *head) for body in bodies for _ in range(2)))

    said = [text for _ in bodies for text in await outcomes(kind, server.root, web, tmp_path / "a.wav")]

    assert len(server.heard) >= len(bodies)
    assert [] == leaks(tmp_path, [*said, caplog.text], [CANARY.encode()])


@pytest.mark.parametrize("kind", KEYED)
@pytest.mark.parametrize("root", ["http://127.0.0.1:9", "http://api.example.com", "nonsense", "https://[x"])
async def test_no_mishap_brings_the_key_out(
    kind: str, root: str, web: Web, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    said = await outcomes(kind, root, web, tmp_path / "a.wav")

    assert [] == leaks(tmp_path, [*said, caplog.text], [CANARY.encode()])


@pytest.mark.parametrize("kind", ["openai", "anthropic", "elevenlabs", "google_tts"])
async def test_a_key_that_no_header_can_carry_is_not_shown(kind: str, web: Web, tmp_path: Path) -> None:
    told = Terms(name=kind, kind=kind, key=Secret(f"{CANARY}\n"), model="m")
    made: object
    if kind in SPEAKERS:
        made = await SPEAKERS[kind](told, web).speak(SpeechOrder("Hello."), str(tmp_path / "a.wav"))
    else:
        made = await WRITERS[kind](told, web).write(ScriptOrder("tea"))

    assert "not_sendable" in repr(made)
    assert [] == leaks(tmp_path, [repr(made)], [CANARY.encode()])
