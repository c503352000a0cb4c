"""Chains in trouble, as real commands against the vendors of the emulator: who serves, what is told, what it costs."""

from itertools import combinations
from typing import Any

import pytest

from tests.entrypoints.chained import SCRIPTS, VOICES, Chained, micro, trail
from tests.entrypoints.program import Ended
from tests.fixtures.forks import Chain
from ytempire.emulator import Emulator

VOICE, SCRIPT = "voice_synthesis", "script_generation"
VENDORS = {
    "elevenlabs": "elevenlabs.speech",
    "google_tts": "google_tts.speech",
    "aws_polly": "polly.speech",
    "openai_primary": "openai.chat",
    "openai_economy": "openai.chat",
    "claude": "anthropic.messages",
}
"""What each provider is asked with."""

FREE = {"local_tts": "LOCAL_TTS", "template": "TEMPLATE"}
PAID = {VOICE: VOICES[:3], SCRIPT: SCRIPTS[:3]}


def order(chained: Chained, chain: str, *words: object, **more: str) -> Ended:
    return (chained.speak if chain == VOICE else chained.script)(*words, **more)


def take_down(emulator: Emulator, down: tuple[str, ...]) -> dict[str, str]:
    """Takes these providers down; the variables with which the free ones have no time to do anything."""
    for name in down:
        if name == "openai_economy" and "openai_primary" not in down:
            emulator.add_fault(VENDORS[name], "status", status=503, skip=1)
        elif name in VENDORS:
            emulator.add_fault(VENDORS[name], "status", status=503)
    return {
        f"YTEMPIRE_PROVIDERS__{variable}__TIMEOUT_SECONDS": "0.000001"
        for name, variable in FREE.items()
        if name in down
    }


def combos(*chains: tuple[str, ...]) -> list[Any]:
    """Each provider of each chain alone, and each two of them."""
    return [
        pytest.param(chain, down, id="+".join(down))
        for chain in chains
        for size in (1, 2)
        for down in combinations(chain, size)
    ]


@pytest.mark.parametrize(("order_of", "down"), combos(VOICES, SCRIPTS))
def test_every_provider_down_in_turn_and_in_pairs(
    order_of: tuple[str, ...], down: tuple[str, ...], chained: Chained
) -> None:
    which = VOICE if order_of == VOICES else SCRIPT
    first = next(name for name in order_of if name not in down)
    before = order_of[: order_of.index(first)]

    ended = order(chained, which, **take_down(chained.emulator, down))

    assert 0 == ended.code, ended.err
    found = ended.json()
    assert [*((name, "failed") for name in before), (first, "served")] == trail(found)
    assert (first, bool(before)) == (found["provider"], found["degraded"])
    assert ["outage"] * len(before) == [each["blame"] for each in found["trail"][:-1]]
    assert chained.billed() == micro(found["cost_usd"])


# What befalls all that cost money at once: the fault, what becomes of the tries, whose blame it is, a word of it.
SPOKEN = [
    pytest.param({"kind": "html", "status": 200}, "rejected", "output", "it answered with text/html", id="page"),
    pytest.param({"kind": "wrong_content"}, "rejected", "output", "", id="wrong-content"),
    pytest.param({"kind": "silent_audio"}, "rejected", "output", "the audio is silent", id="silent"),
    pytest.param({"kind": "clipped_audio"}, "rejected", "output", "the audio is clipped", id="clipped"),
    pytest.param({"kind": "truncated_audio"}, "rejected", "output", "cut_short", id="half-a-reply"),
    pytest.param(
        {"kind": "truncated_audio", "reason": "short_file"}, "rejected", "output", "", id="half-a-file"
    ),
]
WRITTEN = [
    pytest.param({"kind": "html", "status": 200}, "rejected", "output", "instead of JSON", id="page"),
    pytest.param({"kind": "wrong_content"}, "rejected", "output", "", id="wrong-content"),
    pytest.param({"kind": "empty_script"}, "rejected", "output", "", id="empty"),
    pytest.param({"kind": "short_script"}, "rejected", "output", "words", id="short"),
    pytest.param({"kind": "cut_script"}, "rejected", "output", "cut off", id="cut"),
    pytest.param({"kind": "holes"}, "rejected", "output", "a hole in it", id="holes"),
    pytest.param({"kind": "wrong_language"}, "rejected", "output", "another language", id="wrong-language"),
]


@pytest.mark.parametrize(("fault", "step", "blame", "word"), SPOKEN)
def test_bad_sound_is_heard_paid_for_and_not_passed_on(
    fault: dict[str, Any], step: str, blame: str, word: str, chained: Chained
) -> None:
    all_alike(chained, VOICE, fault, step, blame, word)


@pytest.mark.parametrize(("fault", "step", "blame", "word"), WRITTEN)
def test_bad_scripts_are_seen_paid_for_and_not_passed_on(
    fault: dict[str, Any], step: str, blame: str, word: str, chained: Chained
) -> None:
    all_alike(chained, SCRIPT, fault, step, blame, word)


def all_alike(
    chained: Chained, which: str, fault: dict[str, Any], step: str, blame: str, word: str
) -> None:
    """All that cost money suffer this; what is free serves, and the money is what the vendors billed."""
    for method in dict.fromkeys(VENDORS[name] for name in PAID[which]):
        chained.emulator.add_fault(method, count=None, **fault)

    ended = order(chained, which)

    assert 0 == ended.code, ended.err
    found = ended.json()
    free = SCRIPTS[-1] if which == SCRIPT else VOICES[-1]
    assert [*((name, step) for name in PAID[which]), (free, "served")] == trail(found)
    assert [(blame, True)] * 3 == [(each["blame"], word in each["why"]) for each in found["trail"][:3]], found
    assert found == {**found, **chained.call(which), "id": found["call"]} | {"degraded": True}
    assert (bill := chained.billed()) == micro(found["cost_usd"]), found["trail"]
    assert bill == sum(micro(each["cost_usd"]) for each in found["trail"]) == chained.spent()
