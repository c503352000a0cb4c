"""Scripts as values: what is asked for, what was written, and whether that can be it."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from ytempire.domain.values import Refusal

WORDS_PER_MINUTE = 150
_LEAST, _MOST = 0.5, 2.0
_HOLE = re.compile(
    r"\{\{|\}\}|\{%|%\}|\{[a-z_ ]{1,40}\}|(?-i:\bTO[D]O\b)"
    r"|\[(?:insert|your|todo|topic|name)\b[^\]]{0,200}\]|<(?:topic|name|insert)\b[^>]{0,200}>",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+(?:['\u2019-]\w+)*")
_JOINTS = re.compile(r"[\s\u2013\u2014/]+")
_UNSPACED = (
    (re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"), 2),
    (re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"), 5),
)
"""Chinese and Japanese, Thai and its neighbours leave no blanks between words: so many characters take as long as
a word.
"""

_COMMON = """
de der die das und ist nicht ein eine mit auf für von den wir sie auch
en the and is of to a in that it with for you this are on we
es el la los las y es de que en un una con para por se no
fr le la les et est de que en un une avec pour par des du pas
it il la le e di che un una con per non sono del della nel
pt o a os as e de que em um uma com para por não do da
"""
COMMON = {tag: frozenset(words) for tag, *words in (line.split() for line in _COMMON.split("\n") if line)}
"""The commonest words of the languages that can be told apart by them; their shares in any text are large."""

_ALPHABETS = """
ar ARABIC
bg CYRILLIC
el GREEK
fa ARABIC
he HEBREW
hi DEVANAGARI
ja CJK HIRAGANA KATAKANA
ko HANGUL CJK
ru CYRILLIC
th THAI
uk CYRILLIC
ur ARABIC
zh CJK BOPOMOFO
"""
ALPHABETS = dict.fromkeys(COMMON, frozenset({"LATIN"})) | {
    tag: frozenset(names) for tag, *names in (line.split() for line in _ALPHABETS.split("\n") if line)
}
"""How the Unicode names of a language's letters begin."""


@dataclass(frozen=True, slots=True)
class ScriptOrder:
    """What is asked for: a topic, how many minutes it should take to read aloud, a BCP 47 language tag.

    `template` names a template of the template provider; others are told the topic.
    """

    topic: str
    minutes: float = 1.0
    language: str = "en"
    template: str = "explainer"

    @property
    def words(self) -> int:
        """About so many words it should have."""
        return max(round(self.minutes * WORDS_PER_MINUTE), 1)


@dataclass(frozen=True, slots=True)
class Script:
    """A script as written. `whole` is False when the writer says that it was cut off."""

    text: str
    whole: bool = True

    @property
    def words(self) -> int:
        """How many words it has; of languages without blanks, how many take as long to read."""
        text, unspaced = self.text, 0
        for letters, a_word in _UNSPACED:
            text, found = letters.subn(" ", text)
            unspaced += -(-found // a_word)
        return unspaced + sum(bool(_WORD.search(each)) for each in _JOINTS.split(text))


_LONGEST_TOPIC = 500
_LONGEST_MINUTES = 60
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def wrong_order(order: ScriptOrder) -> tuple[Refusal, ...]:
    """Every reason why nothing can be written from this, before anybody is asked."""
    found = []
    if not _WORD.search(order.topic):
        found.append(Refusal("topic", "empty", "there is no topic in it", "write what the script is about"))
    if len(order.topic) > _LONGEST_TOPIC:
        told = f"it has {len(order.topic):,} characters; {_LONGEST_TOPIC} are the most"
        found.append(Refusal("topic", "too_long", told, "say it in fewer words"))
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", order.topic):
        told = "it holds line breaks or control characters"
        found.append(Refusal("topic", "control_characters", told, "write it in one line"))
    if not 0.1 <= order.minutes <= _LONGEST_MINUTES:
        told = f"{order.minutes:g} is no length for a script"
        found.append(Refusal("minutes", "out_of_range", told, f"write 0.1 to {_LONGEST_MINUTES}"))
    if not _LANGUAGE.fullmatch(order.language):
        told = f"{order.language!r} is no language tag"
        found.append(Refusal("language", "bad_language", told, "write one like en or de-AT"))
    return tuple(found)


def wrong_script(order: ScriptOrder, script: Script) -> str:
    """Why a script cannot be what was asked for; empty when it can."""
    text = script.text.strip()
    if not text:
        return "the script is empty"
    if not script.whole:
        return "the script was cut off before its end"
    # A topic may be about such words: what it says itself is no hole.
    hole = next((each for each in _HOLE.finditer(text) if each.group() not in order.topic), None)
    if hole:
        return f"the script has a hole in it: {hole.group()[:40]}"
    if not _LEAST * order.words <= script.words <= _MOST * order.words:
        return f"the script has {script.words} words; about {order.words} were asked for"
    other = _other_alphabet(order.language, text) or _other_language(order.language, text)
    if other:
        return f"the script is in another language ({other}) than asked for ({order.language})"
    if order.words >= 60 and not re.search(r"\n\s*\n", text):
        return "the script is one block; paragraphs for opening, body and end are asked for"
    return ""


def _other_alphabet(asked: str, text: str) -> str:
    """The alphabet that most letters of a text are of, when the language asked for is not written with it."""
    tags = asked.lower().split("-")
    allowed = ALPHABETS["en"] if "latn" in tags else ALPHABETS.get(tags[0])
    letters = [each for each in text if each.isalpha()]
    if allowed is None or not letters:
        return ""
    found = Counter(unicodedata.name(each, "UNKNOWN").split()[0].split("-")[0] for each in letters)
    if 2 * sum(found[name] for name in allowed) >= len(letters):
        return ""
    return f"written in {max(found, key=lambda name: found[name]).lower()} letters"


def _other_language(asked: str, text: str) -> str:
    """The language that a text is clearly in, when it is not the one asked for; empty when it cannot be said."""
    wanted = asked.split("-", maxsplit=1)[0].lower()
    words = [each.lower() for each in _WORD.findall(text)]
    if wanted not in COMMON or len(words) < 20:
        return ""
    shares = {tag: sum(word in common for word in words) / len(words) for tag, common in COMMON.items()}
    likeliest = max(shares, key=lambda tag: (shares[tag], tag == wanted))
    return likeliest if likeliest != wanted and shares[likeliest] > 1.5 * shares[wanted] + 0.02 else ""
