"""`ytempire speak` as a person uses it: on a bare machine, with vendors, and with what cannot be said."""

import array
import re
import stat
import wave
from pathlib import Path

import pytest

from tests.emulator.voices import heard_mp3
from tests.entrypoints.chained import TEXT, VOICES, Chained, micro, trail
from tests.entrypoints.conftest import installation
from tests.entrypoints.program import Ended
from tests.fixtures.chains import Chain
from ytempire.emulator import Emulator

SPOKEN = {"file", "seconds", "call", "provider", "quality", "degraded", "cost_usd", "trail"}
ATTEMPT = {"provider", "quality", "step", "why", "expected", "blame", "charged", "cost_usd", "seconds"}
KEYS = {
    "elevenlabs": "ELEVENLABS_API_KEY",
    "google_tts": "GOOGLE_TTS_API_KEY",
    "aws_polly": "AWS_SECRET_ACCESS_KEY",
}
SECONDS_PER_CHARACTER = 0.065
SENTENCE = "The tide is out, and the boats lie on the sand until the water comes back. "


def samples(path: Path) -> tuple[int, "array.array[int]"]:
    """The rate and the samples of a plain WAV file."""
    with wave.open(str(path)) as file:
        assert (1, 2) == (file.getnchannels(), file.getsampwidth())
        return file.getframerate(), array.array("h", file.readframes(file.getnframes()))


def level(values: "array.array[int]") -> float:
    """The root mean square of full scale."""
    return float((sum(value * value for value in values) / len(values)) ** 0.5 / 32_768)


def refused(ended: Ended, *words: str) -> None:
    """One clear line, and nothing else."""
    (line,) = ended.lines()
    assert (2, "") == (ended.code, ended.out), ended
    assert line.startswith("ytempire: ")
    for word in words:
        assert word in line


def test_a_bare_machine_speaks_and_says_why_the_others_were_left_out(bare: Chained) -> None:
    ended = bare.run("speak", TEXT, "-o", "a.wav")

    assert 0 == ended.code, ended.err
    rate, values = samples(bare.folder / "a.wav")
    seconds = len(values) / rate
    assert abs(seconds - len(TEXT) * SECONDS_PER_CHARACTER) < 0.25 * len(TEXT) * SECONDS_PER_CHARACTER
    assert level(values) > 0.01
    assert f"a.wav: {seconds:.1f} s, by local_tts (emergency)\n" == ended.out
    (*left_out, served) = ended.lines()
    qualities = dict(zip(VOICES, ("premium", "standard", "basic"), strict=False))
    assert [
        f"  {name} ({qualities[name]}) skipped: it has no key: set {variable}, or providers.{name}.api_key_file"
        for name, variable in KEYS.items()
    ] == left_out
    assert re.fullmatch(r"  local_tts \(emergency\) served in \d+\.\d s", served)


def test_it_pauses_between_sentences_and_is_loud_between_pauses(bare: Chained) -> None:
    """The shape of speech: a sound in every word, and silence only where a person breathes."""
    assert 0 == bare.run("speak", "One. Two. Three.", "-o", "a.wav").code

    rate, values = samples(bare.folder / "a.wav")
    step = rate // 50
    loud = [level(values[start : start + step]) > 0.01 for start in range(0, len(values) - step, step)]
    bursts = "".join("x" if each else "." for each in loud).strip(".")
    assert len(re.findall(r"x+(?:\.{1,7}x+)*", bursts)) >= 3  # more than 0.14 s of silence parts two words


def test_an_mp3_is_one(bare: Chained) -> None:
    ended = bare.run("speak", TEXT, "-o", "a.mp3", "--json")

    found = ended.json()
    heard = heard_mp3((bare.folder / "a.mp3").read_bytes())
    assert SPOKEN == set(found)
    assert abs(heard.seconds - found["seconds"]) < 0.1
    assert abs(heard.seconds - len(TEXT) * SECONDS_PER_CHARACTER) < 0.25 * len(TEXT) * SECONDS_PER_CHARACTER
    assert heard.rms > 300


def test_the_document_is_what_the_reference_says(chained: Chained) -> None:
    chained.emulator.add_fault("elevenlabs.speech", "status", reason="system_busy")

    found = chained.speak("--json").json()

    assert SPOKEN == set(found)
    assert [ATTEMPT] * 2 == [set(each) for each in found["trail"]]
    assert ("a.wav", "google_tts", "standard", True) == tuple(
        found[name] for name in ("file", "provider", "quality", "degraded")
    )
    first, second = found["trail"]
    assert ("failed", "busy", "no", "0.00", False) == tuple(
        first[name] for name in ("step", "blame", "charged", "cost_usd", "expected")
    )
    assert first["why"].startswith("system_busy: ")
    assert ("served", None, None, "yes", "0.000352") == tuple(
        second[name] for name in ("step", "why", "blame", "charged", "cost_usd")
    )
    assert "0.000352" == found["cost_usd"]
    rate, values = samples(chained.folder / "a.wav")
    assert abs(found["seconds"] - len(values) / rate) < 0.001


@pytest.mark.parametrize("source", ["text.txt", "-"])
def test_a_text_may_come_from_a_file_or_from_standard_input(source: str, bare: Chained) -> None:
    (bare.folder / "text.txt").write_bytes(b"\xef\xbb\xbfGr\xc3\xbc\xc3\x9f Gott, liebe Leute.\r\n")

    ended = bare.run(
        "speak", "--file", source, "--language", "de", "-o", "a.wav", given="Grüß Gott, liebe Leute.\n"
    )

    assert 0 == ended.code, ended.err
    assert len(samples(bare.folder / "a.wav")[1]) > 10_000


def test_ssml_is_read_as_such_by_whoever_can(chained: Chained) -> None:
    text = '<speak>One moment, please.<break time="2s"/>Thank you for waiting.</speak>'

    found = chained.run("speak", "--ssml", text, "-o", "a.wav", "--json").json()

    assert [("elevenlabs", "failed"), ("google_tts", "served")] == trail(found)
    assert ("unfit", "no") == (found["trail"][0]["blame"], found["trail"][0]["charged"])
    spoken = len("One moment, please. Thank you for waiting.") * SECONDS_PER_CHARACTER
    assert abs(found["seconds"] - spoken - 2) < 0.5
    assert chained.billed() == micro(found["cost_usd"]) == 4 * len(text)
    assert 1 == len(chained.asked())  # who reads no SSML was not sent any


def test_a_long_text_is_said_in_pieces_joined_and_paid_for_exactly(chain: Chain) -> None:
    chained = chain('\n[providers.google_tts.options]\nrate = "8000"\n')
    text = (SENTENCE * 161).strip()
    assert 12_000 <= len(text)
    (chained.folder / "long.txt").write_text(text, "utf-8")

    ended = chained.run("speak", "--file", "long.txt", "-o", "a.wav", "--provider", "google_tts", "--json")

    found = ended.json()
    assert [("google_tts", "served")] == trail(found)
    assert 3 == len(chained.asked("google_tts.speech"))
    assert chained.billed() == micro(found["cost_usd"]) == chained.spent() == 4 * (len(text) - 2)  # two cuts
    assert abs(found["seconds"] - len(text) * SECONDS_PER_CHARACTER) < 0.05 * found["seconds"]
    rate, values = samples(chained.folder / "a.wav")
    assert (8_000, found["seconds"]) == (rate, round(len(values) / rate, 3))


def test_a_piece_that_fails_leaves_no_file_and_its_cost_is_not_forgotten(chain: Chain) -> None:
    chained = chain('\n[providers.google_tts.options]\nrate = "8000"\n')
    (chained.folder / "long.txt").write_text(SENTENCE * 70, "utf-8")
    (chained.folder / "a.wav").write_bytes(b"what was there before")
    chained.emulator.add_fault("google_tts.speech", "status", status=503, skip=1)

    ended = chained.run("speak", "--file", "long.txt", "-o", "a.wav", "--provider", "google_tts")

    assert 6 == ended.code
    assert b"what was there before" == (chained.folder / "a.wav").read_bytes()
    assert 0 < chained.billed() == chained.spent()
    (attempt,) = chained.call("voice_synthesis")["trail"]
    found = (attempt["step"], attempt["charged"], micro(attempt["cost_usd"]))
    assert ("failed", "yes", chained.billed()) == found


@pytest.mark.parametrize(
    ("words", "served", "expected"),
    [
        (("--quality", "premium"), "elevenlabs", 0),
        (("--quality", "emergency"), "elevenlabs", 0),
        (("--provider", "local_tts"), "local_tts", 0),
        (("--provider", "aws_polly"), "aws_polly", 0),
        (("--max-cost", "0.001"), "google_tts", 1),
    ],
)
def test_limits_choose_who_is_asked_and_whoever_was_left_out_by_them_was_expected_to(
    words: tuple[str, ...], served: str, expected: int, chained: Chained
) -> None:
    found = chained.speak(*words).json()

    assert (served, False) == (found["provider"], found["degraded"])
    assert [True] * expected == [each["expected"] for each in found["trail"][:-1]]
    assert ([served] if served != "local_tts" else []) == [
        {"polly": "aws_polly"}.get(each.split(".")[0], each.split(".")[0]) for each in chained.asked()
    ]


def test_when_every_provider_is_left_out_by_the_caller_s_limits_it_is_theirs_to_mend(bare: Chained) -> None:
    ended = bare.run("speak", TEXT, "-o", "a.wav", "--quality", "premium")

    assert (2, "") == (ended.code, ended.out)
    assert "set a provider up that can do it" in ended.lines()[-1]


@pytest.mark.parametrize(
    ("half", "missing"),
    [
        (
            "AWS_SECRET_ACCESS_KEY",
            "it has a key and no key_id: set AWS_ACCESS_KEY_ID, or providers.aws_polly.key_id",
        ),
        (
            "AWS_ACCESS_KEY_ID",
            "it has no key: set AWS_SECRET_ACCESS_KEY, or providers.aws_polly.api_key_file",
        ),
    ],
)
def test_polly_with_half_a_key_is_left_out_and_told_which_half_is_missing(
    half: str, missing: str, bare: Chained
) -> None:
    bare.variables[half] = "x" * 20
    ended = bare.run("speak", "Good morning.", "-o", "a.wav", "--json")

    polly = ended.json()["trail"][2]
    assert ("aws_polly", "skipped", True, missing) == tuple(
        polly[name] for name in ("provider", "step", "expected", "why")
    )
    assert (0, False) == (ended.code, ended.json()["degraded"])


def test_a_quality_that_nobody_reaches_is_told_and_costs_nothing(chained: Chained) -> None:
    chained.emulator.add_fault("elevenlabs.speech", "status", status=503)

    ended = chained.run("speak", TEXT, "-o", "a.wav", "--quality", "good")

    assert (6, "") == (ended.code, ended.out)
    assert [f"{name} {'failed' if name == 'elevenlabs' else 'skipped'}" for name in VOICES] == re.findall(
        r"(\w+ (?:failed|skipped)): ", ended.lines()[-1]
    )
    assert "its quality is basic, and at least good is asked for" in ended.lines()[-1]
    assert not (chained.folder / "a.wav").exists()
    assert 0 == chained.billed()


def test_a_vendor_that_calls_the_text_wrong_ends_the_call(chained: Chained) -> None:
    chained.emulator.add_fault(
        "elevenlabs.speech", "status", status=400, reason="content_policy_violation", message="Not this."
    )

    ended = chained.run("speak", TEXT, "-o", "a.wav")

    assert (2, "") == (ended.code, ended.out)
    assert [
        "ytempire: voice_synthesis: elevenlabs refuses the request itself: content_policy_violation: Not this."
    ] == [line for line in ended.lines() if line.startswith("ytempire: ")]
    assert ["elevenlabs.speech"] == chained.asked()
    assert not (chained.folder / "a.wav").exists()


BAD = [
    pytest.param(("speak", "-o", "a.wav"), ("give the text, or --file with it",), id="no-text"),
    pytest.param(
        ("speak", "Hello", "--file", "x", "-o", "a.wav"), ("give the text, or --file",), id="two-texts"
    ),
    pytest.param(("speak", "Hello"), ("--out",), id="no-target"),
    pytest.param(("speak", "Hello", "-o", "a.ogg"), ("a.ogg", ".wav or .mp3"), id="kind"),
    pytest.param(("speak", "Hello", "-o", "a"), (".wav or .mp3",), id="no-kind"),
    pytest.param(("speak", "Hello", "-o", "none/a.wav"), ("none is no folder",), id="no-folder"),
    pytest.param(("speak", "Hello", "-o", "folder.wav"), ("folder.wav is a folder",), id="folder"),
    pytest.param(("speak", "", "-o", "a.wav"), ("there is nothing to say",), id="empty"),
    pytest.param(("speak", " ... ", "-o", "a.wav"), ("there is nothing to say",), id="no-word"),
    pytest.param(("speak", "a\x01b", "-o", "a.wav"), ("control characters",), id="controls"),
    pytest.param(("speak", "x" * 100 + " y", "-o", "a.wav", "--language", "e"), ("language",), id="language"),
    pytest.param(("speak", "<p>Hi", "--ssml", "-o", "a.wav"), ("it is no SSML",), id="ssml"),
    pytest.param(
        ("speak", '<!DOCTYPE x [<!ENTITY a "b">]><speak>&a;</speak>', "--ssml", "-o", "a.wav"),
        ("it is no SSML",),
        id="entities",
    ),
    pytest.param(("speak", "Hello", "-o", "a.wav", "--quality", "best"), ("'best'", "premium"), id="quality"),
    pytest.param(("speak", "Hello", "-o", "a.wav", "--max-cost", "much"), ("'much'", "0.25"), id="cost"),
    pytest.param(("speak", "Hello", "-o", "a.wav", "--max-cost", "-1"), ("below 0",), id="negative"),
    pytest.param(("speak", "Hello", "-o", "a.wav", "--max-cost", "nan"), ("no amount",), id="nan"),
    pytest.param(
        ("speak", "Hello", "-o", "a.wav", "--provider", "nobody"), ("nobody", "local_tts"), id="who"
    ),
    pytest.param(("speak", "--file", "gone", "-o", "a.wav"), ("gone cannot be read",), id="gone"),
    pytest.param(("speak", "--file", "folder.wav", "-o", "a.wav"), ("cannot be read",), id="folder-as-text"),
    pytest.param(("speak", "--file", "latin.txt", "-o", "a.wav"), ("it is not UTF-8",), id="not-utf-8"),
    pytest.param(("speak", "--file", "huge.txt", "-o", "a.wav"), ("200,000 are the most",), id="too-long"),
]


@pytest.mark.parametrize(("words", "told"), BAD)
def test_bad_input_is_one_clear_line_and_buys_nothing(
    words: tuple[str, ...], told: tuple[str, ...], chained: Chained
) -> None:
    (chained.folder / "latin.txt").write_bytes("Grüße".encode("latin-1"))
    (chained.folder / "huge.txt").write_text("word " * 50_000, "utf-8")
    (chained.folder / "folder.wav").mkdir()
    (chained.folder / "a.wav").write_bytes(b"what was there before")
    there = {path.name for path in chained.folder.iterdir()}

    refused(chained.run(*words), *told)

    assert b"what was there before" == (chained.folder / "a.wav").read_bytes()
    assert there == {path.name for path in chained.folder.iterdir()}
    assert [] == chained.asked()


def test_a_home_that_only_spoke_is_initialised_afterwards_and_goes_on_speaking(bare: Chained) -> None:
    assert 0 == bare.run("speak", "Hello", "-o", "a.wav").code

    assert 0 == bare.run("init").code

    assert 0o600 == stat.S_IMODE((bare.home / "keys" / "ring.json").stat().st_mode)
    # What was there is still there, and none of it needs the client of an account that is not connected yet.
    assert "local_tts" == bare.call("voice_synthesis")["provider"]
    assert 0 == bare.run("speak", "Hello", "-o", "b.wav").code
    assert 1 == bare.run("drill").code  # nobody is connected, so no video could be uploaded


def test_a_home_whose_key_is_gone_is_not_given_another(google: Emulator, tmp_path: Path) -> None:
    place = installation(tmp_path, google, 1)
    (place.home / "keys" / "ring.json").unlink()

    ended = place.run("init", "--config", "other.toml")

    assert (2, "") == (ended.code, ended.out)
    assert "holds what was sealed with a key that is missing; put" in ended.err


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ('\n[chains.voice_synthesis]\nproviders = ["nobody"]\n', "there is no provider 'nobody'"),
        ("\n[chains.anew]\nmax_cost_usd = 1\n", "chains.anew.providers: name at least one"),
        (
            '\n[providers.other]\nkind = "odd"\n[chains.anew]\nproviders = ["other"]\n',
            "there is no kind 'odd'",
        ),
        ('\n[providers.other]\nquality = "best"\n', "providers.other.quality"),
        ("\n[breakers]\nprobes = 0\n", "breakers.probes"),
    ],
)
def test_a_wrong_configuration_is_one_clear_line(more: str, word: str, chain: Chain) -> None:
    chained = chain(more)

    refused(chained.run("speak", "Hello", "-o", "a.wav"), word)

    assert not (chained.folder / "a.wav").exists()
