"""Trouble at the token, revocation and consent endpoints, replies that come slowly, faults that last."""

import socket
import time
from urllib.parse import urlsplit

import pytest

from tests.emulator.peer import Raw, Reply, facts, fired
from tests.emulator.person import Person
from ytempire.emulator import Emulator, EventKind


def oauth_call(emulator: Emulator, raw: Raw, point: str) -> Reply:
    if point == "token.refresh":
        return raw.refresh()
    if point == "revoke":
        return raw.form("/revoke", {"token": raw.token["refresh_token"]})
    form = {
        "grant_type": "authorization_code",
        "code": emulator.code("one", redirect_uri="http://localhost/"),
        "redirect_uri": "http://localhost/",
        "client_id": raw.token["client_id"],
        "client_secret": raw.token["client_secret"],
    }
    return raw.form("/token", form)


OAUTH_POINTS = pytest.mark.parametrize("point", ["token.refresh", "token.code", "revoke"])


@OAUTH_POINTS
@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (500, "internal_failure"),
        (503, "temporarily_unavailable"),
        (500, None),
        (503, None),
        (429, "slow_down"),
    ],
)
def test_oauth_fails_with_a_status(
    emulator: Emulator, raw: Raw, point: str, status: int, reason: str | None
) -> None:
    emulator.add_fault(point, "status", status=status, reason=reason, retry_after="3")
    reply = oauth_call(emulator, raw, point)
    assert (status, reason or "backendError", "3") == (
        reply.status,
        reply.json["error"],
        reply.headers["retry-after"],
    )
    assert 200 == oauth_call(emulator, raw, point).status


@OAUTH_POINTS
def test_oauth_answers_garbage(emulator: Emulator, raw: Raw, point: str) -> None:
    emulator.add_fault(point, "status", status=200, body="{not json", content_type="application/json")
    emulator.add_fault(point, "html")
    assert (200, b"{not json") == ((reply := oauth_call(emulator, raw, point)).status, reply.body)
    assert oauth_call(emulator, raw, point).headers["content-type"].startswith("text/html")
    assert 200 == oauth_call(emulator, raw, point).status


@OAUTH_POINTS
@pytest.mark.parametrize("kind", ["drop", "lost_response"])
def test_oauth_breaks_off(emulator: Emulator, raw: Raw, point: str, kind: str) -> None:
    emulator.add_fault(point, kind)
    with pytest.raises(ConnectionResetError):
        oauth_call(emulator, raw, point)
    done = {"token.refresh": EventKind.TOKEN_REFRESHED, "token.code": EventKind.CODE_EXCHANGED}
    left = facts(emulator, done.get(point, EventKind.GRANT_REVOKED))
    earlier = 1 if point == "token.refresh" else 0
    assert earlier + (1 if kind == "lost_response" else 0) == len(left)


@OAUTH_POINTS
def test_oauth_hangs_and_then_answers(emulator: Emulator, raw: Raw, point: str) -> None:
    emulator.add_fault(point, "hang", seconds=0.05)
    began = time.monotonic()
    assert 200 == oauth_call(emulator, raw, point).status
    assert time.monotonic() - began >= 0.05


@pytest.mark.parametrize("point", ["token.refresh", "token.code", "channels.list"])
def test_a_reply_can_come_slowly_and_whole(emulator: Emulator, raw: Raw, point: str) -> None:
    emulator.add_fault(point, "slow", amount=2000)
    began = time.monotonic()
    if point == "channels.list":
        reply = raw.call("GET", "channels?part=id&mine=true")
    else:
        reply = oauth_call(emulator, raw, point)
    assert 200 == reply.status
    assert reply.json
    assert time.monotonic() - began >= len(reply.body) / 2000 * 0.9
    assert ["slow"] == fired(emulator)


def test_a_peer_that_leaves_a_slow_reply_leaves_the_rest(emulator: Emulator, raw: Raw) -> None:
    emulator.add_fault("channels.list", "slow", amount=1)
    root = urlsplit(emulator.base_url)
    with socket.create_connection((root.hostname or "", root.port or 0), timeout=10) as connection:
        connection.sendall(
            b"GET /youtube/v3/channels?part=id&mine=true HTTP/1.1\r\nHost: here\r\n"
            b"Authorization: Bearer " + raw.access.encode() + b"\r\n\r\n"
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    assert 200 == raw.call("GET", "channels?part=id&mine=true").status


def test_a_fault_can_last_for_a_span_of_the_emulators_time(emulator: Emulator, raw: Raw) -> None:
    emulator.add_fault("token", "status", status=503, reason="temporarily_unavailable", lasts=3600)
    assert [503, 503, 503] == [raw.refresh().status for _ in range(3)]
    emulator.shift_clock(3590)
    assert 503 == raw.refresh().status
    emulator.shift_clock(3601)
    assert 200 == raw.refresh().status
    assert [(None, 4)] == [(armed["left"], armed["fired"]) for armed in emulator.world.faults.listing()]


@pytest.mark.parametrize("lasts", [0, -1])
def test_a_fault_that_lasts_no_time_is_refused(emulator: Emulator, lasts: float) -> None:
    with pytest.raises(ValueError, match="more than 0"):
        emulator.add_fault("token", "drop", lasts=lasts)


@pytest.mark.parametrize("point", ["authorize.show", "authorize.answer"])
def test_the_consent_page_fails_too(emulator: Emulator, raw: Raw, point: str) -> None:
    emulator.add_fault(point, "status", status=503)
    person = Person(emulator)
    url = person.url(emulator.client_secrets("main"))
    replies = [person.look(url), person.press(person.page(url), account="one")]
    assert 1 == [reply.status for reply in replies].count(503)
