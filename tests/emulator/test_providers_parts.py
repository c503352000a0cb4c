"""The parts behind the providers: reading prompts, reading SSML, sound, signatures."""

from pathlib import Path

import pytest

from ytempire.emulator.providers import anthropic, elevenlabs, google_tts, openai, polly, stripe
from ytempire.emulator.providers.prose import ENGLISH, FRENCH, GERMAN, LANGUAGES, SPANISH, Prose
from ytempire.emulator.providers.refusal import Vendor
from ytempire.emulator.providers.script import compose, language_of, topic_of, words_wanted
from ytempire.emulator.providers.sigv4 import Signed, objection
from ytempire.emulator.providers.sound import samples
from ytempire.emulator.providers.ssml import Ssml, read_ssml
from ytempire.emulator.providers.tokens import cut_to, dollars, price, tokens


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("a script of 450 words", 450),
        ("roughly 1,200 words", 1200),
        ("a 600-word script", 600),
        ("between 300 and 500 words", 400),
        ("200-300 words", 250),
        ("5 minutes long", 750),
        ("a 2.5 minute video", 375),
        ("etwa 400 Wörter", 400),
        ("300 palabras", 300),
        ("for 3 people in 2026", 200),
    ],
)
def test_the_length_is_read_from_the_prompt(prompt: str, words: int) -> None:
    assert words == words_wanted(prompt)


@pytest.mark.parametrize(
    ("prompt", "topic"),
    [
        ("Topic: sourdough bread\nTone: calm", "sourdough bread"),
        ('Write about "the moons of Jupiter" in German.', "the moons of Jupiter"),
        ("Write a script about old bicycles in 300 words.", "old bicycles"),
        ("Schreibe über alte Räder.", "alte Räder"),
        ("Explain sourdough to me please now and well", "Explain sourdough to me please now"),
        ("?!", "the unknown"),
    ],
)
def test_the_topic_is_read_from_the_prompt(prompt: str, topic: str) -> None:
    assert topic == topic_of(prompt)


@pytest.mark.parametrize(
    ("prompt", "prose"),
    [
        ("Write in German.", GERMAN),
        ("Language: es", SPANISH),
        ("language is French", FRENCH),
        ("Sprache: Deutsch", GERMAN),
        ("Write in Klingon.", ENGLISH),
        ("a script about German cars", ENGLISH),
    ],
)
def test_the_language_is_read_from_the_prompt(prompt: str, prose: Prose) -> None:
    assert prose is language_of(prompt)


@pytest.mark.parametrize("prose", LANGUAGES, ids=lambda prose: prose.names[0])
@pytest.mark.parametrize("words", [1, 20, 100, 250, 1_000, 5_000])
def test_a_script_has_about_the_words_asked_for(prose: Prose, words: int) -> None:
    text = compose("tea", prose, words, headed=False)

    assert abs(len(text.split()) - words) <= 30
    assert "{" not in text


@pytest.mark.parametrize(
    ("document", "read"),
    [
        ("<speak>One &amp; two</speak>", Ssml("One & two", "One & two")),
        ('<speak>One<break time="130ms"/> two</speak>', Ssml("One two", "One   two")),
        ('<?xml version="1.0"?><speak><p><s>One.</s></p></speak>', Ssml("One.", "One.")),
        ("<speak/>", Ssml("", "")),
        ("One", None),
        ("<speak>One", None),
        ("<speak>One</p></speak>", None),
        ("<speak>One & two</speak>", None),
        ("<speak>1 < 2</speak>", None),
        ("<speak>One</speak> two", None),
        ("<speak>One</speak><speak>two</speak>", None),
        ("<p>One</p>", None),
    ],
)
def test_ssml_is_read_or_refused(document: str, read: Ssml | None) -> None:
    assert read == read_ssml(document)


def test_the_same_text_is_the_same_sound_and_another_text_another() -> None:
    assert samples("Bees fly.", 8_000) == samples("Bees fly.", 8_000)
    assert samples("Bees fly.", 8_000) != samples("Ants walk", 8_000)


def test_a_sentence_ends_in_silence() -> None:
    pause = 2 * round(0.065 * 8_000) * 3

    assert bytes(pause) == samples("Bees fly.", 8_000)[-pause:]


@pytest.mark.parametrize(("text", "count"), [("", 0), ("a", 1), ("four", 1), ("fives", 2), ("ü" * 4, 2)])
def test_four_bytes_are_a_token(text: str, count: int) -> None:
    assert count == tokens(text)


def test_a_cut_never_splits_a_letter() -> None:
    assert "ü" * 2 == cut_to("ü" * 9, 1)
    assert "aü" == cut_to("aüü", 1)


def test_a_price_is_rounded_up() -> None:
    assert 1 == price(1, dollars(0.10))
    assert 2_500_000 == price(1_000_000, dollars(2.5))


VENDORS = tuple(each.VENDOR for each in (openai, anthropic, elevenlabs, google_tts, polly, stripe))
# AWS's own published example: GET for ListUsers, with the key pair of its documentation.
EXAMPLE = Signed(
    method="GET",
    path="/",
    query=(("Action", "ListUsers"), ("Version", "2010-05-08")),
    headers={
        "host": "iam.amazonaws.com",
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "x-amz-date": "20150830T123600Z",
        "authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date, "
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    },
    body=b"",
)
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


@pytest.mark.parametrize(
    ("key_id", "secret", "service", "expected"),
    [
        ("AKIDEXAMPLE", SECRET, "iam", None),
        ("AKIDEXAMPLE", SECRET[::-1], "iam", "InvalidSignatureException"),
        ("AKIDEXAMPLE", SECRET, "polly", "InvalidSignatureException"),
        ("AKIDOTHER", SECRET, "iam", "UnrecognizedClientException"),
    ],
)
def test_the_published_example_of_a_signature_holds(
    key_id: str, secret: str, service: str, expected: str | None
) -> None:
    assert expected == objection(EXAMPLE, key_id=key_id, secret=secret, service=service)


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.name)
def test_every_reason_of_a_vendor_is_in_the_reference(vendor: Vendor) -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "emulator.md").read_text()
    row = next(
        line
        for line in page.splitlines()
        if line.startswith(f"| `{vendor.name}` | `{vendor.refusals[0].reason}`")
    )

    assert [] == [each.reason for each in vendor.refusals if f"`{each.reason}` {each.status}" not in row]
