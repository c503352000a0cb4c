"""`ytempire script` as a person uses it: on a bare machine, with vendors, and with what cannot be written."""

import re

import pytest

from tests.entrypoints.chained import SCRIPTS, Chained, micro, trail
from tests.fixtures.chains import Chain

WRITTEN = {"text", "words", "call", "provider", "quality", "degraded", "cost_usd", "trail"}
LANGUAGE = {"en": " the ", "de": " die "}


def test_a_bare_machine_writes_and_says_why_the_others_were_left_out(bare: Chained) -> None:
    ended = bare.run("script", "why tides differ")

    assert 0 == ended.code, ended.err
    assert "why tides differ" in ended.out
    assert len(ended.out.strip().split("\n\n")) >= 3  # an opening, a body and an end
    assert 75 <= len(ended.out.split()) <= 300
    assert not re.search(r"\{\{|\{%|\[insert", ended.out, re.IGNORECASE)
    (*left_out, served) = ended.lines()
    assert list(SCRIPTS[:3]) == [line.split()[0] for line in left_out]
    assert all("skipped: it has no key: set " in line for line in left_out)
    assert re.fullmatch(r"  template \(basic\) served in \d+\.\d s", served)


@pytest.mark.parametrize(
    ("template", "language"), [("explainer", "en"), ("explainer", "de"), ("listicle", "en"), ("story", "en")]
)
def test_templates_write_what_was_asked_for(template: str, language: str, bare: Chained) -> None:
    ended = bare.run(
        "script", "Brot", "--template", template, "--language", language, "--minutes", "2", "--json"
    )

    found = ended.json()
    assert 150 <= found["words"] <= 600
    assert LANGUAGE[language] in found["text"].lower()
    assert ("template", "0.00", False) == (found["provider"], found["cost_usd"], found["degraded"])


def test_a_script_of_its_own_output_can_be_spoken(bare: Chained) -> None:
    written = bare.run("script", "tea", "--minutes", "0.2").out

    ended = bare.run("speak", "--file", "-", "-o", "tea.wav", given=written)

    assert 0 == ended.code, ended.err


def test_the_document_is_what_the_reference_says(chained: Chained) -> None:
    chained.emulator.add_fault("openai.chat", "status", reason="rate_limit_exceeded")

    found = chained.script().json()

    assert WRITTEN == set(found)
    assert ("openai_economy", "standard", True) == (found["provider"], found["quality"], found["degraded"])
    assert [("openai_primary", "failed"), ("openai_economy", "served")] == trail(found)
    assert ("busy", "no") == (found["trail"][0]["blame"], found["trail"][0]["charged"])
    assert len(found["text"].split()) == found["words"]
    assert chained.billed() == micro(found["cost_usd"]) == chained.spent() > 0


@pytest.mark.parametrize(
    ("words", "served"),
    [
        (("--quality", "premium"), "openai_primary"),
        (("--max-cost", "0.02"), "openai_economy"),
        (("--max-cost", "0"), "template"),
        (("--provider", "claude", "--language", "de", "--minutes", "3"), "claude"),
    ],
)
def test_limits_choose_who_is_asked(words: tuple[str, ...], served: str, chained: Chained) -> None:
    found = chained.script(*words).json()

    assert (served, False) == (found["provider"], found["degraded"])
    assert chained.billed() == micro(found["cost_usd"])
    assert len(chained.asked()) == (served != "template")


def test_a_model_that_refuses_the_topic_ends_the_call_and_is_paid(chained: Chained) -> None:
    chained.emulator.add_fault("openai.chat", "refused_script")

    ended = chained.run("script", "something odd")

    assert (2, "") == (ended.code, ended.out)
    assert ended.lines()[-1].startswith(
        "ytempire: script_generation: openai_primary refuses the request itself: "
    )
    assert ["openai.chat"] == chained.asked()
    assert 0 < chained.billed() == chained.spent()


def test_a_template_of_ones_own_goes_first_and_a_broken_one_is_told_with_its_line(chain: Chain) -> None:
    chained = chain('\n[providers.template.options]\nfolder = "own"\n')
    (chained.folder / "own").mkdir()
    text = "Today it is all about {{ topic }}.\n\n" + "And we go on, for the people and the sea. " * 12
    (chained.folder / "own" / "house.en.j2").write_text(text + "\n\nThat was {{ topic }}.", "utf-8")
    (chained.folder / "own" / "broken.en.j2").write_text("fine\n{{ topic", "utf-8")

    ended = chained.run("script", "maps", "--template", "house", "--provider", "template")
    broken = chained.run("script", "maps", "--template", "broken", "--provider", "template")

    assert 0 == ended.code, ended.err
    assert ended.out.startswith("Today it is all about maps.")
    assert 6 == broken.code
    assert "the template broken is broken (line 2)" in broken.lines()[-1]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("script",), "missing argument"),
        (("script", ""), "there is no topic"),
        (("script", "!?"), "there is no topic"),
        (("script", "a\nb"), "line breaks or control characters"),
        (("script", "x" * 501), "500 are the most"),
        (("script", "tea", "--minutes", "0"), "0 is no length"),
        (("script", "tea", "--minutes", "61"), "61 is no length"),
        (("script", "tea", "--minutes", "nan"), "nan is no length"),
        (("script", "tea", "--minutes", "long"), "a number is expected"),
        (("script", "tea", "--language", "english please"), "is no language tag"),
        (("script", "tea", "--quality", "fine"), "'fine' is none"),
        (("script", "tea", "--max-cost", "1e99"), "no amount of money"),
        (("script", "tea", "--provider", "elevenlabs"), "script_generation has no provider elevenlabs"),
    ],
)
def test_bad_input_is_one_clear_line_and_buys_nothing(
    words: tuple[str, ...], told: str, chained: Chained
) -> None:
    ended = chained.run(*words)

    (line,) = ended.lines()
    assert (2, "") == (ended.code, ended.out)
    assert line.startswith("ytempire: ")
    assert told in line
    assert [] == chained.asked()


def test_a_template_that_is_not_there_is_told_with_those_that_are(bare: Chained) -> None:
    ended = bare.run("script", "tea", "--template", "poem")

    assert (2, "") == (ended.code, ended.out)
    assert "there is no template poem in en; there are explainer.de, explainer.en" in ended.lines()[-1]
    assert ended.lines()[-1].endswith(
        "; change what is asked for or its limits, or set a provider up that can do it"
    )


def test_a_language_that_nobody_has_is_a_mistake_of_the_caller_and_told_as_a_document_too(
    bare: Chained,
) -> None:
    ended = bare.run("script", "tea", "--language", "zz", "--json")

    found = ended.json()
    assert (2, {"error", "chain", "cost_usd", "trail"}) == (ended.code, set(found))
    assert ("script_generation", "0.00") == (found["chain"], found["cost_usd"])
    assert [(name, "skipped") for name in SCRIPTS[:3]] + [("template", "failed")] == trail(found)
    assert "no template explainer in zz" in found["error"]
    (line,) = ended.lines()
    assert line.startswith("ytempire: no provider of script_generation could serve: ")


def test_what_all_vendors_failed_at_is_a_document_too_and_not_the_caller_s_fault(chained: Chained) -> None:
    for vendor in ("openai.chat", "anthropic.messages"):
        chained.emulator.add_fault(vendor, "status", status=503, count=2)

    ended = chained.run("script", "tea", "--template", "poem", "--json")

    assert 6 == ended.code
    assert [(name, "failed") for name in SCRIPTS] == trail(ended.json())
