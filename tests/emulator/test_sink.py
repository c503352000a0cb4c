"""The running hash steps back to where the offset says, without having kept the bytes."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from ytempire.emulator.sink import BLOCK, Sink


def pattern(length: int) -> bytes:
    return (bytes(range(256)) * (length // 256 + 1))[:length]


@given(st.lists(st.integers(1, 3 * BLOCK), min_size=1, max_size=4))
def test_any_cut_of_the_stream_gives_the_same_hash(sizes: list[int]) -> None:
    data, sink, at = pattern(sum(sizes)), Sink(), 0
    for size in sizes:
        sink.write(data[at : at + size])
        at += size
    assert hashlib.sha256(data).hexdigest() == sink.sha256()
    assert len(data) == sink.length


def test_stepping_back_and_going_on_hashes_what_was_kept() -> None:
    sink = Sink()
    sink.write(pattern(2 * BLOCK + 1000))
    assert 2 * BLOCK == sink.rewind(2 * BLOCK + 500)
    sink.write(b"other end")
    assert hashlib.sha256(pattern(2 * BLOCK) + b"other end").hexdigest() == sink.sha256()


def test_stepping_back_to_nothing_forgets_the_head_too() -> None:
    sink = Sink()
    sink.write(b"first")
    assert 0 == sink.rewind(3)
    assert b"" == sink.head
    assert hashlib.sha256(b"").hexdigest() == sink.sha256()


def test_a_marked_offset_can_be_reached_although_it_is_no_block_end() -> None:
    sink = Sink()
    sink.write(pattern(1234))
    sink.mark()
    sink.write(pattern(10))
    assert 1234 == sink.rewind(1240)
    assert hashlib.sha256(pattern(1234)).hexdigest() == sink.sha256()


def test_memory_is_bounded_by_forgetting_all_but_the_last_block_ends() -> None:
    sink = Sink()
    block = pattern(BLOCK)
    for _ in range(100):
        sink.write(block)
    assert 90 * BLOCK == sink.rewind(90 * BLOCK)
    assert 0 == sink.rewind(5 * BLOCK)
