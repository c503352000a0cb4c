"""Few push at a time, and who waits for the network keeps nobody from pushing."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.adapters.google.conftest import QUICK, TOKEN, Connect, Serve, whole
from tests.adapters.google.raw_server import Peer, reply, wait_until
from ytempire.adapters.google.turns import AT_ONCE, Turns
from ytempire.domain.wire import Reply, Stopped
from ytempire.ports import Courier

MIB = 1_048_576
Video = Callable[[int], Path]


async def opened() -> bool:
    return True


def test_no_more_threads_than_allowed_have_a_turn_at_once() -> None:
    turns, lock = Turns(2), threading.Lock()
    inside, most, met = 0, 0, threading.Barrier(2)

    def push(first: bool) -> None:
        nonlocal inside, most
        with turns:
            with lock:
                inside += 1
                most = max(most, inside)
            if first:
                met.wait(10)  # two at once there must be, or this breaks
            with lock:
                inside -= 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(push, [True, True] + [False] * 500))

    assert (2, 0) == (most, inside)


def test_a_turn_that_ends_in_an_error_is_given_back() -> None:
    turns = Turns(1)

    for _ in range(2):
        with pytest.raises(ConnectionResetError), turns:
            raise ConnectionResetError


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_uploads_that_do_not_move_keep_no_other_from_moving(
    serve: Serve, connect: Connect, video: Video, tls: bool
) -> None:
    stuck = AT_ONCE + 1
    asked = threading.Event()

    def takes_later_ones(peer: Peer) -> None:
        if len(server.peers) <= stuck:
            peer.read_head().hold()
        else:
            peer.take_all().say(reply("200 OK", b"{}"))

    server, path = serve(takes_later_ones, tls=tls), video(40 * MIB)
    google = connect(server.root, replace(QUICK, stall=30.0))
    courier = Courier(opened, halted=asked.is_set)
    waiting = [
        asyncio.create_task(google.send(whole(server.root, path), TOKEN, courier)) for _ in range(stuck)
    ]
    await asyncio.to_thread(wait_until, lambda: len([p for p in server.peers if p.line]) == stuck)

    answer = await asyncio.wait_for(google.send(whole(server.root, path), TOKEN, Courier(opened)), 10)
    asked.set()

    assert isinstance(answer, Reply)
    assert 40 * MIB == server.peer.received
    assert [Stopped("it was asked to stop")] * stuck == await asyncio.gather(*waiting)
