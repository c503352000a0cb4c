"""`ytempire mcp` with the official client over standard input and output, as an assistant starts it."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from tests.canaries import keys_in, known_to, leaks
from tests.entrypoints.conftest import Install
from tests.entrypoints.program import PATIENCE, Installation
from ytempire.emulator import Emulator
from ytempire.entrypoints.cli.exits import Exit

LOOKS = {
    "today", "publications", "publication", "accounts", "quota", "plan", "alerts", "services", "checklist",
}  # fmt: skip
DEEDS = {"publish", "retry", "cancel", "pause_account", "resume_account"}


@asynccontextmanager
async def assistant(place: Installation, *words: str) -> AsyncIterator[Client]:
    """The official client, and the program that it started."""
    how = StdioServerParameters(
        command=sys.executable,
        args=["-m", "ytempire", "mcp", *words, "--config", str(place.config)],
        env=place.variables(),
        cwd=place.folder,
    )
    async with Client(stdio_client(how)) as client:
        yield client


async def asked(client: Client, tool: str, **given: Any) -> dict[str, Any]:
    """The answer of a tool that has one."""
    told = await client.call_tool(tool, given)
    assert not told.is_error, told
    found: dict[str, Any] = told.structured_content or {}
    return found


async def refused(client: Client, tool: str, **given: Any) -> str:
    """What a tool says that refuses."""
    told = await client.call_tool(tool, given)
    assert told.is_error, told
    return " ".join(getattr(each, "text", "") for each in told.content)


@pytest.fixture
def place(install: Install, films: Path) -> Installation:
    """An installation with two channels, whose assistants may publish films where they may do anything."""
    return install(2, more=f'\n[api]\nroots = ["{films}"]\n')


async def test_without_leave_there_are_tools_that_read_and_no_others(place: Installation) -> None:
    async with assistant(place) as client:
        tools = (await client.list_tools()).tools
        unknown = await client.call_tool("cancel", {"publication": "pub_1", "confirm": True})

    assert LOOKS == {each.name for each in tools}
    assert all(each.annotations and each.annotations.read_only_hint for each in tools)
    assert all(each.description for each in tools)
    assert unknown.is_error


async def test_every_tool_that_reads_answers(place: Installation, films: Path) -> None:
    done = place.run("publish", films / "film1.mp4", "--title", "One", "--wait", "--json").json()
    (published,) = done["publications"]
    place.run("checklist")

    async with assistant(place) as client:
        today = await asked(client, "today")
        listed = await asked(client, "publications", states=["published"], limit=5)
        one = await asked(client, "publication", publication=published["id"])
        accounts = await asked(client, "accounts")
        quota = await asked(client, "quota")
        plan = await asked(client, "plan")
        alerts = await asked(client, "alerts")
        services = await asked(client, "services")
        checklist = await asked(client, "checklist")
        nothing = await refused(client, "publication", publication="pub_none")
        malformed = await refused(client, "plan", day="tomorrow")

    assert {"published": 1} == {state: n for state, n in today["publications"].items() if n}
    assert not today["worker_runs"]
    assert [published["id"]] == [each["id"] for each in listed["publications"]]
    assert ("film1.mp4", published["video_id"]) == (one["file"], one["video_id"])
    assert {"channel_1", "channel_2"} == {each["id"] for each in accounts["accounts"]}
    assert today["uploads_possible"] == quota["uploads_possible"] > 0
    assert plan["plan"] is None
    assert [] == alerts["alerts"]
    assert {"services", "breakers", "chains"} <= services.keys()
    assert "points" in checklist
    assert "there is no pub_none" in nothing
    assert "'tomorrow' is no date" in malformed
    assert str(films) not in str((today, listed, one))


async def test_no_token_no_key_and_no_session_address_is_in_any_answer(
    place: Installation, films: Path, google: Emulator
) -> None:
    place.run("publish", films / "film1.mp4", "--title", "One", "--wait")
    place.run("publish", films / "large.mp4", "--title", "Two ya29.canary-in-a-title")
    break_off_in_mid_upload(place, google)
    said: list[str] = []

    async with assistant(place, "--allow-writes") as client:
        said += [json.dumps(await asked(client, tool)) for tool in sorted(LOOKS - {"publication"})]
        listed = (await asked(client, "publications"))["publications"]
        said += [json.dumps(await asked(client, "publication", publication=each["id"])) for each in listed]
        said.append(await refused(client, "publish", video={"file": "/etc/passwd", "title": "x"}))

    secrets = known_to(google) | keys_in(place.home / "keys" / "ring.json")
    addresses = ("upload_id", "/upload/youtube", "ya29.canary", *google.world.uploads)
    empty = place.folder / "nothing"
    empty.mkdir()
    assert [] == leaks(empty, said, secrets)
    assert [] == [(text, each) for text in said for each in addresses if each in text]


def break_off_in_mid_upload(place: Installation, google: Emulator) -> None:
    """Leaves a session behind whose address is stored."""
    before, end = len(google.world.uploads), time.monotonic() + PATIENCE
    with place.started("worker", variables={"YTEMPIRE_GOOGLE__BANDWIDTH_BYTES_PER_SECOND": "1000000"}) as it:
        while len(google.world.uploads) == before and time.monotonic() < end:
            time.sleep(0.02)
        it.kill()
    listed = place.run("jobs", "list", "--json").json()["publications"]
    assert ["uploading", "published"] == [each["state"] for each in listed]


async def test_with_leave_an_assistant_publishes_pauses_and_gives_up(
    place: Installation, films: Path
) -> None:
    async with assistant(place, "--allow-writes") as client:
        tools = {each.name: each for each in (await client.list_tools()).tools}
        video = {"file": str(films / "film1.mp4"), "title": "One", "idempotency_key": "one"}
        queued = await asked(client, "publish", video=video)
        again = await asked(client, "publish", video=video)
        paused = await asked(client, "pause_account", account="channel_1", why="a look first")
        resumed = await asked(client, "resume_account", account="channel_1", why="all is well")
        unsure = await refused(client, "cancel", publication=queued["id"])
        cancelled = await asked(client, "cancel", publication=queued["id"], confirm=True)
        anew = await asked(client, "retry", publication=queued["id"])

    assert LOOKS | DEEDS == tools.keys()
    assert tools["cancel"].annotations
    assert tools["cancel"].annotations.destructive_hint
    assert queued["id"] == again["id"]
    assert ("paused", "active") == (paused["state"], resumed["state"])
    assert "would be given up for ever. Ask the person" in unsure
    assert "cancelled" == cancelled["state"]
    assert ("queued", True) == (anew["state"], anew["id"] != queued["id"])
    history = place.run("accounts", "show", "channel_1", "--json").json()["history"]
    assert {"assistant"} == {
        each["data"]["by"] for each in history if each["data"].get("why") == "a look first"
    }


async def test_what_others_will_see_needs_a_word_of_the_person(place: Installation, films: Path) -> None:
    video = {"file": str(films / "film1.mp4"), "title": "One"}

    async with assistant(place, "--allow-writes") as client:
        for more in ({"privacy": "public"}, {"privacy": "unlisted"}, {"publish_at": "2027-01-01T00:00:00Z"}):
            assert "others will see this video" in await refused(client, "publish", video=video | more)
        nothing = await asked(client, "publications")
        queued = await asked(client, "publish", video=video | {"privacy": "public"}, confirm=True)
        await asked(client, "cancel", publication=queued["id"], confirm=True)
        unsure = await refused(client, "retry", publication=queued["id"])
        anew = await asked(client, "retry", publication=queued["id"], confirm=True)

    assert "others will see this video" in unsure
    assert "queued" == anew["state"]
    assert [] == nothing["publications"]
    assert "queued" == queued["state"]


@pytest.mark.parametrize("file", ["/etc/passwd", "../../secret.mp4", "keys/ring.json", "upload:none"])
async def test_no_file_outside_the_open_folders_is_published(
    place: Installation, films: Path, file: str
) -> None:
    async with assistant(place, "--allow-writes") as client:
        told = await refused(client, "publish", video={"file": file, "title": "x"})

    assert "there is no file" in told


async def test_a_loop_that_ran_wild_is_slowed_down(place: Installation) -> None:
    async with assistant(place) as client:
        told = [await client.call_tool("alerts", {}) for _ in range(60)]

    refusals = [str(each.content) for each in told if each.is_error]
    assert refusals
    assert all("too many calls; wait" in each for each in refusals)


async def test_a_reading_server_needs_no_key(place: Installation) -> None:
    ring = place.home / "keys" / "ring.json"
    ring.rename(place.folder / "ring.json")

    async with assistant(place) as client:
        found = await asked(client, "accounts")

    assert 2 == len(found["accounts"])
    ended = place.run("mcp", "--allow-writes")
    assert Exit.USAGE == ended.code
    assert "key" in ended.err


def test_without_the_extra_one_line_says_what_to_install(place: Installation, tmp_path: Path) -> None:
    missing = tmp_path / "missing" / "mcp"
    missing.mkdir(parents=True)
    (missing / "__init__.py").write_text("raise ModuleNotFoundError('No module named mcp', name='mcp')\n")
    source = place.variables()["PYTHONPATH"]

    ended = place.run("mcp", variables={"PYTHONPATH": f"{missing.parent}:{source}"})

    needs = "`ytempire mcp` needs the extra mcp, which is not installed"
    line = f"ytempire: {needs}; run `pip install -e '.[mcp]'` in the checkout"
    assert (Exit.USAGE, [line], "") == (ended.code, ended.lines(), ended.out)


def test_it_ends_with_its_input_and_says_nothing_that_is_no_message(place: Installation) -> None:
    ended = place.run("mcp")

    assert (Exit.DONE, "") == (ended.code, ended.out), ended.err


async def test_what_a_tool_was_given_wrongly_is_said_in_plain_words(place: Installation) -> None:
    async with assistant(place) as client:
        missing = await refused(client, "publication")
        unknown = await refused(client, "publications", states=["nowhere"], limit=0)

    assert "publication: it is missing" == missing
    assert "states.0: it must be one of 'queued', 'planned'" in unknown
    assert "limit: it must be at least 1" in unknown
    assert "pydantic" not in unknown


def test_a_line_that_is_no_message_is_answered_and_the_next_is_heard(place: Installation) -> None:
    with place.started("mcp", given=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in ("{nonsense\n", '{"some": "thing"}\n', HELLO):
            process.stdin.write(line)
        process.stdin.flush()
        no_json, no_message, hello = (json.loads(process.stdout.readline()) for _ in range(3))
        _, said = process.communicate(timeout=PATIENCE)

    assert Exit.DONE == process.returncode
    assert (None, -32700) == (no_json["id"], no_json["error"]["code"])
    assert (None, -32600) == (no_message["id"], no_message["error"]["code"])
    assert "ytempire" == hello["result"]["serverInfo"]["name"]
    assert 2 == said.count("a line that is no message was refused")


def test_it_ends_when_it_is_told_to(place: Installation) -> None:
    with place.started("mcp", given=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(HELLO)
        process.stdin.flush()
        assert process.stdout is not None
        assert "ytempire" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)

        assert Exit.INTERRUPTED == process.wait(PATIENCE)


HELLO = (
    json.dumps(
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": {"name": "a test", "version": "1"},
            },
        }
    )
    + "\n"
)
