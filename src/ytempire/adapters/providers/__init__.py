"""Vendors of speech and scripts over HTTP, a local voice, templates, and free looks at services.

No other adapter is known here. A vendor is one file: how it is asked, how its answer and its refusals are read.
"""

import importlib.metadata
from collections.abc import Iterable, Mapping
from typing import cast

from ytempire.adapters.providers import probes
from ytempire.adapters.providers.anthropic import Anthropic
from ytempire.adapters.providers.elevenlabs import ElevenLabs
from ytempire.adapters.providers.espeak import Espeak
from ytempire.adapters.providers.google_tts import GoogleTts
from ytempire.adapters.providers.openai import OpenAi
from ytempire.adapters.providers.polly import Polly
from ytempire.adapters.providers.template import Template
from ytempire.adapters.providers.vendor import BuildProbe, BuildSpeaker, BuildWriter, Vendor
from ytempire.adapters.providers.web import Web
from ytempire.domain.chain import SCRIPT, VOICE
from ytempire.domain.values import Mendable

__all__ = [
    "GROUP",
    "PROBES",
    "SPEAKERS",
    "VENDORS",
    "WRITERS",
    "Vendor",
    "Web",
    "WrongVendor",
    "plugins",
    "probes",
    "speakers",
    "writers",
]

GROUP = "ytempire.providers"
"""The entry-point group of vendors from other packages."""

VENDORS = (
    Vendor("elevenlabs", VOICE, ElevenLabs, probes.elevenlabs_probe),
    Vendor("google_tts", VOICE, GoogleTts, probes.google_tts_probe),
    Vendor("polly", VOICE, Polly, probes.polly_probe),
    Vendor("espeak", VOICE, Espeak, probes.espeak_probe),
    Vendor("openai", SCRIPT, OpenAi, probes.openai_probe),
    Vendor("anthropic", SCRIPT, Anthropic, probes.anthropic_probe),
    Vendor("template", SCRIPT, Template, probes.template_probe),
)


class WrongVendor(Mendable):
    """An installed package offers a vendor that cannot be one."""


def speakers(vendors: Iterable[Vendor]) -> dict[str, BuildSpeaker]:
    """Builders of the vendors of speech, by kind."""
    return {each.kind: cast(BuildSpeaker, each.build) for each in vendors if each.chain == VOICE}


def writers(vendors: Iterable[Vendor]) -> dict[str, BuildWriter]:
    """Builders of the vendors of scripts, by kind."""
    return {each.kind: cast(BuildWriter, each.build) for each in vendors if each.chain == SCRIPT}


SPEAKERS: Mapping[str, BuildSpeaker] = speakers(VENDORS)
WRITERS: Mapping[str, BuildWriter] = writers(VENDORS)
PROBES: Mapping[str, BuildProbe] = {each.kind: each.probe for each in VENDORS if each.probe}


def plugins() -> tuple[Vendor, ...]:
    """The vendors that installed packages offer, by kind. Raises `WrongVendor`, naming the package."""
    found: dict[str, Vendor] = {each.kind: each for each in VENDORS}
    for entry in sorted(importlib.metadata.entry_points(group=GROUP), key=lambda each: each.name):
        vendor = _loaded(entry)
        if vendor.kind in found:
            raise WrongVendor(
                f"{_origin(entry)}: there is a vendor {vendor.kind} already; it must be named otherwise"
            )
        found[vendor.kind] = vendor
    return tuple(found.values())[len(VENDORS) :]


def _loaded(entry: importlib.metadata.EntryPoint) -> Vendor:
    try:
        vendor = entry.load()
    except (ImportError, AttributeError) as error:
        told = f"it cannot be loaded ({type(error).__name__}: {error}); mend or remove the package"
        raise WrongVendor(f"{_origin(entry)}: {told}") from error
    if not isinstance(vendor, Vendor) or vendor.chain not in {VOICE, SCRIPT}:
        raise WrongVendor(
            f"{_origin(entry)}: it is no Vendor of the chain {VOICE} or {SCRIPT}; mend the package"
        )
    return vendor


def _origin(entry: importlib.metadata.EntryPoint) -> str:
    package = entry.dist.name if entry.dist else "a package"
    return f"the provider {entry.name} of {package}"
