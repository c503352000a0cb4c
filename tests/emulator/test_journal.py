"""The journal: complete, ordered, durable, and without secrets."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.emulator.peer import BLOCK, Raw, facts
from ytempire.emulator import Emulator, EmulatorConfig, EventKind

DATA = bytes(range(256)) * (3 * BLOCK // 256) + b"end"


def test_events_are_numbered_without_gaps_and_timed_in_utc(emulator: Emulator, raw: Raw) -> None:
    raw.upload(DATA)
    events = emulator.journal.since()
    assert list(range(1, len(events) + 1)) == [event.seq for event in events]
    assert {UTC} == {event.at.tzinfo for event in events}
    assert events[3:] == emulator.journal.since(3)


def test_an_upload_leaves_the_whole_story(emulator: Emulator, raw: Raw) -> None:
    before = len(emulator.journal.since())
    session = raw.open("Story", size=len(DATA))
    raw.put(session, DATA[:BLOCK], total=len(DATA))
    raw.query(session, len(DATA))
    raw.put(session, DATA[BLOCK:], BLOCK)
    story = [(event.kind.value, event.facts.get("point")) for event in emulator.journal.since(before)]
    assert [
        ("session_opened", None),
        ("request", "videos.insert.start"),
        ("bytes_committed", None),
        ("request", "videos.insert.put"),
        ("request", "videos.insert.query"),
        ("bytes_committed", None),
        ("video_completed", None),
        ("session_ended", None),
        ("request", "videos.insert.put"),
    ] == story  # fmt: skip
    commits = facts(emulator, EventKind.BYTES_COMMITTED)
    assert [(0, BLOCK, BLOCK), (BLOCK, len(DATA) - BLOCK, len(DATA))] == [
        (commit["start"], commit["received"], commit["to"]) for commit in commits
    ]
    sessions = {fact["session"] for fact in commits + facts(emulator, EventKind.SESSION_OPENED)}
    assert 1 == len(sessions)
    start = facts(emulator, EventKind.REQUEST)[-4]
    assert ("videos.insert", 200, {"uploads": 1}, "main", "one", emulator.channel_of("one")) == tuple(
        start[name] for name in ("method", "status", "charges", "project", "account", "channel")
    )


def test_the_journal_holds_no_token_secret_or_session_address(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with Emulator.in_thread(EmulatorConfig(journal_path=path)) as emulator:
        secrets = emulator.create_project("main")["installed"]
        token = emulator.create_account("one", "main")
        code = emulator.code("one", redirect_uri="http://localhost/")
        raw = Raw(emulator, token)
        session = raw.open(size=len(DATA))
        raw.put(session, DATA)
        raw.form("/revoke", {"token": raw.access})
        text = path.read_text(encoding="utf-8")
        hidden = [
            secrets["client_secret"],
            token["refresh_token"],
            raw.access,
            code,
            session.rpartition("=")[2],
        ]
        assert [] == [secret for secret in hidden if secret in text]
        lines = [json.loads(line) for line in text.splitlines()]
        assert [event.as_json() for event in emulator.journal.since()] == lines
    assert 0o600 == path.stat().st_mode & 0o777


CHILD = """
import sys, pathlib
from ytempire.emulator import Emulator, EmulatorConfig, run_emulator
def ready(emulator):
    emulator.create_project("main")
    token = emulator.create_account("one", "main")
    print(emulator.base_url, token["client_id"], token["client_secret"], token["refresh_token"], flush=True)
run_emulator(EmulatorConfig(journal_path=pathlib.Path(sys.argv[1])), on_ready=ready)
"""


def test_a_killed_emulator_loses_no_acknowledged_line(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ) | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as child:
        assert child.stdout is not None
        base, client_id, client_secret, refresh_token = child.stdout.readline().split()
        token = {"client_id": client_id, "client_secret": client_secret, "refresh_token": refresh_token}
        raw = Raw(Emulator(None, base), token)  # type: ignore[arg-type]  # only the address is used
        video = raw.upload(DATA)["id"]
        child.send_signal(signal.SIGKILL)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    [completed] = [line for line in lines if line["kind"] == "video_completed"]
    assert (video, hashlib.sha256(DATA).hexdigest()) == (completed["video"], completed["sha256"])
    assert "request" == lines[-1]["kind"]
    assert datetime.fromisoformat(lines[-1]["at"]).tzinfo is not None
