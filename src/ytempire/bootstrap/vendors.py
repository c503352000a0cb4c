"""What each kind of provider is like unless the configuration says otherwise, and the terms of those it names."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from ytempire.domain.chain import SCRIPT, VOICE, Quality
from ytempire.domain.money import micro_dollars
from ytempire.domain.values import Secret
from ytempire.ports import Terms
from ytempire.settings import BadSettings, Settings
from ytempire.settings.chain_sections import ProviderSection

OWN = "own"
"""The kind of a provider that is called by an operation of the user's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """A provider as it is without configuration. `key_env` is empty where no key is needed."""

    kind: str
    quality: Quality
    cost_usd: str
    service: str = ""
    key_env: str = ""
    base_url: str = ""
    model: str = ""
    voice: str = ""
    seconds: float = 60.0
    paid: bool = True


USUAL: Mapping[str, Usual] = {
    "elevenlabs": Usual(
        kind="elevenlabs",
        quality=Quality.PREMIUM,
        cost_usd="0.50",
        service="elevenlabs",
        key_env="ELEVENLABS_API_KEY",
        base_url="https://api.elevenlabs.io",
        model="eleven_multilingual_v2",
        voice="JBFqnCBsd6RMkjVDRZzb",
    ),
    "google_tts": Usual(
        kind="google_tts",
        quality=Quality.STANDARD,
        cost_usd="0.20",
        service="google_tts",
        key_env="GOOGLE_TTS_API_KEY",
        base_url="https://texttospeech.googleapis.com",
    ),
    "aws_polly": Usual(
        kind="polly",
        quality=Quality.BASIC,
        cost_usd="0.15",
        service="polly",
        key_env="AWS_SECRET_ACCESS_KEY",
        voice="Joanna",
        model="neural",
    ),
    "local_tts": Usual(kind="espeak", quality=Quality.EMERGENCY, cost_usd="0.01", paid=False),
    "openai_primary": Usual(
        kind="openai",
        quality=Quality.PREMIUM,
        cost_usd="0.80",
        service="openai",
        key_env="OPENAI_API_KEY",
        base_url="https://api.openai.com/v1",
        model="gpt-6.1-sol",
        seconds=120.0,
    ),
    "openai_economy": Usual(
        kind="openai",
        quality=Quality.STANDARD,
        cost_usd="0.40",
        service="openai",
        key_env="OPENAI_API_KEY",
        base_url="https://api.openai.com/v1",
        model="gpt-6.1-terra",
        seconds=120.0,
    ),
    "claude": Usual(
        kind="anthropic",
        quality=Quality.GOOD,
        cost_usd="0.60",
        service="anthropic",
        key_env="ANTHROPIC_API_KEY",
        base_url="https://api.anthropic.com",
        model="claude-sonnet-5-5",
        seconds=120.0,
    ),
    "template": Usual(kind="template", quality=Quality.BASIC, cost_usd="0.05", paid=False),
}
"""The brief's chains. Qualities and prices are the brief's; the models it names were shut down on 2026-10-23
(developers.openai.com/api/docs/deprecations), so these are the ones named there in their place.
"""

ORDERS: Mapping[str, tuple[str, ...]] = {
    VOICE: ("elevenlabs", "google_tts", "aws_polly", "local_tts"),
    SCRIPT: ("openai_primary", "openai_economy", "claude", "template"),
}
"""The brief's order."""

_BY_KIND = {each.kind: each for each in reversed([*USUAL.values()])}
_STRANGER = Usual(kind=OWN, quality=Quality.STANDARD, cost_usd="0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A provider as configured: what its chain sees, and the terms for its vendor's adapter. `unready` says why it
    cannot be used.
    """

    terms: Terms
    service: str
    quality: Quality
    paid: bool
    unready: str = ""


def named(settings: Settings, name: str) -> Named:
    """The provider of this name. Raises `BadSettings` for one that is neither configured nor known."""
    section = settings.providers.get(name)
    if section is None and name not in USUAL:
        known = ", ".join(sorted({*USUAL, *settings.providers}))
        raise BadSettings(
            [
                f"chains: there is no provider {name!r}; known are {known}, or add [providers.{name}] with its kind"
            ]
        )
    section = section or ProviderSection()
    usual = USUAL.get(name) or _BY_KIND.get(section.kind or OWN, _STRANGER)
    if section.kind is not None and section.kind != usual.kind:
        usual = _BY_KIND.get(section.kind, Usual(kind=section.kind, quality=Quality.STANDARD, cost_usd="0"))
    key, unready = _key(settings, name, section, usual)
    terms = _terms(name, section, usual, key)
    unready = unready or _half_a_key(terms)
    # A usual service stands for the usual address: elsewhere (a proxy, a compatible server) it is another one.
    elsewhere = section.base_url is not None and section.base_url != usual.base_url
    return Named(
        terms=terms,
        service=section.service or (name if elsewhere and usual.service else usual.service),
        quality=Quality(section.quality or usual.quality),
        paid=usual.paid if section.paid is None else section.paid,
        unready=unready,
    )


def _terms(name: str, section: ProviderSection, usual: Usual, key: Secret | None) -> Terms:
    cost = usual.cost_usd if section.cost_usd is None else section.cost_usd
    key_id = section.key_id or (os.environ.get("AWS_ACCESS_KEY_ID", "") if usual.kind == "polly" else "")
    return Terms(
        name=name,
        kind=section.kind or usual.kind,
        key=key,
        key_id=key_id,
        base_url=section.base_url or usual.base_url,
        model=section.model or usual.model,
        voice=section.voice or usual.voice,
        seconds=section.timeout_seconds or usual.seconds,
        cost=micro_dollars(cost),
        per_thousand_characters=micro_dollars(section.per_thousand_characters_usd),
        per_million_input=micro_dollars(section.per_million_input_tokens_usd),
        per_million_output=micro_dollars(section.per_million_output_tokens_usd),
        options=section.options,
    )


def _key(settings: Settings, name: str, section: ProviderSection, usual: Usual) -> tuple[Secret | None, str]:
    """The key, and why there is none although one is needed."""
    if section.api_key:
        return Secret(section.api_key), ""
    if section.api_key_file:
        return _key_in(settings, section.api_key_file)
    # The usual key is for the usual address alone: another server must not be shown it, and may need none.
    elsewhere = section.base_url is not None and section.base_url != usual.base_url
    variable = section.api_key_env if section.api_key_env is not None else "" if elsewhere else usual.key_env
    found = os.environ.get(variable, "").strip() if variable else ""
    if found:
        return Secret(found), ""
    if not variable:
        return None, ""
    return None, f"it has no key: set {variable}, or providers.{name}.api_key_file"


def _half_a_key(terms: Terms) -> str:
    """Why a key that has two parts cannot be used: one of them is missing."""
    if terms.kind != "polly" or bool(terms.key) == bool(terms.key_id):
        return ""
    if terms.key_id:
        return f"it has a key_id and no key: set providers.{terms.name}.api_key_file"
    return f"it has a key and no key_id: set AWS_ACCESS_KEY_ID, or providers.{terms.name}.key_id"


def _key_in(settings: Settings, file: str) -> tuple[Secret | None, str]:
    path = settings.beside(file)
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        return None, f"its key file {path} cannot be read ({why}); write the key into it"
    return (Secret(text), "") if text else (None, f"its key file {path} is empty; write the key into it")


def stripe_terms(settings: Settings) -> Terms:
    """How Stripe is looked at; without a key when none is configured."""
    section = settings.health
    key = section.stripe_key or os.environ.get(section.stripe_key_env, "").strip()
    return Terms(
        name="stripe", kind="stripe", key=Secret(key) if key else None, base_url=section.stripe_base_url
    )
