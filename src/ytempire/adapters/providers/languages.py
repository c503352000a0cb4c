"""Which voice says a language: configured ones first, then one that every account of the vendor has."""

from collections.abc import Mapping

from ytempire.domain.chain import Blame, ProviderFault
from ytempire.ports.chains import Terms

_REGIONS = {
    "ar": "ar-XA",
    "cs": "cs-CZ",
    "da": "da-DK",
    "de": "de-DE",
    "en": "en-US",
    "es": "es-ES",
    "fi": "fi-FI",
    "fr": "fr-FR",
    "hi": "hi-IN",
    "it": "it-IT",
    "ja": "ja-JP",
    "ko": "ko-KR",
    "nl": "nl-NL",
    "no": "nb-NO",
    "pl": "pl-PL",
    "pt": "pt-BR",
    "ru": "ru-RU",
    "sv": "sv-SE",
    "tr": "tr-TR",
    "uk": "uk-UA",
    "zh": "cmn-CN",
}


def base(language: str) -> str:
    """The language of a tag without its region, in lower case."""
    return language.replace("_", "-").split("-", maxsplit=1)[0].lower()


def with_region(language: str) -> str:
    """A tag with a region, for vendors that want one."""
    return language if "-" in language else _REGIONS.get(base(language), language)


def voice_for(terms: Terms, language: str, usual: Mapping[str, str]) -> str:
    """The voice for a language; empty when there is none.

    The options `voice_de-AT` and `voice_de` go first; `voice` is for the language of the option `language`
    (English when it is not set); then comes the vendor's `usual` voice.
    """
    for tag in (language, base(language)):
        if terms.options.get(f"voice_{tag}"):
            return terms.options[f"voice_{tag}"]
    if terms.voice and base(terms.options.get("language", "en")) == base(language):
        return terms.voice
    return usual.get(language, usual.get(base(language), ""))


def voiceless(language: str) -> ProviderFault:
    """The fault of a vendor that was given no voice for a language."""
    told = f"it has no voice for {language}; set the option voice_{base(language)}"
    return ProviderFault(Blame.UNFIT, "no_voice", told)
