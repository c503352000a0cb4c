"""The control API from another process's view, and the server's own manners."""

import json
import socket
import threading
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.peer import Raw
from tests.emulator.person import AUTH, FORCE_SSL, UPLOAD, Person, answer_in
from ytempire.emulator import Death, Emulator, EmulatorConfig

ROOT = "/emulator/v1"


class Desk:
    """The control API by plain HTTP."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.peer = object.__new__(Raw)
        self.peer.emulator = emulator

    def __call__(self, verb: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        reply = self.peer.send(verb, ROOT + path, b"" if body is None else json.dumps(body).encode())
        assert status == reply.status, reply.body
        return reply.json


@pytest.fixture
def desk(emulator: Emulator) -> Desk:
    return Desk(emulator)


def test_a_project_and_an_account_are_made_over_http(desk: Desk) -> None:
    made = desk(
        "POST",
        "/projects",
        {"id": "p", "profile": "units-2025", "charging": "both", "limits": {"units": 9000}},
    )
    secrets = made["client_secrets"]["installed"]
    assert desk.emulator.base_url + "/token" == secrets["token_uri"]
    account = desk("POST", "/accounts", {"id": "a", "project": "p", "title": "A", "channel_id": "UCfixed"})
    assert ("UCfixed", "authorized_user") == (account["channel_id"], account["token"]["type"])
    assert secrets["client_id"] == account["token"]["client_id"]
    raw = Raw(desk.emulator, account["token"])
    assert "UCfixed" == raw.call("GET", "channels?part=id&mine=true").json["items"][0]["id"]
    more = desk("POST", "/accounts/a/grants", {"seconds": 60})["token"]
    assert more["refresh_token"] != account["token"]["refresh_token"]
    assert "web" in desk("POST", "/projects", {"id": "q", "kind": "web"})["client_secrets"]


def test_grants_codes_time_and_money_are_at_the_desk(desk: Desk) -> None:
    token = desk("POST", "/accounts", {"id": "a", "project": "main"})["token"]
    raw = Raw(desk.emulator, token)
    assert "code" in desk(
        "POST", "/accounts/a/codes", {"redirect_uri": "http://localhost/", "code_challenge": "x"}
    )
    assert {"expired": 1} == desk("POST", "/accounts/a/expire")
    assert 401 == raw.call("GET", "channels?part=id&mine=true").status
    raw.refresh()
    desk("POST", "/accounts/a/revoke", {"keep_access_tokens": True})
    assert "invalid_grant" == raw.refresh().json["error"]
    [page] = desk("POST", "/projects/main/spend", {"amount": 7})["charges"]
    assert ("units", 7) == (page["bucket"], page["spent"])
    assert 60.0 == desk("POST", "/clock", {"offset_seconds": 60})["offset_seconds"]
    assert "units-2025" == desk("PATCH", "/projects/main", {"profile": "units-2025"})["profile"]
    assert 9.0 == desk("PATCH", "/settings", {"processing_seconds": 9})["processing_seconds"]
    assert [] == desk("GET", "/totals")["videos"]


def test_consent_is_given_at_the_desk(desk: Desk) -> None:
    secrets = desk("POST", "/projects", {"id": "p", "publishing": "testing", "test_users": ["a@example.com"]})
    made = desk("POST", "/accounts", {"id": "a", "project": "p", "granted": False})
    assert ("a@example.com", None) == (made["email"], made["token"])
    person = Person(desk.emulator)
    url = person.url(secrets["client_secrets"], prompt="consent")
    back = answer_in(desk("POST", "/consent", {"url": url, "account": "a"})["redirect"])
    token = person.exchange(secrets["client_secrets"], back["code"]).json
    assert token["refresh_token_expires_in"] > 604_700
    denied = answer_in(desk("POST", "/consent", {"url": url, "account": "a", "allow": False})["redirect"])
    assert "access_denied" == denied["error"]
    assert "testing" == desk("GET", "/projects/p")["publishing"]
    desk("PATCH", "/projects/p", {"test_users": []})
    wrong = desk("POST", "/consent", {"url": url, "account": "a"}, status=400)["error"]
    assert wrong.startswith("Error 403: access_denied.")
    desk("PATCH", "/projects/p", {"publishing": "production"})
    assert desk("PATCH", "/settings", {"require_pkce": True})["require_pkce"]
    wrong = desk("POST", "/consent", {"url": url, "account": "a"}, status=400)["error"]
    assert "code_challenge" in wrong


def test_a_web_client_and_an_account_without_a_channel_are_made_at_the_desk(desk: Desk) -> None:
    uris = ["http://localhost:8000/callback"]
    made = desk("POST", "/projects", {"id": "w", "kind": "web", "redirect_uris": uris})
    assert uris == made["client_secrets"]["web"]["redirect_uris"]
    account = desk("POST", "/accounts", {"id": "n", "project": "w", "has_channel": False})
    assert account["channel_id"] is None
    raw = Raw(desk.emulator, account["token"])
    assert [] == raw.call("GET", "channels?part=id&mine=true").json["items"]


@pytest.mark.parametrize("death", list(Death))
def test_refresh_tokens_die_at_the_desk(desk: Desk, death: Death) -> None:
    raw = Raw(desk.emulator, desk("POST", "/accounts", {"id": "a", "project": "main"})["token"])
    desk("POST", "/accounts/a/deaths", {"kind": death})
    assert 200 != raw.refresh().status
    desk("DELETE", "/accounts/a/deaths")
    if death is Death.SECRET_CHANGED:
        fresh = desk("GET", "/projects/main")["client_secrets"]["installed"]["client_secret"]
        raw.token = raw.token | {"client_secret": fresh}
    curable = {Death.ADMIN_POLICY, Death.SECRET_CHANGED} | {each for each in Death if "client" in each}
    assert (death in curable) == (200 == raw.refresh().status)


def test_one_of_several_tokens_dies_and_scopes_are_narrowed_at_the_desk(desk: Desk) -> None:
    token = desk("POST", "/accounts", {"id": "a", "project": "main"})["token"]
    twin = desk("POST", "/accounts/a/grants", {"scopes": [FORCE_SSL, UPLOAD]})["token"]
    desk("POST", "/accounts/a/deaths", {"kind": "idle", "refresh_token": token["refresh_token"]})
    desk("POST", "/accounts/a/scopes", {"scopes": [UPLOAD]})
    assert UPLOAD == Raw(desk.emulator, twin).refresh().json["scope"]


@pytest.mark.parametrize("path", ["/token", "/emulator/v1/totals", "/nowhere", "/youtube/v3/videos", AUTH])
def test_every_reply_is_dated_by_the_emulators_own_clock(desk: Desk, path: str) -> None:
    for offset in (0, 86_400 * 400, -7200):
        desk.emulator.shift_clock(offset)
        before = desk.emulator.world.clock.now().replace(microsecond=0)
        reply = desk.peer.send("POST" if path == "/token" else "GET", path)
        dated = parsedate_to_datetime(reply.headers["date"])
        assert before <= dated <= desk.emulator.world.clock.now()


def test_a_scripted_date_is_left_as_it_is(desk: Desk) -> None:
    odd = "Thu, 01 Jan 1970 00:00:00 GMT"
    desk.emulator.add_fault("token", "status", status=503, headers={"Date": odd})
    assert odd == desk.peer.send("POST", "/token").headers["date"]


def test_faults_are_armed_listed_and_cleared_over_http(desk: Desk) -> None:
    rules = [{"method": "videos.insert", "kind": "drop"}, {"method": "*", "kind": "hang", "count": None}]
    assert 2 == len(desk("POST", "/faults", {"faults": rules})["faults"])
    assert 3 == len(desk("POST", "/faults", rules[0])["faults"])
    assert [1, None, 1] == [fault.get("left") for fault in desk("GET", "/faults")["faults"]]
    assert [] == desk("DELETE", "/faults")["faults"]


def test_the_journal_is_read_from_where_one_stopped(desk: Desk) -> None:
    first = desk("GET", "/journal")
    desk("POST", "/accounts", {"id": "a", "project": "main"})
    later = desk("GET", f"/journal?since={first['last']}")
    assert ["control", "token_issued"] == [event["kind"] for event in later["events"]]
    assert [] == desk("GET", f"/journal?since={first['last']}&kind=request")["events"]


@pytest.mark.parametrize(
    ("verb", "path", "body", "status"),
    [
        ("POST", "/projects", {"id": "main"}, 400),
        ("POST", "/projects", {"id": "x", "colour": "red"}, 400),
        ("POST", "/projects", {}, 404),
        ("POST", "/projects", [], 400),
        ("POST", "/accounts", {"id": "a", "project": "none"}, 404),
        ("POST", "/accounts", {"id": "a", "project": "main", "channel_id": "XX"}, 400),
        ("POST", "/accounts", {"id": "a", "project": "main", "scopes": ["x"]}, 400),
        ("POST", "/accounts/none/revoke", {}, 404),
        ("POST", "/accounts", {"id": "a", "project": "main", "has_channel": False, "channel_id": "UC1"}, 400),
        ("POST", "/accounts/none/deaths", {"kind": "idle"}, 404),
        ("POST", "/accounts/none/scopes", {"scopes": []}, 404),
        ("POST", "/projects", {"id": "x", "kind": "odd"}, 400),
        ("POST", "/projects", {"id": "x", "publishing": "odd"}, 400),
        ("POST", "/projects", {"id": "x", "redirect_uris": ["http://team.example/"]}, 400),
        ("PATCH", "/projects/main", {"test_users": "anna"}, 400),
        ("GET", "/projects/none", None, 404),
        ("POST", "/consent", {"url": "http://localhost/", "account": "none"}, 400),
        ("POST", "/consent", {"account": "none"}, 404),
        ("POST", "/faults", {"kind": "drop"}, 400),
        ("POST", "/projects/main/spend", {"amount": 0}, 400),
        ("PATCH", "/settings", {"colour": 1}, 400),
        ("GET", "/journal?kind=none", None, 400),
    ],
)
def test_a_wrong_control_call_is_told_why(desk: Desk, verb: str, path: str, body: Any, status: int) -> None:
    assert desk(verb, path, body, status=status)["error"]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.1", "::", "example.com", ""])
def test_it_listens_on_loopback_only(host: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        EmulatorConfig(host=host)


@pytest.mark.parametrize(
    "wrong", [{"profile": "x"}, {"charging": "x"}, {"commit": "x"}, {"final_status": 204}]
)
def test_a_wrong_setting_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"one of|200 or 201"):
        EmulatorConfig(**wrong)


def test_a_taken_port_is_an_os_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=r"\d"), Emulator.in_thread(EmulatorConfig(port=port)):
            raise AssertionError("it must not run")


def test_a_journal_that_cannot_be_opened_is_an_os_error(tmp_path: Path) -> None:
    config = EmulatorConfig(journal_path=tmp_path / "no" / "such")
    with pytest.raises(FileNotFoundError), Emulator.in_thread(config):
        raise AssertionError("it must not run")


async def test_it_runs_on_the_event_loop_at_hand() -> None:
    async with Emulator.running(EmulatorConfig(host="localhost")) as emulator:
        import asyncio

        token = emulator.create_project("main") and emulator.create_account("one", "main")
        raw = await asyncio.to_thread(Raw, emulator, token)
        assert 200 == (await asyncio.to_thread(raw.call, "GET", "channels?part=id&mine=true")).status


def test_stopping_breaks_what_is_still_open() -> None:
    with Emulator.in_thread() as emulator:
        emulator.create_project("main")
        raw = Raw(emulator, emulator.create_account("one", "main"))
        emulator.add_fault("channels.list", "hang", seconds=600)
        seen: list[type[BaseException]] = []

        def ask() -> None:
            try:
                raw.call("GET", "channels?part=id&mine=true")
            except OSError as error:
                seen.append(type(error))

        asking = threading.Thread(target=ask)
        asking.start()
        while not emulator.world.faults.listing()[0]["fired"]:
            threading.Event().wait(0.002)
    asking.join()
    assert [ConnectionResetError] == seen
