"""Writing what a language model would: a script about the prompt's topic, of the length and language asked for.

The same prompt gives the same script. Where the prompt speaks of headings, sections or Markdown, there are
some; else a title, paragraphs, and blank lines between them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ytempire.emulator.faults import FaultKind
from ytempire.emulator.providers.prose import ENGLISH, GERMAN, LANGUAGES, Prose
from ytempire.emulator.providers.service import Ask
from ytempire.emulator.providers.tokens import cut_to


def _finder(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_NUMBER = r"(\d{1,3}(?:,\d{3})+|\d+)"
_WORD = r"[\s-]*(?:word|wörter|worte|palabra|mot)"
_RANGE = _finder(_NUMBER + r"\s*(?:-|\u2013|to|and|bis|a|à)\s*" + _NUMBER + _WORD)
_WORDS = _finder(_NUMBER + _WORD)
_MINUTES = _finder(r"(\d+(?:[.,]\d+)?)[\s-]*min(?:ute|uto|\b)")
_TOPIC = r"\b(?:topic|thema|tema|sujet|subject)\b"
_ABOUT = r"\b(?:about|über|sobre|acerca de)\s+"
_QUOTED = r"[\"“«]([^\"”»\n]+)"
_TOPICS = (
    _finder(_TOPIC + r"\s*(?:is|ist|es|est)?\s*[:=]?\s*" + _QUOTED),
    _finder(_TOPIC + r"\s*[:=]\s*([^\n.]+)"),
    _finder(_ABOUT + _QUOTED),
    _finder(_ABOUT + r"(?!\d)([^\n.,;:]+?)(?=\s+(?:in|for|with|of about)\s|[\n.,;:]|$)"),
    _finder(_QUOTED),
)
_HEADED = _finder(r"\b(?:headings?|sections?|markdown|überschriften)\b")
_WORDS_A_MINUTE = 150
_USUAL_WORDS = 200
_MOST_WORDS = 20_000
_SENTENCES_A_PARAGRAPH = 5
_HOLES = ("{{topic}}", "{{ channel_name }}", "[INSERT EXAMPLE HERE]")


@dataclass(frozen=True, slots=True)
class Draft:
    """A text, and why it ends: it is whole, the token limit came first, or the model refused to write it."""

    text: str
    end: str = "whole"


def write(ask: Ask, prompt: str, *, most_tokens: int | None) -> Draft:
    """The answer to a prompt, with whatever fault is on the call."""
    if ask.bent(FaultKind.REFUSED_SCRIPT):
        return Draft("I'm sorry, but I can't help with that request.", "refused")
    if ask.bent(FaultKind.EMPTY_SCRIPT):
        return Draft("")
    words, prose = words_wanted(prompt), language_of(prompt)
    if ask.bent(FaultKind.SHORT_SCRIPT):
        words = max(1, words // 6)
    if ask.bent(FaultKind.WRONG_LANGUAGE):
        prose = GERMAN if prose is ENGLISH else ENGLISH
    text = compose(topic_of(prompt), prose, words, headed=bool(_HEADED.search(prompt)))
    if ask.bent(FaultKind.HOLES):
        text = _with_holes(text, topic_of(prompt))
    if ask.bent(FaultKind.CUT_SCRIPT):
        return Draft(text[: len(text) // 2], "cut")
    kept = text if most_tokens is None else cut_to(text, most_tokens)
    return Draft(kept, "whole" if kept == text else "cut")


def prompt_text(message: object) -> str:
    """The words of a message, whose content is a string or a list of parts."""
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def words_wanted(prompt: str) -> int:
    """How many words a prompt asks for: by words, else by minutes, else a usual number."""
    between = _RANGE.search(prompt)
    if between is not None:
        return _bounded((_whole(between[1]) + _whole(between[2])) // 2)
    exactly = _WORDS.search(prompt)
    if exactly is not None:
        return _bounded(_whole(exactly[1]))
    minutes = _MINUTES.search(prompt)
    if minutes is not None:
        return _bounded(round(float(minutes[1].replace(",", ".")) * _WORDS_A_MINUTE))
    return _USUAL_WORDS


def language_of(prompt: str) -> Prose:
    """The language that a prompt asks for by name or code; English where it names none that is known here."""
    for prose in LANGUAGES:
        names = "|".join(re.escape(name) for name in prose.names)
        if re.search(
            rf"\b(?:in|language|sprache|idioma|langue)\b\W{{0,3}}(?:is\s+)?\W?(?:{names})\b",
            prompt,
            re.IGNORECASE,
        ):
            return prose
    return ENGLISH


def topic_of(prompt: str) -> str:
    """What a prompt is about, as far as it says so in a usual way; else its first words."""
    for pattern in _TOPICS:
        found = pattern.search(prompt)
        if found is not None and found[1].strip():
            return found[1].strip()[:120]
    return " ".join(re.findall(r"\w+", prompt)[:6]) or "the unknown"


def compose(topic: str, prose: Prose, words: int, *, headed: bool) -> str:
    """A title, a hook, paragraphs and a farewell, together about this many words."""
    title, hook, farewell = (
        piece.replace("{t}", topic) for piece in (prose.title, prose.hook, prose.farewell)
    )
    left = words - sum(len(piece.split()) for piece in (title, hook, farewell))
    if left < 0:
        return " ".join(f"{hook} {farewell}".split()[: max(1, words)])
    parts = [f"# {title}" if headed else title, hook]
    for number, paragraph in enumerate(_paragraphs(topic, prose, left)):
        if headed:
            parts.append(f"## {prose.headings[number % len(prose.headings)]}")
        parts.append(paragraph)
    return "\n\n".join((*parts, farewell))


def _paragraphs(topic: str, prose: Prose, words: int) -> Iterator[str]:
    """Paragraphs of a few sentences, none repeated before all choices are used up."""
    paragraph: list[str] = []
    number = 0
    while words > 0:
        sentence = _sentence(topic, prose, number)
        words -= len(sentence.split())
        number += 1
        paragraph.append(sentence)
        if len(paragraph) == _SENTENCES_A_PARAGRAPH or words <= 0:
            yield " ".join(paragraph)
            paragraph = []


def _sentence(topic: str, prose: Prose, number: int) -> str:
    """The sentence with this number: another choice of three pieces for each of the first 512."""
    seed = sum(map(ord, topic))
    openings, middles, ends = prose.openings, prose.middles, prose.ends
    opening = openings[(number + seed) % len(openings)]
    middle = middles[(number // len(openings) + number + seed) % len(middles)]
    end = ends[(number // (len(openings) * len(middles)) + number * 3 + seed) % len(ends)]
    return f"{opening} {middle} {end}".replace("{t}", topic)


def _with_holes(text: str, topic: str) -> str:
    """The text with its topic and its last paragraph left to be filled in."""
    head, _, _ = text.rpartition("\n\n")
    return "\n\n".join((head or text).replace(topic, _HOLES[0]).split("\n\n") + list(_HOLES[1:]))


def _whole(number: str) -> int:
    return int(number.replace(",", ""))


def _bounded(words: int) -> int:
    return max(1, min(_MOST_WORDS, words))
