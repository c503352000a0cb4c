"""A call is cancelled at every moment there is: no leave is kept, no money is lost from the book, nothing runs on."""

import asyncio
from typing import Any

import pytest

from tests.services.troupe import GOLD, NAMES, SILVER, Axe, Troupe, Watched
from ytempire.adapters.memory.vendor import Hang
from ytempire.domain.breaker import Phase
from ytempire.domain.chain import Link, Made, ProviderFault
from ytempire.services.unbroken import finished, taken

MOST = 200
"""More moments than any call has."""


async def broken_off(axe: Axe, fails: str = "", *, asked: list[str] | None = None) -> Troupe:
    """A half-open gold, and one call during which the axe falls."""
    troupe = Troupe()
    await troupe.opened(GOLD)
    troupe.later(minutes=2)
    if fails:
        troupe.fails(fails, GOLD)
    watched = troupe.beside(Watched(troupe.store, axe.happens))
    chains = watched.chains()

    async def operation(link: Link) -> Made[str] | ProviderFault:
        await axe.happens(f"before {link.provider}")
        answer = await troupe.operation(link)
        await axe.happens(f"after {link.provider}")
        return answer

    axe.task = asyncio.create_task(chains.execute("greeting", operation))
    await asyncio.wait([axe.task])
    assert [asyncio.current_task()] == list(asyncio.all_tasks())
    return troupe


async def moments(fails: str) -> int:
    """How many moments a call has that is left alone."""
    axe = Axe([])
    await broken_off(axe, fails)
    return axe.moment


@pytest.mark.parametrize("fails", ["", "down", "lost", "wrong content"])
async def test_a_call_may_be_cancelled_at_any_moment(fails: str) -> None:
    last = await moments(fails)
    assert 10 < last < MOST
    for at in range(1, last + 1):
        axe = Axe([at])
        troupe = await broken_off(axe, fails)
        assert axe.task is not None
        assert axe.task.cancelled(), axe.fell
        await sound(troupe, axe.fell[0], lost=fails == "lost")


async def test_a_second_cancellation_changes_nothing() -> None:
    last = await moments("")
    for at in range(1, last):
        axe = Axe([at, at + 1, at + 2])
        troupe = await broken_off(axe)
        assert axe.task is not None
        assert axe.task.cancelled(), axe.fell
        await sound(troupe, axe.fell[0])


async def sound(troupe: Troupe, fell: str, *, lost: bool = False) -> None:
    """Leave is returned, the money is what was really at stake, and a call that came to its end is kept."""
    kept = {each.name: each.permits for each in await troupe.store.breakers() if each.permits}
    assert {} == kept, fell
    asked = {name for name in NAMES if troupe.asked(name)}
    lines = {line.provider: line for line in await troupe.store.spending(troupe.clock.now().date())}
    for name, line in lines.items():
        price = {GOLD: 500_000, SILVER: 200_000}.get(name, 0)
        if name not in asked and fell != f"before {name}":
            assert (0, 0) == (line.amount, line.unsettled), fell
        assert line.amount in {0, price}, fell
        answered = all(call.ended != "given up" for call in troupe.rows[name].journal)
        doubt = lost if answered and fell != f"after {name}" else True
        if fell != "before hold_money" and name in asked:
            assert (line.amount if doubt and line.amount else 0) == line.unsettled, fell
    assert asked <= set(lines), fell
    calls = await troupe.store.chain_calls()
    assert 1 == len(calls), fell
    assert await troupe.trails() == await troupe.spent(), fell
    assert fell.endswith("note_call") == (calls[0].outcome != "broken_off"), fell
    assert asked <= {each.provider for each in calls[0].trail}, fell


async def test_cancelled_while_a_vendor_works_the_money_stays_in_doubt_and_the_probe_s_place_is_free() -> (
    None
):
    troupe = Troupe()
    await troupe.opened(GOLD)
    troupe.later(minutes=2)
    troupe.rows[GOLD].always = Hang()
    for times in range(1, 10):
        call = asyncio.create_task(troupe.call())
        await troupe.rows[GOLD].reached.wait()
        troupe.rows[GOLD].reached.clear()
        assert 1 == len((await troupe.breaker(GOLD)).permits)

        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

        found = await troupe.breaker(GOLD)
        assert (Phase.HALF_OPEN, ()) == (found.phase, found.permits)
        assert times * 500_000 == await troupe.spent() == await troupe.unsure()


async def test_a_caller_s_own_time_limit_is_a_cancellation() -> None:
    troupe = Troupe()
    troupe.rows[GOLD].always = Hang()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await troupe.call()

    assert 500_000 == await troupe.unsure()
    assert ["the call was cancelled"] == await broken(troupe)


async def broken(troupe: Troupe) -> list[str]:
    """Why the only call there is was broken off, which nobody is told of and no rate counts."""
    (call,) = await troupe.store.chain_calls()
    assert ("broken_off", "", call.cost) == (call.outcome, call.provider, await troupe.spent())
    assert [] == await troupe.events()
    assert {} == await troupe.store.usage(call.at)
    return [each.why for each in call.trail]


async def nothing(link: Link) -> Any:
    """An operation that forgot to give anything."""
    return None


async def mistaken(link: Link) -> Any:
    raise KeyError("a secret of the caller")


@pytest.mark.parametrize(("operation", "error"), [(nothing, TypeError), (mistaken, KeyError)])
async def test_what_the_caller_s_own_operation_does_wrong_leaves_a_row_that_says_so(
    operation: Any, error: type[Exception]
) -> None:
    troupe = Troupe()

    with pytest.raises(error):
        await troupe.chains().execute("greeting", operation)

    assert [f"the caller's own code raised {error.__name__}"] == await broken(troupe)
    assert 500_000 == await troupe.unsure() == await troupe.trails()


async def test_a_check_that_raises_leaves_a_row_too() -> None:
    troupe = Troupe()

    with pytest.raises(ZeroDivisionError):
        await troupe.chains().execute("greeting", troupe.operation, check=lambda value: str(1 // 0))

    assert ["the caller's own code raised ZeroDivisionError"] == await broken(troupe)


# ---------------------------------------------------------------------------------------------- unbroken work


async def worked(log: list[str], *, fails: bool = False) -> str:
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    log.append("worked")
    if fails:
        raise OSError("disk full")
    return "it"


@pytest.mark.parametrize("fails", [False, True])
async def test_work_comes_to_its_end_though_its_caller_is_cancelled(fails: bool) -> None:
    log: list[str] = []
    task = asyncio.create_task(finished(worked(log, fails=fails)))
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError) as stopped:
        await task

    assert ["worked"] == log
    assert ("disk full" if fails else "None") == str(stopped.value.__cause__)


async def test_work_that_nobody_cancels_gives_its_result_or_its_error() -> None:
    assert "it" == await finished(worked([]))
    assert "it" == await taken(worked([]), _never)
    with pytest.raises(OSError, match="disk full"):
        await finished(worked([], fails=True))
    with pytest.raises(OSError, match="disk full"):
        await taken(worked([], fails=True), _never)


async def _never(value: Any) -> None:
    raise AssertionError(value)


@pytest.mark.parametrize(("fails", "back"), [(False, ["worked", "back: it"]), (True, ["worked"])])
async def test_what_was_taken_for_a_cancelled_caller_is_given_back(fails: bool, back: list[str]) -> None:
    log: list[str] = []

    async def give(value: str) -> None:
        await asyncio.sleep(0)
        log.append(f"back: {value}")

    task = asyncio.create_task(taken(worked(log, fails=fails), give))
    for _ in range(2):
        await asyncio.sleep(0)
        task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task

    assert back == log
