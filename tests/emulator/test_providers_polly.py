"""boto3 against the local Polly: real signatures, real errors."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.emulator.peer import facts
from tests.emulator.voices import TEXT, heard_mp3, heard_pcm
from ytempire.emulator import Emulator, EventKind


def client_with(emulator: Emulator, *, key: str | None = None, secret: str | None = None) -> Any:
    keys = emulator.provider_keys
    return boto3.client(
        "polly",
        region_name="eu-central-1",
        endpoint_url=emulator.provider_root("polly"),
        aws_access_key_id=key or keys.polly,
        aws_secret_access_key=secret or keys.polly_secret,
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Any]:
    made = client_with(emulator)
    yield made
    made.close()


def speak(client: Any, form: str = "pcm", *, text: str = TEXT, **more: str) -> bytes:
    wish = {"VoiceId": "Joanna", "Text": text, "OutputFormat": form, **more}
    with client.synthesize_speech(**wish)["AudioStream"] as stream:
        return bytes(stream.read())


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_raw_samples_have_the_rate_asked_for(client: Any, rate: int) -> None:
    sound = heard_pcm(speak(client, SampleRate=str(rate)), rate)

    assert sound.lasts_as_long_as(TEXT)
    assert 1_000 < sound.rms < 8_000


def test_raw_samples_are_16_khz_and_mp3_is_22_khz_unless_asked_otherwise(client: Any) -> None:
    assert heard_pcm(speak(client), 16_000).lasts_as_long_as(TEXT)
    assert 22_050 == heard_mp3(speak(client, "mp3")).rate
    assert 24_000 == heard_mp3(speak(client, "mp3", Engine="neural")).rate


def test_marks_of_ssml_are_not_billed(client: Any, emulator: Emulator) -> None:
    reply = client.synthesize_speech(
        VoiceId="Joanna",
        Text=f"<speak>{TEXT}<break time='1s'/></speak>",
        TextType="ssml",
        OutputFormat="mp3",
        Engine="neural",
    )
    reply["AudioStream"].read()

    called = facts(emulator, EventKind.PROVIDER_CALLED)[0]
    assert len(TEXT) == reply["RequestCharacters"]
    assert "audio/mpeg" == reply["ContentType"]
    assert (len(TEXT), 16 * len(TEXT)) == (called["characters"], called["billed_microdollars"])
    assert ("neural", "Joanna") == (called["model"], called["voice"])


def test_voices_are_listed_by_engine_and_language(client: Any) -> None:
    voices = client.describe_voices(Engine="standard", LanguageCode="de-DE")["Voices"]

    assert ["Vicki", "Hans"] == [voice["Id"] for voice in voices]


def test_a_wrong_secret_is_noticed_by_the_signature(emulator: Emulator) -> None:
    stranger = client_with(emulator, secret="x" * 40)
    with closing(stranger), pytest.raises(ClientError) as raised:
        speak(stranger)

    assert "InvalidSignatureException" == raised.value.response["Error"]["Code"]
    assert 403 == raised.value.response["ResponseMetadata"]["HTTPStatusCode"]


def test_an_unknown_access_key_is_refused(emulator: Emulator) -> None:
    stranger = client_with(emulator, key="AKIAWRONGWRONGWRONGX")
    with closing(stranger), pytest.raises(ClientError) as raised:
        speak(stranger)

    assert "UnrecognizedClientException" == raised.value.response["Error"]["Code"]


def test_a_request_that_is_changed_after_signing_is_refused(client: Any) -> None:
    client.meta.events.register("before-send.polly.SynthesizeSpeech", _other_words)
    with pytest.raises(ClientError) as raised:
        speak(client)

    assert "InvalidSignatureException" == raised.value.response["Error"]["Code"]


def _other_words(request: Any, **_: object) -> None:
    """Change a request that is signed already; it goes out as it then is."""
    request.body = request.body.replace(b"Bees", b"Wasp")


def test_an_unsigned_request_is_refused(emulator: Emulator) -> None:
    nobody = boto3.client(
        "polly",
        region_name="eu-central-1",
        endpoint_url=emulator.provider_root("polly"),
        config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}),
    )
    with closing(nobody), pytest.raises(ClientError) as raised:
        nobody.describe_voices()

    assert "MissingAuthenticationTokenException" == raised.value.response["Error"]["Code"]


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("ThrottlingException", 400),
        ("TextLengthExceededException", 400),
        ("InvalidSsmlException", 400),
        ("InvalidSampleRateException", 400),
        ("EngineNotSupportedException", 400),
        ("ValidationException", 400),
        ("ServiceQuotaExceededException", 402),
        ("UnrecognizedClientException", 403),
        ("AccessDeniedException", 403),
        ("ServiceFailureException", 500),
        ("ServiceUnavailableException", 503),
    ],
)
def test_each_refusal_is_the_clients_own_error(
    client: Any, emulator: Emulator, reason: str, status: int
) -> None:
    emulator.add_fault("polly.speech", "status", reason=reason)
    error = getattr(client.exceptions, reason) if hasattr(client.exceptions, reason) else ClientError

    with pytest.raises(error) as raised:
        speak(client)

    assert reason == raised.value.response["Error"]["Code"]
    assert status == raised.value.response["ResponseMetadata"]["HTTPStatusCode"]
    assert raised.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"text": "x" * 3_001}, "TextLengthExceededException"),
        ({"text": "<speak>open", "TextType": "ssml"}, "InvalidSsmlException"),
        ({"SampleRate": "12345"}, "InvalidSampleRateException"),
        ({"VoiceId": "Hans", "Engine": "neural"}, "EngineNotSupportedException"),
        ({"VoiceId": "Nobody"}, "ValidationException"),
    ],
)
def test_a_wrong_wish_is_refused_in_pollys_words(client: Any, wish: dict[str, str], code: str) -> None:
    with pytest.raises(ClientError) as raised:
        speak(client, **wish)

    assert code == raised.value.response["Error"]["Code"]
