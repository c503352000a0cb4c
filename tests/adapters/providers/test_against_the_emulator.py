"""Every vendor's adapter against the emulator over real sockets: what it makes, what it costs, what goes wrong."""

import wave
from pathlib import Path

import pytest

from tests.adapters.providers.conftest import speaker, terms_of, writer
from ytempire.adapters.media.sound import measure
from ytempire.adapters.providers import Web
from ytempire.domain.chain import Blame, Charged, Made, ProviderFault
from ytempire.domain.scripts import ScriptOrder, wrong_script
from ytempire.domain.speech import SpeechOrder, wrong_sound
from ytempire.emulator import Emulator

TEXT = (
    "Bees live in the city too. They find flowers on every roof, and nobody notices how much they bring home."
)
SPOKEN = ("elevenlabs", "google_tts", "polly")
WRITTEN = ("openai", "anthropic")
ORDER = ScriptOrder("urban beekeeping", minutes=1.0)


async def said(
    emulator: Emulator, web: Web, kind: str, into: Path, text: str = TEXT, **changes: object
) -> Made[None] | ProviderFault:
    order = SpeechOrder(text, ssml=text.startswith("<speak>"))
    return await speaker(terms_of(emulator, kind, **changes), web).speak(order, str(into))


@pytest.mark.parametrize("kind", SPOKEN)
async def test_speech_is_a_wav_file_that_can_be_its_text(
    kind: str, emulator: Emulator, web: Web, tmp_path: Path
) -> None:
    into = tmp_path / "said.wav"

    made = await said(emulator, web, kind, into)

    assert Made(None) == made
    with wave.open(str(into)) as file:
        assert (1, 2) == (file.getnchannels(), file.getsampwidth())
    assert "" == wrong_sound(TEXT, measure(str(into)))
    assert [into] == list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", SPOKEN)
async def test_speech_costs_its_characters_where_their_price_is_known(
    kind: str, emulator: Emulator, web: Web, tmp_path: Path
) -> None:
    terms = terms_of(emulator, kind, per_thousand_characters=100_000)
    voice = speaker(terms, web)

    made = await voice.speak(SpeechOrder(TEXT), str(tmp_path / "said.wav"))

    assert Made(None, len(TEXT) * 100) == made
    assert len(TEXT) * 100 == voice.price(SpeechOrder(TEXT))
    assert 500_000 == speaker(terms_of(emulator, kind), web).price(SpeechOrder(TEXT))


async def test_polly_bills_no_marks_of_ssml(emulator: Emulator, web: Web, tmp_path: Path) -> None:
    into = tmp_path / "said.wav"

    made = await said(
        emulator, web, "polly", into, f"<speak>{TEXT}</speak>", per_thousand_characters=1_000_000
    )

    assert Made(None, len(TEXT) * 1000) == made


@pytest.mark.parametrize(("kind", "expected"), [("elevenlabs", Blame.UNFIT), ("google_tts", None)])
async def test_ssml_is_read_by_those_who_can(
    kind: str, expected: Blame | None, emulator: Emulator, web: Web, tmp_path: Path
) -> None:
    made = await said(emulator, web, kind, tmp_path / "said.wav", f"<speak>{TEXT}</speak>")

    assert expected == (made.blame if isinstance(made, ProviderFault) else None)


@pytest.mark.parametrize("kind", ["google_tts", "polly"])
@pytest.mark.parametrize("language", ["de", "de-DE", "fr-FR", "es-ES", "en-GB"])
async def test_a_language_finds_its_voice(
    kind: str, language: str, emulator: Emulator, web: Web, tmp_path: Path
) -> None:
    terms = terms_of(emulator, kind, voice="Joanna" if kind == "polly" else "en-US-Neural2-F")

    made = await speaker(terms, web).speak(SpeechOrder(TEXT, language), str(tmp_path / "said.wav"))

    assert Made(None) == made


@pytest.mark.parametrize("kind", SPOKEN)
async def test_a_text_as_long_as_allowed_is_said(
    kind: str, emulator: Emulator, web: Web, tmp_path: Path
) -> None:
    voice = speaker(terms_of(emulator, kind, seconds=50.0), web)
    text = (TEXT + " ") * (voice.longest // len(TEXT) + 1)

    made = await voice.speak(SpeechOrder(text[: voice.longest]), str(tmp_path / "said.wav"))
    longer = await voice.speak(
        SpeechOrder(text[: voice.longest + 20].ljust(voice.longest + 20, "x")), "unused"
    )

    assert Made(None) == made
    assert isinstance(longer, ProviderFault)
    assert (Blame.UNFIT, Charged.NO) == (longer.blame, longer.charged)


@pytest.mark.parametrize("kind", WRITTEN)
@pytest.mark.parametrize("minutes", [0.5, 1.0, 4.0])
async def test_a_script_is_what_was_asked_for(
    kind: str, minutes: float, emulator: Emulator, web: Web
) -> None:
    order = ScriptOrder("urban beekeeping", minutes)

    made = await writer(terms_of(emulator, kind), web).write(order)

    assert isinstance(made, Made), made
    assert "" == wrong_script(order, made.value)
    assert made.value.whole
    assert made.cost is None


async def test_responses_write_as_chats_do(emulator: Emulator, web: Web) -> None:
    terms = terms_of(emulator, "openai", options={"api": "responses"})

    made = await writer(terms, web).write(ORDER)

    assert isinstance(made, Made), made
    assert "" == wrong_script(ORDER, made.value)


@pytest.mark.parametrize("kind", WRITTEN)
async def test_a_script_costs_its_tokens_and_never_more_than_was_said(
    kind: str, emulator: Emulator, web: Web
) -> None:
    before = emulator.world.vendors.totals()[kind]
    terms = terms_of(emulator, kind, per_million_input=2_000_000, per_million_output=10_000_000)
    pen = writer(terms, web)

    made = await pen.write(ORDER)

    after = emulator.world.vendors.totals()[kind]
    read, written = (after[name] - before[name] for name in ("input_tokens", "output_tokens"))
    assert isinstance(made, Made)
    assert 2 * read + 10 * written == made.cost
    assert made.cost <= pen.price(ORDER)
    assert 500_000 == writer(terms_of(emulator, kind), web).price(ORDER)


@pytest.mark.parametrize("kind", [*SPOKEN, *WRITTEN])
@pytest.mark.parametrize(
    ("fault", "blame", "charged"),
    [
        ({"kind": "drop"}, Blame.OUTAGE, Charged.MAYBE),
        ({"kind": "lost_response"}, Blame.OUTAGE, Charged.MAYBE),
        ({"kind": "html"}, Blame.OUTPUT, Charged.YES),
        ({"kind": "wrong_content"}, Blame.OUTPUT, Charged.YES),
        ({"kind": "status", "status": 500}, Blame.OUTAGE, Charged.NO),
        ({"kind": "html", "status": 502}, Blame.OUTAGE, Charged.MAYBE),
        ({"kind": "html", "status": 302}, Blame.CREDENTIAL, Charged.NO),
    ],
    ids=lambda told: str(told) if isinstance(told, dict) else "",
)
async def test_a_broken_call_says_whose_fault_it_is_and_whether_it_was_paid_for(
    kind: str,
    fault: dict[str, object],
    blame: Blame,
    charged: Charged,
    emulator: Emulator,
    web: Web,
    tmp_path: Path,
) -> None:
    emulator.add_fault(kind, **fault)  # type: ignore[arg-type]  # the fields of a rule

    if kind in SPOKEN:
        made: object = await said(emulator, web, kind, tmp_path / "said.wav")
    else:
        made = await writer(terms_of(emulator, kind), web).write(ORDER)

    assert isinstance(made, ProviderFault), made
    assert (blame, charged) == (made.blame, made.charged), made
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", [*SPOKEN, *WRITTEN])
async def test_a_silent_vendor_is_given_up_in_time(
    kind: str, emulator: Emulator, web: Web, tmp_path: Path
) -> None:
    emulator.add_fault(kind, "hang", seconds=30.0)
    terms = terms_of(emulator, kind, seconds=1.0)

    if kind in SPOKEN:
        made: object = await speaker(terms, web).speak(SpeechOrder(TEXT), str(tmp_path / "said.wav"))
    else:
        made = await writer(terms, web).write(ORDER)

    assert isinstance(made, ProviderFault)
    assert (Blame.OUTAGE, "timeout", Charged.MAYBE) == (made.blame, made.code, made.charged)


@pytest.mark.parametrize("kind", SPOKEN)
async def test_half_a_file_is_no_speech(kind: str, emulator: Emulator, web: Web, tmp_path: Path) -> None:
    emulator.add_fault(kind, "truncated_audio")

    made = await said(emulator, web, kind, tmp_path / "said.wav")

    assert isinstance(made, ProviderFault)
    assert (Blame.OUTPUT, Charged.YES) == (made.blame, made.charged)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", SPOKEN)
@pytest.mark.parametrize(
    ("fault", "expected"),
    [("silent_audio", "silent"), ("clipped_audio", "clipped"), ("truncated_audio", "the text suggests")],
)
async def test_bad_sound_is_seen_when_it_is_measured(
    kind: str, fault: str, expected: str, emulator: Emulator, web: Web, tmp_path: Path
) -> None:
    emulator.add_fault(kind, fault, reason="short_file")
    into = tmp_path / "said.wav"
    text = f"{TEXT} {TEXT} {TEXT}"

    made = await said(emulator, web, kind, into, text)

    if isinstance(made, ProviderFault):  # a file shorter than its own head says is seen at once
        assert (fault, Blame.OUTPUT) == ("truncated_audio", made.blame)
    elif fault == "truncated_audio":
        assert measure(str(into)).seconds < 0.6 * len(text) * 0.065
    else:
        assert expected in wrong_sound(text, measure(str(into)))


@pytest.mark.parametrize("kind", WRITTEN)
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("empty_script", "empty"),
        ("short_script", "words"),
        ("cut_script", "cut off"),
        ("holes", "hole"),
        ("wrong_language", "language"),
    ],
)
async def test_a_bad_script_is_seen_and_its_cost_is_known(
    kind: str, fault: str, expected: str, emulator: Emulator, web: Web
) -> None:
    emulator.add_fault(kind, fault)
    terms = terms_of(emulator, kind, per_million_input=2_000_000, per_million_output=10_000_000)

    made = await writer(terms, web).write(ORDER)

    if isinstance(made, ProviderFault):
        assert ("empty_script", Blame.OUTPUT, Charged.YES) == (fault, made.blame, made.charged)
    else:
        assert expected in wrong_script(ORDER, made.value)
    assert made.cost


@pytest.mark.parametrize("options", [{}, {"api": "responses"}])
@pytest.mark.parametrize("kind", WRITTEN)
async def test_a_model_that_declines_is_the_callers_affair_and_was_paid(
    kind: str, options: dict[str, str], emulator: Emulator, web: Web
) -> None:
    emulator.add_fault(kind, "refused_script")

    made = await writer(terms_of(emulator, kind, options=options), web).write(ORDER)

    assert isinstance(made, ProviderFault)
    assert (Blame.CALLER, "declined", Charged.YES) == (made.blame, made.code, made.charged)


async def test_a_model_that_reaches_its_limit_says_so(emulator: Emulator, web: Web) -> None:
    for kind, options in (("openai", {}), ("openai", {"api": "responses"}), ("anthropic", {})):
        terms = terms_of(emulator, kind, options={**options, "max_tokens": "40"})

        made = await writer(terms, web).write(ORDER)

        assert isinstance(made, Made), made
        assert not made.value.whole


NAMED = [
    ("openai", "invalid_api_key", Blame.CREDENTIAL),
    ("openai", "insufficient_quota", Blame.EXHAUSTED),
    ("openai", "rate_limit_exceeded", Blame.BUSY),
    ("openai", "model_not_found", Blame.CREDENTIAL),
    ("openai", "context_length_exceeded", Blame.UNFIT),
    ("openai", "invalid_prompt", Blame.CALLER),
    ("openai", "server_error", Blame.OUTAGE),
    ("openai", "overloaded", Blame.OUTAGE),
    ("anthropic", "credit_balance_too_low", Blame.EXHAUSTED),
    ("anthropic", "prompt_too_long", Blame.UNFIT),
    ("anthropic", "authentication_error", Blame.CREDENTIAL),
    ("anthropic", "billing_error", Blame.EXHAUSTED),
    ("anthropic", "permission_error", Blame.CREDENTIAL),
    ("anthropic", "rate_limit_error", Blame.BUSY),
    ("anthropic", "api_error", Blame.OUTAGE),
    ("anthropic", "overloaded_error", Blame.OUTAGE),
    ("elevenlabs", "quota_exceeded", Blame.EXHAUSTED),
    ("elevenlabs", "invalid_api_key", Blame.CREDENTIAL),
    ("elevenlabs", "too_many_concurrent_requests", Blame.CROWDED),
    ("elevenlabs", "system_busy", Blame.BUSY),
    ("elevenlabs", "max_character_limit_exceeded", Blame.UNFIT),
    ("elevenlabs", "validation", Blame.UNFIT),
    ("elevenlabs", "voice_not_found", Blame.CREDENTIAL),
    ("google_tts", "API_KEY_INVALID", Blame.CREDENTIAL),
    ("google_tts", "SERVICE_DISABLED", Blame.CREDENTIAL),
    ("google_tts", "RESOURCE_EXHAUSTED", Blame.BUSY),
    ("google_tts", "UNAVAILABLE", Blame.OUTAGE),
    ("google_tts", "INVALID_ARGUMENT", Blame.UNFIT),
    ("polly", "ThrottlingException", Blame.BUSY),
    ("polly", "TextLengthExceededException", Blame.UNFIT),
    ("polly", "InvalidSsmlException", Blame.CALLER),
    ("polly", "UnrecognizedClientException", Blame.CREDENTIAL),
    ("polly", "ServiceFailureException", Blame.OUTAGE),
    ("polly", "ServiceQuotaExceededException", Blame.EXHAUSTED),
]


@pytest.mark.parametrize(("kind", "reason", "blame"), NAMED)
async def test_a_refusal_is_read_by_its_body(
    kind: str, reason: str, blame: Blame, emulator: Emulator, web: Web, tmp_path: Path
) -> None:
    emulator.add_fault(kind, "status", reason=reason)

    if kind in SPOKEN:
        made: object = await said(emulator, web, kind, tmp_path / "said.wav")
    else:
        made = await writer(terms_of(emulator, kind), web).write(ORDER)

    assert isinstance(made, ProviderFault)
    assert (blame, Charged.NO) == (made.blame, made.charged), made


async def test_broken_ssml_is_the_callers_fault_with_google_too(
    emulator: Emulator, web: Web, tmp_path: Path
) -> None:
    made = await said(emulator, web, "google_tts", tmp_path / "said.wav", "<speak>Hello <break </speak>")

    assert isinstance(made, ProviderFault)
    assert Blame.CALLER == made.blame


@pytest.mark.parametrize("kind", [*SPOKEN, *WRITTEN])
async def test_without_a_key_nothing_is_sent(kind: str, web: Web, emulator: Emulator, tmp_path: Path) -> None:
    terms = terms_of(emulator, kind, key=None, base_url="")

    if kind in SPOKEN:
        made: object = await speaker(terms, web).speak(SpeechOrder(TEXT), str(tmp_path / "said.wav"))
    else:
        made = await writer(terms, web).write(ORDER)

    assert isinstance(made, ProviderFault)
    assert (Blame.CREDENTIAL, "no_key", Charged.NO) == (made.blame, made.code, made.charged)
