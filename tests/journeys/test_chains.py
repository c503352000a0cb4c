"""Chains in trouble, real commands against the emulator's vendors: who serves, what is told, what it costs."""

import re
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest

from tests.entrypoints.chained import SCRIPTS, TEXT, VOICES, Chained, ended_of, micro, trail
from tests.entrypoints.program import Ended, eventually
from tests.fixtures.chains import Chain
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

UNREADABLE = ("not_json", "not_audio")
FREE = {"local_tts": "LOCAL_TTS", "template": "TEMPLATE"}
FREE_OF = {VOICE: "local_tts", SCRIPT: "template"}
NO_TIME = tuple(f"YTEMPIRE_PROVIDERS__{variable}__TIMEOUT_SECONDS" for variable in FREE.values())
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


def alerts(chained: Chained) -> list[dict[str, Any]]:
    """What is open, after a worker has read what happened."""
    if not (chained.home / "keys").exists():
        assert 0 == chained.run("init", "--config", "unused.toml").code
    worked = chained.run("worker", "--until-idle")
    assert 0 == worked.code, worked.err
    found: list[dict[str, Any]] = chained.run("alerts", "list", "--json").json()["alerts"]
    return found


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
    pytest.param(
        {"kind": "html", "status": 200}, "rejected", "output", "it answered with text/html", id="page"
    ),
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


def all_alike(chained: Chained, which: str, fault: dict[str, Any], step: str, blame: str, word: str) -> None:
    """All that cost money suffer this; what is free serves, and the money is what the vendors billed."""
    for method in dict.fromkeys(VENDORS[name] for name in PAID[which]):
        chained.emulator.add_fault(method, count=None, **fault)

    ended = order(chained, which)

    assert 0 == ended.code, ended.err
    found = ended.json()
    assert [*((name, step) for name in PAID[which]), (FREE_OF[which], "served")] == trail(found)
    assert [(blame, True)] * 3 == [(each["blame"], word in each["why"]) for each in found["trail"][:3]], found
    assert (found["call"], True) == (chained.call(which)["id"], found["degraded"])
    assert found["trail"] == chained.call(which)["trail"]
    spent = micro(found["cost_usd"])
    assert spent == sum(micro(each["cost_usd"]) for each in found["trail"]) == chained.spent()
    if found["trail"][0]["why"].startswith(
        UNREADABLE
    ):  # nobody can know what that cost: the most it may have
        assert spent >= chained.billed()
    else:
        assert spent == chained.billed()


EXHAUSTED = {
    "elevenlabs.speech": "quota_exceeded",
    "polly.speech": "ServiceQuotaExceededException",
    "openai.chat": "insufficient_quota",
    "anthropic.messages": "credit_balance_too_low",
}
"""What each vendor says when the credit is used up; Google says nothing that is only that."""


@pytest.mark.parametrize("which", [VOICE, SCRIPT])
def test_credit_that_is_gone_costs_nothing_and_rests_for_an_hour(which: str, chained: Chained) -> None:
    gone = [name for name in PAID[which] if VENDORS[name] in EXHAUSTED]
    for name in PAID[which]:
        reason = EXHAUSTED.get(VENDORS[name], "UNAVAILABLE")
        chained.emulator.add_fault(VENDORS[name], "status", reason=reason, count=None)

    found = order(chained, which).json()

    assert [*((name, "failed") for name in PAID[which]), (FREE_OF[which], "served")] == trail(found)
    blames = {each["provider"]: each["blame"] for each in found["trail"]}
    assert ["exhausted"] * len(gone) == [blames[name] for name in gone]
    assert 0 == chained.billed() == micro(found["cost_usd"]) == chained.spent()
    resting = {each["provider"]: each for each in chained.services()["breakers"]}
    for name in gone:
        left = datetime.fromisoformat(resting[name]["until"]) - datetime.now(UTC)
        assert ("open", True) == (resting[name]["phase"], timedelta(minutes=55) < left < timedelta(hours=1))

    asked = len(chained.asked())
    again = order(chained, which).json()

    skipped = {each["provider"]: each["why"] for each in again["trail"] if each["step"] == "skipped"}
    assert set(gone) == set(skipped)
    assert all("its breaker is open" in why for why in skipped.values())
    assert len(PAID[which]) - len(gone) == len(chained.asked()) - asked


@pytest.mark.parametrize("which", [VOICE, SCRIPT])
def test_a_wrong_key_is_the_keys_fault_and_costs_nothing(which: str, chained: Chained) -> None:
    wrong = {variable: f"wrong-{number}-{'x' * 20}" for number, variable in enumerate(chained.variables)}

    ended = order(chained, which, **wrong)

    assert 0 == ended.code, ended.err
    found = ended.json()
    assert [*((name, "failed") for name in PAID[which]), (FREE_OF[which], "served")] == trail(found)
    assert ["credential"] * 3 == [each["blame"] for each in found["trail"][:3]]
    assert 0 == chained.billed() == micro(found["cost_usd"]) == chained.spent()
    assert [] == [key for key in wrong.values() if key in ended.out + ended.err]


@pytest.mark.parametrize("trouble", ["lost_response", "hang"])
@pytest.mark.parametrize("first", [*VOICES[:3], *SCRIPTS[:3]])
def test_what_may_have_been_paid_for_is_not_bought_twice_and_a_free_one_serves(
    first: str, trouble: str, chain: Chain
) -> None:
    chained = chain()
    which = VOICE if first in VOICES else SCRIPT
    names = PAID[which]
    place = names.index(first)
    for name in names[:place]:
        chained.emulator.add_fault(VENDORS[name], "status", status=503)
    chained.emulator.add_fault(VENDORS[first], trouble, seconds=3)

    ended = order(chained, which, **{f"YTEMPIRE_PROVIDERS__{first.upper()}__TIMEOUT_SECONDS": "1.5"})

    assert 0 == ended.code, ended.err
    found = ended.json()
    expected = [
        *((name, "failed") for name in names[: place + 1]),
        *((name, "skipped") for name in names[place + 1 :]),
    ]
    assert [*expected, (FREE_OF[which], "served")] == trail(found)
    assert ("outage", "maybe") == (found["trail"][place]["blame"], found["trail"][place]["charged"])
    if trouble == "hang":
        assert "timeout" in found["trail"][place]["why"]
    assert {f"{first} may have been paid for this call already"} >= {
        each["why"] for each in found["trail"][place + 1 : -1]
    }
    assert place + 1 == len(chained.asked())
    # What was held for the lost try stays counted: for speech its price, for a script the most it could be.
    held = micro(found["trail"][place]["cost_usd"])
    assert held == micro(found["cost_usd"]) == chained.spent()
    if trouble == "lost_response":
        assert (held == chained.billed()) if which == VOICE else (held >= chained.billed() > 0)


@pytest.mark.parametrize(
    ("most", "who", "left_out"),
    [
        ("0.008799", "google_tts", 1),
        ("0.0088", "elevenlabs", 0),
        ("0.0003", "local_tts", 3),
        ("0", "local_tts", 3),
    ],
)
def test_the_ceiling_of_a_call_is_kept_to_the_micro_dollar(
    most: str, who: str, left_out: int, chained: Chained
) -> None:
    assert 88 == len(TEXT)  # at 100 micro-dollars each with the first, at 4 with the others

    found = chained.speak("--max-cost", most).json()

    assert (who, False) == (found["provider"], found["degraded"])
    reasons = [each["why"] for each in found["trail"] if each["step"] == "skipped"]
    assert left_out == len([why for why in reasons if why.endswith("are left for this call")])
    assert chained.billed() == micro(found["cost_usd"]) <= micro(most)
    assert [] == chained.asked() or who == VOICES[len(chained.asked()) - 1 + left_out]


def test_what_a_failed_try_cost_counts_against_the_ceiling(chained: Chained) -> None:
    chained.emulator.add_fault("elevenlabs.speech", "silent_audio")

    found = chained.speak("--max-cost", "0.009").json()

    assert [
        ("elevenlabs", "rejected"),
        ("google_tts", "skipped"),
        ("aws_polly", "skipped"),
        ("local_tts", "served"),
    ] == (trail(found))
    assert "0.0002 are left for this call" in found["trail"][1]["why"]
    assert (8_800, True) == (micro(found["cost_usd"]), found["degraded"])
    assert 8_800 == chained.billed() == chained.spent()


def test_the_ceiling_of_a_day_holds_over_many_processes_at_once(chain: Chain) -> None:
    chained = chain("\n[chains.voice_synthesis]\ndaily_budget_usd = 0.02\n")

    under_way = [chained.start("speak", TEXT, "-o", f"{number}.wav", "--json") for number in range(4)]
    found = [ended_of(each).json() for each in under_way]

    assert ["elevenlabs"] * 2 == [each["provider"] for each in found if each["provider"] == "elevenlabs"]
    assert chained.billed() == sum(micro(each["cost_usd"]) for each in found) == chained.spent() <= 20_000
    assert 2 == len(chained.asked("elevenlabs.speech"))
    told = [each["trail"][0]["why"] for each in found if each["provider"] != "elevenlabs"]
    assert ["it costs up to 0.0088 USD, and the day's 0.02 do not reach for it"] * 2 == told


@pytest.mark.parametrize("which", [VOICE, SCRIPT])
def test_all_down_is_one_error_that_names_each_and_one_alert(which: str, chained: Chained) -> None:
    names = VOICES if which == VOICE else SCRIPTS
    target = chained.folder / "a.wav"
    target.write_bytes(b"what was there before")
    for name in names:
        if name in VENDORS:
            chained.emulator.add_fault(VENDORS[name], "status", status=503, count=2)

    for _ in range(2):
        ended = order(chained, which, **dict.fromkeys(NO_TIME, "0.000001"))

        (error,) = ended.lines()
        found = ended.json()
        assert (6, f"ytempire: {found['error']}") == (ended.code, error)
        assert error.startswith(f"ytempire: no provider of {which} could serve: ")
        assert list(names) == re.findall(r"(\w+) failed: ", error)
        assert [(name, "failed") for name in names] == trail(found)
    assert b"what was there before" == target.read_bytes()
    assert {"a.wav", "home", "ytempire.toml"} == {path.name for path in chained.folder.iterdir()}
    listed = alerts(chained)
    assert [(f"chain:{which}", "critical", 2)] == [
        (each["key"], each["level"], each["times"]) for each in listed if each["key"].startswith("chain:")
    ]

    chained.emulator.clear_faults()
    assert 0 == order(chained, which).code
    listed = alerts(chained)
    assert [] == [each for each in listed if each["key"].startswith("chain:")]


def test_two_processes_share_an_open_breaker_and_a_new_one_keeps_it_until_its_time(chain: Chain) -> None:
    chained = chain("\n[breakers]\nfailures = 2\nrecovery_seconds = 4\njitter_percent = 0\n")
    chained.emulator.add_fault("elevenlabs.speech", "status", status=503, count=2)
    for _ in range(2):
        chained.speak()
    assert 2 == len(chained.asked("elevenlabs.speech"))
    (opened,) = [each for each in chained.services()["breakers"] if each["phase"] == "open"]
    until = datetime.fromisoformat(opened["until"])

    under_way = [chained.start("speak", TEXT, "-o", f"{number}.wav", "--json") for number in range(2)]
    found = [ended_of(each).json() for each in under_way]

    assert datetime.now(UTC) < until + timedelta(seconds=1), "the machine is too slow for this test"
    assert ["google_tts"] * 2 == [each["provider"] for each in found]
    assert ["skipped"] * 2 == [each["trail"][0]["step"] for each in found]
    assert all(each["trail"][0]["why"].startswith("its breaker is open") for each in found)
    assert 2 == len(chained.asked("elevenlabs.speech"))

    eventually(lambda: datetime.now(UTC) > until + timedelta(seconds=1), "the end of its time")
    assert ["elevenlabs"] * 3 == [chained.speak().json()["provider"] for _ in range(3)]
    phases = {each["provider"]: each["phase"] for each in chained.services()["breakers"]}
    assert "closed" == phases["elevenlabs"]
