"""Speech: what can be said, and whether a piece of audio can be it."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytempire.domain.speech import (
    MOST_CHARACTERS,
    Sound,
    SpeechOrder,
    Spoken,
    expected_seconds,
    pauses,
    plain,
    wrong_order,
    wrong_sound,
)

SENTENCE = "The quick brown fox jumps over the lazy dog, and then it does so again."
GOOD = Sound(4.7, 22_050, rms=0.1, peak=0.8, clipped=0.0, silent=0.1)
CHINESE = "\u4eca\u5929\u5929\u6c14\u5f88\u597d\u3002" * 20
JAPANESE = "\u3053\u3093\u306b\u3061\u306f\u3002" * 20
KOREAN = "\uc548\ub155\ud558\uc138\uc694. " * 20
ARABIC = "\u0645\u0631\u062d\u0628\u0627 \u0628\u0643\u0645. " * 20
HINDI = "\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e\u0964 " * 20


def ssml(text: str) -> SpeechOrder:
    return SpeechOrder(text, ssml=True)


def codes(order: SpeechOrder) -> list[str]:
    return [each.code for each in wrong_order(order)]


@pytest.mark.parametrize(
    "text",
    [SENTENCE, "a", "7", CHINESE, JAPANESE, KOREAN, ARABIC, HINDI, "two\nlines\tand more", "Hi \U0001f600!"],
    ids=lambda text: ascii(text[:8]),
)
def test_words_of_any_script_can_be_said(text: str) -> None:
    assert () == wrong_order(SpeechOrder(text))


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n\t\u00a0\u3000\u200f", "...", "\U0001f600\U0001f600", "___", "- - -", "\u3002"],
    ids=ascii,
)
def test_what_holds_no_word_is_refused(text: str) -> None:
    assert ["empty"] == codes(SpeechOrder(text))


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\ud800", "\ufffe"], ids=ascii)
def test_control_characters_and_halves_of_characters_are_refused(character: str) -> None:
    assert ["control_characters"] == codes(SpeechOrder(f"one{character}two"))


def test_the_longest_text_is_said_and_one_more_is_not() -> None:
    assert [] == codes(SpeechOrder("a" * MOST_CHARACTERS))
    assert ["too_long"] == codes(SpeechOrder("a" * (MOST_CHARACTERS + 1)))


@pytest.mark.parametrize("language", ["en", "en-US", "zh-Hans-CN", "ast", "EN-us", "sr-Latn"])
def test_a_language_tag_is_taken(language: str) -> None:
    assert [] == codes(SpeechOrder("a", language))


@pytest.mark.parametrize(
    "language", ["", "e", "english", "en_US", "en-", "en-US\n", "en-US; rm", "en-123456789"]
)
def test_what_is_no_language_tag_is_refused(language: str) -> None:
    assert ["bad_language"] == codes(SpeechOrder("a", language))


def test_every_reason_is_told_at_once() -> None:
    order = SpeechOrder("\x00" * (MOST_CHARACTERS + 1), "?", ssml=True)

    assert ["empty", "too_long", "control_characters", "bad_language", "bad_ssml"] == codes(order)


@pytest.mark.parametrize(
    "text",
    [
        "<speak>Hi</speak>",
        "  <speak>Hi</speak>\n",
        "<speak version=\"1.0\" xml:lang='en-US'>Hi</speak>",
        "<speak>Hi<break/>you</speak>",
        '<speak>Hi<break time="1s" />you</speak >',
        "<speak><p><s>One.</s><s>Two.</s></p></speak>",
        '<speak><amazon:effect name="whispered">Hi</amazon:effect></speak>',
        '<speak><sub alias="a > b">Hi</sub></speak>',
        "<speak>Q&amp;A, &lt;b&gt;, &quot;&apos; &#65; &#x41;</speak>",
        "<speak>a > b</speak>",
        "<speak\n  version = '1.1'\n>Hi</speak>",
    ],
)
def test_ssml_that_an_xml_reader_would_take_is_taken(text: str) -> None:
    assert [] == codes(ssml(text))


@pytest.mark.parametrize(
    "text",
    [
        "Hi",
        "Hi <speak>you</speak>",
        "<speak>Hi</speak> you",
        "<speak>Hi</speak><speak>you</speak>",
        "<speak>Hi</speak><break/>",
        "<speak>Hi",
        "<speak>Hi</p>",
        "</speak>Hi",
        "<speaker>Hi</speaker>",
        "<Speak>Hi</Speak>",
        "<p>Hi</p>",
        "<speak/>Hi",
        "<break/><speak>Hi</speak>",
        "<speak><p>Hi</speak></p>",
        "<speak>Hi</speak lang='en'>",
        "<speak>Hi</speak/>",
        "<speak>a < b</speak>",
        "<speak>Q&A</speak>",
        "<speak>a&nbsp;b</speak>",
        "<speak>&xxe;</speak>",
        "<speak>]]>Hi</speak>",
        "<speak a=b>Hi</speak>",
        '<speak a="b>Hi</speak>',
        '<speak a="<b>">Hi</speak>',
        "<speak><!-- Hi -->you</speak>",
        "<speak><![CDATA[Hi]]></speak>",
        "<speak><?php echo 1 ?>Hi</speak>",
        '<?xml version="1.0"?><speak>Hi</speak>',
        '<!DOCTYPE speak [<!ENTITY xxe SYSTEM "file:///etc/passwd">]><speak>Hi &xxe;</speak>',
        "\ufeff<speak>Hi</speak>",
        "<speak>" * 3 + "Hi" + "</speak>" * 2,
    ],
)
def test_what_is_no_ssml_or_would_be_expanded_is_refused(text: str) -> None:
    assert ["bad_ssml"] == codes(ssml(text))


@pytest.mark.parametrize("text", ["<speak></speak>", "<speak/>", "<speak><break time='9s'/>&#33;</speak>"])
def test_ssml_without_a_word_is_refused(text: str) -> None:
    assert ["empty"] == codes(ssml(text))


@pytest.mark.parametrize(
    "text",
    [
        "<speak>" + "<p>" * 50_000 + "a" + "</p>" * 15_000,
        "<speak>a" + "<a " * 60_000,
        "<speak>a<b" + " " * 190_000,
        "<speak>a<b" + " c='d'" * 30_000,
        "<speak>a" + "&" * 190_000,
        "<speak>a<break " + "time" * 40_000,
        "<speak>a" + "<break " * 28_000,
    ],
    ids=lambda text: text[7:16],
)
def test_ssml_made_to_be_slow_is_refused_in_time(text: str) -> None:
    began = time.process_time()

    assert "bad_ssml" in codes(ssml(text))
    pauses(ssml(text))
    assert time.process_time() - began < 10


@given(st.text(alphabet="<>/&;=\"' abspeak!?[]-#x1", max_size=60))
def test_whatever_comes_as_ssml_is_judged(text: str) -> None:
    wrong_order(ssml(f"<speak>a{text}</speak>"))


def test_the_words_of_ssml_are_what_is_between_its_marks() -> None:
    order = ssml('<speak>One<break time="1s"/>two &amp;\n three<sub alias="x">4</sub></speak>')

    assert "One two & three 4" == plain(order)
    assert "a  <b>  &amp;" == plain(SpeechOrder("a  <b>  &amp;"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<speak>a</speak>", 0.0),
        ("<speak>a<break time=\"2s\"/>b<break time='500ms'/></speak>", 2.5),
        ('<speak>a<break strength="weak" time="+1.25s"/></speak>', 1.25),
        ('<speak>a<break strength="weak"/></speak>', 0.0),
        ('<speak>a<break time="long"/></speak>', 0.0),
        ("<speak>a<break time='9999999999s'/></speak>", 0.0),
    ],
)
def test_the_pauses_that_marks_ask_for_are_added_up(text: str, expected: float) -> None:
    assert expected == pauses(ssml(text))


def test_a_plain_text_asks_for_no_pauses() -> None:
    assert 0.0 == pauses(SpeechOrder('<break time="2s"/>'))


@pytest.mark.parametrize(
    ("text", "slowest", "fastest"),
    [
        (SENTENCE, 6.5, 3.8),
        (CHINESE, 40, 24),
        (JAPANESE, 25, 10),
        (KOREAN, 30, 14),
        (ARABIC, 30, 10),
        (HINDI, 40, 14),
    ],
    ids=["english", "chinese", "japanese", "korean", "arabic", "hindi"],
)
def test_a_text_may_be_read_at_the_paces_that_its_language_is_read_at(
    text: str, slowest: float, fastest: float
) -> None:
    assert "" == wrong_sound(text, replace(GOOD, seconds=slowest))
    assert "" == wrong_sound(text, replace(GOOD, seconds=fastest))


def test_150_words_of_english_take_about_a_minute() -> None:
    text = "these words have about six letters " * 25

    assert 55 < expected_seconds(text) < 65


def test_blanks_and_marks_take_no_more_time_than_one_pause() -> None:
    assert expected_seconds("one two") == expected_seconds("  one \n\n ---- ==== \u2026 two!  ")
    assert 0 == expected_seconds(" \n ") == expected_seconds("")


def test_a_line_of_marks_is_not_missed_in_the_audio() -> None:
    text = SENTENCE + "=" * 500

    assert "" == wrong_sound(text, GOOD)


def test_symbols_may_be_read_by_name_or_left_out() -> None:
    text = SENTENCE + "\U0001f600" * 30

    assert "" == wrong_sound(text, GOOD)
    assert "" == wrong_sound(text, replace(GOOD, seconds=40))


def test_long_numbers_take_their_time() -> None:
    assert "" == wrong_sound(
        "3.14159265358979323846264338327950288419716939937510", replace(GOOD, seconds=20)
    )
    assert "" == wrong_sound("It has 1000000 places.", replace(GOOD, seconds=1.4))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"decoded": False}, "breaks off"),
        ({"seconds": 0.0}, "is silent"),
        ({"rms": 0.0}, "is silent"),
        ({"rms": 0.0029}, "is silent"),
        ({"silent": 0.91}, "is silent"),
        ({"silent": 1.0}, "is silent"),
        ({"clipped": 0.021}, "is clipped in 2% of its samples"),
        ({"seconds": 1.7}, "takes 1.7 s; the text suggests about 4.5 s"),
        ({"seconds": 17.0}, "takes 17.0 s; the text suggests about 4.5 s"),
    ],
)
def test_audio_that_cannot_be_the_text_is_told_why(changes: dict[str, float | bool], told: str) -> None:
    assert told in wrong_sound(SENTENCE, replace(GOOD, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [{}, {"rms": 0.003}, {"silent": 0.89}, {"clipped": 0.02}, {"seconds": 2.8}, {"seconds": 15.0}],
)
def test_audio_at_the_limits_is_taken(changes: dict[str, float]) -> None:
    assert "" == wrong_sound(SENTENCE, replace(GOOD, **changes))  # type: ignore[arg-type]


def test_one_word_may_have_pauses_around_it() -> None:
    assert "" == wrong_sound("Hi", replace(GOOD, seconds=2.3))
    assert "" == wrong_sound("Hi", replace(GOOD, seconds=0.1))
    assert wrong_sound("Hi", replace(GOOD, seconds=2.5))


def test_silence_that_was_asked_for_is_no_fault() -> None:
    long = replace(GOOD, seconds=64.7, silent=0.93)

    assert wrong_sound(SENTENCE, long)
    assert "" == wrong_sound(SENTENCE, long, pauses=60.0)
    assert wrong_sound(SENTENCE, replace(long, silent=1.0), pauses=60.0)
    assert "" == wrong_sound(SENTENCE, GOOD, pauses=60.0)


def test_half_of_a_long_text_is_not_taken_for_the_whole() -> None:
    text = " ".join([SENTENCE] * 100)

    assert wrong_sound(text, replace(GOOD, seconds=expected_seconds(text) * 0.55))
    assert "" == wrong_sound(text, replace(GOOD, seconds=expected_seconds(text) * 0.65))


def test_a_megabyte_is_judged_in_time() -> None:
    began = time.process_time()

    for text in ("x" * 1_000_000, "\u4f60\U0001f600" * 500_000, " ." * 500_000):
        wrong_sound(text, GOOD)
        wrong_order(SpeechOrder(text))
    assert time.process_time() - began < 20


def test_a_finished_file_knows_how_long_it_is() -> None:
    assert timedelta(seconds=4.7) == Spoken("out.wav", GOOD).duration
