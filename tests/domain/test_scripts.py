"""Scripts: what can be asked for, and whether a text can be it."""

import time
from dataclasses import replace

import pytest

from ytempire.domain.scripts import COMMON, Script, ScriptOrder, wrong_order, wrong_script

TEXTS = {
    "de": "Das ist der Tag, an dem wir mit den Kindern in die Stadt gehen und nicht zu Hause bleiben. "
    "Sie freuen sich auf das Eis und auf die Fahrt mit der Bahn.",
    "en": "This is the day that we go to the city with the children and do not stay at home. "
    "They look forward to it, and to the ride on the train for an hour.",
    "es": "Este es el d\u00eda en que vamos a la ciudad con los ni\u00f1os y no nos quedamos en la casa. "
    "Se alegran por el helado y por el viaje en un tren que no para.",
    "fr": "C'est le jour o\u00f9 nous allons dans la ville avec les enfants et nous ne restons pas \u00e0 la maison. "
    "Ils attendent la glace et le voyage en train pour une heure du soir.",
    "it": "Questo \u00e8 il giorno in cui andiamo nella citt\u00e0 con i bambini e non restiamo in casa. "
    "Sono contenti per il gelato e per la corsa con un treno del mattino.",
    "pt": "Este \u00e9 o dia em que vamos para a cidade com os filhos e n\u00e3o ficamos em casa. "
    "Eles esperam o gelado e a viagem de um comboio que n\u00e3o para com uma hora.",
}
CHINESE = "\u4eca\u5929\u5929\u6c14\u5f88\u597d\u3002"
JAPANESE = "\u4eca\u65e5\u306f\u3044\u3044\u5929\u6c17\u3067\u3059\u306d\u3002"
RUSSIAN = (
    "\u0421\u0435\u0433\u043e\u0434\u043d\u044f \u0445\u043e\u0440\u043e\u0448\u0430\u044f "
    "\u043f\u043e\u0433\u043e\u0434\u0430. "
)
THAI = "\u0e27\u0e31\u0e19\u0e19\u0e35\u0e49\u0e2d\u0e32\u0e01\u0e32\u0e28\u0e14\u0e35"
HINDI = "\u0906\u091c \u092e\u094c\u0938\u092e \u0905\u091a\u094d\u091b\u093e \u0939\u0948\u0964 "
ORDER = ScriptOrder("trains", minutes=1.0)


def english(words: int) -> str:
    """So many words, in two paragraphs."""
    text = (TEXTS["en"].split() * (words // 20 + 1))[:words]
    return " ".join(text[: words // 2]) + "\n\n" + " ".join(text[words // 2 :])


def codes(order: ScriptOrder) -> list[str]:
    return [each.code for each in wrong_order(order)]


@pytest.mark.parametrize(
    "order",
    [
        ORDER,
        ScriptOrder("x" * 500),
        ScriptOrder(CHINESE, 0.1, "zh-Hans"),
        ScriptOrder("caf\u00e9 \u2014 \U0001f600 it's", 60, "de-AT"),
        ScriptOrder("7"),
    ],
)
def test_a_topic_a_length_and_a_language_can_be_asked_for(order: ScriptOrder) -> None:
    assert [] == codes(order)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"topic": ""}, "empty"),
        ({"topic": " ... "}, "empty"),
        ({"topic": "x" * 501}, "too_long"),
        ({"topic": "one\ntwo"}, "control_characters"),
        ({"topic": "one\u2028two"}, "control_characters"),
        ({"topic": "one\x85two"}, "control_characters"),
        ({"topic": "one\x00two"}, "control_characters"),
        ({"topic": "one\udcfftwo"}, "control_characters"),
        ({"minutes": 0.0}, "out_of_range"),
        ({"minutes": -1.0}, "out_of_range"),
        ({"minutes": 60.1}, "out_of_range"),
        ({"minutes": float("nan")}, "out_of_range"),
        ({"minutes": float("inf")}, "out_of_range"),
        ({"language": ""}, "bad_language"),
        ({"language": "English"}, "bad_language"),
        ({"language": "en\n"}, "bad_language"),
    ],
    ids=ascii,
)
def test_what_nobody_could_write_is_refused(changes: dict[str, str | float], code: str) -> None:
    assert [code] == codes(replace(ORDER, **changes))  # type: ignore[arg-type]


def test_every_reason_is_told_at_once() -> None:
    order = ScriptOrder("\n" * 501, 0, "?")

    assert ["empty", "too_long", "control_characters", "out_of_range", "bad_language"] == codes(order)


@pytest.mark.parametrize(("minutes", "expected"), [(1.0, 150), (0.5, 75), (10, 1500), (0.1, 15), (0.001, 1)])
def test_a_minute_has_about_150_words(minutes: float, expected: int) -> None:
    assert expected == ScriptOrder("x", minutes).words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("... \u2014 !", 0),
        ("one two", 2),
        ("it's well-known, isn\u2019t it?", 4),
        ("one\u2014two and/or 3.5 %", 5),
        (CHINESE, 3),
        (f"{CHINESE} one", 4),
        (JAPANESE, 5),
        (HINDI, 4),
        (THAI, 3),
    ],
    ids=ascii,
)
def test_words_are_counted_by_how_long_they_take(text: str, expected: int) -> None:
    assert expected == Script(text).words


@pytest.mark.parametrize(
    ("words", "right"), [(74, False), (75, True), (150, True), (300, True), (301, False), (1, False)]
)
def test_half_to_twice_of_what_was_asked_for_is_taken(words: int, right: bool) -> None:
    wrong = wrong_script(ORDER, Script(english(words)))

    assert right == (wrong == "")
    assert right or f"has {words} words; about 150 were asked for" in wrong


def test_an_empty_one_and_one_that_was_cut_off_are_told() -> None:
    assert "the script is empty" == wrong_script(ORDER, Script(" \n\u3000"))
    assert "the script was cut off before its end" == wrong_script(ORDER, Script(english(150), whole=False))


@pytest.mark.parametrize(
    "hole",
    [
        "{{ topic }}",
        "{{ topic\n}}",
        "{{",
        "}}",
        "{% if x %}",
        "%}",
        "{topic}",
        "{channel_name}",
        "[Insert a joke here]",
        "[YOUR NAME]",
        "[name]",
        "[topic: trains]",
        "[todo]",
        "TO" + "DO",
        "<topic>",
        "<insert something>",
    ],
)
def test_a_hole_that_was_not_filled_is_told(hole: str) -> None:
    assert "has a hole in it" in wrong_script(ORDER, Script(f"{english(150)} {hole} and so on."))


@pytest.mark.parametrize(
    "text",
    [
        "[music]",
        "[Yourself]",
        "{}",
        "{ 1, 2 }",
        "a < b > c",
        "[names]",
        "todo lo dem\u00e1s",
        "TO" + "DOS",
        "100 %",
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert "" == wrong_script(ORDER, Script(f"{english(150)} {text} and so on."))


@pytest.mark.parametrize("asked", sorted(COMMON))
@pytest.mark.parametrize("written", sorted(COMMON))
def test_a_script_in_another_language_is_told(asked: str, written: str) -> None:
    order = ScriptOrder("x", 0.25, f"{asked}-XX")
    wrong = wrong_script(order, Script(TEXTS[written]))

    assert ("" if asked == written else f"({written}) than asked for ({asked}-XX)") in wrong
    assert (asked == written) == (wrong == "")


@pytest.mark.parametrize(
    ("asked", "text", "told"),
    [
        ("en", RUSSIAN * 10, "cyrillic"),
        ("en", CHINESE * 10, "cjk"),
        ("de", THAI * 10, "thai"),
        ("ja", TEXTS["en"], "latin"),
        ("ru-RU", TEXTS["de"], "latin"),
        ("hi", TEXTS["en"], "latin"),
        ("zh", JAPANESE[2:5] * 30, "hiragana"),
        ("ru", RUSSIAN * 10, ""),
        ("ja", JAPANESE * 6, ""),
        ("zh-Hant-TW", CHINESE * 10, ""),
        ("th", THAI * 10, ""),
        ("hi", HINDI * 8, ""),
        ("hi-Latn", TEXTS["en"], ""),
        ("sr", RUSSIAN * 10, ""),
        ("sw", TEXTS["en"], ""),
        ("en", TEXTS["en"] + CHINESE * 2, ""),
        ("en", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24", ""),
    ],
    ids=ascii,
)
def test_a_script_in_other_letters_is_told(asked: str, text: str, told: str) -> None:
    wrong = wrong_script(ScriptOrder("x", 0.2, asked), Script(text))

    assert (told == "") == (wrong == "")
    assert f"written in {told} letters" in wrong or not told


def test_of_few_words_nobody_can_say_the_language() -> None:
    assert "" == wrong_script(ScriptOrder("x", 0.1, "en"), Script(" ".join(TEXTS["de"].split()[:19])))


@pytest.mark.parametrize("gap", ["\n\n", "\r\n\r\n", "\n \n", "\n\n\n\n"])
def test_a_script_of_some_length_has_paragraphs(gap: str) -> None:
    block = english(150).replace("\n\n", " ")

    assert "one block" in wrong_script(ORDER, Script(f"\n\n{block}\n\n"))
    assert "one block" in wrong_script(ORDER, Script(block.replace(". ", ".\n")))
    assert "" == wrong_script(ORDER, Script(f"Listen.{gap}{block}"))
    assert "" == wrong_script(ScriptOrder("x", 0.3), Script(TEXTS["en"]))


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "a " * 500_000,
        "[insert " * 125_000,
        "<topic " * 125_000,
        "{" + "a" * 1_000_000,
        "{a" * 500_000,
        "a-" * 500_000,
        "\u4f60" * 500_000,
        "\n" * 500_000 + "a" + "\n \t" * 300_000 + "b",
    ],
    ids=lambda text: ascii(text[:4]),
)
def test_a_megabyte_of_anything_is_judged_in_time(text: str) -> None:
    began = time.process_time()

    assert wrong_script(ORDER, Script(text))
    assert time.process_time() - began < 20


@pytest.mark.parametrize("topic", ["what [insert coin] meant in arcades", "what {name} means in Python"])
def test_what_a_topic_says_itself_is_no_hole(topic: str) -> None:
    words = " ".join(["the"] * 30)

    assert "" == wrong_script(ScriptOrder(topic, minutes=0.2), Script(f"{topic}: {words}"))
    assert "hole" in wrong_script(ScriptOrder("other things", minutes=0.2), Script(f"{topic}: {words}"))
