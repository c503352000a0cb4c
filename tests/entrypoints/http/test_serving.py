"""`ytempire serve` as a process: where it may be reached, beside whom it works, how it ends."""

import json
import os
import resource
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
import structlog

from tests.adapters.google.conftest import Certificate, certificate
from tests.entrypoints.conftest import Install
from tests.entrypoints.program import Ended, Installation, read_until, stopped
from tests.entrypoints.test_logging import no_more
from ytempire.emulator import Emulator, EventKind
from ytempire.entrypoints.cli.logs import to_standard_error

__all__ = ["certificate"]


@contextmanager
def serving(
    made: Installation, *words: str, **variables: str
) -> Iterator[tuple["subprocess.Popen[str]", httpx2.Client]]:
    """A server on a free port, and a client for it."""
    with made.started("serve", "--port", "0", *words, variables=variables) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, process.communicate()
        with httpx2.Client(base_url=address, timeout=30) as client:
            yield process, client


def published(client: httpx2.Client, which: str) -> bool:
    state = client.get(f"/api/v1/publications/{which}").json()["state"]
    assert state not in ("held", "failed", "refused")
    return bool(state == "published")


def until(question: object, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not question():  # type: ignore[operator]  # a function that answers
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


def test_a_film_is_sent_queued_and_published_by_one_process(install: Install, films: Path) -> None:
    made = install()
    with serving(made) as (process, client):
        file = client.put("/api/v1/files?name=film.mp4", content=(films / "film1.mp4").read_bytes()).json()[
            "file"
        ]
        which = client.post("/api/v1/publications", json={"file": file}).json()["id"]
        until(lambda: published(client, which))
        ended = stopped(process)

    assert (0, "") == (ended.code, ended.out)
    assert "stopped; what is not finished goes on at the next start" in ended.err


def test_sigterm_in_mid_upload_ends_within_ten_seconds_and_the_same_session_goes_on(
    install: Install, films: Path, google: Emulator
) -> None:
    made = install()
    slow = {"YTEMPIRE_GOOGLE__BANDWIDTH_BYTES_PER_SECOND": "3000000"}
    with serving(made, **slow) as (process, client):
        with (films / "large.mp4").open("rb") as film:
            file = client.put("/api/v1/files", content=film).json()["file"]
        which = client.post("/api/v1/publications", json={"file": file, "title": "x"}).json()["id"]
        with client.stream("GET", "/api/v1/events/stream") as feed:
            moving = (json.loads(line[6:]) for line in feed.iter_lines() if line.startswith("data: "))
            upload = next(each for told in moving for each in told["uploads"] if each["offset"] > 2_000_000)
            assert upload["rate"] > 0
            began = time.monotonic()
            ended = stopped(process)
    assert (0, True) == (ended.code, time.monotonic() - began < 10)

    with serving(made) as (process, client):
        until(lambda: published(client, which))
        stopped(process)
    journal = [event.as_json() for event in google.journal.since(0)]
    kinds = [each["kind"] for each in journal]
    assert 1 == kinds.count(EventKind.SESSION_OPENED)
    assert 1 == kinds.count(EventKind.VIDEO_COMPLETED)


def test_the_api_alone_works_beside_a_worker_and_a_second_worker_is_refused(
    install: Install, films: Path
) -> None:
    made = install()
    with serving(made) as (_, first), serving(made, "--only", "api") as (beside, client):
        assert client.get("/readyz").json()["worker"]
        file = client.put("/api/v1/files", content=(films / "film1.mp4").read_bytes()).json()["file"]
        which = client.post("/api/v1/publications", json={"file": file, "title": "x"}).json()["id"]
        until(lambda: published(first, which))
        refused = made.run("serve", "--port", "0")
        assert 0 == stopped(beside).code

    assert (2, True) == (refused.code, "already in use by process" in refused.err)


@pytest.mark.parametrize("parts", ["scheduler", "worker", "worker,scheduler"])
def test_parts_without_the_api_are_not_reached(install: Install, parts: str) -> None:
    made = install()
    with made.started("serve", "--only", parts) as process:
        until((made.home / "incoming").exists)
        ended = stopped(process)

    assert (0, "") == (ended.code, ended.out)


def refused(made: Installation, *words: str) -> Ended:
    return made.run("serve", "--only", "api", "--port", "0", *words)


def test_nobody_else_can_reach_it_unless_everything_for_that_is_there(install: Install) -> None:
    made = install(more='\n[api]\nhosts = ["videos.example.org"]\n')
    plain = refused(made, "--host", "0.0.0.0")
    no_token = refused(made, "--host", "0.0.0.0", "--behind-proxy")
    half = refused(made, "--tls-cert", "x.pem")
    no_file = refused(made, "--tls-cert", "x.pem", "--tls-key", "y.pem")

    assert {2} == {each.code for each in (plain, no_token, half, no_file)}
    assert "tokens would travel in clear; give --tls-cert" in plain.err
    assert "no token that they could show; make one with `ytempire token create" in no_token.err
    assert "belong together" in half.err
    assert "cannot be used (No such file or directory)" in no_file.err


def test_a_name_is_needed_under_which_others_reach_it(install: Install) -> None:
    ended = refused(install(), "--host", "0.0.0.0", "--behind-proxy")

    assert (2, True) == (ended.code, "[api] hosts" in ended.err)


def test_behind_a_proxy_nobody_is_local(install: Install) -> None:
    made = install(more='\n[api]\nhosts = ["videos.example.org"]\n')
    token = made.run("token", "create", "ci", "--role", "viewer").out.strip()
    with serving(made, "--only", "api", "--behind-proxy") as (_, client):
        name = {"host": "videos.example.org", "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"}
        assert 401 == client.get("/api/v1/whoami", headers=name).status_code
        answer = client.get("/api/v1/whoami", headers=name | {"authorization": f"Bearer {token}"})
        assert (200, "ci") == (answer.status_code, answer.json()["name"])
        assert "max-age" in answer.headers["strict-transport-security"]


def test_others_reach_it_over_tls_under_its_name_and_show_a_token(
    install: Install, certificate: Certificate, films: Path
) -> None:
    made = install(more='\n[api]\nhosts = ["localhost"]\n')
    token = made.run("token", "create", "ci", "--role", "submitter").out.strip()
    shown = {"authorization": f"Bearer {token}"}
    words = ("--host", "0.0.0.0", "--tls-cert", str(certificate.file), "--tls-key", str(certificate.key))
    with made.started("serve", "--port", "0", *words) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        trust = ssl.create_default_context(cafile=certificate.file)
        with httpx2.Client(base_url=address, verify=trust, timeout=30) as client:
            assert 401 == client.get("/api/v1/whoami").status_code
            film = (films / "film1.mp4").read_bytes()
            file = client.put("/api/v1/files?name=film.mp4", content=film, headers=shown).json()["file"]
            which = client.post("/api/v1/publications", json={"file": file}, headers=shown).json()["id"]
            signed = client.post("/api/v1/session", json={"token": token})
            until(lambda: published(client, which))  # with the cookie
        ended = stopped(process)

    assert address.startswith("https://localhost:")
    assert 0 == ended.code
    assert signed.headers["set-cookie"].startswith("__Host-ytempire=")
    assert "Secure" in signed.headers["set-cookie"]


def test_a_signal_that_comes_before_it_is_ready_ends_it_as_well(install: Install) -> None:
    made = install()
    lock, codes = made.home / "worker.lock", set()
    for _ in range(5):
        lock.unlink(missing_ok=True)
        with made.started("serve", "--port", "0") as process:
            until(lock.exists)  # it is being opened
            codes.add(stopped(process).code)

    assert {0} == codes


def test_tokens_are_made_listed_and_revoked_by_command_and_at_once(install: Install) -> None:
    made = install()
    created = made.run(
        "token", "create", "ci", "--role", "submitter", "--account", "channel_1", "--days", "7", "--json"
    )
    token = created.json()["token"]
    shown = {"authorization": f"Bearer {token}"}
    with serving(made, "--only", "api") as (_, client):
        assert ["channel_1"] == client.get("/api/v1/whoami", headers=shown).json()["accounts"]
        listed = made.run("token", "list", "--json").json()["tokens"]
        assert [("ci", "valid", "submitter")] == [
            (each["name"], each["state"], each["role"]) for each in listed
        ]
        assert listed[0]["used_at"] is not None
        assert 0 == made.run("token", "revoke", "ci").code
        assert 401 == client.get("/api/v1/whoami", headers=shown).status_code
    assert [] == [
        path.name for path in made.home.rglob("*") if path.is_file() and token.encode() in path.read_bytes()
    ]


@pytest.mark.parametrize(
    "words", [("a b", "--role", "viewer"), ("ci", "--role", "root"), ("ci", "--role", "viewer", "--account", "x"),
              ("ci", "--role", "admin", "--account", "channel_1"), ("ci", "--role", "viewer", "--days", "0")],
)  # fmt: skip
def test_a_token_that_makes_no_sense_is_refused_with_the_remedy(
    install: Install, words: tuple[str, ...]
) -> None:
    ended = install().run("token", "create", *words)

    assert (2, 1) == (ended.code, len(ended.lines()))


def test_a_port_that_is_taken_is_told_in_a_sentence(install: Install) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = install().run("serve", "--only", "api", "--port", taken.getsockname()[1])

    assert (2, True) == (ended.code, "end the program that uses it, or give another with --port" in ended.err)


@pytest.mark.parametrize("words", [("--only", "api,walker"), ("--port", "70000")])
def test_what_is_no_part_and_no_port_is_refused(install: Install, words: tuple[str, ...]) -> None:
    assert 2 == install().run("serve", *words).code


def test_a_root_that_is_no_folder_is_told(install: Install) -> None:
    ended = install(more='\n[api]\nroots = ["nowhere"]\n').run("serve", "--only", "api", "--port", "0")

    assert (2, True) == (ended.code, "api.roots" in ended.err)


def test_a_large_file_goes_to_disk_without_filling_the_memory(install: Install) -> None:
    def blocks() -> Iterator[bytes]:
        block = os.urandom(1 << 20)
        for _ in range(200):
            yield block

    made = install()
    with serving(made, "--only", "api") as (process, client):
        client.put("/api/v1/files", content=b"x")
        before = memory(process.pid)
        answer = client.put("/api/v1/files", content=blocks())
        after = memory(process.pid)

    assert (201, 200 << 20) == (answer.status_code, answer.json()["bytes"])
    assert after - before < 40 << 20


def memory(process: int) -> int:
    """The most memory that a process has had, in bytes."""
    status = Path(f"/proc/{process}/status").read_text()
    (line,) = [each for each in status.splitlines() if each.startswith("VmHWM:")]
    return int(line.split()[1]) * resource.getpagesize() // (resource.getpagesize() // 1024)


def test_the_demo_can_be_looked_at_while_it_runs(tmp_path: Path) -> None:
    made = Installation(tmp_path)
    with made.started("demo", "--serve", "--port", "0", "--videos", "2", "--calm") as process:
        assert process.stdout is not None
        with httpx2.Client(base_url=process.stdout.readline().strip(), timeout=30) as client:
            until(lambda: 2 == len(client.get("/api/v1/publications?state=published").json()["publications"]))
        seen = read_until(process, "this goes on until Ctrl-C")
        ended = stopped(process)

    assert "15 channels are connected" in seen
    assert (0, True) == (ended.code, "the journal agrees: 2 videos, 2 hashes, 0 duplicates" in ended.out)


def test_what_is_logged_cannot_be_forged(capsys: pytest.CaptureFixture[str]) -> None:
    to_standard_error()
    try:
        forged = 'x\r\n{"event": "forged"}\u2028\x1b[2J'
        with structlog.contextvars.bound_contextvars(request="req_1"):
            structlog.get_logger("test").warning("told", why=forged)
    finally:
        no_more()
    (line,) = capsys.readouterr().err.splitlines()

    assert ("told", "req_1", forged) == tuple(json.loads(line)[name] for name in ("event", "request", "why"))
