"""The bandwidth that uploads share, in numbers."""

import pytest

from ytempire.adapters.google.pace import BLOCK, Pace


def test_without_a_limit_nobody_waits() -> None:
    pace = Pace(None)

    assert [0.0, 0.0] == [pace.claim(BLOCK, 5.0), pace.claim(BLOCK, 5.0)]


def test_those_who_come_together_go_one_after_the_other() -> None:
    pace = Pace(1_000_000)

    assert pytest.approx([0.0, 0.25, 0.75]) == [pace.claim(size, 7.0) for size in (250_000, 500_000, 1)]


def test_what_was_not_used_is_not_saved_up() -> None:
    pace = Pace(1_000_000)
    pace.claim(1_000_000, 0.0)

    assert pytest.approx([0.0, 1.0]) == [pace.claim(1_000_000, 60.0), pace.claim(1_000_000, 60.0)]


def test_a_slow_line_is_shared_in_small_blocks() -> None:
    assert [16_384, 125_000, BLOCK] == [Pace(rate).block for rate in (1_000, 1_000_000, 10**9)]


def test_no_bandwidth_at_all_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="bandwidth"):
        Pace(0)
