"""The official client of ElevenLabs against the emulator."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from elevenlabs.client import ElevenLabs
from elevenlabs.core.api_error import ApiError
from elevenlabs.errors import UnprocessableEntityError

from tests.emulator.peer import facts
from tests.emulator.voices import TEXT, heard_mp3, heard_pcm, heard_wav
from ytempire.emulator import Emulator, EventKind

RACHEL = "21m00Tcm4TlvDq8ikWAM"


@contextmanager
def client_with(emulator: Emulator, key: str) -> Iterator[ElevenLabs]:
    with httpx.Client(timeout=20) as connections:
        root = emulator.provider_root("elevenlabs")
        yield ElevenLabs(api_key=key, base_url=root, httpx_client=connections)


@pytest.fixture
def client(emulator: Emulator) -> Iterator[ElevenLabs]:
    with client_with(emulator, emulator.provider_keys.elevenlabs) as made:
        yield made


def speak(
    client: ElevenLabs, form: str = "mp3_44100_128", *, text: str = TEXT, voice: str = RACHEL, **more: str
) -> bytes:
    pieces = client.text_to_speech.convert(
        voice,
        text=text,
        output_format=form,
        model_id=more.get("model_id", "eleven_multilingual_v2"),
        request_options={"max_retries": 0},
    )
    return b"".join(pieces)


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 44_100])
def test_raw_samples_have_the_rate_the_length_and_the_loudness_of_speech(
    client: ElevenLabs, rate: int
) -> None:
    sound = heard_pcm(speak(client, f"pcm_{rate}"), rate)

    assert sound.lasts_as_long_as(TEXT)
    assert 1_000 < sound.rms < 8_000
    assert 0 == sound.at_the_limit


@pytest.mark.parametrize("form", ["mp3_22050_32", "mp3_44100_64", "mp3_44100_128"])
def test_an_mp3_decodes_and_has_the_rate_and_length(client: ElevenLabs, form: str) -> None:
    sound = heard_mp3(speak(client, form))

    assert form.split("_")[1] == str(sound.rate)
    assert sound.lasts_as_long_as(TEXT)
    assert 1_000 < sound.rms < 8_000


def test_a_stream_brings_the_same_as_a_whole_reply(client: ElevenLabs) -> None:
    streamed = client.text_to_speech.stream(RACHEL, text=TEXT, output_format="mp3_44100_128")

    assert speak(client) == b"".join(streamed)


def test_a_wav_has_a_head(client: ElevenLabs) -> None:
    assert heard_wav(speak(client, "wav_24000")).lasts_as_long_as(TEXT)


def test_speech_takes_credits_and_is_billed(client: ElevenLabs, emulator: Emulator) -> None:
    speak(client)
    speak(client, model_id="eleven_flash_v2_5")

    subscription = client.user.subscription.get()
    called = facts(emulator, EventKind.PROVIDER_CALLED)
    assert len(TEXT) + -(-len(TEXT) // 2) == subscription.character_count
    assert [100 * len(TEXT), 50 * len(TEXT), 0] == [each["billed_microdollars"] for each in called]
    assert 2 * len(TEXT) == emulator.totals()["providers"]["elevenlabs"]["characters"]
    assert (RACHEL, "eleven_multilingual_v2") == (called[0]["voice"], called[0]["model"])


def test_spent_credits_are_a_401_that_is_no_wrong_key(client: ElevenLabs, emulator: Emulator) -> None:
    emulator.set_credits(len(TEXT))
    speak(client)

    with pytest.raises(ApiError) as raised:
        speak(client)

    assert "quota_exceeded" == raised.value.body["detail"]["status"]


def test_models_and_voices_are_listed(client: ElevenLabs) -> None:
    models = {model.model_id: model for model in client.models.list()}
    voices = {voice.voice_id: voice.name for voice in client.voices.search().voices}

    assert 10_000 == models["eleven_multilingual_v2"].maximum_text_length_per_request
    assert "Rachel" == voices[RACHEL]


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("quota_exceeded", 401),
        ("invalid_api_key", 401),
        ("missing_permissions", 401),
        ("only_for_creator+", 403),
        ("voice_not_found", 400),
        ("max_character_limit_exceeded", 400),
        ("too_many_concurrent_requests", 429),
        ("system_busy", 429),
        ("internal_server_error", 500),
        ("service_unavailable", 503),
    ],
)
def test_each_refusal_is_the_clients_own_error(
    client: ElevenLabs, emulator: Emulator, reason: str, status: int
) -> None:
    emulator.add_fault("elevenlabs.speech", "status", reason=reason)

    with pytest.raises(ApiError) as raised:
        speak(client)

    assert status == raised.value.status_code
    assert reason == raised.value.body["detail"]["status"]
    assert raised.value.body["detail"]["message"]


def test_a_wrong_key_voice_form_or_text_is_refused(client: ElevenLabs, emulator: Emulator) -> None:
    with client_with(emulator, "sk_wrong") as stranger, pytest.raises(ApiError, match="invalid_api_key"):
        speak(stranger)
    with pytest.raises(ApiError, match="nobody was not found"):
        speak(client, voice="nobody")
    with pytest.raises(UnprocessableEntityError):
        speak(client, "pcm_12345")
    with pytest.raises(ApiError, match="exceeds the character limit"):
        speak(client, text="x" * 10_001)
    with pytest.raises(ApiError, match="empty"):
        speak(client, text=" ")
