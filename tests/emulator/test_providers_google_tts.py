"""Google's official Text-to-Speech client, over REST, against the emulator."""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import pytest
from google.api_core import exceptions
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import texttospeech

from tests.emulator.peer import facts
from tests.emulator.voices import TEXT, heard_mp3, heard_pcm, heard_wav
from ytempire.emulator import Emulator, EventKind

Client = texttospeech.TextToSpeechClient
LINEAR16 = texttospeech.AudioEncoding.LINEAR16
MP3 = texttospeech.AudioEncoding.MP3
PCM = texttospeech.AudioEncoding.PCM


def client_with(emulator: Emulator, key: str) -> Client:
    options = ClientOptions(api_endpoint=emulator.provider_root("google_tts"), api_key=key)
    return Client(client_options=options, transport="rest")


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    with client_with(emulator, emulator.provider_keys.google_tts) as made:
        yield made


def speak(
    client: Client,
    encoding: int = LINEAR16,
    *,
    rate: int = 0,
    text: str = TEXT,
    ssml: str = "",
    voice: str = "en-US-Neural2-F",
    language: str = "en-US",
) -> bytes:
    source = texttospeech.SynthesisInput(ssml=ssml) if ssml else texttospeech.SynthesisInput(text=text)
    reply = client.synthesize_speech(
        input=source,
        voice=texttospeech.VoiceSelectionParams(language_code=language, name=voice),
        audio_config=texttospeech.AudioConfig(audio_encoding=encoding, sample_rate_hertz=rate),
        retry=None,
    )
    return bytes(reply.audio_content)


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 48_000])
def test_linear16_is_a_wav_file_of_the_rate_asked_for(client: Client, rate: int) -> None:
    sound = heard_wav(speak(client, rate=rate))

    assert rate == sound.rate
    assert sound.lasts_as_long_as(TEXT)
    assert 1_000 < sound.rms < 8_000


def test_mp3_decodes_and_pcm_has_no_head(client: Client) -> None:
    assert heard_mp3(speak(client, MP3)).lasts_as_long_as(TEXT)
    assert heard_pcm(speak(client, PCM), 24_000).lasts_as_long_as(TEXT)


def test_a_pause_in_ssml_makes_the_sound_longer_and_its_marks_are_billed(
    client: Client, emulator: Emulator
) -> None:
    pausing = f'<speak>{TEXT}<break time="2s"/></speak>'
    plain = heard_wav(speak(client))
    paused = heard_wav(speak(client, ssml=pausing))

    assert 1.9 < paused.seconds - plain.seconds < 2.1
    billed = [each["billed_microdollars"] for each in facts(emulator, EventKind.PROVIDER_CALLED)]
    assert [16 * len(TEXT), 16 * len(pausing)] == billed


def test_voices_are_listed_by_language(client: Client) -> None:
    voices = client.list_voices(language_code="de-DE").voices

    assert {"de-DE-Standard-A", "de-DE-Neural2-G"} == {voice.name for voice in voices}
    assert {texttospeech.SsmlVoiceGender.FEMALE} == {voice.ssml_gender for voice in voices}


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (lambda client: speak(client, text="ü" * 2_501), "longer than the limit of 5000 bytes"),
        (lambda client: speak(client, ssml="<speak>open"), "Invalid SSML"),
        (lambda client: speak(client, voice="en-US-Nobody"), "does not exist"),
        (lambda client: speak(client, language="de-DE"), "doesn't match"),
        (lambda client: speak(client, text=""), "must be set"),
    ],
)
def test_a_wrong_wish_is_an_invalid_argument(
    client: Client, wish: Callable[[Client], bytes], words: str
) -> None:
    with pytest.raises(exceptions.BadRequest, match=words):
        wish(client)


@pytest.mark.parametrize(
    ("reason", "error", "told"),
    [
        ("INVALID_ARGUMENT", exceptions.BadRequest, None),
        ("API_KEY_INVALID", exceptions.BadRequest, "API_KEY_INVALID"),
        ("UNAUTHENTICATED", exceptions.Unauthorized, "ACCESS_TOKEN_TYPE_UNSUPPORTED"),
        ("PERMISSION_DENIED", exceptions.Forbidden, None),
        ("SERVICE_DISABLED", exceptions.Forbidden, "SERVICE_DISABLED"),
        ("BILLING_DISABLED", exceptions.Forbidden, "BILLING_DISABLED"),
        ("RESOURCE_EXHAUSTED", exceptions.TooManyRequests, "RATE_LIMIT_EXCEEDED"),
        ("INTERNAL", exceptions.InternalServerError, None),
        ("UNAVAILABLE", exceptions.ServiceUnavailable, None),
    ],
)
def test_each_refusal_is_the_clients_own_error(
    client: Client,
    emulator: Emulator,
    reason: str,
    error: type[exceptions.GoogleAPICallError],
    told: str | None,
) -> None:
    # Always, for the client tries a 401 again by itself.
    emulator.add_fault("google_tts.speech", "status", reason=reason, count=None)

    with pytest.raises(error) as raised:
        speak(client)

    assert told == raised.value.reason


def test_another_key_and_none_are_refused(emulator: Emulator) -> None:
    with client_with(emulator, "AIzaWrong") as stranger, pytest.raises(exceptions.BadRequest) as raised:
        speak(stranger)
    assert "API_KEY_INVALID" == raised.value.reason

    options = ClientOptions(api_endpoint=emulator.provider_root("google_tts"))
    anonymous = AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth types its classes in part only
    with (
        Client(client_options=options, transport="rest", credentials=anonymous) as nobody,
        pytest.raises(exceptions.Forbidden, match="unregistered callers"),
    ):
        speak(nobody)


@pytest.mark.parametrize("place", ["query", "bearer"])
def test_the_key_is_taken_from_the_address_and_as_a_token(emulator: Emulator, place: str) -> None:
    root, key = emulator.provider_root("google_tts"), emulator.provider_keys.google_tts
    address = f"{root}/v1/voices" + (f"?key={key}" if place == "query" else "")
    headers = {"Authorization": f"Bearer {key}"} if place == "bearer" else {}

    with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as reply:
        assert 200 == reply.status
    assert key not in str(emulator.journal.since())


def test_a_wrong_token_is_unauthenticated(emulator: Emulator) -> None:
    root = emulator.provider_root("google_tts")
    request = urllib.request.Request(f"{root}/v1/voices", headers={"Authorization": "Bearer ya29.wrong"})

    with pytest.raises(urllib.error.HTTPError, match="401") as raised:
        urllib.request.urlopen(request)
    raised.value.close()
