"""How often somebody may: a burst at once, then so many a second."""

from ytempire.domain.allowance import Allowance, Rate, fresh, take

RATE = Rate(10, 3)


def test_a_burst_may_be_used_at_once_and_then_there_is_a_wait() -> None:
    left, waits = fresh(RATE, 0.0), []
    for _ in range(4):
        left, wait = take(left, RATE, 0.0)
        waits.append(wait)

    assert [0.0, 0.0, 0.0, 0.1] == waits


def test_what_is_used_comes_back_with_time_and_never_more_than_the_burst() -> None:
    assert (Allowance(0.0, 0.1), 0.0) == take(Allowance(0.0, 0.0), RATE, 0.1)
    assert (Allowance(2.0, 100.0), 0.0) == take(Allowance(0.0, 0.0), RATE, 100.0)


def test_who_asks_too_soon_loses_nothing_by_it() -> None:
    early, wait = take(Allowance(0.0, 0.0), RATE, 0.05)

    assert (Allowance(0.5, 0.05), 0.05) == (early, wait)
    assert 0.0 == take(early, RATE, 0.1)[1]
