"""The resumable upload as a conversation: the server's offset is the only offset."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ytempire.domain.upload import (
    GRANULE,
    MAX_TURNS_WITHOUT_PROGRESS,
    Finished,
    Going,
    SessionGone,
    Transfer,
    Troubled,
    Unproven,
    next_request,
    read_reply,
    stored_bytes,
)
from ytempire.domain.wire import Answer, Ask, NoReply, Piece, Reply

TOTAL = 1_000_000
URI = "https://upload.example/session"


def a_transfer(**changes: Any) -> Transfer:
    return replace(Transfer(URI, "/videos/one.mp4", "video/mp4", TOTAL, offset=0), **changes)


def moved_to(stored: int) -> Reply:
    """A 308 as YouTube sends it: without a Range when nothing is stored."""
    return Reply(308, {"range": f"bytes=0-{stored - 1}"} if stored else {})


# -------------------------------------------------------------------------------------- what to send next


@pytest.mark.parametrize("offset", [None, TOTAL, TOTAL + 1])
def test_in_doubt_or_when_all_is_said_to_be_there_it_asks(offset: int | None) -> None:
    assert Ask(URI, TOTAL) == next_request(a_transfer(offset=offset))


@pytest.mark.parametrize("offset", [0, 1, GRANULE, TOTAL - 1])
def test_without_a_piece_size_all_that_is_left_goes_at_once(offset: int) -> None:
    expected = Piece(URI, "/videos/one.mp4", "video/mp4", offset, TOTAL, TOTAL)
    assert expected == next_request(a_transfer(offset=offset))


@pytest.mark.parametrize(
    ("piece", "offset", "end"),
    [
        (GRANULE, 0, GRANULE),
        (GRANULE + 1, 0, GRANULE),
        (2 * GRANULE - 1, 0, GRANULE),
        (2 * GRANULE, 0, 2 * GRANULE),
        (1, 0, GRANULE),
        (0, 0, GRANULE),
        (GRANULE, 3 * GRANULE, TOTAL),
        (GRANULE, 100, GRANULE + 100),
        (10 * TOTAL, 5, TOTAL),
    ],
)
def test_pieces_are_multiples_of_256_kib_but_for_the_last(piece: int, offset: int, end: int) -> None:
    request = next_request(a_transfer(piece=piece, offset=offset))

    assert isinstance(request, Piece)
    assert (offset, end) == (request.start, request.end)
    assert request.last or 0 == (request.end - request.start) % GRANULE


# ------------------------------------------------------------------------------------- what a reply means


@pytest.mark.parametrize(
    ("header", "stored"),
    [
        (None, 0),
        ("bytes=0-0", 1),
        ("bytes=0-262143", 262_144),
        (" bytes=0-9 ", 10),
        ("bytes 0-9", 10),
        ("bytes:0-9", 10),
        ("bytes=0-999999999999999", 10**15),
        ("bytes=0-9999999999999999", None),
        ("bytes=5-9", None),
        ("bytes=0-", None),
        ("bytes=0-9/10", None),
        ("bytes=0-9,20-29", None),
        ("bytes=-9", None),
        ("0-9", None),
        ("", None),
        ("nonsense", None),
    ],
)
def test_a_range_says_how_many_bytes_are_stored(header: str | None, stored: int | None) -> None:
    assert stored == stored_bytes(header)


@pytest.mark.parametrize("status", [200, 201])
def test_a_session_that_is_finished_has_made_the_video(status: int) -> None:
    reply = Reply(status, body=b'{"id": "video1", "status": {}}')

    assert Finished("video1", {"id": "video1", "status": {}}) == read_reply(a_transfer(), reply)  # type: ignore[arg-type]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"id": ""}', b'{"id": 7}', b"<html>", b'{"id": "vid', b"[]"])
def test_a_success_without_a_video_proves_nothing(body: bytes) -> None:
    turn = read_reply(a_transfer(offset=5), Reply(200, body=body))

    assert Unproven(a_transfer(offset=None)) == turn


@pytest.mark.parametrize("status", [404, 410])
def test_a_session_can_be_gone(status: int) -> None:
    assert SessionGone(a_transfer(offset=None)) == read_reply(a_transfer(offset=5), Reply(status))


@pytest.mark.parametrize(
    "answer", [NoReply("reset"), *(Reply(status) for status in (100, 204, 301, 400, 401, 403, 429, 500, 503))]
)
def test_anything_else_is_a_fault_and_leaves_the_offset_in_doubt(answer: Answer) -> None:
    transfer = a_transfer(offset=5, idle=2, reached=5)

    assert Troubled(replace(transfer, offset=None), answer) == read_reply(transfer, answer)


def test_it_goes_on_from_where_the_server_is() -> None:
    turn = read_reply(a_transfer(idle=3), moved_to(GRANULE))

    assert Going(a_transfer(offset=GRANULE, idle=0, reached=GRANULE)) == turn


def test_less_than_was_sent_is_progress_all_the_same() -> None:
    transfer = a_transfer(offset=GRANULE, reached=GRANULE)

    assert Going(a_transfer(offset=GRANULE + 1, reached=GRANULE + 1)) == read_reply(
        transfer, moved_to(GRANULE + 1)
    )


@pytest.mark.parametrize("stored", [0, 1, 499_999, 500_000])
def test_a_server_that_goes_back_is_followed_but_makes_no_progress(stored: int) -> None:
    transfer = a_transfer(offset=500_000, reached=500_000)

    assert Going(replace(transfer, offset=stored, idle=1)) == read_reply(transfer, moved_to(stored))


@pytest.mark.parametrize("header", ["bytes=0-1000000", "bytes=0-999999999", "nonsense", "bytes=7-9", ""])
def test_beyond_the_end_or_malformed_is_asked_again(header: str) -> None:
    transfer = a_transfer(offset=5, reached=5)

    turn = read_reply(transfer, Reply(308, {"range": header}))

    assert isinstance(turn, Going)
    assert (None, 5) == (turn.transfer.offset, turn.transfer.reached)
    assert Ask(URI, TOTAL) == next_request(turn.transfer)


def test_all_bytes_and_no_video_is_asked_about() -> None:
    turn = read_reply(a_transfer(), moved_to(TOTAL))

    assert Going(a_transfer(offset=TOTAL, reached=TOTAL)) == turn
    assert Ask(URI, TOTAL) == next_request(turn.transfer)
    again = read_reply(turn.transfer, moved_to(TOTAL))
    assert Going(a_transfer(offset=None, reached=TOTAL, idle=1)) == again


@pytest.mark.parametrize("header", [None, "nonsense", "bytes=0-9"], ids=str)
def test_turns_that_move_nothing_come_to_an_end(header: str | None) -> None:
    transfer = a_transfer(offset=10, reached=10)
    reply = Reply(308, {} if header is None else {"range": header})

    for idle in range(1, MAX_TURNS_WITHOUT_PROGRESS):
        turn = read_reply(transfer, reply)
        assert isinstance(turn, Going)
        transfer = turn.transfer
        assert idle == transfer.idle

    last = read_reply(transfer, reply)
    assert isinstance(last, Troubled)
    assert reply == last.answer
    assert MAX_TURNS_WITHOUT_PROGRESS == last.transfer.idle


# ----------------------------------------------------------------------------------------- a lossy server


@dataclass
class Server:
    """Commits any prefix of what it is sent, loses any answer, forgets bytes when its script says so."""

    content: bytes
    stored: bytearray = field(default_factory=bytearray)
    acknowledged: int = 0
    again: int = 0
    finished: bool = False

    def answer(self, request: Ask | Piece, part: float, mood: str) -> Answer:
        if isinstance(request, Piece):
            self._take(request, part)
        if self.finished or len(self.stored) == len(self.content):
            self.finished = True
            return NoReply("lost") if mood == "lose" else Reply(200, body=b'{"id": "video1"}')
        if mood == "back":
            del self.stored[int(part * len(self.stored)) :]
        if mood in ("lose", "fail"):
            return NoReply("lost") if mood == "lose" else Reply(503)
        self.acknowledged = len(self.stored)
        return Reply(308, {"range": "garbled"}) if mood == "garble" else moved_to(len(self.stored))

    def _take(self, request: Piece, part: float) -> None:
        if request.start < self.acknowledged:
            self.again += 1
        assert request.start <= len(self.stored), "a gap can never be sent"
        sent = self.content[request.start : request.end]
        kept = sent[: round(part * len(sent))]
        if request.start + len(kept) > len(self.stored):
            self.stored[request.start :] = kept


MOODS = st.sampled_from(["well", "well", "well", "lose", "fail", "back", "garble"])


@settings(max_examples=300, deadline=None)
@given(
    content=st.binary(min_size=1, max_size=64),
    blow_up=st.sampled_from([1, 20_000]),
    piece=st.sampled_from([None, 1, GRANULE, 3 * GRANULE]),
    script=st.lists(st.tuples(st.floats(0, 1), MOODS), max_size=40),
)
def test_a_lossy_server_gets_the_right_bytes_or_the_trouble_is_named(
    content: bytes, blow_up: int, piece: int | None, script: list[tuple[float, str]]
) -> None:
    whole = content * blow_up
    server = Server(whole)
    transfer = Transfer(URI, "path", "video/mp4", len(whole), offset=0, piece=piece)

    for part, mood in [*script, *[(1.0, "well")] * 60]:
        turn = read_reply(transfer, server.answer(next_request(transfer), part, mood))
        if isinstance(turn, Finished):
            assert whole == bytes(server.stored)
            break
        assert isinstance(turn, Going | Troubled)
        transfer = replace(turn.transfer, idle=0) if isinstance(turn, Troubled) else turn.transfer
    else:
        pytest.fail("a server that does well at last must get the whole file")

    assert 0 == server.again


@settings(max_examples=200, deadline=None)
@given(
    reply=st.builds(
        Reply,
        st.integers(100, 599),
        st.dictionaries(st.sampled_from(["range", "location"]), st.text(max_size=20)),
        st.binary(max_size=30),
    )
    | st.builds(NoReply, st.text(max_size=10)),
    offset=st.none() | st.integers(0, TOTAL),
)
def test_no_reply_breaks_the_conversation(reply: Answer, offset: int | None) -> None:
    turn = read_reply(a_transfer(offset=offset), reply)

    if isinstance(turn, Going):
        assert turn.transfer.offset is None or 0 <= turn.transfer.offset <= TOTAL
    elif not isinstance(turn, Finished):
        assert turn.transfer.offset is None or isinstance(turn, Troubled)
