"""`ytempire drill`: each link alone, nothing bought unless that is asked for, and the result kept."""

import pytest

from tests.entrypoints.chained import SCRIPTS, VOICES, Chained
from tests.entrypoints.conftest import Install

DRILL = {"chain", "at", "by", "passed", "links"}
VOICE, SCRIPT = "voice_synthesis", "script_generation"


def verdicts(drill: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {each["link"]: each["verdict"] for each in drill["links"]}


def test_vendors_are_looked_at_and_nothing_is_bought(chained: Chained) -> None:
    ended = chained.run("drill", "--json")

    assert 0 == ended.code, ended.err
    voice, script = ended.json()["drills"]
    assert [DRILL] * 2 == [set(voice), set(script)]
    assert (VOICE, SCRIPT, True, True) == (voice["chain"], script["chain"], voice["passed"], script["passed"])
    assert dict.fromkeys(VOICES, "ok") == verdicts(voice)
    assert dict.fromkeys(SCRIPTS, "ok") == verdicts(script)
    told = voice["links"][0]["told"]
    assert told.startswith("it answers and takes our key; nothing was bought (--paid buys); ")
    assert told.endswith("characters are left")
    assert 0 == chained.billed() == chained.spent()
    assert {
        "elevenlabs.subscription", "google_tts.voices", "polly.voices", "openai.models", "anthropic.models",
    } == set(chained.asked())  # fmt: skip


def test_a_paid_drill_buys_from_each_link_once_and_is_counted_apart(chained: Chained) -> None:
    ended = chained.run("drill", VOICE, "--paid", "--json")

    (drill,) = ended.json()["drills"]
    assert (0, dict.fromkeys(VOICES, "ok")) == (ended.code, verdicts(drill))
    assert ["elevenlabs.speech", "google_tts.speech", "polly.speech"] == chained.asked()
    assert 0 < chained.billed() == chained.spent()
    (voice, _) = chained.services()["chains"]
    assert (0, 0, drill) == (voice["calls"], voice["fallbacks"], voice["last_drill"])
    listed = chained.run("services", "calls", "--json").json()["calls"]
    assert [True] * 4 == [each["drill"] for each in listed]


@pytest.mark.parametrize("paid", [False, True])
def test_a_link_that_does_not_hold_fails_the_drill(paid: bool, chained: Chained) -> None:
    chained.emulator.add_fault("google_tts", "status", reason="API_KEY_INVALID", count=None)

    ended = chained.run("drill", VOICE, "--json", *(["--paid"] if paid else []))

    (drill,) = ended.json()["drills"]
    assert (1, False) == (ended.code, drill["passed"])
    assert {**dict.fromkeys(VOICES, "ok"), "google_tts": "failed"} == verdicts(drill)
    told = {each["link"]: each["told"] for each in drill["links"]}
    assert "API_KEY_INVALID" in told["google_tts"]


def test_on_a_bare_machine_what_is_free_holds_and_the_rest_was_never_set_up(bare: Chained) -> None:
    ended = bare.run("drill")

    assert 0 == ended.code, ended.err
    assert "voice_synthesis: passed" in ended.out
    assert 6 == ended.out.count("skipped  it has no key")
    assert "local_tts   ok" in ended.out


def test_a_free_link_that_does_not_hold_fails_the_drill_of_a_bare_machine(bare: Chained) -> None:
    ended = bare.run("drill", VOICE, YTEMPIRE_PROVIDERS__LOCAL_TTS__TIMEOUT_SECONDS="0.000001")

    assert 1 == ended.code
    assert "voice_synthesis: FAILED" in ended.out


def test_a_chain_that_is_none_is_told_with_those_that_are(chained: Chained) -> None:
    ended = chained.run("drill", "video_upload")

    (line,) = ended.lines()
    assert (2, "") == (ended.code, ended.out)
    assert "there is no chain video_upload to drill; known are voice_synthesis, script_generation" in line


def test_the_upload_chain_is_drilled_without_sending_anything(install: Install) -> None:
    place = install(2)
    before = place.state()["quota"]

    ended = place.run("drill", "video_upload", "--json")

    (drill,) = ended.json()["drills"]
    assert ["production", "reserve", "requeue", "person"] == [each["link"] for each in drill["links"]]
    assert ("ok", "ok") == (drill["links"][0]["verdict"], drill["links"][2]["verdict"])
    assert before == place.state()["quota"]


def test_a_model_that_is_not_offered_fails_the_drill_of_its_link_alone(chained: Chained) -> None:
    ended = chained.run("drill", SCRIPT, "--json", YTEMPIRE_PROVIDERS__OPENAI_ECONOMY__MODEL="gpt-9")

    (drill,) = ended.json()["drills"]
    assert (1, False) == (ended.code, drill["passed"])
    assert {**dict.fromkeys(SCRIPTS, "ok"), "openai_economy": "failed"} == verdicts(drill)
    told = {each["link"]: each["told"] for each in drill["links"]}
    assert "it answers, but the model gpt-9 is not among those it offers" == told["openai_economy"]
