"""How quickly the program answers, what it loads to do so, and how it looks where it is shown."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.entrypoints.program import Installation, environment

BARE = ("-c", "import typer.main, asyncio, sqlite3, json")
"""What any look needs before our first line; on the machine we aim at it takes about 0.1 s of processor time,
and four times that is the 0.4 s we promise. A ratio holds on a slow or a busy machine too.
"""
TIMES_BARE = 4
HEAVY = {
    "PIL",
    "aiosqlite",
    "alembic",
    "apprise",
    "av",
    "cryptography",
    "dbos",
    "httpx2",
    "rich",
    "sqlalchemy",
    "uvicorn",
    "yaml",
}
MANY = 100


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, films: Path) -> Installation:
    """A home with a hundred publications."""
    made = Installation(tmp_path_factory.mktemp("many"), from_nothing=True)
    assert 0 == made.run("init").code
    client = '{"installed": {"client_id": "a", "client_secret": "b", "auth_uri": "https://x/", "token_uri": "https://x/"}}'
    (made.folder / "client_secrets.json").write_text(client)
    rows = "".join(f"{films / 'film1.mp4'},Number {number},yes\n" for number in range(MANY))
    (made.folder / "many.csv").write_text("file,title,again\n" + rows)
    assert 0 == made.run("publish", "many.csv").code
    return made


def _cpu_seconds(place: Installation, compiled: Path, words: tuple[str, ...]) -> float:
    """The processor time of one run, as an installed program has it: with its byte code compiled."""
    variables = place.variables({"PYTHONPYCACHEPREFIX": str(compiled)})
    command = [sys.executable, *words]
    process = subprocess.Popen(command, cwd=place.folder, env=variables, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert 0 == process.returncode
    return used.ru_utime + used.ru_stime


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("compiled")


@pytest.mark.parametrize("words", [("--help",), ("jobs", "list"), ("jobs", "list", "--json")])
def test_a_look_costs_little_processor_time(
    place: Installation, compiled: Path, words: tuple[str, ...]
) -> None:
    look = ("-m", "ytempire", *words)
    _cpu_seconds(place, compiled, look)
    _cpu_seconds(place, compiled, BARE)

    pairs = [[_cpu_seconds(place, compiled, each) for each in (look, BARE)] for _ in range(5)]

    assert min(ours for ours, _ in pairs) < TIMES_BARE * min(bare for _, bare in pairs)


@pytest.mark.parametrize("words", [("--help",), ("jobs", "list"), ("jobs", "list", "--json"), ("quota",)])
def test_a_look_loads_nothing_heavy(place: Installation, words: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ytempire", *words],
        cwd=place.folder,
        env=place.variables(),
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "typer" in loaded
    assert set() == HEAVY & loaded


def _on_a_terminal(place: Installation, columns: int, *words: str, **variables: str) -> str:
    """What a terminal of this width shows."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "ytempire", *words]
    process = subprocess.Popen(
        command,
        cwd=place.folder,
        env=place.variables({"COLUMNS": str(columns), "TERM": "xterm", **variables}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while chunk := _read(ours):
        shown += chunk
    os.close(ours)
    assert 0 == process.wait(timeout=60)
    return shown.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux says so when the other end is closed
        return b""


def test_a_wide_terminal_shows_a_coloured_table(place: Installation) -> None:
    shown = _on_a_terminal(place, 200, "accounts", "list")

    assert "\x1b[1maccount" in shown
    assert 16 == len(shown.splitlines())


def test_no_colour_is_shown_where_none_is_wanted(place: Installation) -> None:
    assert "\x1b" not in _on_a_terminal(place, 200, "accounts", "list", NO_COLOR="1")
    assert "\x1b" not in _on_a_terminal(place, 200, "accounts", "list", TERM="dumb")
    assert "\x1b" not in place.run("accounts", "list").out


def test_a_narrow_terminal_shows_a_block_for_each_row_and_breaks_no_id(place: Installation) -> None:
    shown = _on_a_terminal(place, 40, "jobs", "list", "--limit", "2")

    assert ["publication", "state", "due", "title"] == [line.split()[0] for line in shown.splitlines()[:4]]
    assert all(len(line) <= 40 for line in shown.splitlines() if not line.startswith("reason"))


def test_a_pipe_gets_a_line_for_each_publication_and_nothing_is_cut(place: Installation) -> None:
    lines = place.run("jobs", "list").out.splitlines()

    assert MANY + 2 == len(lines)
    assert f"{MANY} queued" == lines[-1]


def test_the_help_tells_every_command_in_a_whole_sentence(place: Installation) -> None:
    for words in (
        (),
        ("jobs",),
        ("accounts",),
        ("alerts",),
        ("quota",),
        ("errors",),
        ("tokens",),
        ("keys",),
        ("vault",),
        ("services",),
        ("token",),
        ("webhook",),
    ):
        listed = place.run(*words, "--help").out.partition("Commands:")[2]
        assert listed
        assert "..." not in listed


def test_the_version_is_told(place: Installation) -> None:
    ended = place.run("--version")

    assert 0 == ended.code
    assert ended.out.startswith("ytempire")


def test_the_environment_of_the_tests_is_their_own(tmp_path: Path) -> None:
    assert {} == {
        name: value for name, value in environment(tmp_path).items() if name.startswith("YTEMPIRE_")
    }
