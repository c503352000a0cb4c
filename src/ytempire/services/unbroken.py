"""Work that must not be broken off in the middle: who is cancelled meanwhile waits for its end, and stops then."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def finished(work: Coroutine[Any, Any, T]) -> T:
    """Awaits work to its end, also when cancelled meanwhile; the cancellation goes on after it."""
    task, stop = await _through(work)
    if stop is not None:
        raise stop from _trouble(task)
    return task.result()


async def taken(work: Coroutine[Any, Any, T], back: Callable[[T], Awaitable[object]]) -> T:
    """Takes something to its end. Cancelled meanwhile, it is given `back`: nobody would, who never had it."""
    task, stop = await _through(work)
    if stop is None:
        return task.result()
    trouble = _trouble(task)
    if trouble is None:
        await finished(_given(back, task.result()))
    raise stop from trouble


async def _given(back: Callable[[T], Awaitable[object]], value: T) -> None:
    await back(value)


async def _through(work: Coroutine[Any, Any, T]) -> tuple[asyncio.Task[T], asyncio.CancelledError | None]:
    task = asyncio.ensure_future(work)
    stop: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as cancelled:
            stop = cancelled
    return task, stop


def _trouble(task: asyncio.Task[Any]) -> BaseException | None:
    """Why the work did not come to its end; None when it did."""
    return asyncio.CancelledError() if task.cancelled() else task.exception()
