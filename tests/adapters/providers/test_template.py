"""Scripts from templates: of the length asked for, in the language asked for, and fit to be listened to."""

import re
from collections import Counter
from pathlib import Path

import pytest

from ytempire.adapters.providers import WRITERS, Web
from ytempire.adapters.providers.prompts import one_line
from ytempire.adapters.providers.template import SHIPPED, known
from ytempire.domain.chain import Blame, Charged, Made, ProviderFault
from ytempire.domain.scripts import ScriptOrder, wrong_script
from ytempire.ports.chains import Terms

THERE = [
    ("explainer", "en"),
    ("explainer", "de"),
    ("explainer", "es"),
    ("explainer", "fr"),
    ("listicle", "en"),
    ("story", "en"),
]
TOPICS = (
    "the history of tea",
    "How do black holes form?",
    "SSL",
    "{{ 7 * 6 }} and {topic}",
    "\u8336 & <b>tea</b>",
)


async def written(
    web: Web, order: ScriptOrder, folder: Path | None = None, seconds: float = 20.0
) -> Made[object] | ProviderFault:
    options = {"folder": str(folder)} if folder else {}
    terms = Terms(name="local", kind="template", seconds=seconds, options=options)
    return await WRITERS["template"](terms, web).write(order)  # type: ignore[return-value]  # a script is an object


async def text_of(web: Web, order: ScriptOrder, folder: Path | None = None) -> str:
    made = await written(web, order, folder)
    assert isinstance(made, Made), made
    return str(made.value.text)  # type: ignore[attr-defined]  # it is a Script


def sentences(text: str) -> list[str]:
    return [each for each in re.split(r"(?<=[.?!])\s+", text) if each]


@pytest.mark.parametrize(("template", "language"), THERE)
@pytest.mark.parametrize("minutes", [0.5, 1.0, 2.0, 4.0, 8.0, 14.0, 20.0])
async def test_a_script_has_about_the_words_asked_for_and_never_repeats_itself(
    template: str, language: str, minutes: float, web: Web
) -> None:
    for topic in TOPICS[:2]:
        order = ScriptOrder(topic, minutes, language, template)

        made = await written(web, order)

        assert isinstance(made, Made)
        assert "" == wrong_script(order, made.value)  # type: ignore[arg-type]  # it is a Script
        text = str(made.value.text)  # type: ignore[attr-defined]  # likewise
        share = len(re.findall(r"\w+(?:['\u2019-]\w+)*", text)) / order.words
        # Beyond a quarter of an hour there is no more to be said of anything.
        assert 0.74 < share < 1.3, share
        assert [] == [line for line, times in Counter(sentences(text)).items() if times > 1]


@pytest.mark.parametrize(("template", "language"), THERE)
async def test_a_script_opens_and_ends_with_its_topic_in_paragraphs_of_their_own(
    template: str, language: str, web: Web
) -> None:
    parts = (await text_of(web, ScriptOrder("the history of tea", 2.0, language, template))).split("\n\n")

    assert len(parts) >= 3
    assert "the history of tea" in parts[0]
    assert "the history of tea" in parts[-1]
    assert "\n" not in "".join(parts)


@pytest.mark.parametrize(("template", "language"), THERE)
async def test_every_sentence_is_one(template: str, language: str, web: Web) -> None:
    text = await text_of(web, ScriptOrder("Is tea good for you?", 20.0, language, template))

    assert [] == [
        line for line in sentences(text) if not re.match(r"[\"\u00bf\u00a1]?[A-Z\u00c0-\u00dc]", line)
    ]
    assert [] == re.findall(r"[{}]|\?\.|\.\.| \.|  ", text)


async def test_the_same_topic_gives_the_same_script_and_another_gives_another(web: Web) -> None:
    first, again, other = [await text_of(web, ScriptOrder(topic, 3.0)) for topic in ("tea", "tea", "coffee")]

    assert first == again
    assert first.replace("tea", "coffee") != other


async def test_a_topic_is_data_and_never_a_template(web: Web) -> None:
    text = await text_of(web, ScriptOrder("{{ 7 * 6 }} {about} {% raw %}", 1.0))

    assert "{{ 7 * 6 }} {about} {% raw %}" in text
    assert "42" not in text


async def test_a_topic_is_one_bounded_line(web: Web) -> None:
    text = await text_of(web, ScriptOrder("tea\n\n\x00and " + "very " * 400 + "long", 1.0))

    assert len(text) < 5000
    assert "tea and very" in text
    assert "\x00" not in text


@pytest.mark.parametrize("topic", ["", "  ", " ... "])
async def test_no_topic_is_the_callers_fault(topic: str, web: Web) -> None:
    made = await written(web, ScriptOrder(topic))

    assert isinstance(made, ProviderFault)
    assert (Blame.CALLER, Charged.NO) == (made.blame, made.charged)


@pytest.mark.parametrize(
    ("template", "language"),
    [
        ("explainer", "it"),
        ("story", "de"),
        ("no-such", "en"),
        ("_aspects", "en"),
        ("../templates/explainer", "en"),
        ("explainer", "../en"),
        ("explainer", ""),
        ("", "en"),
    ],
)
async def test_a_template_that_is_not_there_is_for_somebody_else(
    template: str, language: str, web: Web
) -> None:
    made = await written(web, ScriptOrder("tea", 1.0, language, template))

    assert isinstance(made, ProviderFault)
    assert (Blame.UNFIT, "no_template") == (made.blame, made.code)


def test_the_templates_that_are_shipped_are_known() -> None:
    assert sorted(f"{name}.{tag}" for name, tag in THERE) == known(path.name for path in SHIPPED.iterdir())


async def test_own_templates_go_first_and_know_the_loom(web: Web, tmp_path: Path) -> None:
    (tmp_path / "explainer.en.j2").write_text("Own: {{ topic }}, {{ words }} words, {{ pick(['a', 'b']) }}.")
    (tmp_path / "news.de-at.j2").write_text(
        "Servus, {{ topic }}!\n\n\n\nBaba ({{ language }}, {{ minutes }}).\n"
    )

    own = await text_of(web, ScriptOrder("tea"), tmp_path)
    news = await text_of(web, ScriptOrder("Tee", 1.0, "de-AT", "news"), tmp_path)
    shipped = await text_of(web, ScriptOrder("tea", template="story"), tmp_path)

    assert re.fullmatch(r"Own: tea, 150 words, [ab]\.", own)
    assert "Servus, Tee!\n\nBaba (de-AT, 1.0)." == news
    assert len(shipped) > 500


@pytest.mark.parametrize(
    "template",
    [
        "{{ nobody }}",
        "{{ topic",
        "{% for each in topic %}",
        "{{ ''.__class__.__mro__ }}",
        "{{ weave.__self__ }}",
        "{{ weave.__globals__ }}",
        "{{ weave({}) }}",
        "{{ weave(7) }}",
        "{{ pick([]) }}",
        "{{ 1 / 0 }}",
        "{% include 'no-such' %}",
        "{% include '../../secret' %}",
        "{% for each in range(99999) %}{{ topic * 100 }}{% endfor %}",
        "{{ range(10 ** 9) | list }}",
        "{{ topic.no.thing }}",
    ],
)
async def test_a_broken_template_is_a_fault_of_the_configuration(
    template: str, web: Web, tmp_path: Path
) -> None:
    (tmp_path / "own.en.j2").write_text(template)

    made = await written(web, ScriptOrder("tea", template="own"), tmp_path)

    assert isinstance(made, ProviderFault)
    assert (Blame.CREDENTIAL, "template_broken", Charged.NO) == (made.blame, made.code, made.charged)
    assert "own" in made.message
    assert len(made.message) <= 300


async def test_a_template_that_is_no_text_is_broken(web: Web, tmp_path: Path) -> None:
    (tmp_path / "own.en.j2").write_bytes(b"\xff\xfe\x00")

    made = await written(web, ScriptOrder("tea", template="own"), tmp_path)

    assert isinstance(made, ProviderFault)
    assert "template_broken" == made.code


async def test_a_slow_template_is_given_up(web: Web, tmp_path: Path) -> None:
    loops = "{% for a in range(300) %}{% for b in range(3000) %}{% endfor %}{% endfor %}"
    (tmp_path / "own.en.j2").write_text(loops)

    made = await written(web, ScriptOrder("tea", template="own"), tmp_path, seconds=0.001)

    assert isinstance(made, ProviderFault)
    assert (Blame.OUTAGE, "timeout") == (made.blame, made.code)


def test_a_topic_is_cut_at_a_blank() -> None:
    assert "a" * 500 == one_line("a" * 600)
    assert "b " * 249 + "b" == one_line("b " * 600)
    assert "a b" == one_line(" a\u200b\n\tb ")
