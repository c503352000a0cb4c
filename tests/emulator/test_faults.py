"""Every kind of fault fires, does what it says, as often as it says, and is written down."""

import base64
import hashlib
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.emulator.peer import BLOCK, Raw, facts, fired
from ytempire.emulator import Emulator, EventKind, FaultKind, FaultRule
from ytempire.emulator.faults import PROVIDER_KINDS

DATA = bytes(range(256)) * (4 * BLOCK // 256)
HASH = hashlib.sha256(DATA).hexdigest()


def finish_from(raw: Raw, session: str) -> int:
    """Ask where the session stands and send the rest; returns the offset that it stood at."""
    reply = raw.query(session, len(DATA))
    assert 308 == reply.status
    stored = int(reply.headers["range"].rpartition("-")[2]) + 1 if "range" in reply.headers else 0
    assert 200 == raw.put(session, DATA[stored:], stored).status
    return stored


def videos(emulator: Emulator) -> list[str]:
    return [video["sha256"] for video in facts(emulator, EventKind.VIDEO_COMPLETED)]


def test_status_answers_with_googles_body_and_a_retry_after(emulator: Emulator, raw: Raw) -> None:
    emulator.add_fault(
        "videos.insert.start", "status", status=403, reason="rateLimitExceeded", domain="usageLimits",
        message="Slow down", retry_after="Thu, 01 Jan 2099 00:00:00 GMT",
    )  # fmt: skip
    reply = raw.start()
    assert (403, "rateLimitExceeded") == (reply.status, reply.reason)
    assert ("Slow down", "usageLimits") == (
        reply.json["error"]["message"], reply.json["error"]["errors"][0]["domain"]
    )  # fmt: skip
    assert "Thu, 01 Jan 2099 00:00:00 GMT" == reply.headers["retry-after"]
    assert 200 == raw.start().status
    assert ["status"] == fired(emulator)


def test_status_can_say_anything(emulator: Emulator, raw: Raw) -> None:
    odd = b"\xff\xfe not utf-8"
    emulator.add_fault("channels.list", "status", status=502, body_base64=base64.b64encode(odd).decode())
    emulator.add_fault(
        "channels.list", "status", status=307, body="", headers={"Location": "http://elsewhere.invalid/"}
    )
    assert odd == raw.call("GET", "channels?part=id&mine=true").body
    reply = raw.call("GET", "channels?part=id&mine=true")
    assert (307, "http://elsewhere.invalid/") == (reply.status, reply.headers["location"])


def test_a_scripted_308_can_carry_a_malformed_range(emulator: Emulator, raw: Raw) -> None:
    emulator.add_fault("videos.insert.query", "status", status=308, body="", headers={"Range": "bytes=7"})
    assert "bytes=7" == raw.query(raw.open(size=9), 9).headers["range"]


def test_status_after_the_work_is_a_lie_about_it(emulator: Emulator, raw: Raw) -> None:
    emulator.add_fault("videos.insert.put", "status", status=500, after=True)
    session = raw.open(size=len(DATA))
    assert 500 == raw.put(session, DATA).status
    assert 200 == raw.query(session, len(DATA)).status
    assert [HASH] == videos(emulator)


def test_a_server_error_in_the_middle_stores_nothing(emulator: Emulator, raw: Raw) -> None:
    emulator.add_fault("videos.insert.put", "status", status=503, skip=1)
    session = raw.open(size=len(DATA))
    raw.put(session, DATA[:BLOCK], total=len(DATA))
    assert 503 == raw.put(session, DATA[BLOCK:], BLOCK).status
    assert BLOCK == finish_from(raw, session)
    assert [HASH] == videos(emulator)


def test_html_is_what_a_captive_portal_says(emulator: Emulator, raw: Raw) -> None:
    emulator.add_fault("videos.insert.put", "html")
    session = raw.open(size=len(DATA))
    reply = raw.put(session, DATA)
    assert (200, True) == (reply.status, reply.headers["content-type"].startswith("text/html"))
    assert 0 == finish_from(raw, session)


def test_a_broken_connection_is_broken_by_a_reset_and_not_by_a_polite_end(
    emulator: Emulator, raw: Raw
) -> None:
    emulator.add_fault("channels.list", "drop")
    root = urlsplit(emulator.base_url)
    with socket.create_connection((root.hostname or "", root.port or 0), timeout=10) as connection:
        connection.sendall(
            b"GET /youtube/v3/channels?part=id&mine=true HTTP/1.1\r\nHost: here\r\n"
            b"Authorization: Bearer " + raw.access.encode() + b"\r\n\r\n"
        )
        with pytest.raises(ConnectionResetError):
            connection.recv(100)


def test_drop_resets_the_connection_before_anything_happens(emulator: Emulator, raw: Raw) -> None:
    emulator.add_fault("videos.insert.start", "drop")
    with pytest.raises(ConnectionResetError):
        raw.start()
    assert [] == facts(emulator, EventKind.SESSION_OPENED)
    assert [] == emulator.totals()["charges"]
    assert [None] == [request["status"] for request in facts(emulator, EventKind.REQUEST)[1:]]


@pytest.mark.parametrize(
    ("amount", "kept"), [(0, 0), (1, 0), (BLOCK - 1, 0), (BLOCK, BLOCK), (2 * BLOCK + 9, 2 * BLOCK)]
)
def test_drop_after_bytes_keeps_whole_blocks(emulator: Emulator, raw: Raw, amount: int, kept: int) -> None:
    emulator.add_fault("videos.insert.put", "drop_after_bytes", amount=amount)
    session = raw.open(size=len(DATA))
    with pytest.raises((ConnectionResetError, BrokenPipeError)):
        raw.put(session, DATA)
    assert kept == finish_from(raw, session)
    assert [HASH] == videos(emulator)
    [cut, _] = facts(emulator, EventKind.BYTES_COMMITTED)
    assert (0, amount, kept) == (cut["start"], cut["received"], cut["to"])


def test_drop_after_all_bytes_is_a_finished_video_without_an_answer(emulator: Emulator, raw: Raw) -> None:
    emulator.add_fault("videos.insert.put", "drop_after_bytes", amount=len(DATA))
    session = raw.open(size=len(DATA))
    with pytest.raises(ConnectionResetError):
        raw.put(session, DATA)
    assert 200 == raw.query(session, len(DATA)).status
    assert [HASH] == videos(emulator)


@pytest.mark.parametrize("point", ["videos.insert.start", "videos.insert.put"])
def test_lost_response_does_the_work(emulator: Emulator, raw: Raw, point: str) -> None:
    emulator.add_fault(point, "lost_response")
    with pytest.raises(ConnectionResetError):
        raw.put(raw.open(size=len(DATA)), DATA)
    done = EventKind.SESSION_OPENED if point.endswith("start") else EventKind.VIDEO_COMPLETED
    assert 1 == len(facts(emulator, done))
    assert 1 == emulator.totals()["charges"][0]["spent"]


@pytest.mark.parametrize(
    ("amount", "kept"), [(None, 2 * BLOCK), (5, 5), (BLOCK + 1, BLOCK + 1), (9 * BLOCK, 4 * BLOCK - 1)]
)
def test_short_308_keeps_fewer_bytes_than_were_sent(
    emulator: Emulator, raw: Raw, amount: int | None, kept: int
) -> None:
    emulator.add_fault("videos.insert.put", "short_308", amount=amount)
    session = raw.open(size=len(DATA))
    assert f"bytes=0-{kept - 1}" == raw.put(session, DATA).headers["range"]
    assert kept == finish_from(raw, session)
    assert [HASH] == videos(emulator)


@pytest.mark.parametrize(("amount", "kept"), [(None, BLOCK), (2 * BLOCK, 0), (10, BLOCK)])
def test_backward_308_takes_acknowledged_bytes_away(
    emulator: Emulator, raw: Raw, amount: int | None, kept: int
) -> None:
    emulator.add_fault("videos.insert.put", "backward_308", amount=amount, skip=1)
    session = raw.open(size=len(DATA))
    raw.put(session, DATA[: 2 * BLOCK], total=len(DATA))
    reply = raw.put(session, DATA[2 * BLOCK : 3 * BLOCK], 2 * BLOCK, total=len(DATA))
    assert (f"bytes=0-{kept - 1}" if kept else None) == reply.headers.get("range")
    assert kept == finish_from(raw, session)
    assert [HASH] == videos(emulator)


def test_no_range_forgets_everything(emulator: Emulator, raw: Raw) -> None:
    emulator.add_fault("videos.insert.put", "no_range", skip=1)
    session = raw.open(size=len(DATA))
    raw.put(session, DATA[:BLOCK], total=len(DATA))
    reply = raw.put(session, DATA[BLOCK:], BLOCK)
    assert (308, None) == (reply.status, reply.headers.get("range"))
    assert 0 == finish_from(raw, session)
    assert [HASH] == videos(emulator)


def test_odd_308_at_end_waits_for_the_end_and_then_answers_once_more(emulator: Emulator, raw: Raw) -> None:
    emulator.add_fault("videos.insert.put", "odd_308_at_end")
    session = raw.open(size=len(DATA))
    raw.put(session, DATA[:BLOCK], total=len(DATA))
    assert [] == fired(emulator)
    reply = raw.put(session, DATA[BLOCK:], BLOCK)
    assert (308, f"bytes=0-{len(DATA) - 1}") == (reply.status, reply.headers["range"])
    assert facts(emulator, EventKind.VIDEO_COMPLETED)[0]["video"] == raw.query(session, len(DATA)).json["id"]


@pytest.mark.parametrize("status", [404, 410])
def test_session_gone_ends_the_session(emulator: Emulator, raw: Raw, status: int) -> None:
    emulator.add_fault("videos.insert.put", "session_gone", status=status, skip=1)
    session = raw.open(size=len(DATA))
    raw.put(session, DATA[:BLOCK], total=len(DATA))
    assert status == raw.put(session, DATA[BLOCK:], BLOCK).status
    assert status == raw.query(session, len(DATA)).status
    assert [] == videos(emulator)


def test_a_session_can_be_gone_although_its_video_exists(emulator: Emulator, raw: Raw) -> None:
    emulator.add_fault("videos.insert.put", "lost_response")
    emulator.add_fault("videos.insert.query", "session_gone")
    session = raw.open(size=len(DATA))
    with pytest.raises(ConnectionResetError):
        raw.put(session, DATA)
    assert 404 == raw.query(session, len(DATA)).status
    assert [HASH] == videos(emulator)


def test_no_id_leaves_the_id_out_and_the_video_there(emulator: Emulator, raw: Raw) -> None:
    emulator.add_fault("videos.insert.put", "no_id")
    session = raw.open(size=len(DATA))
    assert "id" not in raw.put(session, DATA).json
    assert facts(emulator, EventKind.VIDEO_COMPLETED)[0]["video"] == raw.query(session, len(DATA)).json["id"]
    emulator.add_fault("videos.insert.query", "no_id")
    assert "id" not in raw.query(session, len(DATA)).json


def test_a_fault_of_the_final_answer_is_not_spent_on_the_start(emulator: Emulator, raw: Raw) -> None:
    emulator.add_fault("videos.insert", "no_id", count=2)
    session = raw.open(size=len(DATA))
    assert 308 == raw.query(session, len(DATA)).status
    assert ["id" in raw.put(session, DATA).json, "id" in raw.query(session, len(DATA)).json] == [False, False]
    assert "id" in raw.query(session, len(DATA)).json


def test_any_answer_can_lack_its_id(emulator: Emulator, raw: Raw) -> None:
    emulator.add_fault("playlists.insert", "no_id")
    reply = raw.call("POST", "playlists?part=id", {"snippet": {"title": "L"}})
    assert (200, None) == (reply.status, reply.json.get("id"))


def test_wrong_channel_puts_the_video_elsewhere(emulator: Emulator, raw: Raw) -> None:
    emulator.create_account("two", "main")
    emulator.add_fault("videos.insert.put", "wrong_channel")
    assert emulator.channel_of("two") == raw.upload(DATA)["snippet"]["channelId"]
    [video] = facts(emulator, EventKind.VIDEO_COMPLETED)
    assert (emulator.channel_of("two"), "one") == (video["channel"], video["account"])


def test_wrong_channel_makes_a_login_resolve_to_another_channel(emulator: Emulator, raw: Raw) -> None:
    emulator.add_fault("channels.list", "wrong_channel")
    [channel] = raw.call("GET", "channels?part=id&mine=true").json["items"]
    assert emulator.channel_of("one") != channel["id"]


def test_slow_reads_at_the_given_rate(emulator: Emulator, raw: Raw) -> None:
    emulator.add_fault("videos.insert.put", "slow", amount=8 * len(DATA))
    session = raw.open(size=len(DATA))
    begun = time.monotonic()
    assert 200 == raw.put(session, DATA).status
    assert time.monotonic() - begun >= 0.1


def test_hang_waits_and_then_goes_on(emulator: Emulator, raw: Raw) -> None:
    emulator.add_fault("channels.list", "hang", seconds=0.1)
    begun = time.monotonic()
    assert 200 == raw.call("GET", "channels?part=id&mine=true").status
    assert time.monotonic() - begun >= 0.1


def test_processing_fails_or_is_rejected_as_told(emulator: Emulator, raw: Raw) -> None:
    emulator.add_fault("videos.insert.processing", "processing_failed", title="first", reason="codec")
    emulator.add_fault("videos.insert", "processing_rejected", title="second", reason="copyright")
    made = [
        raw.upload(bytes([n]), title)["id"] for n, title in enumerate(("my first", "my second", "my third"))
    ]
    emulator.shift_clock(5)
    items = raw.call("GET", f"videos?part=status&id={','.join(made)}").json["items"]
    told = [
        [item["status"].get(name) for name in ("uploadStatus", "failureReason", "rejectionReason")]
        for item in items
    ]
    assert [["failed", "codec", None], ["rejected", None, "copyright"], ["processed", None, None]] == told


def test_rules_are_matched_by_account_title_and_last_byte(emulator: Emulator, raw: Raw) -> None:
    emulator.add_fault("*", "status", account="two", count=None)
    emulator.add_fault("*", "status", channel="UCnone", count=None)
    emulator.add_fault("thumbnails.set", "status", title="marked", status=500, count=2)
    emulator.add_fault("videos.insert.put", "status", final=True, status=500)
    session = raw.open("a marked one", size=len(DATA))
    assert 308 == raw.put(session, DATA[:BLOCK], total=len(DATA)).status
    assert 500 == raw.put(session, DATA[BLOCK:], BLOCK).status
    video = raw.put(session, DATA[BLOCK:], BLOCK).json["id"]
    picture = {"Content-Type": "image/jpeg"}
    path = f"/upload/youtube/v3/thumbnails/set?uploadType=media&videoId={video}"
    tries = [raw.send("POST", path, b"\xff\xd8\xff", picture).status for _ in range(3)]
    assert [500, 500, 200] == tries
    assert ["status"] * 3 == fired(emulator)


def test_a_rule_without_count_fires_for_ever_until_cleared(emulator: Emulator, raw: Raw) -> None:
    emulator.add_fault("channels.list", "status", count=None)
    assert [503] * 5 == [raw.call("GET", "channels?part=id&mine=true").status for _ in range(5)]
    [listed] = emulator.world.faults.listing()
    assert (5, None) == (listed["fired"], listed["left"])
    emulator.clear_faults()
    assert 200 == raw.call("GET", "channels?part=id&mine=true").status


def test_a_faulty_server_error_costs_quota_unless_told_otherwise(emulator: Emulator, raw: Raw) -> None:
    emulator.add_fault("videos.insert.start", "status", status=500)
    emulator.add_fault("videos.insert.start", "status", status=500, charge=False)
    emulator.add_fault("videos.insert.start", "status", status=429)
    assert [500, 500, 429] == [raw.start().status for _ in range(3)]
    assert [1] == [page["spent"] for page in emulator.totals()["charges"]]


@pytest.mark.parametrize(
    "how",
    [
        {"kind": "no such"},
        {"kind": "status", "count": 0},
        {"kind": "status", "skip": -1},
        {"kind": "slow"},
        {"kind": "drop_after_bytes"},
        {"kind": "status", "unheard": 1},
        {"kind": "status", "body_base64": "!"},
    ],
)
def test_a_rule_that_cannot_work_is_refused(emulator: Emulator, how: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        emulator.add_fault("videos.insert", **how)  # type: ignore[arg-type]  # wrong on purpose


def test_every_kind_has_been_tried_here() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [] == [kind.value for kind in set(FaultKind) - PROVIDER_KINDS if f'"{kind.value}"' not in text]
    text = Path(__file__).with_name("test_providers_faults.py").read_text(encoding="utf-8")
    assert [] == [kind.value for kind in PROVIDER_KINDS if f'"{kind.value}"' not in text]
    assert FaultKind.DROP is FaultRule(method="*", kind=FaultKind("drop")).kind


@pytest.mark.parametrize("method", ["*", "videos", "videos.insert", "videos.insert.put", "token", "openai"])
def test_a_method_its_points_and_beginnings_of_them_are_known(emulator: Emulator, method: str) -> None:
    assert method == emulator.add_fault(method, "drop").method


@pytest.mark.parametrize(
    "method", ["video.insert", "videos.insert.puts", "openai.chats", "vid", "", "videos."]
)
def test_a_method_that_there_is_not_is_refused_with_those_that_there_are(
    emulator: Emulator, method: str
) -> None:
    with pytest.raises(
        ValueError, match=r"known are \*, channels\.list, .*videos\.insert\.start.*polly\.speech"
    ):
        emulator.add_fault(method, "drop")
