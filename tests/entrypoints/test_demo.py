"""The demo's program: the journal of the local Google judges, and it is not lenient."""

import array
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import av
import pytest

from tests.builders import NOW, a_line, a_publication
from tests.entrypoints.chained import micro
from tests.entrypoints.conftest import Install
from tests.entrypoints.program import Installation
from ytempire.bootstrap.demo import Outcome
from ytempire.bootstrap.demo_story import Story
from ytempire.bootstrap.verdict import secrets_in_clear, verdict
from ytempire.domain.lifecycle import State
from ytempire.domain.quota import Bucket
from ytempire.emulator import Emulator, Event, EventKind
from ytempire.entrypoints.cli.demo import told

SUBMITTED = {"aa", "bb"}
FOUND = [a_publication("pub_1", state=State.PUBLISHED), a_publication("pub_2", state=State.PUBLISHED)]
LEDGER = [a_line(Bucket.UPLOADS, 100, used=2)]


def arrived(*hashes: str) -> list[Event]:
    """A journal of these videos, each charged once."""
    charges = {"uploads": 1}
    return [
        Event(number, NOW, EventKind.VIDEO_COMPLETED, {"sha256": each, "charges": charges})
        for number, each in enumerate(hashes, 1)
    ]


def test_the_demo_publishes_and_the_journal_agrees(tmp_path: Path) -> None:
    ended = Installation(tmp_path).run("demo", "--videos", "5", "--keep", "kept")

    assert 0 == ended.code, ended.err
    assert "the journal agrees: 5 videos, 5 hashes, 0 duplicates" in ended.out
    rows = {
        (chain, name): rest for chain, name, *rest in map(str.split, ended.out.splitlines()) if "_" in chain
    }
    for chain, paid, free in (
        ("script_generation", "openai_primary", "template"),
        ("voice_synthesis", "elevenlabs", "local_tts"),
    ):
        first, second = rows[chain, paid], rows[chain, free]
        assert int(first[1]) >= 1  # failed on purpose
        assert int(second[0]) >= 1  # and somebody stood in
        assert 5 == int(first[0]) + int(second[0])
        assert "0.00" == second[2]
    assert re.search(
        r"^[2-9] calls fell back to another provider; no breaker opened$", ended.out, re.MULTILINE
    )
    # Each call that a vendor billed costs what the brief says, also the one whose sound was silent.
    bought = bought_in(tmp_path / "kept")
    assert bought["openai"] * 800_000 == micro(rows["script_generation", "openai_primary"][2])
    assert bought["elevenlabs"] * 500_000 == micro(rows["voice_synthesis", "elevenlabs"][2])
    videos = sorted((tmp_path / "kept" / "videos").glob("*.mp4"))
    assert [True] * 5 == [loudness(video) > 0.01 for video in videos]
    assert 5 == len({video.read_bytes() for video in videos})


def bought_in(kept: Path) -> Counter[str]:
    """How many calls of each vendor the journal of a demo says were billed."""
    events = map(json.loads, (kept / "journal.jsonl").read_text("utf-8").splitlines())
    return Counter(event["provider"] for event in events if event.get("billed_microdollars"))


def loudness(video: Path) -> float:
    """The root mean square of a film's sound, of full scale."""
    squares, count = 0, 0
    with av.open(str(video)) as film:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=8_000)
        for frame in film.decode(audio=0):
            for piece in resampler.resample(frame):
                values = array.array("h", bytes(piece.planes[0])[: 2 * piece.samples])
                squares, count = squares + sum(value * value for value in values), count + len(values)
    return float((squares / max(count, 1)) ** 0.5 / 32_768)


def test_the_demo_keeps_its_folder_when_asked_and_leaves_an_old_one_alone(tmp_path: Path) -> None:
    place = Installation(tmp_path)

    assert 0 == place.run("demo", "--videos", "1", "--calm", "--keep", "kept").code
    assert (tmp_path / "kept" / "journal.jsonl").is_file()
    again = place.run("demo", "--videos", "1", "--keep", "kept")
    assert (2, ["ytempire: kept exists already; name a new folder"]) == (again.code, again.lines())


def test_a_token_in_clear_is_found_wherever_it_lies(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "log").write_text("token=ya29.secret and more", encoding="utf-8")
    (tmp_path / "other").write_text("nothing", encoding="utf-8")

    assert ["log holds a token in clear"] == secrets_in_clear(tmp_path, ("1//unseen", "ya29.secret"))


def test_a_consent_without_pkce_is_a_problem() -> None:
    facts = {"account": "one", "pkce": False}
    exchanged = Event(9, NOW, EventKind.CODE_EXCHANGED, facts)

    judged = verdict([*arrived("aa", "bb"), exchanged], SUBMITTED, FOUND, LEDGER)

    assert (1, ("one was connected without PKCE",)) == (judged.consents, judged.problems)


def test_a_journal_that_agrees_leaves_no_problem() -> None:
    judged = verdict(arrived("aa", "bb"), SUBMITTED, FOUND, LEDGER)

    assert (2, 2, 0, ()) == (judged.videos, judged.hashes, judged.duplicates, judged.problems)


@pytest.mark.parametrize(
    ("hashes", "problem"),
    [
        (("aa", "xx"), "1 of the submitted files never arrived as they are"),
        (("aa", "xx"), "1 video arrived that nobody submitted"),
        (("aa",), "1 of the submitted files never arrived as they are"),
        (("aa", "bb", "bb"), "1 video arrived more than once"),
        (("aa", "bb", "bb"), "Google charged 3 uploads and our ledger says 2"),
        ((), "2 of the submitted files never arrived as they are"),
    ],
)
def test_a_doctored_journal_is_a_problem(hashes: tuple[str, ...], problem: str) -> None:
    assert problem in verdict(arrived(*hashes), SUBMITTED, FOUND, LEDGER).problems


def test_a_publication_that_is_not_published_is_a_problem() -> None:
    found = [FOUND[0], replace(FOUND[1], state=State.HELD)]

    assert ("pub_2 is held: None",) == verdict(arrived("aa", "bb"), SUBMITTED, found, LEDGER).problems


@pytest.mark.parametrize(
    ("hashes", "code", "line"),
    [
        (("aa", "bb"), 0, "the journal agrees: 2 videos, 2 hashes, 0 duplicates"),
        (("aa",), 1, "the journal does not agree: 1 video, 1 hash, 0 duplicates"),
    ],
)
def test_the_exit_code_of_the_demo_is_what_the_journal_says(
    hashes: tuple[str, ...], code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    judged = verdict(arrived(*hashes), SUBMITTED, FOUND, LEDGER)

    assert code == told(Outcome((), tuple(LEDGER), Story((), (), 0, 0), judged))
    assert line == capsys.readouterr().out.splitlines()[-1]


def test_what_a_real_journal_charged_is_held_against_the_ledger(install: Install, google: Emulator) -> None:
    install(1)

    judged = verdict(google.journal.since(0), set(), [], [])

    assert ("Google charged 1 units and our ledger says 0",) == judged.problems
